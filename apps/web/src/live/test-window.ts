'use client';
/**
 * Owns `window.__stallscope`: what the page knows and drew last, as plain data, for browser tests and for support.
 * Reading it makes it; nothing of the page depends on it, and nothing written to it is read.
 */
import { type FlameTree, type FunctionTable, KINDS, ROLES } from '@stallscope/profile';
import type { HeatView } from '../latency/heat-sum';
import type { OperationTable } from '../latency/operation-sum';
import type { TimelineView } from '../wall/timeline-sum';
import { lifeOfCell, lifeOfRow } from '../wall/timeline-words';
import type { LiveView } from './live-store';
import type { TestDashboard, TestTree, TestWindow } from './test-window-model';
import { liveStore } from './use-live';

/** What a page shows: live data, or a still of a page that has one. */
export interface TestSource {
  connection: string;
  hosts: readonly { host: { id: string } }[] | null;
  view: LiveView | null;
}

/** Nodes told of: enough for any test workload. */
const MAX_TEST_NODES = 400;

let drawn: TestWindow['drawn'] = null;
let source: () => TestSource = liveSource;

let dashboard: (() => TestDashboard) | null = null;

/** A page with panels says what they show, until it is left. */
export function exposeDashboard(shown: (() => TestDashboard) | null): void {
  dashboard = shown;
}

export function noteDrawn(lastWindowEndMs: number | null): void {
  drawn = { lastWindowEndMs, renderedAtMs: Date.now() };
}

/** A still says what it shows; left out, it is the live data. */
export function exposeForTests(shown: () => TestSource = liveSource): void {
  source = shown;
  if ('__stallscope' in window) return;
  Object.defineProperty(window, '__stallscope', { get: toTestWindow });
}

function liveSource(): TestSource {
  const { connection, hosts, view } = liveStore().snapshot();
  return { connection: connection.state, hosts, view };
}

function toTestWindow(): TestWindow {
  const { connection, hosts, view } = source();
  const tables = view?.processes;
  const open = view?.openWaits;
  return {
    dashboard: dashboard?.() ?? null,
    connection,
    hosts: (hosts ?? []).map(({ host }) => host.id),
    hostId: view?.hostId ?? null,
    view: view?.selection.query.view ?? null,
    selectedKinds: [...(view?.selection.query.kinds ?? [])],
    selectedStates: [...(view?.selection.query.states ?? [])],
    totals: view?.totals ?? null,
    answer: view?.answer ?? null,
    tree: view?.tree ? toTestTree(view.tree) : null,
    matchedValue: view?.matchedValue ?? 0,
    owners: view?.owners && view.tree ? toTestOwners(view.owners, view.tree) : null,
    functions: view?.functions ? toTestFunctions(view.functions.table) : null,
    difference: view?.difference ? toTestDifference(view.difference) : null,
    sandwich: view?.sandwich
      ? {
          label: view.sandwich.function.label,
          callers: toTestTree(view.sandwich.callers.tree),
          callees: toTestTree(view.sandwich.callees.tree),
        }
      : null,
    details: view?.details ? toTestDetails(view.details) : null,
    sampleDetails: view?.sampleDetails
      ? { path: pathText(view.sampleDetails.place), ...view.sampleDetails.details }
      : null,
    noise: (view?.noise ?? []).map(({ id, value, isHidden }) => ({ id, value, isHidden })),
    processes: (tables?.tgid ?? []).map((tgid, index) => ({
      tgid,
      name: tables!.name[index]!,
      waitedNs: tables!.waitedNs[index]!,
      blockedNs: tables!.blockedNs[index]!,
    })),
    threads: (view?.threads.tid ?? []).map((tid, index) => ({
      tgid: view!.threads.tgid[index]!,
      tid,
      name: view!.threads.name[index]!,
    })),
    openWaits: (open?.tid ?? []).map((tid, index) => ({
      tid,
      tgid: open!.tgid[index]!,
      name: open!.name[index]!,
      state: open!.state[index]!,
      elapsedNs: open!.elapsedNs[index]!,
    })),
    histogramCounts: Object.fromEntries(
      KINDS.map((kind, index) => [
        kind,
        (view?.histogram[index] ?? []).reduce((sum, count) => sum + count, 0),
      ]),
    ),
    timeline: view?.timeline ? toTestTimeline(view.timeline) : null,
    heat: view?.heat ? toTestHeat(view.heat) : null,
    operations: view?.operations ? toTestOperations(view.operations) : null,
    shownWindows: view?.shown.windows ?? 0,
    coveredMs: view?.shown.coveredMs ?? 0,
    heldWindows: Array.from(view?.strip.startMs ?? [], (startMs, index) => ({
      startMs,
      endMs: view!.strip.endMs[index]!,
    })),
    newerWindows: view?.newer?.windows ?? null,
    lastWindowEndMs: view?.shown.newestMs ?? null,
    drawn,
  };
}

function toTestHeat(heat: HeatView): NonNullable<TestWindow['heat']> {
  const { name, grid, operations, percentiles, total, collection } = heat;
  const rows = grid.toBucket - grid.fromBucket;
  const known = (ns: number): number | null => (Number.isNaN(ns) ? null : ns);
  return {
    ...{ name, operations, collection, fromMs: grid.fromMs, toMs: grid.toMs },
    ...{ fromBucket: grid.fromBucket, toBucket: grid.toBucket },
    columns: Array.from(grid.startMs, (startMs, column) => ({
      ...{ startMs, endMs: grid.endMs[column]!, collected: grid.collected[column]! },
    })),
    cells: Array.from(grid.counts, (count, at) => ({
      ...{ column: Math.floor(at / rows), bucket: grid.fromBucket + (at % rows), count },
    })).filter(({ count }) => count > 0),
    percentiles: percentiles.map((ns) => Array.from(ns, known)),
    total: { count: total.count, ns: total.ns.map(known) },
  };
}

function toTestOperations(table: OperationTable): NonNullable<TestWindow['operations']> {
  return {
    total: table.total,
    count: table.counted.count,
    rows: table.tid.slice(0, MAX_TEST_NODES).map((tid, row) => ({
      ...{ tid, name: table.name[row]!, operation: table.operation[row]!, target: table.target[row]! },
      ...{ bucket: table.bucket[row]!, count: table.count[row]! },
    })),
  };
}

function toTestTimeline(timeline: TimelineView): NonNullable<TestWindow['timeline']> {
  const { tgid, fromMs, toMs, startMs, endMs, gaps, bornMs, diedMs } = timeline;
  const known = (atMs: number): number | null => (Number.isNaN(atMs) ? null : atMs);
  return {
    ...{ tgid, fromMs, toMs, gaps },
    columns: Array.from(startMs, (start, column) => ({ startMs: start, endMs: endMs[column]! })),
    threads: timeline.name.slice(0, MAX_TEST_NODES).map((name, row) => ({
      ...{ tid: timeline.tid[row]!, name, bornMs: known(bornMs[row]!), diedMs: known(diedMs[row]!) },
      shownNs: lifeOfRow(timeline, row),
      cells: Array.from(startMs, (_, column) => {
        const cell = [...lifeOfCell(timeline, { row, column })];
        return cell.every((ns) => ns === 0) ? null : cell;
      }),
    })),
  };
}

function toTestFunctions(table: FunctionTable): NonNullable<TestWindow['functions']> {
  return table.label
    .map((label, index) => ({
      label,
      role: ROLES[table.role[index]!]!,
      selfValue: table.selfValue[index]!,
      totalValue: table.totalValue[index]!,
      kinds: table.kinds.map((values) => values[index]!),
    }))
    .slice(0, MAX_TEST_NODES);
}

function toTestDetails({
  place,
  details,
}: NonNullable<LiveView['details']>): NonNullable<TestWindow['details']> {
  const { value, byKind, byState, threads, owners, wakers, lengthCounts } = details;
  return {
    path: pathText(place),
    value,
    byKind,
    byState,
    threads,
    owners,
    wakers,
    lengthCount: lengthCounts.reduce((sum, count) => sum + count, 0),
  };
}

function pathText(place: NonNullable<LiveView['details']>['place']): string {
  if (place === null) return '';
  return place.kind === 'hash' ? `*${place.leaf}` : place.path.map(({ label }) => label).join(';');
}

function toTestDifference(
  difference: NonNullable<LiveView['difference']>,
): NonNullable<TestWindow['difference']> {
  if (difference.state !== 'ready') {
    const words = difference.state === 'waiting' ? difference.words : difference.message;
    const nothing = { before: null, after: null, scale: 1, nodes: [], growth: [] };
    return { state: difference.state, words, ...nothing };
  }
  const { tree, scale, growth } = difference;
  const toSide = ({ processes, thread, ...side }: typeof difference.before) => ({
    of: side.of,
    name: side.name,
    part: side.part,
    value: side.value,
    windows: side.windows,
    coveredMs: side.coveredMs,
    tid: thread?.tid ?? null,
    tgids: processes?.tgids ?? null,
  });
  const changeOf = (node: number): number => tree.totalValue[node]! - tree.baseTotalValue[node]! * scale;
  return {
    state: 'ready',
    words: '',
    before: toSide(difference.before),
    after: toSide(difference.after),
    scale,
    nodes: Array.from({ length: tree.nodeCount }, (_, node) => node)
      .sort((a, b) => Math.abs(changeOf(b)) - Math.abs(changeOf(a)))
      .slice(0, MAX_TEST_NODES)
      .map((node) => ({
        path: toText(tree, node),
        before: tree.baseTotalValue[node]! * scale,
        after: tree.totalValue[node]!,
      })),
    growth: growth.label.slice(0, MAX_TEST_NODES).map((label, row) => ({
      label,
      before: growth.totalBefore[row]!,
      after: growth.totalAfter[row]!,
      change: growth.totalDelta[row]!,
    })),
  };
}

function toTestOwners(
  { key, listed, rest, owner, share, count }: NonNullable<LiveView['owners']>,
  tree: FlameTree,
): NonNullable<TestWindow['owners']> {
  return {
    key,
    listed: listed.map(({ label, value }) => ({ name: tree.labels[label]!, value })),
    rest: rest.count,
    nodes: widestOf(tree).map((node) => ({
      path: toText(tree, node),
      owner: tree.labels[owner[node]!] ?? '',
      share: share[node]!,
      count: count[node]!,
    })),
  };
}

function widestOf(tree: FlameTree): number[] {
  return Array.from({ length: tree.nodeCount }, (_, node) => node)
    .sort((a, b) => tree.totalValue[b]! - tree.totalValue[a]!)
    .slice(0, MAX_TEST_NODES);
}

export function toTestTree(tree: FlameTree): TestTree {
  return {
    nodeCount: tree.nodeCount,
    totalValue: tree.totalValue[0] ?? 0,
    nodes: widestOf(tree).map((node) => ({
      path: toText(tree, node),
      totalValue: tree.totalValue[node]!,
      selfValue: tree.selfValue[node]!,
      role: tree.role[node]!,
    })),
  };
}

function toText(tree: FlameTree, node: number): string {
  const labels: string[] = [];
  for (let at = node; at > 0; at = tree.parent[at]!) labels.push(tree.labels[tree.label[at]!]!);
  return labels.reverse().join(';');
}
