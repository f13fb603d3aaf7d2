/**
 * Leaving it on: nothing of agent or hub grows with time.
 *
 * A minute stands for hours of a normal host, whose processes come at about one a second and whose windows are a second
 * long: 60 s at 100 processes a second are 6,000 processes, each with a name and call paths of its own and a quarter with
 * an address space of its own, that is 1.7 hours of processes and more distinct stacks than such a host has in a day; 240
 * windows of 250 ms. STALLSCOPE_SOAK_SECONDS=3600 runs the long version.
 */
import { expect, test } from '@playwright/test';
import type { BpfMap } from '@stallscope/libbpf';
import { startWorkload } from '@stallscope/testing';
import { openMapsOf, type Resources, readResources } from './process-resources.js';
import { onKernel } from './running-product.js';
import { StallscopeProcess } from './stallscope-process.js';

const SECONDS = Number(process.env.STALLSCOPE_SOAK_SECONDS ?? 60);
const PROCESSES_A_SECOND = 100;
/** Longer than any tau that the governor may reach in a while, so that every nap is captured. */
const NAP_US = 20_000;
const SAMPLE_MS = 500;
/** What the garbage collector leaves lying moves the resident size by some megabytes from one minute to the next. */
const RSS_MARGIN_BYTES = 16e6;
/** Each change of window duplicates a descriptor or two for a moment. */
const DESCRIPTOR_MARGIN = 3;
/** The content maps of the probe, emptied when they are three quarters full. */
const CONTENT_MAPS = ['stacks', 'links', 'chains'] as const;
/**
 * Losses for want of room or time. What else is counted comes from the host: processes in whose context no program runs,
 * stacks that are too deep or cannot be read, storage that the kernel refuses in a burst of forks.
 */
const OURS = [
  ...['row-map-full', 'stack-map-full', 'link-map-full', 'chain-map-full', 'exited-map-full'],
  ...['stack-unknown', 'chain-unknown', 'program-recursion', 'uplink-dropped', 'hub-dropped'],
];

interface Sample {
  agent: Resources;
  hub: Resources;
  /** Entries by map. */
  entries: Record<string, number>;
}

onKernel('left on', () => {
  test('an hour of comings and goings, compressed: memory, descriptors and maps stay as they are', async () => {
    test.setTimeout((SECONDS + 60) * 1000);
    // Retention is growth by design until it is full: here it is full after the first seconds.
    const hub = new StallscopeProcess(['hub', '--port', '0', '--retain', '10s']);
    const started: StallscopeProcess[] = [hub];
    let maps = new Map<string, BpfMap>();
    const churn: { stop(): Promise<void> }[] = [];
    try {
      const [, url] = await hub.says(/The hub is at (\S+)/);
      const agent = new StallscopeProcess([
        ...['agent', '--window', '250ms', '--hub', url!.replace(/^http/, 'ws')],
      ]);
      started.push(agent);
      await agent.says(/the hub has the first window/);
      maps = openMapsOf(agent.tgid);
      const load = startWorkload('churn', PROCESSES_A_SECOND, SECONDS, NAP_US);
      churn.push(load);

      const samples: Sample[] = [];
      const lost = new Map<string, number>();
      let isOver = false;
      const ended = load.ended.finally(() => {
        isOver = true;
      });
      while (!isOver) {
        await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, SAMPLE_MS))]);
        if (isOver) break;
        const entries = Object.fromEntries(
          CONTENT_MAPS.map((name) => [name, maps.get(name)!.lookupBatch().count]),
        );
        samples.push({ agent: readResources(agent.tgid), hub: readResources(hub.tgid), entries });
        for (const [loss, count] of Object.entries((await hostOf(url!)).losses)) {
          if (OURS.includes(loss)) lost.set(loss, Math.max(count, lost.get(loss) ?? 0));
        }
      }
      const truth = await ended;
      expect(truth.processes, 'what was asked for was done').toBeGreaterThan(
        PROCESSES_A_SECOND * SECONDS * 0.9,
      );

      const third = Math.floor(samples.length / 3);
      const middle = samples.slice(third, 2 * third);
      const last = samples.slice(2 * third);
      const most = (of: readonly Sample[], read: (sample: Sample) => number) => Math.max(...of.map(read));
      for (const part of ['agent', 'hub'] as const) {
        const rssOf = (sample: Sample) => sample[part].rssBytes;
        console.log(
          `${part}: resident at most ${[samples.slice(0, third), middle, last].map((of) => `${(most(of, rssOf) / 1e6).toFixed(0)} MB`).join(', ')} in each third; ` +
            `${most(last, (sample) => sample[part].descriptors)} descriptors, ${most(last, (sample) => sample[part].files)} files`,
        );
        expect(most(last, rssOf), `${part}: bytes resident`).toBeLessThan(
          most(middle, rssOf) + RSS_MARGIN_BYTES,
        );
        expect(
          most(last, (sample) => sample[part].descriptors),
          `${part}: descriptors`,
        ).toBeLessThanOrEqual(most(middle, (sample) => sample[part].descriptors) + DESCRIPTOR_MARGIN);
        expect(
          most(samples, (sample) => sample[part].files),
          `${part}: files open`,
        ).toBeLessThan(300);
      }
      for (const name of CONTENT_MAPS) {
        const counts = samples.map(({ entries }) => entries[name]!);
        const clearings = counts.filter((count, i) => count < (counts[i - 1] ?? 0) / 2).length;
        console.log(
          `${name}: at most ${Math.max(...counts)} of ${maps.get(name)!.maxEntries}, cleared ${clearings} times`,
        );
        expect(Math.max(...counts), `${name}: never full`).toBeLessThan(maps.get(name)!.maxEntries);
        if (name === 'stacks') expect(clearings, 'there were enough stacks to fill it').toBeGreaterThan(0);
      }
      expect(Object.fromEntries(lost), 'lost for want of room or time').toEqual({});
      const { lagMs, retained } = await hostOf(url!);
      expect(lagMs, 'and it is still live').toBeLessThan(5_000);
      expect(retained.windows).toBeGreaterThan(10);
    } finally {
      for (const load of churn) await load.stop();
      for (const map of maps.values()) map.close();
      for (const one of started.reverse()) await one.interrupt();
    }
  });
});

async function hostOf(url: string): Promise<{
  losses: Record<string, number>;
  lagMs: number;
  retained: { windows: number };
}> {
  const { hosts } = (await (await fetch(`${url}/api/hosts`)).json()) as {
    hosts: Awaited<ReturnType<typeof hostOf>>[];
  };
  return hosts[0]!;
}
