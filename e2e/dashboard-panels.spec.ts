/** A user looks at a dashboard while threads fight for the CPUs: every panel says so, of one instant and of one stretch. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import type { TestDashboard, TestPanel, TestWindow } from '@stallscope/web/test-window-model';
import { modelWhen } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

/** Of the words of the scale, left of a chart, as packages/charts draws it. */
const VALUE_AXIS_PX = 60;
/** Threads that spin, for each CPU: one of two waits. */
const THREADS_A_CPU = 2;

onKernel('panels of a dashboard', () => {
  const data = mkdtempSync(join(tmpdir(), 'stallscope-panels-'));
  test.afterAll(() => rmSync(data, { recursive: true, force: true }));
  const product = startProduct('--data', data);
  let workload: StartedWorkload | undefined;
  let startedMs = 0;
  let errors: string[];

  test.beforeEach(({ page }) => {
    errors = [];
    page.on('pageerror', (error) => errors.push(error.message));
    workload = startWorkload('spinner', 120_000, THREADS_A_CPU);
    startedMs = Date.now();
  });
  test.afterEach(async () => {
    await workload?.stop();
    workload = undefined;
    expect(errors, 'errors that the page reported').toEqual([]);
  });

  test('CPUs that threads fight for are seen in charts, and the checklist says so with its reading', async ({
    page,
  }) => {
    await openDashboard(page, product.url);
    await modelWhen(page, 'three busy readings', (shown) => busyReadings(shown, startedMs) >= 3);
    // The last three readings by key: what came before the load is no part of it.
    const chart = chartOf(page, 'CPU by state');
    await chart.focus();
    await page.keyboard.press('End');
    for (let step = 0; step < 2; step++) await page.keyboard.press('Shift+ArrowLeft');
    const model = await modelWhen(page, 'a checklist of the stretch', ({ dashboard }) => {
      const stretch = dashboard?.selection.stretch;
      const { coveredMs } = panelOf(dashboard, 'checklist');
      return stretch != null && coveredMs !== null && coveredMs <= stretch.toMs - stretch.fromMs + 5;
    });
    const checks = new Map(panelOf(model.dashboard, 'checklist').checks.map((check) => [check.id, check]));
    expect(checks.get('cpu-utilisation')).toMatchObject({ state: 'bad' });
    expect(checks.get('cpu-run-queue')).toMatchObject({
      state: 'bad',
      reading: expect.stringMatching(/threads waited \d+\.\d+ s a second for a CPU/),
    });
    const waited = Number(/waited (\d+\.\d+) s/.exec(checks.get('cpu-run-queue')!.reading)![1]);
    const waiting = (await cpusOf(product.url)) * (THREADS_A_CPU - 1);
    expect(waited, 'threads that waited all the time').toBeGreaterThan(waiting * 0.7);
    const list = page.getByRole('list', { name: 'Checklist', exact: true });
    await expect(list.getByRole('listitem').filter({ hasText: 'Are the CPUs busy?' })).toContainText('bad');
    await expect(page.getByRole('status', { name: 'Checklist in short' })).toContainText('CPU saturation');
    await list.getByRole('link', { name: 'Run-queue waits' }).first().click();
    await expect(page).toHaveURL(/\/host\/\?.*kinds=runq,preempted/);
  });

  test('Pointing at one chart reads all at that instant, and a stretch chosen in one is of every panel', async ({
    page,
  }) => {
    await openDashboard(page, product.url);
    const shown = await modelWhen(
      page,
      'three busy readings',
      (model) => busyReadings(model, startedMs) >= 3,
    );
    const chart = chartOf(page, 'CPU by state');
    const readings = panelOf(shown.dashboard, 'vitals', 'cpu-states').readings;
    const at = readings.at(-3)!;
    await pointAt(page, chart, shown.dashboard!, (at.startMs + at.endMs) / 2);
    const { dashboard } = await modelWhen(page, 'an instant', (model) => model.dashboard?.cursorMs != null);
    const legends = await Promise.all(
      ['CPU by state', 'Run queue'].map((title) =>
        page
          .getByRole('list', { name: `${title}: readings` })
          .getByRole('listitem')
          .allTextContents(),
      ),
    );
    expect(legends[1]![0], 'the instant of the other chart').toBe(legends[0]![0]);
    expect(legends[0]![0]).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(legends[0], 'what the chart read then').toContain(`user${shareAt(dashboard!, 'user')}`);

    const [from, to] = [readings.at(-3)!, readings.at(-2)!];
    await page.mouse.down();
    await pointAt(page, chart, dashboard!, (to.startMs + to.endMs) / 2);
    await page.mouse.up();
    const chosen = await modelWhen(page, 'panels of the stretch', (model) => {
      const stretch = model.dashboard?.selection.stretch;
      if (stretch == null) return false;
      const lengthMs = stretch.toMs - stretch.fromMs;
      return (['processes', 'flame', 'checklist'] as const).every(
        (kind) => Math.abs((panelOf(model.dashboard, kind).coveredMs ?? 0) - lengthMs) < 50,
      );
    });
    const { stretch } = chosen.dashboard!.selection;
    expect(stretch!.fromMs).toBeLessThanOrEqual(Math.ceil(from.endMs));
    expect(stretch!.toMs).toBeGreaterThan(to.startMs);
    await expect(page).toHaveURL(new RegExp(`from=${stretch!.fromMs}.*to=${stretch!.toMs}`));

    const lengthNs = (stretch!.toMs - stretch!.fromMs) * 1e6;
    const { processes } = panelOf(chosen.dashboard, 'processes');
    const cpus = await cpusOf(product.url);
    const onCpuNs = processes.reduce((sum, process) => sum + process.onCpuNs, 0);
    // Full CPUs; what ran over the edges of windows is counted where it ended.
    expect(onCpuNs / (cpus * lengthNs), 'of the CPUs in the stretch').toBeGreaterThan(0.7);
    expect(onCpuNs / (cpus * lengthNs)).toBeLessThan(1.3);
    const spinner = processes.find(({ tgid }) => tgid === workload!.tgid)!;
    const { tree } = panelOf(chosen.dashboard, 'flame');
    const ofSpinner = tree!.nodes.filter(({ path }) => /^spinner-\d+$/.test(path));
    const sampledNs = ofSpinner.reduce((sum, { totalValue }) => sum + totalValue, 0);
    expect(sampledNs, 'sampled of it, beside its exact time').toBeGreaterThan(spinner.onCpuNs * 0.5);
    expect(sampledNs).toBeLessThan(spinner.onCpuNs * 2);

    // It stands still while time goes on, and goes with Escape.
    const newestMs = chosen.dashboard!.clock!.newestMs;
    const later = await modelWhen(
      page,
      'newer windows',
      (m) => m.dashboard!.clock!.newestMs > newestMs + 1500,
    );
    expect(panelOf(later.dashboard, 'flame').tree!.totalValue).toBe(tree!.totalValue);
    await chart.focus();
    await page.keyboard.press('Escape');
    await modelWhen(page, 'all of the span again', ({ dashboard }) => {
      const { coveredMs } = panelOf(dashboard, 'processes');
      return dashboard!.selection.stretch === null && (coveredMs ?? 0) * 1e6 > lengthNs + 1e9;
    });
  });
});

const PANELS = [
  ['checklist', ''],
  ['vitals', 'cpu-states'],
  ['vitals', 'run-queue'],
  ['processes', ''],
  ['flame', 'cpu'],
] as const;

async function openDashboard(page: Page, url: string): Promise<void> {
  const panels = PANELS.map(([kind, arg], index) => {
    return `${index + 1}:${kind}:${arg}:${(index % 2) * 6},${Math.floor(index / 2) * 8},6,8`;
  });
  await page.goto(`${url}/dashboards/?layout=own&span=1m&panels=${encodeURIComponent(panels.join('~'))}`);
  await modelWhen(page, 'every panel', ({ dashboard }) => dashboard?.panels.length === PANELS.length);
}

function panelOf(dashboard: TestDashboard | null | undefined, kind: string, arg?: string): TestPanel {
  const panel = dashboard?.panels.find((one) => one.kind === kind && (arg === undefined || one.arg === arg));
  if (panel === undefined) throw new Error(`the dashboard has no panel ${kind} ${arg ?? ''}`);
  return panel;
}

function chartOf(page: Page, title: string): Locator {
  return page.getByRole('slider', { name: title, exact: true });
}

/** Readings at the end, all of them since an instant, in which the CPUs had hardly a rest. */
function busyReadings({ dashboard }: TestWindow, sinceMs: number): number {
  const { readings, series } = panelOf(dashboard, 'vitals', 'cpu-states');
  let busy = 0;
  for (let at = readings.length - 1; at >= 0; at--) {
    const share = series.reduce(
      (sum, { name, values }) => sum + (name === 'iowait' ? 0 : (values[at] ?? 0)),
      0,
    );
    if (share < 0.95 || readings[at]!.startMs < sinceMs) break;
    busy++;
  }
  return busy;
}

/** As the legend writes it. */
function shareAt({ panels, cursorMs }: TestDashboard, name: string): string {
  const { readings, series } = panels.find(({ arg }) => arg === 'cpu-states')!;
  const at = readings.findIndex(({ startMs, endMs }) => startMs <= cursorMs! && cursorMs! < endMs);
  const share = series.find((one) => one.name === name)!.values[at]!;
  return share >= 0.9995 && share < 1 ? '> 99.9 %' : share === 1 ? '100 %' : `${(share * 100).toFixed(1)} %`;
}

async function pointAt(page: Page, chart: Locator, { clock }: TestDashboard, atMs: number): Promise<void> {
  await chart.scrollIntoViewIfNeeded();
  const box = (await chart.boundingBox())!;
  const share = (atMs - clock!.fromMs) / (clock!.toMs - clock!.fromMs);
  const x = box.x + VALUE_AXIS_PX + share * (box.width - VALUE_AXIS_PX);
  await page.mouse.move(x, box.y + box.height / 2, { steps: 3 });
}

async function cpusOf(url: string): Promise<number> {
  const { hosts } = (await (await fetch(`${url}/api/hosts`)).json()) as {
    hosts: { host: { cpus: number } }[];
  };
  return hosts[0]!.host.cpus;
}
