/**
 * Owns naming addresses of the kernel and of processes, and remembering what it takes: kallsyms, mappings, ELF tables.
 * Invariant: a name is given only where the address lies within that symbol of that file; everything kept is bounded; what
 * was learnt of a process stays after its exit until other processes push it out.
 *
 * A process is known by (tgid, start time, where its image lies): exec and a tgid used again begin a new *generation*, and
 * so does finding mappings that were not there when an address had no name. Names cached by a caller are valid within one.
 */
import { createHash } from 'node:crypto';
import { BoundedCache } from './bounded-cache.js';
import { ElfCache, type MappedFile } from './elf-cache.js';
import { kindOfFunction } from './jit-names.js';
import { Kallsyms, type KernelSymbol } from './kallsyms.js';
import type { NamedFile } from './named-file.js';
import { HOST_PERF_MAP_FILES, type PerfMapFiles } from './perf-map-file.js';
import { PerfMaps } from './perf-maps.js';
import { HOST_PROC_FILES, type ProcFiles } from './proc-files.js';
import type { ProcessImage, ProcessImages } from './process-images.js';
import { type Mapping, ProcessMaps } from './process-maps.js';
import { findRuntime, type Runtime } from './runtimes.js';
import { offsetName, type SymbolicFrame, UNKNOWN_NAME } from './symbolic-frame.js';

export interface SymbolizerOptions {
  readKallsyms?: () => Kallsyms;
  proc?: ProcFiles;
  /** Who follows processes from their first instant; without, /proc is asked. */
  images?: ProcessImages;
  perfMaps?: PerfMapFiles;
  /** Monotonic. */
  nowMs?: () => number;
}

/** Processes remembered, the exited among them: those of the last minute even where 16 a second come and go. */
const MAX_PROCESSES = 1024;
/** Mappings and named addresses of all processes together, 150 bytes each: whoever maps most is forgotten with the oldest. */
const MAX_REMEMBERED = 300_000;
/** Addresses named of one process; beyond it they are named anew. About 100 bytes each, and most processes have hundreds. */
const MAX_FRAMES_A_PROCESS = 16_384;
const MAX_KERNEL_FRAMES = 65_536;
/** How long a process counts as the one it was: one read of /proc/PID/stat, 10 µs, each. */
const RECHECK_PROCESS_MS = 1000;
/** Bogus addresses, of code without frame pointers, would have maps read for each of them. */
const REREAD_MAPS_MS = 1000;
/** Whether a run-time that has none by now writes a perf map after all: 50 µs a process. */
const SEEK_PERF_MAP_MS = 10_000;
/** kallsyms takes 100 to 200 ms to read, which each 10 s would be 1 % of a core; BPF programs and modules come seldom. First after this, then ever later. */
const REREAD_KALLSYMS_MS = 60_000;
/** An address that no reading names must not cost more than a fraction of a per mille of a core. */
const MAX_REREAD_KALLSYMS_MS = 600_000;

const GONE: SymbolicFrame = { name: UNKNOWN_NAME, module: '', unnamed: 'process-gone', kind: 'native' };
const UNMAPPED: SymbolicFrame = { name: UNKNOWN_NAME, module: '', unnamed: 'no-mapping', kind: 'native' };
const UNKNOWN_KERNEL: SymbolicFrame = {
  name: UNKNOWN_NAME,
  module: '',
  unnamed: 'no-symbol',
  kind: 'native',
};

/** What makes code at run time in a process, as far as its mappings tell, and whether that code has names. */
export interface JitState {
  /** Differs between two processes of one tgid, and after an exec. */
  identity: string;
  runtime: Runtime | undefined;
  isGone: boolean;
  /** Some addresses that were asked for are in no perf map. */
  hasUnnamedJit: boolean;
  hasPerfMap: boolean;
  /** There is a file in its place that may not be used. */
  isPerfMapRefused: boolean;
}

interface Process {
  generation: number;
  /** '' for a process that was gone when it was first asked for. */
  identity: string;
  isGone: boolean;
  /** Of one that is followed, what it was when `maps` were taken from it. */
  image: { of: ProcessImage; version: number } | undefined;
  maps: ProcessMaps | undefined;
  /** Of the text they were read from: the text itself is 200 KB in a browser. */
  mapsHash: string;
  mapsReadMs: number;
  checkedMs: number;
  /** What was told of it when /proc last said who it is: see ProcessImages.witness. */
  witness: number | undefined;
  /** An address was in none of the mappings. */
  hasMisses: boolean;
  frames: Map<bigint, SymbolicFrame>;
  /** Asked for, of code that no file names: what its perf map says of them may change. */
  jitAddresses: Set<bigint>;
  /** Of those, some have no name. */
  hasUnnamedJit: boolean;
  /** What `maps` tell of it; of which maps it was told. */
  runtime: Runtime | undefined;
  runtimeOf: ProcessMaps | undefined;
  /** When a perf map was last looked for though no frame needed one. */
  perfMapSoughtMs: number;
  /** By mapping: the key of its file in the cache, or undefined when it cannot be opened. */
  fileKeys: Map<Mapping, string | undefined>;
}

export class Symbolizer {
  readonly #readKallsyms: () => Kallsyms;
  readonly #proc: ProcFiles;
  readonly #images: ProcessImages | undefined;
  readonly #nowMs: () => number;
  #kallsyms: Kallsyms | undefined;
  #kallsymsReadMs = 0;
  #rereadKallsymsMs = REREAD_KALLSYMS_MS;
  #kernelTextStart: bigint | undefined;
  readonly #kernelFrames = new BoundedCache<bigint, SymbolicFrame>(MAX_KERNEL_FRAMES);
  /** Mappings and named addresses in #processes. */
  #remembered = 0;
  readonly #processes = new BoundedCache<number, Process>(MAX_PROCESSES, (process) => {
    this.#remembered -= weightOf(process);
  });
  readonly #elfs: ElfCache;
  readonly #perfMaps: PerfMaps;
  #lastGeneration = 0;

  constructor(options: SymbolizerOptions = {}) {
    this.#readKallsyms = options.readKallsyms ?? (() => Kallsyms.read());
    this.#proc = options.proc ?? HOST_PROC_FILES;
    this.#images = options.images;
    this.#perfMaps = new PerfMaps(options.perfMaps ?? HOST_PERF_MAP_FILES);
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#elfs = new ElfCache(() => this.#proc.vdso());
  }

  /** The kernel's table, read on first use. @throws SymbolError when it cannot be read. */
  kallsyms(): Kallsyms {
    if (this.#kallsyms === undefined) this.reloadKernelSymbols();
    return this.#kallsyms!;
  }

  /** Call when BPF programs or modules have been loaded; otherwise unknown addresses have it read again after some seconds. */
  reloadKernelSymbols(): void {
    this.#kallsyms = this.#readKallsyms();
    this.#kallsymsReadMs = this.#nowMs();
    this.#kernelTextStart = this.#kallsyms.find('_stext')?.start ?? this.#kallsyms.find('_text')?.start;
    this.#kernelFrames.clear();
  }

  kernelFrame(address: bigint): SymbolicFrame {
    const isRereadDue = this.#nowMs() - this.#kallsymsReadMs >= this.#rereadKallsymsMs;
    const known = this.#kernelFrames.get(address);
    if (known !== undefined && (known.unnamed === 'named' || !isRereadDue)) return known;
    let symbol = this.kallsyms().lookup(address);
    if (symbol === undefined && isRereadDue) {
      this.reloadKernelSymbols();
      symbol = this.kallsyms().lookup(address);
      this.#rereadKallsymsMs =
        symbol !== undefined
          ? REREAD_KALLSYMS_MS
          : Math.min(2 * this.#rereadKallsymsMs, MAX_REREAD_KALLSYMS_MS);
    }
    const frame = symbol === undefined ? this.#unknownKernelFrame(address) : frameOfKernelSymbol(symbol);
    this.#kernelFrames.set(address, frame);
    return frame;
  }

  /** `address` as it is to be looked up: for a return address, one less. */
  userFrame(tgid: number, address: bigint): SymbolicFrame {
    const process = this.#process(tgid);
    const known = process.frames.get(address);
    if (known !== undefined) return known;
    const frame = this.#nameUserAddress(tgid, process, address);
    if (process.frames.size >= MAX_FRAMES_A_PROCESS) {
      this.#remembered -= process.frames.size;
      process.frames.clear();
      process.jitAddresses.clear();
    }
    process.frames.set(address, frame);
    this.#remembered++;
    this.#forgetOldest();
    return frame;
  }

  /** Changes when names given for this process may no longer be those of its addresses. */
  processGeneration(tgid: number): number {
    return this.#process(tgid).generation;
  }

  /** What makes code at run time in this process, and whether that has names. */
  jitState(tgid: number): JitState {
    const process = this.#process(tgid);
    if (process.runtimeOf !== process.maps) {
      process.runtimeOf = process.maps;
      process.runtime = process.maps && findRuntime(process.maps.mappings);
    }
    const { identity, runtime, isGone, hasUnnamedJit } = process;
    const isMapAwaited = runtime !== undefined && !isGone && !this.#perfMaps.has(tgid);
    if (isMapAwaited && this.#nowMs() - process.perfMapSoughtMs >= SEEK_PERF_MAP_MS) {
      process.perfMapSoughtMs = this.#nowMs();
      this.#rereadPerfMap(tgid, process);
    }
    return {
      identity,
      runtime,
      isGone,
      hasUnnamedJit,
      hasPerfMap: this.#perfMaps.has(tgid),
      isPerfMapRefused: this.#perfMaps.isRefused(tgid),
    };
  }

  /** Its perf map has been written: it is read now, not at the next look. */
  rereadPerfMap(tgid: number): void {
    const process = this.#processes.get(tgid);
    if (process !== undefined) this.#rereadPerfMap(tgid, process);
  }

  /** The code of a function by the addresses that it has been seen at, in the numbers of its file's tables; by file. */
  seenCode(name: string, module: string): { file: NamedFile; vaddrs: number[] }[] {
    const vaddrs = new Map<NamedFile, Set<number>>();
    for (const [tgid, process] of this.#processes.entries()) {
      if (process.maps === undefined) continue;
      for (const [address, frame] of process.frames) {
        if (frame.name !== name || frame.module !== module) continue;
        const at = Number(address);
        const mapping = process.maps.find(at);
        const file = mapping && this.#fileOf(tgid, process, mapping);
        if (mapping === undefined || file === undefined) continue;
        const fileOffset = at - mapping.start + mapping.fileOffset;
        const of = vaddrs.get(file) ?? new Set<number>();
        vaddrs.set(file, of.add(file.vaddrOfFileOffset(fileOffset) ?? fileOffset));
      }
    }
    return [...vaddrs].map(([file, of]) => ({ file, vaddrs: [...of].sort((a, b) => a - b) }));
  }

  /** Where the code at `address` lies in the tables of its file; undefined of what is in no file that can be read. */
  codeAt(tgid: number, address: bigint): { file: NamedFile; vaddr: number; module: string } | undefined {
    const process = this.#process(tgid);
    if (process.maps === undefined || address > BigInt(Number.MAX_SAFE_INTEGER)) return undefined;
    const at = Number(address);
    const mapping = process.maps.find(at) ?? findBefore(process.image?.of.before, at);
    if (mapping === undefined || mapping.inode === 0n || !mapping.path.startsWith('/')) return undefined;
    const file = this.#fileOf(tgid, process, mapping);
    if (file === undefined) return undefined;
    const fileOffset = at - mapping.start + mapping.fileOffset;
    return { file, vaddr: file.vaddrOfFileOffset(fileOffset) ?? fileOffset, module: basename(mapping.path) };
  }

  /** Frees descriptors and memory; it may be used again, and reads anew. */
  close(): void {
    this.#elfs.close();
    this.#perfMaps.clear();
    this.#processes.clear();
    this.#remembered = 0;
    this.#kernelFrames.clear();
    this.#kallsyms = undefined;
  }

  #unknownKernelFrame(address: bigint): SymbolicFrame {
    const start = this.#kernelTextStart;
    if (start === undefined || address < start || address - start > 0xffff_ffffn) return UNKNOWN_KERNEL;
    return {
      name: offsetName('kernel', Number(address - start)),
      module: '',
      unnamed: 'no-symbol',
      kind: 'native',
    };
  }

  #process(tgid: number): Process {
    const image = this.#images?.find(tgid);
    if (image !== undefined) return this.#followed(tgid, image);
    const nowMs = this.#nowMs();
    const known = this.#processes.get(tgid);
    if (known !== undefined && nowMs - known.checkedMs < RECHECK_PROCESS_MS) return known;
    // Before /proc is asked: what is told meanwhile makes it another one.
    const witness = this.#images?.witness?.(tgid);
    if (known !== undefined && !known.isGone && witness !== undefined && witness === known.witness) {
      known.checkedMs = nowMs;
      this.#rereadMapsAfterMiss(tgid, known, nowMs);
      if (known.jitAddresses.size > 0) this.#rereadPerfMap(tgid, known);
      return known;
    }
    const stat = this.#proc.stat(tgid);
    if (known !== undefined) {
      known.checkedMs = nowMs;
      // A zombie has no memory any more; what was known of it stays, as of one that has been reaped.
      if (stat === undefined || isZombie(stat)) {
        known.isGone = true;
        return known;
      }
      if (identityOf(stat) === known.identity) {
        known.witness = witness;
        this.#rereadMapsAfterMiss(tgid, known, nowMs);
        if (known.jitAddresses.size > 0) this.#rereadPerfMap(tgid, known);
        return known;
      }
    }
    const fresh = this.#newProcess(stat === undefined ? '' : identityOf(stat), stat === undefined);
    fresh.checkedMs = nowMs;
    fresh.witness = witness;
    this.#perfMaps.forget(tgid);
    this.#processes.set(tgid, fresh);
    if (!fresh.isGone) this.#readMaps(tgid, fresh, nowMs);
    return fresh;
  }

  #newProcess(identity: string, isGone: boolean): Process {
    return {
      generation: ++this.#lastGeneration,
      identity,
      isGone,
      image: undefined,
      maps: undefined,
      mapsHash: '',
      mapsReadMs: Number.NEGATIVE_INFINITY,
      checkedMs: Number.NEGATIVE_INFINITY,
      witness: undefined,
      hasMisses: false,
      frames: new Map(),
      jitAddresses: new Set(),
      hasUnnamedJit: false,
      runtime: undefined,
      runtimeOf: undefined,
      perfMapSoughtMs: Number.NEGATIVE_INFINITY,
      fileKeys: new Map(),
    };
  }

  /** A process whose beginning was seen: what it maps is told, so nothing of it has to be read or doubted. */
  #followed(tgid: number, image: ProcessImage): Process {
    const known = this.#processes.get(tgid);
    if (known?.image !== undefined && known.identity === image.identity) {
      known.isGone = image.isGone;
      if (known.image.version !== image.version) this.#takeMaps(known, image);
      const nowMs = this.#nowMs();
      if (known.jitAddresses.size > 0 && nowMs - known.checkedMs >= RECHECK_PROCESS_MS) {
        known.checkedMs = nowMs;
        this.#rereadPerfMap(tgid, known);
      }
      return known;
    }
    this.#perfMaps.forget(tgid);
    const fresh = this.#newProcess(image.identity, image.isGone);
    this.#processes.set(tgid, fresh);
    this.#takeMaps(fresh, image);
    return fresh;
  }

  #takeMaps(process: Process, image: ProcessImage): void {
    this.#remembered -= weightOf(process);
    process.image = { of: image, version: image.version };
    process.maps = image.maps;
    // What was named lies where it lay; only what had no name may have one now.
    if (process.hasMisses) {
      process.hasMisses = false;
      process.frames.clear();
      process.jitAddresses.clear();
      process.generation = ++this.#lastGeneration;
    }
    this.#remembered += weightOf(process);
    this.#forgetOldest();
  }

  /** New mappings may name what had no name: then what callers cached is out of date. */
  #rereadMapsAfterMiss(tgid: number, process: Process, nowMs: number): void {
    if (!process.hasMisses || nowMs - process.mapsReadMs < REREAD_MAPS_MS) return;
    process.hasMisses = false;
    if (this.#readMaps(tgid, process, nowMs)) process.generation = ++this.#lastGeneration;
  }

  /** New entries may name what had no name, or name otherwise what is made where other code was. */
  #rereadPerfMap(tgid: number, process: Process): void {
    if (process.isGone || !this.#perfMaps.refresh(tgid)) return;
    let isOther = false;
    for (const address of process.jitAddresses) {
      const known = process.frames.get(address);
      const name = this.#perfMaps.nameAt(tgid, Number(address));
      if (known === undefined || name === undefined) continue;
      if (known.unnamed === 'named' && known.name === name.name && known.module === name.module) continue;
      process.frames.delete(address);
      this.#remembered--;
      isOther = true;
    }
    if (!isOther) return;
    process.hasUnnamedJit = false;
    process.generation = ++this.#lastGeneration;
  }

  /** True when they differ from what was known. */
  #readMaps(tgid: number, process: Process, nowMs: number): boolean {
    process.mapsReadMs = nowMs;
    const text = this.#proc.maps(tgid);
    // A kernel thread has none; a process that is just going has none any more: what was known stays.
    if (text === undefined || text === '') return false;
    const hash = createHash('md5').update(text).digest('base64');
    if (hash === process.mapsHash) return false;
    process.mapsHash = hash;
    this.#remembered -= weightOf(process);
    process.maps = new ProcessMaps(text);
    process.frames.clear();
    process.jitAddresses.clear();
    process.fileKeys.clear();
    this.#remembered += weightOf(process);
    this.#forgetOldest();
    return true;
  }

  #refreshImage(tgid: number, process: Process, nowMs: number): void {
    process.mapsReadMs = nowMs;
    this.#images?.refresh(tgid);
    const image = this.#images?.find(tgid);
    if (
      image !== undefined &&
      image.identity === process.identity &&
      image.version !== process.image?.version
    ) {
      this.#takeMaps(process, image);
    }
  }

  /** All but the process that is being asked about can go. */
  #forgetOldest(): void {
    while (this.#remembered > MAX_REMEMBERED && this.#processes.size > 1) this.#processes.evictOldest();
  }

  #nameUserAddress(tgid: number, process: Process, address: bigint): SymbolicFrame {
    if (process.maps === undefined) {
      // Gone, or going: a zombie has no mappings left. One that is just being made will have some.
      process.hasMisses = true;
      return GONE;
    }
    if (address > BigInt(Number.MAX_SAFE_INTEGER)) return UNMAPPED;
    const at = Number(address);
    let mapping = process.maps.find(at);
    if (mapping === undefined) {
      process.hasMisses = true;
      const nowMs = this.#nowMs();
      if (!process.isGone && nowMs - process.mapsReadMs >= REREAD_MAPS_MS) {
        if (process.image !== undefined) this.#refreshImage(tgid, process, nowMs);
        else this.#rereadMapsAfterMiss(tgid, process, nowMs);
        mapping = process.maps.find(at);
      }
      // Its perf map is of what it runs now, and so is what its user could do.
      const before = mapping === undefined ? findBefore(process.image?.of.before, at) : undefined;
      if (before !== undefined && isOfNoFile(before)) return noPerfMap(labelOf(before));
      mapping ??= before;
    }
    return mapping === undefined ? UNMAPPED : this.#nameInMapping(tgid, process, mapping, at);
  }

  #nameInMapping(tgid: number, process: Process, mapping: Mapping, at: number): SymbolicFrame {
    const isVdso = mapping.path === '[vdso]';
    if (isOfNoFile(mapping)) {
      return this.#nameJit(tgid, process, at) ?? noPerfMap(labelOf(mapping));
    }
    const module = isVdso ? '[vdso]' : basename(mapping.path);
    const file = isVdso ? this.#elfs.vdso() : this.#fileOf(tgid, process, mapping);
    const fileOffset = at - mapping.start + mapping.fileOffset;
    // Some run-times write their code into memory that is a file by name.
    if (file === undefined && isMemory(mapping.path)) {
      return this.#nameJit(tgid, process, at) ?? noPerfMap(`[${module}]`);
    }
    const vaddr = file?.vaddrOfFileOffset(fileOffset) ?? fileOffset;
    const found = file?.nameAt(vaddr);
    if (found !== undefined) {
      const { name, kind } = found;
      return { name, module, unnamed: 'named', kind: kind === 'native' ? kindOfFunction(name) : kind };
    }
    const isLost = mapping.isDeleted && !isVdso && process.fileKeys.get(mapping) === undefined;
    return {
      name: offsetName(module, vaddr),
      module,
      unnamed: isLost ? 'deleted-file' : 'no-symbol',
      kind: 'native',
    };
  }

  #nameJit(tgid: number, process: Process, at: number): SymbolicFrame | undefined {
    if (process.jitAddresses.size === 0 && !process.isGone) this.#perfMaps.refresh(tgid);
    process.jitAddresses.add(BigInt(at));
    const found = this.#perfMaps.nameAt(tgid, at);
    if (found === undefined) process.hasUnnamedJit = true;
    return found && { ...found, unnamed: 'named' };
  }

  #fileOf(tgid: number, process: Process, mapping: Mapping): MappedFile {
    const key = process.fileKeys.get(mapping);
    if (key !== undefined) {
      const cached = this.#elfs.get(key);
      if (cached !== undefined) return cached.file;
    } else if (process.fileKeys.has(mapping)) {
      return undefined;
    }
    const places = this.#proc.mappedFilePlaces(tgid, mapping.start, mapping.end, mapping.path);
    const held = this.#images?.findHeldFile(mapping);
    if (held !== undefined) places.unshift({ path: held, isCertain: true, root: `/proc/${tgid}/root` });
    const opened = this.#elfs.open(mapping, places);
    process.fileKeys.set(mapping, opened?.key);
    return opened?.file;
  }
}

/**
 * Start time, and where code and stack begin: exec moves them, with address randomisation even to the same program.
 * The name before them may hold spaces and brackets; fields are counted from behind its last bracket, where field 3 is.
 */
function identityOf(stat: string): string {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return `${fields[22 - 3]} ${fields[26 - 3]} ${fields[28 - 3]}`;
}

/** Before an exec the same process was another program, and a window holds what both did. */
function findBefore(image: ProcessImage | undefined, address: number): Mapping | undefined {
  for (let at = image; at !== undefined; at = at.before) {
    const mapping = at.maps.find(address);
    if (mapping !== undefined) return mapping;
  }
  return undefined;
}

function weightOf(process: Process): number {
  return (process.maps?.mappings.length ?? 0) + process.frames.size;
}

function isZombie(stat: string): boolean {
  const state = stat.charAt(stat.lastIndexOf(')') + 2);
  return state === 'Z' || state === 'X';
}

function frameOfKernelSymbol(symbol: KernelSymbol): SymbolicFrame {
  return { name: symbol.name, module: symbol.module, unnamed: 'named', kind: 'native' };
}

function noPerfMap(name: string): SymbolicFrame {
  return { name, module: '', unnamed: 'no-perf-map', kind: 'jit' };
}

function isOfNoFile({ path, inode }: Mapping): boolean {
  return path !== '[vdso]' && (inode === 0n || !path.startsWith('/'));
}

function isMemory(path: string): boolean {
  return path.startsWith('/memfd:') || path.startsWith('/dev/zero') || path.startsWith('/SYSV');
}

/** `[heap]` and the like as the kernel calls them; `[anon]` for memory of no name. */
function labelOf(mapping: Mapping): string {
  return mapping.path.startsWith('[') ? mapping.path : '[anon]';
}

function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
