/**
 * Owns .gnu_debugdata: the functions of a stripped program, as an ELF file of their own that is compressed with xz. Fedora
 * and its kin put one into most programs.
 */
import { MemoryBytes } from './byte-source.js';
import { ElfFile } from './elf.js';
import { type ElfReader, SHT_NOBITS } from './elf-reader.js';
import { lzmaLibrary } from './native.js';
import { SymbolError } from './symbol-error.js';

/** The largest of Fedora's programs have some hundred kilobytes; unpacking as much as this takes half a second at most. */
const MAX_PACKED_BYTES = 4 * 1024 * 1024;
const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;
/** What xz may take for itself: its own default for decompression of level 9. */
const MEMORY_LIMIT_BYTES = 80n * 1024n * 1024n;
/** Xz packs tables of symbols to a fifth; doubled from there until it fits. */
const FIRST_RATIO = 8;

const LZMA_OK = 0;
const LZMA_BUF_ERROR = 10;

export interface MiniDebugInfo {
  elf: ElfFile;
  /** Kept in memory, for names. */
  unpackedBytes: number;
}

/** undefined when there is none, or liblzma is not there. @throws SymbolError when it is damaged or too large. */
export function readMiniDebugInfo(reader: ElfReader): MiniDebugInfo | undefined {
  const section = reader.sectionsNamed(['.gnu_debugdata'])['.gnu_debugdata'];
  if (section === undefined || section.type === SHT_NOBITS || lzmaLibrary() === undefined) return undefined;
  const packed = reader.contents(section, MAX_PACKED_BYTES, '.gnu_debugdata');
  const name = `.gnu_debugdata of ${reader.source.name}`;
  const unpacked = unpackXz(packed, name);
  return {
    elf: ElfFile.read(new MemoryBytes(name, unpacked), { role: 'debug' }),
    unpackedBytes: unpacked.length,
  };
}

/** @throws SymbolError */
export function unpackXz(packed: Buffer, name: string): Buffer {
  const lzma = lzmaLibrary();
  if (lzma === undefined) {
    throw new SymbolError({
      operation: 'unpack',
      subject: name,
      cause: 'liblzma.so.5 is not there',
      hint: 'install liblzma5 (Debian, Ubuntu) or xz-libs (Fedora)',
    });
  }
  for (let room = Math.max(packed.length * FIRST_RATIO, 64 * 1024); ; room *= 4) {
    const output = Buffer.allocUnsafe(Math.min(room, MAX_UNPACKED_BYTES));
    const inputAt = new BigUint64Array(1);
    const outputAt = new BigUint64Array(1);
    const result = lzma.decode(
      BigUint64Array.of(MEMORY_LIMIT_BYTES),
      0,
      null,
      packed,
      inputAt,
      packed.length,
      output,
      outputAt,
      output.length,
    );
    const bytes = Number(outputAt[0]);
    if (result === LZMA_OK)
      return output.length - bytes > bytes
        ? Buffer.from(output.subarray(0, bytes))
        : output.subarray(0, bytes);
    const isFull = result === LZMA_BUF_ERROR && output.length < MAX_UNPACKED_BYTES;
    if (!isFull) {
      throw new SymbolError({
        operation: 'unpack',
        subject: name,
        cause:
          result === LZMA_BUF_ERROR
            ? `it is cut short, or more than the ${MAX_UNPACKED_BYTES} bytes that are read`
            : `it is no xz stream, or a damaged one (liblzma says ${result})`,
      });
    }
  }
}
