/**
 * Owns what a workload knows of itself (probes/workloads/account.h prints it) and what a case says must be seen of it.
 * Times in ns.
 */
import type { CollectorOptions } from '../src/sched-collector.js';
import type { Draws } from './seed.js';

/** One kind of wait of one thread, by its own clock. */
export interface KnownWait {
  /** The function that waited. */
  in: string;
  count: number;
  /** How many of `count` went to sleep; 0 where the workload does not look. */
  slept: number;
  /** How many had a whole chain: all that are to be on it had slept. */
  whole: number;
  /** The least it is to be blocked: what it asked for, or until the other one let it go on. And what it took. */
  askedNs: number;
  tookNs: number;
  longestNs: number;
}

/** One thread; all zero but `name` and `waits` where it stands for the waits of many. */
export interface KnownThread {
  name: string;
  tgid: number;
  tid: number;
  /** While its account was open: elapsed, on CPU, and runnable but not running. The rest it was blocked. */
  elapsedNs: number;
  cpuNs: number;
  queuedNs: number;
  /** Runnable and not running since the thread began. */
  bornQueuedNs: number;
  /** Voluntary switches. */
  blocks: number;
  waits: KnownWait[];
}

export interface Known {
  threads: KnownThread[];
}

/** Who may end a wait: a thread by its name and the function in which it does so, or what interrupts. */
export type KnownWaker =
  | { comm: string | RegExp; in?: string }
  /** `atMost`: share of the waits; absent where it may be all of them. */
  | { interrupt: 'timer' | 'network receive' | 'block completion'; atMost?: number };

/** Waits by who and where. */
export interface WaitPlace {
  /** Threads that wait, by name. */
  comm: string | RegExp;
  /** The function. */
  in: string;
  /** Of the kernel, and told by instead, where the process may be gone before its own frames can be named. */
  kernelFrame?: string;
}

export interface ExpectedWait extends WaitPlace {
  /** Nearest waker first, for each level those that may stand there. */
  wakers: readonly (readonly KnownWaker[])[];
  /** Who may stand behind the last level; without it a chain that goes on is wrong. */
  beyond?: readonly KnownWaker[] | 'anyone';
  /**
   * Chains that may end before the last level though nothing was lost, as a share of the waits: a waker that had not gone
   * to sleep is the cause, and how often that happens only the scheduler decides. Where the workload counts, see `whole`.
   */
  shortShare: number;
  /** It may block more than once, or not at all, in one wait: then the number of blocks is not known. */
  isCountOpen?: boolean;
}

export interface Expectations {
  /** Compare each thread's totals with the kernel's own accounting of it. */
  threads: boolean;
  waits: readonly ExpectedWait[];
  /** Names that must not be a waker at any level of any chain of `waits`. */
  innocent?: RegExp;
  /** What the waits of all threads in a function asked for and took bounds what is seen. */
  bounds?: readonly WaitPlace[];
}

export interface HostFacts {
  /** CPUs hand received packets over to each other: see packet-steering.ts. */
  packetsAreSteered: boolean;
}

export interface TruthCase {
  name: string;
  /** The workload and its arguments, drawn. */
  workload(draws: Draws): [string, ...(string | number)[]];
  expect(known: Known, host: HostFacts): Expectations;
  options?: Omit<CollectorOptions, 'tauNs'>;
  windowMs?: number;
  /** Run to its end and one window before the workload: the agent learns of the host what it only sees happen. */
  before?: [string, ...(string | number)[]];
  /** Sampling threshold of its sampled run, ns: about a few of its typical waits. */
  sampledTauNs: number;
}
