/**
 * Owns the kernel's symbol table as /proc/kallsyms prints it: address → name, modules and BPF programs included.
 *
 * A line is `address type name [module]`; there are no sizes, so a symbol ends where the next one of any type begins:
 *
 *     ffffffff81000300 T irq_entries_start          → [..300, ..960)
 *     ffffffff81000960 T spurious_entries_start
 *     ffffffffc0201000 t virtnet_poll [virtio_net]  → module virtio_net
 *
 * The file is read in pieces and only what can name code is kept of it, as bytes: 120,000 strings, or the whole text, would
 * cost more than the lookups do. Kept are `name\n` or `name\t[module]\n`, one behind the other.
 * Addresses are kept as numbers relative to one that is 2^53 below the top; bigint only at the edge.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { SymbolError } from './symbol-error.js';

export interface KernelSymbol {
  name: string;
  /** '' for the kernel itself, `bpf` for BPF programs. */
  module: string;
  start: bigint;
  /** One past its last byte, as far as the table tells. */
  end: bigint;
}

export const KALLSYMS_PATH = '/proc/kallsyms';

/** Larger than any function or BPF program: what lies further behind a symbol is a gap between modules, not its code. */
const MAX_SYMBOL_BYTES = 1 << 20;
/** A kernel with many modules prints 20 MB; what is ten times that is no kallsyms. */
const MAX_TABLE_BYTES = 256 * 1024 * 1024;
/**
 * Offsets from here are exact numbers. Code of every kernel lies above it, on arm64 with 52-bit addresses too; what lies
 * below are per-CPU offsets and constants.
 */
const BASE = (1n << 64n) - (1n << 53n);
/** High word of BASE. */
const BASE_HIGH = 0xffe0_0000;
/** Bytes read at once. */
const CHUNK_BYTES = 256 * 1024;
/** Lines of a usual kernel. */
const FIRST_LINES = 131_072;
/** Bytes of names that a usual kernel has. */
const FIRST_NAME_BYTES = 4 * 1024 * 1024;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;

/** Symbol types of nm(1) that are code, T, W and w, t: global, weak, local. Others only end what comes before them. */
const RANK_OF_TYPE = new Int8Array(256).fill(-1);
for (const [rank, types] of ['T', 'Ww', 't'].entries()) {
  for (const type of types) RANK_OF_TYPE[type.charCodeAt(0)] = rank;
}
/** Names of places, not of functions: `_text`, `__sched_text_start`, …; a function at the same address is the better name. */
const PLACE_NAME = /^_[se]?text$|text_(start|end)$|^__(start|stop)_/;
/** Padding before a function, in which nothing runs. */
const PADDING_PREFIX = Buffer.from('__pfx_');

export class Kallsyms {
  /** Names of code, see above. */
  readonly #names: Buffer;
  /** Sorted, distinct; relative to BASE. Code and other symbols alike. */
  readonly #offsets: Float64Array;
  /** Where in #names the name is, or -1 where there is none: data, padding. */
  readonly #nameAt: Int32Array;

  private constructor(names: Buffer, offsets: Float64Array, nameAt: Int32Array) {
    this.#names = names;
    this.#offsets = offsets;
    this.#nameAt = nameAt;
  }

  /** @param readLines pieces of the table, of whole lines each @throws SymbolError when it cannot be read or hides the addresses. */
  static read(readLines: () => Iterable<Buffer> = () => wholeLinesOf(KALLSYMS_PATH)): Kallsyms {
    const lines = new Lines();
    let totalBytes = 0;
    try {
      for (const piece of readLines()) {
        totalBytes += piece.length;
        if (totalBytes > MAX_TABLE_BYTES) break;
        lines.add(piece);
      }
    } catch (error) {
      throw new SymbolError({
        operation: 'read',
        subject: KALLSYMS_PATH,
        cause: error instanceof Error ? error.message : String(error),
        hint: 'the kernel needs CONFIG_KALLSYMS=y, as distributions have it',
      });
    }
    if (totalBytes > MAX_TABLE_BYTES) {
      throw new SymbolError({
        operation: 'read',
        subject: KALLSYMS_PATH,
        cause: `it is longer than the ${MAX_TABLE_BYTES} bytes that any kernel prints`,
      });
    }
    if (lines.count === 0) throw hiddenAddresses(lines.seen);
    return Kallsyms.#sorted(lines);
  }

  /** @throws SymbolError as `read` does. Lines that are not understood are passed over. */
  static parse(table: string): Kallsyms {
    return Kallsyms.read(() => [Buffer.from(table, 'latin1')]);
  }

  /** Symbols that have a name. */
  get size(): number {
    let named = 0;
    for (const at of this.#nameAt) if (at >= 0) named++;
    return named;
  }

  /** Bytes that it holds. */
  get bytes(): number {
    return this.#names.length + this.#offsets.byteLength + this.#nameAt.byteLength;
  }

  /** undefined where no symbol is near enough. */
  lookup(address: bigint): KernelSymbol | undefined {
    const index = this.#indexAt(address);
    return index === undefined ? undefined : this.#symbol(index);
  }

  /** Where it begins; of several of that name the first. */
  find(name: string): KernelSymbol | undefined {
    const places = new Set<number>();
    const wanted = Buffer.from(name, 'latin1');
    for (let at = this.#names.indexOf(wanted); at >= 0; at = this.#names.indexOf(wanted, at + 1)) {
      const isStart = at === 0 || this.#names[at - 1] === NEWLINE;
      if (isStart && nameEnd(this.#names, at) === at + wanted.length) places.add(at);
    }
    if (places.size === 0) return undefined;
    const index = this.#nameAt.findIndex((at) => places.has(at));
    return index < 0 ? undefined : this.#symbol(index);
  }

  /** Symbols whose name passes `accepts`, by address; of aliases only the chosen name counts. Reads every name: not for the hot path. */
  *matching(accepts: (name: string) => boolean): Generator<KernelSymbol> {
    for (let i = 0; i < this.#offsets.length; i++) {
      const at = this.#nameAt[i]!;
      if (at >= 0 && accepts(nameFrom(this.#names, at))) yield this.#symbol(i)!;
    }
  }

  #indexAt(address: bigint): number | undefined {
    if (address < BASE) return undefined;
    const offset = Number(address - BASE);
    const offsets = this.#offsets;
    let low = 0;
    let high = offsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (offsets[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    const index = low - 1;
    if (index < 0 || this.#nameAt[index]! < 0 || offset - offsets[index]! >= MAX_SYMBOL_BYTES)
      return undefined;
    return index;
  }

  #symbol(index: number): KernelSymbol | undefined {
    const at = this.#nameAt[index]!;
    if (at < 0) return undefined;
    const offset = this.#offsets[index]!;
    const next = this.#offsets[index + 1] ?? Number.POSITIVE_INFINITY;
    return {
      name: nameFrom(this.#names, at),
      module: moduleFrom(this.#names, at),
      start: BASE + BigInt(offset),
      end: BASE + BigInt(Math.min(next, offset + MAX_SYMBOL_BYTES)),
    };
  }

  static #sorted(lines: Lines): Kallsyms {
    const { offsets, nameAt } = lines;
    const order = orderOf(offsets, lines.count);
    const sortedOffsets = new Float64Array(order.length);
    const sortedNameAt = new Int32Array(order.length);
    let count = 0;
    for (let i = 0; i < order.length; ) {
      const offset = offsets[order[i]!]!;
      let end = i + 1;
      while (end < order.length && offsets[order[end]!] === offset) end++;
      sortedOffsets[count] = offset;
      sortedNameAt[count] = end - i === 1 ? nameAt[order[i]!]! : bestName(lines, order.subarray(i, end));
      count++;
      i = end;
    }
    return new Kallsyms(
      Buffer.from(lines.names.subarray(0, lines.nameBytes)),
      sortedOffsets.slice(0, count),
      sortedNameAt.slice(0, count),
    );
  }
}

/** The lines as they were read, those that have an address; columns that grow. */
class Lines {
  /** All lines, those without an address too. */
  seen = 0;
  count = 0;
  offsets = new Float64Array(FIRST_LINES);
  /** -1 of one that names nothing. */
  nameAt = new Int32Array(FIRST_LINES);
  /** Of a code symbol, lower is better. */
  rank = new Int8Array(FIRST_LINES);
  names: Buffer = Buffer.allocUnsafeSlow(FIRST_NAME_BYTES);
  nameBytes = 0;

  add(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) {
      const found = piece.indexOf(NEWLINE, at);
      const end = found < 0 ? piece.length : found;
      this.#addLine(piece, at, end);
      at = end + 1;
    }
  }

  #addLine(bytes: Buffer, start: number, end: number): void {
    let high = 0;
    let low = 0;
    let at = start;
    for (; at < end && bytes[at] !== SPACE; at++) {
      const digit = hexDigit(bytes[at]!);
      if (digit < 0) return;
      high = ((high << 4) | (low >>> 28)) >>> 0;
      low = ((low << 4) | digit) >>> 0;
    }
    // `address`, space, type, space, at least one character.
    if (at === start || at - start > 16 || at + 3 >= end) return;
    this.seen++;
    if (high < BASE_HIGH) return;
    if (this.count === this.offsets.length) this.#growLines();
    const rank = RANK_OF_TYPE[bytes[at + 1]!]!;
    const isNamed = rank >= 0 && !startsWith(bytes, at + 3, PADDING_PREFIX);
    this.offsets[this.count] = (high - BASE_HIGH) * 2 ** 32 + low;
    this.rank[this.count] = rank;
    this.nameAt[this.count] = isNamed ? this.#keepName(bytes, at + 3, end) : -1;
    this.count++;
  }

  #keepName(bytes: Buffer, start: number, end: number): number {
    const at = this.nameBytes;
    if (at + end - start + 1 > this.names.length) {
      const larger = Buffer.allocUnsafeSlow(2 * this.names.length + end - start);
      this.names.copy(larger, 0, 0, at);
      this.names = larger;
    }
    // Byte by byte: a call for twenty bytes costs more.
    for (let i = start; i < end; i++) this.names[at + i - start] = bytes[i]!;
    this.names[at + end - start] = NEWLINE;
    this.nameBytes = at + end - start + 1;
    return at;
  }

  #growLines(): void {
    const { offsets, nameAt, rank } = this;
    const length = 2 * offsets.length;
    this.offsets = new Float64Array(length);
    this.offsets.set(offsets);
    this.nameAt = new Int32Array(length);
    this.nameAt.set(nameAt);
    this.rank = new Int8Array(length);
    this.rank.set(rank);
  }
}

/** Line numbers by address, equal ones in the order of the file. The kernel's own come sorted, modules and programs behind them do not. */
function orderOf(offsets: Float64Array, count: number): Uint32Array {
  let sorted = 1;
  while (sorted < count && offsets[sorted]! >= offsets[sorted - 1]!) sorted++;
  const rest = new Uint32Array(count - sorted);
  for (let i = 0; i < rest.length; i++) rest[i] = sorted + i;
  rest.sort((a, b) => offsets[a]! - offsets[b]! || a - b);
  const order = new Uint32Array(count);
  let head = 0;
  let tail = 0;
  for (let i = 0; i < count; i++) {
    const takesHead = tail === rest.length || (head < sorted && offsets[head]! <= offsets[rest[tail]!]!);
    order[i] = takesHead ? head++ : rest[tail++]!;
  }
  return order;
}

/** Of the names of one address: a function before a place, global before weak before local, fewest leading underscores, then by the alphabet. */
function bestName({ names, nameAt, rank }: Lines, candidates: Uint32Array): number {
  let best = -1;
  let bestKey: readonly [number, number, number, string] | undefined;
  for (const candidate of candidates) {
    const at = nameAt[candidate]!;
    if (at < 0) continue;
    const name = nameFrom(names, at);
    const underscores = name.length - name.replace(/^_+/, '').length;
    const key = [PLACE_NAME.test(name) ? 1 : 0, rank[candidate]!, underscores, name] as const;
    if (bestKey === undefined || isBefore(key, bestKey)) {
      best = at;
      bestKey = key;
    }
  }
  return best;
}

function isBefore(
  a: readonly [number, number, number, string],
  b: readonly [number, number, number, string],
): boolean {
  for (let i = 0; i < 3; i++) if (a[i] !== b[i]) return a[i]! < b[i]!;
  return a[3] < b[3];
}

/** Each piece is valid until the next is asked for. */
function* wholeLinesOf(path: string): Generator<Buffer> {
  const fd = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    let held = 0;
    for (;;) {
      const read = readSync(fd, chunk, held, CHUNK_BYTES - held, null);
      held += read;
      // A line that is longer than the chunk is none of the kernel's; its parts are passed over.
      const isLast = read === 0 || held === CHUNK_BYTES;
      const newline = chunk.lastIndexOf(NEWLINE, held - 1);
      const end = newline >= 0 && newline < held ? newline + 1 : isLast ? held : 0;
      if (end > 0) yield chunk.subarray(0, end);
      chunk.copyWithin(0, end, held);
      held -= end;
      if (read === 0) return;
    }
  } finally {
    closeSync(fd);
  }
}

function nameFrom(names: Buffer, at: number): string {
  return names.toString('latin1', at, nameEnd(names, at));
}

function nameEnd(names: Buffer, at: number): number {
  let end = at;
  while (end < names.length && names[end] !== SPACE && names[end] !== TAB && names[end] !== NEWLINE) end++;
  return end;
}

function moduleFrom(names: Buffer, at: number): string {
  const text = names.toString('latin1', nameEnd(names, at), names.indexOf(NEWLINE, at));
  const bracket = text.indexOf('[');
  return bracket < 0 || !text.endsWith(']') ? '' : text.slice(bracket + 1, -1);
}

function startsWith(bytes: Buffer, at: number, prefix: Buffer): boolean {
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

function hiddenAddresses(lineCount: number): SymbolError {
  return new SymbolError({
    operation: 'read',
    subject: KALLSYMS_PATH,
    cause: lineCount === 0 ? 'it has no symbols' : `all addresses of its ${lineCount} symbols are hidden`,
    hint:
      lineCount === 0
        ? 'the kernel needs CONFIG_KALLSYMS=y, as distributions have it'
        : 'run as root, and where kernel.kptr_restrict is 2: sysctl kernel.kptr_restrict=1',
  });
}
