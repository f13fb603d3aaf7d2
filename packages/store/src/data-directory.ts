/**
 * Owns the directory that a store keeps its files in: who may read it, and that one hub at a time has it.
 *
 *     DIR/               0700, of the user that the hub runs as
 *       snapshots.mdb    the database; snapshots.mdb-lock is LMDB's own
 *       ended-links      ended-links.ts
 *       hub.lock         locked by the hub that has the directory, with its process id for those who ask
 *
 * The lock is flock(2): the kernel drops it when the process ends, however it ends, so nothing is ever stale.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { ENDED_LINKS_FILE } from './ended-links.js';
import { StoreError } from './store-error.js';

export const DATABASE_FILE = 'snapshots.mdb';
const LOCK_FILE = 'hub.lock';
/** All that is ever in the directory; a new file system brings lost+found. */
const OWN_FILES: readonly string[] = [DATABASE_FILE, `${DATABASE_FILE}-lock`, LOCK_FILE, ENDED_LINKS_FILE];

export interface Owner {
  uid: number;
  gid: number;
}

/**
 * Makes the directory where it is missing, and hands it with the store's own files to `owner`, whom root will become.
 * A directory with anything else in it is left alone: somebody may have written `--data /etc`.
 * Throws StoreError `directory` or `disk-full`.
 */
export function prepareDataDirectory(path: string, owner?: Owner): void {
  try {
    // Others must be able to pass through what is made above it.
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    makeDirectory(path);
    // A link that the user named is followed once; from here on all goes through what was opened.
    const directory = openSync(
      realpathSync(path),
      constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
    );
    try {
      assertOurs(path, directory);
      takeOver(directory, owner);
    } finally {
      closeSync(directory);
    }
  } catch (error) {
    throw toDirectoryError('prepare', path, error);
  }
}

/** The returned function gives the directory back. Throws StoreError `in-use` or `directory`. */
export function claimDataDirectory(path: string): () => void {
  let lock: number;
  try {
    lock = openSync(
      join(path, LOCK_FILE),
      constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW,
      0o600,
    );
  } catch (error) {
    throw toDirectoryError('write to', path, error);
  }
  // A lock belongs to the open file, not to who asked for it: it stays when the command has ended.
  const { status, error } = spawnSync('flock', ['--exclusive', '--nonblock', '3'], {
    stdio: ['ignore', 'ignore', 'ignore', lock],
  });
  if (status === 0) {
    ftruncateSync(lock);
    writeSync(lock, `${process.pid}\n`, 0);
    return () => closeSync(lock);
  }
  const holder = readHolder(lock);
  closeSync(lock);
  if (error !== undefined || status !== 1) {
    throw new StoreError(
      'directory',
      `lock ${join(path, LOCK_FILE)}: ${error?.message ?? `flock ended with ${status}`}`,
      'The command flock of util-linux makes sure that one hub at a time has the directory.',
      { cause: error },
    );
  }
  throw new StoreError(
    'in-use',
    `open ${path}: another hub${holder === undefined ? '' : ` (process ${holder})`} keeps its snapshots there`,
    'Stop that one, or give this one a directory of its own: --data DIR. With --no-data it keeps no snapshots.',
  );
}

/** Words for a reader in place of an error of the system. */
export function toDirectoryError(verb: string, path: string, error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StoreError(
      'disk-full',
      `${verb} ${path}: no space left on the device`,
      'Make room, or choose a directory elsewhere: --data DIR. With --no-data the hub keeps no snapshots.',
      { cause: error },
    );
  }
  return new StoreError(
    'directory',
    `${verb} ${path}: ${CAUSES[code] ?? (error instanceof Error ? error.message : String(error))}`,
    'Choose a directory that this user may write: --data DIR. With --no-data the hub keeps no snapshots.',
    { cause: error },
  );
}

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'a part of the path is no directory',
  EEXIST: 'it is no directory',
  ELOOP: 'it is a symbolic link',
  ENOENT: 'no such directory',
};

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function assertOurs(path: string, directory: number): void {
  const entries = readdirSync(`/proc/self/fd/${directory}`).filter((name) => name !== 'lost+found');
  if (entries.includes(DATABASE_FILE) || entries.includes(LOCK_FILE)) return;
  const isSticky = (fstatSync(directory).mode & 0o1000) !== 0;
  if (entries.length === 0 && !isSticky) return;
  throw new StoreError(
    'directory',
    `use ${path}: it ${isSticky ? 'is open to everyone' : 'holds other files'}, and the store wants a directory of its own`,
    `Name one that is new or empty, such as --data ${join(path, 'stallscope')}.`,
  );
}

function takeOver(directory: number, owner: Owner | undefined): void {
  const self = owner ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  if (owner !== undefined) {
    for (const name of OWN_FILES) giveFile(directory, name, owner);
    fchownSync(directory, owner.uid, owner.gid);
  }
  if (fstatSync(directory).uid === self.uid) fchmodSync(directory, 0o700);
}

/** Only a plain file with one name is given away: a link could be to a file of root's. */
function giveFile(directory: number, name: string, owner: Owner): void {
  let file: number;
  try {
    file = openSync(
      `/proc/self/fd/${directory}/${name}`,
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.nlink !== 1) {
      throw new StoreError(
        'directory',
        `use ${name} of the data directory: it is no plain file, or has other names`,
        'Move it aside: the store makes its own.',
      );
    }
    fchownSync(file, owner.uid, owner.gid);
    fchmodSync(file, 0o600);
  } finally {
    closeSync(file);
  }
}

function readHolder(lock: number): string | undefined {
  const text = Buffer.alloc(16);
  const length = readSync(lock, text, 0, text.length, 0);
  return /^\d+/.exec(text.toString('latin1', 0, length))?.[0];
}
