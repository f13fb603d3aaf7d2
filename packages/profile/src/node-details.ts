/**
 * Owns what there is to say of the rows behind one box: how they waited, which threads, for how long each time, and who
 * ended it. Lists are cut at `MAX_DETAIL_ENTRIES`, the largest first, and say how many there were.
 */
import {
  CHAIN_ENDS,
  DURATION_BUCKETS,
  KINDS,
  NONE,
  ON_CPU,
  ROW_KINDS,
  type RowKind,
  STATES,
  type State,
} from './kinds.js';
import type { ProfileTables } from './tables.js';
import { type GroupKey, isNoGroup } from './who-table.js';
import type { Rows } from './window.js';

/** Entries of one list: more than a panel shows. */
export const MAX_DETAIL_ENTRIES = 50;

/** Value is ns; count the estimated number of intervals. */
export interface Share {
  value: number;
  count: number;
}

export interface ThreadShare extends Share {
  tgid: number;
  tid: number;
  comm: string;
}

export interface WakerShare extends Share {
  comm: string;
  /** 0 for an interrupt. */
  tgid: number;
  tid: number;
  isInterrupt: boolean;
}

/** What is told of who is beneath a box, in this order. */
export const OWNER_KEYS = [
  'process',
  'user',
  'container',
  'pod',
  'unit',
  'parent',
  'command',
] as const satisfies readonly GroupKey[];

export interface OwnerList {
  key: GroupKey;
  /** Labels as `WhoTable.groupOf` gives them, most time first. */
  listed: (Share & { label: string })[];
  total: number;
}

export interface NodeDetails {
  value: number;
  estimatedCount: number;
  captures: number;
  /** Of `value`, ns: two in three samplings fall within this of the truth. 0 when exact. */
  standardErrorNs: number;
  /** Those with time, in the order of ROW_KINDS. */
  byKind: (Share & { kind: RowKind })[];
  /** Of blocked time alone, in the order of STATES. */
  byState: (Share & { state: State })[];
  threads: ThreadShare[];
  threadTotal: number;
  /** Whose it is, by each of OWNER_KEYS of which anything is known. */
  owners: OwnerList[];
  /** By log2 bucket of one interval's length, `DURATION_BUCKETS` long: estimated number of intervals, and their time. */
  lengthCounts: Float64Array;
  lengthNs: Float64Array;
  /** Nearest wakers of blocked time, or those further up the chain that were asked for. */
  wakers: WakerShare[];
  wakerTotal: number;
  /** Blocked time whose waker is not known. */
  wakerUnknown: Share;
}

/**
 * Of the rows at `indices`, as `FlameBuilder.rowsThrough` gives them. `wakerLevel` says which wakers are told of: 0 the
 * nearest, 1 who woke those, and so on.
 */
export function toNodeDetails(
  tables: ProfileTables,
  rows: Rows,
  indices: readonly number[],
  wakerLevel = 0,
): NodeDetails {
  const kinds = ROW_KINDS.map((kind) => ({ kind, value: 0, count: 0 }));
  const states = STATES.map((state) => ({ state, value: 0, count: 0 }));
  const threads = new Map<string, ThreadShare>();
  const wakers = new Map<string, WakerShare>();
  const wakerUnknown: Share = { value: 0, count: 0 };
  const lengthCounts = new Float64Array(DURATION_BUCKETS);
  const lengthNs = new Float64Array(DURATION_BUCKETS);
  const all: Share = { value: 0, count: 0 };
  let captures = 0;
  let varianceNs2 = 0;
  for (const i of indices) {
    const value = rows.estimatedNs[i]!;
    const count = rows.estimatedCount[i]!;
    const kind = rows.kind[i]!;
    const bucket = rows.bucket[i]!;
    captures += rows.captures[i]!;
    varianceNs2 += rows.varianceNs2[i]!;
    add(all, value, count);
    add(kinds[kind]!, value, count);
    // Samples are of no length.
    if (kind !== ON_CPU) {
      lengthCounts[bucket]! += count;
      lengthNs[bucket]! += value;
    }
    const tgid = rows.tgid[i]!;
    const tid = rows.tid[i]!;
    const comm = tables.strings[rows.comm[i]!]!;
    add(
      entry(threads, `${tgid},${tid},${comm}`, () => ({ tgid, tid, comm, value: 0, count: 0 })),
      value,
      count,
    );
    if (kind !== BLOCKED) continue;
    add(states[rows.state[i]!]!, value, count);
    let chain = rows.chain[i]!;
    for (let level = 0; level < wakerLevel && chain !== NONE; level++) chain = tables.chains[chain]!.parent;
    if (chain === NONE) {
      add(wakerUnknown, value, count);
      continue;
    }
    const waker = tables.chains[chain]!;
    const isInterrupt = CHAIN_ENDS[waker.end] === 'interrupt';
    const wakerComm = tables.strings[waker.comm]!;
    const newWaker = (): WakerShare => ({
      comm: wakerComm,
      tgid: waker.tgid,
      tid: waker.tid,
      isInterrupt,
      value: 0,
      count: 0,
    });
    add(entry(wakers, `${isInterrupt},${waker.tgid},${waker.tid},${wakerComm}`, newWaker), value, count);
  }
  return {
    value: all.value,
    estimatedCount: all.count,
    captures,
    standardErrorNs: Math.sqrt(varianceNs2),
    byKind: kinds.filter(({ value }) => value > 0),
    byState: states.filter(({ value }) => value > 0),
    threads: largest(threads.values()),
    threadTotal: threads.size,
    owners: OWNER_KEYS.map((key) => toOwnerList(tables, key, threads.values())).filter(isKnown),
    lengthCounts,
    lengthNs,
    wakers: largest(wakers.values()),
    wakerTotal: wakers.size,
    wakerUnknown,
  };
}

function toOwnerList(tables: ProfileTables, key: GroupKey, threads: Iterable<ThreadShare>): OwnerList {
  const owners = new Map<string, Share & { label: string }>();
  for (const thread of threads) {
    const label = tables.who.groupOf(key, thread);
    add(
      entry(owners, label, () => ({ label, value: 0, count: 0 })),
      thread.value,
      thread.count,
    );
  }
  return {
    key,
    listed: [...owners.values()]
      .sort((a, b) => b.value - a.value || (a.label < b.label ? -1 : 1))
      .slice(0, MAX_DETAIL_ENTRIES),
    total: owners.size,
  };
}

/** A list that says of all that it is of none says nothing. */
function isKnown({ listed }: OwnerList): boolean {
  return listed.some(({ label }) => !isNoGroup(label));
}

function add(share: Share, value: number, count: number): void {
  share.value += value;
  share.count += count;
}

function entry<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let found = map.get(key);
  if (found === undefined) {
    found = make();
    map.set(key, found);
  }
  return found;
}

/** Equal ones by name, then id, so that a live list does not jump. */
function largest<Item extends ThreadShare | WakerShare>(items: Iterable<Item>): Item[] {
  return [...items]
    .sort((a, b) => b.value - a.value || (a.comm < b.comm ? -1 : a.comm > b.comm ? 1 : a.tid - b.tid))
    .slice(0, MAX_DETAIL_ENTRIES);
}

const BLOCKED = KINDS.indexOf('blocked');
