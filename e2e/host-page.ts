/**
 * Owns what tests read of a host page: the model first (`window.__stallscope`), then the picture on the canvas.
 */
import { expect, type Locator, type Page } from '@playwright/test';
import type { TestWindow } from '@stallscope/web/test-window-model';

declare global {
  interface Window {
    readonly __stallscope?: TestWindow;
  }
}

/** Height of one row of the graph, as packages/charts draws it. */
const ROW_HEIGHT_PX = 18;
const POLL_MS = 50;
/** Many windows, and a catch-up on a busy machine. */
const DEFAULT_WAIT_MS = 20_000;

/** Opens the only host of a hub, with these names of the query string. */
export async function openHost(
  page: Page,
  url: string,
  selection: Record<string, string | number> = {},
): Promise<TestWindow> {
  const response = await fetch(`${url}/api/hosts`);
  const { hosts } = (await response.json()) as { hosts: { host: { id: string } }[] };
  const query = new URLSearchParams({ host: hosts[0]!.host.id });
  for (const [name, value] of Object.entries(selection)) query.set(name, String(value));
  await page.goto(`${url}/host/?${query}`);
  return modelWhen(page, 'a first graph', ({ tree }) => tree !== null);
}

export async function readModel(page: Page): Promise<TestWindow> {
  const model = await page.evaluate(() => window.__stallscope);
  if (model === undefined) throw new Error(`${page.url()} has no model: no page of the product has loaded`);
  return model;
}

/** Waits for a state of the model. @throws with the words for what never came */
export async function modelWhen(
  page: Page,
  what: string,
  condition: (model: TestWindow) => boolean,
  withinMs = DEFAULT_WAIT_MS,
): Promise<TestWindow> {
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const model = await page.evaluate(() => window.__stallscope);
    if (model !== undefined && condition(model)) return model;
    if (performance.now() > untilMs) {
      throw new Error(`the page did not show ${what}; it has ${inFewWords(model)}`);
    }
    await page.waitForTimeout(POLL_MS);
  }
}

/** Enough to see what was there instead, little enough to read. */
function inFewWords(model: TestWindow | undefined): string {
  if (model === undefined) return 'no model';
  const { tree, connection, view, totals, matchedValue, shownWindows, newerWindows, drawn } = model;
  return JSON.stringify(
    {
      ...{ connection, view, totals, matchedValue, shownWindows, newerWindows, drawn },
      widest: tree?.nodes.slice(0, 8).map(({ path, totalValue }) => `${path} ${totalValue}`),
      lastHeld: model.heldWindows.slice(-3),
    },
    undefined,
    1,
  );
}

/** Waits until `count` more windows have been drawn. */
export async function modelAfterUpdates(page: Page, count: number): Promise<TestWindow> {
  const before = (await readModel(page)).lastWindowEndMs ?? 0;
  return modelWhen(page, `${count} more windows`, ({ heldWindows, drawn }) => {
    const newer = heldWindows.filter(({ endMs }) => endMs > before);
    return newer.length >= count && (drawn?.lastWindowEndMs ?? 0) >= newer[count - 1]!.endMs;
  });
}

/** ns of the subtree at this path, 0 where there is none among the nodes told of. */
export function nsAt(model: TestWindow, path: string | RegExp): number {
  return (model.tree?.nodes ?? [])
    .filter((node) => (typeof path === 'string' ? node.path === path : path.test(node.path)))
    .reduce((sum, { totalValue }) => sum + totalValue, 0);
}

export function graphOf(page: Page): Locator {
  return page.getByRole('tree', { name: /flame graph of / });
}

/** Clicks into the middle of a row of the graph; row 0 is the root. */
export async function clickRow(page: Page, row: number): Promise<void> {
  const box = await graphOf(page).boundingBox();
  if (box === null) throw new Error('the graph is not on the page');
  await graphOf(page).click({ position: { x: box.width / 2, y: (row + 0.5) * ROW_HEIGHT_PX } });
}

/** Colours on the canvas of the graph: a blank one has one. */
export async function assertGraphIsDrawn(page: Page): Promise<void> {
  const colours = () =>
    graphOf(page)
      .locator('canvas')
      .first()
      .evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const context = (canvas as HTMLCanvasElement).getContext('2d');
        if (context === null || width === 0 || height === 0) return 0;
        const pixels = new Uint32Array(context.getImageData(0, 0, width, height).data.buffer);
        return new Set(pixels).size;
      });
  await expect.poll(colours, { message: 'colours on the canvas of the graph' }).toBeGreaterThan(8);
}
