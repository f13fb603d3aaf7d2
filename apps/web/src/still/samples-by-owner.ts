/**
 * Owns whose samples of a profile from elsewhere they are, by what its labels say: processes by `tgid`, threads by `tid`.
 * A process that no label names is called by its first thread; where that is not in the profile, by those that are.
 */
import {
  type SampleFilter,
  type SampleLabels,
  type SampleProfile,
  toSampleMatcher,
} from '@stallscope/profile';
import type { WaitTable } from '../live/live-messages';
import { MAX_TABLE_ROWS } from '../live/view-update';

interface Owner {
  tgid: number;
  tid: number;
  process: string;
  /** Thread id → name. */
  threads: Map<number, string>;
  value: number;
}

/** Most value first; empty where the labels have no such number. Threads are those of the process chosen. */
export function samplesByOwner(profile: SampleProfile, filter: SampleFilter, by: 'tgid' | 'tid'): WaitTable {
  const { labelSets } = profile;
  const { tgid } = filter.labels ?? {};
  const labels = by === 'tid' && tgid !== undefined ? { tgid } : {};
  const values = valuesByLabels(profile, { ...filter, labels });
  const owners = new Map<number, Owner>();
  for (const [index, set] of labelSets.entries()) {
    const id = Number(set[by]);
    if (values[index]! <= 0 || set[by] === undefined || !Number.isSafeInteger(id)) continue;
    let owner = owners.get(id);
    if (owner === undefined) {
      owner = { ...ownerOf(set, by === 'tid' ? id : 0), value: 0 };
      owners.set(id, owner);
    }
    owner.value += values[index]!;
    if (set.tid !== undefined) owner.threads.set(Number(set.tid), String(set.comm ?? ''));
  }
  const shown = [...owners.values()].sort((a, b) => b.value - a.value).slice(0, MAX_TABLE_ROWS);
  const none = shown.map(() => 0);
  return {
    total: owners.size,
    tgid: shown.map((owner) => owner.tgid),
    tid: shown.map(({ tid }) => tid),
    threads: shown.map(({ threads }) => Math.max(1, threads.size)),
    name: shown.map(by === 'tid' ? threadName : processName),
    waitedNs: shown.map(({ value }) => value),
    blockedNs: none,
    runqNs: none,
    preemptedNs: none,
    onCpuNs: none,
  };
}

function ownerOf({ tgid, process }: SampleLabels, tid: number): Omit<Owner, 'value'> {
  return { tgid: Number(tgid ?? 0), tid, process: String(process ?? ''), threads: new Map() };
}

function threadName({ tid, threads, process }: Owner): string {
  return threads.get(tid) || process;
}

function processName({ tgid, process, threads }: Owner): string {
  if (process !== '') return process;
  const first = threads.get(tgid);
  if (first !== undefined) return first;
  const [some = '', ...others] = new Set(threads.values());
  return others.length === 0 ? some : `${some} and ${others.length} more`;
}

function valuesByLabels(profile: SampleProfile, filter: SampleFilter): Float64Array {
  const { labelSets, sampleLabels, sampleValues } = profile;
  const matches = toSampleMatcher(profile, filter);
  const sums = new Float64Array(labelSets.length);
  for (const [index, value] of sampleValues[filter.value]!.entries()) {
    if (matches(index)) sums[sampleLabels[index]!]! += value;
  }
  return sums;
}
