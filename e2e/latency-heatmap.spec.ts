/** A user sees how long things took, finds the load's own latencies in the cells, and goes from a cell to its cause. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { bucketOf } from '@stallscope/latency';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import type { TestWindow } from '@stallscope/web/test-window-model';
import { chooseFile } from './choose-file.js';
import { modelWhen, nsAt, openHost } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';
import { StallscopeProcess } from './stallscope-process.js';

/** Of the chart: its axes take this of it. */
const AXIS_WIDTH_PX = 56;
const AXIS_HEIGHT_PX = 16;
const FOR_EVER = 1_000_000;
const ATTACHED_MS = 2500;
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
    const short = start('sleeper', FOR_EVER, SHORT_NAP_US, 'nap-short');
    const long = start('sleeper', FOR_EVER, LONG_NAP_US, 'nap-long');
    await openHost(page, product.url, { heat: 'offcpu' });
    const has = ({ threads }: TestWindow, tid: number): boolean =>
      threads.some((thread) => thread.tid === tid);
    await modelWhen(
      page,
      'both sleepers in counted windows',
      (model) => has(model, short.tgid) && has(model, long.tgid) && columnsOf(model.heat, LONG) >= 3,
    );
    // A live picture would move on between looking and drawing.
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const paused = await modelWhen(page, 'a pause', (model) => model.newerWindows !== null);
    await brush(page, paused.heat!, LONG - 2, LONG + 3);
    await expect(page).toHaveURL(/[?&]lat=\d+-\d+/);
    await expect(page).toHaveURL(/[?&]from=\d+&to=\d+/);
    const isRegion = (model: TestWindow): boolean => model.totals?.region?.isOfWaits === true;
    const part = await modelWhen(page, 'the region', (model) => isRegion(model) && has(model, long.tgid));
    expect(has(part, short.tgid)).toBe(false);
    for (const { bucket } of part.operations!.rows) {
      expect(bucket).toBeGreaterThanOrEqual(LONG - 2);
      expect(bucket).toBeLessThanOrEqual(LONG + 3);
    }
    // Waits of this length are always selected: the rows stand for as many as the histograms counted.
    const { count, sampledCount } = part.totals!.region!;
    expect(Math.abs(sampledCount - count) / count).toBeLessThan(0.02);
    const chips = page.getByRole('list', { name: 'Filters' }).first();
    await expect(chips).toContainText('latency');
    await expect(chips).toContainText('stretch');

    await page.reload();
    const again = await modelWhen(
      page,
      'the same region',
      (model) => isRegion(model) && model.totals!.region!.count === count,
    );
    expect(again.totals!.sampledNs).toBe(part.totals!.sampledNs);
    // Of the load by itself its stack is left, of the other nothing.
    const region = new URL(page.url());
    region.searchParams.set('p', String(long.tgid));
    await page.goto(region.href);
    const ofLong = await modelWhen(
      page,
      'its stack',
      (model) => isRegion(model) && nsAt(model, /nap_here$/) > 0,
    );
    expect(
      ofLong.tree!.nodes.filter(({ path }) => path !== '').every(({ path }) => path.startsWith('nap-long')),
    ).toBe(true);
    region.searchParams.set('p', String(short.tgid));
    await page.goto(region.href);
    await expect(page.getByRole('status', { name: 'Graph' })).toContainText('Nothing in this region');
    await page
      .getByRole('button', { name: /^Remove latency/ })
      .first()
      .click();
    await expect(page).not.toHaveURL(/[?&]lat=/);
    await modelWhen(
      page,
      'all lengths',
      (model) => nsAt(model, /nap_here$/) > 0 && model.totals?.region === null,
    );
  });

  test('I compare what I chose with the rest, by keys alone', async ({ page }) => {
    start('sleeper', FOR_EVER, SHORT_NAP_US, 'nap-short');
    start('sleeper', FOR_EVER, LONG_NAP_US, 'nap-long');
    await openHost(page, product.url, { heat: 'offcpu', lat: `${LONG - 2}-${LONG + 3}` });
    await modelWhen(page, 'the long ones', ({ threads }) => threads.some(({ name }) => name === 'nap-long'));
    const corner = page.getByRole('slider', { name: /greatest latency$/ });
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
      ({ difference: made }) => made?.state === 'ready',
    );
    expect(difference!.after!.of).toBe('page');
    expect(difference!.after!.value).toBeGreaterThan(0);
    expect(difference!.before!.value).toBeGreaterThan(0);
    await expect(page.getByRole('region', { name: 'Before: the base' })).toContainText(
      'the rest of the heatmap',
    );
  });

  test('System calls of a load are counted as long as it took them itself, and lead to its stacks', async ({
    page,
  }) => {
    await openHost(page, product.url, { heat: 'syscalls', op: 'nanosleep', view: 'off-cpu' });
    const before = await modelWhen(
      page,
      'the first counted window',
      (model) => (model.heat?.collection.collected ?? 0) > 0,
    );
    expect(before.heat!.name).toBe('syscalls');
    start('sleeper', FOR_EVER, LONG_NAP_US, 'nap-long');
    const { heat, threads } = await modelWhen(
      page,
      'its calls',
      (model) =>
        columnsOf(model.heat, LONG) + columnsOf(model.heat, LONG + 1) >= 2 &&
        model.threads.some(({ name }) => name === 'nap-long'),
    );
    expect(heat!.operations.map(({ operation }) => operation)).toContain('nanosleep');
    expect(threads.map(({ name }) => name)).toContain('nap-long');
    await expect(page.getByRole('table', { name: 'Operations' })).toContainText('nap-long');
  });
});

onKernel('latencies that were recorded', () => {
  const directory = mkdtempSync(join(tmpdir(), 'stallscope-latencies-'));
  test.afterAll(() => rmSync(directory, { recursive: true, force: true }));
  let hub: StallscopeProcess;
  let url: string;
  test.beforeAll(async () => {
    hub = new StallscopeProcess(['hub', '--port', '0']);
    url = (await hub.says(/(http:\/\/127\.0\.0\.1:\d+)/))[1]!;
  });
  test.afterAll(async () => {
    await hub.interrupt();
  });

  test('Each read and write of a load is in the cell of its length by its own clock, and a region of them is of its thread', async ({
    page,
  }) => {
    const path = join(directory, 'disk.stallscope');
    const flags = ['--format', 'stallscope', '--with', 'ext4dist', '--duration', '6', '-o', path];
    const recording = new StallscopeProcess(['record', ...flags]);
    await recording.says(/^recording /m);
    // Probes are attached within the first window, a second; what they count from then on is whole.
    await new Promise((resolve) => setTimeout(resolve, ATTACHED_MS));
    const load = startWorkload<{ tgid: number; tid: number; lengths: Record<string, number[]> }>(
      ...(['direct-io', join(directory, 'blocks'), 7, 200, 64] as const),
    );
    const truth = await load.ended;
    expect((await recording.ended).code).toBe(0);

    await page.goto(`${url}/open/?heat=ext4dist&p=${truth.tgid}&op=write`);
    await chooseFile(page, path);
    const { heat } = await modelWhen(page, 'its writes', (model) => (model.heat?.total.count ?? 0) > 0);
    const own = [...truth.lengths.write!].sort((a, b) => a - b);
    const counted = [...heat!.cells]
      .sort((a, b) => a.bucket - b.bucket)
      .flatMap(({ bucket, count }) => Array<number>(count).fill(bucket));
    expect(counted.length).toBe(own.length);
    // The call took as long as the kernel was in it, and the way in and out: at times into the next bucket.
    for (const [at, ns] of own.entries()) {
      expect(bucketOf(ns) - counted[at]!, `${ns} ns, the ${at + 1}th`).toBeGreaterThanOrEqual(0);
      expect(bucketOf(ns) - counted[at]!, `${ns} ns, the ${at + 1}th`).toBeLessThanOrEqual(1);
    }
    for (const [index, share] of [0.5, 0.95, 0.99].entries()) {
      const exact = own[Math.ceil(share * own.length) - 1]!;
      expect(Math.abs(bucketOf(Math.round(heat!.total.ns[index]!)) - bucketOf(exact))).toBeLessThanOrEqual(1);
    }
    // A click on the cell of most: its threads are the load's own.
    const most = heat!.cells.reduce((a, b) => (b.count > a.count ? b : a));
    await brush(page, heat!, most.bucket, most.bucket, [most.column, most.column]);
    await expect(page).toHaveURL(/[?&]lat=\d+-\d+/);
    const part = await modelWhen(page, 'the region', (model) => model.totals?.region?.isOfWaits === false);
    expect(part.totals!.region!.count).toBe(most.count);
    expect(part.threads.map(({ tid }) => tid)).toEqual([truth.tid]);
    await expect(page.getByRole('note', { name: 'Region' })).toContainText('the threads of them');

    // What was not asked for says so, and how to ask.
    await page.getByRole('button', { name: 'DNS' }).click();
    await expect(page.getByRole('status', { name: 'Latencies' })).toContainText('Nobody asked for DNS');
    await expect(page.getByRole('status', { name: 'Latencies' })).toContainText('record --with dns');
  });
});

/** Columns with something in a bucket. */
function columnsOf(heat: Heat | null, bucket: number): number {
  return new Set(heat?.cells.filter((cell) => cell.bucket === bucket).map(({ column }) => column)).size;
}

function chartOf(page: Page): Locator {
  return page.getByRole('group', { name: /^Latencies: / });
}

/** Drags over these columns and buckets, all with both their ends; by default over the columns that were counted whole. */
async function brush(
  page: Page,
  heat: Heat,
  fromBucket: number,
  toBucket: number,
  [first, last] = [
    heat.columns.findIndex(({ collected }) => collected === 1),
    heat.columns.findLastIndex(({ collected }) => collected === 1),
  ],
): Promise<void> {
  const box = (await chartOf(page).boundingBox())!;
  const middleOf = (column: number): number =>
    (heat.columns[column]!.startMs + heat.columns[column]!.endMs) / 2;
  const widthPx = box.width - AXIS_WIDTH_PX;
  const heightPx = box.height - AXIS_HEIGHT_PX;
  const xOf = (ms: number): number =>
    box.x + AXIS_WIDTH_PX + ((ms - heat.fromMs) / (heat.toMs - heat.fromMs)) * widthPx;
  const yOf = (bucket: number): number =>
    box.y + heightPx * (1 - (bucket + 0.5 - heat.fromBucket) / (heat.toBucket - heat.fromBucket));
  await page.mouse.move(xOf(middleOf(first!)), yOf(fromBucket));
  await page.mouse.down();
  await page.mouse.move(xOf(middleOf(last!)), yOf(toBucket), { steps: 4 });
  await page.mouse.up();
}
