/** `stallscope convert`: from one file of a profile to another. */
import { type ReadProfile, type WrittenProfile, writeProfile, writeStallscope } from '@stallscope/formats';
import { CommandError } from '../command-error.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { openDataOutput } from '../record/data-output.js';
import type { ConvertFlags } from './convert-line.js';
import { chooseProfile, notesOn, readFile } from './profile-choice.js';
import { deliver } from './written-output.js';

export async function convertCommand(flags: ConvertFlags): Promise<ExitCode> {
  const read = await readFile('convert', flags.file, flags);
  for (const note of notesOn(flags.file, read, flags)) process.stderr.write(`  ${note}\n`);
  const written = await convert(read, flags);
  const output = await openDataOutput(flags.output, process.stdout);
  await deliver(written, flags.output, output, process);
  return EXIT.ok;
}

/** @throws CommandError for what the file has not, or the format cannot hold */
export async function convert(read: ReadProfile, flags: ConvertFlags): Promise<WrittenProfile> {
  const { file, format, title } = flags;
  if (format === 'stallscope') {
    if (read.format !== 'stallscope') {
      throw new CommandError(
        `convert ${file} to stallscope: it is a ${read.format} file, which has samples and no windows of waits`,
        'Show it as it is: stallscope open FILE. A snapshot in the UI keeps it.',
      );
    }
    if (flags.viewFlagsGiven.length > 0) {
      throw new CommandError(
        `${flags.viewFlagsGiven.join(', ')}: a stallscope file keeps everything`,
        'Leave these flags out; choose the view when the file is read.',
      );
    }
    return {
      bytes: writeStallscope(
        { ...read.header, ...(title !== undefined && { title }) },
        read.tables,
        read.windows,
      ),
      mediaType: 'application/vnd.stallscope.windows',
      extension: '.stallscope',
      lost: [],
    };
  }
  const { profile, value, facts } = chooseProfile(file, read, flags);
  try {
    return await writeProfile(profile, format, {
      value,
      ...(facts !== undefined && { facts }),
      ...(title !== undefined && { title }),
      ...(flags.annotated === true && { annotated: true }),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError(`convert ${file} to ${format}: ${error.message}`, '', { cause: error });
  }
}
