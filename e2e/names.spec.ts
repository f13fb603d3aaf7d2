/** A user asks why frames have no name, and finds out what to do about it: live, in a snapshot, and on the command line. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { RuntimeProcess } from '@stallscope/testing';
import { modelWhen, openHost } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';
import { stallscope } from './stallscope-process.js';

/** Its loop keeps the frame pointer's register for itself, as code without frame pointers may. */
const STRIPPED = `
#include <stdio.h>
static volatile double sink;
int main(void) {
  puts("ready"); fflush(stdout);
  for (unsigned long i = 0;; i++) sink += i * 1.5;
}
`;
const NODE = `
function hotLoop(n) { let s = 0; for (let i = 0; i < n; i++) s += Math.sqrt(i) * 3; return s; }
console.log('ready');
for (;;) hotLoop(1e6);
`;

onKernel('frames without a name', () => {
  const product = startProduct();
  let directory: string;
  const programs: RuntimeProcess[] = [];

  test.beforeAll(() => {
    directory = mkdtempSync('/var/tmp/stallscope-names-');
    writeFileSync(join(directory, 'busy.js'), NODE);
    writeFileSync(join(directory, 'stripped.c'), STRIPPED);
    const flags = ['-O2', '-fomit-frame-pointer', '-s', '-o', 'stripped-of-names', 'stripped.c'];
    execFileSync('gcc', flags, { cwd: directory });
  });
  test.afterEach(async () => {
    for (const program of programs.splice(0)) await program.end();
  });
  test.afterAll(() => rmSync(directory, { recursive: true, force: true }));

  async function start(command: string, ...args: string[]): Promise<number> {
    const program = new RuntimeProcess(command, args, { cwd: directory });
    programs.push(program);
    expect(await program.line()).toBe('ready');
    return program.tgid;
  }

  test('The foot says how much of a stripped program has no name, in which file, why, and what to do', async ({
    page,
  }) => {
    const tgid = await start('./stripped-of-names');
    await openHost(page, product.url, { p: tgid, view: 'cpu' });
    const { totals } = await modelWhen(
      page,
      'frames without a name',
      (model) => model.view === 'cpu' && (model.totals?.unnamed.shareByReason['no-symbol'] ?? 0) > 0.2,
    );
    expect(totals!.unnamed.shareByReason['stack-broken']).toBeGreaterThan(0.2);
    expect(totals!.unnamed.filesByReason['no-symbol']![0]!.module).toMatch(/stripped-of-names$/);
    const why = await openWhy(page);
    await expect(why).toContainText(/no symbols.*most in stripped-of-names.*-dbgsym/s);
    await expect(why).toContainText(/stack broken.*-fno-omit-frame-pointer/s);
    await expect(why).not.toContainText('JIT without a map');

    const { stdout, stderr } = await stallscope(
      ...['record', '--pid', `${tgid}`, '--view', 'cpu', '--duration', '1', '--format', 'json'],
    );
    expect(stderr).toMatch(/ · \d+\.\d % of frames unnamed\n/);
    expect(stderr).toMatch(/ {2}unnamed: .* no symbols \(most in .*stripped-of-names \d+.*-dbgsym/);
    const { unnamed } = JSON.parse(stdout) as {
      unnamed: { share: number; reasons: { reason: string; share: number; remedy: string }[] };
    };
    expect(unnamed.reasons.map(({ reason }) => reason)).toEqual(
      expect.arrayContaining(['no-symbol', 'stack-broken']),
    );
    expect(unnamed.reasons.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(unnamed.share);
  });

  test('Of a JIT without a map I am told which process, and how to switch its names on: in the foot, in the details, and in a snapshot', async ({
    page,
  }) => {
    const tgid = await start(process.execPath, 'busy.js');
    await openHost(page, product.url, { p: tgid, view: 'cpu' });
    const isOfNode = (hints: readonly { tgid: number; hint: string }[] = []): boolean =>
      hints.some((hint) => hint.tgid === tgid && hint.hint === 'node-perf-basic-prof');
    await modelWhen(
      page,
      'JIT frames without a name',
      ({ totals }) => (totals?.unnamed.shareByReason['no-perf-map'] ?? 0) > 0 && isOfNode(totals?.hints),
    );
    await saysNode(await openWhy(page), tgid);
    await page.keyboard.press('Escape');
    const details = page.getByRole('region', { name: 'What would tell more names' });
    await expect(details).toContainText(`node ${tgid}`);
    await expect(details).toContainText('--perf-basic-prof');

    await page.keyboard.press('s');
    const saved = page.getByRole('dialog', { name: 'Snapshot saved' });
    await saved.getByLabel('Title').fill('Names of node');
    await saved.getByRole('button', { name: 'Save' }).click();
    await expect(saved).toBeHidden();
    await page.getByRole('link', { name: 'Snapshots' }).click();
    await page.getByRole('link', { name: 'Names of node', exact: true }).click();
    await expect(page).toHaveURL(/\/snapshot\/\?(.*&)?id=/);
    await modelWhen(page, 'the same in the snapshot', ({ totals }) => isOfNode(totals?.hints));
    await saysNode(await openWhy(page), tgid);
    await expect(details).toContainText('--perf-basic-prof');
  });
});

async function openWhy(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: /of frames unnamed, why$/ }).click();
  return page.getByRole('dialog', { name: 'Frames without a name' });
}

async function saysNode(why: Locator, tgid: number): Promise<void> {
  await expect(why).toContainText('JIT without a map');
  const hints = why.getByRole('list', { name: 'What would name them: JIT without a map' });
  await expect(hints).toContainText(`node ${tgid}`);
  await expect(hints).toContainText('--perf-basic-prof');
}
