/** Owns what a window says of one thing that its agent collects: whether it is on, and what that costs. */
import { PROBE_STATES, type ProbeState, type ProfileTables, type ProfileWindow } from '@stallscope/profile';

export interface ProbeStanding {
  /** `sched`, `process`, or what can be asked for: a Collectible of the protocol. */
  name: string;
  state: ProbeState;
  /** Why it is refused, or what it does not see; '' when there is nothing to say. */
  detail: string;
  /** Time that it took, ns a second, and runs a second; null where that was not measured. */
  cost: { nsPerSecond: number; runsPerSecond: number } | null;
}

/** Of one window. @param tables those that it points into */
export function standingOf(
  { probes, startMs, endMs }: Pick<ProfileWindow, 'probes' | 'startMs' | 'endMs'>,
  { strings }: Pick<ProfileTables, 'strings'>,
): ProbeStanding[] {
  const seconds = (endMs - startMs) / 1000;
  return probes.name.map((name, at) => ({
    name: strings[name]!,
    state: PROBE_STATES[probes.state[at]!]!,
    detail: strings[probes.detail[at]!]!,
    cost:
      probes.isMeasured[at] === 1 && seconds > 0
        ? { nsPerSecond: probes.runNs[at]! / seconds, runsPerSecond: probes.runCount[at]! / seconds }
        : null,
  }));
}
