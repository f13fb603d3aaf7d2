/**
 * Owns the ELF files that are open for names: each content once, however many processes map it, within a bound of files and
 * of symbols. A file that cannot be read as ELF is remembered as such.
 */
import { BoundedCache } from './bounded-cache.js';
import { FileBytes, MemoryBytes } from './byte-source.js';
import { ElfFile } from './elf.js';
import type { FilePlace } from './proc-files.js';
import type { Mapping } from './process-maps.js';
import { SymbolError } from './symbol-error.js';

/** Each holds one descriptor; the usual limit of a process is 1024. */
const MAX_FILES = 256;
/** About 40 bytes each: 80 MB at worst, in practice a tenth. */
const MAX_SYMBOLS = 2_000_000;

/** undefined: not ELF, or not readable. */
export type MappedElf = ElfFile | undefined;

export class ElfCache {
  readonly #files = new BoundedCache<string, { elf: MappedElf }>(MAX_FILES, ({ elf }) => this.#dropped(elf));
  #symbols = 0;
  #vdso: { elf: MappedElf } | undefined;
  readonly #readVdso: () => Buffer | undefined;

  constructor(readVdso: () => Buffer | undefined) {
    this.#readVdso = readVdso;
  }

  get fileCount(): number {
    return this.#files.size;
  }

  /** `places` are tried in order; one that leads to another file than was mapped is passed over. */
  open(mapping: Mapping, places: readonly FilePlace[]): { elf: MappedElf; key: string } | undefined {
    for (const { path, isCertain } of places) {
      let source: FileBytes;
      try {
        source = new FileBytes(path, mapping.path);
      } catch (error) {
        if (isRefusal(error)) continue;
        throw error;
      }
      if (!isCertain && source.identity.inode !== mapping.inode) {
        source.close();
        continue;
      }
      return { elf: this.#adopt(source), key: source.identity.key };
    }
    return undefined;
  }

  /** What `open` returned for this key, as long as it is remembered. */
  get(key: string): { elf: MappedElf } | undefined {
    return this.#files.get(key);
  }

  /** The kernel's own code in every process; the same in all. */
  vdso(): MappedElf {
    if (this.#vdso === undefined) {
      const image = this.#readVdso();
      this.#vdso = { elf: image === undefined ? undefined : readElf(new MemoryBytes('[vdso]', image)) };
    }
    return this.#vdso.elf;
  }

  close(): void {
    this.#files.clear();
  }

  #adopt(source: FileBytes): MappedElf {
    const { key } = source.identity;
    const known = this.#files.get(key);
    if (known !== undefined) {
      source.close();
      return known.elf;
    }
    const elf = readElf(source);
    if (elf === undefined) source.close();
    this.#symbols += elf?.symbolCount ?? 0;
    this.#files.set(key, { elf });
    while (this.#symbols > MAX_SYMBOLS && this.#files.size > 1) this.#files.evictOldest();
    return elf;
  }

  #dropped(elf: MappedElf): void {
    this.#symbols -= elf?.symbolCount ?? 0;
    elf?.close();
  }
}

function readElf(source: FileBytes | MemoryBytes): MappedElf {
  try {
    return ElfFile.read(source);
  } catch (error) {
    // Data files, scripts, 32-bit programs and damaged files are mapped too: their frames stay without a name, and are
    // counted as such.
    if (error instanceof SymbolError) return undefined;
    throw error;
  }
}

const REFUSALS = new Set([
  'ENOENT',
  'ESRCH',
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'ELOOP',
  'ENXIO',
  'ENODEV',
  'EIO',
  'ETXTBSY',
  'EMFILE',
  'ENFILE',
  'ESTALE',
]);

function isRefusal(error: unknown): boolean {
  if (error instanceof SymbolError) return true;
  return error instanceof Error && 'code' in error && REFUSALS.has(String(error.code));
}
