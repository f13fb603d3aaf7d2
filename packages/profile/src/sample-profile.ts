/**
 * Owns the shape of a profile that came from elsewhere: stacks with values, in columns. What other tools write is read
 * into this, and what we measured is turned into it before it is written for them.
 *
 *     frames   0 main   1 read   2 write          stacks   0 main   1 main;read   2 main;write
 *     samples  stack [1, 2, 1]   values [[10, 5, 3]]   labels [0, 0, 1]
 *
 * Invariant: every id is valid; all columns of one table are of one length; a stack's prefix has a smaller number.
 */
import { type FrameKindCode, NONE, type UnnamedCode } from './kinds.js';
import type { Role } from './query.js';
import { ROLES } from './query.js';
import { TupleIndex } from './tuple-index.js';

export const VALUE_UNITS = ['nanoseconds', 'count', 'bytes'] as const;
export type ValueUnit = (typeof VALUE_UNITS)[number];

export interface ValueType {
  /** As pprof has it: `off_cpu`, `cpu`, `samples`, `alloc_space`. */
  type: string;
  unit: ValueUnit;
}

/** One frame; `module`, `file` are '' and `line` 0 where unknown. */
export interface SampleFrame {
  name: string;
  module: string;
  file: string;
  line: number;
  role: Role;
  unnamed: UnnamedCode;
  /** How its code came to be, where that is known; absent for native code. */
  kind?: FrameKindCode;
}

/** What is known of a sample beside its stack. Keys in use: `comm`, `tgid`, `tid`, `kind`, `state`, `waker`, `process`. */
export type SampleLabels = Readonly<Record<string, string | number>>;

export interface SampleProfile {
  title: string;
  /** At least one. */
  valueTypes: ValueType[];
  /** Index into `valueTypes`: what is shown first. */
  defaultValue: number;
  frames: SampleFrame[];
  /** Stack id of the caller, or NONE at the root; and its leaf. Root first, as `ProfileTables` has them. */
  stackPrefix: number[];
  stackFrame: number[];
  /** Stack id of each sample; NONE for none. */
  sampleStack: number[];
  /** One column a value type. */
  sampleValues: number[][];
  /** Index into `labelSets`. */
  sampleLabels: number[];
  /** When each was taken, ns since `startMs`; null where the format does not say. */
  sampleAtNs: number[] | null;
  labelSets: SampleLabels[];
  /** Wall clock of its beginning, ms since the epoch, and its length; null where it is not known. */
  startMs: number | null;
  durationNs: number | null;
}

/** Interns frames, stacks and label sets; the profile may be read at any time. */
export class SampleProfileBuilder {
  readonly profile: SampleProfile;
  readonly #frames = new Map<string, number>();
  /** By prefix and frame; a hash table of numbers, as a hostile file has millions of distinct stacks. */
  readonly #stacks = new TupleIndex(2);
  readonly #labels = new Map<string, number>();

  constructor(title: string, valueTypes: readonly ValueType[]) {
    this.profile = {
      title,
      valueTypes: [...valueTypes],
      defaultValue: 0,
      frames: [],
      stackPrefix: [],
      stackFrame: [],
      sampleStack: [],
      sampleValues: valueTypes.map(() => []),
      sampleLabels: [],
      sampleAtNs: null,
      labelSets: [],
      startMs: null,
      durationNs: null,
    };
  }

  frame(frame: SampleFrame): number {
    const { name, module, file, line, role, unnamed, kind = 0 } = frame;
    const key = JSON.stringify([name, module, file, line, ROLES.indexOf(role), unnamed, kind]);
    const known = this.#frames.get(key);
    if (known !== undefined) return known;
    const id =
      this.profile.frames.push({ name, module, file, line, role, unnamed, ...(kind > 0 && { kind }) }) - 1;
    this.#frames.set(key, id);
    return id;
  }

  /** The stack that is `prefix` (NONE for an empty one) with `frame` on top. */
  stack(prefix: number, frame: number): number {
    const known = this.#stacks.size;
    this.#stacks.probe[0] = prefix;
    this.#stacks.probe[1] = frame;
    const id = this.#stacks.add();
    if (id === known) {
      this.profile.stackPrefix.push(prefix);
      this.profile.stackFrame.push(frame);
    }
    return id;
  }

  /** Frame ids, root first. */
  stackOf(framesRootFirst: readonly number[]): number {
    let stack = NONE;
    for (const frame of framesRootFirst) stack = this.stack(stack, frame);
    return stack;
  }

  labels(labels: SampleLabels): number {
    const key = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
    const known = this.#labels.get(key);
    if (known !== undefined) return known;
    const id = this.profile.labelSets.push(labels) - 1;
    this.#labels.set(key, id);
    return id;
  }

  /** One value a value type. `atNs` for all samples or for none. */
  sample(stack: number, values: readonly number[], labels: number, atNs?: number): void {
    const { profile } = this;
    profile.sampleStack.push(stack);
    for (const [type, column] of profile.sampleValues.entries()) column.push(values[type]!);
    profile.sampleLabels.push(labels);
    if (atNs !== undefined) {
      profile.sampleAtNs ??= [];
      profile.sampleAtNs.push(atNs);
    }
  }
}
