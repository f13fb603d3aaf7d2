/** What a user of libbpf-tools knows already: both tools look at the same seconds of the same process, and agree. */
import { spawn, spawnSync } from 'node:child_process';
import { expect, test } from '@playwright/test';
import { startWorkload } from '@stallscope/testing';
import { foldedSumNs, readFolded } from './folded-output.js';
import { onKernel } from './running-product.js';
import { StallscopeProcess } from './stallscope-process.js';

const SECONDS = 10;
const ENVIRONMENT = { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` };
const hasOffcputime = spawnSync('offcputime', ['--version'], { env: ENVIRONMENT }).error === undefined;

onKernel('offcputime of libbpf-tools', () => {
  for (const [subject, start] of [
    // Asleep nearly always, in blocks of 10 ms.
    ['a sleeper', () => startWorkload('sleeper', 1_000_000, 10_000)],
    // Off CPU for the 300 µs that the other one thinks, each time, and for what the machine adds to it.
    ['a ping-pong', () => startWorkload('ping-pong', 1_000_000, 300)],
  ] as const) {
    test(`agrees within 2 % about ${subject}`, async () => {
      // In CI a peer that is missing is a failure: there the set-up installs it.
      test.skip(!hasOffcputime && process.env.CI !== 'true', 'offcputime (libbpf-tools) is not installed');
      const workload = start();
      try {
        const flags = [
          '--kind',
          'all',
          '--exact',
          '--pid',
          String(workload.tgid),
          '--duration',
          String(SECONDS),
        ];
        const ours = new StallscopeProcess(['record', ...flags]);
        await ours.says(/^recording off-cpu/m);
        const theirs = offcputimeNs(workload.tgid);
        const { code, stdout, stderr } = await ours.ended;
        expect(code, stderr).toBe(0);
        const oursNs = foldedSumNs(readFolded(stdout));
        const theirsNs = await theirs;
        const words = `ours ${(oursNs / 1e9).toFixed(3)} s, offcputime ${(theirsNs / 1e9).toFixed(3)} s`;
        test.info().annotations.push({ type: `off-CPU time of ${subject}`, description: words });
        console.log(`off-CPU time of ${subject} in ${SECONDS} s: ${words}`);
        expect(oursNs / theirsNs, words).toBeGreaterThan(0.98);
        expect(oursNs / theirsNs, words).toBeLessThan(1.02);
      } finally {
        await workload.stop();
      }
    });
  }
});

/** Its stacks end each in a line of microseconds alone. */
function offcputimeNs(tgid: number): Promise<number> {
  const child = spawn('offcputime', ['-p', String(tgid), String(SECONDS)], {
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => {
    stdout += text;
  });
  child.stderr.on('data', (text: Buffer) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code !== 0) reject(new Error(`offcputime: exit code ${code} ${stderr}`));
      else resolve([...stdout.matchAll(/^\s+(\d+)$/gm)].reduce((sum, [, us]) => sum + Number(us) * 1000, 0));
    });
  });
}
