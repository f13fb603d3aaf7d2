/**
 * Owns the names of one mapped file, whichever of its tables has them: its own, else those of its debug file or, where there
 * is none, of its .gnu_debugdata; else the stubs by which it calls libraries. Names are the source's (demangled), whole.
 * What cannot be read of a table leaves addresses without a name, never the caller without an answer.
 */

import { type DebugPlace, debugFilePaths, findDebugFile } from './debug-file.js';
import { demangle } from './demangle.js';
import { ElfFile } from './elf.js';
import { type ByteSource, ElfReader, SHT_NOBITS } from './elf-reader.js';
import { isRefusal } from './file-refusal.js';
import { readMiniDebugInfo } from './mini-debug-info.js';
import { PltStubs } from './plt-stubs.js';
import { RecentCache } from './recent-cache.js';
import type { FrameKind } from './symbolic-frame.js';

export interface FunctionName {
  name: string;
  kind: FrameKind;
}

/** Names kept of one file, about 200 bytes each; what is asked for most stays, the others are read again. */
const MAX_NAMES = 4_096;
/** A table in memory, in symbols that take as much: 40 bytes each. */
const BYTES_A_SYMBOL = 40;

export class NamedFile {
  readonly #reader: ElfReader;
  readonly #place: DebugPlace | undefined;
  readonly #own: ElfFile;
  readonly #more: ElfFile | undefined;
  readonly #memoryBytes: number;
  readonly #ownNames = new RecentCache<number, FunctionName>(MAX_NAMES);
  readonly #moreNames = new RecentCache<number, FunctionName>(MAX_NAMES);
  #stubs: PltStubs | undefined;
  #isBroken = false;

  private constructor(
    reader: ElfReader,
    own: ElfFile,
    more: MoreSymbols | undefined,
    place: DebugPlace | undefined,
  ) {
    this.#reader = reader;
    this.#place = place;
    this.#own = own;
    this.#more = more?.elf;
    this.#memoryBytes = own.memoryBytes + (more?.memoryBytes ?? 0) + (more?.elf.memoryBytes ?? 0);
  }

  /**
   * Keeps `source`; `close` closes it.
   * @param place where to look for its debug file; without one it is not looked for
   * @throws SymbolError when it is no ELF file, and then leaves `source` open
   */
  static read(source: ByteSource, place?: DebugPlace): NamedFile {
    const reader = new ElfReader(source);
    const own = ElfFile.fromReader(reader);
    const more = own.hasFullTable || place === undefined ? undefined : findMoreSymbols(reader, place);
    return new NamedFile(reader, own, more, place);
  }

  /** What it takes to keep, in symbols. */
  get symbolCount(): number {
    return (
      this.#own.symbolCount + (this.#more?.symbolCount ?? 0) + Math.ceil(this.#memoryBytes / BYTES_A_SYMBOL)
    );
  }

  vaddrOfFileOffset(fileOffset: number): number | undefined {
    return this.#own.vaddrOfFileOffset(fileOffset);
  }

  /** The function that covers `vaddr`; undefined when none is known to, however near one is. */
  nameAt(vaddr: number): FunctionName | undefined {
    if (this.#isBroken) return undefined;
    try {
      return (
        nameIn(this.#own, this.#ownNames, vaddr) ??
        (this.#more === undefined ? undefined : nameIn(this.#more, this.#moreNames, vaddr)) ??
        this.#stubAt(vaddr)
      );
    } catch (error) {
      // Cut short while it is mapped, or the disk does not give it: it will not get better by being asked again.
      if (!isRefusal(error)) throw error;
      this.#isBroken = true;
      return undefined;
    }
  }

  /**
   * Hands over the descriptor of the file that has its debug information, its own or another; it may be closed after.
   * @returns undefined when there is none
   */
  useDebugInfo<Result>(use: (fd: number) => Result): Result | undefined {
    try {
      if (hasDebugInfo(this.#reader)) {
        const { fd } = this.#reader.source;
        return fd === undefined ? undefined : use(fd);
      }
      const debug = this.#place === undefined ? undefined : findDebugFile(this.#reader, this.#place);
      if (debug === undefined) return undefined;
      const { source } = debug.reader;
      try {
        return hasDebugInfo(debug.reader) && source.fd !== undefined ? use(source.fd) : undefined;
      } finally {
        source.close();
      }
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return undefined;
    }
  }

  /** Where its debug information was looked for, for who is told that there is none; undefined of what is no file. */
  whereDebugInfoWouldBe(): { path: string; buildId: string; debugFiles: string[] } | undefined {
    if (this.#place === undefined) return undefined;
    const { path } = this.#place;
    try {
      return { path, buildId: this.#own.buildId, debugFiles: debugFilePaths(this.#reader, path) };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return { path, buildId: this.#own.buildId, debugFiles: [] };
    }
  }

  close(): void {
    this.#own.close();
    this.#more?.close();
  }

  #stubAt(vaddr: number): FunctionName | undefined {
    this.#stubs ??= this.#readStubs();
    const name = this.#stubs.nameAt(vaddr);
    if (name === undefined) return undefined;
    const end = name.length - '@plt'.length;
    return { name: `${demangle(name.slice(0, end))}@plt`, kind: 'stub' };
  }

  #readStubs(): PltStubs {
    try {
      return PltStubs.read(this.#reader, (at) => this.#own.symbolAt(at) ?? this.#more?.symbolAt(at));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      return PltStubs.NONE;
    }
  }
}

function hasDebugInfo(reader: ElfReader): boolean {
  const sections = reader.sectionsNamed(['.debug_info', '.zdebug_info']);
  return Object.values(sections).some((section) => section.type !== SHT_NOBITS);
}

function nameIn(
  elf: ElfFile,
  names: RecentCache<number, FunctionName>,
  vaddr: number,
): FunctionName | undefined {
  const symbol = elf.covering(vaddr);
  if (symbol === undefined) return undefined;
  const known = names.get(symbol);
  if (known !== undefined) return known;
  const name = demangle(elf.nameOf(symbol));
  if (name === '') return undefined;
  const found: FunctionName = { name, kind: 'native' };
  names.set(symbol, found);
  return found;
}

interface MoreSymbols {
  elf: ElfFile;
  memoryBytes: number;
}

function findMoreSymbols(reader: ElfReader, place: DebugPlace): MoreSymbols | undefined {
  try {
    const debug = findDebugFile(reader, place);
    if (debug !== undefined) {
      try {
        const elf = ElfFile.fromReader(debug.reader, { role: 'debug' });
        if (elf.symbolCount > 0) return { elf, memoryBytes: 0 };
      } catch (error) {
        if (!isRefusal(error)) throw error;
      }
      debug.reader.source.close();
    }
    const mini = readMiniDebugInfo(reader);
    return mini === undefined ? undefined : { elf: mini.elf, memoryBytes: mini.unpackedBytes };
  } catch (error) {
    // The program itself has names still.
    if (!isRefusal(error)) throw error;
    return undefined;
  }
}
