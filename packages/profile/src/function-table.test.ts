import { expect, it } from 'vitest';
import { checkSeeds, nsToText, pathsOfTree, randomWindow, stacksFromText } from './fixtures/index.js';
import { FlameBuilder } from './flame-builder.js';
import type { FlameTree } from './flame-tree.js';
import { type FunctionTable, toFunctionTable } from './function-table.js';
import { KINDS } from './kinds.js';
import { type Query, ROLES, VIEWS } from './query.js';
import { ProfileTables } from './tables.js';

const QUERY: Query = { view: 'off-cpu', kinds: KINDS };

function lines(table: FunctionTable): string[] {
  return table.label.map((label, entry) => {
    const kinds = table.kinds.map((values) => nsToText(values[entry]!)).join('/');
    const self = nsToText(table.selfValue[entry]!);
    return [
      label,
      ROLES[table.role[entry]!],
      self,
      nsToText(table.totalValue[entry]!),
      table.calls[entry],
      kinds,
    ]
      .join(' ')
      .trim();
  });
}

it('has self, total, calls and kinds of each function, recursion once a path', () => {
  const { tables, rows } = stacksFromText(`
    a: f;g;f;h | f = 4us x2
    a: f;g         = 3us x1
    runq b: f      = 2us x5
  `);
  const builder = new FlameBuilder(tables);
  const tree = builder.build(rows, QUERY);
  expect(lines(toFunctionTable(tree, builder.kindValues(rows, QUERY)))).toEqual([
    'a comm 0ns 7us 3 7us/0ns/0ns',
    'f user 0ns 9us 8 7us/2us/0ns',
    'g user 3us 7us 3 7us/0ns/0ns',
    'h user 0ns 4us 2 4us/0ns/0ns',
    'f kernel 4us 4us 2 4us/0ns/0ns',
    'b comm 0ns 2us 5 0ns/2us/0ns',
    '[run-queue wait] marker 2us 2us 5 0ns/2us/0ns',
  ]);
});

it('is empty for a tree of nothing', () => {
  const table = toFunctionTable(new FlameBuilder(new ProfileTables()).build(stacksFromText('').rows, QUERY));
  expect(table.label).toEqual([]);
  expect(table.kinds).toEqual([]);
});

it('is what each path by itself gives, for any tree', () => {
  checkSeeds(80, (random) => {
    const tables = new ProfileTables();
    const { rows } = randomWindow(random, tables, { functions: random.pick([1, 4]), maxDepth: 9 });
    const tree = new FlameBuilder(tables).build(rows, { view: random.pick(VIEWS), kinds: KINDS });
    const table = toFunctionTable(tree);
    const sums = new Map<string, { self: number; total: number; calls: number }>();
    for (const [node, path] of pathsOfTree(tree).entries()) {
      const selfCount =
        tree.totalCount[node]! -
        childrenOf(tree, node).reduce((sum, child) => sum + tree.totalCount[child]!, 0);
      const functions = path
        .filter(({ role }) => role !== 'separator')
        .map(({ label, role }) => `${role} ${label}`);
      for (const name of new Set(functions)) {
        const sum = sums.get(name) ?? { self: 0, total: 0, calls: 0 };
        sum.total += tree.selfValue[node]!;
        sum.calls += selfCount;
        if (name === functions.at(-1) && path.at(-1)!.role !== 'separator') sum.self += tree.selfValue[node]!;
        sums.set(name, sum);
      }
    }
    expect(table.label.length).toBe(sums.size);
    for (const [entry, label] of table.label.entries()) {
      const sum = sums.get(`${ROLES[table.role[entry]!]} ${label}`)!;
      expect(table.selfValue[entry]).toBe(sum.self);
      expect(table.totalValue[entry]).toBe(sum.total);
      expect(table.calls[entry]).toBeCloseTo(sum.calls, 6);
      expect(sum.total).toBeLessThanOrEqual(tree.totalValue[0]!);
    }
  });
});

function childrenOf(tree: FlameTree, node: number): number[] {
  return [...tree.parent].flatMap((parent, child) => (child > 0 && parent === node ? [child] : []));
}
