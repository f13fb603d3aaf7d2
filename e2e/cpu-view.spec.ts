/** A user sees what ran, when in each second it ran, and takes any stretch of it apart. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import {
  assertGraphIsDrawn,
  graphOf,
  modelAfterUpdates,
  modelWhen,
  nsAt,
  openHost,
  readModel,
} from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

onKernel('what ran', () => {
  const data = mkdtempSync(join(tmpdir(), 'stallscope-cpu-view-'));
  test.afterAll(() => rmSync(data, { recursive: true, force: true }));
  const product = startProduct('--data', data);
  let workload: StartedWorkload | undefined;

  test.afterEach(async () => {
    await workload?.stop();
    workload = undefined;
  });

  test('I see what a process ran, by tab and by key, with its samples and the exact time beside them', async ({
    page,
  }) => {
    workload = startWorkload('shares', 120_000);
    await openHost(page, product.url, { p: workload.tgid });
    await page.getByRole('tab', { name: 'CPU', exact: true }).click();
    const model = await modelWhen(page, 'what it burned', (shown) => {
      const three = nsAt(shown, /;burn_three$/);
      return shown.view === 'cpu' && three > 0 && nsAt(shown, /;burn_one$/) > 0 && three > 3e8;
    });
    await assertGraphIsDrawn(page);
    const { sampledNs, captures, exactNs } = model.totals!;
    expect(captures).toBeGreaterThan(20);
    expect(Math.round((captures * 1e9) / sampledNs)).toBe(99);
    expect(exactNs).toBeGreaterThan(0);
    // Five standard errors, and a sample at each end of the span.
    const periodNs = sampledNs / captures;
    expect(Math.abs(sampledNs - exactNs!) / periodNs).toBeLessThan(5 * Math.sqrt(captures) + 2);
    const totals = page.getByRole('note', { name: 'Totals' });
    await expect(totals).toContainText(/on CPU in .*samples? at 99 Hz ± \d+\.\d %\s*exact /);
    await expect(page.getByRole('group', { name: 'Kinds' })).toBeHidden();
    await page.keyboard.press('2');
    await modelWhen(page, 'waits', ({ view }) => view === 'off-cpu');
    await page.keyboard.press('1');
    await modelWhen(page, 'what ran', ({ view }) => view === 'cpu');
  });

  test('I draw over a part of a second, and the graph is of exactly those samples, after a reload too', async ({
    page,
  }) => {
    workload = startWorkload('spinner', 120_000);
    await openHost(page, product.url, { p: workload.tgid, view: 'cpu' });
    await modelAfterUpdates(page, 4);
    const whole = await modelWhen(page, 'samples', ({ totals }) => (totals?.captures ?? 0) > 50);
    const heat = page.getByRole('group', { name: 'CPU samples by second and time within it' });
    const box = (await heat.boundingBox())!;
    // From a quarter of the way up the middle of what is there to the top of its column: less than a second.
    const x = box.x + box.width * 0.6;
    const gridPx = box.height - 16;
    await page.mouse.move(x, box.y + gridPx * 0.75);
    await page.mouse.down();
    await page.mouse.move(x, box.y + gridPx * 0.4, { steps: 4 });
    await page.mouse.move(x, box.y + 2, { steps: 4 });
    await page.mouse.up();
    await expect(page).toHaveURL(/[?&]slices=\d+-\d+/);
    const { fromMs, toMs } = slicesOf(page);
    expect(toMs - fromMs).toBeGreaterThan(500);
    expect(toMs - fromMs).toBeLessThan(1000);
    const part = await modelWhen(
      page,
      'the stretch alone',
      ({ totals }) => totals !== null && totals.exactNs === null && totals.captures < whole.totals!.captures,
    );
    await expect(page.getByRole('note', { name: 'Totals' })).toContainText(
      'no exact total of a part of a window',
    );
    await expect(page.getByRole('list', { name: 'Filters' }).first()).toContainText('CPU samples');
    await page.reload();
    // Windows come back one after another.
    await modelWhen(
      page,
      'the same samples',
      ({ totals }) => totals?.exactNs === null && totals.captures === part.totals!.captures,
    );
    await page
      .getByRole('button', { name: /^Remove CPU samples/ })
      .first()
      .click();
    await expect(page).not.toHaveURL(/slices=/);
    await modelWhen(page, 'all samples', ({ totals }) => (totals?.captures ?? 0) > part.totals!.captures);
  });

  test('What I take of a stretch is that stretch, though the page goes on: a file, and what a link shows', async ({
    page,
    browser,
  }) => {
    workload = startWorkload('spinner', 120_000);
    await openHost(page, product.url, { p: workload.tgid, view: 'cpu', span: '10s' });
    await modelAfterUpdates(page, 3);
    await page.getByRole('slider', { name: 'Start of the selected samples' }).press('ArrowUp');
    await expect(page).toHaveURL(/slices=\d+-\d+/);
    const part = await modelWhen(page, 'a second of it', ({ totals }) => totals?.exactNs === null);
    expect(part.totals!.captures).toBeGreaterThan(0);

    await page.getByRole('button', { name: 'Export' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Folded stacks' }).click();
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trimEnd()
      .split('\n');
    const writtenUs = lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
    // Whole microseconds a line.
    expect(Math.abs(writtenUs - part.totals!.sampledNs / 1000)).toBeLessThan(lines.length + 1);
    await page.getByRole('status', { name: 'Export' }).getByRole('button', { name: 'Close' }).click();

    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await expect(page).toHaveURL(/\/snapshot\/\?(.*&)?slices=/);
    const dialog = page.getByRole('dialog', { name: /Share/ });
    await dialog.getByLabel('Host names').check();
    await dialog.getByRole('button', { name: 'Make a link' }).click();
    const link = await dialog.getByRole('textbox', { name: 'Link', exact: true }).inputValue();
    const reader = await (await browser.newContext()).newPage();
    await reader.goto(link);
    const shared = await modelWhen(reader, 'the stretch that was shared', ({ totals }) => totals !== null);
    expect(shared.view).toBe('cpu');
    expect(shared.totals).toMatchObject({ captures: part.totals!.captures, exactNs: null });
    await expect(reader.getByRole('list', { name: 'Filters' }).first()).toContainText('CPU samples');
    await reader.context().close();
  });

  test('I select a stretch by keys, within a second and across seconds, and let it go', async ({ page }) => {
    workload = startWorkload('spinner', 120_000);
    await openHost(page, product.url, { p: workload.tgid, view: 'cpu' });
    await modelAfterUpdates(page, 3);
    const start = page.getByRole('slider', { name: 'Start of the selected samples' });
    await start.focus();
    await page.keyboard.press('ArrowUp');
    await expect(page).toHaveURL(/slices=\d+-\d+/);
    const second = slicesOf(page);
    expect(second.toMs - second.fromMs).toBe(1000);
    await start.press('ArrowUp');
    await expect.poll(() => slicesOf(page).fromMs).toBe(second.fromMs + 20);
    await start.press('ArrowLeft');
    await expect.poll(() => slicesOf(page).fromMs).toBe(second.fromMs - 980);
    await page.getByRole('slider', { name: 'End of the selected samples' }).press('ArrowDown');
    await expect.poll(() => slicesOf(page).toMs).toBe(second.toMs - 20);
    await start.press('Escape');
    await expect(page).not.toHaveURL(/slices=/);
    expect((await readModel(page)).view).toBe('cpu');
    await expect(graphOf(page)).toBeVisible();
  });
});

function slicesOf(page: Page): { fromMs: number; toMs: number } {
  const [fromMs, toMs] = new URL(page.url()).searchParams.get('slices')!.split('-').map(Number);
  return { fromMs: fromMs!, toMs: toMs! };
}
