/**
 * Owns what a drawn file shows, whichever way it is drawn: the tree whose values are the widths, what a box says of
 * itself, and its colour, which is that of its role, or in a difference that of its change.
 */
import {
  baseScale,
  type DiffTree,
  type DiffWidth,
  diffWidths,
  type FlameTree,
  formatChange,
  formatPercent,
  formatValue,
  ROLES,
  type Role,
  type ValueUnit,
} from '@stallscope/profile';
import { changeStep, FILE_ROLE_WORDS } from './role-colours.js';

export interface FlamePicture {
  title: string;
  /** Said above the graph. */
  lines: readonly string[];
  unit: ValueUnit;
  /** Its values are the widths. */
  tree: FlameTree;
  /** Absent where it is no difference. */
  diff?: PictureDiff;
}

export interface PictureDiff {
  /** By node, in the unit; before is scaled when the difference is normalised. */
  before: Float64Array;
  after: Float64Array;
  /** By node: index into `FileColours.changes`. */
  step: Uint8Array;
}

/** @param lines without what the colours and the width mean, which is added */
export function toDiffPicture(
  title: string,
  lines: readonly string[],
  unit: ValueUnit,
  diff: DiffTree,
  { width, ...scaling }: { normalise: boolean; scale?: number; width: DiffWidth },
): FlamePicture {
  const scale = baseScale(diff, scaling);
  const before = diff.baseTotalValue.map((value) => value * scale);
  const after = diff.totalValue;
  const larger = Math.max(before[0]!, after[0]!);
  const step = Uint8Array.from(after, (value, node) => changeStep(value - before[node]!, larger));
  const widths = { after: 'after', before: 'before', larger: 'the larger of both' }[width];
  return {
    title,
    lines: [
      ...lines,
      `Red grew, blue shrank, by the change as a share of the larger total; boxes are as wide as ${widths}.`,
    ],
    unit,
    tree: { ...diff, ...diffWidths(diff, width, scale) },
    diff: { before, after, step },
  };
}

/** Name, then what it is and how much: one line each. */
export function describeBox({ tree, unit, diff }: FlamePicture, node: number): string[] {
  const module = tree.labels[tree.module[node]!]!;
  const role: Role = ROLES[tree.role[node]!]!;
  const name = node === 0 ? 'all' : tree.labels[tree.label[node]!]!;
  const what = `${FILE_ROLE_WORDS[role]}${module === '' ? '' : ` of ${module}`}`;
  if (diff === undefined) {
    const amount = formatValue(tree.totalValue[node]!, unit).trim();
    return [name, `${what} · ${amount} · ${formatPercent(tree.totalValue[node]! / tree.totalValue[0]!)}`];
  }
  const [before, after] = [diff.before[node]!, diff.after[node]!];
  const larger = Math.max(diff.before[0]!, diff.after[0]!);
  return [
    name,
    what,
    `${formatValue(before, unit).trim()} → ${formatValue(after, unit).trim()}`,
    `${formatChange(after - before, unit).trim()} · ${formatPercent((after - before) / larger)} of the larger total`,
  ];
}
