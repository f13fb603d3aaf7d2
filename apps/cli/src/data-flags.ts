/** Owns the flags that say where the hub keeps snapshots and how many, for `up` and `hub` alike. */
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { wholeNumber } from './flag-values.js';

export interface DataFlags {
  /** An absolute path; undefined for the default one, false for none. */
  data?: string | false;
  snapshotBytes: number;
  snapshotAgeMs: number;
}

/** DEFAULT_MAX_BYTES and DEFAULT_MAX_AGE_MS of the store, which is not loaded for help and mistyped flags. */
export const DEFAULT_SNAPSHOT_MIB = 2048;
export const DEFAULT_SNAPSHOT_DAYS = 90;
/** Less does not hold one snapshot of the largest size; more than the largest hosts have to spare. */
const MIN_SNAPSHOT_MIB = 64;
const MAX_SNAPSHOT_MIB = 1_048_576;
const MAX_SNAPSHOT_DAYS = 3650;
const DAY_MS = 24 * 3600 * 1000;

export function addDataOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--data <dir>',
        'where snapshots are kept, a directory of its own (default: /var/lib/stallscope for root, else ~/.local/state/stallscope)',
      ).argParser(directory),
    )
    .option('--no-data', 'keep no snapshots')
    .addOption(
      new Option('--snapshot-mib <n>', 'disk for all snapshots, MiB; beyond it the oldest unpinned ones go')
        .argParser(wholeNumber(MIN_SNAPSHOT_MIB, MAX_SNAPSHOT_MIB, 'MiB'))
        .default(DEFAULT_SNAPSHOT_MIB),
    )
    .addOption(
      new Option('--snapshot-days <n>', 'unpinned snapshots go at this age')
        .argParser(wholeNumber(1, MAX_SNAPSHOT_DAYS, 'days'))
        .default(DEFAULT_SNAPSHOT_DAYS),
    );
}

/** From what commander read. */
export function toDataFlags(options: {
  data?: string | boolean;
  snapshotMib: number;
  snapshotDays: number;
}): DataFlags {
  const { data, snapshotMib, snapshotDays } = options;
  return {
    // `--no-data` alone makes commander say true where neither is given.
    ...(typeof data === 'string' ? { data } : data === false ? { data } : {}),
    snapshotBytes: snapshotMib * 1024 * 1024,
    snapshotAgeMs: snapshotDays * DAY_MS,
  };
}

function directory(text: string): string {
  if (text !== '' && !text.includes('\0')) return resolve(text);
  throw new InvalidArgumentError('Accepted: a directory, which is made where it is missing.');
}
