/**
 * Owns opening the database file. LMDB maps it into memory and trusts it, so that a file which is none, was cut off or
 * overwritten would end the process with a signal: all that is found here, before LMDB sees the file.
 *
 * The two meta pages of LMDB's data format 2, page size P, little endian; the one with the higher transaction counts:
 *
 *     at 0 and at P   24 bytes page header | u32 0xbeefc0de | u32 2 | u64 address | u64 map size
 *                     | u32 P, 44 more bytes of the table of free pages | 48 bytes of the main table
 *                     | u64 last page | u64 transaction
 */
import { closeSync, constants, fchmodSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import { DATABASE_FILE, toDirectoryError } from './data-directory.js';
import { StoreError } from './store-error.js';
import { type FileShape, findDamage, TABLE_BYTES } from './tree-check.js';

export interface Tables {
  root: RootDatabase<Buffer, string>;
  /** Snapshot id → JSON. */
  snapshots: Database<Buffer, string>;
  /** Link id → JSON. */
  shares: Database<Buffer, string>;
  /** [owner, part, number] → digest and bytes of a piece. */
  chunks: Database<Buffer, (string | number)[]>;
  /** Dashboard id → JSON. */
  dashboards: Database<Buffer, string>;
}

/** Throws StoreError `corrupt`, `disk-full` or `directory`. */
export function openTables(directory: string, maxFileBytes: number): Tables {
  const path = join(directory, DATABASE_FILE);
  try {
    const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
    try {
      fchmodSync(file, 0o600);
      makeSafeToMap(path, file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw toDirectoryError('open', path, error);
  }
  try {
    const root: RootDatabase<Buffer, string> = open({
      path,
      noSubdir: true,
      encoding: 'binary',
      maxDbs: 8,
      mapSize: maxFileBytes,
      // A commit is on the disk when it is answered.
      overlappingSync: false,
      // Batches of an event turn make a promise of their own that nobody can catch: a full disk would end the process.
      eventTurnBatching: false,
      permissionsMode: 0o600,
    } as Parameters<typeof open>[0]);
    return {
      root,
      snapshots: root.openDB({ name: 'snapshots', encoding: 'binary' }),
      shares: root.openDB({ name: 'shares', encoding: 'binary' }),
      chunks: root.openDB({ name: 'chunks', encoding: 'binary' }),
      dashboards: root.openDB({ name: 'dashboards', encoding: 'binary' }),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (/MDB_|corrupt/i.test(message)) throw corrupt(path, message, error);
    throw toDirectoryError('open', path, error);
  }
}

export function corrupt(path: string, detail: string, cause?: unknown): StoreError {
  return new StoreError(
    'corrupt',
    `open ${path}: ${detail}`,
    `Restore it from a backup, or move it aside and the hub starts without the snapshots and dashboards in it: mv ${path} ${path}.broken`,
    { cause },
  );
}

const META_BYTES = 160;
const MAGIC = 0xbeefc0de;
const DATA_FORMAT = 2;
const PAGE_SIZES: ReadonlySet<number> = new Set([4096, 8192, 16_384, 32_768, 65_536]);

interface Meta extends FileShape {
  /** Of free pages, and the main one, which holds the others. */
  tables: Buffer[];
}

function makeSafeToMap(path: string, file: number): void {
  const { size } = fstatSync(file);
  if (size === 0) return;
  const first = readMeta(file, 0);
  if (first === undefined)
    throw corrupt(path, 'it is no database of this program, or its first page is damaged');
  const second = readMeta(file, first.pageBytes);
  if (second === undefined) throw corrupt(path, 'its second page is damaged or missing');
  const newest = second.transaction > first.transaction ? second : first;
  const { lastPage, pageBytes } = newest;
  const usedBytes = (lastPage + 1) * pageBytes;
  if (!Number.isSafeInteger(usedBytes)) throw corrupt(path, 'its first pages are damaged');
  // The last pages may be free ones that were never written. If they are not, zeros make LMDB complain where a page
  // that is not in the file would end the process.
  if (size < usedBytes) ftruncateSync(file, usedBytes);
  for (const table of newest.tables) {
    const damage = findDamage(file, newest, table);
    if (damage !== undefined) throw corrupt(path, `it is damaged: ${damage}`);
  }
}

function readMeta(file: number, at: number): Meta | undefined {
  const meta = Buffer.alloc(META_BYTES);
  if (readSync(file, meta, 0, META_BYTES, at) < META_BYTES) return undefined;
  if (meta.readUInt32LE(24) !== MAGIC || (meta.readUInt32LE(28) & 0xffff) !== DATA_FORMAT) return undefined;
  const pageBytes = meta.readUInt32LE(48);
  if (!PAGE_SIZES.has(pageBytes)) return undefined;
  return {
    pageBytes,
    lastPage: Number(meta.readBigUInt64LE(144)),
    transaction: Number(meta.readBigUInt64LE(152)),
    tables: [48, 48 + TABLE_BYTES].map((at) => meta.subarray(at, at + TABLE_BYTES)),
  };
}
