/**
 * Owns one recording: collects windows until the time is up or someone interrupts, and sums them.
 * Pure but for what is handed in: the collector, the clock and the pause.
 *
 * Invariant: what was collected is never thrown away. A collector that fails on the way ends the recording, and the
 * recording says so beside the data that it has.
 */
import type { CollectorFilter, InlineSummary } from '@stallscope/agent';
import {
  emptyWindow,
  type GroupKey,
  type Kind,
  type LifeTotal,
  LOSSES,
  type LossCounts,
  lifeOf,
  type ProcessHint,
  ProcessHints,
  type ProfileTables,
  type ProfileWindow,
  type Query,
  RowAggregate,
  type Rows,
  rowsOfView,
  TableImporter,
  ThreadAggregate,
  type Totals,
  totals,
  type View,
  type WhoFilter,
  wholeWaits,
} from '@stallscope/profile';
import type { CommandLineMode } from '../who-flags.js';

/** The part of `SchedCollector` that recording uses; injected, so that a recording can be tested on made windows. */
export interface Collector {
  /** What the ids of the newest window mean. Replaced as a whole when it has grown large: read after each window. */
  readonly tables: ProfileTables;
  /** What is known of inlined functions; undefined where they were not asked for. */
  readonly inlines?: InlineSummary | undefined;
  /** Takes the window that has just ended. */
  collect(): Promise<ProfileWindow>;
  /** Detaches the probes and takes what is left. */
  finish(): Promise<ProfileWindow>;
  close(): void;
}

export interface RecordOptions {
  view: View;
  kinds: readonly Kind[];
  durationNs: number;
  /** Sampling threshold; 0 is exact. */
  tauNs: number;
  /** JVMs are asked for the names of what they compile. */
  asksJava: boolean;
  /** Functions that were inlined have frames of their own. */
  showsInlined: boolean;
  /** Samples a second and CPU; 0: none. */
  cpuHz: number;
  filter: CollectorFilter;
  /** What of command lines is kept; 'redacted' where nothing is said. */
  commandLine?: CommandLineMode;
  groupBy?: GroupKey;
  /** Whose waits are shown; acts on what was collected. */
  who?: WhoFilter;
}

export interface RecordEnvironment {
  collector: Collector;
  nowMs(): number;
  /** Resolves after `ms` or when `interrupted` is aborted. */
  pause(ms: number, interrupted: AbortSignal): Promise<void>;
  interrupted: AbortSignal;
  /** Called with each window as it was collected, of `recording.tables`; to keep them all is the caller's. */
  onWindow?(window: ProfileWindow, tables: ProfileTables): void;
  /** Called after each window. */
  onProgress(recording: Recording): void;
}

export interface Recording {
  query: Query;
  tables: ProfileTables;
  startedAtMs: number;
  durationMs: number;
  /** The highest τ that was in force: a governor may have raised it. */
  tauNs: number;
  governed: boolean;
  rows: Rows;
  totals: Totals;
  /** Processes recorded whose frames could have better names. */
  hints: ProcessHint[];
  /** Of the threads that the query shows, by the exact counters. */
  life: LifeTotal;
  losses: LossCounts;
  /** Waits that went on for all of the last window: in no total. */
  openWaits: ProfileWindow['openWaits'];
  wasInterrupted: boolean;
  /** Where they were asked for. */
  inlines?: InlineSummary;
  failure: unknown;
}

/** Processes named with what would give their frames names. */
const MAX_HINTS = 8;

/** Windows are taken this often: what the kernel's maps are sized for. */
export const RECORD_WINDOW_MS = 1000;

export async function record(options: RecordOptions, environment: RecordEnvironment): Promise<Recording> {
  const { collector, interrupted } = environment;
  const sum = new RecordingSum(options, collector.tables, environment.nowMs(), environment.onWindow);
  const endMs = sum.startedAtMs + options.durationNs / 1e6;
  try {
    for (let turn = 1; !interrupted.aborted; turn++) {
      const untilMs = Math.min(sum.startedAtMs + turn * RECORD_WINDOW_MS, endMs);
      await environment.pause(untilMs - environment.nowMs(), interrupted);
      if (interrupted.aborted || untilMs >= endMs) break;
      sum.add(await collector.collect(), collector.tables);
      environment.onProgress(sum.recording(environment.nowMs()));
    }
    sum.add(await collector.finish(), collector.tables);
  } catch (error) {
    sum.failure = error;
  } finally {
    collector.close();
  }
  return {
    ...sum.recording(environment.nowMs()),
    wasInterrupted: interrupted.aborted,
    ...(collector.inlines !== undefined && { inlines: collector.inlines }),
  };
}

class RecordingSum {
  readonly #rows = new RowAggregate();
  readonly #threads = new ThreadAggregate();
  readonly #losses: LossCounts = {};
  readonly #hints = new ProcessHints();
  readonly #processNames = new Map<number, string>();
  readonly #query: Query;
  #last: ProfileWindow | undefined;
  #firstStartMs: number | undefined;
  #tauNs: number;
  #governed = false;
  failure: unknown;

  /** The collector's first tables, which every later window is brought into. */
  readonly #tables: ProfileTables;
  #importer: { from: ProfileTables; into: TableImporter } | undefined;

  constructor(
    options: RecordOptions,
    tables: ProfileTables,
    readonly startedAtMs: number,
    private readonly onWindow: RecordEnvironment['onWindow'],
  ) {
    this.#tables = tables;
    this.#tauNs = options.tauNs;
    // States, cgroup and length are left out by the kernel, from the exact counters too: asked for here again, they
    // would only take away the comparison with the counters, which cannot tell them apart.
    const { tgids, tids, comm } = options.filter;
    this.#query = {
      view: options.view,
      kinds: options.kinds,
      ...(tgids && { tgids }),
      ...(tids && { tids }),
      ...(comm !== undefined && { comm }),
      ...(options.groupBy !== undefined && { groupBy: options.groupBy }),
      ...(options.who !== undefined && { who: options.who }),
    };
  }

  add(collected: ProfileWindow, tables: ProfileTables): void {
    const window = this.#inOwnTables(collected, tables);
    this.onWindow?.(window, this.#tables);
    this.#tables.who.add(window.processes);
    this.#rows.add({ rows: rowsOfView(window, this.#query.view) });
    this.#threads.add(window);
    this.#addProcesses(window);
    this.#firstStartMs ??= window.startMs;
    this.#last = window;
    this.#tauNs = Math.max(this.#tauNs, window.tauNs);
    this.#governed ||= window.governed;
    for (const loss of LOSSES) {
      const count = window.losses[loss];
      if (count !== undefined && count > 0) this.#losses[loss] = (this.#losses[loss] ?? 0) + count;
    }
  }

  #inOwnTables(window: ProfileWindow, tables: ProfileTables): ProfileWindow {
    if (tables === this.#tables) return window;
    if (this.#importer?.from !== tables) {
      this.#importer = { from: tables, into: new TableImporter(tables, this.#tables) };
    }
    return this.#importer.into.window(window);
  }

  #addProcesses({ processes }: ProfileWindow): void {
    this.#hints.add(this.#tables, processes);
    for (const [i, tgid] of processes.tgid.entries()) {
      this.#processNames.set(tgid, this.#tables.strings[processes.name[i]!]!);
    }
  }

  recording(nowMs: number): Recording {
    const rows = this.#rows.rows();
    const startedAtMs = this.#firstStartMs ?? this.startedAtMs;
    return {
      query: this.#query,
      tables: this.#tables,
      startedAtMs,
      durationMs: (this.#last?.endMs ?? nowMs) - startedAtMs,
      tauNs: this.#tauNs,
      governed: this.#governed,
      rows,
      life: lifeOf(this.#tables, this.#threads.threads(), this.#query),
      totals: totals(this.#tables, rows, this.#threads.threads(), this.#query),
      hints: this.#hints.of(
        this.#tables,
        rows,
        this.#query,
        (tgid) => this.#processNames.get(tgid) ?? '',
        MAX_HINTS,
      ),
      losses: this.#losses,
      openWaits: wholeWaits(this.#last ?? emptyWindow()),
      wasInterrupted: false,
      failure: this.failure,
    };
  }
}
