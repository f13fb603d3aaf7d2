/**
 * Owns telling whose the time of each node of a tree is, where its paths belong to owners: who has most of it, how much,
 * and how many have some.
 *
 *     root ─ main ─┬─ read     3 of root's, 1 of nobody's     main: root 3/5 of 2, read: root 3/4 of 2,
 *                  └─ write    1 of nobody's                  write: nobody 1/1 of 1
 *
 * Exact, in one walk upwards for each end of a path and each of its owners.
 */
import { NONE } from './kinds.js';

/** Values of paths' ends: by owner (any number but NONE), then by node. */
export type OwnedEnds = ReadonlyMap<number, ReadonlyMap<number, number>>;

/** By node. */
export interface NodeOwners {
  /** Who has most of its time; NONE where nobody has any. Of equals the first in the order that they came. */
  owner: Int32Array;
  /** Of the node's time, 0 to 1, what that owner has. */
  share: Float32Array;
  /** Owners with time in it. */
  count: Int32Array;
}

/** @param parents by node, parents before children; node 0 is the root */
export function largestOwners(parents: Int32Array, ends: OwnedEnds): NodeOwners {
  const size = parents.length;
  const owner = new Int32Array(size).fill(NONE);
  const count = new Int32Array(size);
  const most = new Float64Array(size);
  const all = new Float64Array(size);
  /** Of the owner at hand; what is there from another is told by `isOf`. */
  const sum = new Float64Array(size);
  const isOf = new Int32Array(size).fill(NONE);
  for (const [one, values] of ends) {
    const touched: number[] = [];
    for (const [end, value] of values) {
      for (let node = end; node !== NONE; node = parents[node]!) {
        if (isOf[node] !== one) {
          isOf[node] = one;
          sum[node] = 0;
          touched.push(node);
        }
        sum[node]! += value;
      }
    }
    for (const node of touched) {
      count[node]!++;
      all[node]! += sum[node]!;
      if (sum[node]! <= most[node]!) continue;
      most[node] = sum[node]!;
      owner[node] = one;
    }
  }
  const share = Float32Array.from(most, (value, node) => (all[node]! > 0 ? value / all[node]! : 0));
  return { owner, share, count };
}

/** Of these nodes alone, in their order. */
export function pick({ owner, share, count }: NodeOwners, nodes: Int32Array): NodeOwners {
  return {
    owner: nodes.map((node) => owner[node]!),
    share: Float32Array.from(nodes, (node) => share[node]!),
    count: nodes.map((node) => count[node]!),
  };
}
