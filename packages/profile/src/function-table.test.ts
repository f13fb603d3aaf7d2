import { expect, it } from 'vitest';
import { checkSeeds, nsToText, pathsOfTree, randomWindow, stacksFromText } from './fixtures/index.js';
import { FlameBuilder } from './flame-builder.js';
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
    'a comm 0ns 7us 3 7us/0ns/0ns/0ns',
    'f user 0ns 9us 8 7us/2us/0ns/0ns',
    'g user 3us 7us 3 7us/0ns/0ns/0ns',
    'h user 0ns 4us 2 4us/0ns/0ns/0ns',
    'f kernel 4us 4us 2 4us/0ns/0ns/0ns',
    'b comm 0ns 2us 5 0ns/2us/0ns/0ns',
    '[run-queue wait] marker 2us 2us 5 0ns/2us/0ns/0ns',
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
    const selfCounts = tree.totalCount.slice();
    for (let node = 1; node < tree.nodeCount; node++)
      selfCounts[tree.parent[node]!]! -= tree.totalCount[node]!;
    for (const [node, path] of pathsOfTree(tree).entries()) {
      const functions = path
        .filter(({ role }) => role !== 'separator')
        .map(({ label, role }) => `${role} ${label}`);
      for (const name of new Set(functions)) {
        const sum = sums.get(name) ?? { self: 0, total: 0, calls: 0 };
        sum.total += tree.selfValue[node]!;
        sum.calls += selfCounts[node]!;
        if (name === functions.at(-1) && path.at(-1)!.role !== 'separator') sum.self += tree.selfValue[node]!;
        sums.set(name, sum);
      }
    }
    expect(table.label.length).toBe(sums.size);
    // One comparison a tree: thousands of them take seconds on a busy machine.
    const rounded = (calls: number): number => Math.round(calls * 1e6);
    expect(
      table.label.map((label, entry) => [
        `${ROLES[table.role[entry]!]} ${label}`,
        table.selfValue[entry],
        table.totalValue[entry],
        rounded(table.calls[entry]!),
      ]),
    ).toEqual(
      table.label.map((label, entry) => {
        const name = `${ROLES[table.role[entry]!]} ${label}`;
        const { self, total, calls } = sums.get(name)!;
        return [name, self, total, rounded(calls)];
      }),
    );
    expect(Math.max(0, ...table.totalValue)).toBeLessThanOrEqual(tree.totalValue[0]!);
  });
});
