/**
 * Owns the function symbols of one ELF file, its loaded segments and its build id. Names are read one by one, when asked
 * for, and are as the linker wrote them.
 */
import { InflatedBytes } from './compressed-section.js';
import {
  type ByteSource,
  ElfReader,
  type ElfSection,
  type ElfSegment,
  SHT_DYNSYM,
  SHT_NOBITS,
  SHT_SYMTAB,
} from './elf-reader.js';
import { type SymbolTable, SymbolTableBuilder } from './symbol-table.js';

export type { ByteSource, ElfSegment } from './elf-reader.js';

/** 24 bytes each: a debug build of a browser has about two million. */
const MAX_SYMBOLS = 4_000_000;
/** C++ template names reach some kilobytes; what is longer is cut. */
const MAX_NAME_BYTES = 16_384;
/** Most names fit the first read. */
const FIRST_NAME_BYTES = 128;
/** Symbols are decoded in pieces of this many, so that the table need not be in memory whole. */
const CHUNK_SYMBOLS = 32_768;

const SYMBOL_BYTES = 24;
const STT_FUNC = 2;
const STT_GNU_IFUNC = 10;

/** Binding as nm ranks it: global, weak, local. */
const BINDING_RANK = [2, 0, 1];
const UNKNOWN_BINDING_RANK = 3;

export interface ElfOptions {
  /**
   * `debug`: made by `strip --only-keep-debug` or `eu-strip -f`, whose segments lie in the file it belongs to, so that it
   * has none here.
   */
  role?: 'program' | 'debug';
}

export class ElfFile {
  readonly segments: readonly ElfSegment[];
  /** Hex, '' when the file has none. */
  readonly buildId: string;
  /** It has a .symtab; without one only what is exported has a name. */
  readonly hasFullTable: boolean;
  /** Kept of the file beside its symbols: tables that were compressed. */
  readonly memoryBytes: number;
  readonly #source: ByteSource;
  readonly #symbols: SymbolTable;

  private constructor(reader: ElfReader, role: 'program' | 'debug') {
    const source = new InflatedBytes(reader.source);
    this.#source = source;
    this.segments = role === 'program' ? reader.segments() : [];
    this.buildId = role === 'program' ? reader.buildId() : reader.buildIdOfSections();
    this.hasFullTable = reader.sections.some((section) => section.type === SHT_SYMTAB);
    this.#symbols = readSymbols(reader, source);
    this.memoryBytes = source.inflatedBytes;
  }

  /** Keeps `source` for names; `close` closes it. @throws SymbolError, and then leaves `source` open. */
  static read(source: ByteSource, options: ElfOptions = {}): ElfFile {
    return ElfFile.fromReader(new ElfReader(source), options);
  }

  /** As `read`, of a file whose sections have been read. */
  static fromReader(reader: ElfReader, { role = 'program' }: ElfOptions = {}): ElfFile {
    return new ElfFile(reader, role);
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

  /** The function that covers `vaddr`, for `nameOf`; undefined when none does, however near one is. */
  covering(vaddr: number): number | undefined {
    return this.#symbols.covering(vaddr);
  }

  symbolAt(vaddr: number): string | undefined {
    const symbol = this.covering(vaddr);
    return symbol === undefined ? undefined : this.nameOf(symbol);
  }

  /** All functions, aliases too, by address; reads every name. */
  functions(): { name: string; vaddr: number; bytes: number }[] {
    return this.#symbols
      .all()
      .map(({ vaddr, bytes, nameAt }) => ({ name: this.#readName(nameAt), vaddr, bytes }));
  }

  /** As `functions`, of those whose name begins at one of these places of the file; reads no name. */
  functionsNamedAt(places: ReadonlyMap<number, string>): { name: string; vaddr: number }[] {
    return this.#symbols.all().flatMap(({ vaddr, nameAt }) => {
      const name = places.get(nameAt);
      return name === undefined ? [] : [{ name, vaddr }];
    });
  }

  close(): void {
    this.#source.close();
  }

  /** Of names for the same bytes: fewest leading underscores, global before weak before local, shortest, by the alphabet. */
  nameOf(symbol: number): string {
    const aliases = this.#symbols.aliasesOf(symbol).map(({ nameAt, rank }) => {
      const name = this.#readName(nameAt);
      return { name, rank, underscores: underscoresOf(name) };
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
    return readNameAt(this.#source, offset);
  }
}

/** The text that begins at `offset` of the file, cut at MAX_NAME_BYTES. */
export function readNameAt(source: ByteSource, offset: number): string {
  const available = source.sizeBytes - offset;
  for (let bytes = FIRST_NAME_BYTES; ; bytes *= 4) {
    const length = Math.min(bytes, available, MAX_NAME_BYTES);
    if (length <= 0) return '';
    const text = source.read(offset, length);
    const end = text.indexOf(0);
    if (end >= 0) return text.toString('utf8', 0, end);
    if (length < bytes || length === MAX_NAME_BYTES) return text.toString('utf8');
  }
}

/** The underscore of a mangled name (_Z…, _R…) belongs to it; those before a C name mark what is internal. */
function underscoresOf(name: string): number {
  return /^_[ZR]/.test(name) ? 0 : name.length - name.replace(/^_+/, '').length;
}

function readSymbols(reader: ElfReader, source: InflatedBytes): SymbolTable {
  const table = new SymbolTableBuilder();
  for (const listed of reader.sections) {
    if (listed.type !== SHT_SYMTAB && listed.type !== SHT_DYNSYM) continue;
    const listedStrings = reader.sections[listed.link];
    if (listedStrings === undefined || listedStrings.type === SHT_NOBITS) {
      // A debug file keeps the header of .dynsym, without its content.
      if (listed.type === SHT_DYNSYM && listedStrings !== undefined) continue;
      throw reader.error(`a symbol table names section ${listed.link} for its strings, which is none`);
    }
    const section = source.inflated(listed, reader, 'symbol table');
    const strings = source.inflated(listedStrings, reader, 'string table');
    if (section.entryBytes !== SYMBOL_BYTES)
      throw reader.error(`a symbol of ${section.entryBytes} bytes is not known`);
    const count = Math.floor(section.bytes / SYMBOL_BYTES);
    if (count > MAX_SYMBOLS)
      throw reader.error(`${count} symbols are more than the ${MAX_SYMBOLS} that are read`);
    if (!listed.isCompressed) reader.assertInside(section.offset, section.bytes, 'symbol table');
    if (!listedStrings.isCompressed) reader.assertInside(strings.offset, strings.bytes, 'string table');
    for (let first = 0; first < count; first += CHUNK_SYMBOLS) {
      const here = Math.min(CHUNK_SYMBOLS, count - first);
      const chunk = source.read(section.offset + first * SYMBOL_BYTES, here * SYMBOL_BYTES);
      addFunctions(table, chunk, strings);
    }
  }
  return table.build();
}

function addFunctions(table: SymbolTableBuilder, chunk: Buffer, strings: ElfSection): void {
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
