/** Owns running a workload of probes/workloads for a test: starts it, waits for it or ends it, reads the truth it prints. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What a workload says that it did, as it says it; times in ns. */
export type WorkloadTruth = Record<string, number>;

export interface StartedWorkload<Truth = WorkloadTruth> {
  tgid: number;
  /** Rejects when it fails or is stopped. */
  ended: Promise<Truth>;
  /** Kills it and the processes that it made. Resolves when it is gone; fine to call when it is already. */
  stop(): Promise<void>;
}

const room = dirname(createRequire(import.meta.url).resolve('@stallscope/probes/package.json'));

/** Where the compiled workload is, for a test that has others start it. */
export function workloadPath(name: string): string {
  return join(room, 'build', name);
}

export function startWorkload<Truth = WorkloadTruth>(
  name: string,
  ...args: (string | number)[]
): StartedWorkload<Truth> {
  return start(name, [workloadPath(name), ...args.map(String)]);
}

/** Starts it inside a cgroup v2 directory, with all that it forks. */
export function startWorkloadIn<Truth = WorkloadTruth>(
  cgroupDirectory: string,
  name: string,
  ...args: (string | number)[]
): StartedWorkload<Truth> {
  const enter = ['sh', '-c', 'echo $$ > "$0/cgroup.procs" && exec "$@"', cgroupDirectory];
  return start(name, [...enter, workloadPath(name), ...args.map(String)]);
}

function start<Truth>(name: string, [program, ...args]: string[]): StartedWorkload<Truth> {
  // A process group of its own, so that what it forks can be ended with it.
  const child = spawn(program!, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const tgid = child.pid;
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => {
    stdout += text;
  });
  child.stderr.on('data', (text: Buffer) => {
    stderr += text;
  });
  const ended = new Promise<Truth>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(stdout) as Truth);
      else reject(new Error(`workload ${name}: ended by ${signal ?? `exit code ${code}`} ${stderr}`));
    });
  });
  // Whoever stops it need not wait for its truth.
  ended.catch(() => {});
  if (tgid === undefined)
    throw new Error(
      `workload ${name}: did not start; build it: npm run build:workloads -w @stallscope/probes`,
    );
  return {
    tgid,
    ended,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) process.kill(-tgid, 'SIGKILL');
      await ended.catch(() => undefined);
    },
  };
}

export function runWorkload(name: string, ...args: (string | number)[]): Promise<WorkloadTruth> {
  return startWorkload(name, ...args).ended;
}
