/** Owns how large a canvas is to be: the inner size of its container in CSS px, and device pixels to one of them. */
import { type RefObject, useLayoutEffect, useState } from 'react';

export interface CanvasSize {
  /** 0 until the container has been measured. */
  widthPx: number;
  heightPx: number;
  pixelRatio: number;
}

/** Beyond it browsers refuse the canvas or draw nothing (16,384 px a side in Chromium, Firefox and Safari). */
const MAX_SIDE_DEVICE_PX = 16_384;

export function useCanvasSize(container: RefObject<HTMLElement | null>): CanvasSize {
  const [size, setSize] = useState<CanvasSize>({ widthPx: 0, heightPx: 0, pixelRatio: 1 });
  useLayoutEffect(() => {
    const element = container.current;
    if (element === null) return;
    const measure = () => {
      const widthPx = element.clientWidth;
      const heightPx = element.clientHeight;
      const pixelRatio = Math.min(devicePixelRatio, MAX_SIDE_DEVICE_PX / Math.max(widthPx, heightPx, 1));
      setSize((before) =>
        before.widthPx === widthPx && before.heightPx === heightPx && before.pixelRatio === pixelRatio
          ? before
          : { widthPx, heightPx, pixelRatio },
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    // A window moved to another screen changes the ratio and no size; each query knows one ratio only.
    let query: MediaQueryList | undefined;
    const watchRatio = () => {
      query?.removeEventListener('change', watchRatio);
      query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
      query.addEventListener('change', watchRatio);
      measure();
    };
    watchRatio();
    return () => {
      observer.disconnect();
      query?.removeEventListener('change', watchRatio);
    };
  }, [container]);
  return size;
}
