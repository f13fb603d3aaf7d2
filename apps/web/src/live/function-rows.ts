/**
 * Owns which functions the page's table gets, in which order: those that the search matches, ordered by one column, cut at
 * a bound. Done here, in the worker, as a graph of 100,000 boxes has thousands of functions and is drawn every second.
 */
import { type FlameTree, type FunctionTable, KINDS, toFunctionTable } from '@stallscope/profile';

/** Columns that it can be ordered by. */
export const FUNCTION_COLUMNS = ['self', 'total', ...KINDS, 'name'] as const;
export type FunctionColumn = (typeof FUNCTION_COLUMNS)[number];

/** Functions that go to the page: more than anyone looks through, few enough to copy in a millisecond or two. */
export const MAX_FUNCTIONS = 5000;

export interface FunctionRows {
  /** The functions sent, in order. */
  table: FunctionTable;
  /** By which column they are, which is `self` where the one asked for is not there. */
  sort: FunctionColumn;
  /** That the search matches, sent or not; and all. */
  matched: number;
  total: number;
}

/** `kindValues`: as `toFunctionTable`, none where kinds are not known. */
export function toFunctionRows(
  tree: FlameTree,
  kindValues: readonly Float64Array[],
  wantedSort: FunctionColumn,
  search: RegExp | null,
): FunctionRows {
  const table = toFunctionTable(tree, kindValues);
  const sort = wantedSort === 'name' || columnOf(table, wantedSort) !== undefined ? wantedSort : 'self';
  const kept = table.label.flatMap((label, index) => (search === null || search.test(label) ? [index] : []));
  const values = columnOf(table, sort);
  const byName = (a: number, b: number): number =>
    table.label[a] === table.label[b]
      ? table.role[a]! - table.role[b]!
      : table.label[a]! < table.label[b]!
        ? -1
        : 1;
  // Many have no time of their own, or none of a kind: those that matter come first among them.
  const byTotal = (a: number, b: number): number => table.totalValue[b]! - table.totalValue[a]!;
  kept.sort((a, b) => (values === undefined ? 0 : values[b]! - values[a]! || byTotal(a, b)) || byName(a, b));
  const sent = kept.slice(0, MAX_FUNCTIONS);
  const pick = <Value>(column: readonly Value[]): Value[] => sent.map((index) => column[index]!);
  const pickValues = (column: Float64Array): Float64Array =>
    Float64Array.from(sent, (index) => column[index]!);
  return {
    table: {
      label: pick(table.label),
      role: pick(table.role),
      module: pick(table.module),
      selfValue: pickValues(table.selfValue),
      totalValue: pickValues(table.totalValue),
      kinds: table.kinds.map(pickValues),
      calls: pickValues(table.calls),
    },
    sort,
    matched: kept.length,
    total: table.label.length,
  };
}

export function columnOf(table: FunctionTable, column: FunctionColumn): Float64Array | undefined {
  if (column === 'name') return undefined;
  if (column === 'self') return table.selfValue;
  return column === 'total' ? table.totalValue : table.kinds[KINDS.indexOf(column)];
}
