/** Owns what is said of a frame, in the tooltip and to a screen reader alike. */
import type { FlameTree, ValueUnit } from '@stallscope/profile';
import { CODE_WORDS, codeKindOf } from './code-kinds.js';
import { changeOf, diffTotal, type FlameDiff } from './flame-diff.js';
import type { FlameOwners } from './flame-owners.js';
import { formatChange, formatPercent, formatValue } from './format.js';
import { ROLE_WORDS, roleOf } from './role-words.js';

export interface FrameWords {
  name: string;
  /** `kernel frame`, `unnamed user frame`; undefined for the root. */
  role: string | undefined;
  module: string;
  /** `41.2 s`, and its shares: `12.4 % of all`, `60.0 % of its parent`, `1.2 s in itself`. */
  facts: string[];
  /** `before 3.20 s, +1.10 s, +2.4 % of the larger total`; undefined without a difference. */
  change: string | undefined;
  /** `user: root 62.0 %, of 3`; undefined where nothing is coloured by who. */
  owner: string | undefined;
}

export function frameWords(
  tree: FlameTree,
  node: number,
  { rootLabel, totalValue, unit, diff, owners }: WordsOptions,
): FrameWords {
  const value = tree.totalValue[node]!;
  const self = tree.selfValue[node]!;
  const parentValue = node === 0 ? 0 : tree.totalValue[tree.parent[node]!]!;
  const facts = node === 0 ? [] : [formatValue(value, unit)];
  if (totalValue > 0) facts.push(`${formatPercent(value / totalValue)} of all`);
  if (parentValue > 0 && tree.parent[node] !== 0) {
    facts.push(`${formatPercent(value / parentValue)} of its parent`);
  }
  if (self > 0) facts.push(self === value ? 'all in itself' : `${formatValue(self, unit)} in itself`);
  return {
    name: node === 0 ? rootLabel : nameOf(tree, node),
    role:
      node === 0
        ? undefined
        : `${tree.unnamed[node] === 0 ? '' : 'unnamed '}${ROLE_WORDS[roleOf(tree.role[node]!)]}${codeWords(tree, node)}`,
    module: tree.labels[tree.module[node]!] ?? '',
    facts,
    change: diff === undefined ? undefined : changeWords(tree, node, diff, unit),
    owner: owners === undefined ? undefined : ownerWords(tree, node, owners),
  };
}

export interface WordsOptions {
  /** With its value: `all · 41.2 s`. */
  rootLabel: string;
  /** What shares are shares of. */
  totalValue: number;
  unit: ValueUnit;
  diff: FlameDiff | undefined;
  owners?: FlameOwners | undefined;
}

/** Of several the one with most, its share, and how many there are. */
export function ownerWords({ labels }: FlameTree, node: number, owners: FlameOwners): string | undefined {
  const { name, owner, share, count } = owners;
  const label = labels[owner[node]!];
  if (label === undefined) return undefined;
  return `${name}: ${label}${count[node]! > 1 ? ` ${formatPercent(share[node]!)}, of ${count[node]}` : ''}`;
}

function codeWords(tree: FlameTree, node: number): string {
  const kind = codeKindOf(tree, node);
  return kind === undefined ? '' : `, ${CODE_WORDS[kind]}`;
}

function nameOf(tree: FlameTree, node: number): string {
  const name = tree.labels[tree.label[node]!]!;
  return name === '' ? '(no name)' : name;
}

function changeWords(tree: FlameTree, node: number, diff: FlameDiff, unit: ValueUnit): string {
  const before = diff.baseTotalValue[node]! * diff.baseScale;
  const change = changeOf(tree, diff, node);
  const total = diffTotal(tree, diff);
  if (change === 0) return 'no change';
  const share =
    total > 0 ? `, ${change > 0 ? '+' : ''}${formatPercent(change / total)} of the larger total` : '';
  return `${before === 0 ? 'new' : `before ${formatValue(before, unit)}`}, ${formatChange(change, unit)}${share}`;
}
