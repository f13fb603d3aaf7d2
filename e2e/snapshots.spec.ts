/** A user keeps what is on screen, finds it again without the agent, and shares it with others, hiding what they must not see. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { chooseFile } from './choose-file.js';
import { assertGraphIsDrawn, modelAfterUpdates, modelWhen, nsAt, openHost, readModel } from './host-page.js';
import { StallscopeProcess } from './stallscope-process.js';

/** One hub after another on the same directory: what was kept outlives each. */
const data = mkdtempSync(join(tmpdir(), 'stallscope-snapshots-'));
test.afterAll(() => rmSync(data, { recursive: true, force: true }));

test.describe.configure({ mode: 'serial' });

let kept: { id: string; totalValue: number; wakeup: number } | undefined;

test.describe('on a live page', () => {
  const hub = startCommand('up', '--demo', '--data', data);

  test('I press s: what is shown is kept at once, and I say what it is', async ({ page }) => {
    await openHost(page, hub.url, { view: 'chain' });
    await modelAfterUpdates(page, 2);
    await page.keyboard.press('Space');
    const { tree } = await modelWhen(page, 'a paused view', ({ newerWindows }) => newerWindows !== null);
    await page.keyboard.press('s');
    const saved = page.getByRole('dialog', { name: 'Snapshot saved' });
    await expect(saved).toBeVisible();
    await saved.getByLabel('Title').fill('Convoy at the lock');
    await saved.getByLabel('Notes').fill('Four threads, one mutex.\nSee incident 12.');
    await saved.getByLabel('Tags').fill('incident-12, locks');
    await saved.getByLabel('Your name').fill('Anna');
    await saved.getByRole('button', { name: 'Save' }).click();
    await expect(saved).toBeHidden();

    await page.keyboard.press('3');
    const wakeup = await modelWhen(page, 'wakeup', ({ view }) => view === 'wakeup');
    await page.getByRole('link', { name: 'Snapshots' }).click();
    const row = page.getByRole('listitem', { name: 'Convoy at the lock' });
    await expect(row).toContainText('demo');
    await expect(row).toContainText('by Anna');
    await expect(row).toContainText('Four threads, one mutex.');
    const picture = row.locator('img');
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(640);
    await expect(page.getByRole('note', { name: 'Room' })).toContainText(
      /1 snapshot · .* of .* go after \d+ days/,
    );

    await row.getByRole('link', { name: 'Convoy at the lock', exact: true }).click();
    await expect(page).toHaveURL(/\/snapshot\/\?(.*&)?id=/);
    await modelWhen(
      page,
      'the snapshot, looked at as it was kept',
      ({ view, connection }) => view === 'chain' && connection === 'open',
    );
    kept = {
      id: new URL(page.url()).searchParams.get('id')!,
      totalValue: tree!.totalValue,
      wakeup: wakeup.tree!.totalValue,
    };
  });

  test('I find it among others by words and by tags, pin it, and delete another after a question', async ({
    page,
  }) => {
    await openHost(page, hub.url, { p: 1 });
    await page.getByRole('button', { name: 'Save snapshot' }).click();
    const saved = page.getByRole('dialog', { name: 'Snapshot saved' });
    await saved.getByLabel('Title').fill('Of no use');
    await saved.getByLabel('Title').press('Enter');
    await expect(saved).toBeHidden();

    await page.goto(`${hub.url}/snapshots/`);
    const rows = page.getByRole('list', { name: 'Snapshots' }).locator(':scope > li');
    await expect(rows).toHaveCount(2);
    await assertFitsPhone(page, 'snapshots');
    await page.getByRole('searchbox', { name: 'Find snapshots' }).fill('mutex');
    await expect(rows).toHaveCount(1);
    await expect(rows.first()).toContainText('Convoy at the lock');
    await page.getByRole('searchbox', { name: 'Find snapshots' }).fill('');
    await page.getByRole('group', { name: 'Tags' }).getByRole('button', { name: 'locks' }).click();
    await expect(rows).toHaveCount(1);
    await expect(page).toHaveURL(/tag=locks/);
    await page.reload();
    await expect(rows).toHaveCount(1);
    await page.getByRole('group', { name: 'Tags' }).getByRole('button', { name: 'locks' }).click();

    await expect(rows.first()).toContainText('Of no use');
    await page.getByRole('listitem', { name: 'Convoy' }).getByRole('button', { name: 'Pin' }).click();
    await expect(rows.first(), 'pinned ones come first').toContainText('Convoy at the lock');

    const useless = page.getByRole('listitem', { name: 'Of no use' });
    await useless.getByRole('button', { name: 'Delete' }).click();
    await page
      .getByRole('dialog', { name: 'Delete snapshot' })
      .getByRole('button', { name: 'Keep it' })
      .click();
    await expect(rows).toHaveCount(2);
    await useless.getByRole('button', { name: 'Delete' }).click();
    await page
      .getByRole('dialog', { name: 'Delete snapshot' })
      .getByRole('button', { name: 'Delete' })
      .click();
    await expect(rows).toHaveCount(1);
  });

  test('I compare what comes now with what I kept, and send the comparison as an address', async ({
    page,
  }) => {
    await openHost(page, hub.url, { view: 'chain', show: 'diff' });
    await page.getByRole('combobox', { name: 'Base data' }).selectOption(`snapshot:${kept!.id}`);
    const compared = async (): Promise<void> => {
      const { difference } = await modelWhen(
        page,
        'the difference from the snapshot',
        ({ difference: found }) => found?.state === 'ready' && found.after!.value > 0,
      );
      expect(difference!.before!.value, 'all that was kept').toBe(kept!.totalValue);
    };
    await compared();
    await expect(page.getByRole('region', { name: /^Before: / })).toContainText('Convoy at the lock');
    await expect(page).toHaveURL(/base=snapshot/);
    await page.reload();
    await compared();
    await assertGraphIsDrawn(page);
  });
});

test.describe('at a hub that no agent reports to', () => {
  const hub = startCommand('hub', '--data', data);

  test('It opens by its address alone, in full: every view, process and thread, as it was live', async ({
    page,
  }) => {
    await page.goto(`${hub.url}/snapshot/?id=${kept!.id}`);
    const chain = await modelWhen(page, 'the view it was kept with', ({ view }) => view === 'chain');
    expect(chain.tree!.totalValue).toBe(kept!.totalValue);
    await expect(page.getByRole('note', { name: 'Snapshot' })).toContainText('of demo');
    await expect(page.getByRole('note', { name: 'Notes' })).toContainText('See incident 12.');
    await page.keyboard.press('3');
    const wakeup = await modelWhen(page, 'wakeup', ({ view }) => view === 'wakeup');
    expect(wakeup.tree!.totalValue).toBe(kept!.wakeup);
    await assertGraphIsDrawn(page);
    await expect(page.getByRole('note', { name: 'Totals' })).toContainText('of exact');
    expect(wakeup.processes.map(({ name }) => name)).toContain('convoy');
    expect(wakeup.histogramCounts.blocked).toBeGreaterThan(0);
    await assertFitsPhone(page, 'snapshot');
  });

  test('I share it with names hidden, after I have seen what remains; the link needs no account and ends when I revoke it', async ({
    page,
    browser,
  }) => {
    await page.goto(`${hub.url}/snapshot/?id=${kept!.id}&view=off-cpu`);
    await modelWhen(page, 'the snapshot', ({ tree }) => tree !== null);
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    const share = page.getByRole('dialog', { name: /Share/ });
    const remains = share.getByRole('region', { name: 'What remains' });
    await expect(remains).toContainText('everything, as it is');
    await expect(remains).toContainText('convoy');
    await share.getByLabel('Host names').check();
    await share.getByLabel('Process names').check();
    await expect(remains.locator('s', { hasText: /^convoy$/ })).toBeVisible();
    await share.getByLabel('Works for').selectOption('1 hour');
    await share.getByLabel(/For whom/).fill('the kernel team');
    await share.getByRole('button', { name: 'Make a link' }).click();
    const link = await share.getByRole('textbox', { name: 'Link', exact: true }).inputValue();
    expect(link).toMatch(/\/shared\/#[\w-]{22}\.[\w-]{43}$/);

    const { stranger, requests } = await newReader(browser);
    await stranger.goto(link);
    const shared = await modelWhen(stranger, 'what was shared', ({ tree }) => tree !== null);
    expect(shared.tree!.totalValue).toBeGreaterThan(0);
    expect(JSON.stringify(shared)).not.toMatch(/convoy|holder|stage-/);
    expect(nsAt(shared, /futex_wait/), 'functions of the kernel stay').toBeGreaterThan(0);
    await expect(stranger.getByRole('note', { name: 'Shared snapshot' })).toContainText(
      'Hidden behind tokens: host names, process names',
    );
    await expect(stranger.getByRole('main')).not.toContainText('convoy');
    expect(
      requests.filter((url) => url.includes(link.split('#')[1]!)),
      'the secret in an address',
    ).toEqual([]);
    expect(
      requests.filter((url) => !url.startsWith(hub.url)),
      'requests to others',
    ).toEqual([]);

    const links = share.getByRole('list', { name: 'Links' });
    await expect(links).toContainText('the kernel team');
    await links.getByRole('button', { name: 'Revoke' }).click();
    await expect(links).toContainText('revoked');
    // The reader comes back to the page, which is still open.
    await stranger.evaluate(() => window.dispatchEvent(new Event('focus')));
    const state = stranger.getByRole('status', { name: 'State' });
    await expect(state).toContainText('This link has ended');
    expect((await readModel(stranger)).tree).toBeNull();
    await expect(stranger.getByRole('note', { name: 'Shared snapshot' })).toBeHidden();
    await stranger.reload();
    await expect(state).toContainText('This link has ended');
    expect((await readModel(stranger)).tree).toBeNull();
    await stranger.goto(link.slice(0, -9));
    await expect(state).toContainText('There is no such link');
    await expect(state.getByRole('button')).toHaveCount(0);
  });

  test('I open a file and keep it as a snapshot too', async ({ page }) => {
    await page.goto(`${hub.url}/open/`);
    const file = { name: 'cpu.folded', mimeType: 'text/plain', buffer: Buffer.from('a;b 5\na;c 6\n') };
    await chooseFile(page, file);
    await modelWhen(page, 'the file', ({ tree }) => tree?.totalValue === 11);
    await page.keyboard.press('s');
    const saved = page.getByRole('dialog', { name: 'Snapshot saved' });
    await saved.getByRole('link', { name: 'Open it' }).click();
    // The page that is left shows the same numbers.
    await expect(page).toHaveURL(/\/snapshot\/\?/);
    await modelWhen(
      page,
      'the kept file',
      ({ tree, connection }) => connection === 'open' && tree?.totalValue === 11,
    );
  });
});

/** `stallscope …` for the tests of a suite, on a free port. */
function startCommand(...args: [string, ...string[]]): { readonly url: string } {
  let started: { command: StallscopeProcess; url: string } | undefined;
  test.beforeAll(async () => {
    const command = new StallscopeProcess([...args, '--port', '0']);
    const [, url] = await command.says(/(?:Stallscope|The hub) is at (\S+)/);
    started = { command, url: url! };
  });
  test.afterAll(async () => {
    const ended = await started?.command.interrupt();
    expect(ended?.code, `exit code; it said:\n${ended?.stderr}`).toBe(0);
  });
  return {
    get url() {
      if (started === undefined) throw new Error('the command is running only within a test');
      return started.url;
    },
  };
}

/** Nothing sticks out at the right of a narrow screen; leaves a picture, and the page as wide as it was. */
async function assertFitsPhone(page: Page, name: string): Promise<void> {
  const wide = page.viewportSize()!;
  await page.setViewportSize({ width: 360, height: 740 });
  await page.screenshot({ path: test.info().outputPath(`${name}-360.png`) });
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  expect(scrollWidth, 'width of the page, px').toBeLessThanOrEqual(clientWidth);
  await page.setViewportSize(wide);
}

/** Another person, in another browser: no cookie, no storage. */
async function newReader(browser: Browser): Promise<{ stranger: Page; requests: string[] }> {
  const context = await browser.newContext();
  const stranger = await context.newPage();
  const requests: string[] = [];
  stranger.on('request', (request) => requests.push(request.url()));
  return { stranger, requests };
}
