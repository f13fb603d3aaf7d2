/**
 * Owns the base of a difference where it is a profile from elsewhere: which of the profiles of a file, whose samples, of
 * what stretch, and the side that they make. Numbers of processes and threads hold within one profile; elsewhere a process
 * is those of its name, and where a profile does not say whose its samples are, all of it.
 *
 *     shown: profile 0, process 7      base profile:1      →   profile 1, the processes that are called as 7 is
 */
import type { FlameTree, SampleFilter, SampleProfile, ValueType } from '@stallscope/profile';
import type { WaitTable } from '../live/live-messages';
import { sampleBaseMs, sampleEnds } from '../still/sample-strip';
import { samplesByOwner } from '../still/samples-by-owner';
import type { Base } from './base';
import { toBaseEnds } from './base-ends';
import type { Side } from './side';

/** What the page shows of a file of profiles from elsewhere. */
export interface ShownSamples {
  profiles: readonly SampleProfile[];
  index: number;
  filter: SampleFilter;
}

/** What is known of the page's side where it is asked who is like whom. */
export interface ShownWhom {
  /** Names of the processes that are chosen; null for all processes. */
  processNames: readonly string[] | null;
  title: string;
  value: Pick<ValueType, 'unit'> & Partial<ValueType>;
}

export type ChosenSamples =
  | { ok: true; index: number; filter: SampleFilter }
  | { ok: false; message: string; hint: string };

/** @param shown of the same file; null where the base is another one */
export function chooseSamples(
  profiles: readonly SampleProfile[],
  base: Base,
  whom: ShownWhom,
  shown: ShownSamples | null,
): ChosenSamples {
  const sameTitle = profiles.findIndex(({ title }) => title === whom.title);
  const index = base.profile ?? shown?.index ?? Math.max(0, sameTitle);
  const profile = profiles[index];
  if (profile === undefined) {
    return {
      ok: false,
      message: `The file has ${profiles.length === 1 ? 'one profile' : `${profiles.length} profiles`}: there is no profile ${index + 1}.`,
      hint: 'Choose another base.',
    };
  }
  const value = valueLike(profile, whom.value);
  const isShown = shown !== null && shown.index === index;
  const labels = { ...processLabel(profile, value, base, whom, isShown ? shown : null) };
  if (typeof base.thread === 'number') labels.tid = base.thread;
  else if (base.thread === null && base.process === null && isShown && shown.filter.labels?.tid !== undefined)
    labels.tid = shown.filter.labels.tid;
  const time = stretchOf(profile, base, shown);
  if (time === null) {
    return {
      ok: false,
      message: `The samples of “${profile.title || `profile ${index + 1}`}” have no times: no stretch of it can be the base.`,
      hint: 'Choose the same time, which is all of it.',
    };
  }
  return { ok: true, index, filter: { value, labels, ...time } };
}

/** The side of samples, as the page's own and as a base. @param name of the file or profile; '' for the page's own */
export function sampleSide(
  tree: FlameTree,
  name: string,
  { profiles, index, filter }: ShownSamples,
  owners: { processes: WaitTable; threads: WaitTable } = ownersOf(profiles[index]!, filter),
): Side {
  const profile = profiles[index]!;
  const { startMs, durationNs, valueTypes, title } = profile;
  const stretch = heldStretch(profile, filter);
  const wallMs = (ns: number | null): number | null =>
    startMs === null || ns === null ? null : startMs + ns / 1e6;
  const { tgid, tid } = filter.labels ?? {};
  const { processes, threads } = owners;
  const tgids = tgid === undefined ? null : [tgid].flat().map(Number);
  // The strip tells times from the whole millisecond that the profile begins in.
  const offsetNs = ((startMs ?? 0) - sampleBaseMs(profile)) * 1e6;
  return {
    tree,
    unit: valueTypes[filter.value]!.unit,
    facts: {
      name,
      part: profiles.length === 1 ? '' : title || `profile ${index + 1}`,
      fromMs: wallMs(stretch?.fromNs ?? 0),
      toMs: wallMs(stretch === null ? durationNs : stretch.toNs),
      stretch: stretch && { fromNs: stretch.fromNs + offsetNs, toNs: stretch.toNs + offsetNs },
      coveredMs:
        stretch !== null
          ? (stretch.toNs - stretch.fromNs) / 1e6
          : durationNs === null
            ? null
            : durationNs / 1e6,
      windows: null,
      processes: tgids && { name: processes.name[processes.tgid.indexOf(tgids[0] ?? -1)] ?? '', tgids },
      thread:
        tid === undefined
          ? null
          : { name: threads.name[threads.tid.indexOf(Number(tid))] ?? '', tid: Number(tid) },
      value: tree.totalValue[0]!,
      standardError: null,
      latency: null,
      lost: null,
    },
  };
}

/** Whose samples a profile has, whatever is chosen of them; threads are those of the process chosen. */
export function ownersOf(
  profile: SampleProfile,
  filter: SampleFilter,
): { processes: WaitTable; threads: WaitTable } {
  return {
    processes: samplesByOwner(profile, filter, 'tgid'),
    threads: samplesByOwner(profile, filter, 'tid'),
  };
}

/** Names of the processes that are shown; null for all. */
export function shownNames({ profiles, index, filter }: ShownSamples): readonly string[] | null {
  const tgid = filter.labels?.tgid;
  if (tgid === undefined) return null;
  const { tgid: ids, name } = samplesByOwner(profiles[index]!, { value: filter.value }, 'tgid');
  return [tgid].flat().map((id) => name[ids.indexOf(Number(id))] ?? '');
}

function valueLike({ valueTypes, defaultValue }: SampleProfile, shown: ShownWhom['value']): number {
  const same = valueTypes.findIndex(({ type, unit }) => type === shown.type && unit === shown.unit);
  if (same >= 0) return same;
  const sameUnit = valueTypes.findIndex(({ unit }) => unit === shown.unit);
  return valueTypes[defaultValue]?.unit === shown.unit || sameUnit < 0 ? defaultValue : sameUnit;
}

function processLabel(
  profile: SampleProfile,
  value: number,
  { process }: Base,
  { processNames }: ShownWhom,
  shown: ShownSamples | null,
): Record<string, NonNullable<SampleFilter['labels']>[string]> {
  if (process === 'all') return {};
  if (process !== null) return { tgid: process };
  if (shown !== null) {
    const tgid = shown.filter.labels?.tgid;
    return tgid === undefined ? {} : { tgid };
  }
  if (processNames === null) return {};
  const { tgid, name } = samplesByOwner(profile, { value }, 'tgid');
  if (tgid.length === 0) return {};
  return { tgid: tgid.filter((_, row) => processNames.includes(name[row]!)) };
}

type Stretch = Pick<SampleFilter, 'fromNs' | 'toNs'>;

/** Null for a stretch of samples without times. */
function stretchOf(profile: SampleProfile, base: Base, shown: ShownSamples | null): Stretch | null {
  const { time } = base;
  const shownProfile = shown?.profiles[shown.index];
  const from = shown?.filter.fromNs;
  const to = shown?.filter.toNs;
  if (time.kind === 'same') {
    const hasOneClock =
      shownProfile !== undefined && (shownProfile.startMs === null) === (profile.startMs === null);
    if (from === undefined || to === undefined || !hasOneClock || profile.sampleAtNs === null) return {};
  } else if (profile.sampleAtNs === null) return null;
  const shownStartMs = shownProfile?.startMs ?? 0;
  const shownEnds =
    shownProfile !== undefined && from !== undefined && to !== undefined
      ? { fromMs: shownStartMs + from / 1e6, toMs: shownStartMs + to / 1e6 }
      : (sampleEnds(shownProfile ?? profile) ?? { fromMs: 0, toMs: 0 });
  const ends = toBaseEnds(base, shownEnds);
  const startMs = profile.startMs ?? 0;
  return { fromNs: Math.round((ends.fromMs - startMs) * 1e6), toNs: Math.round((ends.toMs - startMs) * 1e6) };
}

/** The part of a filter's stretch that the profile has; null where the filter names none. */
function heldStretch(
  profile: SampleProfile,
  { fromNs, toNs }: SampleFilter,
): { fromNs: number; toNs: number } | null {
  if (fromNs === undefined || toNs === undefined) return null;
  const ends = sampleEnds(profile);
  if (ends === null) return { fromNs, toNs: fromNs };
  const startMs = profile.startMs ?? 0;
  const held = {
    fromNs: Math.max(fromNs, (ends.fromMs - startMs) * 1e6),
    toNs: Math.min(toNs, (ends.toMs - startMs) * 1e6),
  };
  return held.toNs > held.fromNs ? held : { fromNs, toNs: fromNs };
}
