import { expect, it } from 'vitest';
import { checkSeeds } from './fixtures/index.js';
import { TupleIndex } from './tuple-index.js';

it('numbers distinct tuples in order of first sight, as a map of strings would', () => {
  checkSeeds(10, (random) => {
    const width = random.integer(1, 4);
    const index = new TupleIndex(width);
    const model = new Map<string, number>();
    // Neighbours, negatives, and numbers that differ only above 32 bits.
    const values = [-1, 0, 1, 2, 3, 2 ** 31, 2 ** 32, 2 ** 32 + 1, 2 ** 40, 2 ** 53 - 1];
    for (let n = 0; n < 1_000; n++) {
      const tuple = Array.from({ length: width }, () =>
        random.chance(0.5) ? random.pick(values) : random.integer(0, 300),
      );
      index.probe.set(tuple);
      const known = model.get(tuple.join());
      expect(index.find()).toBe(known ?? -1);
      const entry = index.add();
      expect(entry).toBe(known ?? model.size);
      model.set(tuple.join(), entry);
      for (let column = 0; column < width; column++) expect(index.valueAt(entry, column)).toBe(tuple[column]);
    }
    expect(index.size).toBe(model.size);
    index.clear();
    expect([index.size, index.find()]).toEqual([0, -1]);
  });
});
