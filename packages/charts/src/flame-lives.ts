/** Owns telling which nodes of a graph are of what ran, where it shows all that threads were at. */
import { type FlameTree, LIFE_STEPS, ROLES } from '@stallscope/profile';

const KIND = ROLES.indexOf('kind');

const known = new WeakMap<Int32Array, Uint8Array | undefined>();

/** By node: 1 below a step that says `on CPU`; undefined for a graph without such steps. Made once a tree. */
export function ranNodesOf(tree: FlameTree): Uint8Array | undefined {
  if (known.has(tree.parent)) return known.get(tree.parent);
  let ran: Uint8Array | undefined;
  if (tree.role.indexOf(KIND) >= 0) {
    ran = new Uint8Array(tree.nodeCount);
    for (let node = 1; node < tree.nodeCount; node++) {
      const isStep = tree.role[node] === KIND;
      const isRan = isStep
        ? tree.labels[tree.label[node]!] === LIFE_STEPS['on-cpu']
        : ran[tree.parent[node]!] === 1;
      ran[node] = isRan ? 1 : 0;
    }
  }
  known.set(tree.parent, ran);
  return ran;
}
