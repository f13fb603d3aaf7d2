/**
 * Owns what of a page's query string goes into a snapshot: how it is looked at, without whose host and when, as the file
 * itself is of one host and one time.
 *
 *     ?host=web-1&view=chain&p=812&at=1763820000000   →   view=chain&p=812
 */
import { MAX_SNAPSHOT_VIEW_CHARS } from '@stallscope/protocol';

/** Names that say which data, not how it is looked at. */
const OF_THE_DATA = ['host', 'id', 'span', 'from', 'to', 'at', 'base', 'window'];

/** Places in the graph, the longest parts: left out of a view that would be too long to keep. */
const PLACES = ['sel', 'zoom'];

export function toSnapshotView(search: string): string {
  const query = new URLSearchParams(search);
  for (const name of OF_THE_DATA) query.delete(name);
  for (const name of ['', ...PLACES]) {
    query.delete(name);
    const text = query.toString();
    if (text.length <= MAX_SNAPSHOT_VIEW_CHARS) return text;
  }
  return '';
}

/** What the address of a snapshot's page ends with to open it with the dialog of its links. */
export const SHARE_FRAGMENT = '#share';

/** The address of a snapshot's page, looked at as it was when it was kept. */
export function toSnapshotUrl({ id, view }: { id: string; view: string }): string {
  const query = new URLSearchParams(view);
  for (const name of OF_THE_DATA) query.delete(name);
  return `/snapshot/?${new URLSearchParams([['id', id], ...query])}`;
}

/** Whether a query string says how to look; else the snapshot's own view is taken. */
export function hasView(search: string): boolean {
  const query = new URLSearchParams(search);
  query.delete('id');
  return query.size > 0;
}
