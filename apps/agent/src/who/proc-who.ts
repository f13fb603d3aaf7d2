/** Owns reading in /proc who a living process is. Each answer is undefined for one that has gone. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { MAX_COMMAND_BYTES } from './command-line.js';
import { toWords } from './exec-reader.js';

export interface ProcWho {
  parentTgid: number;
  /** Effective. */
  uid: number;
  words: string[];
  isCut: boolean;
  /** The text of /proc/PID/cgroup. */
  cgroups: string;
}

export type ReadWho = (tgid: number) => ProcWho | undefined;

export const readProcWho: ReadWho = (tgid) => {
  try {
    const status = readFileSync(`/proc/${tgid}/status`, 'utf8');
    const line = readStart(`/proc/${tgid}/cmdline`, MAX_COMMAND_BYTES);
    return {
      ...readStatus(status),
      words: toWords(line.text),
      isCut: line.isCut,
      cgroups: readFileSync(`/proc/${tgid}/cgroup`, 'utf8'),
    };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  }
};

export function readStatus(text: string): { parentTgid: number; uid: number } {
  const numberOf = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);
  // Uid: real, effective, saved, of the file system
  return { parentTgid: numberOf(/^PPid:\t(\d+)/m), uid: numberOf(/^Uid:\t\d+\t(\d+)/m) };
}

/** A command line can be megabytes; of it no more than is looked at. */
function readStart(path: string, maxBytes: number): { text: string; isCut: boolean } {
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(maxBytes + 1);
    const read = readSync(fd, bytes, 0, bytes.length, 0);
    return { text: bytes.toString('utf8', 0, Math.min(read, maxBytes)), isCut: read > maxBytes };
  } finally {
    closeSync(fd);
  }
}
