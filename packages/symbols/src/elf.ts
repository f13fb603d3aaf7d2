/**
 * Owns reading what naming needs from an ELF file: its function symbols, its loaded segments, its build id.
 * The file is not trusted: every offset and length is checked against it, every table has a maximum, and what is wrong
 * gives a SymbolError, never a read out of range. 64-bit little-endian only. Only the tables are read, not the file:
 * a browser's binary is 500 MB, its symbol table 30. Names are read one by one, when asked for.
 *
 * Where symbols overlap, the one that begins last and still covers the address is its name, so each address belongs to one:
 *
 *     outer [0x10, 0x40)   inner [0x20, 0x28)   →   0x10–0x1f outer, 0x20–0x27 inner, 0x28–0x3f outer
 */
import { SymbolError } from './symbol-error.js';

/** Bytes to read from: a file or memory. */
export interface ByteSource {
  /** For messages. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Exactly `length` bytes; the caller stays within `sizeBytes`. Throws when the file has shrunk meanwhile. */
  read(offset: number, length: number): Buffer;
  close(): void;
}

export interface ElfSegment {
  fileOffset: number;
  fileBytes: number;
  vaddr: number;
}

/** Linkers make about 10; hostile files up to 65535, which is still read quickly. */
const MAX_PROGRAM_HEADERS = 65_535;
/** -ffunction-sections leaves tens of thousands in relocatable files; more need an extension that is not read. */
const MAX_SECTIONS = 65_535;
/** 24 bytes each: a debug build of a browser has about two million. */
const MAX_SYMBOLS = 4_000_000;
/** C++ template names reach some kilobytes; what is longer is cut. */
const MAX_NAME_BYTES = 16_384;
/** Most names fit the first read. */
const FIRST_NAME_BYTES = 128;
const MAX_BUILD_ID_BYTES = 64;
const MAX_NOTE_BYTES = 65_536;
/** Symbols are decoded in pieces of this many, so that the table need not be in memory whole. */
const CHUNK_SYMBOLS = 32_768;
/** Names of one function looked at when it has aliases. */
const MAX_ALIASES = 16;

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;
const SYMBOL_BYTES = 24;

const PT_LOAD = 1;
const PT_NOTE = 4;
const SHT_SYMTAB = 2;
const SHT_NOBITS = 8;
const SHT_DYNSYM = 11;
const STT_FUNC = 2;
const STT_GNU_IFUNC = 10;
const NT_GNU_BUILD_ID = 3;

interface Section {
  type: number;
  offset: number;
  bytes: number;
  link: number;
  entryBytes: number;
}

/** Binding as nm ranks it: global, weak, local. */
const BINDING_RANK = [2, 0, 1];
const UNKNOWN_BINDING_RANK = 3;

export class ElfFile {
  readonly segments: readonly ElfSegment[];
  /** Hex, '' when the file has none. */
  readonly buildId: string;
  readonly #source: ByteSource;
  readonly #symbols: SymbolTable;
  readonly #names = new Map<number, string>();

  private constructor(source: ByteSource, segments: ElfSegment[], buildId: string, symbols: SymbolTable) {
    this.#source = source;
    this.segments = segments;
    this.buildId = buildId;
    this.#symbols = symbols;
  }

  /** Keeps `source` for names; `close` closes it. @throws SymbolError, and then leaves `source` open. */
  static read(source: ByteSource): ElfFile {
    const reader = new ElfReader(source);
    return new ElfFile(source, reader.segments(), reader.buildId(), reader.symbols());
  }

  /** Function symbols with a size. */
  get symbolCount(): number {
    return this.#symbols.count;
  }

  /** The address that code at this offset of the file has in symbol tables; undefined when it is not loaded. */
  vaddrOfFileOffset(fileOffset: number): number | undefined {
    for (const segment of this.segments) {
      const inSegment = fileOffset - segment.fileOffset;
      if (inSegment >= 0 && inSegment < segment.fileBytes) return segment.vaddr + inSegment;
    }
    return undefined;
  }

  /** The name of the function that covers `vaddr`; undefined when none does, however near one is. */
  symbolAt(vaddr: number): string | undefined {
    const symbol = this.#symbols.covering(vaddr);
    if (symbol === undefined) return undefined;
    let name = this.#names.get(symbol);
    if (name === undefined) {
      name = this.#bestName(symbol);
      this.#names.set(symbol, name);
    }
    return name;
  }

  /** All functions, aliases too, by address; reads every name. */
  functions(): { name: string; vaddr: number; bytes: number }[] {
    return this.#symbols
      .all()
      .map(({ vaddr, bytes, nameAt }) => ({ name: this.#readName(nameAt), vaddr, bytes }));
  }

  close(): void {
    this.#source.close();
  }

  /** Of names for the same bytes: fewest leading underscores, global before weak before local, shortest, by the alphabet. */
  #bestName(symbol: number): string {
    const aliases = this.#symbols.aliasesOf(symbol).map(({ nameAt, rank }) => {
      const name = this.#readName(nameAt);
      return { name, rank, underscores: name.length - name.replace(/^_+/, '').length };
    });
    aliases.sort(
      (a, b) =>
        a.underscores - b.underscores ||
        a.rank - b.rank ||
        a.name.length - b.name.length ||
        (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
    );
    return aliases[0]!.name;
  }

  #readName(offset: number): string {
    const available = this.#source.sizeBytes - offset;
    for (let bytes = FIRST_NAME_BYTES; ; bytes *= 4) {
      const length = Math.min(bytes, available, MAX_NAME_BYTES);
      if (length <= 0) return '';
      const text = this.#source.read(offset, length);
      const end = text.indexOf(0);
      if (end >= 0) return text.toString('utf8', 0, end);
      if (length < bytes || length === MAX_NAME_BYTES) return text.toString('utf8');
    }
  }
}

class ElfReader {
  readonly #source: ByteSource;
  readonly #header: Buffer;
  readonly #sections: Section[];
  readonly #programHeaders: Buffer;

  constructor(source: ByteSource) {
    this.#source = source;
    if (source.sizeBytes < HEADER_BYTES)
      throw this.#error(`its ${source.sizeBytes} bytes are too few for a header`);
    this.#header = this.#read(0, HEADER_BYTES, 'header');
    if (this.#header.readUInt32BE(0) !== 0x7f454c46) throw this.#error('it is no ELF file');
    if (this.#header[4] !== 2) throw this.#error('it is not a 64-bit ELF file; 32-bit programs get no names');
    if (this.#header[5] !== 1)
      throw this.#error('it is a big-endian ELF file; only little-endian ones are read');
    this.#programHeaders = this.#readTable({
      what: 'program headers',
      offset: this.#u64(this.#header, 32, 'program headers'),
      count: this.#header.readUInt16LE(56),
      entryBytes: this.#header.readUInt16LE(54),
      expectedEntryBytes: PROGRAM_HEADER_BYTES,
      maxCount: MAX_PROGRAM_HEADERS,
    });
    this.#sections = this.#readSections();
  }

  segments(): ElfSegment[] {
    const segments: ElfSegment[] = [];
    for (const header of entries(this.#programHeaders, PROGRAM_HEADER_BYTES)) {
      if (header.readUInt32LE(0) !== PT_LOAD) continue;
      const fileOffset = this.#u64(header, 8, 'segment offset');
      const fileBytes = this.#u64(header, 32, 'segment size');
      if (fileOffset + fileBytes > this.#source.sizeBytes) {
        throw this.#error(
          `a segment ends at ${fileOffset + fileBytes}, beyond its ${this.#source.sizeBytes} bytes`,
        );
      }
      segments.push({ fileOffset, fileBytes, vaddr: this.#u64(header, 16, 'segment address') });
    }
    return segments;
  }

  buildId(): string {
    for (const header of entries(this.#programHeaders, PROGRAM_HEADER_BYTES)) {
      if (header.readUInt32LE(0) !== PT_NOTE) continue;
      const offset = this.#u64(header, 8, 'note offset');
      const bytes = this.#u64(header, 32, 'note size');
      if (bytes === 0 || bytes > MAX_NOTE_BYTES) continue;
      const id = findBuildId(this.#read(offset, bytes, 'notes'));
      if (id !== '') return id;
    }
    return '';
  }

  symbols(): SymbolTable {
    const table = new SymbolTableBuilder();
    for (const section of this.#sections) {
      if (section.type !== SHT_SYMTAB && section.type !== SHT_DYNSYM) continue;
      const strings = this.#sections[section.link];
      if (strings === undefined || strings.type === SHT_NOBITS) {
        throw this.#error(`a symbol table names section ${section.link} for its strings, which is none`);
      }
      if (section.entryBytes !== SYMBOL_BYTES)
        throw this.#error(`a symbol of ${section.entryBytes} bytes is not known`);
      const count = Math.floor(section.bytes / SYMBOL_BYTES);
      if (count > MAX_SYMBOLS)
        throw this.#error(`${count} symbols are more than the ${MAX_SYMBOLS} that are read`);
      this.#assertInside(section.offset, section.bytes, 'symbol table');
      this.#assertInside(strings.offset, strings.bytes, 'string table');
      for (let first = 0; first < count; first += CHUNK_SYMBOLS) {
        const here = Math.min(CHUNK_SYMBOLS, count - first);
        const chunk = this.#read(section.offset + first * SYMBOL_BYTES, here * SYMBOL_BYTES, 'symbol table');
        addFunctions(table, chunk, strings);
      }
    }
    return table.build();
  }

  #readSections(): Section[] {
    const offset = this.#u64(this.#header, 40, 'section headers');
    // A file may do without, when everything that is not needed to run has been cut off.
    if (offset === 0) return [];
    const headers = this.#readTable({
      what: 'section headers',
      offset,
      count: this.#header.readUInt16LE(60),
      entryBytes: this.#header.readUInt16LE(58),
      expectedEntryBytes: SECTION_HEADER_BYTES,
      maxCount: MAX_SECTIONS,
    });
    return [...entries(headers, SECTION_HEADER_BYTES)].map((header) => {
      const type = header.readUInt32LE(4);
      const isRead = type === SHT_SYMTAB || type === SHT_DYNSYM;
      return {
        type,
        offset: this.#place(header, 24, isRead),
        bytes: this.#place(header, 32, isRead),
        link: header.readUInt32LE(40),
        entryBytes: this.#place(header, 56, isRead),
      };
    });
  }

  /** Numbers of sections that are not read may be anything; used as a string table they fail the check there. */
  #place(header: Buffer, at: number, mustFit: boolean): number {
    return mustFit ? this.#u64(header, at, 'section') : Number(header.readBigUInt64LE(at));
  }

  #readTable(table: {
    what: string;
    offset: number;
    count: number;
    entryBytes: number;
    expectedEntryBytes: number;
    maxCount: number;
  }): Buffer {
    const { what, offset, count, entryBytes, expectedEntryBytes, maxCount } = table;
    if (count === 0) return Buffer.alloc(0);
    if (count > maxCount) throw this.#error(`${count} ${what} are more than the ${maxCount} that are read`);
    if (entryBytes !== expectedEntryBytes)
      throw this.#error(`${what} of ${entryBytes} bytes each are not known`);
    return this.#read(offset, count * entryBytes, what);
  }

  #read(offset: number, bytes: number, what: string): Buffer {
    this.#assertInside(offset, bytes, what);
    return this.#source.read(offset, bytes);
  }

  #assertInside(offset: number, bytes: number, what: string): void {
    if (offset + bytes <= this.#source.sizeBytes) return;
    throw this.#error(`its ${what} end at ${offset + bytes}, beyond its ${this.#source.sizeBytes} bytes`);
  }

  #u64(buffer: Buffer, at: number, what: string): number {
    const value = Number(buffer.readBigUInt64LE(at));
    // Half of the range, so that the sum of two is exact as well.
    if (value > Number.MAX_SAFE_INTEGER / 2)
      throw this.#error(`the number ${value} in its ${what} is out of range`);
    return value;
  }

  #error(cause: string): SymbolError {
    return new SymbolError({ operation: 'read', subject: this.#source.name, cause });
  }
}

function* entries(table: Buffer, entryBytes: number): Generator<Buffer> {
  for (let at = 0; at + entryBytes <= table.length; at += entryBytes)
    yield table.subarray(at, at + entryBytes);
}

/** Notes are { name bytes, content bytes, type } and both texts, each padded to 4. */
function findBuildId(notes: Buffer): string {
  for (let at = 0; at + 12 <= notes.length; ) {
    const nameBytes = notes.readUInt32LE(at);
    const contentBytes = notes.readUInt32LE(at + 4);
    const type = notes.readUInt32LE(at + 8);
    const nameAt = at + 12;
    const contentAt = nameAt + 4 * Math.ceil(nameBytes / 4);
    const end = contentAt + contentBytes;
    if (end > notes.length) return '';
    const isGnu = nameBytes === 4 && notes.toString('latin1', nameAt, nameAt + 4) === 'GNU\0';
    if (isGnu && type === NT_GNU_BUILD_ID && contentBytes <= MAX_BUILD_ID_BYTES) {
      return notes.toString('hex', contentAt, end);
    }
    at = contentAt + 4 * Math.ceil(contentBytes / 4);
  }
  return '';
}

function addFunctions(table: SymbolTableBuilder, chunk: Buffer, strings: Section): void {
  for (let at = 0; at < chunk.length; at += SYMBOL_BYTES) {
    const info = chunk[at + 4]!;
    const type = info & 0xf;
    if (type !== STT_FUNC && type !== STT_GNU_IFUNC) continue;
    const section = chunk.readUInt16LE(at + 6);
    // Half-word reads first: most symbols of a dynamic table are undefined, and bigint is slow.
    if (section === 0 || chunk.readUInt32LE(at + 20) !== 0) continue;
    const bytes = chunk.readUInt32LE(at + 16);
    const valueHigh = chunk.readUInt32LE(at + 12);
    const nameInStrings = chunk.readUInt32LE(at);
    // Above 2^53 no code is mapped.
    if (bytes === 0 || valueHigh > 0x1f_ffff || nameInStrings === 0 || nameInStrings >= strings.bytes)
      continue;
    const vaddr = valueHigh * 0x1_0000_0000 + chunk.readUInt32LE(at + 8);
    table.add(vaddr, bytes, strings.offset + nameInStrings, BINDING_RANK[info >>> 4] ?? UNKNOWN_BINDING_RANK);
  }
}

/** Columns that grow; sorted and cut into non-overlapping pieces by `build`. */
class SymbolTableBuilder {
  readonly #vaddr: number[] = [];
  readonly #bytes: number[] = [];
  readonly #nameAt: number[] = [];
  readonly #rank: number[] = [];

  add(vaddr: number, bytes: number, nameAt: number, rank: number): void {
    this.#vaddr.push(vaddr);
    this.#bytes.push(bytes);
    this.#nameAt.push(nameAt);
    this.#rank.push(rank);
  }

  build(): SymbolTable {
    const count = this.#vaddr.length;
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i++) order[i] = i;
    // By start; the larger first, so that of two that begin together the smaller is the inner one.
    order.sort((a, b) => this.#vaddr[a]! - this.#vaddr[b]! || this.#bytes[b]! - this.#bytes[a]! || a - b);
    return new SymbolTable(
      Float64Array.from(order, (i) => this.#vaddr[i]!),
      Uint32Array.from(order, (i) => this.#bytes[i]!),
      Float64Array.from(order, (i) => this.#nameAt[i]!),
      Uint8Array.from(order, (i) => this.#rank[i]!),
    );
  }
}

interface Alias {
  vaddr: number;
  bytes: number;
  nameAt: number;
  rank: number;
}

class SymbolTable {
  readonly #vaddr: Float64Array;
  readonly #bytes: Uint32Array;
  readonly #nameAt: Float64Array;
  readonly #rank: Uint8Array;
  /** Where each piece begins; it ends where the next begins. */
  readonly #pieceStart: Float64Array;
  /** The first of the aliases that cover the piece, or -1 for a gap. */
  readonly #pieceSymbol: Int32Array;

  /** Columns sorted by start, then the larger first. */
  constructor(vaddr: Float64Array, bytes: Uint32Array, nameAt: Float64Array, rank: Uint8Array) {
    this.#vaddr = vaddr;
    this.#bytes = bytes;
    this.#nameAt = nameAt;
    this.#rank = rank;
    const pieces = cutIntoPieces(vaddr, bytes);
    this.#pieceStart = Float64Array.from(pieces.starts);
    this.#pieceSymbol = Int32Array.from(pieces.symbols);
  }

  get count(): number {
    return this.#vaddr.length;
  }

  covering(vaddr: number): number | undefined {
    const starts = this.#pieceStart;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= vaddr) low = middle + 1;
      else high = middle;
    }
    const symbol = low === 0 ? -1 : this.#pieceSymbol[low - 1]!;
    return symbol < 0 ? undefined : symbol;
  }

  /** Symbols of the very same bytes as the first of them. */
  aliasesOf(first: number): Alias[] {
    const aliases: Alias[] = [];
    for (let i = first; i < this.count && aliases.length < MAX_ALIASES; i++) {
      if (this.#vaddr[i] !== this.#vaddr[first] || this.#bytes[i] !== this.#bytes[first]) break;
      aliases.push(this.#at(i));
    }
    return aliases;
  }

  all(): Alias[] {
    return Array.from({ length: this.count }, (_, i) => this.#at(i));
  }

  #at(i: number): Alias {
    return { vaddr: this.#vaddr[i]!, bytes: this.#bytes[i]!, nameAt: this.#nameAt[i]!, rank: this.#rank[i]! };
  }
}

/** One sweep from low to high addresses with a stack of the symbols that are open, the last begun on top. */
function cutIntoPieces(vaddr: Float64Array, bytes: Uint32Array): { starts: number[]; symbols: number[] } {
  const starts: number[] = [];
  const symbols: number[] = [];
  const open: number[] = [];
  const endOf = (symbol: number): number => vaddr[symbol]! + bytes[symbol]!;
  const put = (start: number, symbol: number): void => {
    if (starts.at(-1) === start) symbols[symbols.length - 1] = symbol;
    else if (symbols.length === 0 || symbols.at(-1) !== symbol) {
      starts.push(start);
      symbols.push(symbol);
    }
  };
  /** Closes what ends at or before `until`, handing over to the one below that is still open. */
  const closeUntil = (until: number): void => {
    while (open.length > 0) {
      const end = endOf(open.at(-1)!);
      if (end > until) return;
      while (open.length > 0 && endOf(open.at(-1)!) <= end) open.pop();
      put(end, open.at(-1) ?? -1);
    }
  };
  for (let i = 0; i < vaddr.length; i++) {
    const isAlias = i > 0 && vaddr[i] === vaddr[i - 1] && bytes[i] === bytes[i - 1];
    if (isAlias) continue;
    closeUntil(vaddr[i]!);
    put(vaddr[i]!, i);
    open.push(i);
  }
  closeUntil(Number.POSITIVE_INFINITY);
  return { starts, symbols };
}
