/** Owns what of windows of waits the checklist reads: time queued, time in state D, and what is still open. Pure. */
import { KINDS, type ProfileTables, type ProfileWindow, STATES } from '@stallscope/profile';
import type { CheckWaits, OpenWait } from './checklist.js';

const BLOCKED = KINDS.indexOf('blocked');
const UNINTERRUPTIBLE = STATES.indexOf('D');

/** Undefined where there is no window. @param windows of one host in their order, with the tables their ids are of */
export function waitsOfWindows(
  windows: readonly ProfileWindow[],
  tables: Pick<ProfileTables, 'strings'>,
): CheckWaits | undefined {
  const last = windows.at(-1);
  if (last === undefined) return undefined;
  let spanNs = 0;
  let queuedNs = 0;
  let uninterruptibleNs = 0;
  for (const { startMs, endMs, threads, rows } of windows) {
    spanNs += (endMs - startMs) * 1e6;
    for (const ns of threads.runqInWindowNs) queuedNs += ns;
    for (const ns of threads.preemptedInWindowNs) queuedNs += ns;
    for (const [at, state] of rows.state.entries()) {
      if (state === UNINTERRUPTIBLE && rows.kind[at] === BLOCKED) uninterruptibleNs += rows.estimatedNs[at]!;
    }
  }
  return { spanNs, queuedNs, uninterruptibleNs, open: openOf(last, tables) };
}

function openOf({ openWaits }: ProfileWindow, { strings }: Pick<ProfileTables, 'strings'>): OpenWait[] {
  return openWaits.tid.map((tid, at) => ({
    comm: strings[openWaits.comm[at]!] ?? '',
    tid,
    state: openWaits.kind[at] === BLOCKED ? (STATES[openWaits.state[at]!] ?? '') : '',
    elapsedNs: openWaits.elapsedNs[at]!,
  }));
}
