/** A storm of switches: tracing stays cheap, the page and the log say that it looks less closely and why, and when it is over. */
import { expect, type Page, test } from '@playwright/test';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import { modelWhen, openHost } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

/** Each of these waits is longer than the default τ, so that all of them would be captured: 40,000 a second. */
const STORM = ['storm', 400, 10_000, 3600] as const;
const ASKED_NS = 1_000_000;
/** From 100 ms, the highest there is, it takes seven windows by halves. */
const BACK_MS = 30_000;

onKernel('the governor', () => {
  const product = startProduct();

  test('In a storm I read that τ was raised and why, and after it that τ is back', async ({ page }) => {
    await openHost(page, product.url, { span: '10s' });
    await modelWhen(page, 'the threshold that was asked for', ({ totals }) => totals?.tauNowNs === ASKED_NS);
    const line = page.getByRole('note', { name: 'Totals' });
    await expect(line).toContainText('τ 1.00 ms');
    await expect(line).not.toContainText('raised');

    const storm: StartedWorkload = startWorkload(...STORM);
    try {
      await modelWhen(page, 'a raised threshold', ({ totals }) => totals?.governedNow === true);
      expect(
        (await modelWhen(page, 'totals', ({ totals }) => totals !== null)).totals!.tauNs,
      ).toBeGreaterThan(ASKED_NS);
      const why = line.getByRole('button', { name: /^τ raised to .* ms, why$/ });
      await expect(why).toBeInViewport({ ratio: 1 });
      await why.click();
      const words = page.getByRole('dialog', { name: 'Sampling threshold' });
      await expect(words).toContainText('10,000 captures a second');
      await expect(words).toBeInViewport({ ratio: 1 });
      await pictures(page, 'raised');
      await page.keyboard.press('Escape');
      await product.process.says(
        /agent: sampling threshold raised from 1 ms to [\d.]+ ms: .* (?:are over the|its) budget /,
      );
      // A page that draws is a load of its own, at times enough for the agent to have no room for a lower threshold.
      await page.goto('about:blank');
    } finally {
      await storm.stop();
    }

    await product.process.says(
      /agent: sampling threshold back at 1 ms, after \d+ s up to [\d.]+ ms/,
      BACK_MS,
    );
    await openHost(page, product.url, { span: '1m' });
    await modelWhen(page, 'the threshold back', ({ totals }) => totals?.governedNow === false);
    await expect(line.getByRole('button', { name: /^τ 1\.00 ms again, was .* ms, why$/ })).toBeVisible();
    await pictures(page, 'again');
  });

  test('In a storm I read it in the list of hosts', async ({ page }) => {
    await page.goto(product.url);
    const row = page.getByRole('table', { name: 'Hosts' }).getByRole('row').nth(1);
    await expect(row).not.toContainText('raised under load');
    const storm = startWorkload(...STORM);
    try {
      await expect(row).toContainText('raised under load');
      await pictures(page, 'hosts');
    } finally {
      await storm.stop();
    }
  });
});

async function pictures(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: test.info().outputPath(`governor-${name}-${colorScheme}.png`) });
  }
}
