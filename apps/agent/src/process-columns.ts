/** Owns the table of a window's processes: those that it mentions, and who began them, whom it may mention nowhere else. */
import { appendProcess, type ProfileTables, type ProfileWindow } from '@stallscope/profile';
import type { ProcessNames } from './process-names.js';
import type { ProcessRegistry, RawWho } from './process-registry.js';
import { type ProcessWhoWords, UNKNOWN_WHO } from './who/process-who.js';

export interface WhoSources {
  /** undefined where the kernel does not tell of processes: then names are all that is known. */
  registry: Pick<ProcessRegistry, 'who' | 'parentOf' | 'commOf'> | undefined;
  words: Pick<ProcessWhoWords, 'of'> | undefined;
  names: Pick<ProcessNames, 'nameOf'>;
}

/** @returns the processes that were told of, by tgid */
export function appendProcesses(
  window: ProfileWindow,
  tables: ProfileTables,
  { registry, words, names }: WhoSources,
): ReadonlySet<number> {
  const told = new Set<number>();
  const parents = new Map<number, RawWho>();
  const intern = (text: string): number => tables.internString(text);
  const append = (tgid: number, raw: RawWho | undefined): void => {
    told.add(tgid);
    const who = (raw && words?.of(raw)) ?? UNKNOWN_WHO;
    appendProcess(window.processes, {
      tgid,
      name: intern(raw?.comm ?? names.nameOf(tgid)),
      parentTgid: who.parentTgid,
      uid: who.uid,
      user: intern(who.user),
      command: intern(who.command),
      cgroupPath: intern(who.cgroupPath),
      container: intern(who.container),
      runtime: intern(who.runtime),
      pod: intern(who.pod),
      unit: intern(who.unit),
    });
  };
  for (const column of [window.rows.tgid, window.threads.tgid, window.openWaits.tgid]) {
    for (const tgid of column) {
      if (told.has(tgid)) continue;
      append(tgid, registry?.who(tgid));
      const parent = registry?.parentOf(tgid);
      if (parent !== undefined) parents.set(parent.tgid, parent);
    }
  }
  for (const [tgid, parent] of parents) if (!told.has(tgid)) append(tgid, parent);
  return told;
}
