/**
 * Owns what the page and its worker say to each other. Both run the same build, so this needs no version and no
 * validation; all of it survives a structured clone.
 *
 *     page → worker    {select} on every change of the selection, {set-window}, {collect}, {base-file}, {retry}, {make}
 *     worker → page    {connection}, {hosts}, {view} (at most one in `MIN_RENDER_INTERVAL_MS`), {made}
 */
import type {
  FlameShape,
  FlameTree,
  FunctionKey,
  GroupKey,
  Kind,
  LifeTotal,
  LossCounts,
  NoisePreset,
  ProcessHint,
  Query,
  SandwichSide,
  SliceHeat,
  SliceSpan,
  State,
  UnnamedFrames,
  ValueType,
  ValueUnit,
} from '@stallscope/profile';
import type { Collectible, HostSummary, WindowLengthMs } from '@stallscope/protocol';
import type { DifferenceAsk, DifferenceUpdate } from '../difference/difference-messages';
import type { LatencyAsk } from '../latency/heat-ask';
import type { HeatView } from '../latency/heat-sum';
import type { OperationTable } from '../latency/operation-sum';
import type { Made, MakeRequest } from '../make/make-messages';
import type { Place } from '../selection/place';
import type { TimelineView } from '../wall/timeline-sum';
import type { WhoColumn } from '../who/who-columns';
import type { Answer } from './answer';
import type { BesideGraph } from './beside-graph';
import type { FunctionColumn } from './function-rows';
import type { ProbeStanding } from './probe-standing';

/** The last so many ms up to the newest window (or to where the view is paused), a fixed stretch of the clock, or all that is held. */
export type Span =
  | { kind: 'last'; lengthMs: number }
  | { kind: 'fixed'; fromMs: number; toMs: number }
  | { kind: 'all' };

/** What the page wants to see. */
export interface LiveSelection {
  /** Null on the page of hosts: nothing is watched. */
  hostId: string | null;
  query: Query;
  span: Span;
  /** End of the newest window when the view was paused, ms of the host's clock; null follows the newest. */
  pausedAtMs: number | null;
  /** In the view of CPUs: the samples of this stretch alone; absent: all of the span. */
  slices?: SliceSpan;
  /** In the wall view of a process: its threads over time, in a frame of so many ms around a stretch that was chosen. */
  timeline?: { frameMs: number };
  /** The heatmap of latencies that is shown, and its region; absent: none. */
  latency?: LatencyAsk;
  /** A regular expression that is known to compile; null for no search. */
  search: string | null;
  /** Without a sandwich: that is asked for beside the graph. */
  shape: FlameShape;
  wants: Wants;
  /** What it is compared with; absent: with nothing. */
  difference?: DifferenceAsk;
}

/** What is made beside the graph: each costs time at every update. */
export interface Wants {
  /** The column that the table of functions is ordered by; null for no table. */
  functions: FunctionColumn | null;
  /** The function whose callers and callees are shown. */
  sandwich: FunctionKey | null;
  /** The frame whose details are shown, and in which tree it is; null is the root. */
  details: { place: Place | null; of: TreeName };
  /** Where the graph is zoomed to: what presets hide of it is told where they leave nothing of it. */
  zoom: Place | null;
  /** By whom the graph is coloured; null: by what frames are. */
  owners: GroupKey | null;
  /** Columns of the table of processes that say whose they are. */
  whoColumns: readonly WhoColumn[];
  /** Presets whose time is told, whether they are on or not. */
  noise: readonly NoisePreset[];
}

/** For a page that draws no graph. */
export const NOTHING_BESIDE: Wants = {
  functions: null,
  sandwich: null,
  details: { place: null, of: 'graph' },
  zoom: null,
  owners: null,
  whoColumns: [],
  noise: [],
};

/** The trees that a view may have. */
export type TreeName = 'graph' | SandwichSide;

export type ToWorker =
  | { type: 'select'; selection: LiveSelection }
  | { type: 'set-window'; hostId: string; windowMs: WindowLengthMs }
  /** What the host shall collect for this page beside what it does by itself, in place of what was asked before. */
  | { type: 'collect'; hostId: string; wants: readonly Collectible[] }
  /** A file that a difference may name as its base. */
  | { type: 'base-file'; name: string; file: Blob }
  /** Connect now: the token was given, or the reader does not want to wait for the backoff. */
  | { type: 'retry' }
  /** Answered by a {made} of the same number. */
  | { type: 'make'; id: number; request: MakeRequest };

export type Connection =
  | { state: 'connecting'; sinceMs: number }
  | { state: 'connected'; sinceMs: number }
  /** `retryAtMs` is when the next attempt starts. */
  | { state: 'lost'; sinceMs: number; retryAtMs: number; reason: string }
  /** The hub wants a token. */
  | { state: 'unauthorized'; sinceMs: number };

export type FromWorker =
  | { type: 'connection'; connection: Connection }
  | { type: 'hosts'; hosts: HostSummary[]; retainMs: number; receivedAtMs: number }
  | ({ type: 'view' } & ViewUpdate)
  | { type: 'made'; id: number; made: Made };

export interface ViewUpdate extends BesideGraph<Omit<FlameTree, 'labels'>> {
  hostId: string;
  /** The selection that this answers; the page shows that it is working while it has asked for another. */
  selection: LiveSelection;
  watch: WatchState;
  /** How far the newest window held is behind the hub's newest, ms, while older ones still come; null when caught up. */
  behindMs: number | null;
  /** What the tree's labels continue: labels of another epoch are dropped first. */
  labelEpoch: number;
  labelsFrom: number;
  newLabels: string[];
  /** Null until the first window. */
  tree: Omit<FlameTree, 'labels'> | null;
  /** What the values of the tree are; waits are nanoseconds. */
  unit: ValueUnit;
  /** Of a profile from elsewhere, which has neither kinds nor states nor exact counters; null for waits. */
  samples: SampleView | null;
  /** 1 where a node matches the search; null without one. */
  matched: Uint8Array | null;
  matchedValue: number;
  /** Null unless the selection asks for one. */
  difference: DifferenceUpdate | null;
  totals: ViewTotals;
  answer: Answer | null;
  shown: ShownSpan;
  /** While paused: windows that came since, and the time they cover. */
  newer: { windows: number; lengthMs: number } | null;
  /** All processes of the span by time waited, most first, whatever process is selected. */
  processes: WaitTable;
  /** Threads of the selected process, or of all. */
  threads: WaitTable;
  openWaits: OpenWaitTable;
  /** Exact counts by kind and log2 bucket, of the selected process or of all. */
  histogram: number[][];
  strip: StripSeries;
  /** In the view of CPUs: samples of the span by slice of time; null in others. */
  cpuHeat: SliceHeat | null;
  /** Where the selection asks for it. */
  timeline: TimelineView | null;
  /** The same: the heatmap of latencies, and the operations of its region. */
  heat: HeatView | null;
  operations: OperationTable | null;
}

/** What is shown of a profile from elsewhere. */
export interface SampleView {
  /** The profile's own name, and which of the file's it is. */
  title: string;
  profile: number;
  valueType: ValueType;
  /** Samples that the filters keep, and of all. */
  samples: number;
  allSamples: number;
  /** Of the chosen value: what the filters keep, and of all. */
  total: number;
  allTotal: number;
  /** Unix ms that its times are since, 0 where its beginning is not known; null where samples have no times. */
  timedSinceMs: number | null;
}

export type WatchState =
  /** Asked for, no window yet. */
  | { state: 'waiting' }
  | { state: 'receiving' }
  /** The hub does not know the host, or stopped the stream. */
  | { state: 'ended'; reason: string };

/** What the foot line says; all of the span, of the rows that the query keeps. */
export interface ViewTotals {
  sampledNs: number;
  /** One standard error of `sampledNs`, ns; 0 when exact. */
  standardErrorNs: number;
  /** Null when no exact counter answers the query: counters do not know task states. */
  exactNs: number | null;
  /** Intervals whose stacks were captured. */
  captures: number;
  unnamed: UnnamedFrames;
  /** Processes of the view whose frames could have better names, those of most time first. */
  hints: readonly ProcessHint[];
  /** Highest sampling threshold of the windows shown, 0 is exact; null without one. */
  tauNs: number | null;
  /** The same of the newest of them. */
  tauNowNs: number | null;
  /** The governor held it up in one of them, and does in the newest. */
  governed: boolean;
  governedNow: boolean;
  losses: LossCounts;
  /** Time that one sample of a CPU stands for, ns; 0 where CPUs were not sampled. */
  cpuPeriodNs: number;
  /** Of the threads that the query shows, by the exact counters: what the wall view is of. */
  life: LifeTotal;
  /** Null where no region of a heatmap rules. */
  region: RegionTotals | null;
  /** Windows that the hub merged because this browser was slow: coarser in time, nothing lost. */
  coalescedWindows: number;
  agentCpuNs: number;
  agentRssBytes: number;
  /** What collected in the newest window shown. */
  probes: readonly ProbeStanding[];
}

/** What the graph is of where a region of a heatmap rules. */
export interface RegionTotals {
  /** Of waits themselves: exactly those are shown; else the threads that were in such an operation, window by window. */
  isOfWaits: boolean;
  /** Exact: operations of the region. */
  count: number;
  /** Of waits themselves, how many the stacks stand for. */
  sampledCount: number;
  /** Windows of the span, and those of them that could be of the region: the others did not count such lengths. */
  windows: number;
  countedWindows: number;
  /** Time that those cover, ms. */
  countedMs: number;
}

/** The stretch of the host's clock that the view sums. */
export interface ShownSpan {
  fromMs: number;
  toMs: number;
  windows: number;
  /** Time that windows cover of it; less than its length where there are gaps. */
  coveredMs: number;
  /** Time that windows cover of a chosen stretch of CPU samples; null where none is chosen. */
  slicesMs: number | null;
  /** End of the newest window held, shown or not; null before the first. */
  newestMs: number | null;
  /** Length of the newest window, ms. */
  windowMs: number | null;
}

/** Columns of a table of waits; at most `MAX_TABLE_ROWS` long, `total` says how many there were. */
export interface WaitTable {
  total: number;
  tgid: number[];
  /** 0 in the table of processes. */
  tid: number[];
  /** 1 in the table of threads. */
  threads: number[];
  name: string[];
  /** Sum of the kinds that the query asks for: what the table is ordered by. */
  waitedNs: number[];
  blockedNs: number[];
  runqNs: number[];
  preemptedNs: number[];
  onCpuNs: number[];
  /** Whose a process is, in a few words, and its command line; '' where it is not known. Of processes alone. */
  who?: string[];
  command?: string[];
  /** The columns that were chosen, in their order; '' where it is none or not known. */
  whose?: { column: WhoColumn; text: string[] }[];
}

/** Threads off CPU for the whole of the last window shown, those that have work first, longest first within each. */
export interface OpenWaitTable {
  total: number;
  /** Of `total`, waiting for something to do. */
  idle: number;
  tgid: number[];
  tid: number[];
  name: string[];
  process: string[];
  state: State[];
  kind: Kind[];
  elapsedNs: number[];
  /** The wait began before tracing did: it is at least this long. */
  isLowerBound: boolean[];
  isIdle: boolean[];
  /** What it waits in: the first function below the scheduler's own. */
  inFunction: string[];
  /** Leaf first, kernel then user, as labels; cut at `MAX_OPEN_FRAMES`. */
  stack: string[][];
}

/** One entry a window held, oldest first: exact time waited, of the selected process or of all. */
export interface StripSeries {
  startMs: Float64Array;
  endMs: Float64Array;
  blockedNs: Float64Array;
  runqNs: Float64Array;
  preemptedNs: Float64Array;
  /** Losses of the window, all counters together. */
  lost: Float64Array;
}
