/** Owns one view of the windows of a file, as samples and the facts that belong beside them. */
import {
  LOSSES,
  type LossCounts,
  type ProfileTables,
  type ProfileWindow,
  type Query,
  RowAggregate,
  rowsOfView,
  type SampleProfile,
  selectedKinds,
  ThreadAggregate,
  totals,
} from '@stallscope/profile';
import { rowsToSamples } from './rows-to-samples.js';
import type { RowFacts } from './write.js';

export interface ViewedWindows {
  profile: SampleProfile;
  facts: RowFacts;
}

/** Windows of one run, in the order of time; all of `tables`. */
export function windowsToSamples(
  tables: ProfileTables,
  windows: readonly ProfileWindow[],
  query: Query,
  { title, hostName }: { title: string; hostName: string },
): ViewedWindows {
  const rows = new RowAggregate();
  const threads = new ThreadAggregate();
  const losses: LossCounts = {};
  for (const window of windows) {
    tables.who.add(window.processes);
    rows.add({ rows: rowsOfView(window, query.view) });
    threads.add(window);
    for (const loss of LOSSES) {
      const count = window.losses[loss] ?? 0;
      if (count > 0) losses[loss] = (losses[loss] ?? 0) + count;
    }
  }
  const first = windows[0];
  const last = windows.at(-1);
  const span =
    first === undefined || last === undefined
      ? {}
      : { startMs: first.startMs, durationNs: Math.max(0, last.endMs - first.startMs) * 1e6 };
  return {
    profile: rowsToSamples(tables, rows.rows(), query, { title, ...span }),
    facts: {
      hostName,
      view: query.view,
      kinds: selectedKinds(query),
      tauNs: windows.reduce((most, { tauNs }) => Math.max(most, tauNs), 0),
      governed: windows.some(({ governed }) => governed),
      totals: totals(tables, rows.rows(), threads.threads(), query),
      losses,
    },
  };
}
