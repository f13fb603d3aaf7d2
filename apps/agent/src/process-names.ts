/**
 * Owns the names of processes: a process is called what its first thread is called. Kept for a while after it has gone,
 * so that a window about the dead still names them.
 */
import { readFileSync } from 'node:fs';
import { BoundedCache } from '@stallscope/symbols';

/** Names kept: more processes than anybody looks at in the quarter of an hour that is kept. */
const MAX_NAMES = 8_192;

export class ProcessNames {
  readonly #names = new BoundedCache<number, string>(MAX_NAMES);
  readonly #readComm: (tgid: number) => string | undefined;

  constructor(readComm: (tgid: number) => string | undefined = readCommOfProc) {
    this.#readComm = readComm;
  }

  /** A thread as the kernel reported it; the first thread of a process names it, also when it renames itself. */
  see(tgid: number, tid: number, comm: string): void {
    if (tgid === tid) this.#names.set(tgid, comm);
  }

  /** '?' only when it was gone before anything named it. */
  nameOf(tgid: number): string {
    const known = this.#names.get(tgid);
    if (known !== undefined) return known;
    const name = this.#readComm(tgid);
    if (name !== undefined) this.#names.set(tgid, name);
    return name ?? '?';
  }
}

function readCommOfProc(tgid: number): string | undefined {
  try {
    return readFileSync(`/proc/${tgid}/comm`, 'utf8').trimEnd();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}
