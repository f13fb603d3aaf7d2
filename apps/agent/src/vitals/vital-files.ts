/**
 * Owns how files of /proc, /sys and cgroups are read again and again: opened once, read from their start each time, which
 * makes the kernel write them anew. What cannot be read says why.
 *
 * Invariant: bounded, in files kept open and in bytes of one.
 */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/** What readers of vitals know of a file system; recordings of other hosts stand in its place in tests. */
export interface VitalFiles {
  /** The whole text; undefined where there is none, see `whyNot`. */
  read(path: string): string | undefined;
  /** Why the last `read` of it gave nothing, in words; '' where it did not fail. */
  whyNot(path: string): string;
  /** Names in a directory that are directories or links; none where there is no such directory. */
  list(path: string): string[];
  /** It will not be read again soon. */
  forget(path: string): void;
  /** Lets go of all of them. */
  close(): void;
}

/** A host of 512 CPUs writes 500 KiB of interrupts into /proc/stat. What lies beyond is not read. */
const MAX_FILE_BYTES = 4 << 20;
/** A hundred containers have eight each; the rest of the agent's files need room under the usual limit of 4,096. */
const MAX_OPEN_FILES = 1500;
/** The kernel writes such files a page at a time: a read that leaves more than a line of it free was the last. */
const PAGE_BYTES = 4096;
const LONGEST_LINE_BYTES = 1024;

/** Reads that are passed over before a file that could not be read is tried again. */
const PASSES_AFTER_FAILURE = 30;

interface Failure {
  code: string;
  passes: number;
}

const CODES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  ENODEV: 'it is gone',
  EOPNOTSUPP: 'the kernel has it turned off',
  EINVAL: 'the kernel gives no value',
};

export class HostFiles implements VitalFiles {
  readonly #open = new Map<string, number>();
  readonly #failures = new Map<string, Failure>();
  #buffer = Buffer.allocUnsafe(64 << 10);

  read(path: string): string | undefined {
    const failure = this.#failures.get(path);
    // An exception costs as much as reading ten files: what is not there is looked for again now and then.
    if (failure !== undefined && failure.passes-- > 0) return undefined;
    try {
      const text = this.#readOpen(this.#descriptorOf(path));
      if (failure !== undefined) this.#failures.delete(path);
      return text;
    } catch (error) {
      this.forget(path);
      this.#fail(path, error);
      return undefined;
    }
  }

  whyNot(path: string): string {
    const failure = this.#failures.get(path);
    return failure === undefined ? '' : `${path}: ${CODES[failure.code] ?? failure.code}`;
  }

  list(path: string): string[] {
    try {
      const names: string[] = [];
      for (const entry of readdirSync(path, { withFileTypes: true }))
        if (entry.isDirectory() || entry.isSymbolicLink()) names.push(entry.name);
      return names;
    } catch (error) {
      this.#fail(path, error);
      return [];
    }
  }

  forget(path: string): void {
    const descriptor = this.#open.get(path);
    if (descriptor === undefined) return;
    this.#open.delete(path);
    closeSync(descriptor);
  }

  close(): void {
    for (const path of [...this.#open.keys()]) this.forget(path);
  }

  get openCount(): number {
    return this.#open.size;
  }

  #fail(path: string, error: unknown): void {
    if (this.#failures.size >= MAX_OPEN_FILES) this.#failures.clear();
    this.#failures.set(path, { code: codeOf(error), passes: PASSES_AFTER_FAILURE });
  }

  #descriptorOf(path: string): number {
    const known = this.#open.get(path);
    if (known !== undefined) return known;
    for (const oldest of this.#open.keys()) {
      if (this.#open.size < MAX_OPEN_FILES) break;
      this.forget(oldest);
    }
    const descriptor = openSync(path, 'r');
    this.#open.set(path, descriptor);
    return descriptor;
  }

  #readOpen(descriptor: number): string {
    let length = 0;
    for (;;) {
      const read = readSync(descriptor, this.#buffer, length, this.#buffer.length - length, length);
      length += read;
      // Names in these files are bytes; what is not ASCII in them stays one character a byte.
      if (read < PAGE_BYTES - LONGEST_LINE_BYTES) return this.#buffer.toString('latin1', 0, length);
      if (length < this.#buffer.length) continue;
      if (length >= MAX_FILE_BYTES) return this.#buffer.toString('latin1', 0, length);
      const larger = Buffer.allocUnsafe(Math.min(MAX_FILE_BYTES, length * 4));
      this.#buffer.copy(larger, 0, 0, length);
      this.#buffer = larger;
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
