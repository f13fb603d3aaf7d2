/**
 * Owns the sum of the exact counters of a sliding set of windows: one entry per thread and name, so that a thread that
 * renamed itself is counted under the name it had.
 *
 * Invariant: `remove` undoes `add` exactly (all columns are integers); an entry that no window holds is gone.
 */
import { appendThread, emptyThreads, type ThreadValues } from './rows.js';
import type { ProfileWindow, Threads } from './window.js';

export class ThreadAggregate {
  /** By tid, then name: few threads ever have two. */
  readonly #byTid = new Map<number, (Required<ThreadValues> & { holders: number })[]>();
  #threads: Threads | undefined = emptyThreads();

  add(window: Pick<ProfileWindow, 'threads'>): void {
    const { threads } = window;
    for (let i = 0; i < threads.tid.length; i++) {
      const entry = this.#find(threads, i) ?? this.#insert(threads, i);
      entry.holders++;
      for (const column of SUMMED_COLUMNS) entry[column] += threads[column][i]!;
    }
    this.#threads = undefined;
  }

  /** Takes out a window that was added before; throws when it was not. */
  remove(window: Pick<ProfileWindow, 'threads'>): void {
    const { threads } = window;
    for (let i = 0; i < threads.tid.length; i++) {
      const entry = this.#find(threads, i);
      if (entry === undefined) {
        throw new Error(
          `remove a window from a thread aggregate: tid ${threads.tid[i]} is not in it; ` +
            'remove only windows that were added, once each',
        );
      }
      for (const column of SUMMED_COLUMNS) entry[column] -= threads[column][i]!;
      if (--entry.holders > 0) continue;
      const others = this.#byTid.get(entry.tid)!.filter((other) => other !== entry);
      if (others.length === 0) this.#byTid.delete(entry.tid);
      else this.#byTid.set(entry.tid, others);
    }
    this.#threads = undefined;
  }

  /** Valid until the next change; not to be written to. */
  threads(): Threads {
    if (this.#threads !== undefined) return this.#threads;
    const threads = emptyThreads();
    for (const entries of this.#byTid.values()) for (const entry of entries) appendThread(threads, entry);
    this.#threads = threads;
    return threads;
  }

  #find(threads: Threads, i: number) {
    return this.#byTid
      .get(threads.tid[i]!)
      ?.find((entry) => entry.comm === threads.comm[i] && entry.tgid === threads.tgid[i]);
  }

  #insert(threads: Threads, i: number) {
    const entry = {
      tgid: threads.tgid[i]!,
      tid: threads.tid[i]!,
      comm: threads.comm[i]!,
      blockedNs: 0,
      runqNs: 0,
      preemptedNs: 0,
      onCpuNs: 0,
      blockedCount: 0,
      runqCount: 0,
      preemptedCount: 0,
      blockedInWindowNs: 0,
      runqInWindowNs: 0,
      preemptedInWindowNs: 0,
      onCpuInWindowNs: 0,
      holders: 0,
    };
    const entries = this.#byTid.get(entry.tid);
    if (entries === undefined) this.#byTid.set(entry.tid, [entry]);
    else entries.push(entry);
    return entry;
  }
}

const SUMMED_COLUMNS = [
  'blockedNs',
  'runqNs',
  'preemptedNs',
  'onCpuNs',
  'blockedCount',
  'runqCount',
  'preemptedCount',
  'blockedInWindowNs',
  'runqInWindowNs',
  'preemptedInWindowNs',
  'onCpuInWindowNs',
] as const satisfies readonly (keyof Threads)[];
