/** A user without root looks at the recorded demo, and is never led to take it for this host. */
import { expect, test } from '@playwright/test';
import { assertGraphIsDrawn, modelAfterUpdates, modelWhen, openHost } from './host-page.js';
import { startProductAs } from './running-product.js';

const product = startProductAs('nobody', '--demo');

test('It starts without root and says that it shows a recording', () => {
  expect(product.process.stdout).toContain('Showing a recording, not this host.');
});

test('The list of hosts calls it a recording, and never live', async ({ page }) => {
  await page.goto(product.url);
  const row = page.getByRole('table', { name: 'Hosts' }).getByRole('row').nth(1);
  await expect(row).toContainText('recording');
  await expect(row).not.toContainText('live');
});

test('Each view of it is under a line that says so', async ({ page }) => {
  await openHost(page, product.url);
  await modelWhen(page, 'what was recorded', ({ tree }) => (tree?.totalValue ?? 0) > 0);
  const recording = page.getByRole('note', { name: 'Recording' });
  await expect(recording).toContainText('What is shown is not this host now.');
  for (const key of ['3', '4', '5', '2']) {
    await page.keyboard.press(key);
    await expect(recording).toBeVisible();
    await assertGraphIsDrawn(page);
  }
  await expect(page.getByRole('combobox', { name: 'Window interval' })).toBeDisabled();
  await modelAfterUpdates(page, 2);
});
