/**
 * Owns what would give the frames of a process names, by the run-time that it is: codes that travel in
 * `Processes.hint`, and the words for them, which the page and the command line share.
 */
import type { Unnamed } from './kinds.js';

/** Codes of `Processes.hint`; '' there when nothing is amiss. Never rename: they are in recordings. */
export const HINTS = [
  /** Code of its JIT has no name as yet. */
  'java-no-perfmap',
  'java-perfmap-off',
  'java-too-old',
  'java-attach-disabled',
  'java-user-namespace',
  'java-unsafe-tmp',
  'java-not-permitted',
  'java-no-answer',
  'java-refused',
  /** Its code has names, but stacks break in it. */
  'java-frame-pointers',
  'node-perf-basic-prof',
  'python-perf',
  'python-before-3.12',
  'dotnet-perf-map',
  'ruby-perf-map',
  'php-perf-map',
  /** Code in no file, of a run-time that is not known. */
  'jit-no-perf-map',
  /** There is a map, but not one that may be trusted. */
  'perf-map-refused',
] as const;
export type Hint = (typeof HINTS)[number];

/** Why frames of such a process have no name; null where they have the name of an interpreter, which says little. */
const REASON_OF_HINT: Readonly<Record<Hint, Exclude<Unnamed, 'named'> | null>> = {
  'java-no-perfmap': 'no-perf-map',
  'java-perfmap-off': 'no-perf-map',
  'java-too-old': 'no-perf-map',
  'java-attach-disabled': 'no-perf-map',
  'java-user-namespace': 'no-perf-map',
  'java-unsafe-tmp': 'no-perf-map',
  'java-not-permitted': 'no-perf-map',
  'java-no-answer': 'no-perf-map',
  'java-refused': 'no-perf-map',
  'java-frame-pointers': 'stack-broken',
  'node-perf-basic-prof': 'no-perf-map',
  'python-perf': null,
  'python-before-3.12': null,
  'dotnet-perf-map': 'no-perf-map',
  'ruby-perf-map': 'no-perf-map',
  'php-perf-map': 'no-perf-map',
  'jit-no-perf-map': 'no-perf-map',
  'perf-map-refused': 'no-perf-map',
};

export interface HintWords {
  /** What is the matter with this process. */
  what: string;
  /** What its user can do. */
  remedy: string;
}

export const HINT_WORDS: Readonly<Record<Hint, HintWords>> = {
  'java-no-perfmap': {
    what: 'Java: code that its JIT compiled has no names yet.',
    remedy:
      'It is asked for them (Compiler.perfmap) within some seconds; wait, or run: jcmd PID Compiler.perfmap',
  },
  'java-perfmap-off': {
    what: 'Java: it is not asked for the names of its compiled code, as --no-java-perfmap says.',
    remedy: 'Leave that out, or run: jcmd PID Compiler.perfmap',
  },
  'java-too-old': {
    what: 'Java: this JVM cannot tell the names of its compiled code.',
    remedy: 'Run it with a HotSpot JDK of 17 or later, which knows Compiler.perfmap.',
  },
  'java-attach-disabled': {
    what: 'Java: this JVM lets nobody ask it for the names of its compiled code.',
    remedy: 'Start it without -XX:+DisableAttachMechanism and -Xrs, or with -XX:+DumpPerfMapAtExit.',
  },
  'java-user-namespace': {
    what: 'Java: this JVM lives in a user namespace of its own, where root of the host may not ask it.',
    remedy: 'Run in its container: jcmd PID Compiler.perfmap',
  },
  'java-unsafe-tmp': {
    what: 'Java: in the /tmp of this JVM another’s file is where its own belongs, so it was not asked.',
    remedy:
      'Remove perf-PID.map, .java_pidPID and .attach_pidPID from its /tmp, or make /tmp a plain directory.',
  },
  'java-not-permitted': {
    what: 'Java: the agent may not ask this JVM for the names of its compiled code.',
    remedy: 'Give the agent CAP_KILL and CAP_DAC_OVERRIDE, or run as its user: jcmd PID Compiler.perfmap',
  },
  'java-no-answer': {
    what: 'Java: this JVM did not answer when it was asked for the names of its compiled code.',
    remedy: 'It is asked again in some minutes; see whether jcmd PID VM.version answers.',
  },
  'java-refused': {
    what: 'Java: this JVM refused to write the names of its compiled code.',
    remedy: 'See what it answers to: jcmd PID Compiler.perfmap',
  },
  'java-frame-pointers': {
    what: 'Java: its compiled code has names, but keeps no frame pointers, so stacks break in it.',
    remedy: 'Start it with -XX:+PreserveFramePointer (costs about 1 %).',
  },
  'node-perf-basic-prof': {
    what: 'Node: the functions of its scripts have no names.',
    remedy: 'Start it with --perf-basic-prof (or NODE_OPTIONS=--perf-basic-prof).',
  },
  'python-perf': {
    what: 'Python: its functions have no frames of their own, only the interpreter’s.',
    remedy: 'Start it with -X perf (or PYTHONPERFSUPPORT=1).',
  },
  'python-before-3.12': {
    what: 'Python: this version cannot tell which of its functions runs; the frames are the interpreter’s.',
    remedy: 'Run it with Python 3.12 or later, and -X perf.',
  },
  'dotnet-perf-map': {
    what: '.NET: code that its JIT compiled has no names.',
    remedy: 'Start it with DOTNET_PerfMapEnabled=1.',
  },
  'ruby-perf-map': {
    what: 'Ruby: code that its JIT compiled has no names.',
    remedy: 'Start it with --yjit-perf (Ruby 3.3 or later).',
  },
  'php-perf-map': {
    what: 'PHP: code that its JIT compiled has no names.',
    remedy: 'Start it with -d opcache.jit_debug=0x10, which writes a perf map.',
  },
  'jit-no-perf-map': {
    what: 'Code that it made at run time has no names.',
    remedy: 'Have its run-time write a perf map, /tmp/perf-PID.map.',
  },
  'perf-map-refused': {
    what: 'It has a perf map that is not used: a link, a file of several names, another user’s, or older than the process.',
    remedy: 'Let the process itself write /tmp/perf-PID.map, as a plain file.',
  },
};

/** The reason that a hint is about; null for one of names that are there, and could say more. */
export function reasonOfHint(hint: Hint): Exclude<Unnamed, 'named'> | null {
  return REASON_OF_HINT[hint];
}

/** Of what a window says; a newer agent may know other codes. */
export function findHint(code: string): Hint | undefined {
  return (HINTS as readonly string[]).includes(code) ? (code as Hint) : undefined;
}
