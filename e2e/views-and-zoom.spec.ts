/** A user goes from view to view, into the graph and out again, searches it, and needs no mouse for any of it. */
import { expect, type Page, test } from '@playwright/test';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import {
  assertGraphIsDrawn,
  clickRow,
  graphOf,
  modelAfterUpdates,
  modelWhen,
  nsAt,
  openHost,
} from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

const FOR_EVER = 1_000_000;

onKernel('views and zoom', () => {
  const product = startProduct();
  let workload: StartedWorkload | undefined;

  test.afterEach(async () => {
    await workload?.stop();
    workload = undefined;
  });

  test('I go through all four views of waits by tab and by key', async ({ page }) => {
    workload = startWorkload('chain', FOR_EVER, 10_000);
    await openHost(page, product.url, { p: workload.tgid });
    for (const [name, view] of [
      ['Wakeup', 'wakeup'],
      ['Off-wake', 'off-wake'],
      ['Chain', 'chain'],
      ['Off-CPU', 'off-cpu'],
    ] as const) {
      await page.getByRole('tab', { name, exact: true }).click();
      await assertShowsView(page, name, view);
    }
    for (const [key, name, view] of [
      ['5', 'Chain', 'chain'],
      ['4', 'Off-wake', 'off-wake'],
      ['3', 'Wakeup', 'wakeup'],
      ['2', 'Off-CPU', 'off-cpu'],
    ] as const) {
      await page.keyboard.press(key);
      await assertShowsView(page, name, view);
    }
  });

  test('The chain view names each stage in order and ends in the timer', async ({ page }) => {
    workload = startWorkload('chain', FOR_EVER, 10_000);
    await openHost(page, product.url, { p: workload.tgid, view: 'chain' });
    const whole =
      /^stage-a;.*;stage_a_wait;-;.*;--;.*;stage_b_pass_on;.*;stage-b;--;.*;stage_c_start;.*;stage-c;--;.*;\[timer\]$/;
    const model = await modelWhen(page, 'the whole chain', (shown) => nsAt(shown, whole) > 0);
    expect(
      nsAt(model, whole) / model.tree!.totalValue,
      'share of the waits that the whole chain explains',
    ).toBeGreaterThan(0.9);
    await assertGraphIsDrawn(page);
  });

  test('All views of a paused moment agree on the total', async ({ page }) => {
    workload = startWorkload('chain', FOR_EVER, 10_000);
    await openHost(page, product.url, { p: workload.tgid });
    await modelAfterUpdates(page, 2);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await expect(page.getByRole('note', { name: 'Paused' })).toBeVisible();
    const { totals } = await modelWhen(page, 'a paused view', ({ newerWindows }) => newerWindows !== null);
    for (const view of ['off-wake', 'chain', 'wakeup', 'off-cpu'] as const) {
      await page.keyboard.press({ 'off-cpu': '2', wakeup: '3', 'off-wake': '4', chain: '5' }[view]);
      const model = await modelWhen(page, view, (shown) => shown.view === view);
      expect(model.totals!.sampledNs, view).toBe(totals!.sampledNs);
      expect(model.tree!.totalValue, view).toBe(totals!.sampledNs);
    }
  });

  test('I zoom in by a click, stay there through live updates and a reload, and step out again', async ({
    page,
  }) => {
    workload = startWorkload('sleeper', FOR_EVER, 10_000, 'zoomed');
    await openHost(page, product.url, { p: workload.tgid });
    await modelWhen(page, 'where it sleeps', (model) => nsAt(model, /;nap_here$/) > 0);
    const details = page.getByRole('complementary', { name: 'Frame details' });

    // all, comm, libc's start, main, nap_here
    await clickRow(page, 4);
    await expect(page).toHaveURL(/zoom=czoomed~.*~unap_here/);
    await expect(details).toContainText('nap_here');
    await page.mouse.move(0, 0);
    const zoomed = page.url();
    const zoomedFrame = graphOf(page).getByRole('treeitem', { name: /^nap_here, .*zoomed$/ });
    await expect(zoomedFrame).toBeAttached();

    await modelAfterUpdates(page, 5);
    expect(page.url()).toBe(zoomed);
    await expect(zoomedFrame).toBeAttached();
    await expect(page.getByRole('button', { name: 'Remove zoom nap_here' })).toBeVisible();

    await page.reload();
    await modelWhen(page, 'the graph again', ({ tree }) => (tree?.totalValue ?? 0) > 0);
    await expect(zoomedFrame).toBeAttached();

    await page.keyboard.press('Escape');
    await expect(page).toHaveURL(/zoom=czoomed~[^~]*~umain(&|$)/);
    await page.goBack();
    await expect(page).toHaveURL(/~unap_here/);
    await page.goBack();
    await expect(page).not.toHaveURL(/zoom=/);
  });

  /** A share is never rounded up to all: what lies between 99.9 % and all is written so. */
  const MOST_OF_ALL = /^(100|99\.\d+|> 99\.9) % matched$/;

  test('I search with a regular expression and see its share, live; a broken one says so', async ({
    page,
  }) => {
    workload = startWorkload('sleeper', FOR_EVER, 10_000, 'searched');
    await openHost(page, product.url, { p: workload.tgid });
    await modelWhen(page, 'where it sleeps', (model) => nsAt(model, /;nap_here$/) > 0);
    const share = page.getByRole('status', { name: 'Matched share' });
    const placeBefore = await graphOf(page).boundingBox();
    await page.keyboard.press('/');
    await page.keyboard.type('^nap_.*e$');
    await expect(share).toHaveText(MOST_OF_ALL);
    const model = await modelAfterUpdates(page, 3);
    expect(model.matchedValue).toBe(nsAt(model, /;nap_here$/));
    await expect(share).toHaveText(MOST_OF_ALL);
    await expect(page).toHaveURL(/q=/);

    // The chip of the search has moved nothing.
    await expect(page.getByRole('list', { name: 'Filters' })).toContainText('/^nap_.*e$/');
    expect((await graphOf(page).boundingBox())?.y).toBe(placeBefore?.y);

    const box = page.getByRole('searchbox', { name: 'Search frames' });
    await box.press('Enter');
    await expect(box).not.toBeFocused();
    await box.fill('no_such_function');
    await expect(share).toHaveText('0 % matched');
    await box.fill('(');
    await expect(share).toHaveText('invalid: Unterminated group');
    await box.press('Escape');
    await expect(box).toHaveValue('');
    await expect(share).toHaveText('');
  });

  test('I do all of it by keyboard, from the list of hosts into a frame and out', async ({ page }) => {
    workload = startWorkload('sleeper', FOR_EVER, 10_000);
    await page.goto(product.url);
    const host = page.getByRole('table', { name: 'Hosts' }).getByRole('link');
    await expect(host).toBeVisible();
    await tabTo(page, 'a[href^="/host/"]');
    await page.keyboard.press('Enter');
    await modelWhen(page, 'a graph', ({ tree }) => (tree?.totalValue ?? 0) > 0);

    await tabTo(page, '[role="tree"]');
    const focused = graphOf(page).getByRole('treeitem');
    await expect(focused).toHaveText(/^all · /);
    await page.keyboard.press('ArrowDown');
    await expect(focused).not.toHaveText(/^all · /);
    const label = (await focused.textContent())!.split(',')[0]!;
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/zoom=c/);
    await expect(page.getByRole('button', { name: `Remove zoom ${label}` })).toBeVisible();

    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    await expect(sheet).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(sheet).toBeHidden();
    await expect(page).toHaveURL(/zoom=c/);

    await graphOf(page).focus();
    await page.keyboard.press('Escape');
    await expect(page).not.toHaveURL(/zoom=/);

    await page.keyboard.press(' ');
    await expect(page.getByRole('note', { name: 'Paused' })).toBeVisible();
    await page.keyboard.press(' ');
    await expect(page.getByRole('note', { name: 'Paused' })).toBeHidden();
    // The page says so at once; its worker, which the model is of, answers a moment later.
    await modelWhen(page, 'the newest windows', ({ newerWindows }) => newerWindows === null);
  });
});

async function assertShowsView(page: Page, name: string, view: string): Promise<void> {
  await modelWhen(
    page,
    `view ${view} of something`,
    (model) => model.view === view && (model.tree?.totalValue ?? 0) > 0,
  );
  await expect(page.getByRole('tab', { name, exact: true })).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByRole('tree', { name: new RegExp(`^${name} flame graph of `) })).toBeVisible();
  await assertGraphIsDrawn(page);
}

/** Stops of a page of many controls. */
const MAX_STOPS = 60;

async function tabTo(page: Page, selector: string): Promise<void> {
  for (let stop = 0; stop < MAX_STOPS; stop++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
  }
  throw new Error(`${selector} has no focus after ${MAX_STOPS} steps of Tab`);
}
