import { FlameBuilder, KINDS, type Query } from '@stallscope/profile';
import { stacksFromText } from '@stallscope/testing';
import { describe, expect, it } from 'vitest';
import { type FunctionColumn, MAX_FUNCTIONS, toFunctionRows } from './function-rows';

const QUERY: Query = { view: 'off-cpu', kinds: KINDS };

function rowsOf(text: string, sort: FunctionColumn, search: RegExp | null = null, withKinds = true) {
  const { tables, rows } = stacksFromText(text);
  const builder = new FlameBuilder(tables);
  const tree = builder.build(rows, QUERY);
  return toFunctionRows(tree, withKinds ? builder.kindValues(rows, QUERY) : [], sort, search);
}

const TEXT = `
  app: main;read  = 5us
  app: main;write = 9us
  runq app: main;write = 1us
  db: main = 2us
`;

describe('rows of the table of functions', () => {
  it.each([
    ['self', ['write', 'read', 'main', '[run-queue wait]', 'app', 'db']],
    ['total', ['main', 'app', 'write', 'read', 'db', '[run-queue wait]']],
    ['runq', ['main', 'app', 'write', '[run-queue wait]', 'read', 'db']],
    ['name', ['[run-queue wait]', 'app', 'db', 'main', 'read', 'write']],
  ] satisfies [FunctionColumn, string[]][])('are ordered by %s, then by total and name', (sort, expected) => {
    const { table } = rowsOf(TEXT, sort);
    expect(table.label).toEqual(expected);
  });

  it('keep what belongs to a function together', () => {
    const { table } = rowsOf(TEXT, 'name');
    const main = table.label.indexOf('main');
    expect([table.selfValue[main], table.totalValue[main], ...table.kinds.map((of) => of[main])]).toEqual([
      2000, 17_000, 16_000, 1000, 0, 0,
    ]);
  });

  it('are those that the search matches, and say how many there are', () => {
    expect(rowsOf(TEXT, 'total', /e$/)).toMatchObject({ table: { label: ['write'] }, matched: 1, total: 6 });
  });

  it('fall back to self where there are no kinds', () => {
    expect(rowsOf(TEXT, 'runq', null, false)).toMatchObject({ sort: 'self', table: { kinds: [] } });
  });

  it('are cut at a bound, the largest kept', () => {
    const frames = Array.from({ length: MAX_FUNCTIONS + 10 }, (_, n) => `app: f${n} = ${n + 1}us`);
    const { table, total } = rowsOf(frames.join('\n'), 'self');
    expect(total).toBe(MAX_FUNCTIONS + 11);
    expect(table.label).toHaveLength(MAX_FUNCTIONS);
    expect(table.label[0]).toBe(`f${MAX_FUNCTIONS + 9}`);
  });
});
