/**
 * Owns this room's door to C: the C++ runtime's demangler and liblzma, each loaded on first use and each optional: where
 * one is not there, names stay as the linker wrote them, and .gnu_debugdata is not read.
 * Both are given bounded input and have a bound on what they may take; libdw, which has not, is only ever loaded by the
 * reader of debug information, a process of its own (dwarf-reader.ts).
 */
import koffi, { type LibraryHandle } from 'koffi';

export type Pointer = bigint;

const P = 'void *';

interface CxxRuntime {
  demangle(mangled: Uint8Array, buffer: null, length: null, status: Int32Array): Pointer | null;
}

interface Lzma {
  decode(
    memoryLimit: BigUint64Array,
    flags: number,
    allocator: null,
    input: Uint8Array,
    inputAt: BigUint64Array,
    inputBytes: number,
    output: Uint8Array,
    outputAt: BigUint64Array,
    outputBytes: number,
  ): number;
}

interface Libc {
  strnlen(text: Pointer, max: number): number;
  memcpy(destination: Uint8Array, source: Pointer, bytes: number): unknown;
  free(memory: Pointer): void;
}

let cxx: CxxRuntime | undefined | null;
let lzma: Lzma | undefined | null;
let libc: Libc | undefined;

/** undefined where the library is not there. */
export function cxxRuntime(): CxxRuntime | undefined {
  if (cxx === undefined) {
    const library = load('libstdc++.so.6') ?? load('libc++abi.so.1');
    cxx =
      library === undefined
        ? null
        : { demangle: library.func('__cxa_demangle', P, [P, P, P, P]) as unknown as CxxRuntime['demangle'] };
  }
  return cxx ?? undefined;
}

/** undefined where the library is not there. */
export function lzmaLibrary(): Lzma | undefined {
  if (lzma === undefined) {
    const library = load('liblzma.so.5');
    lzma =
      library === undefined
        ? null
        : {
            decode: library.func('lzma_stream_buffer_decode', 'int', [
              P,
              'uint32_t',
              P,
              P,
              P,
              'size_t',
              P,
              P,
              'size_t',
            ]) as unknown as Lzma['decode'],
          };
  }
  return lzma ?? undefined;
}

/** Takes over a C string: copies at most `maxBytes` of it and frees it. */
export function takeText(text: Pointer, maxBytes: number): string {
  const c = libcFunctions();
  const length = Number(c.strnlen(text, maxBytes));
  const bytes = Buffer.allocUnsafe(length);
  if (length > 0) c.memcpy(bytes, text, length);
  c.free(text);
  return bytes.toString('utf8');
}

function libcFunctions(): Libc {
  if (libc === undefined) {
    const library = koffi.load('libc.so.6');
    libc = {
      strnlen: library.func('strnlen', 'size_t', [P, 'size_t']) as unknown as Libc['strnlen'],
      memcpy: library.func('memcpy', P, [P, P, 'size_t']) as unknown as Libc['memcpy'],
      free: library.func('free', 'void', [P]) as unknown as Libc['free'],
    };
  }
  return libc;
}

function load(file: string): LibraryHandle | undefined {
  try {
    return koffi.load(file);
  } catch {
    // Not installed: what it would give is missing, and its callers say so.
    return undefined;
  }
}
