/** Owns which errors mean that a file cannot be had, for whatever reason outside of this program. */
import { SymbolError } from './symbol-error.js';

const REFUSALS = new Set([
  'ENOENT',
  'ESRCH',
  'EACCES',
  'EPERM',
  'ENOTDIR',
  'ELOOP',
  'ENXIO',
  'ENODEV',
  'EIO',
  'ETXTBSY',
  'EMFILE',
  'ENFILE',
  'ESTALE',
]);

export function isRefusal(error: unknown): boolean {
  if (error instanceof SymbolError) return true;
  return error instanceof Error && 'code' in error && REFUSALS.has(String(error.code));
}
