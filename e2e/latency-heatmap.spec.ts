/** A user sees how long things took, finds the load's own latencies in the cells, and goes from a cell to its cause. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { bucketOf } from '@stallscope/latency';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import type { TestWindow } from '@stallscope/web/test-window-model';
import { modelWhen, nsAt, openHost } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

/** Of the chart: its axes take this of it. */
const AXIS_WIDTH_PX = 56;
const AXIS_HEIGHT_PX = 16;
const FOR_EVER = 1_000_000;
const SHORT_NAP_US = 3_000;
const LONG_NAP_US = 60_000;
/** A nap lasts a little longer than asked, and the run queue is not in it. */
const LONG = bucketOf(LONG_NAP_US * 1000);

type Heat = NonNullable<TestWindow['heat']>;

onKernel('latency heatmaps', () => {
  const data = mkdtempSync(join(tmpdir(), 'stallscope-heatmap-'));
  test.afterAll(() => rmSync(data, { recursive: true, force: true }));
  const product = startProduct('--data', data, '--exact');
  const workloads: StartedWorkload[] = [];
  const start = (name: string, ...args: (string | number)[]): StartedWorkload => {
    const started = startWorkload(name, ...args);
    workloads.push(started);
    return started;
  };

  test.afterEach(async () => {
    for (const workload of workloads.splice(0)) await workload.stop();
  });

  test('I choose the heatmap of blocks, and naps of known lengths are in the cells of those lengths', async ({
    page,
  }) => {
    const long = start('sleeper', FOR_EVER, LONG_NAP_US, 'nap-long');
    await openHost(page, product.url, { p: long.tgid });
    await page.getByRole('group', { name: 'Latencies' }).getByRole('button', { name: 'Blocked' }).click();
    await expect(page).toHaveURL(/[?&]heat=offcpu/);
    const { heat } = await modelWhen(page, 'some naps', (model) => (model.heat?.total.count ?? 0) > 40);
    const inCells = heat!.cells.filter(({ bucket }) => bucket === LONG || bucket === LONG + 1);
    const counted = inCells.reduce((sum, { count }) => sum + count, 0);
    // A machine with much to do wakes one late now and then.
    expect(counted / heat!.total.count).toBeGreaterThan(0.9);
    // As many as fit in a column: each column is a window.
    for (const { column, count } of inCells) {
      const { startMs, endMs } = heat!.columns[column]!;
      expect(count).toBeLessThanOrEqual(Math.ceil((endMs - startMs) / (LONG_NAP_US / 1000)) + 1);
    }
    for (const ns of heat!.total.ns.slice(0, 1)) expect(bucketOf(Math.round(ns!))).toBe(LONG);
    await expect(chartOf(page)).toBeVisible();
    await expect(page.getByRole('note', { name: 'Heatmap' })).toContainText(/Blocked of .*blocks/);
  });

  test('I draw over long blocks, and graph, tables and operations are of exactly those; after a reload too', async ({
    page,
  }) => {
    start('sleeper', FOR_EVER, SHORT_NAP_US, 'nap-short');
    start('sleeper', FOR_EVER, LONG_NAP_US, 'nap-long');
    await openHost(page, product.url, { heat: 'offcpu' });
    const both = await modelWhen(
      page,
      'both sleepers in counted windows',
      (model) =>
        nsAt(model, 'nap-short') > 0 && nsAt(model, 'nap-long') > 0 && columnsOf(model.heat, LONG) >= 3,
    );
    await brush(page, both.heat!, LONG - 2, LONG + 3);
    await expect(page).toHaveURL(/[?&]lat=\d+-\d+/);
    await expect(page).toHaveURL(/[?&]from=\d+&to=\d+/);
    const ofRegion = (model: TestWindow): boolean =>
      model.totals?.region?.isOfWaits === true && nsAt(model, 'nap-long') > 0;
    const part = await modelWhen(page, 'the region', ofRegion);
    expect(nsAt(part, 'nap-short')).toBe(0);
    expect(nsAt(part, /^nap-long;.*nap_here$/)).toBeGreaterThan(0);
    expect(part.threads.map(({ name }) => name)).toContain('nap-long');
    expect(part.threads.map(({ name }) => name)).not.toContain('nap-short');
    for (const { bucket } of part.operations!.rows) {
      expect(bucket).toBeGreaterThanOrEqual(LONG - 2);
      expect(bucket).toBeLessThanOrEqual(LONG + 3);
    }
    // Every wait was selected: the rows stand for as many as the histograms counted.
    const { count, sampledCount } = part.totals!.region!;
    expect(Math.abs(sampledCount - count) / count).toBeLessThan(0.02);
    const chips = page.getByRole('list', { name: 'Filters' }).first();
    await expect(chips).toContainText('latency');
    await expect(chips).toContainText('stretch');

    await page.reload();
    const again = await modelWhen(
      page,
      'the same region',
      (model) => ofRegion(model) && model.totals!.region!.count === count,
    );
    expect(again.totals!.sampledNs).toBe(part.totals!.sampledNs);
    await page
      .getByRole('button', { name: /^Remove latency/ })
      .first()
      .click();
    await expect(page).not.toHaveURL(/[?&]lat=/);
    await modelWhen(
      page,
      'all lengths',
      (model) => nsAt(model, 'nap-short') > 0 && model.totals?.region === null,
    );
  });

  test('I compare what I chose with the rest, by keys alone', async ({ page }) => {
    start('sleeper', FOR_EVER, SHORT_NAP_US, 'nap-short');
    start('sleeper', FOR_EVER, LONG_NAP_US, 'nap-long');
    await openHost(page, product.url, { heat: 'offcpu', lat: `${LONG - 2}-${LONG + 3}` });
    await modelWhen(page, 'the long ones', (model) => nsAt(model, 'nap-long') > 0);
    const corner = page.getByRole('slider', { name: /^End of the selected time/ });
    await corner.focus();
    await page.keyboard.press('ArrowUp');
    await expect(page).toHaveURL(new RegExp(`[?&]lat=${LONG - 2}-${LONG + 4}`));
    await page.keyboard.press('ArrowDown');
    await expect(page).toHaveURL(new RegExp(`[?&]lat=${LONG - 2}-${LONG + 3}`));
    await page.getByRole('button', { name: 'Against the rest' }).click();
    await expect(page).toHaveURL(/[?&]base=lat:rest/);
    const { difference } = await modelWhen(
      page,
      'a difference',
      (model) =>
        model.difference?.state === 'ready' &&
        model.difference.nodes.some(({ path }) => path === 'nap-short'),
    );
    const at = (path: string) => difference!.nodes.find((node) => node.path === path)!;
    expect(at('nap-long').after).toBeGreaterThan(0);
    expect(at('nap-short').after).toBe(0);
    expect(at('nap-short').before).toBeGreaterThan(0);
  });

  test('System calls of a load are counted as long as it took them itself, and lead to its stacks', async ({
    page,
  }) => {
    await openHost(page, product.url, { heat: 'syscalls', op: 'clock_nanosleep', view: 'off-cpu' });
    const before = await modelWhen(
      page,
      'the first counted window',
      (model) => (model.heat?.collection.newest ?? '') === 'on',
    );
    expect(before.heat!.name).toBe('syscalls');
    start('sleeper', FOR_EVER, LONG_NAP_US, 'nap-long');
    const { heat, threads } = await modelWhen(
      page,
      'its calls',
      (model) =>
        columnsOf(model.heat, LONG) + columnsOf(model.heat, LONG + 1) >= 2 && nsAt(model, 'nap-long') > 0,
    );
    expect(heat!.operations.map(({ operation }) => operation)).toContain('clock_nanosleep');
    expect(threads.map(({ name }) => name)).toContain('nap-long');
    await expect(page.getByRole('table', { name: 'Operations' })).toContainText('nap-long');
  });
});

/** Columns with something in a bucket. */
function columnsOf(heat: Heat | null, bucket: number): number {
  return new Set(heat?.cells.filter((cell) => cell.bucket === bucket).map(({ column }) => column)).size;
}

function chartOf(page: Page): Locator {
  return page.getByRole('group', { name: /^Latencies: / });
}

/** Drags over all columns that were counted, and these buckets: both ends are in it. */
async function brush(page: Page, heat: Heat, fromBucket: number, toBucket: number): Promise<void> {
  const box = (await chartOf(page).boundingBox())!;
  const counted = heat.columns.filter(({ collected }) => collected === 1);
  const widthPx = box.width - AXIS_WIDTH_PX;
  const heightPx = box.height - AXIS_HEIGHT_PX;
  const xOf = (ms: number): number =>
    box.x + AXIS_WIDTH_PX + ((ms - heat.fromMs) / (heat.toMs - heat.fromMs)) * widthPx;
  const yOf = (bucket: number): number =>
    box.y + heightPx * (1 - (bucket + 0.5 - heat.fromBucket) / (heat.toBucket - heat.fromBucket));
  // A live picture moves on meanwhile: within the first and the last of them, with room on both sides.
  await page.mouse.move(xOf(counted[0]!.endMs), yOf(fromBucket));
  await page.mouse.down();
  await page.mouse.move(xOf(counted.at(-1)!.startMs), yOf(toBucket), { steps: 4 });
  await page.mouse.up();
}
