/**
 * Owns the way into /tmp of another process as that process sees it: its own root, mount and pid namespace. The process
 * owns what is in there and is not trusted, so no symbolic link is followed out of it: the directory is opened by itself,
 * and names are looked up below what was opened.
 *
 *     /proc/4711/root/tmp  ──open, no link──▶  fd 9  ──▶  /proc/self/fd/9/perf-7.map      7: the pid that it has itself
 */
import { closeSync, constants, openSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessFacts {
  /** In its own pid namespace, the innermost: what it calls itself. */
  ownTgid: number;
  /** Effective; as this process sees users. */
  uid: number;
  /** It handles SIGQUIT by itself; the default would end it. */
  catchesSigquit: boolean;
}

/** SIGQUIT is 3; bits of signal masks are counted from 1. */
const SIGQUIT_BIT = 1n << 2n;

/** undefined when there is no such process. */
export function readProcessFacts(tgid: number): ProcessFacts | undefined {
  const status = readIfThere(`/proc/${tgid}/status`);
  if (status === undefined) return undefined;
  const field = (name: string): string =>
    new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]?.trim() ?? '';
  // Kernels without pid namespaces have no such line.
  const ownTgid = Number((field('NSpid') || String(tgid)).split(/\s+/).at(-1));
  const uid = Number(field('Uid').split(/\s+/)[1]);
  const caught = field('SigCgt');
  if (!Number.isSafeInteger(ownTgid) || ownTgid <= 0 || !Number.isSafeInteger(uid)) return undefined;
  return {
    ownTgid,
    uid,
    catchesSigquit: /^[0-9a-f]+$/.test(caught) && (BigInt(`0x${caught}`) & SIGQUIT_BIT) !== 0n,
  };
}

/** Whether users have other numbers in there than here. undefined when it cannot be told. */
export function isOwnUserNamespace(tgid: number): boolean | undefined {
  try {
    return readlinkSync(`/proc/${tgid}/ns/user`) !== readlinkSync('/proc/self/ns/user');
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** A directory that is open; `path` leads to names in it and to nothing else. */
export class ProcessTmp {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** undefined when there is none, it is a link, or it may not be read. */
  static open(tgid: number): ProcessTmp | undefined {
    try {
      const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
      return new ProcessTmp(openSync(`/proc/${tgid}/root/tmp`, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
    } catch (error) {
      if (isAbsence(error)) return undefined;
      throw error;
    }
  }

  /** @param name of a file right in it */
  path(name: string): string {
    if (name.includes('/')) throw new Error(`a name in /tmp of a process: ${name} is a path`);
    return `/proc/self/fd/${this.#fd}/${name}`;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** Not there, or not for us: what a process may do to its own files at any time, and no error of ours. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ABSENCES.has(String(error.code));
}

const ABSENCES = new Set([
  'ENOENT',
  'ESRCH',
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'ELOOP',
  'ENXIO',
  'ENODEV',
  'EIO',
  'EISDIR',
  'ESTALE',
  'EMFILE',
  'ENFILE',
]);

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
