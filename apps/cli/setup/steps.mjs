/**
 * Owns how set-up talks: one line a step as it happens, with the time since the start, and a sign of life while a
 * command takes long. A failure carries what was tried, why it failed and what to do.
 *
 *     [  0.0 s] Node 20.19.4
 *     [  0.1 s] system packages: installing clang libbpf-dev
 *     [ 10.1 s] … still installing system packages
 */
import { spawn } from 'node:child_process';

/** Between two signs of life of a quiet command. */
const STILL_BUSY_MS = 10_000;
/** Lines of a failed command's output that are shown: some tools say what is wrong first, most say it last. */
const FIRST_LINES = 8;
const LAST_LINES = 20;

const startedMs = Date.now();

export function say(text) {
  const seconds = ((Date.now() - startedMs) / 1000).toFixed(1).padStart(5);
  process.stdout.write(`[${seconds} s] ${text}\n`);
}

/** A step that cannot go on; `hint` says what the user can do. */
export class SetupError extends Error {
  constructor(message, hint) {
    super(message);
    this.name = 'SetupError';
    this.hint = hint;
  }
}

/** Prints a failure as the last word of a command. Anything but a SetupError is a bug and keeps its stack. */
export function sayFailure(error) {
  if (!(error instanceof SetupError)) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return;
  }
  process.stderr.write(`\n${error.message}\n`);
  if (error.hint) process.stderr.write(`\n${error.hint}\n`);
}

/**
 * Runs a command whose output matters only when it fails; its last lines are then part of the error.
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, uid?: number, gid?: number, hint?: string }} [options]
 */
export async function runQuietly(what, command, args, options = {}) {
  const { hint, ...spawnOptions } = options;
  const child = spawn(command, args, { ...spawnOptions, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines = new OutputEnds();
  const keep = (chunk) => lines.push(chunk);
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const busy = setInterval(() => say(`… still ${what}`), STILL_BUSY_MS);
  try {
    const status = await exitOf(child, command);
    if (status !== 0) {
      throw new SetupError(
        `${what}: \`${[command, ...args].join(' ')}\` ended with ${status}\n  ${lines}`,
        hint,
      );
    }
  } finally {
    clearInterval(busy);
  }
}

/** Runs a command with its output streamed through. Resolves to its exit status, or the name of the signal that ended it. */
export async function runShown(command, args, options = {}) {
  return exitOf(spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] }), command);
}

function exitOf(child, command) {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupError(`cannot run ${command}: ${error.message}`)));
    child.once('close', (code, signal) => resolve(code ?? signal));
  });
}

/** The first and the last lines of an output of any length. */
class OutputEnds {
  #first = [];
  #last = [];
  #left = 0;
  #rest = '';

  push(chunk) {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) {
      if (this.#first.length < FIRST_LINES) this.#first.push(line);
      else this.#last.push(line);
      if (this.#last.length > LAST_LINES) {
        this.#last.shift();
        this.#left += 1;
      }
    }
  }

  toString() {
    const cut = this.#left > 0 ? [`… ${this.#left} lines …`] : [];
    return [...this.#first, ...cut, ...this.#last, this.#rest].join('\n  ').trimEnd();
  }
}
