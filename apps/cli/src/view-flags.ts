/** Owns the flags that choose what is shown of rows of waits: the same for a recording and for a file of one. */
import { KINDS, type Kind, type State, VIEWS, type View } from '@stallscope/profile';
import { type Command, Option } from 'commander';
import { comm, eachTid, oneOf } from './flag-values.js';
import { toWhoFlags, type WhoFlags } from './who-flags.js';

const KIND_CHOICES = [...KINDS, 'all'] as const;
const STATE_CHOICES = ['S', 'D'] as const satisfies readonly State[];

/** What of the rows is shown; absent members choose nothing. */
export interface ViewFlags extends WhoFlags {
  view: View;
  kinds: readonly Kind[];
  tgids?: number[];
  tids?: number[];
  comm?: string;
  states?: State[];
}

/** @param byDefault said after the help, where the default is not commander's own */
export function viewOption(byDefault = ''): Option {
  return new Option(
    '--view <view>',
    `off-cpu: where they waited. wakeup: who ended the wait. off-wake: both. chain: also who woke the waker, and so on. cpu: what they ran. wall: all of a thread’s life, on CPU, blocked, in a run queue and preempted${byDefault}`,
  ).argParser(oneOf(VIEWS));
}

/** @param byDefault as of `viewOption` */
export function kindOption(byDefault = ''): Option {
  return new Option(
    '--kind <kind>',
    `blocked: until woken. runq: from wake until it runs. preempted: switched out while runnable. all: their sum, what offcputime counts${byDefault}`,
  ).argParser(oneOf(KIND_CHOICES));
}

export function stateOption(): Option {
  return new Option(
    '--state <state>',
    'only blocks in this state: S interruptible sleep, D uninterruptible (usually disk)',
  ).argParser(oneOf(STATE_CHOICES));
}

export function pidOption(): Option {
  return new Option('--pid <pid...>', 'only these processes, with all their threads').argParser(
    eachTid('a process id'),
  );
}

export function tidOption(): Option {
  return new Option('--tid <tid...>', 'only these threads').argParser(eachTid('a thread id'));
}

export function commOption(): Option {
  return new Option(
    '--comm <name>',
    'only threads of this name, exactly, as `ps -L -o comm` shows it',
  ).argParser(comm);
}

/** Options as commander gives them to what they mean; refuses, by `command.error`, what cannot be meant together. */
export function toViewFlags(
  command: Command,
  options: {
    view?: View;
    kind?: Kind | 'all';
    state?: State;
    pid?: number[];
    tid?: number[];
    comm?: string;
  } & Parameters<typeof toWhoFlags>[0],
): ViewFlags {
  const { view = 'off-cpu', kind = 'blocked' } = options;
  if (view === 'wall' && ((kind !== 'blocked' && kind !== 'all') || options.state !== undefined)) {
    const given = options.state === undefined ? `--kind ${kind}` : `--state ${options.state}`;
    command.error(
      `error: ${given}: the wall view is of all that a thread did. Accepted with it: --kind all, and no --state.`,
    );
  }
  if (view === 'cpu' && (kind !== 'blocked' || options.state !== undefined)) {
    const given = options.state === undefined ? `--kind ${kind}` : `--state ${options.state}`;
    command.error(
      `error: ${given}: the cpu view is of what ran, not of waits. Accepted with it: neither --kind nor --state.`,
    );
  }
  if (view === 'wakeup' && kind !== 'blocked') {
    command.error(
      `error: --kind ${kind}: the wakeup view counts blocked time only, for a waker ends nothing else. Accepted with it: blocked.`,
    );
  }
  if (options.state !== undefined && kind !== 'blocked' && kind !== 'all') {
    command.error(
      `error: --state ${options.state}: only blocked time has a state. Accepted with it: --kind blocked, --kind all.`,
    );
  }
  return {
    view,
    kinds: kind === 'all' || view === 'wall' ? KINDS : [kind],
    ...(options.pid && { tgids: options.pid }),
    ...(options.tid && { tids: options.tid }),
    ...(options.comm !== undefined && { comm: options.comm }),
    ...(options.state !== undefined && { states: [options.state] }),
    ...toWhoFlags(options),
  };
}
