/** A user takes a graph apart: by function, from the leaf, by module, without what is idle, and follows wakers to their own waits. */
import { expect, type Page, test } from '@playwright/test';
import { type StartedWorkload, startWorkload } from '@stallscope/testing';
import type { TestWindow } from '@stallscope/web/test-window-model';
import { assertGraphIsDrawn, graphOf, modelWhen, nsAt, openHost, readModel } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

const FOR_EVER = 1_000_000;

onKernel('viewer', () => {
  const product = startProduct();
  let convoy: StartedWorkload;
  let chain: StartedWorkload;

  test.beforeAll(() => {
    convoy = startWorkload('convoy', 3, FOR_EVER, 20_000);
    chain = startWorkload('chain', FOR_EVER, 10_000);
  });
  test.afterAll(async () => {
    await convoy.stop();
    await chain.stop();
  });

  /** The convoy, standing still: three threads that hold a lock in hold_lock and wait for it in wait_for_turn. */
  async function openConvoy(page: Page, selection: Record<string, string> = {}): Promise<TestWindow> {
    await openHost(page, product.url, { p: convoy.tgid, span: '10s', ...selection });
    await modelWhen(page, 'turns of the convoy', ({ tree }) =>
      (tree?.nodes ?? []).some(({ path, totalValue }) => /wait_for_turn$/.test(path) && totalValue > 0),
    );
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    return modelWhen(page, 'a paused view', ({ newerWindows }) => newerWindows !== null);
  }

  test('I list the functions with their time of each kind, and keep the paths through one of them', async ({
    page,
  }) => {
    const whole = await openConvoy(page, { kinds: 'blocked,runq,preempted' });
    await page.keyboard.press('l');
    const { functions } = await modelWhen(page, 'a table of functions', (model) => model.functions !== null);
    const held = functions!.find(({ label }) => label === 'hold_lock')!;
    expect(held.totalValue, 'time through it, as in the graph').toBeCloseTo(nsAt(whole, /;hold_lock$/), -1);
    expect(
      held.kinds.reduce((sum, value) => sum + value, 0),
      'its kinds together',
    ).toBeCloseTo(held.totalValue, -1);
    const self = functions!.map(({ selfValue }) => selfValue);
    expect(self, 'most of its own first').toEqual([...self].sort((a, b) => b - a));

    const grid = page.getByRole('grid', { name: 'Functions' });
    await grid.getByRole('columnheader', { name: 'run-queue' }).getByRole('button').click();
    await modelWhen(page, 'the order by run-queue time', (model) => {
      const runq = (model.functions ?? []).map(({ kinds }) => kinds[1]!);
      return runq.length > 0 && runq.every((value, index) => index === 0 || value <= runq[index - 1]!);
    });
    await expect(page).toHaveURL(/sort=runq/);
    await grid.focus();
    await page.keyboard.press('ArrowDown');
    const active = page.locator(`[id="${await grid.getAttribute('aria-activedescendant')}"]`);
    await expect(active, 'the row that keys act on can be seen').toHaveCSS('outline-style', 'solid');

    await page.getByRole('searchbox', { name: 'Search frames' }).fill('^hold_lock$');
    await expect(page.getByText(/^1 of \d+ functions/)).toBeVisible();
    await grid.getByRole('row', { name: /^hold_lock\b/ }).click();
    await expect(page).toHaveURL(/only=uhold_lock/);
    const kept = await modelWhen(page, 'the paths through it', ({ tree }) => {
      return tree !== null && tree.totalValue < whole.tree!.totalValue;
    });
    expect(kept.tree!.totalValue).toBeCloseTo(held.totalValue, -1);
    expect(nsAt(kept, /wait_for_turn/)).toBe(0);
    expect(nsAt(kept, /;main$|;body$/), 'what calls it is there').toBeGreaterThan(0);
    await expect(page.getByRole('note', { name: 'Totals' })).toContainText(/waited.*of it drawn/);
    await assertGraphIsDrawn(page);

    await page.getByRole('button', { name: 'Remove paths through hold_lock' }).click();
    await modelWhen(page, 'all paths', ({ tree }) => tree?.totalValue === whole.tree!.totalValue);
  });

  test('I see who calls a function and what it calls, both of one total, and go on from a frame of either', async ({
    page,
  }) => {
    const whole = await openConvoy(page);
    await page.keyboard.press('w');
    await expect(page.getByText('Choose a function in the list')).toBeVisible();
    await page
      .getByRole('grid', { name: 'Functions' })
      .getByRole('row', { name: /^hold_lock\b/ })
      .click();
    const { sandwich } = await modelWhen(
      page,
      'a sandwich',
      (model) => model.sandwich?.label === 'hold_lock',
    );
    const { callers, callees } = sandwich!;
    expect(callers.totalValue).toBe(callees.totalValue);
    expect(callers.totalValue).toBeCloseTo(nsAt(whole, /;hold_lock$/), -1);
    const threads = callers.nodes.filter(({ path }) => /^hold_lock;body;.*;holder-\d$/.test(path));
    expect(threads.map(({ path }) => path.split(';').at(-1)).sort()).toEqual([
      ...['holder-0', 'holder-1', 'holder-2'],
    ]);
    expect(callees.nodes.some(({ path }) => /^hold_lock;-;.*;hrtimer_nanosleep$/.test(path))).toBe(true);

    const above = page.getByRole('tree', { name: /^callers of hold_lock/ });
    await above.focus();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    await expect(above.getByRole('treeitem')).toHaveText(/^body, user frame/);
    await page.keyboard.press('w');
    await modelWhen(page, 'its caller in the middle', (model) => model.sandwich?.label === 'body');
    await expect(page).toHaveURL(/fn=ubody/);
    await page.goBack();
    await modelWhen(page, 'the first one again', (model) => model.sandwich?.label === 'hold_lock');
  });

  test('I turn paths round, merge them, fold and hide frames, and no time gets lost', async ({ page }) => {
    const whole = await openConvoy(page);
    const shaped = (what: string, isSo: (nodes: { path: string }[]) => boolean) =>
      modelWhen(page, what, ({ tree }) => tree !== null && isSo(tree.nodes));
    const total = whole.tree!.totalValue;

    await page.keyboard.press('i');
    const inverted = await shaped('paths from the leaf', (nodes) =>
      nodes.some(({ path }) => /^futex_\w+;.*;wait_for_turn;body;/.test(path)),
    );
    expect(inverted.tree!.totalValue).toBeCloseTo(total, -1);
    await page.keyboard.press('i');

    await page.getByRole('combobox', { name: 'Merge' }).selectOption('module');
    const merged = await shaped('modules', (nodes) => nodes.some(({ path }) => /;\[kernel\]$/.test(path)));
    expect(merged.tree!.totalValue).toBeCloseTo(total, -1);
    expect(merged.tree!.nodes.map(({ path }) => path)).toContain('holder-0;[libc.so.6];[convoy];-;[kernel]');
    await page.getByRole('combobox', { name: 'Merge' }).selectOption('function');

    await page.keyboard.press('h');
    await page.keyboard.type('^(__x64|do_syscall|entry)');
    const hidden = await shaped('no frame of the entry', (nodes) =>
      nodes.every(({ path }) => !/;entry_/.test(path)),
    );
    expect(hidden.tree!.totalValue).toBeCloseTo(total, -1);
    expect(nsAt(hidden, /;wait_for_turn;-;do_futex$/)).toBeGreaterThan(0);
    await expect(page.getByRole('list', { name: 'Filters' })).toContainText('hidden frames');

    await expect(page).toHaveURL(/hide=[^&]*entry/);
    const link = page.url();
    await page.goto('about:blank');
    await page.goto(link);
    // All of it: windows of the stretch still come when the first graph is there.
    await modelWhen(page, 'the same by its link', ({ tree }) => tree?.totalValue === hidden.tree!.totalValue);
    expect((await readModel(page)).tree).toEqual(hidden.tree);
  });

  test('I hide idle waits by a key, always see how much that is, and an edited preset survives its link', async ({
    page,
  }) => {
    const whole = await openConvoy(page);
    const hold = nsAt(whole, /;hold_lock$/);
    expect(whole.noise.find(({ id }) => id === 'sleeps')?.value, 'told before it is hidden').toBeCloseTo(
      hold,
      -1,
    );

    await page.keyboard.press('n');
    const hidden = await modelWhen(page, 'the sleeps hidden', ({ noise }) =>
      noise.some(({ id, isHidden }) => id === 'sleeps' && isHidden),
    );
    const hiddenNs = hidden.noise.reduce((sum, { value, isHidden }) => sum + (isHidden ? value : 0), 0);
    expect(hiddenNs).toBeCloseTo(hold, -1);
    expect(hidden.tree!.totalValue + hiddenNs, 'drawn and hidden are all').toBeCloseTo(
      hidden.totals!.sampledNs,
      -1,
    );
    const said = page.getByRole('note', { name: 'Hidden idle waits' });
    await expect(said).toHaveText(/^hides [\d.]+ m?s of idle waits \(sleeps [\d.]+ m?s\)$/);
    await expect(said).toBeInViewport();

    await page.keyboard.press('n');
    await modelWhen(page, 'all of it drawn', ({ tree }) => tree?.totalValue === whole.tree!.totalValue);
    await graphOf(page).focus();
    const item = graphOf(page).getByRole('treeitem');
    for (let row = 0; row < 4; row++) await page.keyboard.press('ArrowDown');
    await expect(item, 'the widest way down').toHaveText(/^(wait_for_turn|hold_lock), user frame/);
    if (!/^hold_lock,/.test((await item.textContent()) ?? '')) await page.keyboard.press('ArrowLeft');
    await expect(item).toHaveText(/^hold_lock, user frame/);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(/zoom=/);
    await page.keyboard.press('n');
    const empty = page.getByRole('status', { name: 'Graph' });
    await expect(empty).toHaveText(
      /^All that waited in hold_lock was idle: [\d.]+ m?s that the presets hide/,
    );
    await empty.getByRole('button', { name: 'Show idle waits' }).click();
    await assertGraphIsDrawn(page);
    await page.getByRole('button', { name: /^Remove zoom / }).click();
    await page.keyboard.press('n');
    await modelWhen(page, 'the sleeps hidden again', ({ noise }) => noise.some(({ isHidden }) => isHidden));

    await page.getByRole('button', { name: 'Idle waits, each by itself' }).click();
    await page.getByRole('button', { name: 'Edit Sleeps' }).click();
    const form = page.getByRole('dialog', { name: 'Idle waits' });
    await form.getByRole('textbox', { name: 'Pattern', exact: true }).fill('^futex_');
    await form.getByRole('button', { name: 'Apply' }).click();
    const wait = nsAt(whole, /;wait_for_turn$/);
    const isEdited = ({ noise }: TestWindow): boolean =>
      Math.abs((noise.find(({ id }) => id === 'sleeps')?.value ?? 0) / wait - 1) < 0.01;
    await modelWhen(page, 'waits for the lock hidden in their place', isEdited);

    await expect(page).toHaveURL(/noise=[^&]*futex_/);
    const link = page.url();
    await page.goto('about:blank');
    await page.goto(link);
    // Windows come from the oldest on, so that one before the last may be the newest for a moment.
    const again = await modelWhen(
      page,
      'the edited preset by its link, on the same windows',
      (model) => isEdited(model) && model.totals?.sampledNs === whole.totals!.sampledNs,
    );
    expect(again.tree!.totalValue).toBeCloseTo(hold, -1);
    await page.getByRole('button', { name: /^Remove hides / }).click();
    await modelWhen(page, 'all of it', ({ tree }) => tree?.totalValue === whole.tree!.totalValue);
    await expect(said).toBeHidden();
  });

  test('I see of a frame how it waits and who ends that, and go from waker to waker', async ({ page }) => {
    await openHost(page, product.url, { p: chain.tgid, span: '10s', view: 'chain' });
    const whole = /^stage-a;.*;stage_b_pass_on;.*;stage-b;--;.*;stage_c_start;.*;stage-c$/;
    await modelWhen(page, 'the chain', (model) => nsAt(model, whole) > 0);
    const details = page.getByRole('complementary', { name: 'Frame details' });
    await expect(details.getByRole('region', { name: 'Kinds and states' })).toContainText(
      /blocked.*S sleeping/,
    );
    await expect(details.getByRole('region', { name: 'Threads' })).toContainText('stage-a');
    await expect(details.getByRole('region', { name: 'Lengths' })).toContainText(/8\.19 ms – 16\.4 ms/);

    // The frame of the second waker tells of the second waker.
    await page.getByRole('searchbox', { name: 'Search frames' }).fill('');
    const { tree } = await readModel(page);
    const path = tree!.nodes.find((node) => whole.test(node.path))!.path;
    await graphOf(page).focus();
    for (let step = 0; step < path.split(';').length; step++) await page.keyboard.press('ArrowDown');
    await expect(graphOf(page).getByRole('treeitem')).toHaveText(/^stage-c, waker’s thread name/);
    await page.keyboard.press('Enter');
    await expect(details.getByRole('region', { name: 'Waker 2 of the chain' })).toContainText('stage-c');
    await modelWhen(page, 'its details', (model) => model.details?.wakers[0]?.comm === 'stage-c');

    await page.keyboard.press('0');
    await page.keyboard.press('Escape');
    await details
      .getByRole('region', { name: 'Ended by' })
      .getByRole('button', { name: /^Off-CPU graph of waker stage-b / })
      .click();
    await expect(page.getByRole('tab', { name: 'Off-CPU', exact: true })).toHaveAttribute(
      'aria-selected',
      'true',
    );
    const ofB = await modelWhen(
      page,
      'the waits of stage-b',
      (model) => nsAt(model, /^stage-b;.*;stage_b_wait$/) > 0,
    );
    expect(ofB.tree!.nodes.every(({ path: at }) => at === '' || at.startsWith('stage-b'))).toBe(true);
    await details.getByRole('button', { name: /^Off-CPU graph of waker stage-c / }).click();
    await modelWhen(page, 'the waits of stage-c', (model) => nsAt(model, /^stage-c;/) > 0);
    await expect(details.getByRole('region', { name: 'Ended by' })).toContainText('[timer]');
    await page.goBack();
    await modelWhen(page, 'stage-b by going back', (model) => nsAt(model, /^stage-b;/) > 0);
  });
});
