/**
 * Owns sections that are compressed as a whole (SHF_COMPRESSED; `eu-elfcompress --name=.symtab`): inflated within a bound,
 * and lying, for whoever reads the file, behind its end.
 *
 *     file 0 … 5000        read(4000, 16)  of the file
 *          5000 … 5864     read(5000, 24)  of the symbol table, inflated          5864 … 6370   of its strings
 *
 * A compressed section is { type 1 for zlib, 0, size, alignment } and the stream. Zstandard (2) is not read.
 */
import { inflateSync } from 'node:zlib';
import type { ByteSource, ElfReader, ElfSection } from './elf-reader.js';

const HEADER_BYTES = 24;
const TYPE_ZLIB = 1;
/** Of one file, which is kept in memory as long as its names are: a large program's symbols and strings. */
const MAX_INFLATED_BYTES = 32 * 1024 * 1024;

export class InflatedBytes implements ByteSource {
  readonly name: string;
  readonly #file: ByteSource;
  readonly #pieces: Buffer[] = [];
  #inflatedBytes = 0;

  constructor(file: ByteSource) {
    this.name = file.name;
    this.#file = file;
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes + this.#inflatedBytes;
  }

  get inflatedBytes(): number {
    return this.#inflatedBytes;
  }

  /** The section as if it lay there uncompressed; one that is not compressed is itself. @throws SymbolError */
  inflated(section: ElfSection, reader: ElfReader, what: string): ElfSection {
    if (!section.isCompressed) return section;
    const room = MAX_INFLATED_BYTES - this.#inflatedBytes;
    const packed = reader.contents(section, MAX_INFLATED_BYTES, what);
    if (packed.length < HEADER_BYTES) throw reader.error(`its compressed ${what} is too short for a header`);
    const type = packed.readUInt32LE(0);
    const bytes = Number(packed.readBigUInt64LE(8));
    if (type !== TYPE_ZLIB)
      throw reader.error(`its ${what} is compressed in way ${type}, of which zlib (1) alone is read`);
    if (bytes > room)
      throw reader.error(
        `the ${bytes} bytes of its compressed ${what} are more than the ${room} that are read`,
      );
    const content = inflate(packed.subarray(HEADER_BYTES), bytes);
    if (content?.length !== bytes)
      throw reader.error(`its compressed ${what} is damaged, or is not of the ${bytes} bytes that it says`);
    const offset = this.sizeBytes;
    this.#pieces.push(content);
    this.#inflatedBytes += bytes;
    return { ...section, offset, bytes, isCompressed: false };
  }

  read(offset: number, length: number): Buffer {
    const fileBytes = this.#file.sizeBytes;
    if (offset + length <= fileBytes) return this.#file.read(offset, length);
    const parts: Buffer[] = [];
    if (offset < fileBytes) parts.push(this.#file.read(offset, fileBytes - offset));
    let start = fileBytes;
    for (const piece of this.#pieces) {
      const from = Math.max(0, offset - start);
      const to = Math.min(piece.length, offset + length - start);
      if (from < to) parts.push(piece.subarray(from, to));
      start += piece.length;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  close(): void {
    this.#file.close();
  }
}

function inflate(stream: Buffer, bytes: number): Buffer | undefined {
  try {
    return inflateSync(stream, { maxOutputLength: Math.max(1, bytes) });
  } catch {
    // Whatever zlib says of it: it is damaged, or longer than it told. The caller says so.
    return undefined;
  }
}
