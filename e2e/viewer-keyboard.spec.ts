/** A user reads a graph as rows, opens the menu of a frame and copies from it, all without a mouse. */
import { expect, type Page, test } from '@playwright/test';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import { graphOf, modelWhen, nsAt, openHost } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

const FOR_EVER = 1_000_000;

onKernel('viewer by keyboard', () => {
  const product = startProduct();
  let convoy: StartedWorkload;

  test.beforeAll(() => {
    convoy = startWorkload('convoy', 3, FOR_EVER, 20_000);
  });
  test.afterAll(() => convoy.stop());

  async function openConvoy(page: Page, selection: Record<string, string> = {}): Promise<void> {
    await openHost(page, product.url, { p: convoy.tgid, span: '10s', ...selection });
    await modelWhen(page, 'turns of the convoy', (model) => nsAt(model, /wait_for_turn$/) > 0);
  }

  test('I read the graph as rows: open, close, go in and out, and on to the frame in the graph', async ({
    page,
  }) => {
    await openConvoy(page);
    await page.keyboard.press('t');
    const rows = page.getByRole('treegrid', { name: /^Call tree of / });
    await expect(rows).toBeFocused();
    await page.keyboard.press('ArrowDown');
    const selected = rows.getByRole('row', { selected: true });
    await expect(selected).toHaveAttribute('aria-expanded', 'false');
    await expect(selected).toHaveAttribute('aria-level', '1');
    await expect(selected).toContainText(/holder-\d/);
    await page.keyboard.press('ArrowRight');
    await expect(selected).toHaveAttribute('aria-expanded', 'true');
    // libc's start and body are the only ways on, so they are open as well.
    for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowDown');
    await expect(selected).toContainText(/wait_for_turn|hold_lock/);
    await expect(selected).toHaveAttribute('aria-setsize', '2');
    await page.keyboard.press('*');
    await page.keyboard.press('ArrowDown');
    await expect(selected).toHaveAttribute('aria-level', '5');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await expect(selected).toContainText(/wait_for_turn|hold_lock/);
    const label = /(wait_for_turn|hold_lock)/.exec((await selected.textContent())!)![1]!;
    await expect(page.getByRole('complementary', { name: 'Frame details' })).toContainText(label);

    // It stands where it stood while windows come and go.
    await modelWhen(page, 'another update', ({ drawn }) => drawn !== null);
    await expect(selected).toContainText(label);

    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(new RegExp(`zoom=.*~u${label}(&|$)`));
    await expect(graphOf(page)).toBeFocused();
    await expect(graphOf(page).getByRole('treeitem')).toHaveText(new RegExp(`^${label}, .*zoomed`));
  });

  test('I open the menu of a frame, copy its stack, focus on it and step out again', async ({
    page,
    context,
  }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await openConvoy(page);
    await graphOf(page).focus();
    for (let step = 0; step < 4; step++) await page.keyboard.press('ArrowDown');
    const item = graphOf(page).getByRole('treeitem');
    await expect(item).toHaveText(/^(wait_for_turn|hold_lock), user frame/);
    const label = (await item.textContent())!.split(',')[0]!;

    await page.keyboard.press('m');
    const menu = page.getByRole('menu', { name: `Frame ${label}` });
    await expect(menu).toBeVisible();
    await menu.getByRole('menuitem', { name: 'Copy stack' }).press('Enter');
    await expect(page.getByRole('status', { name: 'Done' })).toContainText('Stack copied');
    const stack = await page.evaluate(() => navigator.clipboard.readText());
    expect(stack).toMatch(new RegExp(`^holder-\\d\\n[^\\n]+\\nbody\\n${label}$`));
    await expect(graphOf(page)).toBeFocused();

    await page.keyboard.press('c');
    await expect(page.getByRole('status', { name: 'Done' })).toContainText('Name copied');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(label);

    await page.keyboard.press('f');
    const focused = await modelWhen(
      page,
      'its frame at the root',
      ({ tree }) =>
        (tree?.nodes ?? []).length > 1 &&
        tree!.nodes.every(({ path }) => path === '' || path.startsWith(label)),
    );
    expect(nsAt(focused, label)).toBe(focused.tree!.totalValue);
    await expect(page).toHaveURL(new RegExp(`focus=u${label}`));
    await page.keyboard.press('Escape');
    await modelWhen(page, 'whole paths again', (model) => nsAt(model, /^holder-\d;/) > 0);
    await expect(page).not.toHaveURL(/focus=/);
  });

  test('Every key on the sheet is there', async ({ page }) => {
    await openConvoy(page);
    await page.keyboard.press('?');
    const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
    for (const title of ['Anywhere', 'What is shown', 'In the graph', 'In the call tree'])
      await expect(sheet.getByRole('heading', { name: title })).toBeVisible();
    await page.keyboard.press('Escape');
    for (const [key, url] of [
      ['l', /show=table/],
      ['w', /show=sandwich/],
      ['t', /show=tree/],
      ['g', /^((?!show=).)*$/],
      ['b', /root=bottom/],
      ['r', /rec=1/],
      ['i', /flow=bottom-up/],
      ['n', /noise=/],
      ['3', /view=wakeup/],
    ] as const) {
      await page.locator('body').press(key);
      await expect(page, `after ${key}`).toHaveURL(url);
    }
  });

  test('A long press on a phone opens the menu, and all of it fits', async ({ browser }) => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
    const page = await context.newPage();
    await openConvoy(page);
    const box = (await graphOf(page).boundingBox())!;
    const client = await context.newCDPSession(page);
    const touchPoints = [{ x: box.x + box.width / 2, y: box.y + 4.5 * 18 }];
    await client.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
    const menu = page.getByRole('menu', { name: /^Frame / });
    await expect(menu).toBeVisible();
    await client.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await expect(menu, 'lifting the finger does not close it').toBeVisible();
    const menuBox = (await menu.boundingBox())!;
    expect(menuBox.x).toBeGreaterThanOrEqual(0);
    expect(menuBox.x + menuBox.width).toBeLessThanOrEqual(390);
    await menu.getByRole('menuitem', { name: /^Sandwich/ }).tap();
    await expect(page).toHaveURL(/show=sandwich/);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, 'width of the page, px').toBeLessThanOrEqual(390);
    await context.close();
  });
});
