/** Owns running a workload of probes/workloads for a kernel test: starts it, waits for it, reads the truth it prints. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const room = dirname(createRequire(import.meta.url).resolve('@stallscope/probes/package.json'));

/** @returns what the workload says it did, as it says it; times in ns */
export function runWorkload(name: string, ...args: (string | number)[]): Promise<Record<string, number>> {
  return new Promise((resolve, reject) => {
    execFile(join(room, 'build', name), args.map(String), (error, stdout, stderr) => {
      if (error) reject(new Error(`workload ${name}: ${error.message} ${stderr}`));
      else resolve(JSON.parse(stdout) as Record<string, number>);
    });
  });
}
