/**
 * Owns choosing what of a tree goes into a page that draws each box as an element: the widest, and no deeper than can be
 * walked by functions that call themselves. What is left out stays in the value of the box above, as its own time.
 *
 * Invariant: a node that is kept has its parent kept: no box is wider than the one it stands on.
 */
import type { FlameTree } from '@stallscope/profile';

export interface PrunedTree {
  /** Nodes kept, in the order of the tree. */
  kept: number[];
  /** Nodes left out because there are too many, and the largest share of the whole that one of them had. */
  narrow: number;
  narrowShare: number;
  /** Nodes left out because they are too deep. */
  deep: number;
}

export function pruneTree(tree: FlameTree, maxNodes: number, maxDepth: number): PrunedTree {
  const { nodeCount, parent, totalValue } = tree;
  const depth = new Int32Array(nodeCount);
  let deep = 0;
  for (let node = 1; node < nodeCount; node++) {
    depth[node] = depth[parent[node]!]! + 1;
    if (depth[node]! > maxDepth) deep++;
  }
  const shallow: number[] = [];
  for (let node = 0; node < nodeCount; node++) if (depth[node]! <= maxDepth) shallow.push(node);
  if (shallow.length <= maxNodes) return { kept: shallow, narrow: 0, narrowShare: 0, deep };
  // Widest first; of equal ones that nearer the root, which has the smaller number.
  shallow.sort((a, b) => totalValue[b]! - totalValue[a]! || a - b);
  const widestLeft = totalValue[shallow[maxNodes]!]!;
  return {
    kept: shallow.slice(0, maxNodes).sort((a, b) => a - b),
    narrow: shallow.length - maxNodes,
    narrowShare: totalValue[0]! > 0 ? widestLeft / totalValue[0]! : 0,
    deep,
  };
}
