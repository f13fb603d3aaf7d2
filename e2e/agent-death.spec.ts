/** The agent dies; a user is told, sees what was there, and has live data again without doing anything. */
import { expect, test } from '@playwright/test';
import { graphOf, modelAfterUpdates, openHost } from './host-page.js';
import { onKernel, startProduct } from './running-product.js';

onKernel('an agent that dies', () => {
  const product = startProduct();

  test('I am told that it is gone, it is started again, and the gap stays a gap', async ({ page }) => {
    await openHost(page, product.url);
    const before = await modelAfterUpdates(page, 2);
    const agent = product.process.partTgid('agent');
    process.kill(agent, 'SIGKILL');

    const stale = page.getByRole('note', { name: 'Stale' });
    await expect(stale).toContainText('The agent is disconnected');
    await expect(graphOf(page)).toBeVisible();
    const isDimmed = graphOf(page).evaluate((graph) => {
      for (let at: Element | null = graph; at !== null; at = at.parentElement)
        if (getComputedStyle(at).filter !== 'none') return true;
      return false;
    });
    expect(await isDimmed, 'what is shown is dimmed').toBe(true);
    await product.process.says(/The agent ended \(SIGKILL\); starting it again/);

    await expect(stale).toBeHidden({ timeout: 30_000 });
    expect(product.process.partTgid('agent')).not.toBe(agent);
    const after = await modelAfterUpdates(page, 2);
    expect(after.lastWindowEndMs).toBeGreaterThan(before.lastWindowEndMs!);
    const holesMs = after.heldWindows
      .slice(1)
      .map(({ startMs }, index) => startMs - after.heldWindows[index]!.endMs)
      .filter((lengthMs) => lengthMs !== 0);
    expect(holesMs, 'one hole in the windows').toHaveLength(1);
    expect(holesMs[0]).toBeGreaterThan(500);
    const fromMs = after.heldWindows[0]!.startMs;
    expect(after.coveredMs, 'the gap is not counted as covered').toBeLessThan(
      after.lastWindowEndMs! - fromMs,
    );
  });
});
