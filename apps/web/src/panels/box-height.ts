'use client';
/** Owns how high a box is that the grid gives to a chart, px: for charts that are told, and do not fill. */
import { type RefObject, useLayoutEffect, useState } from 'react';

/** 0 until it has been measured. */
export function useBoxHeight(box: RefObject<HTMLElement | null>): number {
  const [heightPx, setHeightPx] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = (): void => setHeightPx(element.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [box]);
  return heightPx;
}
