/**
 * Owns the stubs through which a program calls functions of libraries: `malloc@plt`. They have no symbols of their own.
 * Each jumps by way of a slot of the GOT, and a relocation says which function the slot is for:
 *
 *     .plt      0x1030: jmp *0x2fe2(%rip)   → slot 0x4018        .rela.plt   0x4018 JUMP_SLOT malloc
 *
 * So the code of each stub is decoded, rather than stubs counted: linkers lay them out in several ways (.plt.sec, .plt.got,
 * with endbr64 or without). x86-64 and AArch64.
 */
import { readNameAt } from './elf.js';
import { type ElfReader, type ElfSection, SHT_NOBITS } from './elf-reader.js';

interface Stub {
  start: number;
  bytes: number;
  name: string;
}

const STUB_SECTIONS = ['.plt', '.plt.sec', '.plt.got', '.plt.bnd', '.iplt'] as const;
const RELOCATION_SECTIONS = ['.rela.plt', '.rela.dyn', '.rela.iplt'] as const;
/** A browser has some thousand stubs of 16 bytes. */
const MAX_STUB_BYTES = 4 * 1024 * 1024;
/** 24 bytes each; large programs have some hundred thousand, of data mostly. */
const MAX_RELOCATION_BYTES = 64 * 1024 * 1024;
const MAX_STUBS = 65_536;

const RELOCATION_BYTES = 24;
const SYMBOL_BYTES = 24;
const X86_GLOB_DAT = 6;
const X86_JUMP_SLOT = 7;
const X86_IRELATIVE = 37;
const ARM_GLOB_DAT = 1025;
const ARM_JUMP_SLOT = 1026;
const ARM_IRELATIVE = 1032;

export class PltStubs {
  /** By address. */
  readonly #stubs: readonly Stub[];

  static readonly NONE = new PltStubs([]);

  private constructor(stubs: readonly Stub[]) {
    this.#stubs = stubs;
  }

  /**
   * @param nameOfFunction of what is chosen at start-up (an IFUNC), by the address of its chooser
   * @throws SymbolError
   */
  static read(reader: ElfReader, nameOfFunction: (vaddr: number) => string | undefined): PltStubs {
    return new PltStubs(readStubs(reader, nameOfFunction));
  }

  get count(): number {
    return this.#stubs.length;
  }

  all(): readonly Stub[] {
    return this.#stubs;
  }

  /** `malloc@plt`; undefined when no stub is there. */
  nameAt(vaddr: number): string | undefined {
    let low = 0;
    let high = this.#stubs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#stubs[middle]!.start <= vaddr) low = middle + 1;
      else high = middle;
    }
    const stub = this.#stubs[low - 1];
    return stub !== undefined && vaddr < stub.start + stub.bytes ? stub.name : undefined;
  }
}

function readStubs(reader: ElfReader, nameOfFunction: (vaddr: number) => string | undefined): Stub[] {
  if (reader.machine === 'other') return [];
  const sections = stubSections(reader);
  if (sections.length === 0) return [];
  const functions = functionsBySlot(reader, nameOfFunction);
  if (functions.size === 0) return [];
  const stubs: Stub[] = [];
  for (const section of sections) {
    const start = section.vaddr;
    const code = reader.contents(section, MAX_STUB_BYTES, 'procedure linkage table');
    const slots =
      reader.machine === 'x86-64' ? x86Slots(code, start, section.entryBytes) : armSlots(code, start);
    for (const { offset, bytes, slot } of slots) {
      const name = functions.get(slot);
      if (name !== undefined && stubs.length < MAX_STUBS)
        stubs.push({ start: start + offset, bytes, name: `${name}@plt` });
    }
  }
  return stubs.sort((a, b) => a.start - b.start);
}

function stubSections(reader: ElfReader): ElfSection[] {
  return Object.values(reader.sectionsNamed(STUB_SECTIONS)).filter(
    (section) => section.type !== SHT_NOBITS && Number.isSafeInteger(section.vaddr),
  );
}

/** GOT slot → what it will hold the address of. */
function functionsBySlot(
  reader: ElfReader,
  nameOfFunction: (vaddr: number) => string | undefined,
): Map<number, string> {
  const functions = new Map<number, string>();
  for (const section of Object.values(reader.sectionsNamed(RELOCATION_SECTIONS))) {
    if (section.type === SHT_NOBITS || section.entryBytes !== RELOCATION_BYTES) continue;
    const relocations = reader.contents(section, MAX_RELOCATION_BYTES, 'relocations');
    const symbols = reader.sections[section.link];
    const strings = symbols === undefined ? undefined : reader.sections[symbols.link];
    for (let at = 0; at + RELOCATION_BYTES <= relocations.length; at += RELOCATION_BYTES) {
      const type = relocations.readUInt32LE(at + 8);
      if (!isOfFunction(type)) continue;
      const slot = Number(relocations.readBigUInt64LE(at));
      let name: string | undefined;
      if (type === X86_IRELATIVE || type === ARM_IRELATIVE) {
        name = nameOfFunction(Number(relocations.readBigUInt64LE(at + 16)));
      } else if (symbols !== undefined && strings !== undefined && strings.type !== SHT_NOBITS) {
        const symbolAt = relocations.readUInt32LE(at + 12) * SYMBOL_BYTES;
        if (symbolAt + SYMBOL_BYTES > symbols.bytes) continue;
        const nameAt = reader.read(symbols.offset + symbolAt, 4, 'dynamic symbols').readUInt32LE(0);
        if (nameAt === 0 || nameAt >= strings.bytes) continue;
        reader.assertInside(strings.offset, strings.bytes, 'names of dynamic symbols');
        name = readNameAt(reader.source, strings.offset + nameAt);
      }
      if (name !== undefined && name !== '') functions.set(slot, name);
      if (functions.size >= MAX_STUBS) return functions;
    }
  }
  return functions;
}

function isOfFunction(type: number): boolean {
  return (
    type === X86_JUMP_SLOT ||
    type === X86_GLOB_DAT ||
    type === X86_IRELATIVE ||
    type === ARM_JUMP_SLOT ||
    type === ARM_GLOB_DAT ||
    type === ARM_IRELATIVE
  );
}

interface Slot {
  /** Of the stub, in its section. */
  offset: number;
  bytes: number;
  slot: number;
}

/** Stubs are 16 bytes, or 8 in .plt.got; each has one `jmp *disp(%rip)` (ff 25), after endbr64 and bnd where there are. */
function x86Slots(code: Buffer, start: number, entryBytes: number): Slot[] {
  const jumps: number[] = [];
  for (let at = 0; at + 6 <= code.length && jumps.length < MAX_STUBS; ) {
    if (code[at] === 0xff && code[at + 1] === 0x25) {
      jumps.push(at);
      at += 6;
    } else at++;
  }
  // The first entry of .plt jumps to the resolver, by a slot that no relocation names, so it drops out later.
  const stubBytes = entryBytes === 8 ? 8 : 16;
  return jumps.map((at) => ({
    offset: at - (at % stubBytes),
    bytes: stubBytes,
    slot: start + at + 6 + code.readInt32LE(at + 2),
  }));
}

/** adrp x16, page · ldr x17, [x16, #offset] · add x16 … · br x17, after bti where it is. */
function armSlots(code: Buffer, start: number): Slot[] {
  const slots: Slot[] = [];
  for (let at = 0; at + 16 <= code.length && slots.length < MAX_STUBS; at += 4) {
    const adrp = code.readUInt32LE(at);
    const ldr = code.readUInt32LE(at + 4);
    // Register 16 for both, and 17 for what is loaded.
    if ((adrp & 0x9f00001f) >>> 0 !== 0x90000010 || (ldr & 0xffc003ff) >>> 0 !== 0xf9400211) continue;
    const immediate = (((adrp >> 5) & 0x7ffff) << 2) | ((adrp >> 29) & 3);
    const signed = (immediate << 11) >> 11;
    const page = Math.floor((start + at) / 4096) * 4096;
    const hasBti = at >= 4 && code.readUInt32LE(at - 4) === 0xd503245f;
    slots.push({
      offset: hasBti ? at - 4 : at,
      bytes: hasBti ? 20 : 16,
      slot: page + signed * 4096 + ((ldr >> 10) & 0xfff) * 8,
    });
  }
  return slots;
}
