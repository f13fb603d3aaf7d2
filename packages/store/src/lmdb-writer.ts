/**
 * Owns writing to LMDB for all stores of the one file: a commit is on the disk when it is answered, what changes records in
 * memory goes one by one, and nothing is asked of the library once it is closed. Failures become a StoreError each.
 */
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { RootDatabase } from 'lmdb';
import { DATABASE_FILE } from './data-directory.js';
import { FULL_DISK_BYTES } from './limits.js';
import { StoreError } from './store-error.js';

export class LmdbWriter {
  readonly #root: RootDatabase<Buffer, string>;
  readonly #directory: string;
  readonly #maxBytes: number;
  #last: Promise<unknown> = Promise.resolve();
  /** What LMDB is doing: it must not be closed under that. */
  readonly #busy = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(root: RootDatabase<Buffer, string>, directory: string, maxBytes: number) {
    this.#root = root;
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  /** Throws StoreError `disk-full`, `full`, `io` or `closed`; nothing of it is written then. */
  async commit(write: () => unknown): Promise<void> {
    try {
      await this.onOpen(() =>
        this.#root.transaction(() => {
          write();
        }),
      );
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw await this.#toWriteError(error);
    }
  }

  /** LMDB ends the process when it is used after its end. */
  assertOpen(): void {
    if (this.#isClosed) {
      throw new StoreError(
        'closed',
        `use ${this.#directory}: the hub is closing`,
        'Try again once it is back.',
      );
    }
  }

  async onOpen<Result>(work: () => Promise<Result>): Promise<Result> {
    this.assertOpen();
    const result = work();
    this.#busy.add(result);
    try {
      return await result;
    } finally {
      this.#busy.delete(result);
    }
  }

  oneByOne<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work, work);
    this.#last = result;
    return result;
  }

  /** False when it was closed before. */
  async close(): Promise<boolean> {
    if (this.#isClosed) return false;
    this.#isClosed = true;
    while (this.#busy.size > 0) await Promise.allSettled(this.#busy);
    await this.#root.close();
    return true;
  }

  async #toWriteError(error: unknown): Promise<StoreError> {
    const cause = await toCause(error);
    const path = join(this.#directory, DATABASE_FILE);
    const { bavail, bsize } = await statfs(this.#directory);
    if (cause.code === 28 || cause.code === 'ENOSPC' || bavail * bsize < FULL_DISK_BYTES) {
      return new StoreError(
        'disk-full',
        `write ${path}: no space left on the device`,
        'Delete snapshots, or make room on the disk.',
        { cause: error },
      );
    }
    if (/MDB_MAP_FULL/.test(cause.message)) {
      return new StoreError(
        'full',
        `write ${path}: its ${this.#maxBytes} bytes are used`,
        'Delete snapshots.',
        {
          cause: error,
        },
      );
    }
    return new StoreError('io', `write ${path}: ${cause.message}`, 'See what the disk says: dmesg.', {
      cause: error,
    });
  }
}

export function toJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

export function readJson(value: Buffer | undefined): unknown {
  return value === undefined ? undefined : JSON.parse(value.toString('utf8'));
}

/** lmdb tells of a failed commit twice: by an error, and in it by a promise that has to be caught as well. */
async function toCause(error: unknown): Promise<{ message: string; code: unknown }> {
  let cause = error;
  if (error instanceof Error && 'commitError' in error) {
    try {
      await error.commitError;
    } catch (inner) {
      cause = inner;
    }
  }
  if (!(cause instanceof Error)) return { message: String(cause), code: undefined };
  return { message: cause.message, code: 'code' in cause ? cause.code : undefined };
}
