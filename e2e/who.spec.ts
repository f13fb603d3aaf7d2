/** A user asks whose waits they see: by user, one user alone, and in the table of processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { expect, test } from '@playwright/test';
import { workloadPath } from '@stallscope/testing';
import { modelWhen, openHost } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

onKernel('who waits', () => {
  const product = startProduct();
  let sleeper: ChildProcess;

  test.beforeEach(() => {
    const asNobody = ['--reuid', '65534', '--clear-groups', workloadPath('sleeper')];
    const args = ['4000', '5000', 'e2e-who', '--token=hunter2'];
    sleeper = spawn('setpriv', [...asNobody, ...args], { stdio: 'ignore' });
  });
  test.afterEach(() => {
    sleeper.kill('SIGKILL');
  });

  test('I group by user, keep one user alone, and find it again after a reload', async ({ page }) => {
    await openHost(page, product.url);
    await page.getByLabel('Group by').selectOption('user');
    await modelWhen(page, 'a group for nobody', ({ tree }) =>
      (tree?.nodes ?? []).some(({ path }) => path.startsWith('nobody;e2e-who')),
    );
    await expect(page).toHaveURL(/[?&]by=user(&|$)/);

    await page.getByRole('button', { name: 'Only user: every user' }).click();
    await page.getByRole('option', { name: /^nobody/ }).click();
    const isOfNobody = (path: string): boolean => path === 'nobody' || path.startsWith('nobody;');
    const only = await modelWhen(
      page,
      'nobody alone',
      ({ tree }) =>
        (tree?.nodes.length ?? 0) > 2 && tree!.nodes.every(({ path }) => path === '' || isOfNobody(path)),
    );
    expect(only.tree!.totalValue).toBeGreaterThan(0);
    await expect(page).toHaveURL(/[?&]who=user~nobody(&|$)/);
    const chip = page.getByRole('button', { name: 'Remove user nobody' }).filter({ visible: true });
    await expect(chip).toBeVisible();

    await page.reload();
    await expect(chip).toBeVisible();
    await chip.click();
    await modelWhen(page, 'the others again', ({ tree }) =>
      (tree?.nodes ?? []).some(({ path }) => path.startsWith('root;')),
    );
    await expect(page).not.toHaveURL(/[?&]who=/);
  });

  test('The table of processes says whose each is, with its command line, and no secret in it', async ({
    page,
  }) => {
    await openHost(page, product.url, { q: 'e2e-who' });
    await modelWhen(page, 'the sleeper', ({ processes }) =>
      processes.some(({ tgid }) => tgid === sleeper.pid),
    );
    const process = page
      .getByRole('table', { name: 'Processes' })
      .getByRole('row')
      .filter({ hasText: String(sleeper.pid) })
      .getByRole('button');
    await expect(process).toContainText('nobody');
    await expect(process).toHaveAttribute('title', / e2e-who --token=\*\*\*$/);
  });
});
