/** Owns which stretch of the clock a base is, given the one that is shown. */
import { SLICE_MS, type SliceSpan } from '@stallscope/profile';
import type { Base } from './base';

export interface Ends {
  fromMs: number;
  toMs: number;
}

/** The same of a stretch of CPU samples; undefined for a base whose time was chosen by itself. */
export function toBaseSlices({ time }: Base, shown: SliceSpan): SliceSpan | undefined {
  if (time.kind === 'fixed') return undefined;
  const ago = time.kind === 'before' ? Math.round(time.agoMs / SLICE_MS) : 0;
  return { from: shown.from - ago, to: shown.to - ago };
}

export function toBaseEnds({ time }: Base, shown: Ends): Ends {
  switch (time.kind) {
    case 'same':
      return shown;
    case 'before':
      return { fromMs: shown.fromMs - time.agoMs, toMs: shown.toMs - time.agoMs };
    case 'fixed':
      return { fromMs: time.fromMs, toMs: time.toMs };
  }
}
