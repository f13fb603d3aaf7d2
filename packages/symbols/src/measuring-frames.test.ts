import { describe, expect, test } from 'vitest';
import { isMeasuringFrame, trimMeasuringFrames } from './measuring-frames.js';

/** Leaf first; `|` is where the cut has to be. */
function check(stack: string): void {
  const parts = stack.split('|').map((part) => part.split(' ').filter((name) => name !== ''));
  expect(trimMeasuringFrames(parts.flat())).toBe(parts[0]!.length);
}

describe('trimMeasuringFrames', () => {
  test.each([
    [
      'tp_btf',
      'bpf_prog_fdd165e8260a0695_on_switch bpf_trace_run4 __traceiter_sched_switch | __schedule schedule do_nanosleep',
    ],
    [
      'older kernels',
      'bpf_prog_fdd165e8260a0695 bpf_trace_run1 __bpf_trace_sched_wakeup_template __traceiter_sched_waking | try_to_wake_up',
    ],
    [
      'helpers in between',
      'get_perf_callchain __bpf_get_stack bpf_get_stack_raw_tp bpf_prog_0123456789abcdef_f bpf_trace_run1 | try_to_wake_up',
    ],
    ['a helper that is not known', 'some_helper bpf_prog_0123456789abcdef_f bpf_trampoline_6442 | vfs_read'],
    ['nothing to trim', '| __schedule schedule futex_wait_queue'],
    ['only measuring', 'bpf_prog_0123456789abcdef_f bpf_trace_run1 |'],
    ['an empty stack', '|'],
    ['a task that loads BPF', '| __schedule schedule bpf_prog_load __sys_bpf'],
    ['measuring frames far from the leaf stay', '| __schedule schedule a b bpf_trace_run1'],
  ])('%s', (_name, stack) => check(stack));
});

test.each([
  ['bpf_prog_fdd165e8260a0695_on_switch', true],
  ['bpf_prog_fdd165e8260a0695', true],
  ['bpf_prog_array_free', false],
  ['bpf_trace_run4', true],
  ['__traceiter_sched_waking', true],
  ['__bpf_trace_sched_switch', true],
  ['bpf_trampoline_6442536841', true],
  ['bpf_get_stackid', true],
  ['__schedule', false],
])('%s is of the measuring: %s', (name, expected) => {
  expect(isMeasuringFrame(name)).toBe(expected);
});
