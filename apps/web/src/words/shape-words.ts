/** Owns the words of what the graph's panel shows and of how paths are reshaped. */
import type { FlameShape, NoisePreset } from '@stallscope/profile';
import type { FunctionColumn } from '../live/function-rows';
import type { Show } from '../selection/selection';

export const SHOW_WORDS: Readonly<Record<Show, { name: string; key: string; help: string }>> = {
  flame: { name: 'Graph', key: 'g', help: 'Every path as a stack of frames; width is time.' },
  table: {
    name: 'Functions',
    key: 'l',
    help: 'All functions with their time, beside the graph; a click keeps the paths through one.',
  },
  sandwich: {
    name: 'Sandwich',
    key: 'w',
    help: 'One function: all that calls it above, all that it calls below, wherever it is called.',
  },
  tree: {
    name: 'Call tree',
    key: 't',
    help: 'The same paths as rows that open and close, for the keyboard and for screen readers.',
  },
  diff: {
    name: 'Difference',
    key: 'd',
    help: 'What is shown beside another time, process, host, snapshot or file: what grew and what shrank.',
  },
};

export const FLOW_WORDS: Readonly<Record<FlameShape['direction'], { name: string; help: string }>> = {
  'top-down': { name: 'root first', help: 'Paths begin at the thread and end where it waited.' },
  'bottom-up': {
    name: 'invert',
    help: 'Paths are reversed: they begin at what was waited in, so that the same wait from many callers is one.',
  },
};

export const MERGE_WORDS: Readonly<Record<FlameShape['mergeBy'], { name: string; help: string }>> = {
  function: { name: 'by function', help: 'One box a function.' },
  module: {
    name: 'by module',
    help: 'Consecutive frames of one program, library or the kernel are one box.',
  },
  process: { name: 'by thread name', help: 'Only the names of threads and of wakers stay.' },
};

export const COLUMN_WORDS: Readonly<Record<FunctionColumn, { name: string; help: string }>> = {
  self: { name: 'self', help: 'Time of paths that end in it' },
  total: {
    name: 'total',
    help: 'Time of paths through it; a path counts once, however often it calls itself',
  },
  blocked: { name: 'blocked', help: 'Of the total, the time until it was woken' },
  runq: { name: 'run-queue', help: 'Of the total, ready and waiting for a CPU' },
  preempted: { name: 'preempted', help: 'Of the total, put off CPU while it could run' },
  name: { name: 'function', help: 'By name' },
};

export const GROUND_WORDS: Readonly<Record<NoisePreset['on'], string>> = {
  wait: 'waits in',
  frame: 'has a frame',
  comm: 'is named',
};
