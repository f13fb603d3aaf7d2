/**
 * Owns what a view has beside its graph, each only when it is asked for: the table of functions, the halves of a sandwich,
 * the details of one frame, and the time that noise presets hide or would hide.
 */
import {
  type FlameBuilder,
  type FlameTree,
  type FunctionKey,
  type FunctionTable,
  matchNodes,
  type NodeDetails,
  type ProfileTables,
  type Rows,
  SANDWICH_SIDES,
  type SandwichSide,
  toFunctionTable,
  toNodeDetails,
} from '@stallscope/profile';
import { findPlace, type Place } from '../selection/place';
import type { LiveSelection, TreeName } from './live-messages';

/** Functions that go to the page: more than anyone looks through, few enough to copy in milliseconds. */
export const MAX_FUNCTIONS = 10_000;

/** One half of a sandwich. `Tree` is with labels on the page, without on its way there. */
export interface SandwichHalf<Tree> {
  tree: Tree;
  /** 1 where a node matches the search; null without one. */
  matched: Uint8Array | null;
}

export type Sandwich<Tree> = Record<SandwichSide, SandwichHalf<Tree>> & { function: FunctionKey };

export interface PlaceDetails {
  place: Place | null;
  of: TreeName;
  details: NodeDetails;
}

/** Of one preset: what it hides, or would hide beside those that are on. */
export interface NoiseTime {
  id: string;
  value: number;
  count: number;
  isHidden: boolean;
}

export interface BesideGraph<Tree> {
  table: FunctionTable | null;
  /** Functions that there are; the table may be cut at `MAX_FUNCTIONS`. */
  tableTotal: number;
  sandwich: Sandwich<Tree> | null;
  details: PlaceDetails | null;
  noise: NoiseTime[];
}

/** `tree` is what `builder` built last. */
export function toBesideGraph(
  builder: FlameBuilder,
  tables: ProfileTables,
  rows: Rows,
  selection: LiveSelection,
  tree: FlameTree,
): BesideGraph<FlameTree> {
  const { query, shape, wants } = selection;
  const noise = toNoiseTimes(selection, builder.hidden, (presets) => builder.noiseOf(rows, query, presets));
  const search = selection.search === null ? null : new RegExp(selection.search);
  const shapeOf = (of: TreeName): typeof shape =>
    of === 'graph' || wants.sandwich === null
      ? shape
      : { ...shape, sandwich: { function: wants.sandwich, side: of } };
  const trees = new Map<TreeName, FlameTree>([['graph', tree]]);
  if (wants.sandwich !== null) {
    for (const side of SANDWICH_SIDES) trees.set(side, builder.build(rows, query, shapeOf(side)));
  }
  const half = (side: SandwichSide): SandwichHalf<FlameTree> => {
    const built = trees.get(side)!;
    return { tree: built, matched: search === null ? null : matchNodes(built, search).matched };
  };
  const ofTree = trees.get(wants.details.of);
  const node =
    ofTree === undefined
      ? undefined
      : wants.details.place === null
        ? 0
        : findPlace(ofTree, wants.details.place);
  return {
    ...toTable(wants.table, tree, () => builder.kindValues(rows, query, shape)),
    sandwich:
      wants.sandwich === null
        ? null
        : { function: wants.sandwich, callers: half('callers'), callees: half('callees') },
    details:
      node === undefined
        ? null
        : {
            ...wants.details,
            details: toNodeDetails(
              tables,
              rows,
              builder.rowsThrough(rows, query, shapeOf(wants.details.of), node),
            ),
          },
    noise,
  };
}

/** `kindValues`: none where kinds are not known. */
export function toTable(
  isWanted: boolean,
  tree: FlameTree,
  kindValues: () => readonly Float64Array[],
): Pick<BesideGraph<FlameTree>, 'table' | 'tableTotal'> {
  if (!isWanted) return { table: null, tableTotal: 0 };
  const table = toFunctionTable(tree, kindValues());
  const tableTotal = table.label.length;
  if (tableTotal <= MAX_FUNCTIONS) return { table, tableTotal };
  const kept = Uint32Array.from(table.label.keys())
    .sort((a, b) => table.totalValue[b]! - table.totalValue[a]!)
    .subarray(0, MAX_FUNCTIONS);
  const pick = <Value>(column: readonly Value[]): Value[] => Array.from(kept, (index) => column[index]!);
  const pickValues = (column: Float64Array): Float64Array =>
    Float64Array.from(kept, (index) => column[index]!);
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
    tableTotal,
  };
}

type Hidden = FlameBuilder['hidden'];

/** `hidden` is of the presets in force, `measure` tells what others would hide; what is in force comes first in both. */
export function toNoiseTimes(
  { shape, wants }: LiveSelection,
  hidden: Hidden,
  measure: (presets: LiveSelection['wants']['noise']) => Hidden,
): NoiseTime[] {
  const isOn = new Set(shape.noise.map(({ id }) => id));
  const off = wants.noise.filter(({ id }) => !isOn.has(id));
  const measured = off.length === 0 ? [] : measure([...shape.noise, ...off]);
  return [
    ...hidden.map(({ preset, value, count }) => ({ id: preset, value, count, isHidden: true })),
    ...measured
      .filter(({ preset }) => !isOn.has(preset))
      .map(({ preset, value, count }) => ({ id: preset, value, count, isHidden: false })),
  ];
}

/** As it goes to the page: labels of trees are sent apart, and what is large is handed over instead of copied. */
export function toPosted(beside: BesideGraph<FlameTree>): {
  beside: BesideGraph<Omit<FlameTree, 'labels'>>;
  transfer: ArrayBufferView[];
} {
  const { table, sandwich, details } = beside;
  const transfer: ArrayBufferView[] = [];
  if (table !== null) transfer.push(table.selfValue, table.totalValue, table.calls, ...table.kinds);
  if (details !== null) transfer.push(details.details.lengthCounts, details.details.lengthNs);
  const half = ({ tree, matched }: SandwichHalf<FlameTree>): SandwichHalf<Omit<FlameTree, 'labels'>> => {
    const { labels, ...columns } = tree;
    transfer.push(...Object.values(columns).filter((column) => typeof column !== 'number'));
    if (matched !== null) transfer.push(matched);
    return { tree: columns, matched };
  };
  return {
    beside: {
      ...beside,
      sandwich: sandwich && { ...sandwich, callers: half(sandwich.callers), callees: half(sandwich.callees) },
    },
    transfer,
  };
}
