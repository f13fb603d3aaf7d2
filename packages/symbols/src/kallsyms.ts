/**
 * Owns the kernel's symbol table as /proc/kallsyms prints it: address → name, modules and BPF programs included.
 *
 * A line is `address type name [module]`; there are no sizes, so a symbol ends where the next one of any type begins:
 *
 *     ffffffff81000300 T irq_entries_start          → [..300, ..960)
 *     ffffffff81000960 T spurious_entries_start
 *     ffffffffc0201000 t virtnet_poll [virtio_net]  → module virtio_net
 *
 * Names stay in the file's bytes until they are asked for: 120,000 strings would cost more than the lookups do.
 * Addresses are kept as numbers relative to the lowest one, since 64 bits do not fit a number; bigint only at the edge.
 */
import { readFileSync } from 'node:fs';
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
/** The kernel's half of the address space; what lies below are per-CPU offsets and constants. */
const LOWEST_KERNEL_ADDRESS = 1n << 63n;
/** Offsets from the lowest text address stay exact numbers below this. */
const MAX_OFFSET = Number.MAX_SAFE_INTEGER;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;

/** Symbol types of nm(1) that are code: global, weak, local. Others only end what comes before them. */
const RANK_OF_TYPE: Partial<Record<string, number>> = { T: 0, W: 1, w: 1, t: 2 };
/** Names of places, not of functions: `_text`, `__sched_text_start`, …; a function at the same address is the better name. */
const PLACE_NAME = /^_[se]?text$|text_(start|end)$|^__(start|stop)_/;
/** Padding before a function, in which nothing runs. */
const PADDING_PREFIX = '__pfx_';

export class Kallsyms {
  readonly #bytes: Buffer;
  readonly #base: bigint;
  /** Sorted, distinct; relative to #base. Code and other symbols alike. */
  readonly #offsets: Float64Array;
  /** Index of the line that names the symbol, or -1 where none does: data, padding. */
  readonly #nameAt: Int32Array;
  readonly #symbols: (KernelSymbol | undefined)[] = [];

  private constructor(bytes: Buffer, base: bigint, offsets: Float64Array, nameAt: Int32Array) {
    this.#bytes = bytes;
    this.#base = base;
    this.#offsets = offsets;
    this.#nameAt = nameAt;
  }

  /** @throws SymbolError when it cannot be read or hides the addresses. */
  static read(readTable: () => Buffer = () => readFileSync(KALLSYMS_PATH)): Kallsyms {
    let bytes: Buffer;
    try {
      bytes = readTable();
    } catch (error) {
      throw new SymbolError({
        operation: 'read',
        subject: KALLSYMS_PATH,
        cause: error instanceof Error ? error.message : String(error),
        hint: 'the kernel needs CONFIG_KALLSYMS=y, as distributions have it',
      });
    }
    return Kallsyms.parse(bytes);
  }

  /** @throws SymbolError as `read` does. Lines that are not understood are passed over. */
  static parse(table: Buffer | string): Kallsyms {
    const bytes = typeof table === 'string' ? Buffer.from(table, 'latin1') : table;
    if (bytes.length > MAX_TABLE_BYTES) {
      throw new SymbolError({
        operation: 'read',
        subject: KALLSYMS_PATH,
        cause: `its ${bytes.length} bytes are more than the ${MAX_TABLE_BYTES} that any kernel prints`,
      });
    }
    const lines = readLines(bytes);
    if (lines.addresses.length === 0) throw hiddenAddresses(lines.count);
    return Kallsyms.#sorted(bytes, lines);
  }

  /** Symbols that have a name. */
  get size(): number {
    let named = 0;
    for (const at of this.#nameAt) if (at >= 0) named++;
    return named;
  }

  /** undefined where no symbol is near enough. */
  lookup(address: bigint): KernelSymbol | undefined {
    const index = this.#indexAt(address);
    return index === undefined ? undefined : this.#symbol(index);
  }

  /** Where it begins; of several of that name the first. */
  find(name: string): KernelSymbol | undefined {
    for (const symbol of this.matching((candidate) => candidate === name)) return symbol;
    return undefined;
  }

  /** Symbols whose name passes `accepts`, by address; of aliases only the chosen name counts. Reads every name: not for the hot path. */
  *matching(accepts: (name: string) => boolean): Generator<KernelSymbol> {
    for (let i = 0; i < this.#offsets.length; i++) {
      const at = this.#nameAt[i]!;
      if (at < 0) continue;
      const name = this.#nameFrom(at);
      if (accepts(name)) yield this.#symbol(i)!;
    }
  }

  #indexAt(address: bigint): number | undefined {
    if (address < this.#base) return undefined;
    const offset = Number(address - this.#base);
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
    const known = this.#symbols[index];
    if (known !== undefined) return known;
    const at = this.#nameAt[index]!;
    if (at < 0) return undefined;
    const offset = this.#offsets[index]!;
    const next = this.#offsets[index + 1] ?? Number.POSITIVE_INFINITY;
    const symbol = {
      name: this.#nameFrom(at),
      module: this.#moduleFrom(at),
      start: this.#base + BigInt(offset),
      end: this.#base + BigInt(Math.min(next, offset + MAX_SYMBOL_BYTES)),
    };
    this.#symbols[index] = symbol;
    return symbol;
  }

  #nameFrom(at: number): string {
    return nameFrom(this.#bytes, at);
  }

  #moduleFrom(at: number): string {
    const end = lineEnd(this.#bytes, at);
    const text = this.#bytes.toString('latin1', at, end);
    const bracket = text.indexOf('[');
    return bracket < 0 || !text.endsWith(']') ? '' : text.slice(bracket + 1, -1);
  }

  static #sorted(bytes: Buffer, lines: Lines): Kallsyms {
    const { addresses, nameAt, rank } = lines;
    let base = addresses[0]!;
    for (const address of addresses) if (address < base) base = address;
    const offsets = new Float64Array(addresses.length);
    for (let i = 0; i < addresses.length; i++) offsets[i] = Number(addresses[i]! - base);
    const order = new Uint32Array(addresses.length);
    for (let i = 0; i < order.length; i++) order[i] = i;
    order.sort((a, b) => offsets[a]! - offsets[b]! || a - b);

    const sortedOffsets = new Float64Array(order.length);
    const sortedNameAt = new Int32Array(order.length);
    let count = 0;
    for (let i = 0; i < order.length; ) {
      const offset = offsets[order[i]!]!;
      let end = i + 1;
      while (end < order.length && offsets[order[end]!] === offset) end++;
      if (offset <= MAX_OFFSET) {
        sortedOffsets[count] = offset;
        sortedNameAt[count] = bestName(bytes, order.subarray(i, end), nameAt, rank);
        count++;
      }
      i = end;
    }
    return new Kallsyms(bytes, base, sortedOffsets.slice(0, count), sortedNameAt.slice(0, count));
  }
}

interface Lines {
  /** All lines, those without an address too. */
  count: number;
  addresses: bigint[];
  /** Byte offset of the name in the table. */
  nameAt: number[];
  /** Of a code symbol, lower is better; -1 of one that names nothing. */
  rank: number[];
}

function readLines(bytes: Buffer): Lines {
  const lines: Lines = { count: 0, addresses: [], nameAt: [], rank: [] };
  for (let at = 0; at < bytes.length; ) {
    const end = lineEnd(bytes, at);
    readLine(bytes, at, end, lines);
    at = end + 1;
  }
  return lines;
}

function readLine(bytes: Buffer, start: number, end: number, lines: Lines): void {
  const addressEnd = bytes.indexOf(SPACE, start);
  // `address`, space, type, space, at least one character.
  if (addressEnd < 0 || addressEnd === start || addressEnd - start > 16 || addressEnd + 3 >= end) return;
  lines.count++;
  let high = 0;
  let low = 0;
  for (let i = start; i < addressEnd; i++) {
    const digit = hexDigit(bytes[i]!);
    if (digit < 0) return;
    high = ((high << 4) | (low >>> 28)) >>> 0;
    low = ((low << 4) | digit) >>> 0;
  }
  const address = (BigInt(high) << 32n) | BigInt(low);
  if (address < LOWEST_KERNEL_ADDRESS) return;
  const nameAt = addressEnd + 3;
  const isPadding = bytes.toString('latin1', nameAt, nameAt + PADDING_PREFIX.length) === PADDING_PREFIX;
  const rank = RANK_OF_TYPE[String.fromCharCode(bytes[addressEnd + 1]!)];
  lines.addresses.push(address);
  lines.nameAt.push(nameAt);
  lines.rank.push(isPadding || rank === undefined ? -1 : rank);
}

/** Of the names of one address: a function before a place, global before weak before local, fewest leading underscores, then by the alphabet. */
function bestName(bytes: Buffer, candidates: Uint32Array, nameAt: number[], rank: number[]): number {
  let best = -1;
  let bestKey: readonly [number, number, number, string] | undefined;
  for (const candidate of candidates) {
    if (rank[candidate]! < 0) continue;
    if (candidates.length === 1) return nameAt[candidate]!;
    const name = nameFrom(bytes, nameAt[candidate]!);
    const underscores = name.length - name.replace(/^_+/, '').length;
    const key = [PLACE_NAME.test(name) ? 1 : 0, rank[candidate]!, underscores, name] as const;
    if (bestKey === undefined || isBefore(key, bestKey)) {
      best = nameAt[candidate]!;
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

function nameFrom(bytes: Buffer, at: number): string {
  let end = at;
  while (end < bytes.length && bytes[end] !== SPACE && bytes[end] !== TAB && bytes[end] !== NEWLINE) end++;
  return bytes.toString('latin1', at, end);
}

function lineEnd(bytes: Buffer, at: number): number {
  const end = bytes.indexOf(NEWLINE, at);
  return end < 0 ? bytes.length : end;
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
