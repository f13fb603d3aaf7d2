/**
 * Owns which kernel frames are of the measuring itself, and cutting them from the leaf of a stack.
 *
 *     bpf_prog_fdd165e8260a0695_on_switch, bpf_trace_run4, __traceiter_sched_switch, __schedule, schedule, …
 *     └───────────────────────── 3 to trim ─────────────────────────┘
 */

/** `bpf_prog_TAG_NAME` is a loaded program; `bpf_prog_load` and its like are the kernel's own functions. */
const MEASURING =
  /^(bpf_prog_[0-9a-f]{16}(_|$)|bpf_trace_run|bpf_trampoline_|__traceiter_|__bpf_trace_|_*bpf_get_(task_)?stack|get_perf_callchain|perf_callchain|perf_trace_|trace_call_bpf|__bpf_prog_(enter|exit)|bpf_get_current_)/;

/** Frames that are none of these but lie between them: a helper's inner function. More in a row is the stack proper. */
const MAX_GAP_FRAMES = 2;

export function isMeasuringFrame(name: string): boolean {
  return MEASURING.test(name);
}

/** How many frames to drop from the leaf: all through the measuring frame nearest to the root of those near the leaf. */
export function trimMeasuringFrames(namesLeafFirst: readonly string[]): number {
  let trimmed = 0;
  for (let i = 0; i < namesLeafFirst.length && i - trimmed <= MAX_GAP_FRAMES; i++) {
    if (isMeasuringFrame(namesLeafFirst[i]!)) trimmed = i + 1;
  }
  return trimmed;
}
