/** A user opens profiles of their own: dropped, chosen, or by `stallscope open`; takes views elsewhere, and back. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { chooseFile } from './choose-file.js';
import { assertGraphIsDrawn, modelWhen, nsAt, openHost, readModel } from './host-page.js';
import { startProductAs } from './running-product.js';
import { StallscopeProcess, stallscope } from './stallscope-process.js';

const DEMO = fileURLToPath(new URL('../apps/cli/demo/demo.stallscope', import.meta.url));
const FOLDED = 'shop;main;read 700\nshop;main;write 200\ndb;fsync 100\n';

const FORMATS_THAT_OPEN = [
  'Stallscope file',
  'pprof',
  'Firefox Profiler',
  'speedscope',
  'OTLP profiles',
  'Folded stacks',
];

const product = startProductAs('nobody', '--demo');

test('I drop a profile on the page of hosts, and it opens in this tab without being sent anywhere', async ({
  page,
}) => {
  await page.goto(product.url);
  await expect(page.getByRole('table', { name: 'Hosts' })).toBeVisible();
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET' && request.method() !== 'HEAD')
      sent.push(`${request.method()} ${request.url()}`);
  });
  await drop(page, 'cpu.folded', FOLDED);
  await modelWhen(page, 'the dropped profile', ({ tree }) => tree?.totalValue === 1000);
  expect(new URL(page.url()).pathname).toBe('/open/');
  await expect(page.getByRole('note', { name: 'File' })).toContainText('Folded stacks');
  expect(nsAt(await readModel(page), 'shop;main;read')).toBe(700);
  await assertGraphIsDrawn(page);

  await drop(page, 'other.folded', 'only;one 5\n');
  await modelWhen(page, 'the next one dropped', ({ tree }) => tree?.totalValue === 5);
  expect(sent).toEqual([]);
});

test('I choose a recording, and every view and filter works on it', async ({ page }) => {
  await page.goto(`${product.url}/open/`);
  await chooseFile(page, DEMO);
  const whole = await modelWhen(page, 'the recording', ({ tree }) => tree !== null);
  await expect(page.getByRole('note', { name: 'File' })).toContainText('Stallscope file of demo');
  expect(whole.shownWindows).toBe(30);
  for (const [key, view] of [
    ['3', 'wakeup'],
    ['4', 'off-wake'],
    ['5', 'chain'],
    ['2', 'off-cpu'],
  ] as const) {
    await page.keyboard.press(key);
    const model = await modelWhen(page, view, (shown) => shown.view === view);
    expect(model.tree?.totalValue, `of ${view}`).toBeGreaterThan(0);
    await assertGraphIsDrawn(page);
  }
  await page
    .getByRole('table', { name: 'Processes' })
    .getByRole('button', { name: /^convoy/ })
    .click();
  const convoy = await modelWhen(page, 'one process', ({ threads }) => threads.length === 4);
  expect(convoy.tree!.totalValue).toBeLessThan(whole.tree!.totalValue);
});

test('What I export in each format opens here again and says the same', async ({ page }) => {
  await page.goto(`${product.url}/open/`);
  await chooseFile(page, DEMO);
  const { tree } = await modelWhen(page, 'the recording', (model) => model.tree !== null);
  const paths = new Map<string, string>();
  for (const format of FORMATS_THAT_OPEN) paths.set(format, await exportAs(page, format));
  for (const [format, path] of paths) {
    await chooseFile(page, path);
    const again = await modelWhen(page, `what was exported as ${format}`, (model) => model.tree !== null);
    // Folded stacks are whole microseconds a line; the others lose nothing of the time.
    const all = format === 'Folded stacks' ? tree!.totalValue / 1000 : tree!.totalValue;
    expect(again.tree!.totalValue / all, `of ${format}`).toBeCloseTo(1, 4);
  }
});

test('I export the present view as a page of its own, which opens from disk with the network off', async ({
  page,
  context,
}) => {
  await page.goto(`${product.url}/open/`);
  await chooseFile(page, DEMO);
  await modelWhen(page, 'the recording', ({ tree }) => tree !== null);
  const path = await exportAs(page, 'Interactive page');
  await context.setOffline(true);
  await page.goto(`file://${path}`);
  await expect(page.locator('svg g', { hasText: 'holder-0' }).first()).toBeVisible();
  await context.setOffline(false);
});

test('A file that is no profile, or a broken one, is refused with what it was read as and where; the next one opens', async ({
  page,
}) => {
  await page.goto(`${product.url}/open/`);
  await drop(page, 'photo.bin', '\u0000\u0001\u0002\u0003');
  const state = page.getByRole('status', { name: 'State' });
  await expect(state).toContainText('photo.bin cannot be shown');
  await expect(state).toContainText('Known by content');
  await drop(
    page,
    'broken.speedscope.json',
    '{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":[]},"profiles":[{"type":"sampled","name":"x","unit":"none","startValue":0,"endValue":1,"samples":[[12]],"weights":[1]}]}',
  );
  await expect(state).toContainText('speedscope: profiles[0].samples[0]');
  await drop(page, 'good.folded', FOLDED);
  await modelWhen(page, 'the good one', ({ tree }) => tree?.totalValue === 1000);
  await drop(
    page,
    'empty.speedscope.json',
    '{"$schema":"https://www.speedscope.app/file-format-schema.json","shared":{"frames":[]},"profiles":[{"type":"sampled","name":"x","unit":"none","startValue":0,"endValue":1,"samples":[],"weights":[]}]}',
  );
  await expect(page.getByRole('status', { name: 'Graph' }), 'no talk of waits and filters').toHaveText(
    'This profile has no samples.',
  );
});

test('`stallscope open` shows a file to who has its address, and to nobody else', async ({ page }) => {
  const file = test.info().outputPath('a.folded');
  writeFileSync(file, FOLDED);
  const command = new StallscopeProcess(['open', file, '--no-browser'], 'nobody');
  const [, address] = await command.says(/Open (\S+) {3}\(Ctrl-C stops serving it\)/);
  expect(command.stderr).toContain('a.folded: folded, 1 profile, 3 samples');
  await page.goto(address!);
  await modelWhen(page, 'the file', ({ tree }) => tree?.totalValue === 1000);
  await expect(page.getByRole('heading', { name: 'a.folded' })).toBeVisible();

  await page.keyboard.press('/');
  await page.keyboard.type('read');
  await modelWhen(page, 'a search in it', ({ matchedValue }) => matchedValue === 700);
  await expect(page).toHaveURL(/q=read/);
  await page.reload();
  await modelWhen(page, 'the same search after a reload', ({ matchedValue }) => matchedValue === 700);

  const { origin } = new URL(address!);
  expect((await fetch(`${origin}/api/opened`)).status).toBe(403);
  await page.goto(`${origin}/open/?other#${'x'.repeat(43)}`);
  await expect(page.getByRole('status', { name: 'State' })).toContainText('has not the key');
  expect((await command.interrupt()).code).toBe(0);
});

test('`stallscope open` says what is wrong with a file before it serves anything', async () => {
  const file = test.info().outputPath('cut.stallscope');
  writeFileSync(file, readFileSync(DEMO).subarray(0, 20));
  const { code, stderr, stdout } = await stallscope('open', file, '--no-browser');
  expect(code).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain(`open ${file}: stallscope: window file: ends inside its header`);
});

test('Of several files dropped together the first opens, and the others are offered, to open or to compare with', async ({
  page,
}) => {
  await page.goto(product.url);
  await drop(page, 'after.folded', FOLDED, ['before.folded', 'shop;main;read 300\n']);
  await modelWhen(page, 'the first of both', ({ tree }) => tree?.totalValue === 1000);
  const given = page.getByRole('navigation', { name: 'Files given' });
  await given.getByRole('button', { name: 'Compare with before.folded' }).click();
  const { difference } = await modelWhen(
    page,
    'the difference',
    (model) => model.difference?.state === 'ready',
  );
  expect(difference?.before?.value).toBe(300);
  expect(difference?.after?.value).toBe(1000);
  await given.getByRole('button', { name: 'before.folded', exact: true }).click();
  await modelWhen(
    page,
    'the other file',
    ({ tree, difference: none }) => tree?.totalValue === 300 && none === null,
  );
});

test('I choose a stretch of a profile whose samples have times, and a frame tells whose samples it has', async ({
  page,
}) => {
  await page.goto(`${product.url}/open/`);
  const script = Array.from(
    { length: 40 },
    (_, i) =>
      `${i < 20 ? 'shop' : 'db'} ${i < 20 ? 7 : 9}/${i < 20 ? 8 : 9} [000] 12.${String(i * 10_000).padStart(6, '0')}: 1000000 cpu-clock:\n\t401000 ${i < 20 ? 'read' : 'fsync'}+0x1 (/bin/app)\n\t400000 main+0x1 (/bin/app)\n\n`,
  );
  await drop(page, 'perf.txt', script.join(''));
  const whole = await modelWhen(page, 'all samples', ({ tree }) => tree !== null);
  expect(whole.sampleDetails).toMatchObject({
    samples: 40,
    threads: [
      { comm: 'db', tid: 9 },
      { comm: 'shop', tid: 8 },
    ],
  });
  await expect(page.getByRole('complementary', { name: 'Frame details' })).toContainText('Threads');

  const strip = page.getByRole('group', { name: /over 39\d ms/ });
  const box = (await strip.boundingBox())!;
  await page.mouse.move(box.x + 30, box.y + 10);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 4, box.y + 10, { steps: 4 });
  await page.mouse.up();
  const early = await modelWhen(
    page,
    'a stretch of it',
    ({ tree }) => tree !== null && tree.totalValue < whole.tree!.totalValue,
  );
  expect(early.sampleDetails?.threads.map(({ comm }) => comm)).toEqual(['shop']);
  await expect(page).toHaveURL(/from=\d+&to=\d+/);
  await page
    .getByRole('button', { name: /^Remove stretch/ })
    .first()
    .click();
  await modelWhen(page, 'all again', ({ tree }) => tree?.totalValue === whole.tree!.totalValue);
});

test('I compare one profile of a file with another, and two of its processes', async ({ page }) => {
  await page.goto(`${product.url}/open/?show=diff`);
  const sample = (i: number): string => {
    const [comm, tgid] = i % 3 === 0 ? ['db', 9] : ['shop', 7];
    const event = i % 4 === 0 ? 'cache-misses' : 'cpu-clock';
    return `${comm} ${tgid}/${tgid} [000] 12.${String(i * 10_000).padStart(6, '0')}: 1000000 ${event}:\n\t401000 ${i < 20 ? 'read' : 'render'}+0x1 (/bin/app)\n\n`;
  };
  await drop(page, 'perf.txt', Array.from({ length: 60 }, (_, i) => sample(i)).join(''));
  await page
    .getByRole('combobox', { name: 'Base profile' })
    .selectOption({ label: 'perf.txt cpu-clock (45)' });
  const misses = await modelWhen(
    page,
    'two profiles',
    ({ difference }) => difference?.before?.part === 'perf.txt cpu-clock',
  );
  expect(misses.difference?.after?.part).toBe('perf.txt cache-misses');
  await expect(page).toHaveURL(/base=profile:1/);
  await page.reload();
  await drop(page, 'perf.txt', Array.from({ length: 60 }, (_, i) => sample(i)).join(''));
  await modelWhen(
    page,
    'the same by its address',
    ({ difference }) => difference?.before?.part === 'perf.txt cpu-clock',
  );

  await page.getByRole('button', { name: 'Compare with nothing' }).click();
  await modelWhen(page, 'no difference', ({ difference }) => difference === null);
  await page.getByRole('button', { name: 'Difference', exact: true }).click();
  await page.getByRole('table', { name: 'Processes' }).getByRole('button', { name: /^shop/ }).click();
  await page.getByRole('button', { name: /^Keep this as the base/ }).click();
  await modelWhen(page, 'itself', ({ difference }) => difference?.before?.tgids?.[0] === 7);
  await page.getByRole('table', { name: 'Processes' }).getByRole('button', { name: /^db/ }).click();
  const tasks = await modelWhen(
    page,
    'two processes',
    ({ difference }) => difference?.after?.tgids?.[0] === 9,
  );
  expect(tasks.difference?.before).toMatchObject({ tgids: [7], value: 10e6 });
  expect(tasks.difference?.after?.value).toBe(5e6);
});

/** As a file manager does it. */
async function drop(
  page: Page,
  name: string,
  content: string,
  ...more: [name: string, content: string][]
): Promise<void> {
  const data = await page.evaluateHandle(
    (files) => {
      const transfer = new DataTransfer();
      for (const [fileName, text] of files) transfer.items.add(new File([text!], fileName!));
      return transfer;
    },
    [[name, content], ...more],
  );
  // As a hand does: moving over the page until it says that it takes files, which it does once it runs.
  await expect(async () => {
    await page.dispatchEvent('body', 'dragenter', { dataTransfer: data });
    await expect(page.getByRole('status', { name: 'Drop' })).toBeVisible({ timeout: 1000 });
  }).toPass();
  await page.dispatchEvent('body', 'drop', { dataTransfer: data });
}

test('I scroll down and open a menu: it stays at its button, and nothing is chosen until I choose', async ({
  page,
}) => {
  await page.setViewportSize({ width: 1280, height: 600 });
  await openHost(page, product.url);
  await modelWhen(page, 'a graph', ({ tree }) => (tree?.totalValue ?? 0) > 0);
  await page.mouse.move(640, 300);
  await page.evaluate(() => window.scrollTo(0, 250));
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(250);
  const button = page.getByRole('button', { name: 'Export' });
  const before = await button.boundingBox();
  await button.click();
  const menu = page.getByRole('menu');
  await expect(menu).toBeVisible();
  // Long enough for a choice that nobody made to have been carried out.
  await page.waitForTimeout(500);
  await expect(menu).toBeVisible();
  // What is outside an open menu is hidden from the tree of roles.
  expect(await page.locator('button', { hasText: 'Export' }).boundingBox()).toEqual(before);
  await expect(page.getByRole('menuitem').first()).toBeInViewport();
  await expect(page.getByRole('status', { name: 'Export' })).toHaveCount(0);
});

/** Where the browser put it. */
async function exportAs(page: Page, format: string): Promise<string> {
  await page.getByRole('button', { name: 'Export' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: format }).click();
  const file = await download;
  const path = test.info().outputPath(file.suggestedFilename());
  await file.saveAs(path);
  await expect(page.getByRole('status', { name: 'Export' })).toContainText(file.suggestedFilename());
  await page.getByRole('status', { name: 'Export' }).getByRole('button', { name: 'Close' }).click();
  return path;
}
