import { describe, expect, test } from 'vitest';
import { type FlameOwners, OwnerColours, ownerColourOf } from './flame-owners.js';
import { OWNED_BY_NONE, OWNED_BY_REST, OWNED_BY_SEVERAL, OWNER_COLOURS } from './palette.js';

const isNone = (name: string): boolean => name.startsWith('[');

describe('colours of owners', () => {
  test('each has its own, however many of the bound there are', () => {
    const names = Array.from({ length: OWNER_COLOURS }, (_, n) => `user-${n}`);
    const colours = new OwnerColours().assign(names, isNone);
    expect([...colours].sort((a, b) => a - b)).toEqual(Array.from({ length: OWNER_COLOURS }, (_, n) => n));
  });

  test('are the same whatever the order of time', () => {
    const names = ['root', 'nobody', 'www-data', 'redis'];
    const forwards = new OwnerColours().assign(names, isNone);
    expect(new OwnerColours().assign([...names].reverse(), isNone)).toEqual([...forwards].reverse());
  });

  test('stay while others come and go', () => {
    const colours = new OwnerColours();
    const [root] = colours.assign(['root'], isNone);
    const many = ['root', ...Array.from({ length: OWNER_COLOURS - 1 }, (_, n) => `a${n}`)];
    expect(colours.assign(many, isNone)[0]).toBe(root);
    expect(colours.assign(['zeta', 'root'], isNone)[1]).toBe(root);
  });

  test('spread over names', () => {
    const seen = new Set(
      Array.from({ length: 200 }, (_, n) => new OwnerColours().assign([`n${n}`], isNone)[0]),
    );
    expect(seen.size).toBe(OWNER_COLOURS);
  });

  test('what is of none has the quiet one, what is beyond the bound that of the rest', () => {
    const names = ['[no container]', ...Array.from({ length: OWNER_COLOURS + 1 }, (_, n) => `c${n}`)];
    const colours = new OwnerColours().assign(names, isNone);
    expect(colours[0]).toBe(OWNED_BY_NONE);
    expect(colours.filter((colour) => colour === OWNED_BY_REST)).toHaveLength(1);
  });
});

test('a frame has the colour of who has more than half of it; with half alone it is of several', () => {
  const owners: FlameOwners = {
    name: 'user',
    owner: Int32Array.of(7, 7, 9),
    share: Float32Array.of(0.5, 0.51, 1),
    count: Int32Array.of(2, 2, 1),
    colours: new Map([[7, 3]]),
  };
  expect([0, 1, 2].map((node) => ownerColourOf(owners, node))).toEqual([OWNED_BY_SEVERAL, 3, OWNED_BY_REST]);
});
