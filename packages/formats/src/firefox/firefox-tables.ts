/**
 * Owns what a reader asks of the tables of a Firefox profile, whichever of its two shapes they have, and the columns that
 * both read.
 */
import type { UnnamedCode } from '@stallscope/profile';
import { JsonPlace } from '../json-bytes.js';

export interface FirefoxFrame {
  name: string;
  module: string;
  file: string;
  line: number;
  unnamed: UnnamedCode;
  /** Category and its part by name; undefined where the frame has that of its caller. */
  category: { name: string; part: string } | undefined;
}

/** Ids are positions in the file's own tables. */
export interface FirefoxTables {
  readonly stackCount: number;
  readonly frameCount: number;
  /** Stack id of the caller, smaller than `stack`, or NONE. @throws FormatError */
  prefixOf(stack: number): number;
  /** @throws FormatError */
  frameOf(stack: number): number;
  /** @throws FormatError */
  frame(frame: number): FirefoxFrame;
}

export interface FirefoxSamples {
  readonly count: number;
  /** Stack id, or NONE. @throws FormatError */
  stackOf(sample: number, stackCount: number): number;
  /** ms since the beginning of the profile; undefined where the format does not say. @throws FormatError */
  timeOf(sample: number): number | undefined;
  weightOf(sample: number): number;
  weightType: 'samples' | 'tracing-ms' | 'bytes';
}

export interface FirefoxThread {
  path: string;
  name: string;
  processName: string;
  pid: string;
  tid: string;
  tables: FirefoxTables;
  samples: FirefoxSamples;
}

/** One column of a table in JSON; what is in it is checked as it is read. */
export class Column {
  readonly #values: readonly unknown[];
  readonly #place: JsonPlace;

  constructor(place: JsonPlace) {
    this.#place = place;
    this.#values = place.array();
  }

  get length(): number {
    return this.#values.length;
  }

  /** NONE (-1) where it is null, missing or -1. @throws FormatError for what names no entry of `count` */
  index(row: number, count: number, what: string): number {
    const value = this.#values[row];
    if (value === null || value === undefined || value === -1) return -1;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < count) return value;
    return new JsonPlace(value, this.place(row), this.#place.format).index(count, what);
  }

  /** 0 where it is null. @throws FormatError for what is no number */
  number(row: number): number {
    const value = this.#values[row];
    if (value === null || value === undefined) return 0;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    return new JsonPlace(value, this.place(row), this.#place.format).number();
  }

  /** @throws FormatError for what is no text */
  text(row: number): string {
    const value = this.#values[row];
    return typeof value === 'string'
      ? value
      : new JsonPlace(value, this.place(row), this.#place.format).string();
  }

  place(row: number): string {
    return `${this.#place.path}[${row}]`;
  }
}

/** Undefined where the table has no such column. */
export function findColumn(table: JsonPlace, name: string): Column | undefined {
  const place = table.at(name);
  return place.isAbsent ? undefined : new Column(place);
}

/** The last part of a path or of an address of the web. */
export function toModule(path: string): string {
  const end = path.search(/[?#]/);
  const plain = end < 0 ? path : path.slice(0, end);
  return plain.slice(plain.lastIndexOf('/') + 1);
}

/** Line numbers that are none are unknown. */
export function toLine(line: number): number {
  return Number.isSafeInteger(line) && line > 0 ? line : 0;
}
