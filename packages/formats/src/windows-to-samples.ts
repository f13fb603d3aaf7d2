/** Owns one view of the windows of a file, as samples and the facts that belong beside them. */
import {
  LOSSES,
  type LossCounts,
  ProcessHints,
  type ProfileTables,
  type ProfileWindow,
  type Query,
  RowAggregate,
  reaches,
  rowsOfSlices,
  rowsOfView,
  type SampleProfile,
  SLICE_MS,
  type SliceSpan,
  selectedKinds,
  ThreadAggregate,
  totals,
} from '@stallscope/profile';
import { rowsToSamples } from './rows-to-samples.js';
import type { RowFacts } from './write.js';

/** Processes told of with what would name their frames; a file of JSON is read by programs, so more than a page shows. */
const MAX_HINTS = 100;

export interface ViewedWindows {
  profile: SampleProfile;
  facts: RowFacts;
}

export interface ViewedOptions {
  title: string;
  hostName: string;
  /** In the view of CPUs: the samples of this stretch alone. */
  slices?: SliceSpan | undefined;
}

/** Windows of one run, in the order of time; all of `tables`. */
export function windowsToSamples(
  tables: ProfileTables,
  all: readonly ProfileWindow[],
  query: Query,
  { title, hostName, slices }: ViewedOptions,
): ViewedWindows {
  const windows = slices === undefined ? all : all.filter(reaches(slices));
  const rows = new RowAggregate();
  const threads = new ThreadAggregate();
  const losses: LossCounts = {};
  const hints = new ProcessHints();
  const processNames = new Map<number, string>();
  for (const window of windows) {
    tables.who.add(window.processes);
    if (slices === undefined) rows.add({ rows: rowsOfView(window, query.view) });
    threads.add(window);
    hints.add(tables, window.processes);
    for (const [i, tgid] of window.processes.tgid.entries()) {
      processNames.set(tgid, tables.strings[window.processes.name[i]!]!);
    }
    for (const loss of LOSSES) {
      const count = window.losses[loss] ?? 0;
      if (count > 0) losses[loss] = (losses[loss] ?? 0) + count;
    }
  }
  if (slices !== undefined) rows.add({ rows: rowsOfSlices(windows, slices) });
  return {
    profile: rowsToSamples(tables, rows.rows(), query, { title, ...spanOf(windows, slices) }),
    facts: {
      hostName,
      view: query.view,
      kinds: selectedKinds(query),
      tauNs: windows.reduce((most, { tauNs }) => Math.max(most, tauNs), 0),
      governed: windows.some(({ governed }) => governed),
      // Exact counters are of whole windows.
      totals: totals(tables, rows.rows(), slices === undefined ? threads.threads() : null, query),
      losses,
      hints: hints.of(tables, rows.rows(), query, (tgid) => processNames.get(tgid) ?? '', MAX_HINTS),
    },
  };
}

function spanOf(
  windows: readonly ProfileWindow[],
  slices: SliceSpan | undefined,
): { startMs: number; durationNs: number } | undefined {
  if (slices !== undefined)
    return { startMs: slices.from * SLICE_MS, durationNs: (slices.to - slices.from) * SLICE_MS * 1e6 };
  const first = windows[0];
  const last = windows.at(-1);
  if (first === undefined || last === undefined) return undefined;
  return { startMs: first.startMs, durationNs: Math.max(0, last.endMs - first.startMs) * 1e6 };
}
