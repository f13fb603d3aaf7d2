/** Owns which hint a process gets: what would give its frames names, told from what is known of its run-time. Pure. */
import type { Hint } from '@stallscope/profile';
import type { AttachRefusal, JitState, RuntimeName } from '@stallscope/symbols';

export interface JavaFacts {
  /** False when JVMs are not to be asked for their maps. */
  isAsked: boolean;
  /** Why this one did not write one. */
  refusal: AttachRefusal | undefined;
  /** Its code keeps frame pointers; undefined when that cannot be told. */
  keepsFramePointers: boolean | undefined;
}

/** The first Python that can write a map. */
const FIRST_PYTHON_MINOR = 12;

const JAVA_HINTS: Readonly<Record<AttachRefusal, Hint | ''>> = {
  gone: '',
  'too-old': 'java-too-old',
  disabled: 'java-attach-disabled',
  'user-namespace': 'java-user-namespace',
  'unsafe-tmp': 'java-unsafe-tmp',
  'not-permitted': 'java-not-permitted',
  'no-answer': 'java-no-answer',
  refused: 'java-refused',
};

/** Those whose compiled code has no name without a map. */
const JIT_HINTS: Readonly<Partial<Record<RuntimeName, Hint>>> = {
  dotnet: 'dotnet-perf-map',
  ruby: 'ruby-perf-map',
  php: 'php-perf-map',
};

export function toHint(state: JitState, java: JavaFacts): Hint | '' {
  if (state.isGone) return '';
  const { runtime, hasPerfMap, hasUnnamedJit } = state;
  if (runtime?.name === 'java') return javaHint(state, java);
  if (hasPerfMap) return '';
  // These show what they interpret only by a map; without, the frames are the interpreter's and have names.
  if (state.isPerfMapRefused) return 'perf-map-refused';
  if (runtime?.name === 'node') return 'node-perf-basic-prof';
  if (runtime?.name === 'python') {
    const [major, minor] = runtime.version.split('.').map(Number);
    return major === 3 && minor! >= FIRST_PYTHON_MINOR ? 'python-perf' : 'python-before-3.12';
  }
  if (!hasUnnamedJit) return '';
  return (runtime && JIT_HINTS[runtime.name]) ?? 'jit-no-perf-map';
}

function javaHint(state: JitState, { isAsked, refusal, keepsFramePointers }: JavaFacts): Hint | '' {
  if (state.hasUnnamedJit) {
    if (!isAsked) return 'java-perfmap-off';
    if (refusal !== undefined) return JAVA_HINTS[refusal];
    if (!state.hasPerfMap) return state.isPerfMapRefused ? 'perf-map-refused' : 'java-no-perfmap';
  }
  return keepsFramePointers === false ? 'java-frame-pointers' : '';
}
