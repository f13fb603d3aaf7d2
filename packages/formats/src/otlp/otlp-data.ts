/**
 * Owns what is read of OTLP profiles before it is looked at, the same from both encodings, in columns: lists of lists are
 * one column of values and one of beginnings.
 *
 *     stacks [[3, 1], [], [2]]   →   stackLocation 3 1 2   stackFrom 0 2 2 3
 *
 * Invariant: entries are counted as they come, so that a file of empty messages (two bytes each) cannot grow beyond
 * MAX_ENTRIES. Indices are not checked here.
 */
import type { ReadBudget } from '../read-limits.js';

/** Entries of all tables and lists together: 16 million take some 200 MB, and more than any profile that is drawn. */
const MAX_ENTRIES = 1 << 24;

export type AttributeValue = string | number | undefined;

export interface KeyValue {
  key: string;
  value: AttributeValue;
}

/** A list of lists of numbers. */
export class Lists {
  readonly #values: number[] = [];
  readonly #from: number[] = [0];

  get count(): number {
    return this.#from.length - 1;
  }

  get valueCount(): number {
    return this.#values.length;
  }

  add(value: number): void {
    this.#values.push(value);
  }

  /** Ends the present list; the next one begins. */
  end(): void {
    this.#from.push(this.#values.length);
  }

  length(list: number): number {
    return this.#from[list + 1]! - this.#from[list]!;
  }

  at(list: number, index: number): number {
    return this.#values[this.#from[list]! + index]!;
  }

  of(list: number): number[] {
    return this.#values.slice(this.#from[list], this.#from[list + 1]);
  }

  isEqual(list: number, other: Lists, otherList: number): boolean {
    const length = this.length(list);
    if (length !== other.length(otherList)) return false;
    for (let at = 0; at < length; at++) if (this.at(list, at) !== other.at(otherList, at)) return false;
    return true;
  }
}

export class OtlpDictionary {
  readonly strings: string[] = [];
  readonly mappingFile: number[] = [];
  readonly functionName: number[] = [];
  readonly functionSystemName: number[] = [];
  readonly functionFile: number[] = [];
  readonly locationMapping: number[] = [];
  readonly locationAddress: number[] = [];
  readonly locationAttributes = new Lists();
  /** Function and line alternately, innermost first. */
  readonly locationLines = new Lists();
  readonly stackLocations = new Lists();
  readonly attributeKey: number[] = [];
  readonly attributeValue: AttributeValue[] = [];
  /** By position in `attributeKey`: the value is the string of this number. NONE for those that hold their value. */
  readonly attributeString: number[] = [];
}

export interface OtlpProfile {
  place: string;
  resource: readonly KeyValue[];
  typeString: number;
  unitString: number;
  timeUnixNano: bigint;
  durationNano: number;
  attributes: number[];
  sampleStack: number[];
  sampleAttributes: Lists;
  sampleValues: Lists;
  /** ns since `timeBase` of the data: what is exact as a number. */
  sampleTimes: Lists;
  /** Where each sample stands, for errors. */
  samplePlace: (sample: number) => string;
}

export class OtlpData {
  readonly dictionary = new OtlpDictionary();
  readonly profiles: OtlpProfile[] = [];
  readonly #budget: ReadBudget;
  #entries = 0;
  #timeBase: bigint | undefined;

  constructor(budget: ReadBudget) {
    this.#budget = budget;
  }

  /** Unix time that all timestamps are since, ns; 0 without any. */
  get timeBase(): bigint {
    return this.#timeBase ?? 0n;
  }

  /** To be called for each entry of a table or list. @throws FormatError */
  entry(place: string | (() => string)): void {
    this.#budget.tick(place);
    if (++this.#entries <= MAX_ENTRIES) return;
    const where = typeof place === 'string' ? place : place();
    this.#budget.refuse(
      where,
      `more than ${MAX_ENTRIES} entries of tables and lists`,
      'Record for a shorter time.',
    );
  }

  sinceBase(unixNano: bigint): number {
    this.#timeBase ??= unixNano;
    return Number(unixNano - this.#timeBase);
  }
}

export function toEmptyProfile(place: string, resource: readonly KeyValue[]): OtlpProfile {
  return {
    place,
    resource,
    typeString: 0,
    unitString: 0,
    timeUnixNano: 0n,
    durationNano: 0,
    attributes: [],
    sampleStack: [],
    sampleAttributes: new Lists(),
    sampleValues: new Lists(),
    sampleTimes: new Lists(),
    samplePlace: (sample) => `${place} sample ${sample}`,
  };
}
