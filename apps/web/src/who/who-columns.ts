/** Owns what the table of processes says of who they are. */
import { type ProfileTables, shortId, type Who } from '@stallscope/profile';
import type { WaitTable } from '../live/live-messages';

export function withWhoColumns(tables: ProfileTables, table: WaitTable): WaitTable {
  const known = table.tgid.map((tgid) => tables.who.find(tgid));
  return {
    ...table,
    who: known.map((who) => (who === undefined ? '' : whoInWords(who))),
    command: known.map((who) => who?.command ?? ''),
  };
}

/** `www-data · docker 5d6f11aa22bb`, `root · nginx.service`: the user, and the narrowest thing that it runs in. */
export function whoInWords({ user, container, runtime, pod, unit }: Who): string {
  const place = container !== '' ? `${runtime} ${shortId(container)}` : pod !== '' ? `pod ${pod}` : unit;
  return [user, place].filter((part) => part !== '').join(' · ');
}
