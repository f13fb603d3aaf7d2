/** Owns reading the places of addresses by libdw, in the way of eu-addr2line. */
import { demangle } from './demangle.js';
import {
  DWARF_ATTRIBUTE_BYTES,
  DWARF_DIE_BYTES,
  type Libdw,
  type Pointer,
  type Struct,
} from './dwarf-library.js';
import { MAX_INLINE_DEPTH, MAX_SOURCE_TEXT_CHARS, type SourcePlace } from './source-place.js';

const DW_TAG_INLINED_SUBROUTINE = 0x1d;
const DW_TAG_SUBPROGRAM = 0x2e;
const DW_TAG_NAMESPACE = 0x39;
/** class_type, structure_type, union_type, and Rust's enumeration_type. */
const DW_TAGS_TYPE: ReadonlySet<number> = new Set([0x02, 0x13, 0x17, 0x04]);
const DW_AT_ABSTRACT_ORIGIN = 0x31;
const DW_AT_SPECIFICATION = 0x47;
const DW_AT_CALL_COLUMN = 0x57;
const DW_AT_CALL_FILE = 0x58;
const DW_AT_CALL_LINE = 0x59;
const DW_AT_LINKAGE_NAME = 0x6e;
const DW_AT_MIPS_LINKAGE_NAME = 0x2007;
const DWARF_C_READ = 0;
/** Units of one file; a browser has some ten thousand. */
const MAX_UNITS = 500_000;
/** From an expanded function to its definition, from there to its declaration; a hostile file may go round in a circle. */
const MAX_ORIGINS = 4;
/** Pieces of code of one unit. */
const MAX_RANGES = 1_000_000;

/** @throws when the file has no debug information that libdw can read */
export function readPlaces(dw: Libdw, fd: number, vaddrs: readonly number[]): SourcePlace[][] {
  const dwarf = dw.dwarf_begin(fd, DWARF_C_READ);
  if (dwarf === null) throw new Error('it has no debug information that libdw can read');
  const units = unitsOf(dw, dwarf, Float64Array.from(vaddrs).sort());
  return vaddrs.map((vaddr) => {
    const unit = units.get(vaddr);
    return unit === undefined ? [] : placesIn(dw, dwarf, unit, BigInt(vaddr));
  });
}

/** The compilation unit of each address. Asked of each unit, as many compilers leave the table of addresses out. */
function unitsOf(dw: Libdw, dwarf: Pointer, vaddrs: Float64Array): Map<number, Struct> {
  const units = new Map<number, Struct>();
  const wanted = new Set(vaddrs).size;
  const next = new BigUint64Array(1);
  const headerBytes = new BigUint64Array(1);
  let offset = 0n;
  for (let count = 0; count < MAX_UNITS && units.size < wanted; count++) {
    if (dw.dwarf_nextcu(dwarf, offset, next, headerBytes, null, null, null) !== 0) break;
    const unit = new Uint8Array(DWARF_DIE_BYTES);
    if (dw.dwarf_offdie(dwarf, offset + headerBytes[0]!, unit) !== null) {
      for (const vaddr of addressesIn(dw, unit, vaddrs)) if (!units.has(vaddr)) units.set(vaddr, unit);
    }
    offset = next[0]!;
  }
  return units;
}

/** @param vaddrs in order */
function addressesIn(dw: Libdw, unit: Struct, vaddrs: Float64Array): number[] {
  const base = new BigUint64Array(1);
  const start = new BigUint64Array(1);
  const end = new BigUint64Array(1);
  const found: number[] = [];
  let at = 0n;
  for (let count = 0; count < MAX_RANGES; count++) {
    at = BigInt(dw.dwarf_ranges(unit, at, base, start, end));
    if (at <= 0n) break;
    const after = Number(end[0]!);
    for (let i = firstNotBelow(vaddrs, Number(start[0]!)); i < vaddrs.length && vaddrs[i]! < after; i++)
      found.push(vaddrs[i]!);
  }
  return found;
}

function firstNotBelow(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

function placesIn(dw: Libdw, dwarf: Pointer, unit: Struct, vaddr: bigint): SourcePlace[] {
  const here = lineAt(dw, unit, vaddr);
  const scopes = scopesAt(dw, dwarf, unit, vaddr);
  const places: SourcePlace[] = [];
  let { file, line, column } = here;
  for (const scope of scopes) {
    const tag = dw.dwarf_tag(scope);
    if (tag !== DW_TAG_INLINED_SUBROUTINE && tag !== DW_TAG_SUBPROGRAM) continue;
    places.push({ function: nameOf(dw, scope), file, line, column });
    if (tag === DW_TAG_SUBPROGRAM || places.length === MAX_INLINE_DEPTH) break;
    file = fileOf(dw, unit, numberOf(dw, scope, DW_AT_CALL_FILE));
    line = Number(numberOf(dw, scope, DW_AT_CALL_LINE) ?? 0n);
    column = Number(numberOf(dw, scope, DW_AT_CALL_COLUMN) ?? 0n);
  }
  // Assembly has lines and no functions.
  if (places.length === 0 && here.file !== '') places.push({ function: '', ...here });
  return places;
}

/** Innermost first, by where the code lies rather than where it is written. */
function scopesAt(dw: Libdw, dwarf: Pointer, unit: Struct, vaddr: bigint): Struct[] {
  const array = new BigUint64Array(1);
  if (dw.dwarf_getscopes(unit, vaddr, array) <= 0) return [];
  // Scopes around the innermost may be those of its source; so they are asked for again, of the entry itself.
  const innermost = new Uint8Array(DWARF_DIE_BYTES);
  if (dw.dwarf_offdie(dwarf, BigInt(dw.dwarf_dieoffset(array[0]!)), innermost) === null) return [];
  const scopes: Struct[] = [];
  for (const scope of scopesAround(dw, innermost)) {
    const die = new Uint8Array(DWARF_DIE_BYTES);
    if (dw.dwarf_offdie(dwarf, BigInt(dw.dwarf_dieoffset(scope)), die) !== null) scopes.push(die);
  }
  return scopes;
}

/** The entry itself and those that it lies in, innermost first. */
function scopesAround(dw: Libdw, die: Struct): Pointer[] {
  const array = new BigUint64Array(1);
  const count = Math.min(dw.dwarf_getscopes_die(die, array), 4 * MAX_INLINE_DEPTH);
  return Array.from({ length: Math.max(0, count) }, (_, i) => array[0]! + BigInt(i * DWARF_DIE_BYTES));
}

function lineAt(dw: Libdw, unit: Struct, vaddr: bigint): { file: string; line: number; column: number } {
  const line = dw.dwarf_getsrc_die(unit, vaddr);
  if (line === null) return { file: '', line: 0, column: 0 };
  const number = new Int32Array(1);
  return {
    file: bounded(dw.dwarf_linesrc(line, null, null)),
    line: dw.dwarf_lineno(line, number) === 0 ? number[0]! : 0,
    column: dw.dwarf_linecol(line, number) === 0 ? number[0]! : 0,
  };
}

function nameOf(dw: Libdw, die: Struct): string {
  const attribute = new Uint8Array(DWARF_ATTRIBUTE_BYTES);
  for (const code of [DW_AT_LINKAGE_NAME, DW_AT_MIPS_LINKAGE_NAME]) {
    if (dw.dwarf_attr_integrate(die, code, attribute) === null) continue;
    const name = dw.dwarf_formstring(attribute);
    if (name !== null) return bounded(demangle(name));
  }
  return declaredName(dw, die);
}

/** Of what has no linker's name, as what is always expanded: `queue::(anonymous namespace)::take`, without its parameters. */
function declaredName(dw: Libdw, die: Struct): string {
  const name = dw.dwarf_diename(die);
  if (name === null) return '';
  const around: string[] = [];
  for (const scope of scopesAround(dw, declarationOf(dw, die))) {
    const tag = dw.dwarf_tag(scope);
    const isNamespace = tag === DW_TAG_NAMESPACE;
    if (!isNamespace && !DW_TAGS_TYPE.has(tag)) continue;
    around.unshift(dw.dwarf_diename(scope) ?? (isNamespace ? '(anonymous namespace)' : '(anonymous)'));
  }
  return bounded([...around, name].join('::'));
}

/** Where it is declared, which is where its name belongs. */
function declarationOf(dw: Libdw, die: Struct): Struct {
  const attribute = new Uint8Array(DWARF_ATTRIBUTE_BYTES);
  let at = die;
  for (let count = 0; count < MAX_ORIGINS; count++) {
    const origin = new Uint8Array(DWARF_DIE_BYTES);
    const leads = [DW_AT_ABSTRACT_ORIGIN, DW_AT_SPECIFICATION].some(
      (code) =>
        dw.dwarf_attr(at, code, attribute) !== null && dw.dwarf_formref_die(attribute, origin) !== null,
    );
    if (!leads) break;
    at = origin;
  }
  return at;
}

function numberOf(dw: Libdw, die: Struct, code: number): bigint | undefined {
  const attribute = new Uint8Array(DWARF_ATTRIBUTE_BYTES);
  const value = new BigUint64Array(1);
  if (dw.dwarf_attr(die, code, attribute) === null || dw.dwarf_formudata(attribute, value) !== 0)
    return undefined;
  return value[0]! > 0xffff_ffffn ? undefined : value[0]!;
}

function fileOf(dw: Libdw, unit: Struct, index: bigint | undefined): string {
  const files = new BigUint64Array(1);
  const count = new BigUint64Array(1);
  if (index === undefined || dw.dwarf_getsrcfiles(unit, files, count) !== 0 || index >= count[0]!) return '';
  return bounded(dw.dwarf_filesrc(files[0]!, index, null, null));
}

function bounded(text: string | null): string {
  return (text ?? '').slice(0, MAX_SOURCE_TEXT_CHARS);
}
