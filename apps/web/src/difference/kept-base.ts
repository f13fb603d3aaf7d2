/**
 * Owns the base that is what is shown now, named in full, so that it stays while the page goes elsewhere.
 *
 *     shown: process 7, from 1000 to 2000   →   p:7~span:1000-2000
 */
import type { Selection } from '../selection/selection';
import type { GraphView } from '../viewer/graph-view';
import type { Base } from './base';
import { toBaseEnds } from './base-ends';
import type { BaseWays } from './base-ways';

export function toKeptBase(
  { p, t, from, lat }: Pick<Selection, 'p' | 't' | 'from' | 'lat'>,
  { shown, strip, samples }: Pick<GraphView, 'shown' | 'strip' | 'samples'>,
  ways: Pick<BaseWays, 'shown' | 'profiles'> | undefined,
): Base {
  // The strip's own ends are whole milliseconds, and hold the last sample.
  const isTimed = samples === null || (samples.timedSinceMs !== null && strip.startMs.length > 0);
  const isAll = samples !== null && from === null;
  return {
    source: ways?.shown ?? { kind: 'same' },
    profile: samples !== null && (ways?.profiles?.length ?? 0) > 1 ? samples.profile : null,
    process: p ?? 'all',
    thread: t,
    time: isTimed
      ? {
          kind: 'fixed',
          fromMs: Math.floor(isAll ? strip.startMs[0]! : shown.fromMs),
          toMs: Math.ceil(isAll ? strip.endMs.at(-1)! : shown.toMs),
        }
      : { kind: 'same' },
    latency: lat === null ? { kind: 'same' } : { kind: 'span', ...lat },
  };
}

/** What `base` names of the profile that is shown, named in full, before another profile of the file is shown. */
export function pinBase(
  base: Base,
  { p, t, from, to }: Pick<Selection, 'p' | 't' | 'from' | 'to'>,
  profile: number,
): Base {
  if (base.source.kind !== 'same' || base.profile !== null) return base;
  const { process, thread, time } = base;
  const ends = from === null || to === null ? null : toBaseEnds(base, { fromMs: from, toMs: to });
  return {
    ...base,
    profile,
    process: process ?? p ?? 'all',
    thread: thread ?? (process === null ? t : null),
    time: ends === null ? time : { kind: 'fixed', ...ends },
  };
}
