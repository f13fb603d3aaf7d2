/**
 * Owns naming a node of the flame graph in a URL, so that zoom and selection survive updates, reloads and sharing.
 *
 * A place is its path, written one letter for the role and then the label, steps joined by `~`:
 *
 *     cpostgres~umain~uexec~k__x64_sys_read        `!` escapes `~` and itself in labels
 *
 * A path that would make the URL too long is a hash of the same steps, which any tree that has the node can find again,
 * with the last label so that a reader can be told what it was:
 *
 *     *2j8fk3l1d0~do_futex
 */
import {
  type FlamePath,
  type FlameTree,
  type FunctionKey,
  findNode,
  pathOf,
  ROLES,
  type Role,
} from '@stallscope/profile';
import { joinSteps, splitSteps } from './escaped-steps';

export type Place = { kind: 'path'; path: FlamePath } | { kind: 'hash'; hash: string; leaf: string };

/** Characters of a written path, before percent-encoding: two places and the rest stay below the 8 KiB that proxies allow. */
export const MAX_PATH_CHARS = 900;

/** Characters of the last label that a hashed place carries for its words. */
const MAX_LEAF_CHARS = 80;

const LETTERS: Readonly<Record<Role, string>> = {
  root: 'r',
  comm: 'c',
  user: 'u',
  kernel: 'k',
  separator: 's',
  'waker-kernel': 'K',
  'waker-user': 'U',
  'waker-comm': 'C',
  marker: 'm',
  group: 'g',
  kind: 'i',
};
const ROLE_OF_LETTER = new Map(ROLES.map((role) => [LETTERS[role], role]));

export function placeOf(tree: FlameTree, node: number): Place {
  return { kind: 'path', path: pathOf(tree, node) };
}

/** The node of a place in this tree; undefined when nothing in the tree took that path. */
export function findPlace(tree: FlameTree, place: Place): number | undefined {
  return place.kind === 'path' ? findNode(tree, place.path) : findHash(tree, place.hash);
}

/** What the place is called: its last label. */
export function placeLabel(place: Place): string {
  return place.kind === 'hash' ? place.leaf : (place.path.at(-1)?.label ?? 'all');
}

export function writePlace(place: Place): string {
  if (place.kind === 'hash') return joinSteps([`*${place.hash}`, place.leaf], '~');
  const text = joinSteps(place.path.map(writeStep), '~');
  if (text.length <= MAX_PATH_CHARS) return text;
  const leaf = [...placeLabel(place)].slice(0, MAX_LEAF_CHARS).join('');
  return joinSteps([`*${hashOfPath(place.path)}`, leaf], '~');
}

/** Undefined for what no `writePlace` wrote. */
export function readPlace(text: string): Place | undefined {
  const steps = splitSteps(text, '~');
  if (steps === undefined || text === '') return undefined;
  if (text.startsWith('*')) {
    const [hash, leaf, ...rest] = steps;
    if (rest.length > 0 || leaf === undefined || !/^\*[0-9a-z]{1,11}$/.test(hash!)) return undefined;
    return { kind: 'hash', hash: hash!.slice(1), leaf };
  }
  if (text.length > MAX_PATH_CHARS) return undefined;
  const path: { label: string; role: Role }[] = [];
  for (const step of steps) {
    const key = readStep(step);
    if (key === undefined) return undefined;
    path.push(key);
  }
  return { kind: 'path', path };
}

/** A function by itself, wherever it is called: `k__x64_sys_read`, as one step of a path, with nothing to escape. */
export function writeStep({ label, role }: FunctionKey): string {
  return LETTERS[role] + label;
}

/** Undefined for what no `writeStep` wrote. */
export function readStep(text: string): FunctionKey | undefined {
  const role = ROLE_OF_LETTER.get(text.charAt(0));
  if (role === undefined || role === 'root' || text.length > MAX_PATH_CHARS) return undefined;
  return { label: text.slice(1), role };
}

export function isSameFunction(a: FunctionKey | null, b: FunctionKey | null): boolean {
  return a === b || (a !== null && b !== null && a.label === b.label && a.role === b.role);
}

// The hash of a step continues that of the step before, so one pass over a tree hashes all of its nodes.

/** Two lanes of 32 bits, as one node's place needs more than 32 to be told from 100,000 others. */
type Lanes = readonly [number, number];
const START: Lanes = [0x9e3779b9, 0x85ebca6b];

function hashStep([high, low]: Lanes, label: string, role: Role): Lanes {
  let a = Math.imul(high ^ role.length, 0x9e3779b1);
  let b = Math.imul(low ^ LETTERS[role].charCodeAt(0), 0x85ebca77);
  for (let at = 0; at < label.length; at++) {
    const code = label.charCodeAt(at);
    a = Math.imul(a ^ code, 0x9e3779b1);
    b = Math.imul(b ^ code, 0x5f356495);
    a ^= b >>> 15;
    b ^= a >>> 13;
  }
  return [a >>> 0, b >>> 0];
}

/** 53 bits in base 36. */
function writeHash([high, low]: Lanes): string {
  return ((high & 0x1fffff) * 2 ** 32 + low).toString(36);
}

function hashOfPath(path: FlamePath): string {
  return writeHash(path.reduce<Lanes>((lanes, { label, role }) => hashStep(lanes, label, role), START));
}

function findHash(tree: FlameTree, hash: string): number | undefined {
  const lanes: Lanes[] = [START];
  for (let node = 1; node < tree.nodeCount; node++) {
    const at = hashStep(
      lanes[tree.parent[node]!]!,
      tree.labels[tree.label[node]!]!,
      ROLES[tree.role[node]!]!,
    );
    if (writeHash(at) === hash) return node;
    lanes.push(at);
  }
  return undefined;
}
