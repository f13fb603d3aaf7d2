/**
 * Owns the tables of a raw Gecko profile, which is what Firefox itself hands out before profiler.firefox.com has worked
 * on it: rows with a schema instead of columns, and one string for all that is known of a frame.
 *
 *     stackTable   { schema: { prefix: 0, frame: 1 }, data: [[null, 0], [0, 1]] }
 *     frameTable   location → "run (resource://gre/modules/loop.js:10:3)[4]", "0x7f2a10004a18", "js::RunScript"
 */
import { JsonPlace } from '../json-bytes.js';
import {
  Column,
  type FirefoxFrame,
  type FirefoxSamples,
  type FirefoxTables,
  toLine,
  toModule,
} from './firefox-tables.js';
import type { Category } from './processed-tables.js';

export class GeckoTables implements FirefoxTables {
  readonly stackCount: number;
  readonly frameCount: number;
  readonly #stacks: Schema;
  readonly #frames: Schema;
  readonly #strings: Column;
  readonly #libs: readonly GeckoLib[];
  readonly #categories: readonly Category[];

  constructor(thread: JsonPlace, libs: readonly GeckoLib[], categories: readonly Category[]) {
    this.#stacks = new Schema(thread.at('stackTable'));
    this.#frames = new Schema(thread.at('frameTable'));
    this.#strings = new Column(thread.at('stringTable'));
    this.#libs = libs;
    this.#categories = categories;
    this.stackCount = this.#stacks.count;
    this.frameCount = this.#frames.count;
  }

  prefixOf(stack: number): number {
    return this.#stacks.index(stack, 'prefix', stack, 'earlier stack');
  }

  frameOf(stack: number): number {
    const frame = this.#stacks.index(stack, 'frame', this.frameCount, 'frame');
    if (frame < 0) this.#stacks.cell(stack, 'frame').refuse('is missing, expected the number of a frame');
    return frame;
  }

  frame(frame: number): FirefoxFrame {
    const id = this.#frames.index(frame, 'location', this.#strings.length, 'string');
    const location = id < 0 ? '' : this.#strings.text(id);
    const category = this.#frames.index(frame, 'category', this.#categories.length, 'category');
    const named = category < 0 ? undefined : { name: this.#categories[category]!.name, part: '' };
    const line = toLine(this.#frames.number(frame, 'line'));
    return { ...this.#located(location, line), category: named };
  }

  #located(location: string, line: number): Omit<FirefoxFrame, 'category'> {
    if (/^0x[0-9a-f]{1,16}$/i.test(location)) {
      const module = findLib(this.#libs, Number(location));
      const name = module === '' ? location : `[${module}]`;
      return { name, module, file: '', line: 0, unnamed: module === '' ? 2 : 1 };
    }
    const { name, file, fileLine } = toScriptLocation(location);
    return { name, module: toModule(file), file, line: line || fileLine, unnamed: 0 };
  }
}

/** `run (http://site/a.js:10:3)[4]` apart; a label such as `Runnable` is all name. Linear in its length. */
export function toScriptLocation(location: string): { name: string; file: string; fileLine: number } {
  const plain = location.endsWith(']')
    ? location.slice(0, Math.max(0, location.lastIndexOf(')') + 1)) || location
    : location;
  const open = plain.lastIndexOf(' (');
  if (!plain.endsWith(')') || open < 0) return { name: location, file: '', fileLine: 0 };
  const place = plain.slice(open + 2, -1);
  const parts = place.split(':');
  const numbers: number[] = [];
  while (numbers.length < 2 && parts.length > 1 && /^\d{1,9}$/.test(parts.at(-1)!))
    numbers.unshift(Number(parts.pop()));
  if (numbers.length === 0) return { name: location, file: '', fileLine: 0 };
  return { name: plain.slice(0, open), file: parts.join(':'), fileLine: numbers[0]! };
}

export interface GeckoLib {
  name: string;
  start: number;
  end: number;
}

/** Sorted by address. @throws FormatError */
export function readGeckoLibs(profile: JsonPlace): GeckoLib[] {
  const libs = profile.at('libs');
  if (libs.isAbsent) return [];
  const list = libs.array().map((_, at) => {
    const lib = libs.element(at);
    return {
      name: toModule(lib.at('name').string()),
      start: lib.at('start').number(),
      end: lib.at('end').number(),
    };
  });
  return list.sort((a, b) => a.start - b.start);
}

function findLib(libs: readonly GeckoLib[], address: number): string {
  let low = 0;
  let high = libs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (libs[middle]!.start <= address) low = middle + 1;
    else high = middle;
  }
  const lib = libs[low - 1];
  return lib !== undefined && address < lib.end ? lib.name : '';
}

export class GeckoSamples implements FirefoxSamples {
  readonly weightType = 'samples';
  readonly count: number;
  readonly #rows: Schema;
  readonly #startMs: number;

  /** @param startMs of this process in the time of the whole profile */
  constructor(table: JsonPlace, startMs: number) {
    this.#rows = new Schema(table);
    this.count = this.#rows.count;
    this.#startMs = startMs;
  }

  stackOf(sample: number, stackCount: number): number {
    return this.#rows.index(sample, 'stack', stackCount, 'stack');
  }

  timeOf(sample: number): number {
    return this.#rows.number(sample, 'time') + this.#startMs;
  }

  weightOf(): number {
    return 1;
  }
}

/** Rows whose cells are told apart by a schema; rows may be shorter than it. */
class Schema {
  readonly #table: JsonPlace;
  readonly #rows: readonly unknown[];
  readonly #position = new Map<string, number>();

  constructor(table: JsonPlace) {
    this.#table = table;
    this.#rows = table.at('data').array();
  }

  get count(): number {
    return this.#rows.length;
  }

  cell(row: number, name: string): JsonPlace {
    let position = this.#position.get(name);
    if (position === undefined) {
      const place = this.#table.at('schema').at(name);
      // A schema without the name has no such cells.
      position = place.isAbsent ? -1 : place.index(MAX_CELLS, 'cell');
      this.#position.set(name, position);
    }
    const cells = this.#rows[row];
    const path = `${this.#table.path}.data[${row}]`;
    if (!Array.isArray(cells)) return new JsonPlace(cells, path, 'firefox').refuse('is no row of cells');
    return new JsonPlace(position < 0 ? undefined : cells[position], `${path}[${position}]`, 'firefox');
  }

  /** -1 where it is null or missing. */
  index(row: number, name: string, count: number, what: string): number {
    const cell = this.cell(row, name);
    return cell.isAbsent ? -1 : cell.index(count, what);
  }

  /** 0 where it is null or missing. */
  number(row: number, name: string): number {
    const cell = this.cell(row, name);
    return cell.isAbsent ? 0 : cell.number();
  }
}

/** Cells of one row; Gecko's longest has ten. */
const MAX_CELLS = 64;
