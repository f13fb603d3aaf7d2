/**
 * Owns perf events of one CPU as handles that close: sampling clocks that a BPF program is attached to.
 *
 *     const event = SamplingEvent.open({ source: 'cpu-clock', samplePeriod: 10_101_010 }, 0);
 *     object.program('sample_cpu').attachEvent(event);
 */
import { closeSync, readSync } from 'node:fs';
import { BpfError, bpfErrorOfErrno } from './bpf-error.js';
import { ENODEV, ENOENT, EOPNOTSUPP } from './errno.js';
import { duplicateFd } from './native.js';
import { openPerfEvent, PERF_EVENT_FLAGS } from './perf-event.js';

/** enum perf_type_id and the config of each. */
const SOURCES = {
  /** Ticks of the CPU while it is not halted, by its performance counters; comes as an NMI. */
  cycles: { type: 0, config: 0 },
  /** A timer of the kernel on every machine. Where interrupts are off it comes when they are on again. */
  'cpu-clock': { type: 1, config: 0 },
} as const;
export type SamplingSource = keyof typeof SOURCES;

export type SamplingOptions = { source: SamplingSource } & (
  | {
      /** In units of the source: ns of cpu-clock. */
      samplePeriod: number;
    }
  | {
      /** The kernel chooses periods that come to about so many samples a second of the source's running. */
      sampleHz: number;
    }
);

const PERF_FORMAT_TOTAL_TIME_ENABLED = 1;
const PERF_FORMAT_TOTAL_TIME_RUNNING = 2;
/** Of the value and the two times. */
const READ_BYTES = 24;

export class SamplingEvent {
  readonly cpu: number;
  readonly source: SamplingSource;
  #fd: number | undefined;

  private constructor(source: SamplingSource, cpu: number, fd: number) {
    this.source = source;
    this.cpu = cpu;
    this.#fd = fd;
  }

  /**
   * Opens an event that samples whatever runs on a CPU.
   * @throws BpfError; see `isUnsupported` for a source that the machine does not have, and `isCpuOffline`
   */
  static open(options: SamplingOptions, cpu: number): SamplingEvent {
    const isByHz = 'sampleHz' in options;
    const fd = openPerfEvent(
      {
        ...SOURCES[options.source],
        samplePeriod: isByHz ? options.sampleHz : options.samplePeriod,
        readFormat: PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING,
        flags: isByHz ? PERF_EVENT_FLAGS.freq : 0n,
      },
      cpu,
    );
    return new SamplingEvent(options.source, cpu, fd);
  }

  /** Of this event; the caller closes it. */
  duplicateFd(): number {
    const copy = duplicateFd(this.#open('use'));
    if (copy < 0) throw bpfErrorOfErrno('duplicate', this.#subject, copy);
    return copy;
  }

  /**
   * Since it was opened: ns in which it was meant to sample, and in which it did; fewer where counters are shared by turns.
   * Both stand still for ever once the CPU has gone, even when it is back.
   */
  readTimes(): { enabledNs: number; runningNs: number } {
    const values = Buffer.alloc(READ_BYTES);
    const bytes = readSync(this.#open('read'), values);
    if (bytes !== READ_BYTES) return { enabledNs: 0, runningNs: 0 };
    return {
      enabledNs: Number(values.readBigUInt64LE(8)),
      runningNs: Number(values.readBigUInt64LE(16)),
    };
  }

  /** Idempotent. A program that is attached holds the event until it is detached. */
  close(): void {
    if (this.#fd === undefined) return;
    const fd = this.#fd;
    this.#fd = undefined;
    closeSync(fd);
  }

  #open(operation: string): number {
    if (this.#fd !== undefined) return this.#fd;
    throw new BpfError({ operation, subject: this.#subject, cause: 'it is closed' });
  }

  get #subject(): string {
    return `perf event ${this.source} of CPU ${this.cpu}`;
  }
}

/** The machine has no such counter, or does not lend it to this guest. */
export function isUnsupported(error: unknown): boolean {
  return error instanceof BpfError && (error.errno === ENOENT || error.errno === EOPNOTSUPP);
}

/** The CPU is offline, or has gone meanwhile. */
export function isCpuOffline(error: unknown): boolean {
  return error instanceof BpfError && error.errno === ENODEV;
}
