/** Owns the flags that ask for waits by who waited: grouped by it, or only of one user, container, runtime, pod, unit, parent or command line. */
import { GROUP_KEYS, type GroupKey, type WhoFilter } from '@stallscope/profile';
import { InvalidArgumentError, Option } from 'commander';
import { oneOf } from './flag-values.js';

/** Absent members choose nothing. */
export interface WhoFlags {
  groupBy?: GroupKey;
  who?: WhoFilter;
}

/** Longer ones are none that a host has. */
const MAX_WHO_CHARS = 512;

export function groupByOption(): Option {
  return new Option(
    '--group-by <key>',
    `a step on top of each stack that says who waited: ${GROUP_KEYS.join(', ')}`,
  ).argParser(oneOf(GROUP_KEYS));
}

export function whoOptions(): Option[] {
  return [
    new Option('--user <name>', 'only processes of this user, by name or number').argParser(whoValue),
    new Option(
      '--container <id>',
      'only processes in this container, by its id or at least the first 4 digits of it; [no container] for those in none',
    ).argParser(whoValue),
    new Option(
      '--runtime <name>',
      'only processes in containers of this runtime: docker, containerd, cri-o, podman, lxc, …; [no container] for those in none',
    ).argParser(whoValue),
    new Option(
      '--pod <name|uid>',
      'only processes of this Kubernetes pod: namespace/name or name, where the node has its logs, or its uid or the beginning of it',
    ).argParser(whoValue),
    new Option(
      '--unit <name>',
      'only processes of this systemd unit, such as nginx.service or nginx',
    ).argParser(whoValue),
    new Option(
      '--parent <name|pid>',
      'only processes that this one began, by its name or number, also where it has gone',
    ).argParser(whoValue),
    new Option(
      '--command <line>',
      'only processes of this command line, as --group-by command shows it; --comm takes names of threads',
    ).argParser(whoValue),
  ];
}

const COMMAND_LINES = ['full', 'redacted', 'off'] as const;
export type CommandLineMode = (typeof COMMAND_LINES)[number];

export function commandLineOption(): Option {
  return new Option(
    '--cmdline <mode>',
    'command lines of processes. redacted: what looks like a password, token or key is replaced by ***. full: as they are. off: none',
  )
    .argParser(oneOf(COMMAND_LINES))
    .default('redacted');
}

export function toWhoFlags(options: {
  groupBy?: GroupKey;
  user?: string;
  container?: string;
  runtime?: string;
  pod?: string;
  unit?: string;
  parent?: string;
  command?: string;
}): WhoFlags {
  const { groupBy, user, container, runtime, pod, unit, parent, command } = options;
  const who: WhoFilter = {
    ...(user !== undefined && { user }),
    ...(container !== undefined && { container }),
    ...(runtime !== undefined && { runtime }),
    ...(pod !== undefined && { pod }),
    ...(unit !== undefined && { unit }),
    ...(parent !== undefined && { parent }),
    ...(command !== undefined && { command }),
  };
  return {
    ...(groupBy !== undefined && { groupBy }),
    ...(Object.keys(who).length > 0 && { who }),
  };
}

function whoValue(text: string): string {
  if (text !== '' && text.length <= MAX_WHO_CHARS) return text;
  throw new InvalidArgumentError(`Accepted: 1 to ${MAX_WHO_CHARS} characters.`);
}
