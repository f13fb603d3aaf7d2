/**
 * Owns a redis-server for tests and the bench: on a UNIX socket in a folder of its own, keeping nothing, no service of the
 * host, with redis-benchmark as its load.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface RedisServer {
  readonly tgid: number;
  /** Path of its UNIX socket. */
  readonly socket: string;
  /** Ends it and takes its folder away. */
  close(): Promise<void>;
}

const START_MS = 10_000;
const POLL_MS = 20;

/**
 * @param cpu to stay on; undefined is wherever the scheduler likes
 * @throws Error when redis is not installed, or the server does not come up
 */
export async function startRedis(cpu?: number): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'stallscope-redis-'));
  const program = join(folder, 'redis-server');
  const socket = join(folder, 'redis.sock');
  let server: ChildProcess | undefined;
  // Whatever ends this process: the server must not outlive it.
  const kill = (): void => {
    server?.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', kill);
  const close = async (): Promise<void> => {
    process.off('exit', kill);
    if (server !== undefined && server.exitCode === null && server.signalCode === null) {
      const ended = new Promise((resolve) => server!.once('exit', resolve));
      server.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    // It serves when it is called so; in redis-tools of Debian the same program has only its other names.
    symlinkSync(realpathSync(findServer()), program);
    const args = [
      ...['--port', '0', '--unixsocket', socket, '--dir', folder],
      ...['--save', '', '--appendonly', 'no', '--loglevel', 'warning'],
    ];
    server =
      cpu === undefined
        ? spawn(program, args, { stdio: 'ignore' })
        : spawn('taskset', ['-c', String(cpu), program, ...args], { stdio: 'ignore' });
    let failure: string | undefined;
    server.once('error', (error) => {
      failure = error.message;
    });
    server.once('exit', (code, signal) => {
      failure = `it ended by ${signal ?? `exit code ${code}`}`;
    });
    const untilMs = performance.now() + START_MS;
    while (!existsSync(socket)) {
      if (failure !== undefined || performance.now() > untilMs) {
        throw new Error(`redis-server does not listen: ${failure ?? `not within ${START_MS} ms`}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return { tgid: server.pid!, socket, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function findServer(): string {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
  for (const name of ['redis-server', 'redis-check-rdb']) {
    const path = folders.map((folder) => join(folder, name)).find(existsSync);
    if (path !== undefined) return path;
  }
  throw new Error('redis is not installed; run: apt-get install redis-tools');
}
