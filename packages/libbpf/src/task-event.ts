/**
 * Owns the records by which the kernel tells of processes: what they map, what they are called, when they begin and end.
 * Pure. A record, as include/uapi/linux/perf_event.h has it, little-endian, with the time at its end (sample_id_all):
 *
 *     header { u32 type, u16 misc, u16 size }
 *     MMAP2  { u32 tgid, tid; u64 start, length, offset; u32 major, minor; u64 inode, generation; u32 prot, flags; path }
 *     COMM   { u32 tgid, tid; name }
 *     FORK   { u32 tgid, parent tgid, tid, parent tid; u64 time }     EXIT is the same
 *     CGROUP { u64 id; path }
 *     LOST   { u64 id, lost }                                         followed by u64 time, all of them
 */
export type TaskEvent =
  | {
      type: 'map';
      timeNs: number;
      tgid: number;
      start: number;
      end: number;
      fileOffset: number;
      /** `fe:00`, as /proc/PID/maps writes it. */
      device: string;
      /** 0 when no file is behind it. */
      inode: bigint;
      /** As the process sees it, ` (deleted)` with it; `//anon`, `[vdso]`, … when no file is behind it. */
      path: string;
    }
  | { type: 'comm'; timeNs: number; tgid: number; tid: number; comm: string; isExec: boolean }
  | { type: 'fork'; timeNs: number; tgid: number; tid: number; parentTgid: number }
  | { type: 'exit'; timeNs: number; tgid: number; tid: number }
  | { type: 'cgroup'; timeNs: number; id: number; path: string }
  /** So many records found no room. */
  | { type: 'lost'; timeNs: number; count: number };

const HEADER_BYTES = 8;
const TIME_BYTES = 8;
const RECORD = { MMAP2: 10, LOST: 2, COMM: 3, EXIT: 4, FORK: 7, CGROUP: 19 } as const;
const MISC_COMM_EXEC = 1 << 13;
const PROT_EXEC = 4;
const MMAP2_PATH_AT = 72;
const COMM_AT = 16;
const CGROUP_PATH_AT = 16;

/** Whole records, in the order in which one CPU wrote them. A record of a size that cannot be ends the reading. */
export function decodeTaskEvents(bytes: Buffer, take: (event: TaskEvent) => void): void {
  for (let at = 0; at + HEADER_BYTES <= bytes.length; ) {
    const type = bytes.readUInt32LE(at);
    const size = bytes.readUInt16LE(at + 6);
    if (size < HEADER_BYTES + TIME_BYTES || at + size > bytes.length) {
      throw new RangeError(`record of type ${type} at ${at}: ${size} bytes cannot be its size`);
    }
    const event = decode(type, bytes.subarray(at, at + size), at);
    if (event !== undefined) take(event);
    at += size;
  }
}

function decode(type: number, record: Buffer, at: number): TaskEvent | undefined {
  const timeAt = record.length - TIME_BYTES;
  const u32 = (offset: number): number => record.readUInt32LE(offset);
  const u64 = (offset: number): number => Number(record.readBigUInt64LE(offset));
  const text = (offset: number): string => {
    const end = record.indexOf(0, offset);
    return record.toString('utf8', offset, end < 0 || end > timeAt ? timeAt : end);
  };
  const need = (bytes: number): void => {
    if (timeAt < bytes)
      throw new RangeError(`record of type ${type} at ${at}: cut short at ${record.length} bytes`);
  };
  const timeNs = u64(timeAt);
  switch (type) {
    case RECORD.MMAP2: {
      need(MMAP2_PATH_AT);
      if ((u32(64) & PROT_EXEC) === 0) return undefined;
      const start = u64(16);
      return {
        type: 'map',
        timeNs,
        tgid: u32(8),
        start,
        end: start + u64(24),
        fileOffset: u64(32),
        device: `${hex2(u32(40))}:${hex2(u32(44))}`,
        inode: record.readBigUInt64LE(48),
        path: text(MMAP2_PATH_AT),
      };
    }
    case RECORD.COMM: {
      need(COMM_AT);
      const isExec = (record.readUInt16LE(4) & MISC_COMM_EXEC) !== 0;
      return { type: 'comm', timeNs, tgid: u32(8), tid: u32(12), comm: text(COMM_AT), isExec };
    }
    case RECORD.FORK:
      need(32);
      return { type: 'fork', timeNs, tgid: u32(8), parentTgid: u32(12), tid: u32(16) };
    case RECORD.EXIT:
      need(32);
      return { type: 'exit', timeNs, tgid: u32(8), tid: u32(16) };
    case RECORD.CGROUP:
      need(CGROUP_PATH_AT);
      return { type: 'cgroup', timeNs, id: u64(8), path: text(CGROUP_PATH_AT) };
    case RECORD.LOST:
      need(24);
      return { type: 'lost', timeNs, count: u64(16) };
    default:
      // A kernel may have more to say, of its own symbols for example.
      return undefined;
  }
}

function hex2(number: number): string {
  return number.toString(16).padStart(2, '0');
}
