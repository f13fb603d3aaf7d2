/** A user lays out panels, keeps them in the address and by name on the hub, and goes between hosts and dashboards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, expect, type Locator, type Page, test } from '@playwright/test';
import { modelWhen } from './host-page.js';
import { onKernel } from './running-product.js';
import { StallscopeProcess } from './stallscope-process.js';

const data = mkdtempSync(join(tmpdir(), 'stallscope-dashboards-'));
let url = '';
let command: StallscopeProcess | undefined;

test.beforeAll(async () => {
  command = new StallscopeProcess(['up', '--demo', '--data', data, '--port', '0']);
  url = (await command.says(/Stallscope is at (\S+)/))[1]!;
});
test.afterAll(async () => {
  const ended = await command?.interrupt();
  rmSync(data, { recursive: true, force: true });
  expect(ended?.code, `exit code; it said:\n${ended?.stderr}`).toBe(0);
});

/** A recorded host. */
const DEMO = fileURLToPath(new URL('../apps/cli/demo/demo.stallscope', import.meta.url));

/** Three panels: two side by side, one beneath. */
const THREE = '1:note:left:0,0,6,4~2:note:right:6,0,6,4~3:note:below:0,4,12,4';

const panelOf = (page: Page, text: string): Locator =>
  page.getByRole('region', { name: 'Note' }).filter({ hasText: text });

/** Panels as the address has them now: text, column, row, width, height. */
async function placesOf(page: Page): Promise<string[]> {
  const text = new URL(page.url()).searchParams.get('panels') ?? '';
  return text.split('~').map((panel) => panel.split(':').slice(2, 4).join(' '));
}

async function open(page: Page, query: string): Promise<void> {
  await page.goto(`${url}/dashboards/?${query}`);
  await expect(page.locator('[data-grid]')).toBeVisible();
}

test('I open a ready dashboard from the list, of the host that there is', async ({ page }) => {
  await page.goto(url);
  await page.getByRole('link', { name: 'Dashboards' }).click();
  for (const name of ['Overview', 'Waits', 'Disk', 'Network', 'Container']) {
    await expect(page.getByRole('link', { name, exact: true })).toBeVisible();
  }
  await page.getByRole('link', { name: 'Disk', exact: true }).click();
  await expect(page).toHaveURL(/layout=disk/);
  await expect(page.getByRole('region', { name: 'Block I/O', exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Dashboard: Disk' })).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Host' })).toContainText('demo');
});

test('I move a panel with the mouse; Escape leaves it, Back takes it back', async ({ page }) => {
  await open(page, new URLSearchParams({ panels: THREE }).toString());
  const grip = panelOf(page, 'right').getByRole('button', { name: 'Move Note' });
  const left = (await panelOf(page, 'left').boundingBox())!;

  await drag(page, grip, left.x + 20, left.y + 10, { drops: false });
  await page.keyboard.press('Escape');
  await page.mouse.up();
  expect(await placesOf(page)).toEqual(['left 0,0,6,4', 'right 6,0,6,4', 'below 0,4,12,4']);

  await drag(page, grip, left.x + 20, left.y + 10);
  await expect(page).toHaveURL(/left%3A0%2C4%2C6%2C4|left:0,4,6,4/);
  expect(await placesOf(page)).toEqual(['left 0,4,6,4', 'right 0,0,6,4', 'below 0,8,12,4']);
  const moved = (await panelOf(page, 'right').boundingBox())!;
  expect(Math.round(moved.x)).toBe(Math.round(left.x));

  await page.goBack();
  await expect
    .poll(async () => (await panelOf(page, 'right').boundingBox())!.x)
    .toBeGreaterThan(left.x + 100);
});

test('I resize a panel with the mouse: others make room', async ({ page }) => {
  await open(page, new URLSearchParams({ panels: THREE }).toString());
  const left = (await panelOf(page, 'left').boundingBox())!;
  const corner = panelOf(page, 'left').getByRole('button', { name: 'Resize Note' });
  await drag(page, corner, left.x + left.width * 1.5, left.y + left.height * 1.5);
  await expect.poll(() => placesOf(page)).toEqual(['left 0,0,9,6', 'right 6,6,6,4', 'below 0,10,12,4']);
});

test('I do it all with the keyboard', async ({ page }) => {
  await open(page, new URLSearchParams({ panels: THREE }).toString());
  const below = panelOf(page, 'below');
  await below.getByRole('button', { name: 'Move Note' }).focus();
  await page.keyboard.press('ArrowUp');
  await expect.poll(() => placesOf(page)).toEqual(['left 0,4,6,4', 'right 6,4,6,4', 'below 0,0,12,4']);
  await expect(page.getByRole('status', { name: 'Layout' })).toHaveText(
    'Note: column 1, row 1, 12 wide, 4 high',
  );
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Shift+ArrowDown');
  await expect.poll(() => placesOf(page)).toEqual(['left 0,5,6,4', 'right 6,5,6,4', 'below 0,0,11,5']);
  await page.keyboard.press('Delete');
  await expect(below).toHaveCount(0);

  await page.keyboard.press('a');
  const dialog = page.getByRole('dialog', { name: 'Add a panel' });
  await dialog.getByRole('searchbox').fill('disk latency');
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.getByRole('button', { name: 'Move Disk latency' })).toBeFocused();
  await expect(page).toHaveURL(/vitals(%3A|:)disk-latency/);
});

test('on a phone panels lie one under the other, and I move them by touch', async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true });
  const page = await context.newPage();
  await open(page, new URLSearchParams({ panels: THREE }).toString());
  const tops = async (): Promise<number[]> =>
    Promise.all(['left', 'right', 'below'].map(async (text) => (await panelOf(page, text).boundingBox())!.y));
  const [left, right, below] = (await tops()) as [number, number, number];
  expect(left < right && right < below).toBe(true);
  await assertFits(page);

  const grip = (await panelOf(page, 'right').getByRole('button', { name: 'Move Note' }).boundingBox())!;
  const touch = await context.newCDPSession(page);
  const [x, y] = [grip.x + 10, grip.y + 10];
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', at?: number) =>
    touch.send('Input.dispatchTouchEvent', { type, touchPoints: at === undefined ? [] : [{ x, y: at }] });
  await send('touchStart', y);
  for (let step = 1; step <= 8; step++) await send('touchMove', y - ((y - left) * step) / 8);
  await send('touchEnd');
  await expect.poll(async () => (await tops())[1]).toBeLessThan(right);
  // A wide window has the two side by side as before, the other way round.
  await expect.poll(() => placesOf(page)).toEqual(['left 6,0,6,4', 'right 0,0,6,4', 'below 0,4,12,4']);
  await context.close();
});

test('a note is written in place, and is in the address', async ({ page }) => {
  await page.goto(`${url}/dashboards/?layout=own`);
  await page.getByRole('button', { name: 'Add a panel' }).click();
  await page.getByRole('dialog').getByRole('searchbox').fill('note');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Text of the note' }).fill('First: ask ~who~ writes!\nThen why.');
  await page.getByRole('button', { name: 'Keep' }).click();
  await expect(page).toHaveURL(/who/);
  await page.reload();
  await expect(page.getByRole('region', { name: 'Note' })).toContainText(
    'First: ask ~who~ writes!\nThen why.',
  );
});

test('a broken address says what is wrong with it, and shows the rest', async ({ page }) => {
  await page.goto(
    `${url}/dashboards/?panels=1:weather:x:0,0,4,4~2:note:still%20there:0,0,4,4~3:vitals:load:99,0,4,4&span=7m`,
  );
  const problems = page.getByRole('alert', { name: 'What of the address cannot be shown' });
  await expect(problems.getByRole('listitem')).toHaveText([
    /“span=7m” in the address cannot be read \(it takes 1m, 2m, 5m, 10m, 15m\)/,
    /Panel 1 of the address is left out: there is no kind “weather”/,
    /Panel 3 of the address is left out: “99,0,4,4” is no place/,
  ]);
  await expect(page.getByRole('region', { name: 'Note' })).toContainText('still there');
});

test('a panel may be of another host than the dashboard, and says so', async ({ page }) => {
  await open(page, 'layout=waits');
  await page.getByRole('button', { name: 'Menu of Processes', exact: true }).click();
  await page.getByRole('menuitemradio', { name: 'demo' }).click();
  await expect(page).toHaveURL(/processes(%3A|:)(%3A|:)/);
  const other = new URL(page.url());
  other.searchParams.set('host', 'web-2');
  await page.goto(other.href);
  await expect(page.getByRole('region', { name: /^Processes, demo/ })).toBeVisible();
});

test('I save a dashboard by name, change it, rename it, and delete it after a question', async ({ page }) => {
  await open(page, new URLSearchParams({ panels: THREE, span: '15m' }).toString());
  await page.getByRole('button', { name: 'Save as…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save dashboard' });
  await dialog.getByLabel('Name', { exact: true }).fill('Writes');
  await dialog.getByLabel('Your name').fill('Anna');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/\/dashboards\/\?saved=[\w-]{22}$/);
  await page.reload();
  await expect(panelOf(page, 'below')).toBeVisible();
  await expect(page.getByRole('combobox', { name: 'Time span' })).toHaveValue('15m');
  const save = page.getByRole('button', { name: 'Save', exact: true });
  await expect(save).toBeDisabled();

  await panelOf(page, 'below').getByRole('button', { name: 'Move Note' }).press('Delete');
  await expect(page.getByRole('button', { name: 'Dashboard: Writes, changed' })).toBeVisible();
  await save.click();
  await expect(page).toHaveURL(/\/dashboards\/\?saved=[\w-]{22}$/);
  await page.reload();
  await expect(panelOf(page, 'left')).toBeVisible();
  await expect(panelOf(page, 'below')).toHaveCount(0);

  await page.goto(`${url}/dashboards/`);
  const row = page.getByRole('listitem', { name: 'Writes' });
  await expect(row).toContainText(/2 panels · saved .* by Anna/);
  await row.getByRole('button', { name: 'Rename…' }).click();
  await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Writes at night');
  await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
  const renamed = page.getByRole('listitem', { name: 'Writes at night' });
  await renamed.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
  await expect(renamed).toBeVisible();
  await renamed.getByRole('button', { name: 'Delete…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText('None is kept yet.')).toBeVisible();
});

test('what somebody else has saved meanwhile is not lost, nor is mine', async ({ page, browser }) => {
  await open(page, new URLSearchParams({ panels: THREE }).toString());
  await saveAs(page, 'Shared', 'Anna');
  const theirs = await newReader(browser, page.url());
  await theirs.getByRole('button', { name: 'Move Note' }).first().press('Delete');
  await theirs.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(theirs).toHaveURL(/\?saved=[\w-]{22}$/);

  await panelOf(page, 'below').getByRole('button', { name: 'Move Note' }).press('ArrowUp');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  const conflict = page.getByRole('dialog', { name: 'Somebody else has kept this dashboard' });
  await conflict.getByRole('button', { name: 'Show theirs' }).click();
  await expect(panelOf(page, 'left')).toHaveCount(0);
  await expect(panelOf(page, 'below')).toBeVisible();

  await page.goBack();
  await expect(panelOf(page, 'left')).toBeVisible();
  await expect(page.getByRole('note')).toContainText('these changes are of the one before');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await conflict.getByRole('button', { name: 'Keep mine in its place' }).click();
  await expect(page).toHaveURL(/\?saved=[\w-]{22}$/);
  await theirs.reload();
  await expect(panelOf(theirs, 'left')).toBeVisible();
  await theirs.context().close();
});

test('a host’s page and its dashboard lead to each other, with what is selected', async ({ page }) => {
  const { hosts } = (await (await fetch(`${url}/api/hosts`)).json()) as { hosts: { host: { id: string } }[] };
  const host = hosts[0]!.host.id;
  await page.goto(`${url}/host/?host=${host}&p=4711&from=1700000000000&to=1700000010000`);
  await page.getByRole('link', { name: 'Dashboards' }).click();
  await expect(page).toHaveURL(/\/dashboards\/\?layout=overview/);
  const chips = page.getByRole('list', { name: 'Filters' });
  await expect(chips).toContainText('process4711');
  await chips.getByRole('button', { name: /^Remove stretch/ }).click();
  await expect(page).not.toHaveURL(/from=/);
  await page.getByRole('link', { name: 'Host page' }).click();
  await expect(page).toHaveURL(/\/host\/\?/);
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toMatchObject({ host, p: '4711' });
});

test('I pause all panels with the space bar, play on, and choose span and interval; all of it is in the address', async ({
  page,
}) => {
  await open(page, 'layout=waits');
  const pause = page.getByRole('button', { name: 'Pause' });
  await expect(pause).toBeEnabled();
  await page.locator('body').press(' ');
  await expect(page).toHaveURL(/[?&]at=\d{13}(&|$)/);
  await expect(page.getByRole('button', { name: 'Play' })).toHaveAttribute('aria-pressed', 'true');
  await page.getByRole('combobox', { name: 'Time span' }).selectOption('last 15 min');
  await expect(page).toHaveURL(/span=15m/);
  await page.reload();
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(page).not.toHaveURL(/[?&]at=/);
  // A recording repeats what it has: its interval cannot be chosen.
  await expect(page.getByRole('combobox', { name: 'Window interval' })).toBeDisabled();
  await page.goBack();
  await expect(page).not.toHaveURL(/span=15m/);
});

test('a panel is grey with the reason where its host cannot show it, before and after it is added', async ({
  page,
}) => {
  await open(page, 'panels=1:vitals:load:0,0,6,5~2:flame:off-cpu:6,0,6,9');
  const load = page.getByRole('region', { name: 'Load average' });
  await expect(load.getByRole('note')).toHaveText('this is a recording, and it has none of this');
  const flame = page.getByRole('region', { name: 'Off-CPU flame graph' });
  await expect(flame).toContainText('no extra cost');
  await expect(flame).toContainText('waited');
  await page.getByRole('button', { name: 'Add panel' }).click();
  const choices = page.getByRole('dialog', { name: 'Add a panel' });
  await expect(
    choices.getByRole('button', { name: /^Block I\/O Not on this host: this is a recording/ }),
  ).toBeVisible();
  await expect(choices.getByRole('button', { name: /^Chain flame graph As Off-wake/ })).toBeVisible();
});

onKernel('a dashboard of two hosts', () => {
  let hub = '';
  const started: StallscopeProcess[] = [];
  test.beforeAll(async () => {
    const process = new StallscopeProcess(['hub', '--port', '0', '--no-data']);
    started.push(process);
    hub = (await process.says(/The hub is at (\S+)/))[1]!;
    const at = ['--hub', hub.replace(/^http/, 'ws')];
    const agents = [[], ['--recording', DEMO]].map(
      (flags) => new StallscopeProcess(['agent', ...at, ...flags]),
    );
    started.push(...agents);
    for (const agent of agents) await agent.says(/the hub has the first window/);
  });
  test.afterAll(async () => {
    for (const process of started.splice(0).reverse()) await process.interrupt();
  });

  test('shows both on one clock, each panel with what it costs, at the interval that I choose', async ({
    page,
  }) => {
    const own = (await hostsOf(hub)).find(({ name }) => name !== 'demo')!;
    const demo = (await hostsOf(hub)).find(({ name }) => name === 'demo')!;
    const panels = `1:vitals:cpu-states:0,0,6,6~2:flame:off-cpu:6,0,6,6:${demo.id}~3:flame:off-cpu:0,6,6,6`;
    await page.goto(
      `${hub}/dashboards/?${new URLSearchParams({ host: own.id, panels, span: '1m', window: '250' })}`,
    );
    const { dashboard } = await modelWhen(page, 'both hosts and what collecting costs', (model) => {
      const shown = model.dashboard;
      const cost = shown?.standing[own.id]?.find(({ name }) => name === 'vitals-cpu')?.nsPerSecond ?? null;
      return cost !== null && (shown?.panels ?? []).every(({ state }) => state === 'ready');
    });
    const [vitals, theirs, mine] = dashboard!.panels;
    expect([vitals!.hostId, theirs!.hostId, mine!.hostId]).toEqual([own.id, demo.id, own.id]);
    const names = (tree: typeof theirs): string[] => (tree!.tree?.nodes ?? []).map(({ path }) => path);
    expect(names(theirs)).toContain('stage-a');
    expect(names(mine)).not.toContain('stage-a');

    const cpu = page.getByRole('region', { name: 'CPU by state' });
    await expect(cpu).toContainText(/[\d.]+ % of a CPU/);
    await expect(page.getByRole('region', { name: 'Off-CPU flame graph, demo' })).toContainText(
      'no extra cost',
    );
    await expect.poll(async () => (await hostsOf(hub)).find(({ id }) => id === own.id)?.windowMs).toBe(250);

    await page.getByRole('button', { name: 'Pause' }).click();
    await expect(page).toHaveURL(/[?&]at=/);
    const atMs = Number(new URL(page.url()).searchParams.get('at'));
    const paused = await modelWhen(page, 'newer windows than are shown', (model) => {
      const { clock } = model.dashboard!;
      return clock !== null && clock.toMs <= atMs && clock.newestMs > atMs + 1000;
    });
    expect(paused.dashboard!.panels.every(({ state }) => state === 'ready')).toBe(true);
  });
});

async function hostsOf(hub: string): Promise<{ id: string; name: string; windowMs: number }[]> {
  const { hosts } = (await (await fetch(`${hub}/api/hosts`)).json()) as {
    hosts: { host: { id: string; name: string }; windowMs: number }[];
  };
  return hosts.map(({ host: { id, name }, windowMs }) => ({ id, name, windowMs }));
}

async function saveAs(page: Page, name: string, author: string): Promise<void> {
  await page.getByRole('button', { name: 'Save as…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Save dashboard' });
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  await dialog.getByLabel('Your name').fill(author);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await expect(page).toHaveURL(/\?saved=[\w-]{22}$/);
}

/** Another person, in another browser, at the same address. */
async function newReader(browser: Browser, address: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(address);
  return page;
}

async function drag(
  page: Page,
  grip: Locator,
  toX: number,
  toY: number,
  { drops = true }: { drops?: boolean } = {},
): Promise<void> {
  const box = (await grip.boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(toX, toY, { steps: 5 });
  if (drops) await page.mouse.up();
}

/** Nothing sticks out at the right. */
async function assertFits(page: Page): Promise<void> {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  expect(scrollWidth, 'width of the page, px').toBeLessThanOrEqual(clientWidth);
}
