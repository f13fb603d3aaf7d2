/**
 * Owns what made the code of a user frame, for colours, legends and words: what the agent knows of it (FRAME_KINDS), and
 * of code compiled ahead of time whether its names are those of C++ or Rust, which is told from the name alone.
 */
import { type FlameTree, FRAME_KINDS, ROLES } from '@stallscope/profile';

/** Each has a colour of its own where what ran is shown; code of C and the like has that of user frames. */
export const CODE_KINDS = ['jit', 'interpreted', 'inlined', 'stub', 'cpp'] as const;
export type CodeKind = (typeof CODE_KINDS)[number];

export const CODE_WORDS: Readonly<Record<CodeKind, string>> = {
  jit: 'compiled at run time (JIT)',
  interpreted: 'interpreted',
  inlined: 'inlined',
  stub: 'stub: made by linker or run-time',
  cpp: 'C++ or Rust',
};

const USER = ROLES.indexOf('user');
const WAKER_USER = ROLES.indexOf('waker-user');
const CPP = CODE_KINDS.indexOf('cpp');
/** By FRAME_KINDS: index into CODE_KINDS, -1 for native. */
const CODE_OF_KIND = FRAME_KINDS.map((kind) => (CODE_KINDS as readonly string[]).indexOf(kind));

/** Index into CODE_KINDS; -1 for kernel frames, for what is no frame and for code of neither. */
export function codeOf(tree: FlameTree, node: number, isQualified: (label: number) => boolean): number {
  return tree.role[node] === USER ? codeOfUserFrame(tree, node, isQualified) : -1;
}

function codeOfUserFrame(tree: FlameTree, node: number, isQualified: (label: number) => boolean): number {
  if (tree.unnamed[node] !== 0) return -1;
  const kind = tree.frameKind[node]!;
  if (kind !== 0) return CODE_OF_KIND[kind] ?? -1;
  return isQualified(tree.label[node]!) ? CPP : -1;
}

/** Whether a name is put together as C++ and Rust do: `std::sort`, `core::iter::next`. */
export function isQualifiedName(name: string): boolean {
  return name.includes('::');
}

/** For words; of wakers too, which have colours of their own. Undefined where there is nothing to say. */
export function codeKindOf(tree: FlameTree, node: number): CodeKind | undefined {
  const role = tree.role[node];
  if (role !== USER && role !== WAKER_USER) return undefined;
  return CODE_KINDS[codeOfUserFrame(tree, node, (label) => isQualifiedName(tree.labels[label]!))];
}

/** Those that occur, in the order of CODE_KINDS. */
export function codeKindsIn(tree: FlameTree): CodeKind[] {
  const seen = new Set<CodeKind>();
  for (let node = 1; node < tree.nodeCount && seen.size < CODE_KINDS.length; node++) {
    const kind = codeKindOf(tree, node);
    if (kind !== undefined) seen.add(kind);
  }
  return CODE_KINDS.filter((kind) => seen.has(kind));
}
