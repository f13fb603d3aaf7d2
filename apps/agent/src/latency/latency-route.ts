/**
 * Owns what a latency probe is to the agent: which object it is, which of its programs this kernel can run and in which
 * order they attach, and what its codes mean in words. One file each (block-route.ts, …) fills it in.
 *
 *     { name: 'block', begins: ['block_io_start', …], ends: ['block_rq_complete'], operationOf: (code) => 'read', … }
 */

import type { LatencyProbe as LatencyProbeName } from '@stallscope/latency';
import type { BpfObject } from '@stallscope/libbpf';
import type { Loss } from '@stallscope/profile';

/** What this host can do of it, and what that does not see. */
export interface RouteVerdict {
  /** `degraded`: works, and does not see all; `missing`: does not work. `detail` says what or why. */
  status: 'ok' | 'degraded' | 'missing';
  detail: string;
}

export interface LatencyPrograms {
  /** Those that see operations begin: attached first, so that an end without a beginning is a loss. */
  begins: readonly string[];
  ends: readonly string[];
  /** Those that `follow` attaches, to what it finds on the host. */
  followed?: readonly string[];
}

export interface LatencyRoute {
  readonly name: LatencyProbeName;
  /** Whether this host can; loads nothing that stays. */
  assess(): RouteVerdict;
  /** Those of the object's that this kernel has the hooks of; the others are not loaded. */
  programs(): LatencyPrograms;
  /** Entries of the maps, by name: each a knob with its reason. */
  readonly maxEntries: Readonly<Record<string, number>>;
  /** The words for a code that the probe counts by. Pure: called once for each code and window. */
  operationOf(code: number): string;
  targetOf(code: number): string;
  readonly losses: LatencyLosses;
  /**
   * For a probe whose hooks come and go with what runs on the host: called once it is loaded, with the hook to attach for
   * itself, and again with each window.
   */
  follow?(object: BpfObject): LatencyFollower;
}

export interface LatencyFollower {
  /** Attaches to what has come, lets go of what has gone; called once a window. */
  look(): void;
  /** What it is attached to now, in place of the verdict's detail. */
  detail(): string;
  /** Before the object closes. */
  close(): void;
}

/** The names of the counters of probes/include/latency.h for one probe. */
export interface LatencyLosses {
  countsFull: Loss;
  /** Absent where an end without a beginning is one that began before the probe. */
  startMissed?: Loss;
  inFlightFull: Loss;
  /** Absent where the probe counts it by another name, or cannot miss one. */
  endMissed?: Loss;
}
