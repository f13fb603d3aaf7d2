/**
 * Owns turning a linker's name into the source's, whole: `_ZN3foo3barEi` → `foo::bar(int)`. Names of C, and those that
 * cannot be read or would take too much, stay as they are. Short forms for reading are made where names are shown.
 */
import { demangleCxx } from './cxx-name.js';
import { demangleRustLegacy, isRustLegacy } from './rust-legacy-name.js';
import { demangleRustV0 } from './rust-v0-name.js';

/** What link-time optimisation of LLVM appends: it tells copies of one function apart, not functions. */
const LLVM_SUFFIX = /\.llvm\.[0-9A-Fa-f]+$/;

/** Tables of shared libraries have the version of a symbol with its name: `pthread_create@@GLIBC_2.34`. */
const VERSION = /(?<=.)@@?[A-Za-z_][\w.]*$/;

export function demangle(nameInTable: string): string {
  const linkerName = nameInTable.includes('@') ? nameInTable.replace(VERSION, '') : nameInTable;
  if (linkerName.charCodeAt(0) !== 0x5f) return linkerName;
  const name = linkerName.includes('.llvm.') ? linkerName.replace(LLVM_SUFFIX, '') : linkerName;
  switch (name[1]) {
    case 'R':
      return demangleRustV0(name) ?? linkerName;
    case 'Z':
      // Rust's older names are made as if they were C++, and would pass there with their hash and escapes.
      return (isRustLegacy(name) ? demangleRustLegacy(name) : demangleCxx(name)) ?? linkerName;
    default:
      return linkerName;
  }
}
