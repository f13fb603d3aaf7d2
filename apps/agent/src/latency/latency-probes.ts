/**
 * Owns the latency probes of this host together: which are asked for, which are on, and what all of them counted in a
 * window. A probe that nobody asks for is not in the kernel at all.
 *
 *     setCollected(wants)      at any time; takes effect with the end of the running window
 *     prepare() ─▶ flip() ─▶ grace period ─▶ drain()
 *        attaches     detaches what        counts of the window,
 *        what is new  is no longer asked   and what was on in it
 *
 * Calls come in that order, one window at a time. A probe that the kernel refuses stays refused until it is asked for
 * anew; the others go on.
 */
import type { LatencyProbe as LatencyProbeName } from '@stallscope/latency';
import type { LossCounts, ProbeState } from '@stallscope/profile';
import { BLOCK_ROUTE } from './block-route.js';
import { toDnsRoute } from './dns-route.js';
import { EXT4_ROUTE } from './ext4-route.js';
import { FUTEX_ROUTE } from './futex-route.js';
import { type LatencyOptions, LatencyProbe } from './latency-probe.js';
import type { RawLatency } from './latency-records.js';
import type { LatencyRoute, RouteVerdict } from './latency-route.js';
import { SYSCALLS_ROUTE } from './syscalls-route.js';
import { TCP_ROUTE } from './tcp-route.js';
import type { MappedCode } from './used-libcs.js';

/** Those that this file attaches; lengths are the scheduler probe's own. */
export function latencyRoutes(mapped: MappedCode): readonly LatencyRoute[] {
  return [BLOCK_ROUTE, EXT4_ROUTE, SYSCALLS_ROUTE, TCP_ROUTE, toDnsRoute(mapped), FUTEX_ROUTE];
}

/** Where nobody tells of mappings: all processes are asked, again and again. */
const UNTOLD: MappedCode = { watchMapped: () => undefined };

/** A probe as it was in a window. */
export interface LatencyReport {
  name: LatencyProbeName;
  state: ProbeState;
  /** Why it is refused, or what it does not see; '' where there is nothing to say. */
  detail: string;
  /** CPU time of its programs in the window, ns, and how often they ran; 0 while the kernel does not measure. */
  runNs: number;
  runCount: number;
  latencies: readonly RawLatency[];
  /** Absent where it is refused. */
  route: LatencyRoute;
}

export interface DrainedLatencies {
  /** In the order of LATENCY_PROBES. */
  reports: LatencyReport[];
  losses: LossCounts;
}

export interface LatencyCapability extends RouteVerdict {
  name: LatencyProbeName;
}

type Slot =
  | { state: 'on' | 'starting' | 'leaving'; probe: LatencyProbe; detail: string }
  | { state: 'refused'; detail: string };

/** What this host can of all of them; loads nothing that stays. @throws BpfError when libbpf is not there */
export function assessLatencyProbes(): readonly LatencyCapability[] {
  return latencyRoutes(UNTOLD).map((route) => ({ name: route.name, ...route.assess() }));
}

export class LatencyProbes {
  readonly #options: LatencyOptions;
  readonly #routes: readonly LatencyRoute[];
  readonly #slots = new Map<LatencyRoute, Slot>();
  #wants: ReadonlySet<string> = new Set();
  #verdicts: readonly LatencyCapability[] | undefined;

  constructor(options: LatencyOptions, routes: readonly LatencyRoute[] = latencyRoutes(UNTOLD)) {
    this.#options = options;
    this.#routes = routes;
  }

  /** What is asked for from the next window on; names that are no latency probe's are passed over. */
  setCollected(wants: ReadonlySet<string>): void {
    this.#wants = wants;
  }

  /** What of it this host can; asked of the kernel once. */
  capabilities(): readonly LatencyCapability[] {
    this.#verdicts ??= this.#routes.map((route) => ({ name: route.name, ...route.assess() }));
    return this.#verdicts;
  }

  /** As tracing begins: the first window has all of what is asked for so. */
  begin(wants: ReadonlySet<string>): void {
    this.setCollected(wants);
    this.prepare();
    for (const [route, slot] of this.#slots) {
      if (slot.state === 'starting') this.#slots.set(route, { ...slot, state: 'on' });
    }
  }

  /** Just before a window ends: attaches what has come to be asked for, so that the next window has all of it. */
  prepare(): void {
    for (const route of this.#routes) {
      if (this.#wants.has(route.name) && !this.#slots.has(route)) this.#slots.set(route, this.#open(route));
    }
  }

  /** The window ends now. What is no longer asked for is detached; its last counts come with the next drain. */
  flip(): void {
    for (const [route, slot] of this.#slots) {
      if (slot.state === 'refused') {
        if (!this.#wants.has(route.name)) this.#slots.delete(route);
        continue;
      }
      slot.probe.flip();
      if (this.#wants.has(route.name)) continue;
      slot.probe.detach();
      this.#slots.set(route, { ...slot, state: 'leaving' });
    }
  }

  /** Of the window before the last flip; only once no program can still hold it. */
  drain(): DrainedLatencies {
    const reports: LatencyReport[] = [];
    const losses: LossCounts = {};
    for (const route of this.#routes) {
      const slot = this.#slots.get(route);
      if (slot === undefined) continue;
      const { detail } = slot;
      if (slot.state === 'refused') {
        reports.push({
          name: route.name,
          state: 'refused',
          detail,
          runNs: 0,
          runCount: 0,
          latencies: [],
          route,
        });
        continue;
      }
      const { losses: own, ...counts } = slot.probe.drain();
      for (const [loss, count] of Object.entries(own) as [keyof LossCounts, number][]) {
        losses[loss] = (losses[loss] ?? 0) + count;
      }
      const state = slot.state === 'starting' ? 'starting' : 'on';
      reports.push({ name: route.name, state, detail: slot.probe.detail ?? detail, ...counts, route });
      if (slot.state === 'leaving') {
        slot.probe.close();
        this.#slots.delete(route);
      } else {
        this.#slots.set(route, { ...slot, state: 'on' });
      }
    }
    return { reports, losses };
  }

  /** Ends all counting; what was counted before the last flip is there to be drained. */
  detach(): void {
    for (const slot of this.#slots.values()) if (slot.state !== 'refused') slot.probe.detach();
  }

  /** Idempotent: nothing of any of them is left in the kernel. */
  close(): void {
    for (const slot of this.#slots.values()) if (slot.state !== 'refused') slot.probe.close();
    this.#slots.clear();
  }

  #open(route: LatencyRoute): Slot {
    const { status, detail } = this.capabilities().find(({ name }) => name === route.name)!;
    if (status === 'missing') return { state: 'refused', detail };
    try {
      return { state: 'starting', probe: LatencyProbe.open(route, this.#options), detail };
    } catch (error) {
      return { state: 'refused', detail: firstLine(error) };
    }
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
