/** A user takes a view elsewhere: a page to explore without a network, a picture to read, and what grew between two. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type BrowserContext, expect, type Page, test } from '@playwright/test';
import { DIFF_BOUNDS, diffSlot, LIFE_ORDER, lifeColour, paletteOf, roleColour } from '@stallscope/charts';
import { ROLES } from '@stallscope/profile';
import { stallscope } from './stallscope-process.js';

const DEMO = fileURLToPath(new URL('../apps/cli/demo/demo.stallscope', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'stallscope-exported-'));
test.afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a command that writes a file, to its good end. */
async function written(name: string, ...args: string[]): Promise<string> {
  const path = join(folder, name);
  const { code, stderr } = await stallscope(...args, '-o', path);
  expect(code, stderr).toBe(0);
  return path;
}

/** Opens a file in a browser without a network; whatever it asks for, or complains of, is noted. */
async function openOffline(page: Page, context: BrowserContext, path: string): Promise<string[]> {
  const noted: string[] = [];
  const address = pathToFileURL(path).href;
  page.on('request', (request) => {
    if (request.url() !== address) noted.push(`request ${request.url()}`);
  });
  page.on('console', (message) => noted.push(`console ${message.text()}`));
  page.on('pageerror', (error) => noted.push(`error ${error.message}`));
  await context.setOffline(true);
  await page.goto(address);
  return noted;
}

const frame = (page: Page, name: string) => page.locator(`g.frame[name="${name}"] rect`);
/** As it is drawn, without the line around the frame under the pointer. */
const widthOf = async (page: Page, name: string) =>
  Number(await frame(page, name).first().getAttribute('width'));

test('A page opens from the disk without a network, finds frames and zooms into them', async ({
  page,
  context,
}) => {
  const path = await written('chain.html', 'convert', DEMO, '--view', 'chain', '--format', 'html');
  const json = JSON.parse(
    readFileSync(await written('chain.json', 'convert', DEMO, '--view', 'chain', '--format', 'json'), 'utf8'),
  );
  const noted = await openOffline(page, context, path);
  await expect(page.getByRole('heading')).toHaveText(
    'a lock convoy, a pipe ping-pong, a chain of three stages, a sleeper and a disk fsync',
  );
  await expect(page.locator('body')).toContainText(/280 s waited · chain: where threads waited/);
  await expect(page.locator('body')).toContainText(/sampled 100\.0 % ± 0\.0 of exact · \d+ lost/);

  // Search: by key, of all time that goes through a match, as the numbers of the same view say.
  await page.keyboard.press('/');
  await page.keyboard.type('futex_wait');
  const stacks: { frames: { name: string }[]; ns: number }[] = json.stacks;
  const sum = (list: typeof stacks) => list.reduce((all, { ns }) => all + ns, 0);
  const matching = stacks.filter(({ frames }) => frames.some(({ name }) => name.includes('futex_wait')));
  const share = ((sum(matching) / sum(stacks)) * 100).toFixed(1);
  await expect(page.getByRole('status')).toHaveText(new RegExp(`^${share} % · [\\d.]+ s in \\d+ frames$`));
  await expect(page.locator('g.frame[data-matched]').first()).toBeVisible();
  await page.keyboard.type(' nowhere');
  await expect(page.getByRole('status')).toHaveText('no frame matches');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('status')).toHaveText('');
  await expect(page.locator('g.frame[data-matched]')).toHaveCount(0);

  // Zoom: by click, until it fills the graph; Esc steps out.
  // Frames move to their places: what is read on the way is no width of anything.
  const all = Number(await page.locator('svg:has(g.frame)').getAttribute('width'));
  await expect.poll(() => widthOf(page, 'all')).toBeCloseTo(all, 0);
  await expect.poll(() => widthOf(page, 'stage-a')).toBeLessThan(all / 4);
  const reset = page.getByRole('button', { name: 'Reset zoom (Esc)' });
  await expect(reset).toBeDisabled();
  await frame(page, 'stage-a').first().click();
  await expect.poll(() => widthOf(page, 'stage-a')).toBeCloseTo(all, 0);
  await expect(page.locator('#frame')).toContainText(/stage-a.*thread name · 30\.\d s · 10\.\d % of all/);
  await expect(frame(page, 'ping')).toHaveCount(0);
  await expect(reset).toBeEnabled();
  await page.keyboard.press('Escape');
  await expect.poll(() => widthOf(page, 'stage-a')).toBeLessThan(all / 4);
  await expect(reset).toBeDisabled();

  // Root at the bottom: what stood under a thread stands above it.
  const top = async (name: string) => (await frame(page, name).first().boundingBox())?.y ?? 0;
  expect(await top('all')).toBeLessThan(await top('stage-a'));
  await page.getByRole('button', { name: 'Root at the bottom' }).click();
  await expect.poll(async () => (await top('all')) > (await top('stage-a'))).toBe(true);
  expect(noted).toEqual([]);
});

test('I walk the frames of a page by key, see where I am, zoom and step out, with no network', async ({
  page,
  context,
}) => {
  const path = await written('keys.html', 'convert', DEMO, '--view', 'chain', '--format', 'html');
  const noted = await openOffline(page, context, path);
  await expect(page.getByText('By key: Tab to the graph')).toBeVisible();
  const graph = page.getByRole('tree', { name: 'Flame graph' });
  const active = page.locator('g.frame[data-active]');
  const isAt = (name: string | RegExp) => expect(active).toHaveAttribute('name', name);
  await page.getByRole('button', { name: 'Root at the bottom' }).focus();
  await page.keyboard.press('Tab');
  await expect(graph).toBeFocused();
  await isAt('all');

  await page.keyboard.press('ArrowDown');
  const widest = (await active.getAttribute('name'))!;
  expect(widest, 'the widest of those on the root').not.toBe('all');
  await expect(page.locator('#frame')).toContainText(`${widest}thread name`);
  expect(await graph.getAttribute('aria-activedescendant')).toBe(await active.getAttribute('id'));
  const edge = () => active.locator('rect').evaluate((rect) => getComputedStyle(rect).strokeWidth);
  expect(await edge(), 'the active frame has an edge that is seen').toBe('4px');
  const leftOf = async () => (await active.boundingBox())!.x;
  // Frames are in their places: what is read on the way is no place.
  await expect.poll(async () => (await leftOf()) >= 0).toBe(true);
  const before = await leftOf();
  await page.keyboard.press('ArrowLeft');
  const beside = (await active.getAttribute('name'))!;
  if (beside !== widest) expect(await leftOf()).toBeLessThan(before);
  await page.keyboard.press('ArrowRight');
  expect(await leftOf()).toBeGreaterThanOrEqual(before);
  await page.keyboard.press('ArrowUp');
  await isAt('all');
  await page.keyboard.press('ArrowUp');
  await isAt('all');

  await page.keyboard.press('/');
  await page.keyboard.type('stage-a');
  await page.keyboard.press('Enter');
  await expect(graph).toBeFocused();
  await isAt('stage-a');
  const all = Number(await page.locator('svg:has(g.frame)').getAttribute('width'));
  await page.keyboard.press('Enter');
  await expect.poll(() => widthOf(page, 'stage-a')).toBeCloseTo(all, 0);
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('#frame')).toContainText(/% of stage-a$/);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('status'), 'first what was searched').toHaveText('');
  await page.keyboard.press('Escape');
  await expect.poll(() => widthOf(page, 'stage-a')).toBeLessThan(all / 4);
  await page.getByRole('button', { name: 'Root at the bottom' }).click();
  await graph.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowUp');
  await isAt(widest);
  expect(noted).toEqual([]);
});

test('On a phone, in the dark, nothing of the page is cut off', async ({ page, context }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await page.emulateMedia({ colorScheme: 'dark' });
  const noted = await openOffline(
    page,
    context,
    await written('phone.html', 'convert', DEMO, '--format', 'html'),
  );
  await expect(frame(page, 'all')).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(15, 19, 24)');
  expect(noted).toEqual([]);
});

test('Colours of files are those of the graphs in the product', async ({ page, context }) => {
  const path = await written('colours.html', 'convert', DEMO, '--format', 'html');
  for (const theme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    await openOffline(page, context, path);
    const variables = await page.evaluate(
      (names) =>
        names.map((name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`)),
      [
        ...PLAIN_ROLES,
        ...LIFE_ORDER.map((kind) => `kind-${kind}`),
        ...DIFF_STEPS.map((step) => `change-${step + DIFF_BOUNDS.length}`),
      ],
    );
    const palette = paletteOf(theme);
    expect(variables).toEqual([
      ...PLAIN_ROLES.map((role) => roleColour(theme, role)),
      ...LIFE_ORDER.map((kind) => lifeColour(theme, kind)),
      ...DIFF_STEPS.map((step) => palette.fills[diffSlot(step)]),
    ]);
  }
});
/** Steps of a wall view have a colour for each kind of life instead of one for their role. */
const PLAIN_ROLES = ROLES.filter((role) => role !== 'kind');
const DIFF_STEPS = Array.from(
  { length: 2 * DIFF_BOUNDS.length + 1 },
  (_, index) => index - DIFF_BOUNDS.length,
);

test('A picture is well-formed and can be read by itself, light and dark', async ({ page, context }) => {
  const path = await written('chain.svg', 'convert', DEMO, '--view', 'chain', '--format', 'svg');
  const noted = await openOffline(page, context, path);
  const look = await page.evaluate(
    (text) => {
      const parsed = new DOMParser().parseFromString(text, 'image/svg+xml');
      const boxes = [...document.querySelectorAll<SVGGElement>('svg > g')];
      /** Labels that reach out of their boxes. */
      const spilled = boxes.filter((box) => {
        const label = box.querySelector('text')?.getBBox();
        const rect = box.querySelector('rect')?.getBBox();
        return label !== undefined && rect !== undefined && label.x + label.width > rect.x + rect.width + 0.5;
      });
      const { width } = document.documentElement.getBoundingClientRect();
      return {
        fault: parsed.querySelector('parsererror')?.textContent ?? '',
        boxes: boxes.length,
        untitled: boxes.filter((box) => (box.querySelector('title')?.textContent ?? '') === '').length,
        spilled: spilled.map((box) => box.textContent),
        wide: [...document.querySelectorAll('text')].filter(
          (text) => text.getBBox().x + text.getBBox().width > width,
        ).length,
        title: document.querySelector('svg > title')?.textContent,
        head: document.querySelector('svg > .head')?.textContent,
      };
    },
    readFileSync(path, 'utf8'),
  );
  expect(look).toMatchObject({ fault: '', untitled: 0, spilled: [], wide: 0 });
  expect(look.boxes).toBeGreaterThan(200);
  expect(look.head).toBe(look.title);
  const surface = () => page.evaluate(() => getComputedStyle(document.querySelector('.surface')!).fill);
  expect(await surface()).toBe('rgb(255, 255, 255)');
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await surface()).toBe('rgb(15, 19, 24)');
  expect(noted).toEqual([]);
});

test('What grew between two profiles is red, what shrank is blue, with both numbers', async ({
  page,
  context,
}) => {
  const before = await written('before.folded', 'convert', DEMO, '--comm', 'ping');
  const after = await written('after.folded', 'convert', DEMO, '--comm', 'pong');
  const { code, stdout } = await stallscope('diff', before, after, '--format', 'folded');
  expect(code).toBe(0);
  for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^(?:ping;.* \d+ 0|pong;.* 0 \d+)$/);
  const path = await written(
    'diff.html',
    'diff',
    before,
    after,
    '--format',
    'html',
    '--width',
    'larger',
    '--folded-unit',
    'us',
  );
  const noted = await openOffline(page, context, path);
  await expect(page.getByRole('heading')).toHaveText('before → after');
  const fill = (name: string) =>
    frame(page, name)
      .first()
      .evaluate((rect) => getComputedStyle(rect).fill);
  expect(await fill('ping')).toBe('rgb(111, 170, 245)');
  expect(await fill('pong')).toMatch(/^rgb\((?:255|244), /);
  await frame(page, 'ping').first().hover();
  await expect(page.locator('#frame')).toContainText(/29\.\d s → 0 s.*−29\.\d s/);
  expect(noted).toEqual([]);
});

test('A file that is refused leaves nothing behind, and a pipe carries bytes', async () => {
  const path = join(folder, 'never.svg');
  const { code, stderr } = await stallscope(
    'convert',
    fileURLToPath(import.meta.url),
    '--format',
    'svg',
    '-o',
    path,
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/^stallscope: convert .*: none of the formats that are read here\n/);
  expect(() => statSync(path)).toThrow();
  const { stdout } = await stallscope('convert', DEMO, '--format', 'speedscope');
  expect(JSON.parse(stdout).profiles).toHaveLength(2);
});
