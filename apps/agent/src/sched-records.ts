/**
 * Owns the decoding of the scheduler probe's records from map bytes. Layouts are generated from the object's BTF.
 * The kernel is trusted here; sizes are asserted because a layout and an object from two builds would corrupt silently.
 * 64-bit sums are read as numbers: nanoseconds of one window stay far below 2^53.
 */
import {
  CHAIN,
  KIND,
  LENGTH_COUNTS,
  LENGTH_KEY,
  LIFE,
  LINK,
  ROW_KEY,
  ROW_VALUE,
  STACK,
  THREAD_COUNTERS,
  THREAD_RECORD,
} from './sched-layout.generated.js';

/** Content hash of a stack, link or chain in the kernel's maps; 0n is none. */
export type KernelId = bigint;

export interface RawRow {
  userStack: KernelId;
  kernelStack: KernelId;
  chain: KernelId;
  cgroup: number;
  tgid: number;
  tid: number;
  comm: string;
  kind: number;
  state: number;
  /** Octave of the length. */
  bucket: number;
  /** The part of it; 0 where lengths were not fine. */
  quarter: number;
  captures: number;
  count: number;
  ns: number;
  varianceNs2: number;
}

export interface RawLink {
  userStack: KernelId;
  kernelStack: KernelId;
  tgid: number;
  tid: number;
  comm: string;
  isInterrupt: boolean;
}

export interface RawChain {
  /** links[0] woke the task itself. */
  links: KernelId[];
  /** Index into CHAIN_ENDS, of the last link. */
  end: number;
}

export interface RawThread {
  tgid: number;
  tid: number;
  comm: string;
  isKernelThread: boolean;
  ns: [blocked: number, runq: number, preempted: number];
  count: [blocked: number, runq: number, preempted: number];
  onCpuNs: number;
  switches: number;
  /** By kind, then on a CPU: what lies within the window that began at `livedSinceNs`; they add up to how long it was there. */
  livedNs: [blocked: number, runq: number, preempted: number, onCpu: number];
  /** CLOCK_MONOTONIC ns. Of an older window where a thread was not read in time: then it says nothing of this one. */
  livedSinceNs: number;
  /** Counts by octave, `HISTOGRAM_BUCKETS` for each kind from `histogramAt` on: all threads share one array. */
  histogram: Uint32Array;
  histogramAt: number;
  /** The wait it was in when the window ended, if it still is. */
  openWait: RawOpenWait | undefined;
}

export interface RawOpenWait {
  kind: number;
  state: number;
  /** CLOCK_MONOTONIC ns; undefined when it began before tracing. */
  sinceNs: number | undefined;
  userStack: KernelId;
  kernelStack: KernelId;
}

/** Of each kind. */
export const HISTOGRAM_BUCKETS = (THREAD_COUNTERS.size - THREAD_COUNTERS.histogram) / 4 / KIND.KIND_COUNT;

export class RecordView {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  u64(at: number): number {
    return this.#view.getUint32(at, true) + this.#view.getUint32(at + 4, true) * 2 ** 32;
  }

  id(at: number): KernelId {
    return this.#view.getBigUint64(at, true);
  }

  /** Thread names are bytes, usually UTF-8; what is not is shown with replacement characters rather than refused. */
  comm(at: number): string {
    let text = '';
    for (let i = at; i < at + 16; i++) {
      const byte = this.#bytes[i]!;
      if (byte === 0) return text;
      if (byte >= 0x80) return this.#decodedComm(at);
      text += ASCII[byte];
    }
    return text;
  }

  #decodedComm(at: number): string {
    let end = at;
    while (end < at + 16 && this.#bytes[end] !== 0) end++;
    return commDecoder.decode(this.#bytes.subarray(at, end));
  }
}

const commDecoder = new TextDecoder();
/** One-letter strings: nearly every name is ASCII, and a decoder's call costs more than sixteen of these. */
const ASCII = Array.from({ length: 0x80 }, (_, code) => String.fromCharCode(code));

/** @throws Error when the bytes are no whole number of records */
export function assertWhole(what: string, bytes: number, recordBytes: number): void {
  if (bytes % recordBytes !== 0) {
    throw new Error(
      `reading ${what}: ${bytes} bytes are no multiple of the ${recordBytes} of one record; the probe object and the agent are of different builds: rebuild with npm run build`,
    );
  }
}

export function readRows(count: number, keys: Uint8Array, values: Uint8Array): RawRow[] {
  assertWhole('row keys', keys.byteLength, ROW_KEY.size);
  assertWhole('row values', values.byteLength, ROW_VALUE.size);
  const key = new RecordView(keys);
  const value = new RecordView(values);
  const rows: RawRow[] = [];
  for (let i = 0; i < count; i++) {
    const k = i * ROW_KEY.size;
    const v = i * ROW_VALUE.size;
    const captures = value.u64(v + ROW_VALUE.captures);
    // Inserted by one CPU, not yet added to by it when the window was flipped: impossible after the grace period.
    if (captures === 0) continue;
    rows.push({
      userStack: key.id(k + ROW_KEY.userStack),
      kernelStack: key.id(k + ROW_KEY.kernelStack),
      chain: key.id(k + ROW_KEY.chain),
      cgroup: key.u64(k + ROW_KEY.cgroup),
      tgid: key.u32(k + ROW_KEY.tgid),
      tid: key.u32(k + ROW_KEY.tid),
      comm: key.comm(k + ROW_KEY.comm),
      kind: key.u8(k + ROW_KEY.kind),
      state: key.u8(k + ROW_KEY.state),
      bucket: key.u8(k + ROW_KEY.bucket),
      quarter: key.u8(k + ROW_KEY.quarter),
      captures,
      count: value.u64(v + ROW_VALUE.countQ10) / 1024,
      ns: value.u64(v + ROW_VALUE.ns),
      varianceNs2: value.u64(v + ROW_VALUE.varianceKns2) * 1024,
    });
  }
  return rows;
}

/** Waits of a thread that ended in the window, of one kind. */
export interface RawLengths {
  tgid: number;
  tid: number;
  kind: number;
  /** By bucket of packages/latency. */
  counts: Uint32Array;
}

export function readLengths(batch: { count: number; keys: Uint8Array; values: Uint8Array }): RawLengths[] {
  assertWhole('keys of lengths', batch.keys.byteLength, LENGTH_KEY.size);
  assertWhole('lengths', batch.values.byteLength, LENGTH_COUNTS.size);
  const key = new RecordView(batch.keys);
  const value = new RecordView(batch.values);
  const buckets = LENGTH_COUNTS.size / 4;
  return Array.from({ length: batch.count }, (_, i) => ({
    tgid: key.u32(i * LENGTH_KEY.size + LENGTH_KEY.tgid),
    tid: key.u32(i * LENGTH_KEY.size + LENGTH_KEY.tid),
    kind: key.u32(i * LENGTH_KEY.size + LENGTH_KEY.kind),
    counts: Uint32Array.from({ length: buckets }, (_, bucket) =>
      value.u32(i * LENGTH_COUNTS.size + 4 * bucket),
    ),
  }));
}

/** Addresses leaf first. */
export function readStack(bytes: Uint8Array): BigUint64Array {
  assertWhole('a stack', bytes.byteLength, STACK.size);
  const view = new RecordView(bytes);
  const depth = Math.min(view.u32(STACK.depth), (STACK.size - STACK.frames) / 8);
  const frames = new BigUint64Array(depth);
  for (let i = 0; i < depth; i++) frames[i] = view.id(STACK.frames + 8 * i);
  return frames;
}

export function readLink(bytes: Uint8Array): RawLink {
  assertWhole('a waker link', bytes.byteLength, LINK.size);
  const view = new RecordView(bytes);
  return {
    userStack: view.id(LINK.userStack),
    kernelStack: view.id(LINK.kernelStack),
    tgid: view.u32(LINK.tgid),
    tid: view.u32(LINK.tid),
    comm: view.comm(LINK.comm),
    isInterrupt: view.u32(LINK.isInterrupt) !== 0,
  };
}

export function readChain(bytes: Uint8Array): RawChain {
  assertWhole('a chain', bytes.byteLength, CHAIN.size);
  const view = new RecordView(bytes);
  const depth = Math.min(view.u32(CHAIN.depth), CHAIN.depth / 8);
  const links: KernelId[] = [];
  for (let i = 0; i < depth; i++) links.push(view.id(CHAIN.links + 8 * i));
  return { links, end: view.u32(CHAIN.end) };
}

/** Bytes of a record that is written without its histogram. */
const SHORT_RECORD_BYTES = THREAD_RECORD.counters + THREAD_COUNTERS.histogram;

/**
 * `bytes` is any number of thread_record, whole ones and short ones, packed, at a multiple of 4 in its buffer; what is
 * returned points into it.
 */
export function readThreads(bytes: Uint8Array): RawThread[] {
  const view = new RecordView(bytes);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 2);
  const threads: RawThread[] = [];
  let at = 0;
  while (at < bytes.byteLength) {
    const left = bytes.byteLength - at;
    const isShort = left >= SHORT_RECORD_BYTES && view.u8(at + THREAD_RECORD.isShort) !== 0;
    const recordBytes = isShort ? SHORT_RECORD_BYTES : THREAD_RECORD.size;
    assertWhole('thread records', Math.min(left, recordBytes), recordBytes);
    const counters = at + THREAD_RECORD.counters;
    const ns = counters + THREAD_COUNTERS.ns;
    const count = counters + THREAD_COUNTERS.count;
    const lived = counters + THREAD_COUNTERS.livedNs;
    threads.push({
      tgid: view.u32(at + THREAD_RECORD.tgid),
      tid: view.u32(at + THREAD_RECORD.tid),
      comm: view.comm(at + THREAD_RECORD.comm),
      isKernelThread: view.u8(at + THREAD_RECORD.isKernelThread) !== 0,
      ns: [view.u64(ns), view.u64(ns + 8), view.u64(ns + 16)],
      count: [view.u32(count), view.u32(count + 4), view.u32(count + 8)],
      onCpuNs: view.u64(counters + THREAD_COUNTERS.onCpuNs),
      switches: view.u32(counters + THREAD_COUNTERS.switches),
      livedNs: [
        view.u64(lived + 8 * LIFE.LIFE_BLOCKED),
        view.u64(lived + 8 * LIFE.LIFE_RUNQ),
        view.u64(lived + 8 * LIFE.LIFE_PREEMPTED),
        view.u64(lived + 8 * LIFE.LIFE_ON_CPU),
      ],
      livedSinceNs: view.u64(counters + THREAD_COUNTERS.livedSinceNs),
      histogram: isShort ? NO_HISTOGRAM : words,
      histogramAt: isShort ? 0 : (counters + THREAD_COUNTERS.histogram) / 4,
      openWait: view.u8(at + THREAD_RECORD.isWaiting) === 0 ? undefined : readOpenWait(view, at),
    });
    at += recordBytes;
  }
  return threads;
}

const NO_HISTOGRAM = new Uint32Array(HISTOGRAM_BUCKETS * KIND.KIND_COUNT);

function readOpenWait(view: RecordView, at: number): RawOpenWait {
  const sinceNs = view.u64(at + THREAD_RECORD.offCpuSinceNs);
  return {
    kind: view.u8(at + THREAD_RECORD.waitingKind),
    state: view.u8(at + THREAD_RECORD.waitingState),
    sinceNs: sinceNs === 0 ? undefined : sinceNs,
    userStack: view.id(at + THREAD_RECORD.userStack),
    kernelStack: view.id(at + THREAD_RECORD.kernelStack),
  };
}
