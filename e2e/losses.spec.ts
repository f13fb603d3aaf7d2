/** A part of it stalls while a workload with known waits runs: afterwards the waits are there, or what is missing is counted. */
import { expect, test } from '@playwright/test';
import type { Loss } from '@stallscope/profile';
import { startWorkload } from '@stallscope/testing';
import { HubWatcher } from './hub-watcher.js';
import { onKernel, startProduct } from './running-product.js';

/**
 * Of the host: threads in whose context no program runs, stacks that cannot be read, storage refused in bursts of forks,
 * and periods of the sampling clock in which a virtual machine did not run.
 */
const FROM_THE_HOST: readonly string[] = [
  ...['stack-error', 'stack-truncated', 'wake-missed', 'switch-missed', 'task-storage-refused'],
  'cpu-sample-lost',
];
const NAP_US = 10_000;
const NAPS = 250;
const STALL_MS = 3_000;

function ofOurs(losses: Partial<Record<Loss, number>>): Partial<Record<Loss, number>> {
  return Object.fromEntries(Object.entries(losses).filter(([loss]) => !FROM_THE_HOST.includes(loss)));
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

onKernel('a part that stalls', () => {
  const product = startProduct('--window', '250ms');

  for (const part of ['agent', 'hub'] as const) {
    test(`the ${part} is stopped for seconds: nothing that was waited meanwhile is lost`, async () => {
      const tgid = product.process.partTgid(part);
      const watcher = await HubWatcher.watch(product.url);
      try {
        const before = watcher.windows.length;
        const sleeper = startWorkload('sleeper', NAPS, NAP_US);
        // It is under way, seen by windows that end as they should.
        await watcher.until('the sleeper', () => watcher.blockedNs(sleeper.tgid) > 0);
        process.kill(tgid, 'SIGSTOP');
        try {
          await pause(STALL_MS);
          await sleeper.ended;
        } finally {
          process.kill(tgid, 'SIGCONT');
        }
        const truth = await sleeper.ended;
        await watcher.untilPast(Date.now());

        const blockedNs = watcher.blockedNs(sleeper.tgid);
        // A wait that ends where no program runs is missed, and counted so: one of them is 0.4 %.
        expect(blockedNs / truth.askedNs!).toBeGreaterThan(0.985);
        expect(blockedNs).toBeLessThan(truth.asleepNs! * 1.01);
        expect(ofOurs(watcher.losses())).toEqual({});
        expect(watcher.gapsMs(), 'time in no window').toBe(0);
        const lengths = watcher.windows.slice(before).map(({ window }) => window.endMs - window.startMs);
        if (part === 'agent') {
          expect(Math.max(...lengths), 'one window is as long as the stall').toBeGreaterThan(STALL_MS * 0.9);
        } else {
          expect(Math.max(...lengths), 'the agent went on at its pace').toBeLessThan(STALL_MS * 0.5);
          const sequences = watcher.windows.map(({ window }) => window.sequence);
          expect(sequences, 'each once and in order').toEqual(sequences.map((_, i) => sequences[0]! + i));
        }
      } finally {
        watcher.close();
      }
    });
  }
});
