/**
 * Owns what a page with panels and its worker say to each other. Both run the same build: no version, no validation; all of
 * it survives a structured clone.
 *
 *     page → worker    {ask} whenever what is shown changes, {retry}
 *     worker → page    {connection}, {hosts}, {update}: the stretch that all panels are of, and what changed in them
 */
import type { FlameTree, View } from '@stallscope/profile';
import type { HostSummary, WindowLengthMs } from '@stallscope/protocol';
import type { CheckLine } from '@stallscope/vitals';
import type { DashPanel } from '../dashboards/dash-panel';
import type { DashSelection } from '../dashboards/dash-selection';
import type { HeatView } from '../latency/heat-sum';
import type { OperationTable } from '../latency/operation-sum';
import type { Connection, WaitTable } from '../live/live-messages';
import type { ProbeStanding } from '../live/probe-standing';

/** What a panel is of; where it lies is no concern of the worker. */
export interface PanelAsk extends Pick<DashPanel, 'id' | 'kind' | 'arg'> {
  hostId: string;
}

export interface PanelsAsk {
  panels: readonly PanelAsk[];
  /** Length of the stretch that ends with the newest window, ms. */
  spanMs: number;
  /** End of the newest window when the reader paused; null follows the newest. */
  pausedAtMs: number | null;
  /** Asked of the agents of all hosts that panels are of; null: as they run. */
  windowMs: WindowLengthMs | null;
  selection: DashSelection;
}

export type ToPanelsWorker = { type: 'ask'; ask: PanelsAsk } | { type: 'retry' };

/** The one clock: every panel is drawn from `fromMs` to `toMs`. */
export interface PanelClock {
  fromMs: number;
  toMs: number;
  /** End of the newest window of any host: where a reader who pauses stops. */
  newestMs: number;
  /** How far the slowest host is behind while windows that the hub keeps still come, ms; null when all are caught up. */
  behindMs: number | null;
}

export type FromPanelsWorker =
  | { type: 'connection'; connection: Connection }
  | { type: 'hosts'; hosts: HostSummary[]; retainMs: number; receivedAtMs: number }
  | ({ type: 'update' } & PanelsUpdate);

/** In one message, so that no panel is of another instant than its neighbour. */
export interface PanelsUpdate {
  /** Null before the first window of any host. */
  clock: PanelClock | null;
  /** Of hosts where it changed. */
  standing: { hostId: string; probes: readonly ProbeStanding[] }[];
  /** Of panels where it changed. */
  panels: { id: string; data: PanelUpdate }[];
}

export type PanelUpdate =
  /** No window of the host has come yet. */
  | { state: 'waiting' }
  /** The hub has no stream of the host, and why. */
  | { state: 'ended'; reason: string }
  | { state: 'ready'; content: PanelContent };

/** Stretches of the clock, ascending and apart. */
export type Stretches = readonly { fromMs: number; toMs: number }[];

export type PanelContent =
  | VitalsContent
  | FlameContent<TreeColumns>
  | ProcessesContent
  | { kind: 'heatmap'; heat: HeatView }
  | { kind: 'events'; table: OperationTable; covered: Covered }
  | { kind: 'checklist'; lines: readonly CheckLine[]; covered: Covered };

/** What a sum is of: the stretch asked for, and how much of it windows cover. */
export interface Covered {
  fromMs: number;
  toMs: number;
  windows: number;
  coveredMs: number;
}

export interface VitalsContent {
  kind: 'vitals';
  readings: { startMs: Float64Array; endMs: Float64Array };
  /** At most SERIES_COLOURS; in the order of a stack from the bottom. */
  series: readonly { name: string; values: Float64Array }[];
  /** Series that are not among them: the smallest ones. In a stack their sum is the last of `series`. */
  left: number;
  /** Series that stayed at 0 and are not drawn, beside `left`. */
  quiet: number;
  /** Windows were there: where nothing was read then, it was not asked for. */
  held: Stretches;
}

export type TreeColumns = Omit<FlameTree, 'labels'>;

/** In the worker a tree without its labels, which go once; on the page the whole tree. */
export interface FlameContent<Tree> {
  kind: 'flame';
  view: View;
  tree: Tree;
  /** What the tree's labels continue: those of another epoch are dropped first. */
  labels: { epoch: number; from: number; added: string[] };
  /** Estimated time of the rows, ns; what CPU samples of one stand for is in it. */
  covered: Covered;
  /** 0 where CPUs were not sampled. */
  cpuPeriodNs: number;
}

export interface ProcessesContent {
  kind: 'processes';
  table: WaitTable;
  covered: Covered;
}
