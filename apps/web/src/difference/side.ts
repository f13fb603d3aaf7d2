/** Owns one side of a difference: its tree, and the facts that a reader has to know to trust a comparison with it. */
import {
  coveredMsOf,
  type FlameShape,
  type FlameTree,
  type LabelTable,
  type Query,
  SLICE_MS,
  totals,
  type ValueUnit,
  type WindowSpan,
} from '@stallscope/profile';
import type { HeldWindows, RowsOfSlices } from '../live/held-windows';
import type { BaseParts, DifferenceUpdate, SideFacts } from './difference-messages';
import type { ShownSamples } from './sample-base';

export interface Side {
  tree: FlameTree;
  unit: ValueUnit;
  /** Without whose side it is. */
  facts: Omit<SideFacts, 'of'>;
  /** Of a base that is a profile from elsewhere. */
  parts?: BaseParts;
}

/** The page's own side, made when a difference is asked for. */
export type PageSide = () => Side;

/** What a difference is made of on the page's side. */
export interface Shown {
  side: PageSide;
  /** Of its trees; those of the base are made with it, so that one list of labels serves both. */
  labels: LabelTable;
  /** The windows that are shown; null for a profile from elsewhere. */
  held: HeldWindows | null;
  /** The profile from elsewhere that is shown; null for windows. */
  samples: ShownSamples | null;
  /** Of `side`; default none of it is reshaped. */
  shape?: FlameShape;
}

export type Compare = (shown: Shown) => DifferenceUpdate | null;

/** A side made of windows. */
export function windowSide(
  tree: FlameTree,
  query: Query,
  from: {
    span: WindowSpan;
    shown: readonly { startMs: number; endMs: number }[];
    fromMs: number;
    toMs: number;
    /** Where it is of a stretch of CPU samples alone. */
    ofSlices?: RowsOfSlices | undefined;
    processNames: ReadonlyMap<number, string>;
    /** Lengths that are kept. */
    latency?: SideFacts['latency'];
  },
): Side {
  const { span, ofSlices, processNames } = from;
  const shown = ofSlices?.windows ?? from.shown;
  const { tgids, tids } = query;
  return {
    tree,
    unit: 'nanoseconds',
    facts: {
      name: '',
      part: '',
      ...(ofSlices === undefined
        ? {
            fromMs: from.fromMs,
            toMs: from.toMs,
            coveredMs: shown.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs), 0),
          }
        : {
            fromMs: ofSlices.slices.from * SLICE_MS,
            toMs: ofSlices.slices.to * SLICE_MS,
            coveredMs: coveredMsOf(shown, ofSlices.slices),
          }),
      stretch: null,
      windows: shown.length,
      processes:
        tgids === undefined
          ? null
          : { name: tgids[0] === undefined ? '' : (processNames.get(tgids[0]) ?? ''), tgids },
      thread: tids?.[0] === undefined ? null : { name: '', tid: tids[0] },
      latency: from.latency ?? null,
      value: tree.totalValue[0]!,
      standardError: totals(span.tables, ofSlices?.rows ?? span.rows(), null, query).standardErrorNs,
      lost:
        ofSlices === undefined
          ? Object.values(span.losses()).reduce((sum, count) => sum + count, 0)
          : ofSlices.windows.reduce((sum, { lost }) => sum + lost, 0),
    },
  };
}
