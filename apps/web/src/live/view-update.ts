/**
 * Owns making one {view} out of the windows of a span: the graph of the query, its totals, tables and strip.
 * What is large goes as transferable columns; what is a list is cut at a bound and says how many there were.
 */

import {
  coveredMsOf,
  type FlameBuilder,
  type FlameTree,
  type GroupKey,
  idleWaitsOf,
  isOfWaits,
  lifeOf,
  matchNodes,
  NONE,
  openWaitsOf,
  type ProcessHints,
  type ProcessWaits,
  type ProfileTables,
  type ProfileWindow,
  type Rows,
  type SliceHeat,
  selectedKinds,
  type ThreadWaits,
  totals,
  toUnnamedFrames,
  type WhoFilter,
  type WindowSpan,
  waitsByProcess,
  waitsByThread,
  wholeWaits,
} from '@stallscope/profile';
import type { DifferenceUpdate } from '../difference/difference-messages';
import { type PageSide, windowSide } from '../difference/side';
import { columnsOf } from '../difference/to-difference';
import { regionOf } from '../latency/heat-ask';
import { columnsOfHeat, type HeatView } from '../latency/heat-sum';
import type { OperationTable } from '../latency/operation-sum';
import { columnsOfTimeline, type TimelineView } from '../wall/timeline-sum';
import { withWhoColumns } from '../who/who-columns';
import { toAnswer, toFunctionWaitedIn } from './answer';
import { toBesideGraph, toPosted } from './beside-graph';
import type { RowsOfSlices } from './held-windows';
import type { HistogramSum } from './histogram-sum';
import type {
  FromWorker,
  LiveSelection,
  OpenWaitTable,
  StripSeries,
  ViewTotals,
  WaitTable,
  WatchState,
} from './live-messages';
import { standingOf } from './probe-standing';
import type { ShelvedWindow } from './window-shelf';

/** Entries of one table that go to the page: more than anyone scrolls, little enough to copy in a millisecond. */
export const MAX_TABLE_ROWS = 2000;

/** Threads listed as waiting now; each carries its stack as text. */
export const MAX_OPEN_WAITS = 500;

/** Processes of which is told what would name their frames; they are said a hint at a time. */
const MAX_HINTS = 100;

/** Frames of the stack of a thread that waits now. */
export const MAX_OPEN_FRAMES = 48;

export interface ViewSource {
  hostId: string;
  selection: LiveSelection;
  watch: WatchState;
  behindMs: number | null;
  span: WindowSpan;
  /** Of the slices that the selection asks for; undefined: of the whole span. */
  ofSlices: RowsOfSlices | undefined;
  cpuHeat: SliceHeat | null;
  timeline: TimelineView | null;
  heat: HeatView | null;
  operations: OperationTable | null;
  histograms: HistogramSum;
  builder: FlameBuilder;
  /** Makes the difference that the selection asks for. */
  compare: ((side: PageSide) => DifferenceUpdate | null) | undefined;
  /** All windows held, oldest first. */
  held: readonly ShelvedWindow[];
  /** Those that `span` sums. */
  shown: readonly ShelvedWindow[];
  /** Of those, the ones that counted what the region of a heatmap is of; all without one. */
  covering: readonly ShelvedWindow[];
  /** The last of `shown`, decoded: open waits are those of its end. */
  lastShown: ProfileWindow | undefined;
  processNames: ReadonlyMap<number, string>;
  hints: ProcessHints;
  fromMs: number;
  toMs: number;
  agentCpuNs: number;
  coalescedWindows: number;
  labelEpoch: number;
  labelsFrom: number;
}

type ViewMessage = Extract<FromWorker, { type: 'view' }>;

export function toViewUpdate(source: ViewSource): { message: ViewMessage; transfer: Transferable[] } {
  const { span, selection, held, shown } = source;
  const { query, shape } = selection;
  const { tables } = span;
  const newest = held.at(-1);
  const rows = source.ofSlices?.rows ?? span.rows();
  const threads = span.threads();
  const tree = source.builder.build(rows, query, shape);
  const { beside, transfer } = toPosted(toBesideGraph(source.builder, tables, rows, selection, tree));
  // Read after all of them are built: any may bring new labels.
  const { labels, ...columns } = tree;
  const matches = selection.search === null ? null : matchNodes(tree, new RegExp(selection.search));
  // Before the labels are taken: those of the base are among them.
  const difference =
    source.compare?.(() =>
      windowSide(tree, query, {
        ...source,
        shown: source.covering,
        latency: selection.latency?.latency ?? null,
      }),
    ) ?? null;
  const strip = toStrip(held, query.tgids?.[0] ?? null);
  const message: ViewMessage = {
    type: 'view',
    hostId: source.hostId,
    selection,
    watch: source.watch,
    behindMs: source.behindMs,
    labelEpoch: source.labelEpoch,
    labelsFrom: source.labelsFrom,
    newLabels: labels.slice(source.labelsFrom),
    tree: newest === undefined ? null : columns,
    unit: 'nanoseconds',
    samples: null,
    ...beside,
    matched: matches?.matched ?? null,
    matchedValue: matches?.matchedValue ?? 0,
    difference,
    totals: toViewTotals(source, rows, tree),
    answer: shown.length === 0 ? null : toAnswer(tables, rows, query, source.processNames),
    shown: {
      fromMs: source.fromMs,
      toMs: source.toMs,
      windows: shown.length,
      coveredMs: shown.reduce((sum, window) => sum + (window.endMs - window.startMs), 0),
      slicesMs:
        source.ofSlices === undefined ? null : coveredMsOf(source.ofSlices.windows, source.ofSlices.slices),
      newestMs: newest?.endMs ?? null,
      windowMs: newest === undefined ? null : Math.round(newest.endMs - newest.startMs),
    },
    newer: toNewer(selection, held),
    processes: withWhoColumns(
      tables,
      toWaitTable(
        waitsByProcess(tables, threads, source.processNames, selectedKinds(query)).filter(
          toTaskFilter(tables, query.who),
        ),
      ),
      selection.wants.whoColumns,
    ),
    threads: toWaitTable(
      waitsByThread(tables, threads, selectedKinds(query), query.tgids).filter(
        toTaskFilter(tables, query.who),
      ),
    ),
    openWaits: toOpenWaitTable(tables, source),
    histogram: source.histograms.counts(query.tgids?.[0] ?? null),
    strip,
    cpuHeat: source.cpuHeat,
    timeline: source.timeline,
    heat: source.heat,
    operations: source.operations,
  };
  const columnsSent = [
    ...Object.values(columns).filter((column) => typeof column !== 'number'),
    ...Object.values(strip),
    ...(source.cpuHeat === null ? [] : [source.cpuHeat.counts]),
    ...(source.timeline === null ? [] : columnsOfTimeline(source.timeline)),
    ...(source.heat === null ? [] : columnsOfHeat(source.heat)),
    ...(matches === null ? [] : [matches.matched]),
    ...transfer,
    ...(difference?.state === 'ready' ? columnsOf(difference) : []),
  ];
  return { message, transfer: newest === undefined ? [] : columnsSent.map(({ buffer }) => buffer) };
}

function toViewTotals(source: ViewSource, rows: Rows, tree: FlameTree): ViewTotals {
  const { span, shown, lastShown } = source;
  const region = regionOf(source.selection);
  const isOfLengths = region !== undefined && isOfWaits(region, source.selection.query.view);
  // Exact counters are of whole windows and of all lengths.
  const threads = source.ofSlices === undefined && !isOfLengths ? span.threads() : null;
  const sums = totals(span.tables, rows, threads, source.selection.query);
  return {
    sampledNs: sums.sampledNs,
    life: lifeOf(span.tables, span.threads(), source.selection.query),
    standardErrorNs: sums.standardErrorNs,
    exactNs: sums.exactNs ?? null,
    captures: sums.captures,
    unnamed: toUnnamedFrames(tree),
    hints: source.hints.of(
      span.tables,
      rows,
      source.selection.query,
      (tgid) => source.processNames.get(tgid) ?? '',
      MAX_HINTS,
    ),
    tauNs: shown.length === 0 ? null : shown.reduce((most, { tauNs }) => Math.max(most, tauNs), 0),
    tauNowNs: lastShown?.tauNs ?? null,
    governed: shown.some(({ governed }) => governed),
    governedNow: lastShown?.governed ?? false,
    losses: span.losses(),
    cpuPeriodNs: lastShown?.cpuPeriodNs ?? 0,
    region:
      region === undefined || source.operations === null
        ? null
        : {
            isOfWaits: isOfLengths,
            count: source.operations.counted.count,
            sampledCount: isOfLengths ? sums.estimatedCount : 0,
            windows: source.operations.windows,
            countedWindows: isOfLengths ? source.operations.fineWindows : source.operations.countedWindows,
            countedMs: isOfLengths ? source.operations.fineMs : source.operations.countedMs,
          },
    coalescedWindows: source.coalescedWindows,
    agentCpuNs: source.agentCpuNs,
    agentRssBytes: lastShown?.agentRssBytes ?? 0,
    probes: lastShown === undefined ? [] : standingOf(lastShown, span.tables),
  };
}

/** Whether a process, or a thread, is one of those whose rows are shown. */
function toTaskFilter(
  tables: ProfileTables,
  who: WhoFilter = {},
): (wait: { tgid: number; tid?: number; name: string }) => boolean {
  const asked = (Object.entries(who) as [GroupKey, string][]).filter(([, value]) => value !== undefined);
  return ({ tgid, tid, name }) =>
    asked.every(
      ([key, value]) =>
        // Of which threads a process has shows only the table of threads.
        (tid === undefined && (key === 'thread' || key === 'thread-name')) ||
        tables.who.matches(key, { tgid, tid: tid ?? tgid, comm: name }, value),
    );
}

function toNewer(
  selection: LiveSelection,
  held: readonly ShelvedWindow[],
): { windows: number; lengthMs: number } | null {
  const { pausedAtMs } = selection;
  if (pausedAtMs === null) return null;
  const newer = held.filter((window) => window.endMs > pausedAtMs);
  return {
    windows: newer.length,
    lengthMs: newer.reduce((sum, window) => sum + (window.endMs - window.startMs), 0),
  };
}

export function toWaitTable(waits: readonly (ProcessWaits | ThreadWaits)[]): WaitTable {
  const shown = waits.slice(0, MAX_TABLE_ROWS);
  return {
    total: waits.length,
    tgid: shown.map(({ tgid }) => tgid),
    tid: shown.map((wait) => ('tid' in wait ? wait.tid : 0)),
    threads: shown.map((wait) => ('threadCount' in wait ? wait.threadCount : 1)),
    name: shown.map(({ name }) => name),
    waitedNs: shown.map(({ waitedNs }) => waitedNs),
    blockedNs: shown.map(({ blockedNs }) => blockedNs),
    runqNs: shown.map(({ runqNs }) => runqNs),
    preemptedNs: shown.map(({ preemptedNs }) => preemptedNs),
    onCpuNs: shown.map(({ onCpuNs }) => onCpuNs),
  };
}

/**
 * Of the selected process and thread, but of every kind and state: a deadlock must not hide behind a chip. Those that
 * wait for something to do come last, as every idle host has hundreds of them.
 */
function toOpenWaitTable(tables: ProfileTables, source: ViewSource): OpenWaitTable {
  const { states, kinds, ...whose } = source.selection.query;
  const waits =
    source.lastShown === undefined
      ? []
      : openWaitsOf(tables, wholeWaits(source.lastShown), {
          ...whose,
          view: 'off-cpu',
          kinds: ['blocked', 'runq', 'preempted'],
        });
  const idle = idleWaitsOf(tables);
  const isIdle = (wait: (typeof waits)[number]): boolean => idle.presetOfOpen(wait) !== NONE;
  const busy = waits.filter((wait) => !isIdle(wait));
  const shown = [...busy, ...waits.filter(isIdle)].slice(0, MAX_OPEN_WAITS);
  return {
    total: waits.length,
    idle: waits.length - busy.length,
    tgid: shown.map(({ tgid }) => tgid),
    tid: shown.map(({ tid }) => tid),
    name: shown.map(({ comm }) => comm),
    process: shown.map(({ tgid }) => source.processNames.get(tgid) ?? ''),
    state: shown.map(({ state }) => state),
    kind: shown.map(({ kind }) => kind),
    elapsedNs: shown.map(({ elapsedNs }) => elapsedNs),
    isLowerBound: shown.map(({ isLowerBound }) => isLowerBound),
    isIdle: shown.map(isIdle),
    inFunction: shown.map(({ kernelStack }) => toFunctionWaitedIn(tables, kernelStack)),
    stack: shown.map(({ userStack, kernelStack }) => [
      ...labelsLeafFirst(tables, kernelStack),
      ...labelsLeafFirst(tables, userStack),
    ]),
  };
}

function labelsLeafFirst(tables: ProfileTables, stack: number): string[] {
  const labels: string[] = [];
  for (let at = stack; at !== NONE && labels.length < MAX_OPEN_FRAMES; at = tables.stackPrefix[at]!) {
    labels.push(tables.frameLabel(tables.stackFrame[at]!));
  }
  return labels;
}

function toStrip(held: readonly ShelvedWindow[], tgid: number | null): StripSeries {
  const strip: StripSeries = {
    startMs: new Float64Array(held.length),
    endMs: new Float64Array(held.length),
    blockedNs: new Float64Array(held.length),
    runqNs: new Float64Array(held.length),
    preemptedNs: new Float64Array(held.length),
    lost: new Float64Array(held.length),
  };
  for (const [index, window] of held.entries()) {
    strip.startMs[index] = window.startMs;
    strip.endMs[index] = window.endMs;
    strip.lost[index] = window.lost;
    for (let process = 0; process < window.tgid.length; process++) {
      if (tgid !== null && window.tgid[process] !== tgid) continue;
      strip.blockedNs[index]! += window.blockedNs[process]!;
      strip.runqNs[index]! += window.runqNs[process]!;
      strip.preemptedNs[index]! += window.preemptedNs[process]!;
    }
  }
  return strip;
}
