/**
 * Owns keeping mapped files open for a while: a program may be deleted, or its mount namespace end with it, before the
 * window that names its frames has closed. Only for a while, as an open file keeps a file system from being unmounted.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import type { FilePlace, Mapping } from '@stallscope/symbols';

/** Of the descriptors that a process may have, usually 1024 and more, a fourth. */
const MAX_HELD = 256;
/** Several windows. A file that is mapped again is kept again. */
const HELD_MS = 10_000;

interface Held {
  /** undefined: it could not be opened, and is not tried again until it is forgotten. */
  fd: number | undefined;
  usedMs: number;
}

export class HeldFiles {
  readonly #files = new Map<string, Held>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  get count(): number {
    return this.#files.size;
  }

  /** A process maps this now. `places` are asked for only when the file is not open already, and tried in order. */
  hold(mapping: Mapping, places: () => readonly FilePlace[]): void {
    if (mapping.inode === 0n || !mapping.path.startsWith('/')) return;
    const key = keyOf(mapping);
    const nowMs = this.#nowMs();
    const known = this.#files.get(key);
    if (known !== undefined) {
      known.usedMs = nowMs;
      // The least recently used first.
      this.#files.delete(key);
      this.#files.set(key, known);
      return;
    }
    this.#files.set(key, { fd: openFirst(places(), mapping.inode), usedMs: nowMs });
    if (this.#files.size > MAX_HELD) this.#forgetOldest();
  }

  findHeldFile(mapping: Mapping): string | undefined {
    const fd = this.#files.get(keyOf(mapping))?.fd;
    return fd === undefined ? undefined : `/proc/self/fd/${fd}`;
  }

  /** Closes what nobody has mapped anew for a while. */
  forgetOld(): void {
    const oldestMs = this.#nowMs() - HELD_MS;
    for (const held of this.#files.values()) {
      if (held.usedMs >= oldestMs) return;
      this.#forgetOldest();
    }
  }

  close(): void {
    while (this.#files.size > 0) this.#forgetOldest();
  }

  #forgetOldest(): void {
    for (const [key, { fd }] of this.#files) {
      this.#files.delete(key);
      if (fd !== undefined) closeSync(fd);
      return;
    }
  }
}

function keyOf({ device, inode, path }: Mapping): string {
  return `${device} ${inode} ${path}`;
}

const REFUSALS = new Set([
  'ENOENT',
  'ESRCH',
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'ELOOP',
  'ENXIO',
  'ENODEV',
  'EIO',
]);

function openFirst(places: readonly FilePlace[], inode: bigint): number | undefined {
  for (const { path, isCertain } of places) {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      // The process may have gone, or may not be looked into: what can be named without is.
      if (error instanceof Error && 'code' in error && REFUSALS.has(String(error.code))) continue;
      throw error;
    }
    const stat = fstatSync(fd, { bigint: true });
    if (stat.isFile() && (isCertain || stat.ino === inode)) return fd;
    closeSync(fd);
  }
  return undefined;
}
