import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isWhole, MIN_SPAN, magnify, reveal, shift, WHOLE_SPAN } from './flame-span.js';

test('what is under the fingers stays under them', () => {
  expect(magnify(WHOLE_SPAN, 0.5, 4)).toEqual({ from: 0.375, to: 0.625 });
  expect(magnify(WHOLE_SPAN, 0, 2)).toEqual({ from: 0, to: 0.5 });
  expect(magnify({ from: 0.5, to: 1 }, 1, 2)).toEqual({ from: 0.75, to: 1 });
});

test('zooming out ends at the whole, exactly', () => {
  let span = magnify(WHOLE_SPAN, 0.3, 7);
  for (let step = 0; step < 10; step++) span = magnify(span, 0.9, 1 / 1.5);
  expect(isWhole(span)).toBe(true);
});

test('moves stop at the ends', () => {
  expect(shift({ from: 0.2, to: 0.4 }, 0.5)).toEqual({ from: expect.closeTo(0.3), to: expect.closeTo(0.5) });
  expect(shift({ from: 0.2, to: 0.4 }, -9)).toEqual({ from: 0, to: expect.closeTo(0.2) });
  expect(shift({ from: 0.2, to: 0.4 }, 9)).toEqual({ from: expect.closeTo(0.8), to: 1 });
  expect(shift(WHOLE_SPAN, 0.5)).toEqual(WHOLE_SPAN);
});

test('a part out of view is brought to its middle', () => {
  expect(reveal({ from: 0, to: 0.2 }, { from: 0.05, to: 0.1 })).toEqual({ from: 0, to: 0.2 });
  expect(reveal({ from: 0, to: 0.2 }, { from: 0.6, to: 0.7 })).toEqual({
    from: expect.closeTo(0.55),
    to: expect.closeTo(0.75),
  });
});

test('any moves leave a span of the row', () => {
  const move = fc.oneof(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      factor: fc.double({ min: 0.01, max: 100, noNaN: true }),
    }),
    fc.record({ by: fc.double({ min: -3, max: 3, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      let span = WHOLE_SPAN;
      for (const one of moves) span = 'by' in one ? shift(span, one.by) : magnify(span, one.at, one.factor);
      expect(span.from).toBeGreaterThanOrEqual(0);
      expect(span.to).toBeLessThanOrEqual(1);
      expect(span.to - span.from).toBeGreaterThanOrEqual(MIN_SPAN * 0.999);
    }),
  );
});
