/**
 * Owns the trie's node of each stack of a prefix tree, for paths that are stacks as they are: what stacks share is walked
 * once, so a million samples at the end of a thousand shared frames cost a million steps and not a thousand times that.
 *
 *     stacks 0 main   1 main;read   2 main;write        node of 2 under an owner: known for 0, one step more
 *
 * An owner is what stands above the stack (process, thread). Nodes are remembered for the last owner of each stack.
 */
import { NONE } from './kinds.js';

export class StackLeaves {
  readonly #prefix: ArrayLike<number>;
  /** By stack: its node, and the owner that this is under. */
  readonly #node: Int32Array;
  readonly #owner: Int32Array;

  constructor(prefix: ArrayLike<number>) {
    this.#prefix = prefix;
    this.#node = new Int32Array(prefix.length);
    this.#owner = new Int32Array(prefix.length).fill(NONE);
  }

  /** Node of `stack` under `owner`: `root` gives the node that the outermost stack is under, `child` that of one step. */
  nodeOf(
    owner: number,
    stack: number,
    root: (outermost: number) => number,
    child: (parent: number, stack: number) => number,
  ): number {
    const missing: number[] = [];
    let at = stack;
    while (at !== NONE && this.#owner[at] !== owner) {
      missing.push(at);
      at = this.#prefix[at]!;
    }
    let node = at === NONE ? root(missing.at(-1) ?? NONE) : this.#node[at]!;
    for (let n = missing.length - 1; n >= 0; n--) {
      const step = missing[n]!;
      node = child(node, step);
      this.#node[step] = node;
      this.#owner[step] = owner;
    }
    return node;
  }

  clear(): void {
    this.#owner.fill(NONE);
  }
}
