/**
 * The part of d3 7 that the charts use; d3 itself ships no types. Referenced by the files that import it, so that a
 * package which reads our sources sees it too. None of it appears in what this package exports.
 */
declare module 'd3' {
  export interface CylindricalColor {
    formatHex(): string;
  }
  /** CIELChuv's simpler sister, CIELCh(ab): hue in degrees, chroma, luminance 0–100. */
  export function hcl(hue: number, chroma: number, luminance: number): CylindricalColor;
  export function lab(css: string): { l: number; a: number; b: number };

  export interface TimeScale {
    (at: Date | number): number;
    domain(span: readonly (Date | number)[]): TimeScale;
    range(px: readonly number[]): TimeScale;
    ticks(count: number): Date[];
    tickFormat(): (at: Date) => string;
    invert(px: number): Date;
  }
  export function scaleTime(): TimeScale;

  export interface LinearScale {
    (value: number): number;
    domain(): number[];
    domain(span: readonly number[]): LinearScale;
    clamp(isClamped: boolean): LinearScale;
    range(px: readonly number[]): LinearScale;
    nice(): LinearScale;
    ticks(count: number): number[];
  }
  export function scaleLinear(): LinearScale;

  export interface LogScale {
    domain(span: readonly number[]): LogScale;
    ticks(count: number): number[];
  }
  export function scaleLog(): LogScale;
}
