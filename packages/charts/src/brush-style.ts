/** Owns how an area behaves in which a stretch is drawn by drag: a touch that moves up or down still scrolls the page. */
import type { CSSProperties } from 'react';

export function brushStyle(heightPx: number): CSSProperties {
  return {
    position: 'relative',
    height: heightPx,
    overflow: 'hidden',
    cursor: 'crosshair',
    touchAction: 'pan-y',
    userSelect: 'none',
    WebkitUserSelect: 'none',
  };
}
