/**
 * Owns applying a shape to one path, in the order that flame-shape.ts gives.
 * A path may end up with no step at all (merged by process where no name is known): its time is the root's own.
 */
import { type FlameShape, type FunctionKey, MAX_CYCLE_FRAMES } from './flame-shape.js';
import { NONE } from './kinds.js';
import type { LabelTable } from './label-table.js';
import { type PathSteps, ROLE_CODES } from './path-steps.js';
import { NO_STACK, NOT_SAMPLED } from './project.js';
import { ROLES, type Role } from './query.js';

export class PathShaper {
  readonly #shape: FlameShape;
  readonly #labels: LabelTable;
  readonly #hide: RegExp | null;
  /** By label id: undefined not tried yet. */
  readonly #isHidden: (boolean | undefined)[] = [];
  /** By module (label id) and whether it is of the kernel: its box's label. */
  readonly #moduleLabels = new Map<number, number>();
  readonly #only: Wanted | null;
  readonly #focus: Wanted | null;
  readonly #sandwich: Wanted | null;
  readonly #dash: number;
  readonly #saysNoStack: ReadonlySet<number>;

  constructor(shape: FlameShape, labels: LabelTable) {
    this.#shape = shape;
    this.#labels = labels;
    this.#hide = shape.hideFrames === null ? null : new RegExp(shape.hideFrames);
    this.#only = toWanted(shape.only, labels);
    this.#focus = toWanted(shape.focus, labels);
    this.#sandwich = toWanted(shape.sandwich?.function ?? null, labels);
    this.#dash = labels.idOf('-');
    this.#saysNoStack = new Set([labels.idOf(NO_STACK), labels.idOf(NOT_SAMPLED)]);
  }

  /** False when the path is left out; then its steps are of no use. */
  apply(path: PathSteps): boolean {
    if (path.length === 0 || path.role[0] !== GROUP) return this.#shapeFrames(path);
    // Whose it is stays on top, whatever becomes of the path below.
    const group = path.label[0]!;
    path.dropFirst(1);
    if (!this.#shapeFrames(path)) return false;
    path.prepend(group, GROUP);
    return true;
  }

  #shapeFrames(path: PathSteps): boolean {
    const { mergeBy, collapseRecursion, sandwich, direction, withoutThreadNames } = this.#shape;
    if (withoutThreadNames === true) dropThreadNames(path);
    if (mergeBy === 'process') this.#keepProcesses(path);
    else if (mergeBy === 'module' || this.#hide !== null) {
      this.#hideAndMerge(path);
      this.#dropLooseSeparators(path);
    }
    if (collapseRecursion) collapse(path);
    if (this.#only !== null && outermost(path, this.#only) === NONE) return false;
    if (this.#focus !== null) {
      const at = outermost(path, this.#focus);
      if (at === NONE) return false;
      path.dropFirst(at);
    }
    if (this.#sandwich !== null) {
      const at = outermost(path, this.#sandwich);
      if (at === NONE) return false;
      if (sandwich?.side === 'callees') {
        path.dropFirst(at);
      } else {
        path.length = at + 1;
        path.reverse();
      }
      return true;
    }
    if (direction === 'bottom-up') path.reverse();
    return true;
  }

  #keepProcesses(path: PathSteps): void {
    let kept = 0;
    for (let at = 0; at < path.length; at++) {
      const role = path.role[at]!;
      const isKept =
        role === COMM ||
        role === WAKER_COMM ||
        role === KIND ||
        (role === MARKER && !this.#saysNoStack.has(path.label[at]!));
      if (isKept) path.move(at, kept++);
    }
    path.length = kept;
  }

  #hideAndMerge(path: PathSteps): void {
    const byModule = this.#shape.mergeBy === 'module';
    let kept = 0;
    for (let at = 0; at < path.length; at++) {
      const role = path.role[at]!;
      if (IS_FRAME[role] !== 1) {
        path.move(at, kept++);
        continue;
      }
      if (this.#hides(path.label[at]!, role)) continue;
      if (!byModule) {
        path.move(at, kept++);
        continue;
      }
      const label = this.#moduleLabel(path.module[at]!, role);
      if (this.#hides(label, role)) continue;
      if (kept > 0 && path.label[kept - 1] === label && path.role[kept - 1] === role) continue;
      path.move(at, kept);
      path.label[kept] = label;
      path.unnamed[kept] = 0;
      path.kind[kept] = 0;
      kept++;
    }
    path.length = kept;
  }

  #hides(label: number, role: number): boolean {
    if (this.#hide === null) return false;
    // A graph of a function that is hidden would be empty, without a word why.
    const isAskedFor = (wanted: Wanted | null): boolean => isWanted(wanted, label, role);
    if (isAskedFor(this.#only) || isAskedFor(this.#focus) || isAskedFor(this.#sandwich)) return false;
    let hides = this.#isHidden[label];
    if (hides === undefined) {
      hides = this.#hide.test(this.#labels.labels[label]!);
      this.#isHidden[label] = hides;
    }
    return hides;
  }

  #moduleLabel(module: number, role: number): number {
    const isKernel = role === KERNEL || role === WAKER_KERNEL;
    const key = module * 2 + (isKernel ? 1 : 0);
    let label = this.#moduleLabels.get(key);
    if (label === undefined) {
      const name = module === 0 ? (isKernel ? 'kernel' : 'unknown module') : this.#labels.labels[module]!;
      label = this.#labels.idOf(`[${name}]`);
      this.#moduleLabels.set(key, label);
    }
    return label;
  }

  /** Where one side of a separator was hidden, it separates nothing. */
  #dropLooseSeparators(path: PathSteps): void {
    let kept = 0;
    for (let at = 0; at < path.length; at++) {
      if (path.role[at] === SEPARATOR && path.label[at] === this.#dash) {
        const isBetween =
          kept > 0 &&
          IS_FRAME[path.role[kept - 1]!] === 1 &&
          at + 1 < path.length &&
          IS_FRAME[path.role[at + 1]!] === 1;
        if (!isBetween) continue;
      }
      path.move(at, kept++);
    }
    path.length = kept;
  }
}

function dropThreadNames(path: PathSteps): void {
  let kept = 0;
  for (let at = 0; at < path.length; at++) {
    if (path.role[at] !== COMM) path.move(at, kept++);
  }
  path.length = kept;
}

interface Wanted {
  label: number;
  role: number;
}

function toWanted(key: FunctionKey | null, labels: LabelTable): Wanted | null {
  return key === null ? null : { label: labels.idOf(key.label), role: ROLE_CODES.get(key.role)! };
}

function isWanted(wanted: Wanted | null, label: number, role: number): boolean {
  return wanted !== null && wanted.label === label && wanted.role === role;
}

function outermost(path: PathSteps, { label, role }: Wanted): number {
  for (let at = 0; at < path.length; at++) {
    if (path.label[at] === label && path.role[at] === role) return at;
  }
  return NONE;
}

/**
 * Leaves out the second of two equal runs of frames that follow each other, the shortest first, until none do.
 * Frames alone: two threads that wake each other in turn are a chain, not a recursion.
 */
function collapse(path: PathSteps): void {
  let kept = 0;
  /** First step of the run of frames that ends here. */
  let runStart = 0;
  for (let at = 0; at < path.length; at++) {
    path.move(at, kept++);
    if (IS_FRAME[path.role[kept - 1]!] !== 1) {
      runStart = kept;
      continue;
    }
    const longest = Math.min(MAX_CYCLE_FRAMES, (kept - runStart) >> 1);
    for (let cycle = 1; cycle <= longest; cycle++) {
      let same = 0;
      while (same < cycle && path.isSameFunction(kept - 1 - same, kept - 1 - same - cycle)) same++;
      if (same === cycle) {
        kept -= cycle;
        break;
      }
    }
  }
  path.length = kept;
}

function codeOf(role: Role): number {
  return ROLE_CODES.get(role)!;
}

const GROUP = codeOf('group');
const COMM = codeOf('comm');
const WAKER_COMM = codeOf('waker-comm');
const MARKER = codeOf('marker');
const KIND = codeOf('kind');
const SEPARATOR = codeOf('separator');
const KERNEL = codeOf('kernel');
const WAKER_KERNEL = codeOf('waker-kernel');

/** By role: 1 for what stands for code. */
const IS_FRAME = Uint8Array.from(ROLES, (role) =>
  role === 'user' || role === 'kernel' || role === 'waker-user' || role === 'waker-kernel' ? 1 : 0,
);
