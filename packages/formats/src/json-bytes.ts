/**
 * Owns reading JSON that is not trusted. The bytes are scanned before they are parsed: brackets within brackets, objects,
 * arrays, texts and values are counted, so that a text of a few MiB cannot become gigabytes of objects. Parsing itself
 * cannot be stopped, so that its time is bounded by the same numbers.
 *
 * `JsonPlace` walks what was parsed and gives errors the path: `profiles[0].samples[7]`.
 */

import { FormatError } from './format-error.js';
import type { FormatName } from './format-names.js';
import { findJsonFault } from './json-fault.js';
import type { ReadLimits } from './read-limits.js';

export interface JsonOutline {
  /** What the text is: an object, an array, or something else. */
  kind: 'object' | 'array' | 'other';
  /** Names of the outermost object, or of the first object of the outermost array; the first 64, as written. */
  keys: ReadonlySet<string>;
}

/** Only as many names of the outermost object as tell formats apart. */
const MAX_OUTLINE_KEYS = 64;
const MAX_OUTLINE_KEY_BYTES = 64;

type JsonLimit = 'maxNesting' | 'maxJsonContainers' | 'maxJsonValues' | 'maxJsonTexts' | 'maxJsonNames';

/**
 * Scans a JSON text without parsing it. What is broken is left to the parser, which knows the place.
 * @throws FormatError when it goes over a bound
 */
export function scanJson(
  bytes: Uint8Array,
  limits: Pick<ReadLimits, JsonLimit>,
  format: FormatName | 'unknown',
): JsonOutline {
  const keys = new Set<string>();
  let kind: JsonOutline['kind'] = 'other';
  /** Depth of the object whose names are collected; 0 before it is met, -1 after it. */
  let keyDepth = 0;
  let depth = 0;
  let containers = 0;
  let values = 0;
  let texts = 0;
  /** Names of each object that is open, by depth. */
  const names: number[] = [0];
  const tooMany = (at: number, most: number, what: string): never => {
    throw new FormatError(format, `byte ${at}`, `more than ${most} ${what}`, 'Record for a shorter time.');
  };
  const length = bytes.length;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      const from = at + 1;
      for (at++; at < length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
      const end = at;
      while (at + 1 < length && isSpace(bytes[at + 1]!)) at++;
      if (bytes[at + 1] === COLON) {
        if (++names[depth]! > limits.maxJsonNames) tooMany(from, limits.maxJsonNames, 'names in one object');
        if (depth === keyDepth && keys.size < MAX_OUTLINE_KEYS && end - from <= MAX_OUTLINE_KEY_BYTES) {
          keys.add(latin1(bytes.subarray(from, end)));
        }
      } else if (++texts > limits.maxJsonTexts) tooMany(from, limits.maxJsonTexts, 'texts');
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      if (depth === 0 && kind === 'other') kind = byte === OPEN_BRACE ? 'object' : 'array';
      depth++;
      names[depth] = 0;
      if (byte === OPEN_BRACE && keyDepth === 0 && depth <= 2) keyDepth = depth;
      if (depth > limits.maxNesting) {
        throw new FormatError(format, `byte ${at}`, `brackets nested more than ${limits.maxNesting} deep`);
      }
      if (++containers > limits.maxJsonContainers)
        tooMany(at, limits.maxJsonContainers, 'objects and arrays');
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      if (depth === keyDepth) keyDepth = -1;
      // More brackets are closed than were opened: it is no JSON, as the parser will say.
      if (depth > 0) depth--;
    } else if (byte === COMMA && ++values > limits.maxJsonValues) {
      tooMany(at, limits.maxJsonValues, 'values');
    }
  }
  return { kind, keys };
}

/** @throws FormatError with line and column of what is no JSON, or a bound that it goes over */
export function readJson(bytes: Uint8Array, format: FormatName, limits: Readonly<ReadLimits>): unknown {
  scanJson(bytes, limits, format);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FormatError(format, '', 'is not UTF-8 text');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const fault = findJsonFault(text) ?? { at: 0, what: error.message };
    throw new FormatError(
      format,
      lineAndColumn(text, fault.at),
      `is no JSON: ${fault.what}`,
      'It may have been cut off; write or fetch it again.',
    );
  }
}

function lineAndColumn(text: string, position: number): string {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < position; at = text.indexOf('\n', at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return `line ${line}, column ${position - lineStart + 1}`;
}

/** A value of a parsed text with its place, for readers that check as they go. */
export class JsonPlace {
  constructor(
    readonly value: unknown,
    readonly path: string,
    readonly format: FormatName,
  ) {}

  refuse(what: string, hint = ''): never {
    throw new FormatError(this.format, this.path, what, hint);
  }

  /** The named member; its value is undefined where there is none. */
  at(name: string): JsonPlace {
    const { value } = this;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      this.refuse(`is ${kindOf(value)}, expected an object`);
    }
    const path = this.path === '' ? name : `${this.path}.${name}`;
    // Own members only: a name such as __proto__ must not reach the prototype.
    const member = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
    return new JsonPlace(member, path, this.format);
  }

  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  /** The elements, unchecked: large columns are read without a place each. */
  array(): readonly unknown[] {
    return Array.isArray(this.value)
      ? this.value
      : this.refuse(`is ${kindOf(this.value)}, expected an array`);
  }

  element(index: number): JsonPlace {
    return new JsonPlace(this.array()[index], `${this.path}[${index}]`, this.format);
  }

  string(): string {
    return typeof this.value === 'string'
      ? this.value
      : this.refuse(`is ${kindOf(this.value)}, expected text`);
  }

  number(): number {
    return typeof this.value === 'number' && Number.isFinite(this.value)
      ? this.value
      : this.refuse(`is ${kindOf(this.value)}, expected a number`);
  }

  /** An index into something that has `count` entries. */
  index(count: number, what: string): number {
    const { value } = this;
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      this.refuse(`is ${kindOf(value)}, expected the number of a ${what}`);
    }
    if (value < 0 || value >= count) this.refuse(`names ${what} ${value}, there are ${count}`);
    return value;
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'text' : String(value);
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
