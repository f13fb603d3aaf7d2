/**
 * Owns what is called of libdw (elfutils), which reads debug information, and of the C library to give up rights before it
 * does. Only what runs in the reader's own process imports it: libdw trusts its input more than an agent may.
 */
import koffi, { type LibraryHandle } from 'koffi';

export type Pointer = bigint;
/** Structs of libdw are memory of ours that it fills: DWARF_DIE_BYTES and DWARF_ATTRIBUTE_BYTES long. */
export type Struct = Uint8Array;

/** elfutils/libdw.h: Dwarf_Die is { void *addr; struct *cu; struct *abbrev; long padding }. */
export const DWARF_DIE_BYTES = 32;
/** Dwarf_Attribute is { unsigned code; unsigned form; unsigned char *valp; struct *cu }. */
export const DWARF_ATTRIBUTE_BYTES = 24;

export interface Libdw {
  dwarf_begin(fd: number, command: number): Pointer | null;
  dwarf_nextcu(
    dwarf: Pointer,
    offset: bigint,
    nextOffset: BigUint64Array,
    headerBytes: BigUint64Array,
    abbreviations: null,
    addressBytes: null,
    offsetBytes: null,
  ): number;
  dwarf_offdie(dwarf: Pointer, offset: bigint, die: Struct): Pointer | null;
  dwarf_ranges(
    die: Struct,
    offset: bigint,
    base: BigUint64Array,
    start: BigUint64Array,
    end: BigUint64Array,
  ): bigint;
  dwarf_getscopes(unit: Struct, vaddr: bigint, scopes: BigUint64Array): number;
  dwarf_getscopes_die(die: Struct, scopes: BigUint64Array): number;
  dwarf_dieoffset(die: Pointer | Struct): bigint;
  dwarf_tag(die: Pointer | Struct): number;
  dwarf_diename(die: Pointer | Struct): string | null;
  dwarf_attr_integrate(die: Pointer | Struct, name: number, attribute: Struct): Pointer | null;
  dwarf_attr(die: Pointer | Struct, name: number, attribute: Struct): Pointer | null;
  dwarf_formstring(attribute: Struct): string | null;
  dwarf_formudata(attribute: Struct, value: BigUint64Array): number;
  dwarf_formref_die(attribute: Struct, die: Struct): Pointer | null;
  dwarf_getsrc_die(unit: Struct, vaddr: bigint): Pointer | null;
  dwarf_linesrc(line: Pointer, modified: null, bytes: null): string | null;
  dwarf_lineno(line: Pointer, number: Int32Array): number;
  dwarf_linecol(line: Pointer, number: Int32Array): number;
  dwarf_getsrcfiles(unit: Struct, files: BigUint64Array, count: BigUint64Array): number;
  dwarf_filesrc(files: Pointer, index: bigint, modified: null, bytes: null): string | null;
}

type Signature = readonly [result: string, parameters: readonly string[]];
const P = 'void *';
const SIGNATURES: Record<keyof Libdw, Signature> = {
  dwarf_begin: [P, ['int', 'int']],
  dwarf_nextcu: ['int', [P, 'uint64_t', P, P, P, P, P]],
  dwarf_offdie: [P, [P, 'uint64_t', P]],
  dwarf_ranges: ['int64_t', [P, 'int64_t', P, P, P]],
  dwarf_getscopes: ['int', [P, 'uint64_t', P]],
  dwarf_getscopes_die: ['int', [P, P]],
  dwarf_dieoffset: ['uint64_t', [P]],
  dwarf_tag: ['int', [P]],
  dwarf_diename: ['str', [P]],
  dwarf_attr_integrate: [P, [P, 'unsigned int', P]],
  dwarf_attr: [P, [P, 'unsigned int', P]],
  dwarf_formstring: ['str', [P]],
  dwarf_formudata: ['int', [P, P]],
  dwarf_formref_die: [P, [P, P]],
  dwarf_getsrc_die: [P, [P, 'uint64_t']],
  dwarf_linesrc: ['str', [P, P, P]],
  dwarf_lineno: ['int', [P, P]],
  dwarf_linecol: ['int', [P, P]],
  dwarf_getsrcfiles: ['int', [P, P, P]],
  dwarf_filesrc: ['str', [P, 'uint64_t', P, P]],
};

/** @throws where libdw.so.1 is not there */
export function loadLibdw(): Libdw {
  return declareAll<Libdw>(koffi.load('libdw.so.1'), SIGNATURES);
}

interface Libc {
  capset(header: Uint32Array, sets: Uint32Array): number;
  setrlimit(resource: number, limit: BigUint64Array): number;
  prctl(option: number, a: bigint, b: bigint, c: bigint, d: bigint): number;
}

export function loadLibc(): Libc {
  return declareAll<Libc>(koffi.load('libc.so.6'), {
    capset: ['int', [P, P]],
    setrlimit: ['int', ['int', P]],
    prctl: ['int', ['int', 'uint64_t', 'uint64_t', 'uint64_t', 'uint64_t']],
  });
}

function declareAll<T>(library: LibraryHandle, signatures: Record<keyof T, Signature>): T {
  const functions: Record<string, unknown> = {};
  for (const [name, [result, parameters]] of Object.entries<Signature>(signatures))
    functions[name] = library.func(name, result, [...parameters]);
  // The signatures are the typed interface, word for word.
  return functions as T;
}
