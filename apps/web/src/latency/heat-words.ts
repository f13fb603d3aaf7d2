/** Owns how latencies are put into words: what is counted, ranges of lengths, why there is nothing to see. */
import { formatNs } from '@stallscope/charts';
import { bucketFromNs, bucketToNs, type HeatmapName, heatmapOf } from '@stallscope/latency';
import { KIND_WORDS } from '../words/view-help';
import type { BucketSpan } from './bucket-span';
import type { HeatTotal, HeatView } from './heat-sum';

/** What one count is: one, several. */
export const COUNTED_WORDS: Readonly<Record<HeatmapName, readonly [one: string, many: string]>> = {
  offcpu: ['block', 'blocks'],
  wakelat: ['wait', 'waits'],
  runqlat: ['wait', 'waits'],
  biolatency: ['request', 'requests'],
  ext4dist: ['operation', 'operations'],
  syscalls: ['call', 'calls'],
  tcpconnect: ['connect', 'connects'],
  dns: ['look-up', 'look-ups'],
  futex: ['wait', 'waits'],
};

export function countWords(name: HeatmapName, count: number): string {
  const [one, many] = COUNTED_WORDS[name];
  return `${count.toLocaleString('en-GB')} ${count === 1 ? one : many}`;
}

/** `1.00 ms – 4.00 ms`, `from 1.00 ms`, `up to 4.00 ms`, `all lengths`. */
export function lengthWords(span: BucketSpan | null): string {
  if (span === null) return 'all lengths';
  const fromNs = bucketFromNs(span.fromBucket);
  const toNs = bucketToNs(span.toBucket - 1);
  if (toNs === Number.POSITIVE_INFINITY) return fromNs === 0 ? 'all lengths' : `from ${formatNs(fromNs)}`;
  return fromNs === 0 ? `up to ${formatNs(toNs)}` : `${formatNs(fromNs)} – ${formatNs(toNs)}`;
}

/** `p50 120 µs · p95 3.10 ms · p99 9.80 ms`: to the bucket, so about. */
export function percentileWords({ count, ns }: HeatTotal): string {
  if (count === 0) return '';
  return ns.map((each, index) => `${['p50', 'p95', 'p99'][index]} ${formatNs(each)}`).join(' · ');
}

export interface Absence {
  /** Nothing is wrong: it comes, or nothing happened. */
  isFine: boolean;
  words: string;
  /** What would have it. */
  command?: string;
}

/** Kinds of waits are called as on the rest of the page; all else by its own name. */
export function operationName(operation: string): string {
  return (KIND_WORDS as Readonly<Partial<Record<string, { name: string }>>>)[operation]?.name ?? operation;
}

/** Why there is nothing to see, or not in all of it; null where all is there. */
export function absenceWords(
  { name, collection, total }: Pick<HeatView, 'name' | 'collection' | 'total'>,
  { isStill, isNarrowed }: { isStill: boolean; isNarrowed: boolean },
): Absence | null {
  const { title } = heatmapOf(name);
  const { windows, collected, newest, detail } = collection;
  if (windows === 0) return { isFine: true, words: 'No window is held of this time.' };
  if (newest === 'refused')
    return {
      isFine: false,
      words: `This host cannot count ${title}: ${detail || 'its kernel refuses the probe'}.`,
    };
  if (collected === 0) {
    if (isStill)
      return {
        isFine: false,
        words: `Nobody asked for ${title} while this was recorded, so it has none.`,
        command: `stallscope record --with ${name}`,
      };
    return {
      isFine: true,
      words: `Nobody asked for ${title} until now. This page asks: it is counted from the host’s next window on.`,
    };
  }
  if (total.count === 0 && newest === 'starting')
    return { isFine: true, words: `Counting began within the newest window: the next is whole.` };
  if (total.count === 0)
    return {
      isFine: true,
      words: `Nothing happened: no ${COUNTED_WORDS[name][0]} ${isNarrowed ? 'that the filters keep ' : ''}in ${collected === windows ? 'this time' : 'the part of this time that was counted'}.`,
    };
  if (newest === 'absent' && !isStill)
    return { isFine: true, words: `Not counted in the newest window: asked for again.` };
  return null;
}
