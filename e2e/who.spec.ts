/** A user asks whose waits they see: by user, in colours, one user alone, and in the table of processes. */
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

  test('I colour by user: each frame says whose it is, the legend names them, and one click keeps one', async ({
    page,
  }) => {
    await openHost(page, product.url, { by: 'user' });
    await page.keyboard.press('k');
    const colours = page.getByLabel('Colour by', { exact: true });
    await expect(colours).toBeFocused();
    await colours.selectOption('user');
    await expect(page).toHaveURL(/[?&]colour=user(&|$)/);
    const isOfNobody = ({ path }: { path: string }): boolean => path === 'nobody;e2e-who';
    const coloured = await modelWhen(
      page,
      'e2e-who as nobody’s',
      ({ owners }) => owners?.nodes.find(isOfNobody)?.owner === 'nobody',
    );
    const { key, listed, nodes } = coloured.owners!;
    expect(key).toBe('user');
    expect(nodes.find(isOfNobody)).toMatchObject({ share: 1, count: 1 });
    expect(nodes.find(({ path }) => path === '')!.count).toBeGreaterThan(1);
    expect(listed.map(({ name }) => name)).toEqual(expect.arrayContaining(['root', 'nobody']));

    const legend = page.getByRole('list', { name: 'Colours by user' });
    await expect(legend.getByRole('button', { name: /^root / })).toBeVisible();
    await page.reload();
    await legend.getByRole('button', { name: /^nobody / }).click();
    await expect(page).toHaveURL(/[?&]who=user~nobody(&|$)/);
    const kept = await modelWhen(
      page,
      'nobody alone',
      ({ owners }) => owners?.listed.length === 1 && owners.listed[0]!.name === 'nobody',
    );
    expect(kept.owners!.nodes.every(({ owner, share }) => owner === 'nobody' && share === 1)).toBe(true);
    expect(kept.details!.owners.find((one) => one.key === 'user')!.listed).toMatchObject([
      { label: 'nobody' },
    ]);
  });

  test('The table of processes says whose each is, with its command line, and no secret in it', async ({
    page,
  }) => {
    // Alone: the table is ordered by time waited, and others have more threads.
    await openHost(page, product.url, { who: `process~${sleeper.pid}`, cols: 'user,parent' });
    await modelWhen(
      page,
      'the sleeper alone',
      ({ processes }) => processes.length === 1 && processes[0]!.tgid === sleeper.pid,
    );
    const table = page.getByRole('table', { name: 'Processes' });
    const row = table.getByRole('row').filter({ hasText: String(sleeper.pid) });
    await expect(row.getByRole('button', { name: 'nobody' })).toBeVisible();
    await expect(row.getByRole('button', { name: /^e2e-who/ })).toHaveAttribute(
      'title',
      / e2e-who --token=\*\*\*$/,
    );
    await page.getByRole('button', { name: 'Columns of processes' }).click();
    await page.getByRole('checkbox', { name: /^parent / }).uncheck();
    await expect(page).toHaveURL(/[?&]cols=user(&|$)/);
    await expect(table.getByRole('columnheader', { name: 'parent' })).toHaveCount(0);
  });
});
