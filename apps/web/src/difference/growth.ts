/** Owns the rows of the table of growth: by which value, in which order, and where in the graph one of them grew most. */
import type { GrowthTable } from '@stallscope/profile';
import { type DiffTree, type FunctionKey, NONE, ROLES } from '@stallscope/profile';

export const GROWTH_ORDERS = ['grew', 'shrank', 'before', 'after'] as const;
export type GrowthOrder = (typeof GROWTH_ORDERS)[number];

/** `total`: in the function and all below it; `self`: paths that end in it. */
export type GrowthOf = 'total' | 'self';

export interface GrowthRow {
  fn: FunctionKey;
  module: string;
  before: number;
  after: number;
  change: number;
}

/** Functions without a value on either side are left out: of `self`, most are. */
export function toGrowthRows(table: GrowthTable, of: GrowthOf, order: GrowthOrder): GrowthRow[] {
  const [befores, afters] =
    of === 'total' ? [table.totalBefore, table.totalAfter] : [table.selfBefore, table.selfAfter];
  const rows: GrowthRow[] = [];
  for (const [index, label] of table.label.entries()) {
    const before = befores[index]!;
    const after = afters[index]!;
    if (before === 0 && after === 0) continue;
    const fn = { label, role: ROLES[table.role[index]!]! };
    rows.push({ fn, module: table.module[index]!, before, after, change: after - before });
  }
  const rank: Record<GrowthOrder, (row: GrowthRow) => number> = {
    grew: ({ change }) => change,
    shrank: ({ change }) => -change,
    before: ({ before }) => before,
    after: ({ after }) => after,
  };
  return rows.sort((a, b) => rank[order](b) - rank[order](a) || (a.fn.label < b.fn.label ? -1 : 1));
}

/** The box of a function that changed most, in the direction in which the function did; undefined where it has none. */
export function mostChanged(
  tree: DiffTree,
  scale: number,
  { fn, change }: GrowthRow,
  of: GrowthOf,
): number | undefined {
  const role = ROLES.indexOf(fn.role);
  const [after, before] =
    of === 'total' ? [tree.totalValue, tree.baseTotalValue] : [tree.selfValue, tree.baseSelfValue];
  const sign = change < 0 ? -1 : 1;
  let most: { node: number; change: number } | undefined;
  for (let node = 1; node < tree.nodeCount; node++) {
    if (tree.role[node] !== role || tree.labels[tree.label[node]!] !== fn.label) continue;
    const grown = sign * (after[node]! - before[node]! * scale);
    if (most === undefined || grown > most.change) most = { node, change: grown };
  }
  return most?.node;
}

/** Both sides have threads, and none of one is called as any of the other. */
export function hasNoCommonThread(tree: DiffTree): boolean {
  let [before, after] = [0, 0];
  for (let node = tree.firstChild[0]!; node !== NONE; node = tree.nextSibling[node]!) {
    if (ROLES[tree.role[node]!] !== 'comm') return false;
    if (tree.totalValue[node]! > 0) after++;
    if (tree.baseTotalValue[node]! > 0) before++;
    if (tree.totalValue[node]! > 0 && tree.baseTotalValue[node]! > 0) return false;
  }
  return before > 0 && after > 0;
}

/** Value of paths that have no width where boxes are as wide as one side: what is only on the other. */
export function withoutWidth(tree: DiffTree, width: 'after' | 'before'): number {
  const [self, other] =
    width === 'after' ? [tree.selfValue, tree.baseSelfValue] : [tree.baseSelfValue, tree.selfValue];
  let sum = 0;
  for (let node = 0; node < tree.nodeCount; node++) if (self[node] === 0) sum += other[node]!;
  return sum;
}
