/**
 * Owns reading the parts that an ELF file is made of: header, segments, sections, notes. The file is not trusted: every
 * offset and length is checked against it, every table has a maximum, and what is wrong gives a SymbolError, never a read
 * out of range. 64-bit little-endian only. Only the tables are read, not the file: a browser's binary is 500 MB.
 */
import { SymbolError } from './symbol-error.js';

/** Bytes to read from: a file or memory. */
export interface ByteSource {
  /** For messages. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Of an open file; memory has none. */
  readonly fd?: number;
  /** Exactly `length` bytes; the caller stays within `sizeBytes`. Throws when the file has shrunk meanwhile. */
  read(offset: number, length: number): Buffer;
  close(): void;
}

export interface ElfSegment {
  fileOffset: number;
  fileBytes: number;
  vaddr: number;
}

export interface ElfSection {
  /** Where its name begins in the table of section names. */
  nameAt: number;
  type: number;
  vaddr: number;
  offset: number;
  bytes: number;
  link: number;
  entryBytes: number;
  /** What lies in the file is compressed as a whole. */
  isCompressed: boolean;
}

export type ElfMachine = 'x86-64' | 'aarch64' | 'other';

/** Linkers make about 10; hostile files up to 65535, which is still read quickly. */
const MAX_PROGRAM_HEADERS = 65_535;
/** -ffunction-sections leaves tens of thousands in relocatable files; more need an extension that is not read. */
const MAX_SECTIONS = 65_535;
const MAX_BUILD_ID_BYTES = 64;
const MAX_NOTE_BYTES = 65_536;
/** The names looked for are shorter. */
const MAX_SECTION_NAME_BYTES = 32;

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const SECTION_HEADER_BYTES = 64;

const PT_LOAD = 1;
const PT_NOTE = 4;
export const SHT_SYMTAB = 2;
const SHT_NOTE = 7;
export const SHT_NOBITS = 8;
export const SHT_DYNSYM = 11;
const SHF_COMPRESSED = 0x800;
const NT_GNU_BUILD_ID = 3;
const MACHINES = new Map<number, ElfMachine>([
  [62, 'x86-64'],
  [183, 'aarch64'],
]);

export class ElfReader {
  readonly source: ByteSource;
  readonly machine: ElfMachine;
  readonly sections: readonly ElfSection[];
  readonly #header: Buffer;
  readonly #programHeaders: Buffer;

  /** @throws SymbolError */
  constructor(source: ByteSource) {
    this.source = source;
    if (source.sizeBytes < HEADER_BYTES)
      throw this.error(`its ${source.sizeBytes} bytes are too few for a header`);
    this.#header = this.read(0, HEADER_BYTES, 'header');
    if (this.#header.readUInt32BE(0) !== 0x7f454c46) throw this.error('it is no ELF file');
    if (this.#header[4] !== 2) throw this.error('it is not a 64-bit ELF file; 32-bit programs get no names');
    if (this.#header[5] !== 1)
      throw this.error('it is a big-endian ELF file; only little-endian ones are read');
    this.machine = MACHINES.get(this.#header.readUInt16LE(18)) ?? 'other';
    this.#programHeaders = this.#readTable({
      what: 'program headers',
      offset: this.#u64(this.#header, 32, 'program headers'),
      count: this.#header.readUInt16LE(56),
      entryBytes: this.#header.readUInt16LE(54),
      expectedEntryBytes: PROGRAM_HEADER_BYTES,
      maxCount: MAX_PROGRAM_HEADERS,
    });
    this.sections = this.#readSections();
  }

  segments(): ElfSegment[] {
    const segments: ElfSegment[] = [];
    for (const header of entries(this.#programHeaders, PROGRAM_HEADER_BYTES)) {
      if (header.readUInt32LE(0) !== PT_LOAD) continue;
      const fileOffset = this.#u64(header, 8, 'segment offset');
      const fileBytes = this.#u64(header, 32, 'segment size');
      if (fileOffset + fileBytes > this.source.sizeBytes) {
        throw this.error(
          `a segment ends at ${fileOffset + fileBytes}, beyond its ${this.source.sizeBytes} bytes`,
        );
      }
      segments.push({ fileOffset, fileBytes, vaddr: this.#u64(header, 16, 'segment address') });
    }
    return segments;
  }

  /** Hex, '' when there is none. */
  buildId(): string {
    for (const header of entries(this.#programHeaders, PROGRAM_HEADER_BYTES)) {
      if (header.readUInt32LE(0) !== PT_NOTE) continue;
      const offset = this.#u64(header, 8, 'note offset');
      const bytes = this.#u64(header, 32, 'note size');
      if (bytes === 0 || bytes > MAX_NOTE_BYTES) continue;
      const id = findBuildId(this.read(offset, bytes, 'notes'));
      if (id !== '') return id;
    }
    return '';
  }

  /** As `buildId`, by sections: the program headers of a debug file tell where things lie in the file it belongs to. */
  buildIdOfSections(): string {
    for (const section of this.sections) {
      if (section.type !== SHT_NOTE || section.bytes === 0 || section.bytes > MAX_NOTE_BYTES) continue;
      const id = findBuildId(this.read(section.offset, section.bytes, 'notes'));
      if (id !== '') return id;
    }
    return '';
  }

  /** The first section of each of these names. */
  sectionsNamed<Name extends string>(names: readonly Name[]): Partial<Record<Name, ElfSection>> {
    const found: Partial<Record<Name, ElfSection>> = {};
    const strings = this.sections[this.#header.readUInt16LE(62)];
    if (strings === undefined || strings.type === SHT_NOBITS) return found;
    for (const section of this.sections) {
      const length = Math.min(MAX_SECTION_NAME_BYTES, strings.bytes - section.nameAt);
      if (section.type === 0 || !(length > 0) || section.nameAt === 0) continue;
      const bytes = this.read(strings.offset + section.nameAt, length, 'section names');
      const end = bytes.indexOf(0);
      const name = names.find((n) => n.length === end && n === bytes.toString('latin1', 0, end));
      if (name !== undefined) found[name] ??= section;
    }
    return found;
  }

  contents(section: ElfSection, maxBytes: number, what: string): Buffer {
    if (section.type === SHT_NOBITS) throw this.error(`its ${what} has no bytes in the file`);
    if (section.bytes > maxBytes)
      throw this.error(
        `the ${section.bytes} bytes of its ${what} are more than the ${maxBytes} that are read`,
      );
    return this.read(section.offset, section.bytes, what);
  }

  read(offset: number, bytes: number, what: string): Buffer {
    this.assertInside(offset, bytes, what);
    return this.source.read(offset, bytes);
  }

  assertInside(offset: number, bytes: number, what: string): void {
    if (offset + bytes <= this.source.sizeBytes) return;
    throw this.error(`its ${what} end at ${offset + bytes}, beyond its ${this.source.sizeBytes} bytes`);
  }

  error(cause: string): SymbolError {
    return new SymbolError({ operation: 'read', subject: this.source.name, cause });
  }

  #readSections(): ElfSection[] {
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
        nameAt: header.readUInt32LE(0),
        type,
        vaddr: Number(header.readBigUInt64LE(16)),
        offset: this.#place(header, 24, isRead),
        bytes: this.#place(header, 32, isRead),
        link: header.readUInt32LE(40),
        entryBytes: this.#place(header, 56, isRead),
        isCompressed: (header.readUInt32LE(8) & SHF_COMPRESSED) !== 0,
      };
    });
  }

  /** Numbers of sections that are not read may be anything; where they are used after all they fail the check there. */
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
    if (count > maxCount) throw this.error(`${count} ${what} are more than the ${maxCount} that are read`);
    if (entryBytes !== expectedEntryBytes)
      throw this.error(`${what} of ${entryBytes} bytes each are not known`);
    return this.read(offset, count * entryBytes, what);
  }

  #u64(buffer: Buffer, at: number, what: string): number {
    const value = Number(buffer.readBigUInt64LE(at));
    // Half of the range, so that the sum of two is exact as well.
    if (value > Number.MAX_SAFE_INTEGER / 2)
      throw this.error(`the number ${value} in its ${what} is out of range`);
    return value;
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
