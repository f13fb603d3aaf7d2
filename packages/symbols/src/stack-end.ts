/**
 * Owns telling whether a user stack was walked to its root. Walks follow frame pointers; code built without them uses the
 * register for something else, and then a walk ends too early, or goes astray, without a sign. So it is judged by where it
 * ended, which is an estimate:
 *
 *     main ← __libc_start_call_main                whole: a known root
 *     worker ← libc.so.6+0x891f4                   whole: stripped C libraries do not name where they start threads
 *     clock_nanosleep                              broken: no thread begins in there
 *     read ← parse ← [in no mapping]               broken: the last frame is no code
 *     serve ← server+0x4711, stripped              not known: it may be the root
 *
 * Not seen is a single frame left out within a stack, as a function without frame pointers does that calls another and
 * leaves the register alone.
 */
import type { SymbolicFrame } from './symbolic-frame.js';

export type StackEnd = 'whole' | 'broken' | 'truncated' | 'unknown';

/** Frames that the probes keep: MAX_STACK_FRAMES of probes/include/stack.h. */
export const MAX_STACK_FRAMES = 127;

/** Where programs and threads begin: glibc, musl, Go, and `main`, as what is above it names nothing more. */
const ROOTS = new Set([
  ...[
    '_start',
    '_start_c',
    '_dlstart_c',
    '__libc_start_main',
    '__libc_start_main_impl',
    '__libc_start_call_main',
  ],
  ...[
    'generic_start_main',
    'libc_start_main_stage2',
    '__spawni_child',
    'main',
    '_dl_start_user',
    '_dl_start',
  ],
  ...['start_thread', 'clone', '__clone', 'clone3', '__clone3', '__clone_internal', 'thread_start', 'start'],
]);
/** Go runs its scheduler on stacks of its own, which begin anywhere in its run-time. */
const GO_ROOT =
  /^(runtime\.(goexit|mstart|mcall|rt0_go|systemstack|morestack|asmcgocall|gogo|mstart0|mstart1|_ExternalCode)|_rt0_\w+)/;
const C_LIBRARY = /^(libc[.-]|libpthread[.-]|ld-|ld\.so|libc\.musl)/;
const SHARED_LIBRARY = /\.so(\.[\d.]+)?$|-[\d.]+\.so$/;

/** A frame of which only this matters; reasons beside those that naming gives do not occur at an end. */
type EndFrame = Omit<SymbolicFrame, 'unnamed'> & { unnamed: string };

/** @param framesLeafFirst of one user stack, as they were named; those of nothing are `unknown` */
export function stackEnd(framesLeafFirst: readonly EndFrame[]): StackEnd {
  const depth = framesLeafFirst.length;
  const root = framesLeafFirst.at(-1);
  if (root === undefined || root.unnamed === 'process-gone') return 'unknown';
  if (depth >= MAX_STACK_FRAMES) return 'truncated';
  if (root.unnamed === 'no-mapping' || root.unnamed === 'no-perf-map') return 'broken';
  if (root.unnamed === 'named') {
    return root.kind === 'native' && (ROOTS.has(root.name) || GO_ROOT.test(root.name)) ? 'whole' : 'broken';
  }
  if (depth === 1) return 'broken';
  if (C_LIBRARY.test(root.module)) return 'whole';
  return SHARED_LIBRARY.test(root.module) || root.module === '[vdso]' ? 'broken' : 'unknown';
}
