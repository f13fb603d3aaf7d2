/**
 * Owns where a token comes from: a file or the environment, never the command line, where every user of the host could
 * read it.
 */
import { readFileSync, statSync } from 'node:fs';
import { CommandError, systemCause } from './command-error.js';

/** Fewer characters could be guessed; the recommended 32 random bytes in hex are 64. */
const MIN_TOKEN_CHARACTERS = 16;
const MAX_TOKEN_CHARACTERS = 512;

const HOW_TO_MAKE_ONE = 'Make one with: (umask 077; openssl rand -hex 32 > FILE)';

/** The token that `flag` or the environment gives; undefined when neither does. It is taken out of the environment. */
export function readToken(
  flag: string,
  file: string | undefined,
  variable: string,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const fromEnvironment = environment[variable];
  // What children or /proc show of it ends here.
  delete environment[variable];
  if (file !== undefined) return checked(`${flag} ${file}`, readTokenFile(flag, file));
  return fromEnvironment === undefined ? undefined : checked(variable, fromEnvironment.trim());
}

/** Says which flag is missing, before the hub refuses an address that others can reach. */
export async function assertTokensFor(
  host: string,
  tokens: Record<string, string | undefined>,
): Promise<void> {
  if (host === '127.0.0.1') return;
  const { isLoopback } = await import('@stallscope/hub');
  if (isLoopback(host)) return;
  const missing = Object.keys(tokens).filter((flag) => tokens[flag] === undefined);
  if (missing.length === 0) return;
  throw new CommandError(
    `--host ${host}: others can reach this address, so it needs ${missing.map((flag) => `${flag} FILE`).join(' and ')}`,
    HOW_TO_MAKE_ONE,
  );
}

/** Agents write, browsers read: with one token for both, whoever may look could also pose as an agent. */
export function assertTokensDiffer(agentToken: string | undefined, browserToken: string | undefined): void {
  if (agentToken === undefined || agentToken !== browserToken) return;
  throw new CommandError(
    '--agent-token-file and --browser-token-file: both give the same token, so that whoever reads could pose as an agent',
    `Give each its own. ${HOW_TO_MAKE_ONE}`,
  );
}

function readTokenFile(flag: string, file: string): string {
  try {
    const status = statSync(file);
    // A pipe is what a shell makes of <(command).
    if (!status.isFile() && !status.isFIFO()) {
      throw new CommandError(
        `${flag} ${file}: it is ${status.isDirectory() ? 'a folder, ' : ''}no file`,
        HOW_TO_MAKE_ONE,
      );
    }
    if ((status.mode & 0o007) !== 0) {
      throw new CommandError(
        `${flag} ${file}: every user of this host may read it`,
        `Close it with: chmod 600 ${file}`,
      );
    }
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${flag} ${file}: ${systemCause(error)}`, HOW_TO_MAKE_ONE, { cause: error });
  }
}

function checked(source: string, token: string): string {
  if (
    token.length < MIN_TOKEN_CHARACTERS ||
    token.length > MAX_TOKEN_CHARACTERS ||
    !/^[\x21-\x7e]+$/.test(token)
  ) {
    throw new CommandError(
      `${source}: a token is ${MIN_TOKEN_CHARACTERS} to ${MAX_TOKEN_CHARACTERS} printable characters without spaces; this has ${token.length} characters`,
      HOW_TO_MAKE_ONE,
    );
  }
  return token;
}
