/**
 * Owns what a view has beside its graph, each only when it is asked for: the table of functions, the halves of a sandwich,
 * the details of one frame, and the time that noise presets hide or would hide.
 */
import {
  type FlameBuilder,
  type FlameShape,
  type FlameTree,
  type FunctionKey,
  matchNodes,
  type NodeDetails,
  type ProfileTables,
  ROLES,
  type Rows,
  SANDWICH_SIDES,
  type SampleDetails,
  type SandwichSide,
  type TreeOwners,
  toNodeDetails,
} from '@stallscope/profile';
import { findPlace, type Place } from '../selection/place';
import { type FunctionRows, toFunctionRows } from './function-rows';
import type { LiveSelection, TreeName } from './live-messages';

/** One half of a sandwich. `Tree` is with labels on the page, without on its way there. */
export interface SandwichHalf<Tree> {
  tree: Tree;
  /** 1 where a node matches the search; null without one. */
  matched: Uint8Array | null;
  /** Whose each node is; null where colours say something else. */
  owners: TreeOwners | null;
}

export type Sandwich<Tree> = Record<SandwichSide, SandwichHalf<Tree>> & { function: FunctionKey };

export interface PlaceDetails {
  place: Place | null;
  of: TreeName;
  /** Which wakers of a chain `details.wakers` are: 0 for the nearest. */
  wakerLevel: number;
  details: NodeDetails;
}

/** The same of a profile from elsewhere. */
export interface PlaceSampleDetails {
  place: Place | null;
  of: TreeName;
  details: SampleDetails;
}

/** Of one preset: what it hides, or would hide beside those that are on. */
export interface NoiseTime {
  id: string;
  value: number;
  count: number;
  isHidden: boolean;
}

export interface BesideGraph<Tree> {
  functions: FunctionRows | null;
  sandwich: Sandwich<Tree> | null;
  details: PlaceDetails | null;
  /** In place of `details`, of a profile from elsewhere. */
  sampleDetails: PlaceSampleDetails | null;
  noise: NoiseTime[];
  /** Whose each node of the graph is; null where colours say something else. */
  owners: TreeOwners | null;
  /** Null where the graph has the path that is zoomed to, or no preset is in force. */
  hiddenOfZoom: number | null;
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
  const ownersOf = (of: TreeName): TreeOwners | null =>
    wants.owners === null ? null : builder.ownersOf(rows, query, shapeOf(of), wants.owners);
  const half = (side: SandwichSide): SandwichHalf<FlameTree> => {
    const built = trees.get(side)!;
    return {
      tree: built,
      matched: search === null ? null : matchNodes(built, search).matched,
      owners: ownersOf(side),
    };
  };
  const ofTree = trees.get(wants.details.of);
  const node =
    ofTree === undefined
      ? undefined
      : wants.details.place === null
        ? 0
        : findPlace(ofTree, wants.details.place);
  return {
    functions:
      wants.functions === null
        ? null
        : toFunctionRows(tree, builder.kindValues(rows, query, shape), wants.functions, search),
    sandwich:
      wants.sandwich === null
        ? null
        : { function: wants.sandwich, callers: half('callers'), callees: half('callees') },
    details:
      node === undefined
        ? null
        : {
            ...wants.details,
            wakerLevel: wakerLevelOf(selection, ofTree!, node),
            details: toNodeDetails(
              tables,
              rows,
              builder.rowsThrough(rows, query, shapeOf(wants.details.of), node),
              wakerLevelOf(selection, ofTree!, node),
            ),
          },
    sampleDetails: null,
    noise,
    owners: ownersOf('graph'),
    hiddenOfZoom: toHiddenOfZoom(selection, tree, (unhidden) => builder.build(rows, query, unhidden)),
  };
}

/** The time of the zoomed path without presets, which is all hidden; built once more, only where the path is not drawn. */
export function toHiddenOfZoom(
  { shape, wants }: Pick<LiveSelection, 'shape' | 'wants'>,
  tree: FlameTree,
  build: (shape: FlameShape) => FlameTree,
): number | null {
  if (wants.zoom === null || shape.noise.length === 0) return null;
  if (findPlace(tree, wants.zoom) !== undefined) return null;
  const whole = build({ ...shape, noise: [] });
  const node = findPlace(whole, wants.zoom);
  return node === undefined ? 0 : whole.totalValue[node]!;
}

/** Of a frame of the second waker of a chain, say, its wakers are the second ones. */
function wakerLevelOf({ query, shape, wants }: LiveSelection, tree: FlameTree, node: number): number {
  const isChain = query.view === 'chain' && shape.direction === 'top-down' && shape.focus === null;
  if (!isChain || wants.details.of !== 'graph' || node === 0) return 0;
  let level = 0;
  for (let at = tree.parent[node]!; at > 0; at = tree.parent[at]!) if (tree.role[at] === WAKER_COMM) level++;
  return level;
}

const WAKER_COMM = ROLES.indexOf('waker-comm');

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
  const { functions, sandwich, details, owners } = beside;
  const transfer: ArrayBufferView[] = [];
  if (functions !== null) {
    const { selfValue, totalValue, calls, kinds } = functions.table;
    transfer.push(selfValue, totalValue, calls, ...kinds);
  }
  const addOwners = (of: TreeOwners | null): void => {
    if (of !== null) transfer.push(of.owner, of.share, of.count);
  };
  addOwners(owners);
  if (details !== null) transfer.push(details.details.lengthCounts, details.details.lengthNs);
  const half = (of: SandwichHalf<FlameTree>): SandwichHalf<Omit<FlameTree, 'labels'>> => {
    const { tree, matched, owners } = of;
    const { labels, ...columns } = tree;
    transfer.push(...Object.values(columns).filter((column) => typeof column !== 'number'));
    if (matched !== null) transfer.push(matched);
    addOwners(owners);
    return { tree: columns, matched, owners };
  };
  return {
    beside: {
      ...beside,
      sandwich: sandwich && { ...sandwich, callers: half(sandwich.callers), callees: half(sandwich.callees) },
    },
    transfer,
  };
}
