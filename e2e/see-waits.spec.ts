/** A user starts it, opens their host, runs something, and sees what that waits for, soon and with the right numbers. */
import { release } from 'node:os';
import { expect, type Page, test } from '@playwright/test';
import { runWorkload, startWorkload } from '@stallscope/testing';
import { assertGraphIsDrawn, graphOf, modelAfterUpdates, modelWhen, nsAt, openHost } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

/** The promises: from the end of a wait to its frame on screen. */
const EVENT_TO_PIXEL_MS = { 1000: 1500, 250: 500 } as const;

onKernel('a live host', () => {
  const product = startProduct();

  test('I see my host in the list with its kernel, live, its losses counted, and open it', async ({
    page,
  }) => {
    await page.goto(product.url);
    const row = page.getByRole('table', { name: 'Hosts' }).getByRole('row').nth(1);
    await expect(row).toContainText(release());
    await expect(row).toContainText('live');
    await expect(row).toContainText(/[\d,]+ lost/);
    await expect(page.getByRole('status', { name: 'Connection' })).toContainText('connected');

    const link = row.getByRole('link');
    const name = (await link.textContent())!;
    await link.click();
    await modelWhen(page, 'the graph of the host', ({ tree }) => (tree?.totalValue ?? 0) > 0);
    await expect(page.getByRole('tree', { name: `Off-CPU flame graph of ${name}` })).toBeVisible();
    await expect(page.getByRole('note', { name: 'Totals' })).toContainText(/waited.*sampled.*of exact.*lost/);
    await expect(page.getByRole('note', { name: 'Answer' })).toBeVisible();
    await assertGraphIsDrawn(page);
  });

  test('I run a sleeper and see where it sleeps, and for how long it did', async ({ page }) => {
    // The search looks at every frame; the model tells of the widest only.
    await openHost(page, product.url, { span: '1m', q: '^nap_here$' });
    const sleeper = startWorkload('sleeper', 60, 50_000, 'e2e-sleeper');
    await modelWhen(page, 'the function that sleeps', ({ matchedValue }) => matchedValue > 0);
    const truth = await sleeper.ended;
    await modelAfterUpdates(page, 2);

    // Under it alone, so that all of its frames are among those that the page tells of.
    await openHost(page, product.url, { span: '1m', p: sleeper.tgid, kinds: 'blocked,runq,preempted' });
    const model = await modelWhen(page, 'the sleeper', ({ processes, tree }) => {
      return processes.some(({ tgid }) => tgid === sleeper.tgid) && (tree?.totalValue ?? 0) > 0;
    });
    expect(nsAt(model, /^e2e-sleeper;.*;main;nap_here;-;.*;hrtimer_nanosleep$/)).toBeGreaterThan(0);
    const offCpuNs = nsAt(model, /^e2e-sleeper;.*;nap_here$/);
    expect(offCpuNs / truth.asleepNs!, 'off-CPU time shown of time asleep').toBeGreaterThan(0.97);
    expect(offCpuNs / truth.asleepNs!, 'off-CPU time shown of time asleep').toBeLessThan(1.03);

    const { blockedNs } = model.processes.find(({ tgid }) => tgid === sleeper.tgid)!;
    expect(blockedNs, 'blocked no shorter than it asked for').toBeGreaterThan(0.97 * truth.askedNs!);
    expect(blockedNs, 'blocked no longer than it slept').toBeLessThan(1.03 * truth.asleepNs!);
    await assertGraphIsDrawn(page);
  });

  test('What ended a moment ago is on screen within 1.5 s, and within 0.5 s at 250 ms windows', async ({
    page,
  }) => {
    await openHost(page, product.url, { span: '10s' });
    await modelAfterUpdates(page, 2);
    await measureEventToPixel(page, 1000, 6);

    await page.getByRole('combobox', { name: 'Window interval' }).selectOption('250');
    await modelWhen(page, 'windows of 250 ms', hasShortWindows);
    await measureEventToPixel(page, 250, 10);

    await page.getByRole('combobox', { name: 'Window interval' }).selectOption('1000');
  });

  test('I have updates four times as often, and back', async ({ page }) => {
    await openHost(page, product.url);
    await page.getByRole('combobox', { name: 'Window interval' }).selectOption('250');
    await modelWhen(page, 'windows of 250 ms', hasShortWindows);
    await expect(page).toHaveURL(/window=250/);
    await modelAfterUpdates(page, 4);
    await page.getByRole('combobox', { name: 'Window interval' }).selectOption('1000');
    await modelWhen(page, 'windows of 1 s', ({ heldWindows }) =>
      heldWindows.slice(-2).every(({ startMs, endMs }) => endMs - startMs > 900),
    );
    await expect(graphOf(page)).toBeVisible();
  });
});

function hasShortWindows({ heldWindows }: { heldWindows: { startMs: number; endMs: number }[] }): boolean {
  return heldWindows.slice(-3).every(({ startMs, endMs }) => endMs - startMs < 500);
}

/** One wait at a time, each at another phase of the windows; its own clock says when it ended. */
async function measureEventToPixel(page: Page, windowMs: 250 | 1000, pulses: number): Promise<void> {
  const latenciesMs: number[] = [];
  for (let pulse = 0; pulse < pulses; pulse++) {
    const name = `pulse-${windowMs}-${pulse}`;
    await page.getByRole('searchbox', { name: 'Search frames' }).fill(`^${name}$`);
    const shown = firstDrawnMs(page);
    const { endedRealtimeNs } = await runWorkload('pulse', 50_000, name);
    latenciesMs.push((await shown) - endedRealtimeNs! / 1e6);
    await page.waitForTimeout((pulse * windowMs) / pulses);
  }
  latenciesMs.sort((a, b) => a - b);
  const words = `median ${latenciesMs[pulses >> 1]!.toFixed(0)} ms, worst ${latenciesMs.at(-1)!.toFixed(0)} ms of ${pulses}`;
  test.info().annotations.push({ type: `event to pixel, ${windowMs} ms windows`, description: words });
  console.log(`event to pixel, ${windowMs} ms windows: ${words}`);
  // The worst is what the machine did meanwhile: printed, not judged.
  expect(latenciesMs[pulses >> 1], `median ms from event to pixel at ${windowMs} ms windows`).toBeLessThan(
    EVENT_TO_PIXEL_MS[windowMs],
  );
}

/** When the page had drawn the first view that the search finds anything in, ms of the wall clock. */
function firstDrawnMs(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const look = (): void => {
          const model = window.__stallscope;
          const drawn = model?.drawn ?? null;
          if (model !== undefined && drawn !== null && model.matchedValue > 0) {
            if (drawn.lastWindowEndMs === model.lastWindowEndMs) {
              resolve(drawn.renderedAtMs);
              return;
            }
          }
          setTimeout(look, 10);
        };
        look();
      }),
  );
}
