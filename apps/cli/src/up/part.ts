/**
 * Owns one child process of `up` (a part: the hub or the agent): how it is started, what it says, how it ends.
 *
 * The parts talk to `up` over Node's IPC channel, never over arguments: configuration holds tokens. A part ends when it
 * is told to, and when the channel closes, so none outlives `up`, however that ended. Ctrl-C reaches the whole process
 * group; parts leave it to `up`, which ends them in order.
 */
import { type ChildProcess, fork } from 'node:child_process';
import type { Launcher } from './agent-launcher.js';

export type PartName = 'hub' | 'agent';

/** From `up` to a part: its configuration once, then the wish that it ends. */
export type ToPart<Config> = { type: 'start'; config: Config } | { type: 'stop' };

/** From a part to `up`. */
export type FromPart =
  /** The hub listens, at `url` for this host and at `where` in words; the agent is attached. */
  | { type: 'ready'; url?: string; where?: string }
  /** The hub has the first window of an agent. */
  | { type: 'first-window' }
  /** The agent wants the kernel to count how long BPF programs run, or no longer: it may not ask the kernel itself. */
  | { type: 'costs'; isWanted: boolean }
  /** It runs, but lacks something that the user should know of: a sentence. */
  | { type: 'notice'; text: string }
  /** It cannot go on and will end; already said in words for the user. */
  | { type: 'failed'; text: string };

/** What `up` sees of a part; an interface so that `up` can be tested without processes. */
export interface Part {
  readonly tgid: number;
  onMessage(listener: (message: FromPart) => void): void;
  /** Resolves with how it ended, in words: `exit code 1`, `SIGSEGV`. */
  readonly ended: Promise<string>;
  /** Asks it to end; kills it when it has not after `graceMs`. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}

/**
 * One host's parts have little garbage, and V8 by itself keeps much room for it. The young generation grows to 16 MiB and
 * more in a process that reads a large table once, and stays so: bounding it keeps 30 MB of resident memory off each.
 * Helper threads for the collector keep another 20 MB of their own and cost more than they save where pauses are 2 ms.
 */
const V8_FLAGS = ['--max-semi-space-size=2', '--single-threaded-gc'];

/** @param launcher what to start it by, in place of Node itself */
export function startPart<Config>(name: PartName, config: Config, launcher?: Launcher): Part {
  const child = fork(new URL(`./${name}-part.js`, import.meta.url), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...(launcher && { execPath: launcher.execPath }),
    execArgv: [...(launcher?.execArgv ?? []), ...V8_FLAGS],
  });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  send(child, { type: 'start', config });
  return {
    tgid: child.pid ?? 0,
    onMessage: (listener) => {
      child.on('message', (message) => {
        if (isFromPart(message)) listener(message);
      });
    },
    ended,
    async stop(graceMs) {
      send(child, { type: 'stop' });
      const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await ended;
      clearTimeout(kill);
    },
  };
}

/** A channel that is closed already means that the part is ending, which `ended` tells. */
function send<Config>(child: ChildProcess, message: ToPart<Config>): void {
  if (child.connected) child.send(message as object, () => {});
}

/** The hub is not trusted: it reads the network. */
function isFromPart(message: unknown): message is FromPart {
  if (typeof message !== 'object' || message === null || !('type' in message)) return false;
  if (message.type === 'failed' || message.type === 'notice')
    return 'text' in message && typeof message.text === 'string';
  if (message.type === 'ready') {
    return (
      (!('url' in message) || typeof message.url === 'string') &&
      (!('where' in message) || typeof message.where === 'string')
    );
  }
  if (message.type === 'costs') return 'isWanted' in message && typeof message.isWanted === 'boolean';
  return message.type === 'first-window';
}

/** The other end: runs a part's work in its own process. `work` ends when `stopped` is aborted. */
export function runAsPart<Config>(
  work: (config: Config, stopped: AbortSignal, tell: (message: FromPart) => void) => Promise<void>,
  describe: (error: unknown) => string,
): void {
  const stop = new AbortController();
  const tell = (message: FromPart) => {
    if (process.connected) process.send?.(message);
  };
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
  process.on('SIGTERM', () => stop.abort());
  process.on('disconnect', () => stop.abort());
  process.on('message', (message: ToPart<Config>) => {
    if (message.type === 'stop') stop.abort();
    else {
      work(message.config, stop.signal, tell)
        .catch((error: unknown) => {
          tell({ type: 'failed', text: describe(error) });
          process.exitCode = 1;
        })
        .finally(() => {
          if (process.connected) process.disconnect();
        });
    }
  });
}
