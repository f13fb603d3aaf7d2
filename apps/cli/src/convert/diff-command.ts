/** `stallscope diff`: what grew and what shrank from one profile to another. */
import { type WrittenProfile, writeDiff } from '@stallscope/formats';
import { CommandError } from '../command-error.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { openDataOutput } from '../record/data-output.js';
import type { DiffFlags } from './convert-line.js';
import { type ChosenProfile, chooseProfile, nameOf, notesOn, readFile } from './profile-choice.js';
import { deliver } from './written-output.js';

export async function diffCommand(flags: DiffFlags): Promise<ExitCode> {
  if (flags.before === '-' && flags.after === '-') {
    throw new CommandError('diff - -: stdin is one profile', 'Give a file for one of the two.');
  }
  const sides: ChosenProfile[] = [];
  for (const file of [flags.before, flags.after]) {
    const read = await readFile('diff', file, flags);
    for (const note of notesOn(file, read, flags)) process.stderr.write(`  ${note}\n`);
    sides.push(chooseProfile(file, read, flags));
  }
  const written = diff(sides[0]!, sides[1]!, flags);
  const output = await openDataOutput(flags.output, process.stdout);
  await deliver(written, flags.output, output, process);
  return EXIT.ok;
}

/** @throws CommandError for two that cannot be compared */
export function diff(before: ChosenProfile, after: ChosenProfile, flags: DiffFlags): WrittenProfile {
  const { format, normalise, width } = flags;
  const titles = new Set([before.profile.title, after.profile.title]);
  const sideOf = ({ profile, value }: ChosenProfile, file: string) => ({
    profile,
    value,
    // Two of one host are told apart by their files.
    title: titles.size === 2 ? profile.title : nameOf(file),
  });
  const [from, to] = [sideOf(before, flags.before), sideOf(after, flags.after)];
  const [fromUnit, toUnit] = [from, to].map(({ profile, value }) => profile.valueTypes[value]!.unit);
  if (fromUnit !== toUnit && !normalise) {
    throw new CommandError(
      `diff: ${flags.before} has ${fromUnit}, ${flags.after} has ${toUnit}`,
      'Say what the numbers of folded stacks are with --folded-unit, choose another number with --value, or compare shares with --normalise.',
    );
  }
  try {
    return writeDiff(from, to, format, { normalise, width });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError(`diff ${flags.before} ${flags.after}: ${error.message}`, '', { cause: error });
  }
}
