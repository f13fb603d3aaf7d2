/**
 * Owns search in a flame graph: which nodes match, and how much time they cover.
 * A match inside a match adds nothing, so the covered time is never more than the root's.
 */
import type { FlameTree } from './flame-tree.js';
import { ROLES } from './query.js';

export interface FlameMatches {
  /** 1 for each node whose own label matches. */
  matched: Uint8Array;
  matchedCount: number;
  /** ns below the matching nodes, nested matches counted once. Divide by `totalValue[0]` for the share. */
  matchedValue: number;
}

/** Matches against labels; the root and the separators between stacks are not frames and never match. */
export function matchNodes(tree: FlameTree, pattern: RegExp): FlameMatches {
  // A pattern with `g` or `y` remembers where it stopped, and would skip every other label.
  const stateless = new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ''));
  const matched = new Uint8Array(tree.nodeCount);
  const isCovered = new Uint8Array(tree.nodeCount);
  /** By label id: 0 not tried, 1 no, 2 yes. Labels repeat far more often than not. */
  const verdicts = new Uint8Array(tree.labels.length);
  let matchedCount = 0;
  let matchedValue = 0;
  for (let node = 1; node < tree.nodeCount; node++) {
    isCovered[node] = isCovered[tree.parent[node]!]!;
    if (tree.role[node] === SEPARATOR) continue;
    const label = tree.label[node]!;
    if (verdicts[label] === 0) verdicts[label] = stateless.test(tree.labels[label]!) ? 2 : 1;
    if (verdicts[label] !== 2) continue;
    matched[node] = 1;
    matchedCount++;
    if (isCovered[node] === 0) matchedValue += tree.totalValue[node]!;
    isCovered[node] = 1;
  }
  return { matched, matchedCount, matchedValue };
}

const SEPARATOR = ROLES.indexOf('separator');
