/** The gallery shows every chart in every state that has broken one, and each is drawn, read and steered as it should be. */
import { expect, type Locator, type Page, test } from '@playwright/test';
import { StallscopeProcess } from './stallscope-process.js';

/** Height of one row of a graph, as packages/charts draws it. */
const ROW_HEIGHT_PX = 18;

let hub: StallscopeProcess;
let url: string;
let errors: string[];

test.beforeAll(async () => {
  // Nothing is traced for it: a hub by itself has the pages.
  hub = new StallscopeProcess(['hub', '--port', '0']);
  url = (await hub.says(/(http:\/\/127\.0\.0\.1:\d+)/))[1]!;
});
test.afterAll(async () => {
  await hub.interrupt();
});
test.beforeEach(async ({ page }) => {
  errors = [];
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  await page.goto(`${url}/gallery/`);
});
test.afterEach(() => {
  expect(errors, 'errors that the page reported').toEqual([]);
});

for (const [widthPx, colorScheme] of [
  [1280, 'light'],
  [390, 'dark'],
] as const) {
  test.describe(`${widthPx} px wide`, () => {
    test.use({ viewport: { width: widthPx, height: 900 }, colorScheme });

    test('Every chart of both themes is drawn, within the page', async ({ page }) => {
      for (const theme of ['light', 'dark'] as const) {
        const section = page.getByRole('region', { name: `${theme} theme` });
        await section.screenshot({ path: test.info().outputPath(`gallery-${widthPx}-${theme}.png`) });
        const graphs = section.getByRole('tree');
        const count = await graphs.count();
        expect(count, 'graphs').toBeGreaterThan(14);
        for (let index = 0; index < count; index++) {
          const graph = graphs.nth(index);
          const name = (await graph.getAttribute('aria-label'))!;
          const { width, height, colours, inkShare } = await pictureOf(graph);
          expect(width, `${name}: width`).toBeGreaterThan(widthPx * 0.8);
          expect(height, `${name}: height`).toBeGreaterThan(100);
          // The surface and the root at least; letters add shades.
          expect(colours, `${name}: colours`).toBeGreaterThan(name.startsWith('empty') ? 1 : 4);
          expect(inkShare, `${name}: share that is not surface`).toBeGreaterThan(0.01);
        }
      }
      const { scrollWidth, clientWidth } = await page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        return { scrollWidth, clientWidth };
      });
      expect(scrollWidth, 'width of the page, px').toBeLessThanOrEqual(clientWidth);
    });
  });
}

test('A frame is told of by pointer in a tooltip that does not lie on it, and Escape sends that away', async ({
  page,
}) => {
  const graph = graphOf(page, 'off-cpu, light');
  await graph.scrollIntoViewIfNeeded();
  const box = (await graph.boundingBox())!;
  await page.mouse.move(box.x + 400, box.y + 5.5 * ROW_HEIGHT_PX);
  const tooltip = graph.getByRole('tooltip', { includeHidden: true });
  await expect(tooltip).toBeVisible();
  await expect(tooltip).toContainText('handle_request');
  await expect(tooltip).toContainText('43.8 % of all');
  const over = (await tooltip.boundingBox())!;
  const row = box.y + 5 * ROW_HEIGHT_PX;
  expect(over.y >= row + ROW_HEIGHT_PX || over.y + over.height <= row, 'the tooltip is beside the row').toBe(
    true,
  );
  await page.keyboard.press('Escape');
  await expect(tooltip).toBeHidden();
});

test('A graph is stretched by wheel, moved by drag, and shown whole by Escape', async ({ page }) => {
  const graph = graphOf(page, '100,000 nodes, light');
  await graph.scrollIntoViewIfNeeded();
  const box = (await graph.boundingBox())!;
  const whole = await pictureOf(graph);
  await page.mouse.move(box.x + 500, box.y + 200);
  await page.keyboard.down('Control');
  for (let notch = 0; notch < 6; notch++) await page.mouse.wheel(0, -120);
  await page.keyboard.up('Control');
  await expect.poll(async () => (await pictureOf(graph)).hash).not.toBe(whole.hash);
  const stretched = await pictureOf(graph);
  await page.mouse.down();
  await page.mouse.move(box.x + 700, box.y + 200, { steps: 5 });
  await page.mouse.up();
  await expect.poll(async () => (await pictureOf(graph)).hash).not.toBe(stretched.hash);
  await graph.focus();
  await page.keyboard.press('Escape');
  await expect.poll(async () => (await pictureOf(graph)).hash).toBe(whole.hash);
});

test('Keys lead through a stack of a thousand frames, and the frame is read out', async ({ page }) => {
  const graph = graphOf(page, 'deep, light');
  await graph.focus();
  for (let tens = 0; tens < 30; tens++) await page.keyboard.press('PageDown');
  const item = graph.getByRole('treeitem');
  await expect(item).toHaveAttribute('aria-level', '301');
  await expect(item).toContainText('user frame');
  expect(await graph.evaluate((at) => at.scrollTop), 'scrolled with the focus, px').toBeGreaterThan(
    270 * ROW_HEIGHT_PX,
  );
  await page.keyboard.press('Enter');
  await expect(item).toContainText('zoomed');
  await page.keyboard.press('0');
  await page.keyboard.press('Shift+ArrowUp');
  await expect(item).not.toContainText('zoomed');
});

test('A menu is asked for by right click and by key, for the frame meant', async ({ page }) => {
  const graph = graphOf(page, 'off-cpu, light');
  const said = graph.locator('xpath=following-sibling::p');
  await graph.scrollIntoViewIfNeeded();
  await graph.click({ button: 'right', position: { x: 400, y: 6.5 * ROW_HEIGHT_PX } });
  await expect(said).toContainText('Menu of lock_table');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('m');
  await expect(said).toContainText('Menu of pthread_mutex_lock');
});

test('Pointing at one chart of time reads all at that instant, and a stretch chosen in one is of all', async ({
  page,
}) => {
  const chartOf = (name: string): Locator =>
    page.getByRole('slider', { name: `${name}, light`, exact: true });
  const readingsOf = (name: string): Locator =>
    page.getByRole('list', { name: `${name}, light: readings`, exact: true });
  const [stacked, lines] = [
    'stacked shares of a whole, a gap',
    'bytes a second, one spike, a series that comes late',
  ];
  const chart = chartOf(stacked!);
  await chart.scrollIntoViewIfNeeded();
  const box = (await chart.boundingBox())!;
  const newest = await readingsOf(lines!).getByRole('listitem').first().textContent();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 40);
  await expect(readingsOf(lines!).getByRole('listitem').first()).not.toHaveText(newest!);
  const instant = await readingsOf(stacked!).getByRole('listitem').first().textContent();
  await expect(readingsOf(lines!).getByRole('listitem').first()).toHaveText(instant!);
  await expect(chartOf(lines!)).toHaveAttribute(
    'aria-valuetext',
    new RegExp(`^${instant}: vda read .*MiB/s`),
  );

  const whole = await pictureOf(chartOf(lines!), 1);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 40, { steps: 4 });
  await page.mouse.up();
  // Over the chart that was not touched too: its second canvas has what is selected.
  await expect
    .poll(async () => (await pictureOf(chartOf(lines!), 1)).inkShare)
    .toBeGreaterThan(whole.inkShare * 3);

  await chart.focus();
  await page.keyboard.press('Escape');
  await expect
    .poll(async () => (await pictureOf(chartOf(lines!), 1)).inkShare)
    .toBeLessThan(whole.inkShare * 3);
  await page.keyboard.press('End');
  await page.keyboard.press('PageUp');
  const tenBefore = await chart.getAttribute('aria-valuetext');
  await page.keyboard.press('ArrowLeft');
  await expect(chart).not.toHaveAttribute('aria-valuetext', tenBefore!);
  expect(await chartOf(lines!).getAttribute('aria-valuenow'), 'the instant of the other chart').toBe(
    await chart.getAttribute('aria-valuenow'),
  );
});

test.describe('by touch', () => {
  test.use({ hasTouch: true, viewport: { width: 390, height: 800 } });

  test('A finger held still opens the menu, two fingers stretch, and a tap selects before it zooms', async ({
    page,
  }) => {
    const graph = graphOf(page, 'off-cpu, light');
    await graph.scrollIntoViewIfNeeded();
    const box = (await graph.boundingBox())!;
    const at = { x: box.x + 150, y: box.y + 6.5 * ROW_HEIGHT_PX };
    const touch = await fingersOf(page);

    await touch('touchStart', [at]);
    await expect(graph.locator('xpath=following-sibling::p')).toContainText('Menu of lock_table');
    await touch('touchEnd', []);
    const item = graph.getByRole('treeitem');
    await expect(item).toHaveAttribute('aria-selected', 'true');
    await expect(item).not.toContainText('zoomed');

    const before = await pictureOf(graph);
    await touch('touchStart', [at, { x: at.x + 40, y: at.y }]);
    for (let step = 1; step <= 5; step++)
      await touch('touchMove', [at, { x: at.x + 40 + step * 20, y: at.y }]);
    await touch('touchEnd', []);
    await expect.poll(async () => (await pictureOf(graph)).hash).not.toBe(before.hash);
    await graph.focus();
    await page.keyboard.press('Escape');

    await page.touchscreen.tap(at.x, at.y);
    await expect(item).toContainText('zoomed');
  });

  test('A finger that moves sideways draws a region of time and latency', async ({ page }) => {
    const heat = page.getByRole('group', { name: /^latencies, a disk that stalls.*, light$/ });
    await heat.scrollIntoViewIfNeeded();
    await expect(heat.getByRole('slider').first()).toHaveAttribute('aria-valuetext', 'nothing selected');
    const box = (await heat.boundingBox())!;
    const at = { x: box.x + 100, y: box.y + 120 };
    const touch = await fingersOf(page);
    await touch('touchStart', [at]);
    for (let step = 1; step <= 10; step++)
      await touch('touchMove', [{ x: at.x + step * 10, y: at.y - step * 5 }]);
    await touch('touchEnd', []);
    await expect(heat.getByRole('slider').first()).toHaveAttribute(
      'aria-valuetext',
      /^\d\d:\d\d:\d\d, from \d/,
    );
    await expect(heat.getByRole('slider').last()).toHaveAttribute(
      'aria-valuetext',
      /^\d\d:\d\d:\d\d, up to \d/,
    );
  });
});

function graphOf(page: Page, name: string): Locator {
  return page.getByRole('tree', { name, exact: true });
}

interface Picture {
  /** CSS px. */
  width: number;
  height: number;
  colours: number;
  /** Of the pixels that are not the commonest colour. */
  inkShare: number;
  hash: number;
}

function pictureOf(graph: Locator, canvas = 0): Promise<Picture> {
  return graph
    .locator('canvas')
    .nth(canvas)
    .evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const { width, height } = canvas.getBoundingClientRect();
      const data = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data;
      const pixels = new Uint32Array(data.buffer);
      const counts = new Map<number, number>();
      let hash = 0;
      for (const pixel of pixels) {
        counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
        hash = (Math.imul(hash, 31) + pixel) | 0;
      }
      const inkShare = 1 - Math.max(...counts.values()) / pixels.length;
      return { width, height, colours: counts.size, inkShare, hash };
    });
}

/** Playwright has a tap and no more; fingers are the browser's own protocol. */
async function fingersOf(page: Page) {
  const session = await page.context().newCDPSession(page);
  return (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: { x: number; y: number }[]) =>
    session.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: touchPoints.map((point, id) => ({ ...point, id })),
    });
}
