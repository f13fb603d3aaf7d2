'use client';
/**
 * Owns `window.__stallscope`: what the page knows and drew last, as plain data, for browser tests and for support.
 * Reading it makes it; nothing of the page depends on it, and nothing written to it is read.
 */
import { type FlameTree, KINDS } from '@stallscope/profile';
import { liveStore } from './use-live';

export interface TestWindow {
  connection: string;
  hosts: string[];
  hostId: string | null;
  view: string | null;
  /** As `ViewTotals`. */
  totals: object | null;
  answer: object | null;
  tree: {
    nodeCount: number;
    totalNs: number;
    /** The widest `MAX_TEST_NODES`, as `app;main;read` → ns of the subtree and of the node itself. */
    nodes: { path: string; totalNs: number; selfNs: number; role: number }[];
  } | null;
  matchedNs: number;
  processes: { tgid: number; name: string; blockedNs: number }[];
  openWaits: { tgid: number; tid: number; name: string; state: string; elapsedNs: number }[];
  /** Counts by kind, all buckets together. */
  histogramCounts: Record<string, number>;
  shownWindows: number;
  newerWindows: number | null;
  lastWindowEndMs: number | null;
  /** Newest window of the last view that was drawn, and when, ms of the page's clock. */
  drawn: { lastWindowEndMs: number | null; renderedAtMs: number } | null;
}

/** Nodes told of: enough for any test workload. */
const MAX_TEST_NODES = 400;

let drawn: TestWindow['drawn'] = null;

export function noteDrawn(lastWindowEndMs: number | null): void {
  drawn = { lastWindowEndMs, renderedAtMs: Date.now() };
}

export function exposeForTests(): void {
  if ('__stallscope' in window) return;
  Object.defineProperty(window, '__stallscope', { get: toTestWindow });
}

function toTestWindow(): TestWindow {
  const { connection, hosts, view } = liveStore().snapshot();
  const tables = view?.processes;
  const open = view?.openWaits;
  return {
    connection: connection.state,
    hosts: (hosts ?? []).map(({ host }) => host.id),
    hostId: view?.hostId ?? null,
    view: view?.selection.query.view ?? null,
    totals: view?.totals ?? null,
    answer: view?.answer ?? null,
    tree: view?.tree ? toTestTree(view.tree) : null,
    matchedNs: view?.matchedNs ?? 0,
    processes: (tables?.tgid ?? []).map((tgid, index) => ({
      tgid,
      name: tables!.name[index]!,
      blockedNs: tables!.blockedNs[index]!,
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
    shownWindows: view?.shown.windows ?? 0,
    newerWindows: view?.newer?.windows ?? null,
    lastWindowEndMs: view?.shown.newestMs ?? null,
    drawn,
  };
}

function toTestTree(tree: FlameTree): NonNullable<TestWindow['tree']> {
  const widest = Array.from({ length: tree.nodeCount }, (_, node) => node)
    .sort((a, b) => tree.totalNs[b]! - tree.totalNs[a]!)
    .slice(0, MAX_TEST_NODES);
  return {
    nodeCount: tree.nodeCount,
    totalNs: tree.totalNs[0] ?? 0,
    nodes: widest.map((node) => ({
      path: toText(tree, node),
      totalNs: tree.totalNs[node]!,
      selfNs: tree.selfNs[node]!,
      role: tree.role[node]!,
    })),
  };
}

function toText(tree: FlameTree, node: number): string {
  const labels: string[] = [];
  for (let at = node; at > 0; at = tree.parent[at]!) labels.push(tree.labels[tree.label[at]!]!);
  return labels.reverse().join(';');
}
