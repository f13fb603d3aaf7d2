/** Contexts by canvas: a canvas has one, and asking it each time costs more than all the rest of a render. */
const CONTEXTS = new WeakMap<HTMLCanvasElement, CanvasRenderingContext2D>();

export function contextOf(
  canvas: HTMLCanvasElement | null,
  settings?: CanvasRenderingContext2DSettings,
): CanvasRenderingContext2D | null {
  if (canvas === null) return null;
  const context = CONTEXTS.get(canvas) ?? canvas.getContext('2d', settings);
  if (context !== null) CONTEXTS.set(canvas, context);
  return context;
}
