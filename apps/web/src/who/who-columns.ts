/** Owns what the table of processes says of who they are. */
import { type GroupKey, isNoGroup, type ProfileTables, shortId, type Who } from '@stallscope/profile';
import type { WaitTable } from '../live/live-messages';

/** What the table can have a column of, beside name and tgid. */
export const WHO_COLUMNS = [
  'user',
  'command',
  'parent',
  'container',
  'runtime',
  'pod',
  'unit',
  'cgroup',
] as const satisfies readonly GroupKey[];
export type WhoColumn = (typeof WHO_COLUMNS)[number];

/** `columns` are those that were chosen: each is a text a row in every update. */
export function withWhoColumns(
  tables: ProfileTables,
  table: WaitTable,
  columns: readonly WhoColumn[],
): WaitTable {
  const known = table.tgid.map((tgid) => tables.who.find(tgid));
  const textOf = (column: WhoColumn, tgid: number): string => {
    const label = tables.who.groupOf(column, { tgid, tid: tgid, comm: '' });
    return isNoGroup(label) ? '' : label;
  };
  return {
    ...table,
    whose: columns.map((column) => ({
      column,
      text: table.tgid.map((tgid) => textOf(column, tgid)),
    })),
    who: known.map((who) => (who === undefined ? '' : whoInWords(who))),
    command: known.map((who) => who?.command ?? ''),
  };
}

/** `www-data · docker 5d6f11aa22bb`, `root · nginx.service`: the user, and the narrowest thing that it runs in. */
export function whoInWords({ user, container, runtime, pod, unit }: Who): string {
  const place =
    container !== '' ? `${runtime} ${shortId(container)}` : pod !== '' ? `pod ${pod.split(' ', 1)[0]}` : unit;
  return [user, place].filter((part) => part !== '').join(' · ');
}
