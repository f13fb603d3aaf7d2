/** A user narrows what is shown by process, thread, kind and state, and holds it still to look at it. */
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import { graphOf, modelAfterUpdates, modelWhen, nsAt, openHost, readModel } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

const FOR_EVER = 1_000_000;

onKernel('selection', () => {
  const product = startProduct();
  let workload: StartedWorkload | undefined;

  test.afterEach(async () => {
    await workload?.stop();
    workload = undefined;
  });

  test('I pause, the picture stands still while windows arrive, and on resume nothing of them is missing', async ({
    page,
  }) => {
    const sleeper = startWorkload('sleeper', 160, 25_000, 'held-still');
    workload = sleeper;
    await openHost(page, product.url, { p: sleeper.tgid, span: '1m', kinds: 'blocked,runq,preempted' });
    await modelWhen(page, 'where it sleeps', (model) => nsAt(model, /;nap_here$/) > 0);
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    const paused = await modelWhen(page, 'a paused view', ({ newerWindows }) => newerWindows !== null);
    await page.mouse.move(0, 0);
    const picture = await graphOf(page).screenshot();

    await sleeper.ended;
    const later = await modelWhen(
      page,
      'three newer windows',
      ({ newerWindows }) => (newerWindows ?? 0) >= 3,
    );
    expect(later.tree).toEqual(paused.tree);
    expect(later.totals).toEqual(paused.totals);
    expect(later.shownWindows).toBe(paused.shownWindows);
    expect(await graphOf(page).screenshot(), 'the picture of the graph').toEqual(picture);
    await expect(page.getByRole('note', { name: 'Paused' })).toContainText(/Paused at .* newer/);

    await modelAfterUpdates(page, 2);
    await page.getByRole('button', { name: 'Resume' }).click();
    const resumed = await modelWhen(page, 'the newest', ({ newerWindows }) => newerWindows === null);
    const { asleepNs } = await sleeper.ended;
    const share = nsAt(resumed, /^held-still;.*;nap_here$/) / asleepNs!;
    expect(share, 'shown of all that it slept').toBeGreaterThan(0.97);
    expect(share, 'shown of all that it slept').toBeLessThan(1.03);
    for (const [index, { startMs }] of resumed.heldWindows.entries()) {
      if (index === 0) continue;
      expect(startMs, 'windows follow each other without a hole').toBe(resumed.heldWindows[index - 1]!.endMs);
    }
  });

  test('I pick a process and a thread of it from lists ordered by time waited, and take them away again', async ({
    page,
  }) => {
    const convoy = startWorkload('convoy', 3, FOR_EVER, 20_000);
    workload = convoy;
    await openHost(page, product.url, { span: '10s' });
    await modelWhen(page, 'the convoy', ({ processes }) =>
      processes.some(({ tgid }) => tgid === convoy.tgid),
    );
    // Of its first window it may have run only the end.
    await modelAfterUpdates(page, 2);
    await pause(page);
    const everything = await readModel(page);
    const waited = everything.processes.map(({ waitedNs }) => waitedNs);
    expect(waited, 'longest wait first').toEqual([...waited].sort((a, b) => b - a));

    await page.getByRole('button', { name: /^Process: / }).click();
    const options = page.getByRole('listbox', { name: 'Process' }).getByRole('option');
    await expect(options.first()).toContainText('all processes');
    for (const [index, { tgid }] of everything.processes.slice(0, 4).entries())
      await expect(options.nth(index + 1)).toContainText(String(tgid));
    await page.getByRole('combobox', { name: 'Find process' }).fill(String(convoy.tgid));
    await page.keyboard.press('Enter');
    const ofProcess = await modelWhen(page, 'only the convoy', ({ threads }) => {
      return threads.length > 0 && threads.every(({ tgid }) => tgid === convoy.tgid);
    });
    // Its threads, and the first moments of the process, which bear the name of whoever started it until it execs.
    const known = ofProcess.tree!.nodes.filter(
      ({ path }) => /^(holder-|convoy)/.test(path) && !path.includes(';'),
    );
    const ofKnown = known.reduce((sum, { totalValue }) => sum + totalValue, 0);
    expect(ofKnown / ofProcess.totals!.sampledNs).toBeGreaterThan(0.98);

    await page.getByRole('button', { name: /^Thread: / }).click();
    await page.getByRole('combobox', { name: 'Find thread' }).fill('holder-1');
    await page.keyboard.press('Enter');
    const ofThread = await modelWhen(page, 'only holder-1', ({ tree }) => {
      return (tree?.nodes ?? []).every(({ path }) => path === '' || path.startsWith('holder-1'));
    });
    // It holds for 20 ms and waits for two others that do, and for the CPU that these wait for.
    expect(nsAt(ofThread, /;wait_for_turn$/) / nsAt(ofThread, /;hold_lock$/)).toBeGreaterThan(1.6);

    const chips = page.getByRole('list', { name: 'Filters' });
    await chips.getByRole('button', { name: /^Remove thread holder-1 / }).click();
    await modelWhen(
      page,
      'the process again',
      ({ totals }) => totals?.sampledNs === ofProcess.totals!.sampledNs,
    );
    await chips.getByRole('button', { name: /^Remove process convoy / }).click();
    await modelWhen(
      page,
      'everything again',
      ({ totals }) => totals?.sampledNs === everything.totals!.sampledNs,
    );
    await expect(chips).toBeHidden();
    await page.goBack();
    await modelWhen(
      page,
      'the process by going back',
      ({ totals }) => totals?.sampledNs === ofProcess.totals!.sampledNs,
    );
  });

  test('I add kinds of waiting, and the total is their sum', async ({ page }) => {
    await openHost(page, product.url, { span: '10s' });
    await modelAfterUpdates(page, 3);
    await pause(page);
    const kinds = page.getByRole('group', { name: 'Kinds' });
    const chip = (name: string) => kinds.getByRole('button', { name, exact: true });
    const totalValue = async (of: string) => {
      await expect(page).toHaveURL(of === 'blocked' ? /^((?!kinds=).)*$/ : new RegExp(`kinds=${of}(&|$)`));
      const wanted = of.split(',');
      const { totals, tree } = await modelWhen(page, of, ({ totals: shown, selectedKinds }) => {
        return shown !== null && selectedKinds.join() === wanted.join();
      });
      expect(tree!.totalValue).toBe(totals!.sampledNs);
      return totals!;
    };
    const blocked = await totalValue('blocked');
    await chip('run-queue').click();
    const both = await totalValue('blocked,runq');
    await chip('blocked').click();
    const runq = await totalValue('runq');
    await chip('preempted').click();
    const notBlocked = await totalValue('runq,preempted');
    await chip('blocked').click();
    const all = await totalValue('blocked,runq,preempted');
    expect(runq.sampledNs).toBeGreaterThan(0);
    expect(both.sampledNs).toBe(blocked.sampledNs + runq.sampledNs);
    expect(all.sampledNs).toBe(blocked.sampledNs + notBlocked.sampledNs);
    expect(both.exactNs).toBe(blocked.exactNs! + runq.exactNs!);
    expect(all.exactNs).toBe(blocked.exactNs! + notBlocked.exactNs!);
  });

  test('I keep only waits for the disk by their state', async ({ page }) => {
    const fsyncer = startWorkload('fsyncer', join(test.info().outputPath(), 'written'), FOR_EVER);
    workload = fsyncer;
    await openHost(page, product.url, { span: '10s', p: fsyncer.tgid });
    await modelWhen(page, 'where it flushes', (model) => nsAt(model, /^fsyncer;.*;flush_here$/) > 0);
    await pause(page);
    const all = await readModel(page);
    const states = page.getByRole('group', { name: 'Task states' });
    const ofStates = async (wanted: string) =>
      modelWhen(page, `state ${wanted}`, ({ selectedStates }) => selectedStates.join('') === wanted);
    await states.getByRole('button', { name: /^State D: / }).click();
    const disk = await ofStates('D');
    expect(nsAt(disk, /^fsyncer;.*;flush_here$/)).toBeGreaterThan(0);
    expect(disk.totals!.exactNs, 'counters do not know states').toBeNull();
    await states.getByRole('button', { name: /^State S: / }).click();
    const both = await ofStates('DS');
    await states.getByRole('button', { name: /^State D: / }).click();
    const asleep = await ofStates('S');
    expect(both.totals!.sampledNs).toBe(disk.totals!.sampledNs + asleep.totals!.sampledNs);
    expect(both.totals!.sampledNs).toBeLessThanOrEqual(all.totals!.sampledNs);
    await page.getByRole('button', { name: 'Remove states S' }).click();
    const again = await ofStates('');
    expect(again.totals!.sampledNs).toBe(all.totals!.sampledNs);
  });
});

async function pause(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Pause', exact: true }).click();
  await modelWhen(page, 'a paused view', ({ newerWindows }) => newerWindows !== null);
}
