/**
 * Owns what is kept of a dashboard by name: the part of its address that is not of the moment, as a query string.
 *
 *     host=web-1&panels=1%3Avitals%3Aload%3A0%2C0%2C6%2C7&span=5m&window=1000
 *
 * Invariant: an address and what the hub keeps are read by the same hand, and alike where something is wrong with them.
 */
import type { WindowLengthMs } from '@stallscope/protocol';
import { DASH_PARSERS, type DashSpan, findProblems } from './dash-address';
import type { DashPanel } from './dash-panel';
import { writePanels } from './panel-code';

export interface SavedView {
  panels: string;
  /** null: whichever host is looked at. */
  host: string | null;
  span: DashSpan | null;
  /** null: as the agents run. */
  window: WindowLengthMs | null;
}

export function writeSavedView(
  panels: readonly DashPanel[],
  { host, span, window }: Omit<SavedView, 'panels'>,
): string {
  const query = new URLSearchParams();
  if (host !== null) query.set('host', host);
  query.set('panels', writePanels(panels));
  if (span !== null) query.set('span', span);
  if (window !== null) query.set('window', String(window));
  return query.toString();
}

/** What cannot be read is as if it were not there, and told as a sentence each; the panels are read with the rest of them. */
export function readSavedView(text: string): { view: SavedView; problems: string[] } {
  const query = new URLSearchParams(text);
  const { host, span, window } = DASH_PARSERS;
  return {
    view: {
      panels: query.get('panels') ?? '',
      host: host.parse(query.get('host') ?? '') || null,
      span: span.parse(query.get('span') ?? ''),
      window: window.parse(query.get('window') ?? ''),
    },
    problems: findProblems(query),
  };
}
