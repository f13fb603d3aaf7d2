/**
 * Owns finding and reading the perf map of a process, /tmp/perf-PID.map: by the pid that the process has itself, in the
 * /tmp that it sees. Whoever can write there could put names into our graphs or lead us elsewhere, so the file must be a
 * plain one with a single name, no link, and belong to the process's user or to root; and one that was last written before
 * the process began is another's, of the same pid.
 *
 * It is read as it grows, a piece at a time. A file that was replaced or rewritten is known by its inode, its size, or by
 * its last bytes that were read not being what they were; then it is read anew.
 */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { PerfMap } from './perf-map.js';
import { isAbsence, ProcessTmp, readProcessFacts } from './process-tmp.js';

export interface OpenPerfMap {
  /** Changes when it is another file. */
  identity: string;
  sizeBytes: number;
  /** Bytes that were read, fewer at its end. */
  read(offset: number, length: number): Buffer;
  close(): void;
}

/** `refused`: there is one, but none that may be used. */
export type NoPerfMap = 'absent' | 'refused';

export interface PerfMapFiles {
  open(tgid: number): OpenPerfMap | NoPerfMap;
}

/** Read at a time, a refresh being once a second: 40 ms of work at the most, 50,000 entries. */
const MAX_READ_BYTES = 4 << 20;
/** Of a larger file only the end is read: V8 writes on for as long as it runs. */
const MAX_FILE_BYTES = 256 << 20;
/** Enough to hold whole entries, which no other place of a file holds. */
const TAIL_BYTES = 256;
/** What clocks of files and of process starts are apart. */
const START_SLACK_MS = 2_000;
/** USER_HZ, 100 on every architecture: the unit of times in /proc/PID/stat. */
const TICKS_A_SECOND = 100;

export class PerfMapReader {
  readonly #files: PerfMapFiles;
  readonly #tgid: number;
  readonly #maxEntries: number | undefined;
  #map: PerfMap;
  #identity = '';
  #offset = 0;
  #tail: Buffer = Buffer.alloc(0);
  #state: NoPerfMap | 'read' = 'absent';

  constructor(files: PerfMapFiles, tgid: number, maxEntries?: number) {
    this.#files = files;
    this.#tgid = tgid;
    this.#maxEntries = maxEntries;
    this.#map = new PerfMap(maxEntries);
  }

  /** What came of looking for it last; what was read before stays. */
  get state(): NoPerfMap | 'read' {
    return this.#state;
  }

  get entryCount(): number {
    return this.#map.entryCount;
  }

  nameAt(address: number): string | undefined {
    return this.#map.nameAt(address);
  }

  /** Reads what is new. @returns whether anything was */
  refresh(): boolean {
    const file = this.#files.open(this.#tgid);
    if (typeof file === 'string') {
      this.#state = file;
      return false;
    }
    try {
      this.#state = 'read';
      if (!this.#isContinuation(file)) this.#startAnew(file);
      const bytes = file.read(this.#offset, Math.min(MAX_READ_BYTES, file.sizeBytes - this.#offset));
      if (bytes.length === 0) return false;
      this.#map.append(bytes);
      this.#offset += bytes.length;
      this.#tail = Buffer.from(
        Buffer.concat([this.#tail, bytes.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES),
      );
      return true;
    } finally {
      file.close();
    }
  }

  #isContinuation(file: OpenPerfMap): boolean {
    if (file.identity !== this.#identity || file.sizeBytes < this.#offset) return false;
    const { length } = this.#tail;
    return file.read(this.#offset - length, length).equals(this.#tail);
  }

  #startAnew(file: OpenPerfMap): void {
    this.#map = new PerfMap(this.#maxEntries);
    this.#identity = file.identity;
    this.#offset = Math.max(0, file.sizeBytes - MAX_FILE_BYTES);
    this.#tail = Buffer.alloc(0);
  }
}

export const HOST_PERF_MAP_FILES: PerfMapFiles = { open: openPerfMap };

function openPerfMap(tgid: number): OpenPerfMap | NoPerfMap {
  const process = readProcessFacts(tgid);
  const tmp = process && ProcessTmp.open(tgid);
  if (process === undefined || tmp === undefined) return 'absent';
  let fd: number;
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    // A pipe in its place would otherwise hold us up.
    fd = openSync(tmp.path(`perf-${process.ownTgid}.map`), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (!isAbsence(error)) throw error;
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'refused';
  } finally {
    tmp.close();
  }
  const stat = fstatSync(fd, { bigint: true });
  if (!isUsable(stat, process.uid) || isOlderThanProcess(stat, tgid)) {
    closeSync(fd);
    return 'refused';
  }
  return {
    identity: `${stat.dev}:${stat.ino}`,
    sizeBytes: Number(stat.size),
    read: (offset, length) => {
      const bytes = Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const read = readSync(fd, bytes, done, length - done, offset + done);
        // It was cut meanwhile: the next time tells.
        if (read === 0) break;
        done += read;
      }
      return bytes.subarray(0, done);
    },
    close: () => closeSync(fd),
  };
}

/** Exported for its test: the rule by which a file may name code of a process of `uid`. */
export function isUsable(stat: Pick<BigIntStats, 'isFile' | 'uid' | 'nlink'>, uid: number): boolean {
  return stat.isFile() && stat.nlink === 1n && (stat.uid === 0n || stat.uid === BigInt(uid));
}

function isOlderThanProcess(stat: BigIntStats, tgid: number): boolean {
  const startMs = processStartMs(tgid);
  return startMs === undefined || Number(stat.mtimeMs) < startMs - START_SLACK_MS;
}

/** Wall clock; undefined when it has gone. */
function processStartMs(tgid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${tgid}/stat`, 'utf8');
    const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3]);
    const bootSeconds = Number(/^btime (\d+)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]);
    return 1000 * (bootSeconds + ticks / TICKS_A_SECOND);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}
