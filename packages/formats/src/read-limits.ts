/**
 * Owns the bounds of reading: what a file may make this program do, whoever wrote it. Every reader counts against one
 * `ReadBudget`, so that a file of many small profiles is bounded as one large profile is.
 *
 * Invariant: memory and time follow these numbers, not what the file says of itself.
 */

import { FormatError } from './format-error.js';
import type { FormatName } from './format-names.js';

export interface ReadLimits {
  /** Bytes of the file as it is given. */
  maxInputBytes: number;
  /** Bytes after inflating. */
  maxInflatedBytes: number;
  /** Profiles in one file (threads, processes, value groups). */
  maxProfiles: number;
  /** Distinct frames of all profiles. */
  maxFrames: number;
  /** Nodes of the stack trees of all profiles. */
  maxStacks: number;
  /** Frames of one stack. */
  maxDepth: number;
  /** Samples of all profiles. */
  maxSamples: number;
  /** Kinds of value of one profile: each is a column of all samples. */
  maxValueTypes: number;
  /** Distinct sets of labels. */
  maxLabelSets: number;
  /** UTF-16 units of one name; longer ones are refused. */
  maxStringChars: number;
  /** UTF-16 units of all names that are kept. */
  maxTextChars: number;
  /** Brackets within brackets in JSON. */
  maxNesting: number;
  /** Objects and arrays of one JSON text: each takes tens of bytes once parsed. */
  maxJsonContainers: number;
  /** Values of one JSON text. */
  maxJsonValues: number;
  /** Texts of one JSON text that are values. */
  maxJsonTexts: number;
  /** Names of one object: the parser keeps many in a hash table, at a hundred bytes each. */
  maxJsonNames: number;
  /** Time that reading may take, ms. */
  deadlineMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_READ_LIMITS: Readonly<ReadLimits> = {
  // The largest profiles that people keep are traces of some tens of MiB; a string of V8 ends at 512 MiB.
  maxInputBytes: 256 * MIB,
  maxInflatedBytes: 256 * MIB,
  // A trace of a browser has some hundred threads.
  maxProfiles: 4096,
  maxFrames: 1 << 20,
  // A million nodes are drawn as a still; four times that may be read and filtered.
  maxStacks: 1 << 22,
  // Runaway recursion overflows at some 10,000 frames (8 MiB stack); perf and pprof cut far earlier.
  maxDepth: 20_000,
  maxSamples: 1 << 23,
  maxValueTypes: 32,
  maxLabelSets: 1 << 20,
  // Demangled C++ names reach some 10,000.
  maxStringChars: 64 * 1024,
  maxTextChars: 128 * MIB,
  // None of the formats needs more than some ten; old cpuprofile files nest a pair of brackets a frame.
  maxNesting: 2048,
  // Traces of 250 MB have some 2 million events, each with some texts and an object of arguments.
  maxJsonContainers: 5_000_000,
  maxJsonTexts: 10_000_000,
  maxJsonValues: 25_000_000,
  maxJsonNames: 1 << 18,
  deadlineMs: 60_000,
};

/** Checks of the clock are this many counts apart: reading a clock costs more than counting. */
const CLOCK_EVERY = 4096;

export class ReadBudget {
  readonly limits: Readonly<ReadLimits>;
  readonly format: FormatName;
  readonly #nowMs: () => number;
  readonly #endMs: number;
  #profiles = 0;
  #frames = 0;
  #stacks = 0;
  #samples = 0;
  #labelSets = 0;
  #textChars = 0;
  #ticks = 0;

  /** @param nowMs a clock of any beginning, ms */
  constructor(format: FormatName, limits: Readonly<ReadLimits>, nowMs: () => number, startMs = nowMs()) {
    this.format = format;
    this.limits = limits;
    this.#nowMs = nowMs;
    this.#endMs = startMs + limits.deadlineMs;
  }

  /** Refuses the input: throws a FormatError of this format. */
  refuse(place: string, what: string, hint = ''): never {
    throw new FormatError(this.format, place, what, hint);
  }

  /** To be called in every loop whose length the file decides. */
  tick(place: string | (() => string) = ''): void {
    if (++this.#ticks % CLOCK_EVERY !== 0 || this.#nowMs() <= this.#endMs) return;
    this.refuse(
      typeof place === 'string' ? place : place(),
      `reading takes longer than ${this.limits.deadlineMs / 1000} s`,
      'Record for a shorter time, or convert a part of it.',
    );
  }

  profile(place: string): void {
    if (++this.#profiles > this.limits.maxProfiles) this.#tooMany(place, 'profiles', this.limits.maxProfiles);
  }

  frame(place: string): void {
    if (++this.#frames > this.limits.maxFrames)
      this.#tooMany(place, 'distinct frames', this.limits.maxFrames);
  }

  stack(place: string): void {
    if (++this.#stacks > this.limits.maxStacks)
      this.#tooMany(place, 'distinct stacks', this.limits.maxStacks);
  }

  sample(place: string): void {
    if (++this.#samples > this.limits.maxSamples) this.#tooMany(place, 'samples', this.limits.maxSamples);
  }

  labelSet(place: string): void {
    if (++this.#labelSets > this.limits.maxLabelSets) {
      this.#tooMany(place, 'distinct sets of labels', this.limits.maxLabelSets);
    }
  }

  /** Counts a name that is kept, and gives it back. */
  text(text: string, place: string): string {
    if (text.length > this.limits.maxStringChars) {
      this.refuse(place, `a name of ${text.length} characters, at most ${this.limits.maxStringChars}`);
    }
    this.#textChars += text.length;
    if (this.#textChars > this.limits.maxTextChars) {
      this.refuse(place, `names of more than ${this.limits.maxTextChars} characters together`);
    }
    return text;
  }

  depth(frames: number, place: string): void {
    if (frames > this.limits.maxDepth) {
      this.refuse(place, `a stack of more than ${this.limits.maxDepth} frames`);
    }
  }

  #tooMany(place: string, what: string, most: number): never {
    this.refuse(place, `more than ${most} ${what}`, 'Record for a shorter time, or convert a part of it.');
  }
}
