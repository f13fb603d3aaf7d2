/** Owns what the marks say that stand where a path ends early; undefined for one that is told by its name alone. */
import { NO_STACK, NOT_DRAWN, PREEMPTED, RUN_QUEUE_WAIT, WAKER_UNKNOWN } from '@stallscope/profile';

export function markerHelp(label: string): string | undefined {
  if (label.startsWith('[chain cut at '))
    return 'The chain went on: its limit of wakers was reached, which the agent sets.';
  return MARKER_HELP[label];
}

const MARKER_HELP: Readonly<Record<string, string>> = {
  [NOT_DRAWN]:
    'There are more stacks than a graph can hold: the time of those that came last is in this box, and in all sums, without their frames. Choose a process, a thread or a stretch of time, keep the paths through one function, or show fewer frames: hide some by a pattern, or merge by module.',
  [NO_STACK]: 'Neither a user nor a kernel stack could be taken here; the time is counted.',
  [WAKER_UNKNOWN]: 'No wake was seen that ended these waits: the losses may say why.',
  [RUN_QUEUE_WAIT]: 'Ready to run, and waiting for a CPU: no waker can shorten it.',
  [PREEMPTED]: 'Put off the CPU while it could run, until it ran again.',
};
