/** A user compares: two processes, two stretches of time, a file, two hosts. What differs is known by construction. */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import type { TestWindow } from '@stallscope/web/test-window-model';
import { assertGraphIsDrawn, modelAfterUpdates, modelWhen, openHost, readModel } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';
import { StallscopeProcess } from './stallscope-process.js';

const FOR_EVER = 1_000_000;
/** Off CPU in any way: what a sleeper is for as long as its own clock says. */
const ANY_KIND = 'blocked,runq,preempted';
const NAP_MS = 10;
/** Lateness of timers and the edges of windows on a busy machine. */
const TOLERANCE = 0.03;

/** The strip is as long as the first of these that holds all windows. */
const STRIP_LENGTHS_MS = [60_000, 120_000, 300_000, 600_000];

type Difference = NonNullable<TestWindow['difference']>;

onKernel('differences', () => {
  const product = startProduct();
  const running: StartedWorkload[] = [];

  function run(...[name, ...args]: Parameters<typeof startWorkload>): StartedWorkload {
    const workload = startWorkload(name, ...args);
    running.push(workload);
    return workload;
  }

  test.afterEach(async () => {
    await Promise.all(running.splice(0).map((workload) => workload.stop()));
  });

  test('I compare two processes, see which is before and which is after, what grew most, and go to it in the graph', async ({
    page,
  }) => {
    // One thread asleep all the time, against three.
    const idler = run('sleepers', 1, FOR_EVER, 25_000);
    const worker = run('sleepers', 1, FOR_EVER, 25_000, 25_000, 25_000);
    const stretchNs = await openWhileAllSleep(page, product.url, worker.tgid);
    await page.keyboard.press('d');
    await expect(page.getByText(/^Compare what is shown of/)).toBeVisible();
    await chooseProcess(page, idler.tgid);

    const { before, after, growth } = await differenceWhen(
      page,
      'both',
      ({ before: base, after: own }) => base!.value > 0 && own!.coveredMs === base!.coveredMs,
    );
    expect(before).toMatchObject({ of: 'base', tgids: [idler.tgid] });
    expect(after).toMatchObject({ of: 'page', tgids: [worker.tgid] });
    const nap = growth.find(({ label }) => label === 'nap_here')!;
    expectNear(nap.before, stretchNs, 'before');
    expectNear(nap.after, 3 * stretchNs, 'after');
    expectNear(nap.change, 2 * stretchNs, 'the change');
    const changes = growth.map(({ change }) => change);
    expect(changes, 'what grew most is first').toEqual([...changes].sort((a, b) => b - a));
    await expect(side(page, 'Before')).toContainText(`sleepers ${idler.tgid}`);
    await expect(side(page, 'Before').getByText('base', { exact: true })).toBeVisible();
    await expect(side(page, 'After')).toContainText(`sleepers ${worker.tgid}`);
    await expect(side(page, 'After').getByText('shown', { exact: true })).toBeVisible();
    await assertGraphIsDrawn(page);

    await page.getByRole('button', { name: /Swap$/ }).click();
    const swapped = await differenceWhen(page, 'it swapped', ({ before: side }) => side?.of === 'page');
    expect(swapped.before!.value).toBe(after!.value);
    expect(swapped.after!.value).toBe(before!.value);
    await expect(side(page, 'Before').getByText('shown', { exact: true })).toBeVisible();
    await expect(page.getByRole('note', { name: 'Change of the total' })).toContainText('−');
    await page.keyboard.press('v');
    await differenceWhen(page, 'it swapped back', ({ before: side }) => side?.of === 'base');

    await page.getByRole('button', { name: 'Export' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'Difference as folded stacks' }).click();
    const file = await download;
    expect(file.suggestedFilename()).toMatch(/-off-cpu-difference-\d+-\d+\.folded$/);
    const stacks = readFileSync(await file.path(), 'utf8');
    const naps = [...stacks.matchAll(/;nap_here.* (\d+) (\d+)$/gm)];
    const us = (at: 1 | 2) => naps.reduce((sum, numbers) => sum + Number(numbers[at]), 0);
    expect(us(2) / us(1), 'three sleepers against one').toBeCloseTo(3, 0);
    await page.getByRole('status', { name: 'Export' }).getByRole('button', { name: 'Close' }).click();

    await page
      .getByRole('grid', { name: 'What grew most' })
      .getByRole('row', { name: /nap_here/ })
      .click();
    await expect(page).toHaveURL(/zoom=cnap-[12]~.*~unap_here(&|$)/);
    await expect(page.getByRole('button', { name: 'Remove zoom nap_here' })).toBeVisible();
    await expect(page.getByRole('complementary', { name: 'Frame details' })).toContainText('nap_here');

    await page.reload();
    // The hub sends all windows again, oldest first.
    await differenceWhen(
      page,
      'it again, in every number',
      ({ before: base, after: own }) =>
        Math.abs(base!.value - before!.value) < 1 && Math.abs(own!.value - after!.value) < 1,
    );
    await expect(page.getByRole('button', { name: 'Remove zoom nap_here' })).toBeVisible();
  });

  test('What is gone has a place when I ask for it, and what is new does', async ({ page }) => {
    const old = run('sleeper', FOR_EVER, 25_000, 'old-name');
    const renamed = run('sleeper', FOR_EVER, 25_000, 'new-name');
    const stretchNs = await openWhileAllSleep(page, product.url, renamed.tgid, {
      show: 'diff',
      base: `p:${old.tgid}`,
    });
    const { nodes, growth } = await differenceWhen(
      page,
      'both',
      (both) => both.before!.value * both.after!.value > 0,
    );
    const at = (pattern: RegExp) => nodes.find(({ path }) => pattern.test(path))!;
    const gone = at(/^old-name;.*;nap_here$/);
    expectNear(gone.before, stretchNs, 'what is gone, before');
    expect(gone.after).toBe(0);
    const fresh = at(/^new-name;.*;nap_here$/);
    expect(fresh.before).toBe(0);
    expectNear(fresh.after, stretchNs, 'what is new, after');
    const nap = growth.find(({ label }) => label === 'nap_here')!;
    expectNear(nap.before, stretchNs, 'the function in any path, before');
    expectNear(nap.after, stretchNs, 'the function in any path, after');

    const remarks = page.getByRole('list', { name: 'Remarks' });
    await remarks.getByRole('button', { name: 'Ignore thread names' }).click();
    const nameless = await differenceWhen(page, 'paths alone', (both) =>
      both.nodes.some(({ path }) => /^[^;]*;main;nap_here$/.test(path)),
    );
    const both = nameless.nodes.find(({ path }) => /^[^;]*;main;nap_here$/.test(path))!;
    expect([both.before, both.after], 'one path now').toEqual([gone.before, fresh.after]);
    await page.getByRole('button', { name: 'ignore thread names' }).click();
    await expect(remarks).toContainText(/[\d.]+ s of before are in paths that are gone and have no width/);
    await remarks.getByRole('button', { name: 'Draw them too' }).click();
    await expect(page).toHaveURL(/wide=larger/);
    await expect(remarks).not.toContainText('have no width');
    await page.getByRole('group', { name: 'Width' }).getByRole('button', { name: 'before' }).click();
    await expect(remarks).toContainText(/of after are in paths that are new and have no width/);
  });

  test('I drag the base in the time strip, and compare stretches of unequal length as they are, for equal time and by share', async ({
    page,
  }) => {
    const sleeper = run('sleeper', FOR_EVER, NAP_MS * 1000, 'steady');
    await openHost(page, product.url, { p: sleeper.tgid, span: '1m', kinds: ANY_KIND, show: 'diff' });
    const asleep = await modelWhen(page, 'where it sleeps', ({ totals }) => totals!.sampledNs > 0);
    const startMs = asleep.lastWindowEndMs!;
    const { heldWindows, totals } = await modelAfterUpdates(page, 7);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const tauNs = totals!.tauNs!;
    // Windows in which it slept throughout: the base of the first two, what is shown of the rest.
    const whole = heldWindows.filter((window) => window.startMs >= startMs);
    await dragInStrip(page, whole[2]!.startMs, whole.at(-1)!.endMs);
    const { shownWindows } = await modelWhen(page, 'a stretch', (shown) => shown.shownWindows < whole.length);
    await page.getByRole('button', { name: 'With a stretch of the time strip' }).click();
    await expect(page.getByRole('status', { name: 'Picking' })).toContainText('Drag to choose the base');
    await dragInStrip(page, whole[0]!.startMs, whole[1]!.endMs);

    const measured = await differenceWhen(
      page,
      'both stretches',
      ({ before }) => before!.windows! > 0 && before!.windows! < shownWindows,
    );
    expect(measured.after!.windows).toBe(shownWindows);
    // What a wait for a CPU took is counted where it ends: on a busy machine a part of it lay before the stretch.
    const queued = measured.growth.find(({ label }) => label === '[run-queue wait]');
    for (const [side, queuedNs] of [
      [measured.before!, queued?.before ?? 0],
      [measured.after!, queued?.after ?? 0],
    ] as const) {
      const coveredNs = side.coveredMs! * 1e6;
      const tolerance = TOLERANCE + 5 * errorOfNaps(tauNs, side.coveredMs!);
      expect(side.value / coveredNs, `it slept all of ${side.of}`).toBeGreaterThan(1 - tolerance);
      expect((side.value - queuedNs) / coveredNs, `no more than that, ${side.of}`).toBeLessThan(
        1 + tolerance,
      );
    }
    expect(measured.scale).toBe(1);
    await expect(page.getByRole('status', { name: 'Picking' })).toBeHidden();

    const remarks = page.getByRole('list', { name: 'Remarks' });
    await expect(remarks).toContainText('Both sides are of unequal length');
    await remarks.getByRole('button', { name: 'Compare for equal time' }).click();
    const inTime = await differenceWhen(page, 'equal time', ({ scale }) => scale !== 1);
    expect(inTime.scale).toBeCloseTo(measured.after!.coveredMs! / measured.before!.coveredMs!, 6);
    const unsteadiness = 2 * (TOLERANCE + 5 * errorOfNaps(tauNs, measured.before!.coveredMs!));
    // Asleep or waiting for a CPU it was all of both; as above, a part of what it waited may have lain before them.
    const [all] = inTime.nodes.filter(({ path }) => path === '');
    const waited = inTime.growth.find(({ label }) => label === '[run-queue wait]');
    const unsure = (waited?.before ?? 0) + (waited?.after ?? 0);
    expect(
      (Math.abs(all!.after - all!.before) - unsure) / all!.after,
      'a steady sleeper neither grew nor shrank',
    ).toBeLessThan(unsteadiness);

    await page.getByRole('button', { name: 'by share' }).click();
    const byShare = await differenceWhen(
      page,
      'shares',
      ({ scale }) => scale !== inTime.scale && scale !== 1,
    );
    const [root] = byShare.nodes.filter(({ path }) => path === '');
    expect(root!.before).toBeCloseTo(root!.after, -3);
  });

  test('I choose a file as the base; where it counts something else, shares are compared', async ({
    page,
  }) => {
    const sleeper = run('sleeper', FOR_EVER, 10_000, 'worker');
    const file = test.info().outputPath('last-week.folded');
    writeFileSync(file, 'worker;main;nap_here 250\nworker;main;elsewhere 750\n');
    await openHost(page, product.url, { p: sleeper.tgid, span: '10s', show: 'diff' });
    await modelWhen(page, 'where it sleeps', ({ totals }) => totals!.sampledNs > 0);
    await page.getByLabel('Base file').setInputFiles(file);
    const { before, growth, nodes } = await differenceWhen(
      page,
      'the file',
      ({ state }) => state === 'ready',
    );
    expect(before).toMatchObject({ of: 'base', name: 'last-week.folded', value: 1000 });
    const [root] = nodes.filter(({ path }) => path === '');
    const share = (label: string): number => growth.find((row) => row.label === label)!.change / root!.after;
    expect(share('nap_here')).toBeCloseTo(0.75, 2);
    expect(share('elsewhere')).toBeCloseTo(-0.75, 2);
    await expect(page.getByRole('list', { name: 'Remarks' })).toContainText(
      'only their shares can be compared',
    );

    await page.reload();
    await expect(page.getByRole('status', { name: 'Difference graph' })).toContainText(
      'The file “last-week.folded” is not on this page',
    );
  });
});

onKernel('differences of two hosts', () => {
  test('I compare a process with those of its name on another host', async ({ page }) => {
    const hub = new StallscopeProcess(['hub', '--port', '0']);
    const agents: StallscopeProcess[] = [];
    const twins = [0, 1].map(() => startWorkload('sleeper', FOR_EVER, 10_000, 'twin'));
    try {
      const [, url] = await hub.says(/The hub is at (\S+)/);
      for (const hostName of ['one', 'other'])
        agents.push(new StallscopeProcess(['agent', '--hub', url!.replace('http', 'ws')], { hostName }));
      await page.goto(url!);
      await page.getByRole('table', { name: 'Hosts' }).getByRole('link', { name: 'one' }).click();
      await modelWhen(page, 'the host', ({ tree }) => tree !== null);
      const own = new URL(page.url());
      own.searchParams.set('p', String(twins[0]!.tgid));
      own.searchParams.set('kinds', ANY_KIND);
      own.searchParams.set('span', '10s');
      own.searchParams.set('show', 'diff');
      await page.goto(own.href);
      await modelWhen(page, 'the twin', ({ totals }) => (totals?.sampledNs ?? 0) > 0);
      await page.getByRole('combobox', { name: 'Base data' }).selectOption({ label: 'other' });
      const { before, after } = await differenceWhen(
        page,
        'some seconds of both hosts',
        (both) => both.before!.coveredMs! > 2500 && both.after!.coveredMs! > 2500,
      );
      expect(before!.tgids, 'both twins there').toEqual(
        expect.arrayContaining(twins.map(({ tgid }) => tgid)),
      );
      expect(after!.tgids, 'the one that is chosen here').toEqual([twins[0]!.tgid]);
      expectNear(before!.value / before!.coveredMs!, (2 * after!.value) / after!.coveredMs!, 'twice as much');
      await expect(side(page, 'Before')).toContainText('other · twin (2 processes)');
    } finally {
      await Promise.all(twins.map((twin) => twin.stop()));
      for (const agent of agents) await agent.interrupt();
      await hub.interrupt();
    }
  });
});

function side(page: Page, title: 'Before' | 'After'): Locator {
  return page.getByRole('region', { name: new RegExp(`^${title}: `) });
}

async function differenceWhen(
  page: Page,
  what: string,
  condition: (difference: Difference) => boolean,
): Promise<Difference> {
  const model = await modelWhen(
    page,
    `the difference of ${what}`,
    ({ difference }) => difference?.state === 'ready' && condition(difference),
  );
  return model.difference!;
}

/** Opens a stretch of whole windows in which the process, and all that was started before it, slept; how long it is, ns. */
async function openWhileAllSleep(
  page: Page,
  url: string,
  tgid: number,
  more: Record<string, string> = {},
): Promise<number> {
  await openHost(page, url, { p: tgid, span: '1m', kinds: ANY_KIND });
  const asleep = await modelWhen(page, 'where it sleeps', ({ totals }) => totals!.sampledNs > 0);
  const { heldWindows } = await modelAfterUpdates(page, 3);
  const whole = heldWindows.filter(({ startMs }) => startMs >= asleep.lastWindowEndMs!);
  const [from, to] = [whole[0]!.startMs, whole.at(-1)!.endMs].map(Math.round);
  await openHost(page, url, { p: tgid, from: from!, to: to!, kinds: ANY_KIND, ...more });
  const shown = await modelWhen(page, 'the stretch', ({ shownWindows }) => shownWindows === whole.length);
  return shown.coveredMs * 1e6;
}

async function chooseProcess(page: Page, tgid: number): Promise<void> {
  await page.getByRole('button', { name: /^Base process: / }).click();
  await page.getByRole('combobox', { name: 'Find base process' }).fill(String(tgid));
  await page.keyboard.press('Enter');
}

/** From one instant of the host's clock to another, a little inside so that the windows there are the ones chosen. */
async function dragInStrip(page: Page, fromMs: number, toMs: number): Promise<void> {
  const strip = page.getByRole('region', { name: 'Time strip' }).locator('canvas').first();
  const box = (await strip.boundingBox())!;
  const { lastWindowEndMs, heldWindows } = await readModel(page);
  const heldMs = lastWindowEndMs! - heldWindows[0]!.startMs;
  const spanMs = STRIP_LENGTHS_MS.find((lengthMs) => heldMs <= lengthMs) ?? heldMs;
  const xOf = (ms: number): number => box.x + ((ms - (lastWindowEndMs! - spanMs)) / spanMs) * box.width;
  const insideMs = 150;
  const y = box.y + box.height / 3;
  await page.mouse.move(xOf(fromMs + insideMs), y);
  await page.mouse.down();
  await page.mouse.move(xOf(toMs - insideMs), y, { steps: 4 });
  await page.mouse.up();
}

/** Standard error, as a share, of the time of naps that a governor under load has let be sampled. */
function errorOfNaps(tauNs: number, coveredMs: number): number {
  const chance = Math.min(1, (NAP_MS * 1e6) / tauNs);
  return Math.sqrt((1 - chance) / (chance * (coveredMs / NAP_MS)));
}

function expectNear(value: number, truth: number, what: string): void {
  expect(value / truth, what).toBeGreaterThan(1 - TOLERANCE);
  expect(value / truth, what).toBeLessThan(1 + TOLERANCE);
}
