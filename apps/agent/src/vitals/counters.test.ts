import { describe, expect, it } from 'vitest';
import { Counters } from './counters.js';

/** Values of one thing, a second apart; what each reading says of it. */
function grown(
  values: readonly (readonly number[] | undefined)[],
  kinds: { wraps?: readonly number[]; falls?: readonly number[] } = {},
) {
  const counters = new Counters(kinds);
  return values.map((each, second) => {
    counters.begin(second * 1e9);
    const growth = each === undefined ? undefined : counters.step('it', each);
    counters.end();
    return growth?.grown;
  });
}

describe('counters between two readings', () => {
  it('say nothing of a first reading', () => {
    expect(grown([[5], [7], [7]])).toEqual([undefined, [2], [0]]);
  });

  it('start anew with what went away and came back', () => {
    expect(grown([[5], undefined, [9], [10]])).toEqual([undefined, undefined, undefined, [1]]);
  });

  it('start anew with what was reset, all of its counters at once', () => {
    expect(
      grown([
        [5, 100],
        [1, 200],
        [2, 210],
      ]),
    ).toEqual([undefined, undefined, [1, 10]]);
  });

  it('go round where the kernel writes 32 bits, and only there', () => {
    const almost = 2 ** 32 - 10;
    expect(
      grown(
        [
          [1, almost],
          [2, 5],
        ],
        { wraps: [1] },
      ),
    ).toEqual([undefined, [1, 15]]);
    expect(
      grown([
        [1, almost],
        [2, 5],
      ]),
    ).toEqual([undefined, undefined]);
    // From the middle of the range it was a reset.
    expect(
      grown(
        [
          [1, 2 ** 31],
          [2, 5],
        ],
        { wraps: [1] },
      ),
    ).toEqual([undefined, undefined]);
  });

  it('count as nothing what the kernel takes back of a value that may fall', () => {
    expect(
      grown(
        [
          [5, 100],
          [7, 90],
          [8, 95],
        ],
        { falls: [1] },
      ),
    ).toEqual([undefined, [2, 0], [1, 5]]);
  });

  it('are of the time between the readings, however far apart', () => {
    const counters = new Counters();
    counters.begin(1e9);
    counters.step('it', [0]);
    counters.begin(3.5e9);
    expect(counters.step('it', [10])).toEqual({ seconds: 2.5, grown: [10] });
  });

  it('wait for readings that are too close together, and lose nothing by it', () => {
    const counters = new Counters();
    counters.begin(1e9);
    counters.step('it', [0]);
    counters.begin(1.01e9);
    expect(counters.step('it', [3])).toBeUndefined();
    counters.end();
    counters.begin(2e9);
    expect(counters.step('it', [10])).toEqual({ seconds: 1, grown: [10] });
  });
});
