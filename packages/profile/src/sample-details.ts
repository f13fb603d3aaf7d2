/**
 * Owns what there is to say of the samples behind one box of a profile from elsewhere: how many, whose, and what their
 * labels say of them (kind, state, waker, or whatever the format carries). Lists are cut at `MAX_DETAIL_ENTRIES`, the
 * largest first, and say how many there were.
 *
 *     labels {tid: 3, comm: 'app', waker: 'writer'} = 5   →   threads app 3: 5   waker writer: 5
 */
import { MAX_DETAIL_ENTRIES, type Share, type ThreadShare } from './node-details.js';
import type { SampleProfile } from './sample-profile.js';

/** Names of labels that are told of: pprof files of some tools have one a request. */
export const MAX_LABEL_NAMES = 16;

export interface LabelShare extends Share {
  /** '' for samples without it. */
  text: string;
}

export interface LabelShares {
  name: string;
  values: LabelShare[];
  /** Distinct values there are, without '' for none. */
  total: number;
}

export interface SampleDetails {
  /** Of the chosen value type, and of all samples of it that the filters keep. */
  value: number;
  samples: number;
  /** Empty where no label names a thread. */
  threads: ThreadShare[];
  threadTotal: number;
  /** In the order of their names as the file has them. */
  labels: LabelShares[];
  labelTotal: number;
}

/** Those that name threads and processes, which have lists of their own. */
const OWNERS: ReadonlySet<string> = new Set(['comm', 'tgid', 'tid', 'process']);

/** @param indices samples, as `SampleFlameBuilder.samplesThrough` gives them @param valueType index into `valueTypes` */
export function toSampleDetails(
  profile: SampleProfile,
  valueType: number,
  indices: readonly number[],
): SampleDetails {
  const { labelSets, sampleLabels, sampleValues } = profile;
  const values = sampleValues[valueType]!;
  const value = new Float64Array(labelSets.length);
  const count = new Float64Array(labelSets.length);
  let all = 0;
  for (const i of indices) {
    const set = sampleLabels[i]!;
    value[set]! += values[i]!;
    count[set]! += 1;
    all += values[i]!;
  }
  const threads = new Map<string, ThreadShare>();
  const names = new Map<string, Map<string, LabelShare>>();
  for (const labels of labelSets) {
    for (const name of Object.keys(labels)) {
      if (!OWNERS.has(name) && names.size < MAX_LABEL_NAMES) names.set(name, new Map());
    }
  }
  for (const [set, labels] of labelSets.entries()) {
    if (count[set] === 0) continue;
    const { comm, process } = labels;
    const [tgid, tid] = [toId(labels.tgid), toId(labels.tid)];
    if (comm !== undefined || tid !== 0) {
      const name = String(comm ?? process ?? '');
      const key = `${tgid} ${tid} ${name}`;
      addTo(threads, key, { tgid, tid, comm: name, value: 0, count: 0 }, value[set]!, count[set]!);
    }
    for (const [name, shares] of names) {
      const text = labels[name] === undefined ? '' : String(labels[name]);
      addTo(shares, text, { text, value: 0, count: 0 }, value[set]!, count[set]!);
    }
  }
  const known = [...names].filter(([, shares]) => shares.size > (shares.has('') ? 1 : 0));
  return {
    value: all,
    samples: indices.length,
    threads: largest(threads.values(), ({ comm }) => comm),
    threadTotal: threads.size,
    labels: known.map(([name, shares]) => ({
      name,
      values: largest(shares.values(), ({ text }) => text),
      total: shares.size - (shares.has('') ? 1 : 0),
    })),
    labelTotal: known.length,
  };
}

/** 0 where it is no number: formats disagree on what an id is. */
function toId(id: string | number | undefined): number {
  const number = Number(id ?? 0);
  return Number.isSafeInteger(number) && number > 0 ? number : 0;
}

function addTo<Item extends Share>(
  map: Map<string, Item>,
  key: string,
  empty: Item,
  value: number,
  count: number,
): void {
  const item = map.get(key) ?? empty;
  item.value += value;
  item.count += count;
  map.set(key, item);
}

function largest<Item extends Share>(items: Iterable<Item>, nameOf: (item: Item) => string): Item[] {
  return [...items]
    .sort((a, b) => b.value - a.value || (nameOf(a) < nameOf(b) ? -1 : 1))
    .slice(0, MAX_DETAIL_ENTRIES);
}
