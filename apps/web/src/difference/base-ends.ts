/** Owns which stretch of the clock a base is, given the one that is shown. */
import type { Base } from './base';

export interface Ends {
  fromMs: number;
  toMs: number;
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
