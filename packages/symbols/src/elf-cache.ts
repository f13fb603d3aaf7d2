/**
 * Owns the ELF files that are open for names: each content once, however many processes map it, within a bound of files and
 * of symbols. A file that cannot be read as ELF is remembered as such.
 */
import { BoundedCache } from './bounded-cache.js';
import { FileBytes, MemoryBytes } from './byte-source.js';
import type { DebugPlace } from './debug-file.js';
import { isRefusal } from './file-refusal.js';
import { NamedFile } from './named-file.js';
import type { FilePlace } from './proc-files.js';
import type { Mapping } from './process-maps.js';

/** Each holds one descriptor, and one of its debug file where it has one; the usual limit of a process is 1024. */
const MAX_FILES = 256;
/** About 40 bytes each: 80 MB at worst, in practice a tenth. */
const MAX_SYMBOLS = 2_000_000;

/** undefined: not ELF, or not readable. */
export type MappedFile = NamedFile | undefined;

export class ElfCache {
  readonly #files = new BoundedCache<string, { file: MappedFile }>(MAX_FILES, ({ file }) =>
    this.#dropped(file),
  );
  #symbols = 0;
  #vdso: { file: MappedFile } | undefined;
  readonly #readVdso: () => Buffer | undefined;

  constructor(readVdso: () => Buffer | undefined) {
    this.#readVdso = readVdso;
  }

  get fileCount(): number {
    return this.#files.size;
  }

  /** `places` are tried in order; one that leads to another file than was mapped is passed over. */
  open(mapping: Mapping, places: readonly FilePlace[]): { file: MappedFile; key: string } | undefined {
    for (const { path, isCertain, root } of places) {
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
      return { file: this.#adopt(source, { path: mapping.path, root }), key: source.identity.key };
    }
    return undefined;
  }

  /** What `open` returned for this key, as long as it is remembered. */
  get(key: string): { file: MappedFile } | undefined {
    return this.#files.get(key);
  }

  /** The kernel's own code in every process; the same in all. */
  vdso(): MappedFile {
    if (this.#vdso === undefined) {
      const image = this.#readVdso();
      this.#vdso = { file: image === undefined ? undefined : readFile(new MemoryBytes('[vdso]', image)) };
    }
    return this.#vdso.file;
  }

  close(): void {
    this.#files.clear();
  }

  #adopt(source: FileBytes, place: DebugPlace): MappedFile {
    const { key } = source.identity;
    const known = this.#files.get(key);
    if (known !== undefined) {
      source.close();
      return known.file;
    }
    const file = readFile(source, place);
    if (file === undefined) source.close();
    this.#symbols += file?.symbolCount ?? 0;
    this.#files.set(key, { file });
    while (this.#symbols > MAX_SYMBOLS && this.#files.size > 1) this.#files.evictOldest();
    return file;
  }

  #dropped(file: MappedFile): void {
    this.#symbols -= file?.symbolCount ?? 0;
    file?.close();
  }
}

function readFile(source: FileBytes | MemoryBytes, place?: DebugPlace): MappedFile {
  try {
    return NamedFile.read(source, place);
  } catch (error) {
    // Data files, scripts, 32-bit programs and damaged files are mapped too: their frames stay without a name, and are
    // counted as such.
    if (isRefusal(error)) return undefined;
    throw error;
  }
}
