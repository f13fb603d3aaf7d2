/**
 * Owns the sum of the latencies of one heatmap over windows: a histogram for each group that was asked for.
 *
 *     windows ─▶ by operation:  { write vda: counts[160] }, { read vda: … }
 *                by process:    { 4242 mysqld: … }
 */
import {
  countsOperation,
  emptyCounts,
  type HeatmapKind,
  LATENCY_PROBES,
  totalCount,
} from '@stallscope/latency';
import {
  LOSSES,
  type Loss,
  type LossCounts,
  PROBE_STATES,
  type ProbeState,
  type ProfileTables,
  type ProfileWindow,
} from '@stallscope/profile';

export const GROUPINGS = ['none', 'operation', 'process', 'thread'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface LatencyGroup {
  /** Where grouped by operation. */
  operation?: string;
  target?: string;
  /** Where grouped by process or thread. */
  tgid?: number;
  tid?: number;
  /** '' when nobody told. */
  comm?: string;
  /** BUCKETS counts. */
  counts: Float64Array;
  count: number;
}

/** What the probe was in a window. */
export interface ProbeInWindow {
  state: ProbeState;
  detail: string;
}

export interface LatencyChoice {
  kind: HeatmapKind;
  by: Grouping;
  /** Only this one. */
  operation?: string;
}

/** What the probe of a heatmap was in a window; undefined when it had not been asked for yet. */
export function probeIn(
  window: ProfileWindow,
  tables: ProfileTables,
  kind: HeatmapKind,
): ProbeInWindow | undefined {
  const at = window.probes.name.findIndex((name) => tables.strings[name] === kind.probe);
  if (at < 0) return undefined;
  return {
    state: PROBE_STATES[window.probes.state[at]!]!,
    detail: tables.strings[window.probes.detail[at]!]!,
  };
}

export class LatencySum {
  readonly #choice: LatencyChoice;
  readonly #groups = new Map<string, LatencyGroup>();
  readonly #processNames = new Map<number, string>();
  readonly #threadNames = new Map<number, string>();
  readonly #operations = new Set<string>();
  readonly losses: LossCounts = {};
  /** Of the windows that were added, ms since the epoch. */
  startedAtMs: number | undefined;
  durationMs = 0;
  /** What the route does not see, as of the last window. */
  detail = '';

  constructor(choice: LatencyChoice) {
    this.#choice = choice;
  }

  add(window: ProfileWindow, tables: ProfileTables): void {
    this.startedAtMs ??= window.startMs;
    this.durationMs += window.endMs - window.startMs;
    this.detail = probeIn(window, tables, this.#choice.kind)?.detail ?? this.detail;
    for (const loss of LOSSES) {
      const lost = window.losses[loss] ?? 0;
      if (lost > 0 && concerns(this.#choice.kind, loss)) this.losses[loss] = (this.losses[loss] ?? 0) + lost;
    }
    this.#addNames(window, tables);
    const { probe, tgid, tid, operation, target, bucket, count } = window.latencies;
    const wanted = LATENCY_PROBES.indexOf(this.#choice.kind.probe);
    for (let i = 0; i < probe.length; i++) {
      if (probe[i] !== wanted) continue;
      const operationName = tables.strings[operation[i]!]!;
      if (!countsOperation(this.#choice.kind, operationName)) continue;
      this.#operations.add(operationName);
      if (this.#choice.operation !== undefined && operationName !== this.#choice.operation) continue;
      const group = this.#groupOf(tgid[i]!, tid[i]!, operationName, tables.strings[target[i]!]!);
      group.counts[bucket[i]!]! += count[i]!;
      group.count += count[i]!;
    }
  }

  /** Those that counted most first. */
  get groups(): LatencyGroup[] {
    const named = [...this.#groups.values()].map((group) => ({ ...group, ...this.#nameOf(group) }));
    return named.sort((a, b) => b.count - a.count || (a.operation ?? '').localeCompare(b.operation ?? ''));
  }

  /** All groups together. */
  get all(): Float64Array {
    const all = emptyCounts();
    for (const { counts } of this.#groups.values()) {
      for (let bucket = 0; bucket < all.length; bucket++) all[bucket]! += counts[bucket]!;
    }
    return all;
  }

  get count(): number {
    return totalCount(this.all);
  }

  /** All that were seen, also those that were not asked for. */
  get operations(): string[] {
    return [...this.#operations].sort();
  }

  get lost(): number {
    return Object.values(this.losses).reduce((sum, count) => sum + count, 0);
  }

  #groupOf(tgid: number, tid: number, operation: string, target: string): LatencyGroup {
    const { by } = this.#choice;
    const whose: Partial<LatencyGroup> =
      by === 'operation'
        ? { operation, target }
        : by === 'process'
          ? { tgid }
          : by === 'thread'
            ? { tgid, tid }
            : {};
    const key = JSON.stringify(whose);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { ...whose, counts: emptyCounts(), count: 0 };
      this.#groups.set(key, group);
    }
    return group;
  }

  #nameOf({ tgid, tid }: LatencyGroup): { comm?: string } {
    if (tgid === undefined) return {};
    const comm = tid === undefined ? undefined : this.#threadNames.get(tid);
    return { comm: comm ?? this.#processNames.get(tgid) ?? '' };
  }

  #addNames({ processes, threads }: ProfileWindow, { strings }: ProfileTables): void {
    for (const [i, tgid] of processes.tgid.entries())
      this.#processNames.set(tgid, strings[processes.name[i]!]!);
    if (this.#choice.by !== 'thread') return;
    for (const [i, tid] of threads.tid.entries()) this.#threadNames.set(tid, strings[threads.comm[i]!]!);
  }
}

/** Losses of the scheduler probe by which a length is not counted; the others are of stacks, which no length has. */
const OF_LENGTHS: ReadonlySet<string> = new Set([
  'task-storage-refused',
  'wake-missed',
  'switch-missed',
  'program-recursion',
]);

/** The losses of a probe are named after it. */
function concerns({ probe }: HeatmapKind, loss: Loss): boolean {
  if (probe === 'lengths') return OF_LENGTHS.has(loss) || loss.startsWith('lengths-');
  return loss === 'latency-recursion' || loss.startsWith(`${probe}-`);
}
