/**
 * Owns the CPU probe on this host: an event on each CPU that fires at a fixed rate, and what it counted in a window.
 * It has no windows of its own: whoever collects flips it together with the scheduler probe and drains it after the same
 * grace period, so that both tell of one time.
 *
 *     flip() ─▶ grace period ─▶ drain()
 *
 * CPUs that come and go are followed once a window. An event dies with its CPU and does not come back with it: one that
 * stands still is opened anew.
 */
import {
  BatchBuffer,
  type BpfLink,
  type BpfMap,
  BpfObject,
  isCpuOffline,
  isUnsupported,
  readOnlineCpus,
  SamplingEvent,
  type SamplingOptions,
  type SamplingSource,
} from '@stallscope/libbpf';
import type { Loss, LossCounts } from '@stallscope/profile';
import { COUNTER } from './cpu-layout.generated.js';
import { type RawCpuRow, readCpuRows } from './cpu-records.js';
import { ProbeCounters, sum } from './probe-counters.js';
import { probePath } from './probe-path.js';
import { RunMeter, type RunTimes } from './run-statistics.js';
import { TaskFilter, type WhoseFilter } from './task-filter.js';

/** Not 100: a program that does something every 10 ms would be seen at it each time, or never. */
export const DEFAULT_CPU_HZ = 99;
/** A sample a millisecond and CPU: beyond it the sampling is what is measured. */
export const MAX_CPU_HZ = 1_000;
/** Rows of a window, twice: 65,536 × 112 B × 2 = 14 MiB, for 130 busy CPUs at the default rate and windows of 5 s, 650 at 1 s. */
const MAX_ROWS = 65_536;
const MIN_ROWS = 4_096;
/** The longest window that is collected, s: a row is at most one sample. */
const ROWS_FOR_SECONDS = 5;

export interface CpuCollectorOptions {
  /** Samples a second and CPU, 1 to MAX_CPU_HZ. */
  hz: number;
  filter?: WhoseFilter;
  /** Processes left out: those of the tracer itself. */
  excludeTgids: readonly number[];
  /** The map that stacks are put into: the scheduler probe's. */
  stacks: BpfMap;
  /** Rows of one window. */
  rows?: number;
  /** Of this host; tests give their own. */
  onlineCpus?: () => number[];
}

/** How CPUs are sampled. */
export interface CpuSampling {
  /** Samples a second and CPU. */
  readonly hz: number;
  /** What a sample stands for, ns. */
  readonly periodNs: number;
  /** The same on every CPU, or what they did could not be compared. */
  readonly source: SamplingSource;
  /** CPUs that are sampled now. */
  readonly cpus: readonly number[];
}

export interface CpuSamples {
  rows: RawCpuRow[];
  losses: LossCounts;
}

const LOSS_OF_COUNTER: readonly [counter: number, loss: Loss][] = [
  [COUNTER.LOST_ROW_MAP_FULL, 'cpu-row-map-full'],
  [COUNTER.LOST_STACK_MAP_FULL, 'stack-map-full'],
  [COUNTER.LOST_STACK_ERROR, 'stack-error'],
  [COUNTER.LOST_STACK_TRUNCATED, 'stack-truncated'],
  [COUNTER.LOST_SAMPLE, 'cpu-sample-lost'],
];

interface SampledCpu {
  event: SamplingEvent;
  link: BpfLink;
  /** When it was last found still: see SamplingEvent.readTimes. */
  enabledNs: number;
}

export class CpuCollector implements CpuSampling {
  readonly hz: number;
  readonly periodNs: number;
  readonly source: SamplingSource;
  readonly #object: BpfObject;
  readonly #rows: readonly [BpfMap, BpfMap];
  readonly #rowBuffer = new BatchBuffer();
  readonly #counters: ProbeCounters;
  readonly #onlineCpus: () => number[];
  readonly #cpus = new Map<number, SampledCpu>();
  readonly #runs: RunMeter;
  #before: number[][];
  #generation = 0;
  #isDetached = false;

  private constructor(object: BpfObject, source: SamplingSource, options: CpuCollectorOptions) {
    this.hz = options.hz;
    this.periodNs = toPeriodNs(options.hz);
    this.source = source;
    this.#object = object;
    this.#rows = [object.map('rows_0'), object.map('rows_1')];
    this.#counters = new ProbeCounters(object.map('counters'), COUNTER.COUNTER_COUNT);
    this.#onlineCpus = options.onlineCpus ?? readOnlineCpus;
    this.#runs = new RunMeter([object.program('sample_cpu')]);
    this.#before = this.#counters.byCpu();
  }

  /**
   * Loads the probe; sampling has begun on each CPU that is online when it returns.
   * @throws BpfError when the kernel refuses, Error for a rate or a filter that cannot be met
   */
  static open(options: CpuCollectorOptions): CpuCollector {
    assertHz(options.hz);
    const filter = new TaskFilter(options.filter ?? {}, options.excludeTgids);
    const online = (options.onlineCpus ?? readOnlineCpus)();
    const source = haveCycles(online, options.hz) ? 'cycles' : 'cpu-clock';
    const rows = options.rows ?? rowsFor(online.length, options.hz);
    const object = BpfObject.open(probePath('cpu'), {
      globals: {
        ...filter.globals,
        period_ns: BigInt(source === 'cpu-clock' ? toPeriodNs(options.hz) : 0),
        wall_clock_offset_ns: wallClockOffsetNs(),
      },
      maxEntries: { rows_0: rows, rows_1: rows, ...filter.maxEntries },
      reusedMaps: { stacks: options.stacks },
    });
    try {
      object.load();
      filter.fill(object);
      const collector = new CpuCollector(object, source, options);
      collector.#follow(online);
      return collector;
    } catch (error) {
      object.close();
      throw error;
    }
  }

  get cpus(): number[] {
    return [...this.#cpus.keys()];
  }

  /** Entries that the probe ever put into the map of stacks. */
  get stacksInserted(): number {
    return sum(this.#before[COUNTER.COUNT_STACKS_INSERTED]!);
  }

  /** What its program took since the last call; nothing while the kernel does not count. */
  takeRunTimes(): RunTimes {
    return this.#runs.take();
  }

  /** Samples from now on are of the next window. */
  flip(): void {
    this.#generation = 1 - this.#generation;
    this.#object.setGlobals({
      window_generation: this.#generation,
      wall_clock_offset_ns: wallClockOffsetNs(),
    });
  }

  /** What was counted before the last flip; only once no program can still hold the old window. Follows CPUs, too. */
  drain(windowNs: number): CpuSamples {
    const batch = this.#rows[1 - this.#generation]!.lookupAndDeleteBatch(this.#rowBuffer);
    const counters = this.#counters.byCpu();
    const losses: LossCounts = {};
    for (const [counter, loss] of LOSS_OF_COUNTER) {
      const lost = sum(counters[counter]!) - sum(this.#before[counter]!);
      if (lost > 0) losses[loss] = lost;
    }
    const ticks = counters[COUNTER.COUNT_TICKS]!;
    const still = (cpu: number): boolean => ticks[cpu] === this.#before[COUNTER.COUNT_TICKS]![cpu];
    this.#before = counters;
    if (!this.#isDetached) {
      for (const [cpu, sampled] of this.#cpus) if (still(cpu) && isDead(sampled)) this.#release(cpu);
      const unwatched = this.#follow(this.#onlineCpus());
      // Until now nobody looked at what ran there.
      const most = Math.floor((unwatched * windowNs) / this.periodNs);
      if (most > 0) losses['cpu-sample-lost'] = (losses['cpu-sample-lost'] ?? 0) + most;
    }
    return { rows: readCpuRows(batch.count, batch.keys, batch.values), losses };
  }

  /** Ends the sampling; what was counted since the last flip is there to be drained. */
  detach(): void {
    this.#isDetached = true;
    for (const cpu of [...this.#cpus.keys()]) this.#release(cpu);
  }

  /** Idempotent. */
  close(): void {
    this.detach();
    this.#object.close();
  }

  /** @returns CPUs that were not sampled until now */
  #follow(online: readonly number[]): number {
    for (const cpu of [...this.#cpus.keys()]) if (!online.includes(cpu)) this.#release(cpu);
    let added = 0;
    for (const cpu of online) {
      if (this.#cpus.has(cpu)) continue;
      const event = openEvent(this.source, this.hz, cpu);
      if (event === undefined) continue;
      if (added === 0) this.#object.setGlobals({ cpus_came_ns: process.hrtime.bigint() });
      try {
        const link = this.#object.program('sample_cpu').attachEvent(event);
        this.#cpus.set(cpu, { event, link, enabledNs: 0 });
        added++;
      } catch (error) {
        event.close();
        throw error;
      }
    }
    return added;
  }

  #release(cpu: number): void {
    const sampled = this.#cpus.get(cpu);
    if (sampled === undefined) return;
    this.#cpus.delete(cpu);
    sampled.link.close();
    sampled.event.close();
  }
}

function toEventOptions(source: SamplingSource, hz: number): SamplingOptions {
  return source === 'cpu-clock' ? { source, samplePeriod: toPeriodNs(hz) } : { source, sampleHz: hz };
}

/** undefined when the CPU has gone meanwhile. */
function openEvent(source: SamplingSource, hz: number, cpu: number): SamplingEvent | undefined {
  try {
    return SamplingEvent.open(toEventOptions(source, hz), cpu);
  } catch (error) {
    if (isCpuOffline(error)) return undefined;
    throw error;
  }
}

/** Most virtual machines have none, and of some machines only a part of the CPUs has. */
function haveCycles(cpus: readonly number[], hz: number): boolean {
  try {
    for (const cpu of cpus) openEvent('cycles', hz, cpu)?.close();
    return true;
  } catch (error) {
    if (isUnsupported(error)) return false;
    throw error;
  }
}

/** Has not fired in this window; alive, its time goes on all the same. */
function isDead(sampled: SampledCpu): boolean {
  const { enabledNs } = sampled.event.readTimes();
  const isStill = enabledNs === sampled.enabledNs;
  sampled.enabledNs = enabledNs;
  return isStill;
}

function toPeriodNs(hz: number): number {
  return Math.round(1e9 / hz);
}

/** @throws Error for a rate that is not accepted */
function assertHz(hz: number): void {
  if (Number.isInteger(hz) && hz >= 1 && hz <= MAX_CPU_HZ) return;
  throw new Error(`sampling CPUs at ${hz} Hz: a whole number from 1 to ${MAX_CPU_HZ} is accepted`);
}

function rowsFor(cpus: number, hz: number): number {
  return Math.min(MAX_ROWS, Math.max(MIN_ROWS, cpus * hz * ROWS_FOR_SECONDS));
}

/** Date has whole milliseconds: on average the time is half of one further. */
function wallClockOffsetNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n + 500_000n - process.hrtime.bigint();
}
