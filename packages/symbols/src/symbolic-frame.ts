/**
 * Owns what an address becomes: a name, the module it is in, and when it has no name of its own, why.
 *
 *     { name: 'clock_nanosleep', module: 'libc.so.6', unnamed: 'named' }
 *     { name: 'app+0x1234', module: 'app', unnamed: 'no-symbol' }      0x1234 is what addr2line takes
 *     { name: '[anon]', module: '', unnamed: 'no-mapping' }            code in no file, as a JIT makes
 */
export type UnnamedReason = 'named' | 'no-symbol' | 'no-mapping' | 'process-gone';

export interface SymbolicFrame {
  name: string;
  /** Basename of the file, or the kernel module; '' for the kernel itself and for no file. */
  module: string;
  unnamed: UnnamedReason;
}

export const UNKNOWN_NAME = '[unknown]';

export function offsetName(module: string, offset: number): string {
  return `${module}+0x${offset.toString(16)}`;
}
