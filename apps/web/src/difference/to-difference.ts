/** Owns making the difference of two sides: one tree with both values, by which rule they are compared, and what grew. */
import {
  type DiffTree,
  diffTrees,
  type FlameTree,
  type GrowthTable,
  matchNodes,
  toGrowthTable,
} from '@stallscope/profile';
import {
  type Difference,
  type DifferenceAsk,
  MAX_GROWTH_ROWS,
  type Scaling,
  type SideFacts,
} from './difference-messages';
import type { Side } from './side';

/** What is compared with what, and by which rule. */
export interface Sides extends Pick<Difference, 'scale' | 'scaling' | 'scalingWhy'> {
  before: Side;
  after: Side;
}

export function toSides(page: Side, base: Side, ask: DifferenceAsk): Sides {
  const [before, after] = ask.isSwapped ? [page, base] : [base, page];
  return { before, after, ...toRule(before, after, ask.scaling) };
}

export function toDifference(page: Side, base: Side, ask: DifferenceAsk, search: string | null): Difference {
  const ofPage: SideFacts = { ...page.facts, of: 'page' };
  const ofBase: SideFacts = { ...base.facts, of: 'base' };
  const { before, after, ...rule } = toSides(page, base, ask);
  const diff = diffTrees(after.tree, before.tree);
  const growth = toGrowthTable(diff, { normalise: rule.scaling === 'share', scale: rule.scale });
  const matches = search === null ? null : matchNodes(diff, new RegExp(search));
  const { labels, ...tree } = diff;
  return {
    before: ask.isSwapped ? ofPage : ofBase,
    after: ask.isSwapped ? ofBase : ofPage,
    tree,
    unit: after.unit,
    ...rule,
    matched: matches?.matched ?? null,
    matchedValue: matches?.matchedValue ?? 0,
    growth: cutGrowth(growth),
    functions: growth.label.length,
    parts: base.parts ?? null,
  };
}

/** The columns that can be handed over instead of copied. */
export function columnsOf({ tree, matched }: Difference): ArrayBufferView<ArrayBuffer>[] {
  const columns = Object.values(tree as Omit<FlameTree & DiffTree, 'labels'>).filter(
    (column) => typeof column !== 'number',
  );
  return [...columns, ...(matched === null ? [] : [matched])] as ArrayBufferView<ArrayBuffer>[];
}

function toRule(
  before: Side,
  after: Side,
  asked: Scaling,
): Pick<Difference, 'scale' | 'scaling' | 'scalingWhy'> {
  const shares = after.facts.value / before.facts.value;
  const hasShares = after.facts.value > 0 && before.facts.value > 0;
  const asMeasured = (scalingWhy: string | null) => ({ scale: 1, scaling: 'none', scalingWhy }) as const;
  if (before.unit !== after.unit) {
    if (!hasShares) return asMeasured('one side is empty');
    return {
      scale: shares,
      scaling: 'share',
      scalingWhy:
        asked === 'share'
          ? null
          : `before is in ${before.unit}, after in ${after.unit}: only their shares can be compared`,
    };
  }
  if (asked === 'none') return asMeasured(null);
  if (asked === 'share')
    return hasShares
      ? { scale: shares, scaling: 'share', scalingWhy: null }
      : asMeasured('one side is empty');
  const beforeMs = before.facts.coveredMs;
  const afterMs = after.facts.coveredMs;
  if (beforeMs === null || afterMs === null)
    return asMeasured(`what is ${beforeMs === null ? 'before' : 'after'} does not say how long it is`);
  if (beforeMs === 0 || afterMs === 0) return asMeasured('one side is empty');
  return { scale: afterMs / beforeMs, scaling: 'time', scalingWhy: null };
}

/** Those that changed most, in the order they have. */
function cutGrowth(table: GrowthTable): GrowthTable {
  if (table.label.length <= MAX_GROWTH_ROWS) return table;
  const kept = Array.from(table.label.keys())
    .sort((a, b) => Math.abs(table.totalDelta[b]!) - Math.abs(table.totalDelta[a]!) || a - b)
    .slice(0, MAX_GROWTH_ROWS)
    .sort((a, b) => a - b);
  const cut = (column: Float64Array): Float64Array => Float64Array.from(kept, (index) => column[index]!);
  return {
    label: kept.map((index) => table.label[index]!),
    role: kept.map((index) => table.role[index]!),
    module: kept.map((index) => table.module[index]!),
    selfBefore: cut(table.selfBefore),
    selfAfter: cut(table.selfAfter),
    totalBefore: cut(table.totalBefore),
    totalAfter: cut(table.totalAfter),
    totalDelta: cut(table.totalDelta),
    share: cut(table.share),
  };
}
