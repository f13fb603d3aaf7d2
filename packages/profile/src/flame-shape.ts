/**
 * Owns how paths are reshaped before they become a tree. A shape is applied to each path, never to a tree, so that
 * every box still knows the rows that are in it, and every shape of the same rows has the same total: only `only`,
 * `focus`, `sandwich` and `noise` leave paths out.
 *
 * In this order, whatever is asked for together:
 *
 *     noise      left out by what a thread waits in: the same rows in every view
 *     names      of waiting threads out, where asked for
 *     merge      frames → modules or processes
 *     hide       frames out; their time stays with their caller. The function in focus is never hidden
 *     collapse   main; a; b; a; b; read  →  main; a; b; read
 *     only       paths through a function, whole
 *     focus      …; lock; futex          →  lock; futex
 *     sandwich   callees as focus; callers: main; run; lock  →  lock; run; main
 *     direction  bottom-up: root last; a sandwich has its own
 */
import type { NoisePreset } from './noise-presets.js';
import type { Role } from './query.js';

export const DIRECTIONS = ['top-down', 'bottom-up'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export const MERGES = ['function', 'module', 'process'] as const;
export type MergeBy = (typeof MERGES)[number];

export const SANDWICH_SIDES = ['callers', 'callees'] as const;
export type SandwichSide = (typeof SANDWICH_SIDES)[number];

/** A function as trees have it: one name in user space and in the kernel are two. */
export interface FunctionKey {
  label: string;
  role: Role;
}

export interface FlameShape {
  direction: Direction;
  /**
   * What one box is. `module`: consecutive frames of one module and role, labelled `[libc.so.6]`, `[kernel]` or
   * `[unknown module]`. `process`: names of threads and wakers, and what stands in a waker's place.
   */
  mergeBy: MergeBy;
  /**
   * Names of the threads that wait are left out, so that paths of threads which are called otherwise are the same path;
   * those of wakers stay. Absent: they are steps as any other.
   */
  withoutThreadNames?: boolean;
  /** Consecutive equal frames, and cycles of up to `MAX_CYCLE_FRAMES`, are drawn once. */
  collapseRecursion: boolean;
  /** Source of a RegExp; frames whose label, or whose merged label, it matches are left out of paths. Null: none. */
  hideFrames: string | null;
  /** Only paths through this function, with all that is above it. Null: all. */
  only: FunctionKey | null;
  /** Only paths through this function, from its outermost call down. Null: all. */
  focus: FunctionKey | null;
  /** Only paths through `function`, from its outermost call down (`callees`) or up, it being at the root (`callers`). */
  sandwich: { function: FunctionKey; side: SandwichSide } | null;
  /** Blocked time that one of these matches is left out, and counted under the first that does. */
  noise: readonly NoisePreset[];
}

export const PLAIN_SHAPE: FlameShape = {
  direction: 'top-down',
  mergeBy: 'function',
  collapseRecursion: false,
  hideFrames: null,
  only: null,
  focus: null,
  sandwich: null,
  noise: [],
};

/** Frames in the longest cycle that is collapsed: mutual recursion of interpreters and parsers goes through about ten. */
export const MAX_CYCLE_FRAMES = 32;

/** Whether paths stay as they are: then paths share what stacks share. */
export function leavesPathsAlone(shape: FlameShape): boolean {
  return (
    shape.direction === 'top-down' &&
    shape.mergeBy === 'function' &&
    !shape.collapseRecursion &&
    shape.hideFrames === null &&
    shape.only === null &&
    shape.focus === null &&
    shape.sandwich === null
  );
}
