/** Owns reading a profile that the user names, `-` for stdin, whole and within the bound of what is read. */
import { open } from 'node:fs/promises';
import { DEFAULT_READ_LIMITS } from '@stallscope/formats';
import { CommandError, systemCause } from './command-error.js';

/** @throws CommandError that says what could not be read and what to do */
export async function readProfileInput(
  path: string,
  stdin: AsyncIterable<Uint8Array> = process.stdin,
  maxBytes = DEFAULT_READ_LIMITS.maxInputBytes,
): Promise<Uint8Array<ArrayBuffer>> {
  if (path === '-') return readAll(stdin, 'stdin', maxBytes);
  try {
    const file = await open(path, 'r');
    try {
      return await readAll(file.createReadStream({ autoClose: false }), path, maxBytes);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`read ${path}: ${systemCause(error)}`, 'Check the name and who may read it.', {
      cause: error,
    });
  }
}

async function readAll(
  from: AsyncIterable<Uint8Array>,
  name: string,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of from) {
    bytes += part.length;
    if (bytes > maxBytes) {
      throw new CommandError(
        `read ${name}: more than ${Math.floor(maxBytes / 2 ** 20)} MiB`,
        'That much is not read at once: record for a shorter time, or convert a part of it.',
      );
    }
    parts.push(part);
  }
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
