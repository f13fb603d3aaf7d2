/**
 * `stallscope open`: shows a profile in the UI. The file is read once here, so that what is broken is said on the terminal,
 * and served on a loopback port to the one page that has the key.
 */
import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { FormatError, type ReadProfile, readProfile } from '@stallscope/formats';
import { CommandError } from '../command-error.js';
import type { OpenFlags } from '../command-line.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { runHub } from '../hub-run.js';
import { Interrupts } from '../interrupts.js';
import { readProfileInput } from '../profile-input.js';
import { findLesserIdentity } from '../up/give-up-root.js';
import { webRoot } from '../web-root.js';
import { BrowserLaunch, canShow } from './browser-launch.js';

/** Nobody guesses 256 bits, nor an agent's token, which no agent is told. */
const KEY_BYTES = 32;

export async function openCommand(flags: OpenFlags): Promise<ExitCode> {
  const bytes = await readProfileInput(flags.file);
  const name = flags.file === '-' ? 'stdin' : basename(flags.file);
  process.stderr.write(`${name}: ${toWords(await readOrRefuse(bytes, flags.file, name))}\n`);

  const key = randomBytes(KEY_BYTES).toString('base64url');
  const identity = findLesserIdentity();
  const interrupts = new Interrupts();
  const launch = new BrowserLaunch();
  try {
    await runHub(
      {
        host: '127.0.0.1',
        port: flags.port,
        allowedOrigins: [],
        webRoot: webRoot(),
        agentToken: randomBytes(KEY_BYTES).toString('base64url'),
        opened: { name, bytes, key },
        ...(identity !== undefined && { identity }),
      },
      interrupts.first,
      {
        onListening: ({ url }) => {
          const address = `${url}/open/#${key}`;
          process.stdout.write(`Open ${address}   (Ctrl-C stops serving it)\n`);
          if (flags.browser && canShow()) launch.show(address);
        },
      },
    );
    return EXIT.ok;
  } finally {
    launch.end();
    interrupts.close();
  }
}

async function readOrRefuse(bytes: Uint8Array, path: string, name: string): Promise<ReadProfile> {
  try {
    return await readProfile(bytes, { name });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new CommandError(`open ${path}: ${error.message}`, error.hint, { cause: error });
  }
}

function toWords(read: ReadProfile): string {
  if (read.format === 'stallscope') {
    const { header, windows, cut } = read;
    const cutWords = cut ? ', cut off in the middle of a window' : '';
    return `stallscope file of ${header.host.name || header.host.id}, ${count(windows.length, 'window')}${cutWords}`;
  }
  const samples = read.profiles.reduce((sum, { sampleStack }) => sum + sampleStack.length, 0);
  return `${read.format}, ${count(read.profiles.length, 'profile')}, ${count(samples, 'sample')}`;
}

function count(number: number, one: string): string {
  return `${number.toLocaleString('en-GB')} ${one}${number === 1 ? '' : 's'}`;
}
