import { describe, expect, it } from 'vitest';
import {
  baseScale,
  DIFF_WIDTHS,
  type DiffTree,
  type DiffWidth,
  diffTrees,
  diffWidths,
  toGrowthTable,
} from './diff-tree.js';
import {
  checkSeeds,
  nsToText,
  pathKey,
  pathsOfTree,
  type Random,
  randomWindow,
  stacksFromText,
} from './fixtures/index.js';
import { FlameBuilder } from './flame-builder.js';
import type { FlameTree } from './flame-tree.js';
import { toFunctionTable } from './function-table.js';
import { KINDS, NONE } from './kinds.js';
import { LabelTable } from './label-table.js';
import { ROLES, VIEWS } from './query.js';
import { ProfileTables } from './tables.js';

const QUERY = { view: 'off-cpu', kinds: KINDS } as const;
const AS_IS = { normalise: false };
const SHARES = { normalise: true };

function treeOf(text: string): FlameTree {
  const { tables, rows } = stacksFromText(text);
  return new FlameBuilder(tables).build(rows, QUERY);
}

/** `path before → after`, a node a line. */
function print(tree: DiffTree): string[] {
  return pathsOfTree(tree)
    .slice(1)
    .map((path, at) => {
      const before = nsToText(tree.baseTotalValue[at + 1]!);
      return `${path.map(({ label }) => label).join(';')} ${before} → ${nsToText(tree.totalValue[at + 1]!)}`;
    });
}

describe('difference', () => {
  const diff = diffTrees(
    treeOf('a: f;g = 6us\n a: f;h = 2us\n c: f = 1us'),
    treeOf('a: f;g = 4us\n b: f = 3us\n c: f = 1us'),
  );

  it('has the paths of both with the values of both, in order', () => {
    expect(print(diff)).toEqual([
      'a 4us → 8us',
      'a;f 4us → 8us',
      'a;f;g 4us → 6us',
      'a;f;h 0ns → 2us',
      'b 3us → 0ns',
      'b;f 3us → 0ns',
      'c 1us → 1us',
      'c;f 1us → 1us',
    ]);
  });

  it('can be scaled to the present total', () => {
    expect(baseScale(diff, AS_IS)).toBe(1);
    expect(baseScale(diff, SHARES)).toBe(9 / 8);
    expect(baseScale(diffTrees(treeOf(''), treeOf('a: f = 1us')), SHARES)).toBe(1);
    expect(baseScale(diffTrees(treeOf('a: f = 1us'), treeOf('')), SHARES)).toBe(1);
  });

  it('is as wide as after, before or the larger of both', () => {
    const widths = (width: DiffWidth) => [...diffWidths(diff, width, 1).totalValue].map(nsToText).join(' ');
    expect(widths('after')).toBe('9us 8us 8us 6us 2us 0ns 0ns 1us 1us');
    expect(widths('before')).toBe('8us 4us 4us 4us 0ns 3us 3us 1us 1us');
    expect(widths('larger')).toBe('12us 8us 8us 6us 2us 3us 3us 1us 1us');
  });

  it('lists what grew most first, and what shrank last', () => {
    const table = toGrowthTable(diff, AS_IS);
    expect(
      table.label.map((label, entry) => {
        const [before, after] = [table.totalBefore[entry]!, table.totalAfter[entry]!].map(nsToText);
        const self = [table.selfBefore[entry]!, table.selfAfter[entry]!].map(nsToText).join(' → ');
        return `${ROLES[table.role[entry]!]} ${label} ${before} → ${after}, self ${self}, ${Math.round(table.share[entry]! * 100)} %`;
      }),
    ).toEqual([
      'comm a 4us → 8us, self 0ns → 0ns, 44 %',
      'user g 4us → 6us, self 4us → 6us, 22 %',
      'user h 0ns → 2us, self 0ns → 2us, 22 %',
      'user f 8us → 9us, self 4us → 1us, 11 %',
      'comm c 1us → 1us, self 0ns → 0ns, 0 %',
      'comm b 3us → 0ns, self 0ns → 0ns, -33 %',
    ]);
  });
});

it('leaves both trees as they were', () => {
  const [present, base] = [treeOf('a: f = 1us'), treeOf('b: g = 1us')];
  const before = JSON.stringify([present, base]);
  diffTrees(present, base);
  expect(JSON.stringify([present, base])).toBe(before);
});

it('is deep without falling', () => {
  const deep = Array.from({ length: 20_000 }, (_, n) => `f${n}`).join(';');
  expect(diffTrees(treeOf(`a: ${deep} = 1us`), treeOf(`a: ${deep};x = 1us`)).nodeCount).toBe(20_003);
});

describe('of any two trees', () => {
  function randomTrees(random: Random): { present: FlameTree; base: FlameTree; diff: DiffTree } {
    const shared = random.chance(0.5) ? new LabelTable() : undefined;
    const view = random.pick(VIEWS);
    const one = (): FlameTree => {
      const tables = new ProfileTables();
      const { rows } = randomWindow(random, tables, { functions: 3 });
      return new FlameBuilder(tables, shared).build(rows, { view, kinds: KINDS });
    };
    const [present, base] = [one(), one()];
    return { present, base, diff: diffTrees(present, base) };
  }

  it('has each value at its path, depth first and in order', () => {
    checkSeeds(80, (random) => {
      const { present, base, diff } = randomTrees(random);
      const values = (tree: FlameTree, self: Float64Array, total: Float64Array, count: Float64Array) =>
        new Map(
          pathsOfTree(tree).flatMap((path, node) =>
            total[node]! > 0 ? [[pathKey(path), [self[node], total[node], count[node]]]] : [],
          ),
        );
      expect(values(diff, diff.selfValue, diff.totalValue, diff.totalCount)).toEqual(
        values(present, present.selfValue, present.totalValue, present.totalCount),
      );
      expect(values(diff, diff.baseSelfValue, diff.baseTotalValue, diff.baseTotalCount)).toEqual(
        values(base, base.selfValue, base.totalValue, base.totalCount),
      );
      const keys = new Set([...pathsOfTree(present), ...pathsOfTree(base)].map(pathKey));
      expect(diff.nodeCount).toBe(keys.size);
      const seen: number[] = [];
      const outOfOrder: string[] = [];
      const visit = (parent: number): void => {
        seen.push(parent);
        let before = '';
        for (let node = diff.firstChild[parent]!; node !== NONE; node = diff.nextSibling[node]!) {
          const key = `${diff.labels[diff.label[node]!]}\0${diff.role[node]}`;
          if (diff.parent[node] !== parent || (before !== '' && before >= key)) outOfOrder.push(key);
          before = key;
          visit(node);
        }
      };
      visit(0);
      expect(outOfOrder).toEqual([]);
      expect(seen).toEqual(Array.from({ length: diff.nodeCount }, (_, node) => node));
    });
  });

  it('is nothing but what the functions of both differ by', () => {
    checkSeeds(80, (random) => {
      const { present, base, diff } = randomTrees(random);
      const options = { normalise: random.chance(0.5) };
      const table = toGrowthTable(diff, options);
      const after = totalsByFunction(present);
      const before = totalsByFunction(base);
      expect(table.label.length).toBe(new Set([...after.keys(), ...before.keys()]).size);
      const scale = baseScale(diff, options);
      const rounded = (values: readonly number[]): number[] => values.map((value) => Math.round(value));
      expect(
        table.label.map((_, entry) => [
          ...rounded([table.selfBefore[entry]!, table.totalBefore[entry]!]),
          ...[table.selfAfter[entry], table.totalAfter[entry]],
        ]),
      ).toEqual(
        table.label.map((label, entry) => {
          const key = `${table.role[entry]} ${label}`;
          return [
            ...rounded((before.get(key) ?? [0, 0]).map((value) => value * scale)),
            ...(after.get(key) ?? [0, 0]),
          ];
        }),
      );
      expect(table.totalDelta.slice().sort().reverse()).toEqual(table.totalDelta);
      expect(Math.max(0, ...table.share.map(Math.abs))).toBeLessThanOrEqual(1);
    });
  });

  it('holds its boxes, however wide they are', () => {
    checkSeeds(60, (random) => {
      const { diff } = randomTrees(random);
      const { selfValue, totalValue } = diffWidths(
        diff,
        random.pick(DIFF_WIDTHS),
        baseScale(diff, { normalise: random.chance(0.5) }),
      );
      const sums = selfValue.slice();
      for (let node = diff.nodeCount - 1; node > 0; node--) sums[diff.parent[node]!]! += sums[node]!;
      expect([...sums].filter((sum, node) => Math.abs(sum - totalValue[node]!) > sum * 1e-12)).toEqual([]);
    });
  });

  it('is its mirror when both are swapped', () => {
    checkSeeds(60, (random) => {
      const { present, base, diff } = randomTrees(random);
      const swapped = diffTrees(base, present);
      expect(swapped.nodeCount).toBe(diff.nodeCount);
      expect(swapped.totalValue).toEqual(diff.baseTotalValue);
      expect(swapped.baseTotalValue).toEqual(diff.totalValue);
      expect([...swapped.label].map((id) => swapped.labels[id])).toEqual(
        [...diff.label].map((id) => diff.labels[id]),
      );
    });
  });
});

function totalsByFunction(tree: FlameTree): Map<string, [self: number, total: number]> {
  const table = toFunctionTable(tree);
  return new Map(
    table.label.map((label, entry) => [
      `${table.role[entry]} ${label}`,
      [table.selfValue[entry]!, table.totalValue[entry]!],
    ]),
  );
}
