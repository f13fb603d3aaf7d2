/** Owns real servers under load, as a distribution packages them, in folders of their own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '@stallscope/testing';

export interface RealProgram {
  /** The process to trace, under load already. */
  readonly tgid: number;
  close(): Promise<void>;
}

const WAIT_MS = 15_000;
const POLL_MS = 20;
/** The ids of `nobody` on Debian and Ubuntu: postgres refuses to be root. */
const NOBODY = 65_534;

/** redis-server whose four clients each ask for a list of 20,000 elements: it waits for them to read, a part of it at a time. */
export function startRedisOfLongWaits(): Promise<RealProgram> {
  return startRedisUnderLoad(['-c', '4', 'lrange', 'list', '0', '-1'], (socket) => {
    const fill = ['-s', socket, '-n', '20000', '-P', '100', '-q', 'rpush', 'list', 'an element'];
    const { status, stderr, error } = spawnSync('redis-benchmark', fill, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`redis-benchmark rpush: ${error?.message ?? stderr}`);
  });
}

/** redis-server whose eight clients ask for one key each, as fast as they can: it waits some microseconds at a time. */
export function startRedisOfShortWaits(): Promise<RealProgram> {
  return startRedisUnderLoad(['-c', '8', '-t', 'get']);
}

async function startRedisUnderLoad(
  load: readonly string[],
  prepare?: (socket: string) => void,
): Promise<RealProgram> {
  const server = await startRedis();
  try {
    prepare?.(server.socket);
  } catch (error) {
    await server.close();
    throw error;
  }
  const args = ['-s', server.socket, '-q', '-n', '1000000000', ...load];
  const benchmark = spawn('redis-benchmark', args, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => benchmark.once('close', () => resolve()));
  return {
    tgid: server.tgid,
    async close() {
      benchmark.kill('SIGKILL');
      await ended;
      await server.close();
    },
  };
}

/** Where Debian keeps the programs of its newest postgres; undefined where it is not installed. */
export function findPostgres(): string | undefined {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return versions
    .map((version) => join(root, version, 'bin'))
    .find((folder) => ['initdb', 'postgres', 'pgbench'].every((name) => existsSync(join(folder, name))));
}

/** One backend of postgres, that of one of 32 clients of pgbench, whose transactions wait for each other's locks. */
export async function startPostgresUnderLoad(programs: string): Promise<RealProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'stallscope-postgres-'));
  chownSync(folder, NOBODY, NOBODY);
  const data = join(folder, 'data');
  const as = { uid: NOBODY, gid: NOBODY, cwd: folder } as const;
  const connection = ['-h', folder, '-U', 'bench', 'postgres'];
  const run = (name: string, ...args: string[]): void => {
    const { status, stderr, error } = spawnSync(join(programs, name), args, { ...as, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${name}: ${error?.message ?? stderr}`);
  };
  const started: { child: ChildProcess; signal: NodeJS.Signals; ended: Promise<void> }[] = [];
  const start = (name: string, args: string[], signal: NodeJS.Signals): ChildProcess => {
    const child = spawn(join(programs, name), args, { ...as, stdio: 'ignore' });
    started.push({ child, signal, ended: new Promise((resolve) => child.once('close', () => resolve())) });
    return child;
  };
  const close = async (): Promise<void> => {
    for (const { child, signal, ended } of started.reverse()) {
      child.kill(signal);
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    run('initdb', '-D', data, '-A', 'trust', '-U', 'bench', '--no-sync');
    const settings = ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off'];
    const server = start('postgres', settings, 'SIGQUIT');
    const isReady = () => spawnSync(join(programs, 'pg_isready'), ['-q', '-h', folder], as).status === 0;
    await until(isReady, 'postgres takes connections');
    run('pgbench', '-i', '-q', ...connection);
    start('pgbench', ['-c', '32', '-T', '600', '-n', ...connection], 'SIGKILL');
    await until(() => backendsOf(server.pid!).length > 0, 'a backend of postgres serves a client');
    return { tgid: backendsOf(server.pid!)[0]!, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function backendsOf(postmaster: number): number[] {
  return readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((tgid) => /^postgres: bench postgres \[local\]/.test(commandLineOf(tgid)));
}

/** '' for a process that is gone. */
function commandLineOf(tgid: number): string {
  try {
    return readFileSync(`/proc/${tgid}/cmdline`, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const untilMs = performance.now() + WAIT_MS;
  while (!condition()) {
    if (performance.now() > untilMs) throw new Error(`not within ${WAIT_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
