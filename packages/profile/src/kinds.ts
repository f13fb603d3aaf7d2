/**
 * The closed vocabularies of a row, as small codes that fit typed columns.
 * The codes are also those of probes/sched/sched.h and of the wire: never renumber, only append.
 */
import { OCTAVES, QUARTERS } from '@stallscope/latency';

/** How a thread was off CPU. `blocked`: voluntary, until woken. `runq`: from wake until switched in. `preempted`: switched out while runnable (preempted or yielded), until switched in. */
export const KINDS = ['blocked', 'runq', 'preempted'] as const;
export type Kind = (typeof KINDS)[number];
export type KindCode = 0 | 1 | 2;

/** What a row can be of: a wait, or samples of a thread that ran. No view of waits counts `on-cpu`. */
export const ROW_KINDS = [...KINDS, 'on-cpu'] as const;
export type RowKind = (typeof ROW_KINDS)[number];
export const ON_CPU = ROW_KINDS.indexOf('on-cpu');

/** Task state at switch-out, the letters of ps(1) and of sched_switch; `R` for runq and preempted rows. */
export const STATES = ['R', 'S', 'D', 'T', 't', 'X', 'Z', 'P', 'I', '?'] as const;
export type State = (typeof STATES)[number];

/** Why a chain of wakers has no further link behind this node. */
export const CHAIN_ENDS = [
  /** Not an end: `parent` holds the next waker. */
  'linked',
  /** The waker ran the whole time the target was blocked: it is the cause. */
  'cause',
  /** Hard or soft interrupt: no task to blame. */
  'interrupt',
  /** The depth limit was reached; there were more wakers. */
  'cut',
  /** The waker's own wake was not selected by sampling (or came before tracing): what woke it is not known. */
  'unsampled',
] as const;
export type ChainEnd = (typeof CHAIN_ENDS)[number];
export type ChainEndCode = 0 | 1 | 2 | 3 | 4;

/** Where a frame's code lives. */
export const SPACES = ['user', 'kernel'] as const;
export type Space = (typeof SPACES)[number];
export type SpaceCode = 0 | 1;

/** Why a frame has no function name; 0 when it has one. Labels of the loss line. */
export const UNNAMED = [
  'named',
  'no-symbol',
  'no-mapping',
  'process-gone',
  'stack-missing',
  /** The file that was mapped is gone and could not be read. */
  'deleted-file',
  /** Code that a runtime made, and no perf map names it. */
  'no-perf-map',
  /** The walk ended early: code without frame pointers. */
  'stack-broken',
  /** Deeper than what is kept of a stack. */
  'stack-truncated',
] as const;
export type Unnamed = (typeof UNNAMED)[number];
export type UnnamedCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** How a user frame's code came to be; kernel frames are `native`. */
export const FRAME_KINDS = ['native', 'jit', 'interpreted', 'inlined', 'stub'] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];
export type FrameKindCode = 0 | 1 | 2 | 3 | 4;

/** No stack, no chain, no parent. */
export const NONE = -1;

/** Octaves that lengths of waits are counted in, OCTAVES of packages/latency: from 1 µs up they begin at its powers of two. */
export const DURATION_BUCKETS = OCTAVES;

/** Parts of an octave that rows can tell apart. */
export const LENGTH_QUARTERS = QUARTERS;

/** What a probe was in a window: on for all of it, on for a part, or asked for and refused. */
export const PROBE_STATES = ['on', 'starting', 'refused'] as const;
export type ProbeState = (typeof PROBE_STATES)[number];

/** Rows of samples keep when they were taken to this, ms of wall clock: a fiftieth of a second, halved. */
export const SLICE_MS = 10;
