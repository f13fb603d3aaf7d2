import { describe, expect, it } from 'vitest';
import { BEHIND_FROM_MS, CatchUp } from './catch-up';

describe('CatchUp', () => {
  it('is behind until all windows came that the hub had kept, however near the newest they are', () => {
    const catchUp = new CatchUp();
    catchUp.begin(3);
    expect(catchUp.behindMs(null, 90_000)).toBe(0);
    catchUp.receive(60_000, 90_000);
    expect(catchUp.behindMs(60_000, 90_000)).toBe(30_000);
    catchUp.receive(89_000, 90_000);
    expect(catchUp.behindMs(89_000, 90_000)).toBe(1000);
    catchUp.receive(90_000, 90_000);
    expect(catchUp.behindMs(90_000, 90_000)).toBeNull();
  });

  it('counts a merged window as all those that are in it', () => {
    const catchUp = new CatchUp();
    catchUp.begin(10);
    catchUp.coalesce(10);
    expect(catchUp.behindMs(1000, 2000)).toBe(1000);
    catchUp.receive(2000, 3000);
    expect(catchUp.behindMs(2000, 3000)).toBeNull();
  });

  it('does not wait for windows that the hub dropped on the way', () => {
    const catchUp = new CatchUp();
    catchUp.begin(200);
    catchUp.receive(90_000, 90_000);
    expect(catchUp.behindMs(90_000, 90_000)).toBeNull();
  });

  it('falls behind again when the hub has told of windows that do not come', () => {
    const catchUp = new CatchUp();
    expect(catchUp.behindMs(10_000, 10_000 + BEHIND_FROM_MS)).toBeNull();
    expect(catchUp.behindMs(10_000, 10_001 + BEHIND_FROM_MS)).toBe(BEHIND_FROM_MS + 1);
  });

  it('is not behind where nothing is known, or where the list is older than the windows', () => {
    const catchUp = new CatchUp();
    expect(catchUp.behindMs(null, null)).toBeNull();
    expect(catchUp.behindMs(20_000, 10_000)).toBeNull();
  });
});
