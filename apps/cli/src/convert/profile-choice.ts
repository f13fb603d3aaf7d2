/**
 * Owns which profile of a file is meant: the chosen view of a file of ours, or the chosen profile and value of another.
 * What is not there is refused with what is.
 */
import { basename } from 'node:path';
import {
  FormatError,
  type ReadProfile,
  type RowFacts,
  readProfile,
  windowsToSamples,
} from '@stallscope/formats';
import type { SampleProfile } from '@stallscope/profile';
import { CommandError } from '../command-error.js';
import { findNearest } from '../nearest.js';
import { readProfileInput } from '../profile-input.js';
import type { InputFlags } from './convert-line.js';

export interface ChosenProfile {
  profile: SampleProfile;
  /** Index into its value types. */
  value: number;
  /** Known of files of ours. */
  facts?: RowFacts;
}

/** Reads and tells the kind. @throws CommandError naming the file and the place */
export async function readFile(
  command: 'convert' | 'diff',
  file: string,
  flags: InputFlags,
  stdin?: AsyncIterable<Uint8Array>,
): Promise<ReadProfile> {
  const bytes = await readProfileInput(file, stdin);
  try {
    return await readProfile(bytes, { name: nameOf(file), foldedUnit: flags.foldedUnit });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new CommandError(`${command} ${file}: ${error.message}`, error.hint, { cause: error });
  }
}

/** What the user should know of what was read, one line each. */
export function notesOn(file: string, read: ReadProfile, flags: InputFlags): string[] {
  if (read.format === 'stallscope') {
    return read.cut
      ? [`${file} ends inside a window; the ${read.windows.length} whole ones before it are read`]
      : [];
  }
  const notes = read.notes.map((note) => `${file}: ${note}`);
  if (flags.profile === undefined && read.profiles.length > 1) {
    notes.push(
      `${file} has ${read.profiles.length} profiles; the first is taken. Choose with --profile: ${listed(read.profiles.map(({ title }, at) => `${at + 1} ${title}`))}`,
    );
  }
  return notes;
}

/** @throws CommandError */
export function chooseProfile(file: string, read: ReadProfile, flags: InputFlags): ChosenProfile {
  if (read.format === 'stallscope') return chooseView(file, read, flags);
  if (flags.viewFlagsGiven.length > 0) {
    throw new CommandError(
      `${flags.viewFlagsGiven.join(', ')}: ${file} is a ${read.format} file`,
      'Views, and filters of waits, are of stallscope files only. Leave these flags out.',
    );
  }
  const profile = findProfile(file, read.profiles, flags.profile ?? '1');
  return { profile, value: chooseValue(file, profile, flags.value) };
}

/** By its number from 1, else by its name: a name that is a number is meant by `--profile` only where no number fits. */
function findProfile(file: string, profiles: readonly SampleProfile[], wanted: string): SampleProfile {
  const byNumber = /^\d+$/.test(wanted) ? profiles[Number(wanted) - 1] : undefined;
  if (byNumber !== undefined) return byNumber;
  const named = profiles.filter(({ title }) => title === wanted);
  if (named.length === 1) return named[0]!;
  const there = `There are: ${listed(profiles.map(({ title }, at) => `${at + 1} ${title}`))}.`;
  if (named.length > 1) {
    throw new CommandError(
      `--profile ${wanted}: ${file} has ${named.length} of this name`,
      `Choose by number. ${there}`,
    );
  }
  const nearest = findNearest(
    wanted,
    profiles.map(({ title }) => title.slice(0, MAX_LISTED_CHARS)),
  );
  throw new CommandError(
    `--profile ${wanted}: ${file} has ${profiles.length} profile${profiles.length === 1 ? '' : 's'}, none of this ${/^\d+$/.test(wanted) ? 'number' : 'name'}`,
    `${there}${nearest === undefined ? '' : ` (Did you mean ${nearest}?)`}`,
  );
}

function chooseView(
  file: string,
  { tables, windows, header }: Extract<ReadProfile, { format: 'stallscope' }>,
  flags: InputFlags,
): ChosenProfile {
  if (flags.profile !== undefined && flags.profile !== '1') {
    throw new CommandError(`--profile ${flags.profile}: ${file} has 1`, 'Leave --profile out.');
  }
  const title = header.title === '' ? nameOf(file) : header.title;
  const { profile, facts } = windowsToSamples(tables, windows, flags.view, {
    title,
    hostName: header.host.name,
  });
  return { profile, facts, value: chooseValue(file, profile, flags.value) };
}

function chooseValue(file: string, profile: SampleProfile, name: string | undefined): number {
  if (name === undefined) return profile.defaultValue;
  const types = profile.valueTypes.map(({ type }) => type);
  const value = types.indexOf(name);
  if (value >= 0) return value;
  const nearest = findNearest(name, types);
  throw new CommandError(
    `--value ${name}: ${file} has no such value`,
    `There are: ${types.join(', ')}.${nearest === undefined ? '' : ` (Did you mean ${nearest}?)`}`,
  );
}

/** A file's name without its folder and the ending that says its format. */
export function nameOf(file: string): string {
  return file === '-'
    ? 'stdin'
    : basename(file).replace(/(?:\.(?:stallscope|folded|pb|json|txt|gz|speedscope))+$/, '');
}

/** Profiles named in a message: a trace may have hundreds. */
const MAX_LISTED = 12;
/** Of one name. */
const MAX_LISTED_CHARS = 60;

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED).map((name) => name.slice(0, MAX_LISTED_CHARS));
  return `${shown.join(', ')}${names.length > MAX_LISTED ? `, … ${names.length}` : ''}`;
}
