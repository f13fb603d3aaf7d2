/** The pages fit what they are read on: a phone and a wide screen, in light and in dark. Each leaves a picture of itself. */
import { expect, type Page, test } from '@playwright/test';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import { assertGraphIsDrawn, modelAfterUpdates, modelWhen, openHost } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

const FOR_EVER = 1_000_000;

onKernel('looks', () => {
  const product = startProduct();
  let workload: StartedWorkload | undefined;

  test.beforeAll(() => {
    workload = startWorkload('chain', FOR_EVER, 10_000);
  });
  test.afterAll(() => workload?.stop());

  for (const [widthPx, heightPx] of [
    [360, 740],
    [1920, 1080],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test.describe(`${widthPx} px wide, ${colorScheme}`, () => {
        test.use({ viewport: { width: widthPx, height: heightPx }, colorScheme });

        test('The list of hosts fits', async ({ page }) => {
          await page.goto(product.url);
          await expect(page.getByRole('table', { name: 'Hosts' })).toBeVisible();
          await assertFits(page, `hosts-${widthPx}-${colorScheme}`);
        });

        test('A host fits, and totals and losses are in sight of its graph', async ({ page }) => {
          await openHost(page, product.url);
          await modelAfterUpdates(page, 2);
          const totals = page.getByRole('note', { name: 'Totals' });
          const lost = totals.getByRole('button', { name: / lost, details$/ });
          for (const [key, view] of [
            ['2', 'off-cpu'],
            ['5', 'chain'],
            ['1', 'cpu'],
          ] as const) {
            await page.keyboard.press(key);
            await modelWhen(page, view, (model) => model.view === view);
            await assertGraphIsDrawn(page);
            await assertFits(page, `host-${view}-${widthPx}-${colorScheme}`);
            await expect(totals).toBeInViewport({ ratio: 1 });
            await expect(lost).toBeInViewport({ ratio: 1 });
          }
          await lost.click();
          await expect(page.getByRole('dialog', { name: 'Losses' })).toBeInViewport({ ratio: 1 });
          await assertFits(page, `losses-${widthPx}-${colorScheme}`);
        });
      });
    }
  }
});

/** Nothing sticks out at the right, where nobody looks for it. */
async function assertFits(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: test.info().outputPath(`${name}.png`) });
  await page.screenshot({ path: test.info().outputPath(`${name}-whole.png`), fullPage: true });
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  expect(scrollWidth, 'width of the page, px').toBeLessThanOrEqual(clientWidth);
}
