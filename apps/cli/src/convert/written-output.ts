/** Owns giving what was written to its place, and saying what it lacks: data to stdout or a file, words to stderr. */
import type { WrittenProfile } from '@stallscope/formats';
import { CommandError } from '../command-error.js';
import type { DataOutput } from '../record/data-output.js';

export interface Streams {
  stdout: { isTTY?: boolean };
  stderr: { write(text: string): unknown };
}

/** A terminal would show rubbish, and may obey it. @throws CommandError */
export function assertShowable(
  { mediaType, extension }: Pick<WrittenProfile, 'mediaType' | 'extension'>,
  path: string | undefined,
  { stdout }: Streams,
): void {
  if (stdout.isTTY !== true || (path !== undefined && path !== '-')) return;
  if (mediaType.startsWith('text/plain') || mediaType === 'application/json') return;
  throw new CommandError(
    'stdout is a terminal, and this format is not for reading there',
    `Write it to a file: -o profile${extension}, or into a pipe.`,
  );
}

export async function deliver(
  written: WrittenProfile,
  path: string | undefined,
  output: DataOutput,
  streams: Streams,
): Promise<void> {
  try {
    assertShowable(written, path, streams);
    await output.write(written.bytes);
  } catch (error) {
    await output.discard();
    throw error;
  }
  for (const sentence of written.lost) streams.stderr.write(`  not in it: ${sentence}\n`);
}
