/** Owns the flags that ask for waits by who waited: grouped by it, or only of one user, container, pod or unit. */
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
    new Option('--pod <uid>', 'only processes of this Kubernetes pod, by its uid or its beginning').argParser(
      whoValue,
    ),
    new Option(
      '--unit <name>',
      'only processes of this systemd unit, such as nginx.service or nginx',
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
  pod?: string;
  unit?: string;
}): WhoFlags {
  const { groupBy, user, container, pod, unit } = options;
  const who: WhoFilter = {
    ...(user !== undefined && { user }),
    ...(container !== undefined && { container }),
    ...(pod !== undefined && { pod }),
    ...(unit !== undefined && { unit }),
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
