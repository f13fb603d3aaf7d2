/**
 * Owns the kernel's stream of what processes do (exec, fork, exit, new code mappings): one event that counts nothing on
 * each online CPU, each with a ring of memory that the kernel fills and this reads.
 *
 *     ring   [page: … data_head at 1024, data_tail at 1032 …][data: 2^n bytes]      records may go round its end
 *
 * Invariant: events come in order of time, of all CPUs together. What was written while the rings were being read waits for
 * the next `read`, as an event before it may lie in a ring that was read already. CPUs that come are followed; what ran
 * there before they were found has been missed, and is told as lost.
 */
import { closeSync } from 'node:fs';
import { assertSucceeded, BpfError, bpfErrorOfErrno } from './bpf-error.js';
import { ENOMEM, EPERM } from './errno.js';
import { copyFromMemory, copyToMemory, lastErrno, native, type Pointer } from './native.js';
import { openPerfEvent, PERF_EVENT_FLAGS, readOnlineCpus } from './perf-event.js';
import { decodeTaskEvents, type TaskEvent } from './task-event.js';

export interface TaskEvents {
  /** In order of time. */
  events: TaskEvent[];
  /** Records that the kernel had no room for, and CPUs that came and were found late: what is known must be read anew. */
  lost: number;
}

/** 256 KiB a CPU: some 350 processes that begin and end there between two reads. Memory that is not swapped. */
const DATA_BYTES = 256 << 10;
/** Where others use what a user may lock (perf_event_mlock_kb), less has to do; a process writes some 700 bytes. */
const MIN_DATA_BYTES = 64 << 10;
const HEAD_AT = 1024;
const TAIL_AT = 1032;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const PERF_TYPE_SOFTWARE = 1;
const PERF_COUNT_SW_DUMMY = 9;
const PERF_SAMPLE_TIME = 1 << 2;
const CLOCK_MONOTONIC = 1;
const MAP_FAILED = 2n ** 64n - 1n;

interface CpuRing {
  cpu: number;
  fd: number;
  memory: Pointer;
  dataBytes: number;
}

/** Orders the read of a head before the reads of the data that it promises, on processors that would swap them. */
const FENCE = new Int32Array(new SharedArrayBuffer(4));

export class TaskEventReader {
  readonly #rings: CpuRing[] = [];
  readonly #dataBytes: number;
  readonly #onlineCpus: () => readonly number[];
  readonly #page: number;
  #waiting: TaskEvent[] = [];
  #lost = 0;
  #closed = false;

  /** @param dataBytes a ring, a power of two of pages; tests make it small. @throws BpfError when the kernel refuses */
  constructor(options: { dataBytes?: number; onlineCpus?: () => readonly number[] } = {}) {
    this.#dataBytes = options.dataBytes ?? DATA_BYTES;
    this.#onlineCpus = options.onlineCpus ?? readOnlineCpus;
    this.#page = native().libc.getpagesize();
    try {
      for (const cpu of this.#onlineCpus()) this.#rings.push(this.#open(cpu));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** CPUs that are listened to. */
  get cpus(): readonly number[] {
    return this.#rings.map(({ cpu }) => cpu);
  }

  /** Everything up to now, without waiting. @throws RangeError for a record that no kernel writes */
  read(): TaskEvents {
    const nowNs = Number(process.hrtime.bigint());
    for (const ring of this.#rings) this.#take(ring);
    const events: TaskEvent[] = [];
    const later: TaskEvent[] = [];
    let lost = this.#lost;
    this.#lost = 0;
    for (const event of this.#waiting) {
      if (event.type === 'lost') lost += event.count;
      else if (event.timeNs <= nowNs) events.push(event);
      else later.push(event);
    }
    this.#waiting = later;
    // Stable: what one CPU wrote at one instant stays in its order.
    events.sort((a, b) => a.timeNs - b.timeNs);
    return { events, lost };
  }

  /** Listens to CPUs that have come and drops those that went. Costs the read of a small file: once a window will do. */
  followCpus(): void {
    const online = new Set(this.#onlineCpus());
    for (const ring of [...this.#rings]) {
      if (online.delete(ring.cpu)) continue;
      this.#take(ring);
      this.#rings.splice(this.#rings.indexOf(ring), 1);
      this.#free(ring);
    }
    for (const cpu of online) {
      // What it did before it was found, and all that it does while it cannot be listened to.
      this.#lost++;
      try {
        this.#rings.push(this.#open(cpu));
      } catch (error) {
        // Gone again, or refused for the moment: tried again at the next look, and counted each time.
        if (!(error instanceof BpfError)) throw error;
      }
    }
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const ring of this.#rings.splice(0)) this.#free(ring);
  }

  #open(cpu: number): CpuRing {
    const { mmap, mmap2, comm, commExec, task, sampleIdAll, useClockid, cgroup } = PERF_EVENT_FLAGS;
    const everywhere = mmap | mmap2 | comm | commExec | task | sampleIdAll | useClockid;
    const attributes = {
      type: PERF_TYPE_SOFTWARE,
      config: PERF_COUNT_SW_DUMMY,
      sampleType: PERF_SAMPLE_TIME,
      clockid: CLOCK_MONOTONIC,
    };
    let fd: number;
    try {
      fd = openPerfEvent({ ...attributes, flags: everywhere | cgroup }, cpu);
    } catch {
      // Before Linux 5.7, or without cgroups: their paths are found by another way. What else is wrong is thrown here.
      fd = openPerfEvent({ ...attributes, flags: everywhere }, cpu);
    }
    for (let dataBytes = this.#dataBytes; ; dataBytes /= 2) {
      const memory = native().libc.mmap(null, this.#page + dataBytes, PROT_READ_WRITE, MAP_SHARED, fd, 0);
      if (memory !== null && BigInt.asUintN(64, memory) !== MAP_FAILED) return { cpu, fd, memory, dataBytes };
      const errno = lastErrno();
      if ((errno === EPERM || errno === ENOMEM) && dataBytes / 2 >= MIN_DATA_BYTES) continue;
      closeSync(fd);
      throw bpfErrorOfErrno('map', `the ring of CPU ${cpu}`, errno);
    }
  }

  #take(ring: CpuRing): void {
    const positions = Buffer.from(copyFromMemory(ring.memory + BigInt(HEAD_AT), 16).buffer);
    const head = positions.readBigUInt64LE(0);
    const tail = positions.readBigUInt64LE(TAIL_AT - HEAD_AT);
    if (head === tail) return;
    Atomics.add(FENCE, 0, 1);
    const bytes = Number(head - tail);
    const from = Number(tail % BigInt(ring.dataBytes));
    const data = ring.memory + BigInt(this.#page);
    const first = Math.min(bytes, ring.dataBytes - from);
    const records = Buffer.alloc(bytes);
    records.set(copyFromMemory(data + BigInt(from), first));
    if (first < bytes) records.set(copyFromMemory(data, bytes - first), first);
    Atomics.add(FENCE, 0, 1);
    copyToMemory(ring.memory + BigInt(TAIL_AT), new Uint8Array(new BigUint64Array([head]).buffer));
    decodeTaskEvents(records, (event) => this.#waiting.push(event));
  }

  #free({ cpu, fd, memory, dataBytes }: CpuRing): void {
    assertSucceeded(
      'unmap',
      `the ring of CPU ${cpu}`,
      native().libc.munmap(memory, this.#page + dataBytes) < 0 ? -lastErrno() : 0,
    );
    closeSync(fd);
  }
}
