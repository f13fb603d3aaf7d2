/**
 * Owns turning rows into a flame graph, again and again, at the cost of what changed.
 *
 * Invariant: the tree handed out depends on rows, query and shape alone, not on earlier builds: it holds the nodes with
 * time in them, depth first, children in the order of flame-tree.ts. The one exception: where frames of one name from
 * several modules share a node, `module` and `unnamed` are those of the first one seen, so that they do not flicker.
 * `labels` only grows.
 * Rows that estimate no time are not drawn.
 */
import { type FlameShape, PLAIN_SHAPE } from './flame-shape.js';
import type { FlameTree } from './flame-tree.js';
import { NONE, ROW_KINDS } from './kinds.js';
import { LabelTable } from './label-table.js';
import { noiseKey, RowNoise } from './noise-matcher.js';
import type { NoisePreset } from './noise-presets.js';
import { type PathSteps, ROLE_CODES } from './path-steps.js';
import { groupOfRow, projectRow, toRowMatcher } from './project.js';
import type { Query } from './query.js';
import { rowCount } from './rows.js';
import { ShapeCache } from './shape-cache.js';
import type { ShapedPaths } from './shaped-paths.js';
import type { ProfileTables } from './tables.js';
import { type TreeOwners, toTreeOwners } from './tree-owners.js';
import type { GroupKey } from './who-table.js';
import type { Rows } from './window.js';

/** What a noise preset left out of a graph. */
export interface HiddenNoise {
  /** Id of the preset. */
  preset: string;
  /** ns for waits, else the unit of the profile. */
  value: number;
  /** Estimated number of intervals, or samples. */
  count: number;
}

export class FlameBuilder {
  readonly #tables: ProfileTables;
  readonly #labels: LabelTable;
  readonly #shapes: ShapeCache;
  #noise: { key: string; rows: RowNoise } | undefined;
  /** The same for what is only told of. */
  #measured: { key: string; rows: RowNoise } | undefined;
  #hidden: HiddenNoise[] = [];

  /** Builders that share `labels` make trees of one numbering, so that a page keeps one list and they compare fast. */
  constructor(tables: ProfileTables, labels = new LabelTable()) {
    this.#tables = tables;
    this.#labels = labels;
    this.#shapes = new ShapeCache(labels, PATH_COLUMNS);
  }

  /** What the noise presets of the last build left out, one entry a preset, in their order; also those with nothing. */
  get hidden(): readonly HiddenNoise[] {
    return this.#hidden;
  }

  build(rows: Rows, query: Query, shape: FlameShape = PLAIN_SHAPE): FlameTree {
    const paths = this.#shapes.of(shownOf(query), shape);
    paths.beginBuild();
    const noise = this.#noiseOf(shape.noise);
    const hidden = shape.noise.map(({ id }) => ({ preset: id, value: 0, count: 0 }));
    const leaves: number[] = [];
    const drawn: number[] = [];
    this.#visit(rows, query, paths, (i, leaf) => {
      const preset = noise?.presetOf(rows, i) ?? NONE;
      if (preset === NONE) {
        drawn.push(i);
        leaves.push(leaf);
      } else {
        hidden[preset]!.value += rows.estimatedNs[i]!;
        hidden[preset]!.count += rows.estimatedCount[i]!;
      }
    });
    this.#hidden = hidden;
    const selfValue = new Float64Array(paths.nodeCount);
    const selfCount = new Float64Array(paths.nodeCount);
    for (let n = 0; n < drawn.length; n++) {
      const leaf = leaves[n]!;
      selfValue[leaf]! += rows.estimatedNs[drawn[n]!]!;
      selfCount[leaf]! += rows.estimatedCount[drawn[n]!]!;
    }
    return paths.toTree(selfValue, selfCount);
  }

  /** By index of ROW_KINDS, each node's total of that kind, ns. `rows` are those of the last `build` with this query and shape. */
  kindValues(rows: Rows, query: Query, shape: FlameShape = PLAIN_SHAPE): Float64Array[] {
    const paths = this.#shapes.of(shownOf(query), shape);
    const noise = this.#noiseOf(shape.noise);
    const selfValues = ROW_KINDS.map(() => new Float64Array(paths.nodeCount));
    this.#visit(rows, query, paths, (i, leaf) => {
      if ((noise?.presetOf(rows, i) ?? NONE) === NONE) {
        selfValues[rows.kind[i]!]![leaf]! += rows.estimatedNs[i]!;
      }
    });
    return selfValues.map((selfValue) => paths.totalsByNode(selfValue));
  }

  /** Whose the time of each node is, by `key`. `rows` are those of the last `build` with this query and shape. */
  ownersOf(rows: Rows, query: Query, shape: FlameShape, key: GroupKey): TreeOwners {
    const paths = this.#shapes.of(shownOf(query), shape);
    const noise = this.#noiseOf(shape.noise);
    const ends = new Map<number, Map<number, number>>();
    const values = new Map<number, number>();
    this.#visit(rows, query, paths, (i, leaf) => {
      if ((noise?.presetOf(rows, i) ?? NONE) !== NONE) return;
      const owner = this.#labels.idOf(groupOfRow(this.#tables, rows, i, key));
      const value = rows.estimatedNs[i]!;
      const ofOwner = ends.get(owner) ?? new Map<number, number>();
      ends.set(owner, ofOwner.set(leaf, (ofOwner.get(leaf) ?? 0) + value));
      values.set(owner, (values.get(owner) ?? 0) + value);
    });
    const { labels } = this.#labels;
    // Of equals the first counts: by name, so that it is the same one in the next window.
    const inOrder = new Map([...ends].sort(([a], [b]) => (labels[a]! < labels[b]! ? -1 : 1)));
    return toTreeOwners(key, paths.ownersByNode(inOrder), values, labels);
  }

  /** Indices of the rows whose paths go through `node` of the tree that `build` last made of them, this query and shape. */
  rowsThrough(rows: Rows, query: Query, shape: FlameShape, node: number): number[] {
    const paths = this.#shapes.of(shownOf(query), shape);
    const isIn = paths.subtreeOf(node);
    const noise = this.#noiseOf(shape.noise);
    const through: number[] = [];
    this.#visit(rows, query, paths, (i, leaf) => {
      if (isIn[leaf] === 1 && (noise?.presetOf(rows, i) ?? NONE) === NONE) through.push(i);
    });
    return through;
  }

  /** What each preset would hide of what a query shows, were it the first in force; overlaps go to the earlier one. */
  noiseOf(rows: Rows, query: Query, presets: readonly NoisePreset[]): HiddenNoise[] {
    const key = noiseKey(presets);
    if (this.#measured?.key !== key) this.#measured = { key, rows: new RowNoise(this.#tables, presets) };
    const noise = this.#measured.rows;
    const matches = toRowMatcher(this.#tables, query);
    const found = presets.map(({ id }) => ({ preset: id, value: 0, count: 0 }));
    for (let i = 0; i < rowCount(rows); i++) {
      if (rows.estimatedNs[i]! <= 0 || !matches(rows, i)) continue;
      const preset = noise.presetOf(rows, i);
      if (preset === NONE) continue;
      found[preset]!.value += rows.estimatedNs[i]!;
      found[preset]!.count += rows.estimatedCount[i]!;
    }
    return found;
  }

  /** Every row that the query keeps and the shape has a path for. */
  #visit(rows: Rows, query: Query, paths: ShapedPaths, take: (i: number, leaf: number) => void): void {
    const matches = toRowMatcher(this.#tables, query);
    const count = rowCount(rows);
    const { probe } = paths;
    const { groupBy } = query;
    let row = 0;
    const write = (steps: PathSteps): void => {
      projectRow(this.#tables, rows, row, query, (label, role, unnamed, module, kind = 0) => {
        steps.push(this.#labels.idOf(label), ROLE_CODES.get(role)!, unnamed, this.#labels.idOf(module), kind);
      });
    };
    for (row = 0; row < count; row++) {
      if (rows.estimatedNs[row]! <= 0 || !matches(rows, row)) continue;
      probe[0] = rows.comm[row]!;
      probe[1] = rows.kind[row]!;
      probe[2] = rows.userStack[row]!;
      probe[3] = rows.kernelStack[row]!;
      probe[4] = rows.chain[row]!;
      probe[5] = groupBy === undefined ? 0 : this.#labels.idOf(groupOfRow(this.#tables, rows, row, groupBy));
      const leaf = paths.leaf(write);
      if (leaf !== NONE) take(row, leaf);
    }
  }

  /** Kept while the presets stay the same, as a live view asks again every second. */
  #noiseOf(presets: readonly NoisePreset[]): RowNoise | undefined {
    if (presets.length === 0) return undefined;
    const key = noiseKey(presets);
    if (this.#noise?.key !== key) this.#noise = { key, rows: new RowNoise(this.#tables, presets) };
    return this.#noise.rows;
  }
}

/** comm, kind, user stack, kernel stack, chain, group: what decides a row's path in one view. */
const PATH_COLUMNS = 6;

/** What gives the same rows other paths, whatever their shape. */
function shownOf({ view, groupBy }: Query): string {
  return groupBy === undefined ? view : `${view} by ${groupBy}`;
}
