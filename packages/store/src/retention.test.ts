import { describe, expect, it } from 'vitest';
import { chooseEvictions, type Kept } from './retention.js';

const bounds = { maxSnapshots: 3, maxBytes: 100, maxAgeMs: 1000 };

/** `a10 b20! c30`: name, bytes, pinned; each a ms younger than the last. */
function kept(text: string): Kept[] {
  return text.split(' ').map((word, n) => {
    const [, id, bytes, pinned] = /^(\w)(\d+)(!?)$/.exec(word)!;
    return { id: id!, bytes: Number(bytes), pinned: pinned === '!', createdAtMs: n };
  });
}

describe('evictions', () => {
  it.each([
    ['a10 b10', 10, 5, ''],
    ['a10 b10 c10', 10, 5, 'a:count'],
    ['a40 b40', 50, 5, 'a:size'],
    ['a40 b40', 90, 5, 'a:size b:size'],
    ['a40! b40', 50, 5, 'b:size'],
    ['a40! b40', 61, 5, 'full'],
    ['a1! b1! c1!', 1, 5, 'full'],
    ['a10 b10', 10, 1001, 'a:age'],
    ['a10! b10', 10, 1002, 'b:age'],
    ['a10 b10', undefined, 5, ''],
    ['a90! b20', undefined, 5, 'b:size'],
    ['a90! b20!', undefined, 5, ''],
  ])('of %s for %s at %s ms: %s', (text, bytes, nowMs, expected) => {
    const incoming = bytes === undefined ? undefined : { bytes };
    const chosen = chooseEvictions(kept(text), incoming, bounds, nowMs);
    const said = chosen === 'full' ? 'full' : chosen.map(({ id, reason }) => `${id}:${reason}`).join(' ');
    expect(said).toBe(expected);
  });

  it('for a copy of a link take no place in the count, and spare its snapshot', () => {
    const three = kept('a10 b10 c10');
    expect(chooseEvictions(three, { bytes: 10, of: 'a' }, bounds, 5)).toEqual([]);
    expect(chooseEvictions(three, { bytes: 75, of: 'a' }, bounds, 5)).toEqual([{ id: 'b', reason: 'size' }]);
    expect(chooseEvictions(three, { bytes: 95, of: 'a' }, bounds, 5)).toBe('full');
  });
});
