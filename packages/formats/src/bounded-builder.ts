/**
 * Owns building a `SampleProfile` from what is not trusted: each frame, stack and sample is counted against the budget,
 * each value is checked. Readers make profiles through this and nothing else.
 *
 * Invariant: a stack that it hands out is no deeper than the bound, and has no cycle, as its prefix was there before.
 */
import {
  NONE,
  type SampleFrame,
  type SampleLabels,
  type SampleProfile,
  SampleProfileBuilder,
  type ValueType,
} from '@stallscope/profile';
import type { ReadBudget } from './read-limits.js';

export class BoundedProfileBuilder {
  readonly #builder: SampleProfileBuilder;
  readonly #budget: ReadBudget;
  /** Frames of each stack. */
  readonly #depth: number[] = [];

  /** @param place where the profile begins, for errors */
  constructor(title: string, valueTypes: readonly ValueType[], budget: ReadBudget, place: string) {
    budget.profile(place);
    if (valueTypes.length === 0) budget.refuse(place, 'has no kind of value');
    if (valueTypes.length > budget.limits.maxValueTypes) {
      budget.refuse(place, `${valueTypes.length} kinds of value, at most ${budget.limits.maxValueTypes}`);
    }
    for (const { type } of valueTypes) budget.text(type, place);
    this.#builder = new SampleProfileBuilder(budget.text(title, place), valueTypes);
    this.#budget = budget;
  }

  /** To be read when all is in it; title, start, length and default value may be set. */
  get profile(): SampleProfile {
    return this.#builder.profile;
  }

  /** Id of the frame; the same one for an equal frame. Readers should remember it by their own ids: this hashes. */
  frame(frame: SampleFrame, place: string): number {
    const { frames } = this.#builder.profile;
    const before = frames.length;
    const id = this.#builder.frame(frame);
    if (frames.length > before) {
      this.#budget.frame(place);
      this.#budget.text(frame.name, place);
      this.#budget.text(frame.module, place);
      this.#budget.text(frame.file, place);
      if (!Number.isSafeInteger(frame.line) || frame.line < 0) {
        this.#budget.refuse(place, `line ${frame.line} of a file is no line number`);
      }
    }
    return id;
  }

  /** The stack that is `prefix` (NONE for an empty one) with `frame` on top; both from this builder. */
  stack(prefix: number, frame: number, place: string): number {
    const stack = this.#builder.stack(prefix, frame);
    if (stack === this.#depth.length) {
      this.#budget.stack(place);
      const depth = (prefix === NONE ? 0 : this.#depth[prefix]!) + 1;
      this.#budget.depth(depth, place);
      this.#depth.push(depth);
    }
    this.#budget.tick(place);
    return stack;
  }

  /** Id of the label set; the same one for an equal set. */
  labels(labels: SampleLabels, place: string): number {
    const { labelSets } = this.#builder.profile;
    const before = labelSets.length;
    const id = this.#builder.labels(labels);
    if (labelSets.length > before) {
      this.#budget.labelSet(place);
      for (const [key, value] of Object.entries(labels)) {
        this.#budget.text(key, place);
        if (typeof value === 'string') this.#budget.text(value, place);
        else if (!Number.isFinite(value)) this.#budget.refuse(place, `label ${key} is ${value}`);
      }
    }
    return id;
  }

  /** One value a kind of value: finite, not negative. `atNs` for all samples or for none. */
  sample(stack: number, values: readonly number[], labels: number, place: string, atNs?: number): void {
    this.#budget.sample(place);
    this.#budget.tick(place);
    for (const value of values) {
      if (!Number.isFinite(value)) this.#budget.refuse(place, `the value ${value} is no number`);
      if (value < 0) {
        this.#budget.refuse(
          place,
          `the value ${value} is below zero, as in a difference of two profiles`,
          'Open the two profiles that it was made from, and compare them: stallscope diff A B',
        );
      }
      if (value > MAX_VALUE) this.#budget.refuse(place, `the value ${value} is above 2^53`);
    }
    if (atNs !== undefined && !Number.isFinite(atNs)) this.#budget.refuse(place, 'its time is no number');
    this.#builder.sample(stack, values, labels, atNs);
  }
}

/** Above it an integer is no longer exact: 104 days in nanoseconds. */
const MAX_VALUE = Number.MAX_SAFE_INTEGER;
