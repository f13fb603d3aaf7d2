/**
 * Owns the tables of a processed profile, which is what profiler.firefox.com saves, in all its versions: columns of
 * functions, frames and stacks lay in each thread at first, then (56 to 60) moved one by one to `shared`.
 *
 *     before    now
 *     prefix    prefixOffset (66): how far before the stack its caller is; 0 for none
 *     fileName  source (58): a row of `sources`
 *     resourceTable.lib    frameTable.lib (70)
 */
import { JsonPlace } from '../json-bytes.js';
import {
  Column,
  type FirefoxFrame,
  type FirefoxSamples,
  type FirefoxTables,
  findColumn,
  toLine,
  toModule,
} from './firefox-tables.js';

export class ProcessedTables implements FirefoxTables {
  readonly stackCount: number;
  readonly frameCount: number;
  readonly #stackFrame: Column;
  readonly #prefix: Column | undefined;
  readonly #prefixOffset: Column | undefined;
  readonly #frameFunc: Column;
  readonly #frameLine: Column | undefined;
  readonly #frameCategory: Column | undefined;
  readonly #frameSubcategory: Column | undefined;
  readonly #frameLib: Column | undefined;
  readonly #funcName: Column;
  readonly #funcResource: Column | undefined;
  readonly #funcLine: Column | undefined;
  readonly #funcFile: Column | undefined;
  readonly #funcSource: Column | undefined;
  readonly #sourceFile: Column | undefined;
  readonly #resourceLib: Column | undefined;
  readonly #resourceName: Column | undefined;
  readonly #strings: Column;
  readonly #libs: readonly string[];
  readonly #categories: readonly Category[];

  /** @param holders where a table may be: the thread, then what all threads share */
  constructor(holders: readonly JsonPlace[], libs: readonly string[], categories: readonly Category[]) {
    const table = (...names: string[]): JsonPlace => {
      for (const name of names) {
        const found = holders.map((holder) => holder.at(name)).find((place) => !place.isAbsent);
        if (found !== undefined) return found;
      }
      return holders[0]!.at(names[0]!);
    };
    const stacks = table('stackTable');
    const frames = table('frameTable');
    const funcs = table('funcTable');
    this.#strings = new Column(table('stringArray', 'stringTable'));
    this.#stackFrame = new Column(stacks.at('frame'));
    this.#prefixOffset = findColumn(stacks, 'prefixOffset');
    this.#prefix = this.#prefixOffset === undefined ? new Column(stacks.at('prefix')) : undefined;
    this.#frameFunc = new Column(frames.at('func'));
    this.#frameLine = findColumn(frames, 'line');
    this.#frameCategory = findColumn(frames, 'category');
    this.#frameSubcategory = findColumn(frames, 'subcategory');
    this.#frameLib = findColumn(frames, 'lib');
    this.#funcName = new Column(funcs.at('name'));
    this.#funcResource = findColumn(funcs, 'resource');
    this.#funcLine = findColumn(funcs, 'lineNumber');
    this.#funcFile = findColumn(funcs, 'fileName');
    this.#funcSource = findColumn(funcs, 'source');
    const sources = table('sources');
    this.#sourceFile = sources.isAbsent ? undefined : new Column(sources.at('filename'));
    const resources = table('resourceTable');
    this.#resourceLib = resources.isAbsent ? undefined : findColumn(resources, 'lib');
    this.#resourceName = resources.isAbsent ? undefined : findColumn(resources, 'name');
    this.#libs = libs;
    this.#categories = categories;
    this.stackCount = this.#stackFrame.length;
    this.frameCount = this.#frameFunc.length;
  }

  prefixOf(stack: number): number {
    if (this.#prefix !== undefined) return this.#prefix.index(stack, stack, 'earlier stack');
    const offset = this.#prefixOffset!.index(stack, stack + 1, 'earlier stack, counted backwards');
    return offset <= 0 ? -1 : stack - offset;
  }

  frameOf(stack: number): number {
    const frame = this.#stackFrame.index(stack, this.frameCount, 'frame');
    return frame >= 0 ? frame : this.#lacks(this.#stackFrame.place(stack), 'frame');
  }

  frame(frame: number): FirefoxFrame {
    const func = this.#frameFunc.index(frame, this.#funcName.length, 'function');
    if (func < 0) this.#lacks(this.#frameFunc.place(frame), 'function');
    const name = this.#text(this.#funcName, func);
    const resource = this.#funcResource?.index(func, this.#resourceName?.length ?? 0, 'resource') ?? -1;
    const source = this.#funcSource?.index(func, this.#sourceFile?.length ?? 0, 'source') ?? -1;
    const file =
      source >= 0
        ? this.#text(this.#sourceFile!, source)
        : this.#funcFile === undefined
          ? ''
          : this.#text(this.#funcFile, func);
    const line = toLine(this.#frameLine?.number(frame) ?? 0) || toLine(this.#funcLine?.number(func) ?? 0);
    return {
      name,
      module: this.#module(frame, resource),
      file,
      line,
      unnamed: 0,
      category: this.#category(frame),
    };
  }

  #module(frame: number, resource: number): string {
    const ofFrame = this.#frameLib?.index(frame, this.#libs.length, 'library') ?? -1;
    if (ofFrame >= 0) return this.#libs[ofFrame]!;
    if (resource < 0) return '';
    const ofResource = this.#resourceLib?.index(resource, this.#libs.length, 'library') ?? -1;
    return ofResource >= 0 ? this.#libs[ofResource]! : toModule(this.#text(this.#resourceName!, resource));
  }

  #category(frame: number): FirefoxFrame['category'] {
    const id = this.#frameCategory?.index(frame, this.#categories.length, 'category') ?? -1;
    if (id < 0) return undefined;
    const { name, parts } = this.#categories[id]!;
    const part = this.#frameSubcategory?.index(frame, parts.length, 'subcategory') ?? -1;
    return { name, part: parts[part] ?? '' };
  }

  /** '' where the column names no string. */
  #text(column: Column, row: number): string {
    const id = column.index(row, this.#strings.length, 'string');
    return id < 0 ? '' : this.#strings.text(id);
  }

  #lacks(place: string, what: string): never {
    return new JsonPlace(undefined, place, 'firefox').refuse(`is missing, expected the number of a ${what}`);
  }
}

export interface Category {
  name: string;
  parts: readonly string[];
}

/** @throws FormatError */
export function readCategories(meta: JsonPlace): Category[] {
  const list = meta.at('categories');
  if (list.isAbsent) return [];
  return list.array().map((_, at) => {
    const category = list.element(at);
    const parts = category.at('subcategories');
    return {
      name: category.at('name').string(),
      parts: parts.isAbsent ? [] : parts.array().map((_, part) => parts.element(part).string()),
    };
  });
}

/** Names of the libraries: of the profile (41), before that of each thread. @throws FormatError */
export function readLibs(holder: JsonPlace): string[] {
  const libs = holder.at('libs');
  if (libs.isAbsent) return [];
  return libs.array().map((_, at) => toModule(libs.element(at).at('name').string()));
}

export class ProcessedSamples implements FirefoxSamples {
  readonly count: number;
  readonly weightType: FirefoxSamples['weightType'];
  readonly #stack: Column;
  readonly #time: Column | undefined;
  readonly #timeDeltas: Column | undefined;
  readonly #weight: Column | undefined;
  #timeMs = 0;
  #timeAt = -1;

  constructor(table: JsonPlace) {
    this.#stack = new Column(table.at('stack'));
    this.#time = findColumn(table, 'time');
    this.#timeDeltas = findColumn(table, 'timeDeltas');
    this.#weight = findColumn(table, 'weight');
    this.count = this.#stack.length;
    const type = table.at('weightType');
    const isKnown = type.value === 'tracing-ms' || type.value === 'bytes' || type.value === 'samples';
    if (!type.isAbsent && !isKnown)
      type.refuse(`is ${JSON.stringify(type.value).slice(0, 40)}, expected samples, tracing-ms or bytes`);
    this.weightType = isKnown ? (type.value as FirefoxSamples['weightType']) : 'samples';
  }

  stackOf(sample: number, stackCount: number): number {
    return this.#stack.index(sample, stackCount, 'stack');
  }

  /** To be asked in order: differences are summed. */
  timeOf(sample: number): number | undefined {
    if (this.#time !== undefined) return this.#time.number(sample);
    if (this.#timeDeltas === undefined) return undefined;
    for (; this.#timeAt < sample; this.#timeAt++) this.#timeMs += this.#timeDeltas.number(this.#timeAt + 1);
    return this.#timeMs;
  }

  weightOf(sample: number): number {
    return this.#weight === undefined ? 1 : this.#weight.number(sample);
  }
}
