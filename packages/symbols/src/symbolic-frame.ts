/**
 * Owns what an address becomes: a name, the module it is in, what kind of code it is, and when it has no name of its own,
 * why.
 *
 *     { name: 'clock_nanosleep', module: 'libc.so.6', unnamed: 'named', kind: 'native' }
 *     { name: 'malloc@plt', module: 'app', unnamed: 'named', kind: 'stub' }          a linker's way to a library
 *     { name: 'app+0x1234', module: 'app', unnamed: 'no-symbol', kind: 'native' }    0x1234 is what addr2line takes
 *     { name: '[anon]', module: '', unnamed: 'no-perf-map', kind: 'jit' }            code in no file, as a JIT makes
 */
export type UnnamedReason =
  | 'named'
  | 'no-symbol'
  | 'no-mapping'
  | 'process-gone'
  /** The file that was mapped has no name any more, and could not be opened without one. */
  | 'deleted-file'
  /** Code made at run time, of which no perf map tells. */
  | 'no-perf-map';

/**
 * What made the code of a frame: a compiler ahead of time, a compiler at run time, an interpreter (the frame is then of the
 * interpreted function, or of the interpreter where that is not known), a caller that it was expanded into, a linker or
 * run-time that put it between two others.
 */
export type FrameKind = 'native' | 'jit' | 'interpreted' | 'inlined' | 'stub';

export interface SymbolicFrame {
  name: string;
  /** Basename of the file, or the kernel module; '' for the kernel itself and for no file. */
  module: string;
  unnamed: UnnamedReason;
  kind: FrameKind;
}

export const UNKNOWN_NAME = '[unknown]';

export function offsetName(module: string, offset: number): string {
  return `${module}+0x${offset.toString(16)}`;
}
