/** A user sees what each thread of a process was at: all of its life in one graph, and over time, from which a stretch is taken. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import type { TestWindow } from '@stallscope/web/test-window-model';
import { chooseFile } from './choose-file.js';
import { assertGraphIsDrawn, modelAfterUpdates, modelWhen, nsAt, openHost, readModel } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';
import { stallscope } from './stallscope-process.js';

/** Of ROW_KINDS. */
const KINDS = ['blocked', 'run queue', 'preempted', 'on CPU'] as const;
/** Promised of the sum of the kinds against the time that a thread lived. */
const LIFE_SLACK = 0.02;

onKernel('the wall view', () => {
  const product = startProduct();
  let workload: StartedWorkload | undefined;

  test.afterEach(async () => {
    await workload?.stop();
    workload = undefined;
  });

  test('I see all of the life of each thread by kind, over time as in the graph, and when threads were born and ended', async ({
    page,
  }) => {
    await openHost(page, product.url, { view: 'wall', span: '1m' });
    await expect(timelinePanel(page)).toContainText('choose a process');
    // Windows before it are held, so that its threads are seen to be born.
    await modelAfterUpdates(page, 1);
    workload = startWorkload('lives', 120_000);
    const { tgid } = workload;
    await openHost(page, product.url, { view: 'wall', span: '1m', p: tgid });
    const model = await modelWhen(page, 'threads that lived through whole windows', hasLivedFor(4));
    const { columns, threads } = model.timeline!;
    for (const name of ['hog', 'half', 'sleeper']) {
      const thread = threadOf(model, name);
      for (const [column, cell] of thread.cells.entries()) {
        const { startMs, endMs } = columns[column]!;
        // Whole columns of its life, after the one that it was born in.
        if (cell === null || thread.bornMs === null || thread.bornMs > startMs) continue;
        const livedMs = sum(cell) / 1e6;
        expect(Math.abs(livedMs / (endMs - startMs) - 1), `${name} in column ${column}`).toBeLessThan(
          LIFE_SLACK,
        );
      }
      for (const [kind, step] of KINDS.entries()) {
        const shownNs = thread.shownNs[kind]!;
        if (shownNs > 5e7)
          expect(nsAt(model, `${name};${step}`) / shownNs, `${name} ${step}`).toBeCloseTo(1, 1);
      }
    }
    // The graph has a thread that renamed itself under both names: all of them together are the same to the nanosecond.
    expect(model.tree!.totalValue).toBe(sum(threads.flatMap(({ shownNs }) => shownNs)));
    const sleeper = threadOf(model, 'sleeper').shownNs;
    expect(sleeper[0]! / sum(sleeper), 'share that the sleeper was blocked').toBeGreaterThan(1 - LIFE_SLACK);
    const hog = threadOf(model, 'hog').shownNs;
    expect(hog[0]! / sum(hog), 'share that the hog was blocked').toBeLessThan(LIFE_SLACK);
    // It makes short-lived threads at first, one after the other.
    const brief = threads.filter(({ name }) => name.startsWith('brief-'));
    expect(brief.length).toBeGreaterThan(20);
    for (const { bornMs, diedMs } of brief.slice(0, 20)) {
      expect(bornMs).not.toBeNull();
      expect(diedMs).toBeGreaterThanOrEqual(bornMs!);
    }
    expect(threadOf(model, 'hog').diedMs).toBeNull();
    await expect(timelinePanel(page).getByRole('list')).toHaveText(/on CPU.*blocked.*run queue.*preempted/);
    await assertGraphIsDrawn(page);
  });

  async function openPausedLife(page: Page): Promise<void> {
    workload = startWorkload('shares', 120_000);
    await openHost(page, product.url, { view: 'wall', span: '10s', p: workload.tgid });
    await modelWhen(page, 'four windows of its life', hasLivedFor(4));
    await page.getByRole('button', { name: /Pause/ }).click();
  }

  test('I take a stretch out of the timeline: all views are of it, the timeline stands still, and Escape lets it go', async ({
    page,
  }) => {
    await openPausedLife(page);
    await expect(page).toHaveURL(/at=/);
    const before = await modelWhen(page, 'a paused view', ({ newerWindows }) => newerWindows !== null);
    const { columns, fromMs, toMs } = before.timeline!;
    const first = columns.at(-3)!;
    const last = columns.at(-2)!;

    const cells = await cellsOf(page);
    const xOf = (atMs: number): number => cells.x + (cells.width * (atMs - fromMs)) / (toMs - fromMs);
    await page.mouse.move(xOf((first.startMs + first.endMs) / 2), cells.y + 8);
    await expect(page.getByRole('note', { name: 'Cell' })).toContainText(/shares \d+ · .*blocked/);
    await page.mouse.down();
    await page.mouse.move(xOf((last.startMs + last.endMs) / 2), cells.y + 30, { steps: 3 });
    await page.mouse.up();
    await expect(page).toHaveURL(/from=\d+/);
    const part = await modelWhen(page, 'two windows', ({ shownWindows }) => shownWindows === 2);
    expect(part.timeline).toMatchObject({ fromMs, toMs });
    for (const { name, shownNs, cells: own } of part.timeline!.threads) {
      const chosen = [columns.length - 3, columns.length - 2].map((column) => own[column] ?? [0]);
      expect(sum(shownNs) / sum(chosen.flat()), name).toBeCloseTo(1, 5);
      expect(nsAt(part, name), name).toBe(sum(shownNs));
    }
    await page.getByRole('tab', { name: 'CPU', exact: true }).click();
    await modelWhen(page, 'the CPU view of the stretch', (model) => {
      return model.view === 'cpu' && model.coveredMs === part.coveredMs;
    });
    await page.goBack();
    await modelWhen(
      page,
      'the wall view of the stretch',
      ({ view, shownWindows }) => view === 'wall' && shownWindows === 2,
    );
    await page.reload();
    await modelWhen(page, 'the same stretch', ({ coveredMs }) => coveredMs === part.coveredMs);
    await page.getByRole('grid').press('Escape');
    await expect(page).not.toHaveURL(/from=/);
    await modelWhen(page, 'all of the span', ({ shownWindows }) => shownWindows > 2);
  });

  test('By key I move by cell, choose a stretch and a thread, and order threads by what they were at', async ({
    page,
  }) => {
    await openPausedLife(page);
    const { timeline } = await modelWhen(page, 'a paused view', ({ newerWindows }) => newerWindows !== null);
    const grid = page.getByRole('grid');
    await grid.focus();
    await expect(grid.getByRole('gridcell')).toHaveAccessibleName(/^shares \d+ · /);
    await grid.press('ArrowDown');
    await expect(grid.getByRole('gridcell')).toHaveAccessibleName(/^share-\w+ \d+ · .*on CPU/);
    await grid.press('ArrowLeft');
    await grid.press('Enter');
    const column = timeline!.columns.at(-2)!;
    const stretch = { from: Math.floor(column.startMs), to: Math.ceil(column.endMs) };
    await expect.poll(() => stretchOf(page)).toEqual(stretch);
    await grid.press('Shift+ArrowLeft');
    await expect
      .poll(() => stretchOf(page))
      .toEqual({ ...stretch, from: Math.floor(timeline!.columns.at(-3)!.startMs) });
    await grid.press('Escape');
    await expect(page).not.toHaveURL(/from=/);

    await page.getByRole('combobox', { name: 'Order of threads' }).selectOption('blocked');
    await expect(page).toHaveURL(/threads=blocked/);
    const names = () => grid.getByRole('rowheader').allInnerTexts();
    const { timeline: last } = await readModel(page);
    const most = last!.threads.toSorted((a, b) => b.shownNs[0]! - a.shownNs[0]!)[0]!;
    await expect.poll(async () => (await names())[0]).toContain(most.name);
    await grid.press('Home');
    await grid.press('ArrowLeft');
    await grid.press('PageUp');
    await grid.press('Enter');
    await expect(page).toHaveURL(new RegExp(`t=${most.tid}`));
    // The others stay beside it, to compare.
    expect((await names()).length).toBe(4);
  });

  test('A recording that I open has the same timeline', async ({ page }) => {
    workload = startWorkload('shares', 120_000);
    const directory = mkdtempSync(join(tmpdir(), 'stallscope-wall-'));
    try {
      const file = join(directory, 'wall.stallscope');
      const flags = ['--pid', `${workload.tgid}`, '--duration', '2', '--format', 'stallscope', '-o', file];
      const { code, stderr } = await stallscope('record', ...flags);
      expect(code, stderr).toBe(0);
      await page.goto(`${product.url}/open/?view=wall&p=${workload.tgid}`);
      await chooseFile(page, file);
      const model = await modelWhen(
        page,
        'its threads',
        ({ timeline }) => (timeline?.threads.length ?? 0) === 4,
      );
      for (const { name, shownNs, cells } of model.timeline!.threads) {
        expect(sum(shownNs) / sum(cells.flatMap((cell) => cell ?? [])), name).toBeCloseTo(1, 5);
      }
      await page.getByRole('grid').focus();
      await page.keyboard.press('Enter');
      const part = await modelWhen(page, 'its last window', ({ shownWindows }) => shownWindows === 1);
      expect(part.timeline!.columns.length).toBe(model.timeline!.columns.length);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

function timelinePanel(page: Page) {
  return page.getByRole('region', { name: 'Threads over time' });
}

/** The main thread, which has the lowest tid, has cells in so many windows. */
function hasLivedFor(windows: number) {
  return ({ timeline }: TestWindow): boolean => {
    const [main] = timeline?.threads ?? [];
    return main !== undefined && main.cells.filter((cell) => cell !== null).length >= windows;
  };
}

function threadOf({ timeline }: TestWindow, name: string) {
  const found = timeline?.threads.find((thread) => thread.name === name);
  if (found === undefined) throw new Error(`no thread ${name} in the timeline`);
  return found;
}

/** Of the part of the grid beside the names. */
async function cellsOf(page: Page): Promise<{ x: number; y: number; width: number }> {
  const canvas = await page.getByRole('grid').locator('canvas').boundingBox();
  if (canvas === null) throw new Error('the timeline is not on the page');
  return canvas;
}

function stretchOf(page: Page): { from: number; to: number } {
  const { searchParams } = new URL(page.url());
  return { from: Number(searchParams.get('from')), to: Number(searchParams.get('to')) };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
