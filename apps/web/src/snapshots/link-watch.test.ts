import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HubRefusal } from '../controls/ask-hub';
import { ASK_EVERY_MS, watchLink } from './link-watch';

beforeEach(() => vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => vi.useRealTimers());

/** A page of a link that works for `worksMs`, at a hub that answers with this status; `asked` counts. */
function openPage(worksMs: number | null) {
  const page = { status: 200, asked: 0, isSeen: true, ended: [] as number[] };
  const watch = watchLink({
    expiresAtMs: worksMs === null ? null : Date.now() + worksMs,
    ask: async () => {
      page.asked++;
      if (page.status !== 200) throw new HubRefusal(page.status, 'no');
    },
    isSeen: () => page.isSeen,
    onEnd: (status) => page.ended.push(status),
  });
  return Object.assign(page, { watch });
}

describe('a page of a link', () => {
  it('notices within the time of a question that the link was revoked, and asks no more', async () => {
    const page = openPage(null);
    await vi.advanceTimersByTimeAsync(5 * ASK_EVERY_MS);
    expect([page.asked, page.ended]).toEqual([5, []]);
    page.status = 410;
    await vi.advanceTimersByTimeAsync(10 * ASK_EVERY_MS);
    expect([page.asked, page.ended]).toEqual([6, [410]]);
  });

  it('asks nothing while nobody looks, and at once when it is told to', async () => {
    const page = openPage(null);
    page.isSeen = false;
    await vi.advanceTimersByTimeAsync(20 * ASK_EVERY_MS);
    expect(page.asked).toBe(0);
    page.status = 404;
    page.watch.askNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(page.ended).toEqual([404]);
  });

  it('asks at the instant at which the link expires, also unseen', async () => {
    const page = openPage(3_600_000);
    page.isSeen = false;
    await vi.advanceTimersByTimeAsync(3_599_999);
    expect(page.asked).toBe(0);
    page.status = 410;
    await vi.advanceTimersByTimeAsync(1);
    expect(page.ended).toEqual([410]);
  });

  it.each([0, 429, 500])('goes on where the hub answers %s, until the link has expired', async (status) => {
    const page = openPage(30_000);
    page.status = status;
    await vi.advanceTimersByTimeAsync(29_999);
    expect(page.ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(page.ended).toEqual([410]);
  });

  it('hears the hub where the reader’s clock is fast', async () => {
    const page = openPage(30_000);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(page.ended).toEqual([]);
  });

  it('asks no more once it is left', async () => {
    const page = openPage(30_000);
    page.watch.stop();
    page.status = 410;
    await vi.advanceTimersByTimeAsync(100_000);
    expect([page.asked, page.ended]).toEqual([0, []]);
  });
});
