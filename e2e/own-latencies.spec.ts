/**
 * A user loads a host in ways that are known, and each heatmap has the load's own latencies in the cells that show it: files
 * that are synced, connects to a listener that is slow, look-ups of a resolver on loopback, threads that share a CPU.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { bucketOf } from '@stallscope/latency';
import { startWorkload } from '@stallscope/testing';
import type { TestWindow } from '@stallscope/web/test-window-model';
import { modelWhen, openHost } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

type Heat = NonNullable<TestWindow['heat']>;

interface OwnLengths {
  tgid: number;
  tid: number;
  lengths: Record<string, number[]>;
}

interface OwnLatencies {
  tgid: number;
  latencies: { of: string; tid: number; ns: number }[];
}

/** Shorter operations may be cut short or drawn out by whoever else wants the CPU: by a bucket or more. */
const MS = 1e6;

onKernel('the latencies of loads that know their own', () => {
  const directory = mkdtempSync(join(tmpdir(), 'stallscope-own-'));
  const product = startProduct('--no-data');
  test.afterAll(() => rmSync(directory, { recursive: true, force: true }));

  /** Opens a heatmap and waits until a whole window of it has come. */
  async function openHeatmap(page: Page, heat: string): Promise<void> {
    await openHost(page, product.url, { heat, span: '1m' });
    await modelWhen(page, 'a window that counted', (model) => model.heat?.collection.newest === 'on');
  }

  /** The same heatmap, of one load's operation alone, once as many as it knows of have been counted. */
  async function heatOf(
    page: Page,
    narrowed: Record<string, string | number>,
    isAll: (count: number) => boolean,
  ): Promise<Heat> {
    const url = new URL(page.url());
    for (const [name, value] of Object.entries(narrowed)) url.searchParams.set(name, String(value));
    await page.goto(url.href);
    const { heat } = await modelWhen(
      page,
      `what ${JSON.stringify(narrowed)} leaves`,
      (model) => model.heat !== null && isAll(model.heat.total.count),
    );
    return heat!;
  }

  test('Each fsync of a file is in the cell of its length', async ({ page }) => {
    await openHeatmap(page, 'ext4dist');
    const load = startWorkload<OwnLengths>('own-files', join(directory, 'synced'), 11, 60);
    const { tgid, lengths } = await load.ended;
    const own = lengths.fsync!;
    const heat = await heatOf(page, { p: tgid, op: 'fsync' }, (count) => count >= own.length);
    expectInCells(heat, own);
    expectPercentiles(heat, own);
    await expect(page.getByRole('table', { name: 'Operations' })).toContainText('fsync');
  });

  test('A connect to a listener that is slow stands a second above the others, whoever refuses is told apart', async ({
    page,
  }) => {
    await openHeatmap(page, 'tcpconnect');
    const load = startWorkload<OwnLatencies>('connects', 20);
    const { tgid, latencies } = await load.ended;
    const ownOf = (outcome: string): number[] =>
      latencies.filter(({ of }) => of === outcome).map(({ ns }) => ns);
    for (const outcome of ['connected', 'timed out', 'given up', 'refused']) {
      const own = ownOf(outcome);
      expect(own.length, outcome).toBeGreaterThan(0);
      const heat = await heatOf(page, { p: tgid, op: outcome }, (count) => count >= own.length);
      expect(heat.total.count, outcome).toBe(own.length);
      expectInCells(
        heat,
        own.filter((ns) => ns >= MS),
        MS,
      );
    }
    // The SYN that the full backlog dropped was sent again after a second.
    expect(Math.max(...ownOf('connected'))).toBeGreaterThan(900 * MS);
  });

  test('Look-ups take as long as their resolver lets them wait', async ({ page }) => {
    await openHeatmap(page, 'dns');
    const load = startWorkload<OwnLatencies>('lookups', 8);
    const { tgid, latencies } = await load.ended;
    const own = latencies.filter(({ of }) => of === 'getaddrinfo').map(({ ns }) => ns);
    const heat = await heatOf(page, { p: tgid, op: 'getaddrinfo' }, (count) => count >= own.length);
    expect(heat.total.count).toBe(own.length);
    expectInCells(
      heat,
      own.filter((ns) => ns >= MS),
      MS,
    );
  });

  test('A thread that shares its CPU waits in the run queue for as long as its own clock jumps', async ({
    page,
  }) => {
    await openHeatmap(page, 'runqlat');
    const load = startWorkload<OwnLengths>('gaps', 3000);
    const { tgid, tid, lengths } = await load.ended;
    const own = lengths.preempted!;
    expect(own.length).toBeGreaterThan(50);
    const last = own.length;
    const heat = await heatOf(page, { p: tgid, t: tid, op: 'preempted' }, (count) => count >= 0.9 * last);
    // What a hypervisor takes is a jump of the clock too, and no wait of the thread.
    const ownNs = own.reduce((sum, ns) => sum + ns, 0);
    const countedNs = heat.cells.reduce((sum, { bucket, count }) => sum + count * middleNs(bucket), 0);
    expect(countedNs / ownNs, 'of the time that it was away').toBeGreaterThan(0.85);
    expect(countedNs / ownNs, 'of the time that it was away').toBeLessThan(1.15);
    const counted = spread(heat, LEAST_GAP_NS);
    const sorted = [...own].sort((a, b) => a - b);
    for (const share of [0.5, 0.95]) {
      const mine = bucketOf(sorted[Math.ceil(share * sorted.length) - 1]!);
      const theirs = counted[Math.ceil(share * counted.length) - 1]!;
      expect(Math.abs(mine - theirs), `p${100 * share}`).toBeLessThanOrEqual(1);
    }
  });
});

/** As the workload `gaps` has it. */
const LEAST_GAP_NS = 500_000;

/** Buckets of what a heatmap counted, ascending, those that may hold lengths from `fromNs` on. */
function spread(heat: Heat, fromNs = 0): number[] {
  return [...heat.cells]
    .filter(({ bucket }) => bucket >= bucketOf(fromNs))
    .sort((a, b) => a.bucket - b.bucket)
    .flatMap(({ bucket, count }) => Array<number>(count).fill(bucket));
}

/** In order of length, each in its bucket, or in the one before: the call's own clock has the way in and out too. */
function expectInCells(heat: Heat, own: readonly number[], fromNs = 0): void {
  const sorted = [...own].sort((a, b) => a - b);
  const counted = spread(heat).slice(-sorted.length || undefined);
  if (sorted.length === 0) return;
  expect(counted.length).toBe(sorted.length);
  for (const [at, ns] of sorted.entries()) {
    const above = bucketOf(ns) - counted[at]!;
    expect(above, `${ns} ns, the ${at + 1}th from ${fromNs} ns`).toBeGreaterThanOrEqual(0);
    expect(above, `${ns} ns, the ${at + 1}th from ${fromNs} ns`).toBeLessThanOrEqual(1);
  }
}

function expectPercentiles(heat: Heat, own: readonly number[]): void {
  const sorted = [...own].sort((a, b) => a - b);
  for (const [index, share] of [0.5, 0.95, 0.99].entries()) {
    const exact = sorted[Math.ceil(share * sorted.length) - 1]!;
    const shown = bucketOf(Math.round(heat.total.ns[index]!));
    expect(Math.abs(shown - bucketOf(exact)), `p${100 * share}`).toBeLessThanOrEqual(1);
  }
}

/** About the length of what is in a bucket, ns. */
function middleNs(bucket: number): number {
  return 2 ** ((bucket + 0.5) / 4) * (125 / 128);
}
