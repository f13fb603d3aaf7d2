/** Owns running a workload of probes/workloads for a kernel test: starts it, waits for it, reads the truth it prints. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** What a workload says that it did, as it says it; times in ns. */
export type WorkloadTruth = Record<string, number>;

const room = dirname(createRequire(import.meta.url).resolve('@stallscope/probes/package.json'));

export function startWorkload(
  name: string,
  ...args: (string | number)[]
): { tgid: number; ended: Promise<WorkloadTruth> } {
  let tgid: number | undefined;
  const ended = new Promise<WorkloadTruth>((resolve, reject) => {
    const child = execFile(join(room, 'build', name), args.map(String), (error, stdout, stderr) => {
      if (error) reject(new Error(`workload ${name}: ${error.message} ${stderr}`));
      else resolve(JSON.parse(stdout) as WorkloadTruth);
    });
    tgid = child.pid;
  });
  if (tgid === undefined)
    throw new Error(
      `workload ${name}: did not start; build it: npm run build:workloads -w @stallscope/probes`,
    );
  return { tgid, ended };
}

export function runWorkload(name: string, ...args: (string | number)[]): Promise<WorkloadTruth> {
  return startWorkload(name, ...args).ended;
}
