/**
 * Owns writing the difference of two profiles.
 *
 *     folded   main;read 5 8            as difffolded.pl has it: before, after; `flamegraph.pl` draws it
 *     table    what grew most, in words and numbers, for a terminal
 *     json     { "format": "stallscope-diff", "version": 1, "unit": "nanoseconds", "normalised": false, "scale": 1,
 *                "before": { "title", "total" }, "after": { "title", "total" },
 *                "functions": [ { "name", "role", "module", "selfBefore", "selfAfter", "totalBefore", "totalAfter",
 *                                 "change", "share" } ],
 *                "stacks": [ { "frames": [ names root first ], "before", "after" } ] }
 *     svg, html   the union of both in one graph, coloured by change
 *
 * Normalised, what was before is scaled to the total of after. Functions are in order of change, what grew most first.
 */
import {
  baseScale,
  type DiffTree,
  type DiffWidth,
  diffTrees,
  formatChange,
  formatPercent,
  formatValue,
  type GrowthTable,
  NONE,
  ROLES,
  SampleFlameBuilder,
  type SampleProfile,
  toGrowthTable,
  type ValueUnit,
} from '@stallscope/profile';
import { toDiffPicture } from '../flame-picture.js';
import { foldedSums, UNIT_PER_NUMBER } from '../folded/write-folded.js';
import type { DiffFormat } from '../format-names.js';
import { drawHtml } from '../html/write-html.js';
import { drawSvg } from '../svg/write-svg.js';
import { TextBytes } from '../text-bytes.js';
import type { WrittenProfile } from '../write.js';

/** One of the two. */
export interface DiffSide {
  profile: SampleProfile;
  /** Index into its value types; both sides' must be of one unit, unless the difference is normalised. */
  value: number;
  title: string;
}

export interface DiffWriteOptions {
  normalise: boolean;
  /** What before is multiplied by where it is not normalised: as much as after is longer, say. Default 1. */
  scale?: number;
  /** Of drawn ones. */
  width: DiffWidth;
}

/** @throws RangeError for two units that cannot be compared */
export function writeDiff(
  before: DiffSide,
  after: DiffSide,
  format: DiffFormat,
  options: DiffWriteOptions,
): WrittenProfile {
  const unit = unitOf(after);
  if (unitOf(before) !== unit && !options.normalise) {
    throw new RangeError(`${before.title} counts ${unitOf(before)}, ${after.title} ${unit}`);
  }
  if (format === 'folded') return foldedDiff(before, after, options);
  const tree = diffTrees(treeOf(after), treeOf(before));
  if (format === 'table') return table(before, after, tree, unit, options);
  if (format === 'json') return json(before, after, tree, unit, options);
  const title = `${before.title} → ${after.title}`;
  const picture = toDiffPicture(title, lines(before, after, tree, unit, options), unit, tree, options);
  return format === 'svg' ? drawSvg(picture) : drawHtml(picture);
}

function unitOf({ profile, value }: DiffSide): ValueUnit {
  return profile.valueTypes[value]!.unit;
}

function treeOf({ profile, value }: DiffSide): ReturnType<SampleFlameBuilder['build']> {
  return new SampleFlameBuilder(profile).build({ value });
}

function lines(
  before: DiffSide,
  after: DiffSide,
  tree: DiffTree,
  unit: ValueUnit,
  options: DiffWriteOptions,
): string[] {
  const { normalise } = options;
  const [from, to] = [tree.baseTotalValue[0]!, tree.totalValue[0]!];
  const scale = baseScale(tree, options);
  const change = formatChange(to - from * scale, unit).trim();
  return [
    `before ${formatValue(from, unitOf(before)).trim()} (${before.title}) → after ${formatValue(to, unit).trim()} (${after.title})${normalise ? '' : `: ${change}`}`,
    ...(normalise ? [`before is scaled by ${scale.toPrecision(3)} to the total of after`] : []),
    ...(!normalise && scale !== 1 ? [`before is scaled by ${scale.toPrecision(3)} in all that follows`] : []),
  ];
}

function foldedDiff(before: DiffSide, after: DiffSide, options: DiffWriteOptions): WrittenProfile {
  const numbersOf = ({ profile, value }: DiffSide) => {
    const per = UNIT_PER_NUMBER[profile.valueTypes[value]!.unit];
    return new Map([...foldedSums(profile, value)].map(([path, sum]) => [path, sum / per]));
  };
  const befores = numbersOf(before);
  const afters = numbersOf(after);
  const sum = (numbers: Map<string, number>) => [...numbers.values()].reduce((all, one) => all + one, 0);
  const [beforeSum, afterSum] = [sum(befores), sum(afters)];
  const { normalise, scale: asked = 1 } = options;
  const canNormalise = beforeSum > 0 && afterSum > 0;
  const scale = !normalise ? asked : canNormalise ? afterSum / beforeSum : 1;
  const text = new TextBytes('folded stacks');
  let dropped = 0;
  for (const path of [...new Set([...befores.keys(), ...afters.keys()])].sort()) {
    const from = Math.round((befores.get(path) ?? 0) * scale);
    const to = Math.round(afters.get(path) ?? 0);
    if (from > 0 || to > 0) text.add(`${path} ${from} ${to}\n`);
    else dropped++;
  }
  return {
    bytes: text.finish(),
    mediaType: 'text/plain; charset=utf-8',
    extension: '.folded',
    lost: dropped > 0 ? [`${dropped} stacks that round to 0 in both are left out.`] : [],
  };
}

/** Functions of a table: the ones that grew most and the ones that shrank most. */
const TABLE_ROWS = 20;

function table(
  before: DiffSide,
  after: DiffSide,
  tree: DiffTree,
  unit: ValueUnit,
  options: DiffWriteOptions,
): WrittenProfile {
  const growth = toGrowthTable(tree, options);
  const text = new TextBytes('a table');
  for (const line of lines(before, after, tree, unit, options)) text.add(`${line}\n`);
  const rows = growth.label.map((_, row) => row);
  const grew = rows.filter((row) => growth.totalDelta[row]! > 0).slice(0, TABLE_ROWS);
  const shrank = rows
    .filter((row) => growth.totalDelta[row]! < 0)
    .reverse()
    .slice(0, TABLE_ROWS);
  for (const [words, chosen] of [
    ['grew most', grew],
    ['shrank most', shrank],
  ] as const) {
    text.add(`\n${words}${chosen.length === 0 ? ': nothing\n' : '\n'}`);
    if (chosen.length > 0) text.add(aligned([HEAD, ...chosen.map((row) => cells(growth, row, unit))]));
  }
  return { bytes: text.finish(), mediaType: 'text/plain; charset=utf-8', extension: '.txt', lost: [] };
}

const HEAD = ['CHANGE', 'SHARE', 'BEFORE', 'AFTER', 'SELF BEFORE', 'SELF AFTER', 'FUNCTION'];

function cells(growth: GrowthTable, row: number, unit: ValueUnit): string[] {
  const value = (column: Float64Array) => formatValue(column[row]!, unit).trim();
  const module = growth.module[row]!;
  return [
    formatChange(growth.totalDelta[row]!, unit).trim(),
    formatPercent(growth.share[row]!),
    value(growth.totalBefore),
    value(growth.totalAfter),
    value(growth.selfBefore),
    value(growth.selfAfter),
    `${growth.label[row]!}${module === '' ? '' : ` (${module})`}`.replace(UNPRINTABLE, '·'),
  ];
}

/** Columns aligned to the right, but for the last. */
function aligned(rows: readonly string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row.map((cell, at) => (at === row.length - 1 ? cell : cell.padStart(widths[at]!))).join('  '),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** A name must not move a terminal's cursor. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is replaced.
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f]/g;

function json(
  before: DiffSide,
  after: DiffSide,
  tree: DiffTree,
  unit: ValueUnit,
  options: DiffWriteOptions,
): WrittenProfile {
  const growth = toGrowthTable(tree, options);
  const scale = baseScale(tree, options);
  const head = {
    format: 'stallscope-diff',
    version: 1,
    unit,
    normalised: options.normalise,
    scale,
    before: { title: before.title, total: tree.baseTotalValue[0]! },
    after: { title: after.title, total: tree.totalValue[0]! },
  };
  const text = new TextBytes('JSON');
  text.add(JSON.stringify(head).slice(0, -1));
  addList(text, 'functions', growth.label.length, (row) => ({
    name: growth.label[row]!,
    role: ROLES[growth.role[row]!]!,
    module: growth.module[row] === '' ? null : growth.module[row]!,
    selfBefore: growth.selfBefore[row]!,
    selfAfter: growth.selfAfter[row]!,
    totalBefore: growth.totalBefore[row]!,
    totalAfter: growth.totalAfter[row]!,
    change: growth.totalDelta[row]!,
    share: growth.share[row]!,
  }));
  const leaves: number[] = [];
  for (let node = 0; node < tree.nodeCount; node++) {
    if (tree.selfValue[node]! > 0 || tree.baseSelfValue[node]! > 0) leaves.push(node);
  }
  addList(text, 'stacks', leaves.length, (at) => {
    const frames: string[] = [];
    for (let node = leaves[at]!; node > 0 && node !== NONE; node = tree.parent[node]!) {
      frames.push(tree.labels[tree.label[node]!]!);
    }
    return {
      frames: frames.reverse(),
      before: tree.baseSelfValue[leaves[at]!]! * scale,
      after: tree.selfValue[leaves[at]!]!,
    };
  });
  text.add('}\n');
  return { bytes: text.finish(), mediaType: 'application/json', extension: '.json', lost: [] };
}

function addList(text: TextBytes, name: string, count: number, entry: (at: number) => object): void {
  text.add(`,"${name}":[`);
  for (let at = 0; at < count; at++) text.add(`${at === 0 ? '' : ','}${JSON.stringify(entry(at))}`);
  text.add(']');
}
