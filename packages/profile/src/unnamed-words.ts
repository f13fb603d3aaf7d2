/** Owns what is said of frames without a name: why, and what can be done; the page and the command line share it. */
import type { Unnamed } from './kinds.js';

export interface UnnamedWords {
  /** A few words, for a list of shares: `stripped files`. */
  short: string;
  why: string;
  /** What the reader can do. */
  remedy: string;
}

export const UNNAMED_WORDS: Readonly<Record<Exclude<Unnamed, 'named'>, UnnamedWords>> = {
  'no-symbol': {
    short: 'no symbols',
    why: 'The file has no symbol for this address: it is stripped.',
    remedy: 'Install its debug symbols (-dbgsym, -debuginfo), or build it without -s.',
  },
  'no-mapping': {
    short: 'no mapping',
    why: 'The address is in nothing that the process had mapped: a stack that was walked wrong, or code that has gone.',
    remedy: 'Build with -fno-omit-frame-pointer.',
  },
  'process-gone': {
    short: 'process gone',
    why: 'The process had exited before its files could be read.',
    remedy: 'Trace while it starts: what begins after tracing did is named.',
  },
  'stack-missing': {
    short: 'stack missing',
    why: 'The stack could not be taken, or was lost.',
    remedy: 'See the losses.',
  },
  'deleted-file': {
    short: 'deleted file',
    why: 'The file that runs was removed or replaced, and could not be opened any more.',
    remedy:
      'Restart the program, or give the agent CAP_CHECKPOINT_RESTORE, by which it opens the running file itself.',
  },
  'no-perf-map': {
    short: 'JIT without a map',
    why: 'Code made at run time, of which no perf map tells.',
    remedy: 'Have its run-time write one, /tmp/perf-PID.map.',
  },
  'stack-broken': {
    short: 'stack broken',
    why: 'The walk did not come to where a thread begins, so frames towards the root are missing: code without frame pointers is on the way. An estimate, by where it ended.',
    remedy:
      'Build with -fno-omit-frame-pointer (Java: -XX:+PreserveFramePointer), on a distribution whose libraries keep frame pointers.',
  },
  'stack-truncated': {
    short: 'stack truncated',
    why: 'The stack has more than the 127 frames that are taken; those nearest to the root are missing.',
    remedy: 'Nothing in the program is wrong; in deep recursion fold repeated frames.',
  },
};

/** Of the reasons that occur, the largest share first. */
export function sharesByReason(
  shareByReason: Partial<Record<Unnamed, number>>,
): { reason: Exclude<Unnamed, 'named'>; share: number }[] {
  return (Object.keys(UNNAMED_WORDS) as Exclude<Unnamed, 'named'>[])
    .map((reason) => ({ reason, share: shareByReason[reason] ?? 0 }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share);
}
