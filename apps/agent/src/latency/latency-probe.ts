/**
 * Owns one latency probe on this host: loaded, attached, and what it counted in a window. It has no windows of its own:
 * whoever collects flips it together with the scheduler probe and drains it after the same grace period, so that both
 * tell of one time. Closed, nothing of it is left in the kernel.
 *
 *     open() ─▶ flip() ─▶ grace period ─▶ drain() ─▶ … ─▶ detach() ─▶ drain() ─▶ close()
 */
import { BatchBuffer, type BpfLink, type BpfMap, BpfObject } from '@stallscope/libbpf';
import type { LossCounts } from '@stallscope/profile';
import { ProbeCounters, sum } from '../probe-counters.js';
import { probePath } from '../probe-path.js';
import { TaskFilter, type WhoseFilter } from '../task-filter.js';
import { COUNTER } from './latency-layout.generated.js';
import { type RawLatency, readLatencies } from './latency-records.js';
import type { LatencyFollower, LatencyRoute } from './latency-route.js';

export interface LatencyOptions {
  filter?: WhoseFilter;
  /** Processes left out: those of the tracer itself. */
  excludeTgids: readonly number[];
  /** In place of the route's own, by map. */
  maxEntries?: Readonly<Record<string, number>>;
}

export interface LatencyCounts {
  latencies: RawLatency[];
  losses: LossCounts;
  /** CPU time of its programs since the last drain, ns, and how often they ran; 0 while the kernel does not measure. */
  runNs: number;
  runCount: number;
}

export class LatencyProbe {
  readonly route: LatencyRoute;
  readonly #object: BpfObject;
  readonly #programs: readonly string[];
  readonly #counts: readonly [BpfMap, BpfMap];
  readonly #countBuffer = new BatchBuffer();
  readonly #counters: ProbeCounters;
  readonly #links: BpfLink[] = [];
  #follower: LatencyFollower | undefined;
  /** What it was attached to when it was detached: its last counts are of that. */
  #lastDetail: string | undefined;
  #totals: readonly number[];
  /** Operations counted as lost so far because their start was not seen. */
  #startsMissed = 0;
  #ran = { runNs: 0, runCount: 0, recursions: 0 };
  #generation = 0;

  private constructor(route: LatencyRoute, object: BpfObject, programs: readonly string[]) {
    this.route = route;
    this.#object = object;
    this.#programs = programs;
    this.#counts = [object.map('counts_0'), object.map('counts_1')];
    this.#counters = new ProbeCounters(object.map('counters'), COUNTER.COUNTER_COUNT);
    this.#totals = this.#counters.totals();
  }

  /**
   * Loads the probe; it counts when it returns.
   * @throws BpfError when the kernel refuses, Error for a filter that cannot be met
   */
  static open(route: LatencyRoute, options: LatencyOptions): LatencyProbe {
    const filter = new TaskFilter(options.filter ?? {}, options.excludeTgids);
    const { begins, ends, followed = [] } = route.programs();
    const wanted = [...begins, ...ends, ...followed];
    const object = BpfObject.open(probePath(route.name), {
      globals: filter.globals,
      maxEntries: { ...route.maxEntries, ...options.maxEntries, ...filter.maxEntries },
    });
    let probe: LatencyProbe | undefined;
    try {
      object.keepOnly(wanted);
      if (followed.length > 0) object.setUprobesByLink(followed);
      object.load();
      filter.fill(object);
      probe = new LatencyProbe(route, object, wanted);
      probe.#attach(begins, ends);
      return probe;
    } catch (error) {
      if (probe === undefined) object.close();
      else probe.close();
      throw error;
    }
  }

  /** What it is attached to now; undefined where that is what its route says. */
  get detail(): string | undefined {
    return this.#follower?.detail() ?? this.#lastDetail;
  }

  /** Operations that end from now on are of the next window. */
  flip(): void {
    this.#generation = 1 - this.#generation;
    this.#object.setGlobals({ window_generation: this.#generation });
  }

  /** What was counted before the last flip; only once no program can still hold the old window. */
  drain(): LatencyCounts {
    const batch = this.#counts[1 - this.#generation]!.lookupAndDeleteBatch(this.#countBuffer);
    const latencies = readLatencies(batch.count, batch.keys, batch.values);
    const losses = this.#losses();
    const before = this.#ran;
    this.#ran = this.#readRuns();
    const recursions = this.#ran.recursions - before.recursions;
    if (recursions > 0) losses['latency-recursion'] = recursions;
    this.#follower?.look();
    return {
      latencies,
      losses,
      // A program that let go of what it was attached to, and was loaded anew, begins again.
      runNs: Math.max(0, this.#ran.runNs - before.runNs),
      runCount: Math.max(0, this.#ran.runCount - before.runCount),
    };
  }

  /** Ends the counting; what was counted since the last flip is there to be drained after the next. Idempotent. */
  detach(): void {
    this.#lastDetail = this.detail;
    this.#follower?.close();
    this.#follower = undefined;
    // Ends first, for the reason they attach last.
    for (const link of this.#links.splice(0).reverse()) link.close();
  }

  /** Idempotent. */
  close(): void {
    this.detach();
    this.#object.close();
  }

  #attach(begins: readonly string[], ends: readonly string[]): void {
    for (const name of begins) this.#links.push(this.#object.program(name).attach());
    if (this.#object.globalNames.includes('attached_ns')) {
      this.#object.setGlobals({ attached_ns: process.hrtime.bigint() });
    }
    for (const name of ends) this.#links.push(this.#object.program(name).attach());
    this.#follower = this.route.follow?.(this.#object);
  }

  #losses(): LossCounts {
    const before = this.#totals;
    const totals = this.#counters.totals();
    this.#totals = totals;
    const losses: LossCounts = {};
    const { countsFull, startMissed, inFlightFull, endMissed } = this.route.losses;
    const lost = (counter: number): number => totals[counter]! - before[counter]!;
    if (lost(COUNTER.LOST_COUNTS_FULL) > 0) losses[countsFull] = lost(COUNTER.LOST_COUNTS_FULL);
    if (lost(COUNTER.LOST_IN_FLIGHT_FULL) > 0) losses[inFlightFull] = lost(COUNTER.LOST_IN_FLIGHT_FULL);
    if (endMissed !== undefined && lost(COUNTER.LOST_END_MISSED) > 0)
      losses[endMissed] = lost(COUNTER.LOST_END_MISSED);
    // An operation that found no room when it began is met again when it ends: it is one loss, not two.
    const missed = totals[COUNTER.LOST_START_MISSED]! - totals[COUNTER.LOST_IN_FLIGHT_FULL]!;
    if (startMissed !== undefined && missed > this.#startsMissed) {
      losses[startMissed] = missed - this.#startsMissed;
      this.#startsMissed = missed;
    }
    return losses;
  }

  #readRuns(): { runNs: number; runCount: number; recursions: number } {
    const infos = this.#programs.map((name) => this.#object.program(name).info());
    return {
      runNs: sum(infos.map(({ runTimeNs }) => runTimeNs)),
      runCount: sum(infos.map(({ runCount }) => runCount)),
      recursions: sum(infos.map(({ recursionMisses }) => recursionMisses)),
    };
  }
}
