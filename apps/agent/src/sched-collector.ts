/**
 * Owns the probes on this host: loads them, flips their windows, and makes each into a `ProfileWindow`. The scheduler
 * probe is always there; all else beside it where it is asked for (`setCollected`), flipped at the same instant.
 *
 * A window ends like this, and no update is lost between two of them:
 *
 *     say when the next began ─▶ wait for a grace period ─▶ drain threads (iterator), rows, exited, counters of the old one
 *       (later events go to       (no program still writes
 *        the other set of maps)    the old one)
 *
 * Invariant: `tables` only grows between two windows; when it has grown past its bound it is replaced as a whole at the
 * start of a `collect`, so ids of a window belong to the `tables` read right after it.
 */

import {
  BatchBuffer,
  type BpfError,
  type BpfLink,
  type BpfMap,
  BpfObject,
  type GlobalValues,
  readIter,
  tracepointArgumentCount,
} from '@stallscope/libbpf';
import {
  appendProbe,
  appendRow,
  emptyWindow,
  KINDS,
  type Kind,
  type Loss,
  type LossCounts,
  PROBE_STATES,
  type ProbeState,
  ProfileTables,
  type ProfileWindow,
  STATES,
  type State,
} from '@stallscope/profile';
import type { Capability, Collectible } from '@stallscope/protocol';
import type { InlineSummary, SourceOfFunction } from '@stallscope/symbols';
import { VITAL_GROUPS } from '@stallscope/vitals';
import { CpuCollector, type CpuSampling } from './cpu-collector.js';
import { CpuOnDemand, type CpuWindow } from './cpu-on-demand.js';
import { appendCpuRows } from './cpu-rows.js';
import { findDirectMap, readPhysicalMemory } from './direct-map.js';
import type { GovernedState } from './governing-log.js';
import { Governor, MAX_TAU_NS } from './governor.js';
import { HostFrameNames } from './host-frame-names.js';
import { HostProcesses } from './host-processes.js';
import { KernelMaps } from './kernel-maps.js';
import { appendLatencies } from './latency/latency-columns.js';
import { LatencyProbes, type LatencyReport, latencyRoutes } from './latency/latency-probes.js';
import { appendLengths } from './length-columns.js';
import { DEFAULT_MAP_SIZES, type MapSizes } from './map-sizes.js';
import { HOST_PACKET_FILES, PacketSteering } from './packet-steering.js';
import { ProbeCounters } from './probe-counters.js';
import { probePath } from './probe-path.js';
import {
  type AskForRunTimes,
  RunMeter,
  RunStatistics,
  type RunTimes,
  runTimesRefusal,
} from './run-statistics.js';
import { COUNTER } from './sched-layout.generated.js';
import { type RawThread, readLengths, readRows, readThreads } from './sched-records.js';
import { StackResolver } from './stack-resolver.js';
import { TaskFilter, type WhoseFilter } from './task-filter.js';
import { appendOpenWaits, appendThreads } from './thread-columns.js';
import { appendVitals } from './vitals/vital-columns.js';
import { VitalsReader } from './vitals/vitals-reader.js';
import type { CommandLineMode } from './who/command-line.js';
import { WindowClock } from './window-clock.js';

export interface CollectorFilter extends WhoseFilter {
  kinds?: readonly Kind[];
  /** States of blocked waits. */
  states?: readonly State[];
  /** Shorter waits of any kind are not counted. */
  minIntervalNs?: number;
}

export interface CollectorOptions {
  /** Sampling threshold, ns; 0 is exact. */
  tauNs: number;
  filter?: CollectorFilter;
  /** Processes left out: those of the tracer itself. At most 4; by default this one. */
  excludeTgids?: readonly number[];
  /** False when no view asks who woke whom: cheaper. */
  collectWakers?: boolean;
  /** False when no view asks who woke the wakers: then only the wakes of tasks that match the filter are captured. */
  collectChains?: boolean;
  mapSizes?: Partial<MapSizes>;
  /** Hold the probe and the agent within their budgets by raising tau. Off for a recording, which is to be what was asked for. */
  governed?: boolean;
  /** Samples a second and CPU of what runs there, where that is asked for; absent or 0: none. */
  cpuHz?: number;
  /** What is collected from the first window on; by default CPUs where `cpuHz` says so. */
  collected?: ReadonlySet<Collectible>;
  /** Has the kernel count how long programs run; by default this process asks it. */
  askForRunTimes?: AskForRunTimes;
  /** What of command lines is kept; 'redacted' where nothing is said. */
  commandLine?: CommandLineMode;
  /** False: JVMs are not asked for the names of what they compile. */
  asksJava?: boolean;
  /** True: functions that were inlined have frames of their own, where there is debug information. Windows wait for it. */
  showsInlined?: boolean;
  /** Where the kernel refuses to sample CPUs, go on without: see `cpuRefusal`. */
  cpuIsOptional?: boolean;
  /** Wakers a chain, 1 to 16. */
  maxChainLinks?: number;
  /** Walk every user stack as its task leaves the CPU, as is done where sleepers cannot be read: dearer, same result. */
  walkAtSwitchOut?: boolean;
  /** For tests: each stack is taken in the dear way too, see `stackChecks`. */
  checkStacks?: boolean;
}

/** Beyond these the dictionary starts anew: about 30 MB of tables, and half a minute of a host that starts ten browsers a second. The protocol allows more. */
const MAX_STACKS = 50_000;
const MAX_CHAINS = 20_000;
const MAX_STRINGS = 50_000;
/** One pass of the thread iterator: 110,000 threads. */
const MAX_THREAD_BYTES = 64 << 20;

const LOSS_OF_COUNTER: readonly [counter: number, loss: Loss][] = [
  [COUNTER.LOST_TASK_STORAGE_REFUSED, 'task-storage-refused'],
  [COUNTER.LOST_ROW_MAP_FULL, 'row-map-full'],
  [COUNTER.LOST_STACK_MAP_FULL, 'stack-map-full'],
  [COUNTER.LOST_LINK_MAP_FULL, 'link-map-full'],
  [COUNTER.LOST_CHAIN_MAP_FULL, 'chain-map-full'],
  [COUNTER.LOST_EXITED_MAP_FULL, 'exited-map-full'],
  [COUNTER.LOST_STACK_ERROR, 'stack-error'],
  [COUNTER.LOST_STACK_TRUNCATED, 'stack-truncated'],
  [COUNTER.LOST_WAKE_MISSED, 'wake-missed'],
  [COUNTER.LOST_SWITCH_MISSED, 'switch-missed'],
  [COUNTER.LOST_STACK_PAGED_OUT, 'stack-paged-out'],
  [COUNTER.LOST_LENGTHS_FULL, 'lengths-counts-full'],
];

/** Programs in the order they attach: wakes before switches, or a task could be seen to block and never to wake. */
const WAKE_PROGRAMS = ['sched_waking', 'sched_wakeup_new'] as const;

export class SchedCollector {
  /** User stacks are read of sleeping tasks whose wait was selected; false: walked at each switch-out. */
  readonly readsSleepers: boolean;
  readonly #object: BpfObject;
  readonly #names: HostFrameNames;
  readonly #processes: HostProcesses;
  readonly #steering: PacketSteering;
  readonly #kernel: KernelMaps;
  readonly #rows: readonly [BpfMap, BpfMap];
  readonly #exited: readonly [BpfMap, BpfMap];
  readonly #counters: ProbeCounters;
  readonly #gracePeriod: BpfMap;
  readonly #graceInner: BpfMap;
  readonly #iterator: BpfLink;
  readonly #switchProgram: string;
  readonly #rowBuffer = new BatchBuffer();
  readonly #exitedBuffer = new BatchBuffer();
  readonly #governor: Governor | undefined;
  readonly #latency: LatencyProbes;
  readonly #tracingStartedNs: number;
  readonly #cpu: CpuOnDemand;
  /** Samples a second and CPU where that is asked for; 0: CPUs are never sampled. */
  readonly cpuHz: number;
  readonly #lengths: readonly [BpfMap, BpfMap];
  readonly #lengthBuffer = new BatchBuffer();
  /** By generation: whether the window that it is, or was last, has fine lengths. */
  readonly #lengthsAreFine: [boolean, boolean] = [false, false];
  readonly #runs: RunMeter;
  readonly #processRuns: RunMeter;
  readonly #statistics: RunStatistics;
  /** Somebody else asks the kernel to count, who may. */
  readonly #isCountingAskedElsewhere: boolean;
  readonly #vitals = new VitalsReader();
  #collected: ReadonlySet<Collectible>;
  readonly #clock: WindowClock;
  #tracepoints: BpfLink[] = [];
  #tables = new ProfileTables();
  #resolver: StackResolver;
  #generation = 0;
  #tauNs: number;
  #sequence = 0;
  #windowStartedNs: number;
  #countersBefore: number[];
  #recursionBefore = 0;
  #cpuBefore = process.cpuUsage();
  #busy: Promise<unknown> = Promise.resolve();
  #isRenewalAsked = false;
  #closed = false;

  private constructor(
    object: BpfObject,
    names: HostFrameNames,
    processes: HostProcesses,
    steering: PacketSteering,
    switchProgram: string,
    readsSleepers: boolean,
    options: CollectorOptions,
  ) {
    this.readsSleepers = readsSleepers;
    this.#object = object;
    this.#switchProgram = switchProgram;
    this.#names = names;
    this.#processes = processes;
    this.#steering = steering;
    this.#kernel = new KernelMaps(object.map('stacks'), object.map('links'), object.map('chains'));
    this.#resolver = new StackResolver(this.#tables, this.#kernel, this.#names);
    this.#rows = [object.map('rows_0'), object.map('rows_1')];
    this.#exited = [object.map('exited_threads_0'), object.map('exited_threads_1')];
    this.#lengths = [object.map('lengths_0'), object.map('lengths_1')];
    this.cpuHz = options.cpuHz ?? 0;
    this.#cpu = new CpuOnDemand(() => this.#openCpus(options));
    this.#statistics = new RunStatistics(options.askForRunTimes);
    this.#isCountingAskedElsewhere = options.askForRunTimes !== undefined;
    this.#collected = options.collected ?? new Set<Collectible>(this.cpuHz > 0 ? ['cpu'] : []);
    this.#lengthsAreFine[0] = this.#collected.has('lengths');
    object.setGlobals({ fine_lengths_0: this.#lengthsAreFine[0] });
    this.#runs = new RunMeter(
      [...WAKE_PROGRAMS, switchProgram, 'drain_threads'].map((name) => object.program(name)),
    );
    this.#processRuns = new RunMeter(processes.programs);
    this.#counters = new ProbeCounters(object.map('counters'), COUNTER.COUNTER_COUNT);
    this.#gracePeriod = object.map('grace_period');
    this.#graceInner = object.createInnerMap('grace_period', 'grace_inner');
    this.#tauNs = options.tauNs;
    this.#governor = options.governed ? new Governor(options.tauNs) : undefined;
    this.#latency = new LatencyProbes(
      {
        ...(options.filter && { filter: options.filter }),
        excludeTgids: options.excludeTgids ?? [process.pid],
      },
      latencyRoutes(processes),
    );
    this.#iterator = object.program('drain_threads').attachIter();
    // Before anything can be lost.
    this.#countersBefore = this.#counters.totals();
    for (const name of [...WAKE_PROGRAMS, switchProgram])
      this.#tracepoints.push(object.program(name).attach());
    this.#tracingStartedNs = monotonicNs();
    this.#object.setGlobals({ window_started_ns_0: BigInt(this.#tracingStartedNs) });
    this.#windowStartedNs = this.#tracingStartedNs;
    this.#clock = new WindowClock(this.#tracingStartedNs, Date.now());
  }

  /**
   * Loads and attaches the probe; tracing has begun when it resolves.
   * @throws BpfError when the kernel refuses, Error for a filter that cannot be met
   */
  static async open(options: CollectorOptions): Promise<SchedCollector> {
    assertTau(options.tauNs);
    const filter = options.filter ?? {};
    const sizes = { ...DEFAULT_MAP_SIZES, ...options.mapSizes };
    const hasPrevState = (tracepointArgumentCount('sched_switch') ?? 0) >= 4;
    const switchProgram = hasPrevState ? 'sched_switch' : 'sched_switch_before_5_18';
    const taskFilter = new TaskFilter(filter, options.excludeTgids ?? [process.pid]);
    const processes = new HostProcesses(options.commandLine ?? 'redacted');
    const names = new HostFrameNames(processes, options.asksJava ?? true, options.showsInlined ?? false);
    const memory = readPhysicalMemory();
    const steering = new PacketSteering(HOST_PACKET_FILES, Date.now());
    const object = BpfObject.open(probePath('sched'), {
      globals: {
        ...taskFilter.globals,
        ...waitGlobals(filter),
        ...names.entryRangeGlobals(),
        collect_wakers: options.collectWakers ?? true,
        collect_chains: options.collectChains ?? true,
        max_chain_links: options.maxChainLinks ?? 16,
        tau_ns: BigInt(options.tauNs),
        physical_end: memory.end,
        physical_mask: memory.mask,
        checks_stacks: options.checkStacks ?? false,
        packets_are_steered: steering.isSteered,
      },
      maxEntries: {
        rows_0: sizes.rows,
        rows_1: sizes.rows,
        stacks: sizes.stacks,
        links: sizes.links,
        chains: sizes.chains,
        exited_threads_0: sizes.exitedThreads,
        exited_threads_1: sizes.exitedThreads,
        lengths_0: sizes.lengths,
        lengths_1: sizes.lengths,
        ...taskFilter.maxEntries,
      },
      autoload: {
        sched_switch: hasPrevState,
        sched_switch_before_5_18: !hasPrevState,
      },
    });
    try {
      object.load();
      taskFilter.fill(object);
      processes.start();
      const readsSleepers = !(options.walkAtSwitchOut ?? false) && findDirectMap(object, memory);
      const collector = new SchedCollector(
        object,
        names,
        processes,
        steering,
        switchProgram,
        readsSleepers,
        options,
      );
      collector.#begin(options.cpuIsOptional ?? false);
      return collector;
    } catch (error) {
      object.close();
      names.close();
      processes.close();
      throw error;
    }
  }

  /** What is asked for from the first window on. */
  #begin(cpuIsOptional: boolean): void {
    this.#statistics.setWanted(this.#collected.has('costs'));
    this.#setVitals();
    this.#latency.begin(this.#collected);
    if (!this.#collected.has('cpu') || this.cpuHz === 0) return;
    if (cpuIsOptional) {
      this.#cpu.setWanted(true);
      this.#cpu.prepare();
    } else this.#cpu.openNow();
  }

  #openCpus(options: CollectorOptions): CpuCollector {
    return CpuCollector.open({
      hz: this.cpuHz,
      ...(options.filter && { filter: options.filter }),
      excludeTgids: options.excludeTgids ?? [process.pid],
      stacks: this.stacks,
      ...(options.mapSizes?.cpuRows !== undefined && { rows: options.mapSizes.cpuRows }),
    });
  }

  /** Why CPUs are not sampled though it was asked for. */
  get cpuRefusal(): BpfError | undefined {
    return this.#cpu.refusal;
  }

  /** Stacks by their content hash: probes beside this one put theirs into it. */
  get stacks(): BpfMap {
    return this.#object.map('stacks');
  }

  /** How CPUs are sampled; undefined where they are not. */
  get cpuSampling(): CpuSampling | undefined {
    return this.#cpu.probe;
  }

  /** What is collected from the next window on. What nobody asks for has no program in the kernel. */
  setCollected(wants: ReadonlySet<Collectible>): void {
    this.#collected = wants;
  }

  /** Why the kernel cannot be asked how long programs run; undefined when it can. */
  runTimesRefusal(): string | undefined {
    return this.#isCountingAskedElsewhere ? undefined : runTimesRefusal();
  }

  /** Which latency probes this host can attach. */
  latencyCapabilities(): readonly Capability[] {
    return this.#latency.capabilities();
  }

  /** What this host tells of its state: each group is read once to find out. */
  vitalCapabilities(): Capability[] {
    const trial = new VitalsReader();
    try {
      trial.setGroups(new Set(VITAL_GROUPS), monotonicNs());
      return trial.read(monotonicNs()).groups.map(({ name, state, detail }) => ({
        name,
        status: state === 'refused' ? 'missing' : detail === '' ? 'ok' : 'degraded',
        detail: detail || 'read from /proc and /sys about once a second',
      }));
    } finally {
      trial.close();
    }
  }

  /** The tables that the last window's ids point into. */
  get tables(): ProfileTables {
    return this.#tables;
  }

  get tauNs(): number {
    return this.#tauNs;
  }

  /** Why processes are not followed from their first instant; undefined when they are. */
  get processRefusal(): string | undefined {
    return this.#processes.refusal;
  }

  /** How tau stands; the same as `tauNs` where nothing governs it. */
  get governed(): GovernedState {
    const { askedTauNs = this.#tauNs, cause } = this.#governor ?? {};
    return { tauNs: this.#tauNs, askedTauNs, cause };
  }

  /** Since tracing began, with `checkStacks`: stacks taken in the cheap way, and those for which the dear one differed. */
  get stackChecks(): { checked: number; different: number } {
    const counters = this.#counters.totals();
    return {
      checked: counters[COUNTER.COUNT_STACKS_CHECKED]!,
      different: counters[COUNTER.COUNT_STACKS_DIFFERENT]!,
    };
  }

  /** Takes effect for intervals that end from now on. @param tauNs 0 for exact */
  setTau(tauNs: number): void {
    assertTau(tauNs);
    this.#tauNs = tauNs;
    this.#object.setGlobals({ tau_ns: BigInt(tauNs) });
  }

  /** Makes the next window start with empty tables. */
  renewTables(): void {
    this.#isRenewalAsked = true;
  }

  /** Ends the window and starts the next. Calls queue: one window at a time. */
  collect(): Promise<ProfileWindow> {
    const next = this.#busy.then(() => this.#collect());
    this.#busy = next.catch(() => undefined);
    return next;
  }

  /** Collects the last window and stops tracing. Waits that are still going on are in its `openWaits` only. */
  finish(): Promise<ProfileWindow> {
    const last = this.#busy.then(() => this.#collect(true));
    this.#busy = last.catch(() => undefined);
    return last;
  }

  /** What is known of inlined functions; undefined where they were not asked for. */
  get inlines(): InlineSummary | undefined {
    return this.#names.inlines?.summary;
  }

  sourceOf(name: string, module: string): Promise<SourceOfFunction> {
    return this.#names.sourceOf(name, module);
  }

  /** Detaches and frees everything. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#graceInner.close();
    // Before the map of stacks, which it shares.
    this.#cpu.close();
    this.#latency.close();
    this.#statistics.close();
    this.#object.close();
    this.#names.close();
    this.#processes.close();
    this.#vitals.close();
  }

  async #collect(isLast = false): Promise<ProfileWindow> {
    if (this.#closed) throw new Error('collecting a window: the collector is closed');
    this.#renewTablesWhenFull();
    const old = this.#generation;
    this.#generation = 1 - old;
    this.#prepare();
    const endNs = monotonicNs();
    this.#object.setGlobals({
      [`window_started_ns_${this.#generation}`]: BigInt(endNs),
      drain_generation: old,
    });
    this.#cpu.flip();
    this.#latency.flip();
    const ends = this.#clock.endWindow(endNs, Date.now());
    if (this.#steering.look(ends.endMs)) {
      this.#object.setGlobals({ packets_are_steered: this.#steering.isSteered });
    }
    await this.#gracePeriod.updateAsync(0, this.#graceInner);

    const iterated = readIter(this.#iterator, { maxBytes: MAX_THREAD_BYTES });
    const exited = this.#exited[old]!.lookupAndDeleteBatch(this.#exitedBuffer);
    const threads = readThreads(iterated.bytes).concat(readThreads(exited.values));
    if (isLast) {
      threads.push(...this.#detach(old));
      this.#cpu.detach();
      this.#latency.detach();
    }
    const batch = this.#rows[old]!.lookupAndDeleteBatch(this.#rowBuffer);
    const counters = this.#counters.totals();
    const lengthsAreFine = this.#lengthsAreFine[old]!;
    const lengths = lengthsAreFine ? this.#lengths[old]!.lookupAndDeleteBatch(this.#lengthBuffer) : undefined;
    const cpu = this.#cpu.drain(endNs - this.#windowStartedNs);
    const samples = cpu?.samples;
    const latency = this.#latency.drain();
    let losses = addLosses(this.#losses(counters), latency.losses);
    if (samples !== undefined) losses = addLosses(losses, samples.losses);
    // Threads that a cut pass did not reach keep what they counted for a later window, but their waits are not shown.
    if (iterated.truncated) losses['open-waits-cut'] = 1;

    this.#processes.beginWindow();
    const window = emptyWindow({
      sequence: this.#sequence++,
      ...ends,
      tauNs: this.#tauNs,
      governed: this.#governor?.isGoverning ?? false,
      cpuPeriodNs: cpu?.periodNs ?? 0,
      lengthsAreFine,
    });
    this.#resolver.beginWindow();
    const rows = readRows(batch.count, batch.keys, batch.values);
    if (await this.#names.runtimes.prepare([rows, samples?.rows ?? []], this.#resolver)) {
      this.#resolver.beginWindow();
    }
    if (this.#names.inlines !== undefined) {
      const open = threads.flatMap(({ tgid, openWait }) => (openWait ? [{ ...openWait, tgid }] : []));
      const seen = [...rows, ...(samples?.rows ?? []), ...open];
      await this.#names.inlines.learn(this.#resolver.newUserAddresses(seen));
      this.#resolver.beginWindow();
    }
    this.#appendRows(window, rows);
    if (samples !== undefined) appendCpuRows(window, this.#tables, this.#resolver, samples.rows);
    if (lengths !== undefined) appendLengths(window, this.#tables, readLengths(lengths));
    this.#appendProbes(window, cpu, latency.reports);
    const unlisted = appendThreads(window, this.#tables, threads, this.#windowStartedNs);
    const unshown = appendOpenWaits(window, this.#tables, this.#resolver, threads, {
      nowNs: endNs,
      tracingStartedNs: this.#tracingStartedNs,
    });
    const cut = unlisted + unshown;
    if (cut > 0) losses['open-waits-cut'] = (losses['open-waits-cut'] ?? 0) + cut;
    window.losses = addLosses(losses, this.#resolver.takeLosses());
    this.#processes.append(window, this.#tables, threads);
    this.#names.runtimes.appendHints(window, this.#tables);
    appendVitals(window, this.#tables, this.#vitals.read(monotonicNs()));
    this.#resolver.forgetPredecessor();
    this.#kernel.clearNearlyFull({
      stacks: counters[COUNTER.COUNT_STACKS_INSERTED]! + this.#cpu.stacksInserted,
      links: counters[COUNTER.COUNT_LINKS_INSERTED]!,
      chains: counters[COUNTER.COUNT_CHAINS_INSERTED]!,
    });
    const usage = process.cpuUsage();
    window.agentCpuNs = (usage.user - this.#cpuBefore.user + usage.system - this.#cpuBefore.system) * 1000;
    this.#cpuBefore = usage;
    window.agentRssBytes = process.memoryUsage.rss();
    this.#govern(counters, window.agentCpuNs, (endNs - this.#windowStartedNs) / 1e9);
    this.#windowStartedNs = endNs;
    this.#countersBefore = counters;
    return window;
  }

  /** Just before a window ends: what has come to be asked for is there for all of the next. */
  #prepare(): void {
    const wants = this.#collected;
    this.#statistics.setWanted(wants.has('costs'));
    const isFine = wants.has('lengths');
    this.#lengthsAreFine[this.#generation] = isFine;
    this.#object.setGlobals({ [`fine_lengths_${this.#generation}`]: isFine });
    this.#cpu.setWanted(wants.has('cpu') && this.cpuHz > 0);
    this.#cpu.prepare();
    this.#latency.setCollected(wants);
    this.#latency.prepare();
    this.#setVitals();
  }

  #setVitals(): void {
    this.#vitals.setGroups(new Set(VITAL_GROUPS.filter((name) => this.#collected.has(name))), monotonicNs());
  }

  /** What collected in the window, with what it cost where the kernel counted. */
  #appendProbes(
    window: ProfileWindow,
    cpu: CpuWindow | undefined,
    latencies: readonly LatencyReport[],
  ): void {
    const ran = this.#runs.take();
    const isMeasured = this.#statistics.endWindow(ran);
    const append = (name: string, state: ProbeState, detail: string, times: RunTimes | undefined): void => {
      appendProbe(window.probes, {
        name: this.#tables.internString(name),
        state: PROBE_STATES.indexOf(state),
        detail: this.#tables.internString(detail),
        ...(isMeasured && times && { isMeasured: 1, runNs: times.runNs, runCount: times.runCount }),
      });
    };
    append('sched', 'on', this.#statistics.refusal ?? '', ran);
    const { refusal } = this.#processes;
    append('process', refusal === undefined ? 'on' : 'refused', refusal ?? '', this.#processRuns.take());
    if (cpu !== undefined) append('cpu', cpu.state, cpu.detail, cpu);
    // Counted by the scheduler probe's programs: what it adds cannot be told from what they cost without.
    if (window.lengthsAreFine)
      append('lengths', 'on', 'counted by the scheduler probe, in its cost', undefined);
    else if (this.#lengthsAreFine[this.#generation]) append('lengths', 'starting', '', undefined);
    appendLatencies(window, this.#tables, latencies, isMeasured);
  }

  /**
   * Only after the pass over all threads: one that exits while nobody looks takes along what it counted. One that was reaped
   * already, and so not on the pass's way, but had not yet come to its last switch, is in the map of the exited since.
   * @returns those
   */
  #detach(generation: number): RawThread[] {
    // Switches first, for the reason they attach last.
    for (const link of this.#tracepoints.reverse()) link.close();
    return readThreads(this.#exited[generation]!.lookupAndDeleteBatch(new BatchBuffer()).values);
  }

  #appendRows(window: ProfileWindow, rows: ReturnType<typeof readRows>): void {
    for (const row of rows) {
      appendRow(window.rows, {
        tgid: row.tgid,
        tid: row.tid,
        comm: this.#tables.internString(row.comm),
        cgroup: row.cgroup,
        kind: row.kind,
        state: row.state,
        userStack: this.#resolver.userStack(row.tgid, row.userStack),
        kernelStack: this.#resolver.kernelStack(row.kernelStack),
        chain: this.#resolver.chain(row.chain),
        bucket: row.bucket,
        quarter: row.quarter,
        captures: row.captures,
        estimatedCount: row.count,
        estimatedNs: row.ns,
        varianceNs2: row.varianceNs2,
      });
    }
  }

  #govern(counters: readonly number[], agentCpuNs: number, seconds: number): void {
    if (this.#governor === undefined) return;
    const captures = counters[COUNTER.COUNT_CAPTURES]! - this.#countersBefore[COUNTER.COUNT_CAPTURES]!;
    const tauNs = this.#governor.next({ captures, agentCpuNs, seconds });
    if (tauNs !== this.#tauNs) this.setTau(tauNs);
  }

  #losses(counters: readonly number[]): LossCounts {
    const losses: LossCounts = {};
    for (const [counter, loss] of LOSS_OF_COUNTER) {
      const lost = counters[counter]! - this.#countersBefore[counter]!;
      if (lost > 0) losses[loss] = lost;
    }
    let recursion = 0;
    for (const name of [...WAKE_PROGRAMS, this.#switchProgram]) {
      recursion += this.#object.program(name).info().recursionMisses;
    }
    if (recursion > this.#recursionBefore) losses['program-recursion'] = recursion - this.#recursionBefore;
    this.#recursionBefore = recursion;
    return losses;
  }

  #renewTablesWhenFull(): void {
    const { stackCount, chains, strings } = this.#tables;
    const isFull = stackCount >= MAX_STACKS || chains.length >= MAX_CHAINS || strings.length >= MAX_STRINGS;
    if (!isFull && !this.#isRenewalAsked) return;
    this.#isRenewalAsked = false;
    this.#tables = new ProfileTables();
    this.#resolver = new StackResolver(this.#tables, this.#kernel, this.#names, this.#resolver);
  }
}

function monotonicNs(): number {
  return Number(process.hrtime.bigint());
}

function assertTau(tauNs: number): void {
  if (!Number.isSafeInteger(tauNs) || tauNs < 0 || tauNs > MAX_TAU_NS) {
    throw new Error(`tau ${tauNs} ns: a whole number from 0 (exact) to 100,000,000 (100 ms) is accepted`);
  }
}

/** What the scheduler probe alone filters by. */
function waitGlobals(filter: CollectorFilter): GlobalValues {
  const globals: GlobalValues = { min_interval_ns: BigInt(filter.minIntervalNs ?? 0) };
  if (filter.kinds !== undefined) globals.kinds_mask = mask(filter.kinds.map((kind) => KINDS.indexOf(kind)));
  if (filter.states !== undefined)
    globals.states_mask = mask(filter.states.map((state) => STATES.indexOf(state)));
  return globals;
}

function mask(bits: readonly number[]): number {
  return bits.reduce((all, bit) => all | (1 << bit), 0) >>> 0;
}

function addLosses(a: LossCounts, b: LossCounts): LossCounts {
  const sum: LossCounts = { ...a };
  for (const [loss, count] of Object.entries(b) as [Loss, number][]) sum[loss] = (sum[loss] ?? 0) + count;
  return sum;
}
