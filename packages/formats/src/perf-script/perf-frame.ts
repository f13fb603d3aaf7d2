/**
 * Owns one frame of perf script: an address, a function with its offset, the module in parentheses.
 *
 *     ffffffff815ecaf9 handle_mm_fault+0x1f9 ([kernel.kallsyms])      handle_mm_fault, kernel
 *               16a640 operator()(int)+0x3 (/usr/lib/libfoo.so)       operator()(int), libfoo.so
 *               16a640 walk (inlined)                                 walk, in the module of the frame below
 *         7f2a10004a18 [unknown] (/usr/bin/app)                       [app], unnamed
 *
 * Every step is linear in the line: symbols come from the profiled program and may be kilobytes long.
 */
import type { UnnamedCode } from '@stallscope/profile';
import { toMapping } from '../mapping-names.js';

export interface PerfFrame {
  name: string;
  /** Without its folder; '' where unknown. */
  module: string;
  file: string;
  line: number;
  role: 'user' | 'kernel';
  unnamed: UnnamedCode;
  isInlined: boolean;
}

/** Undefined for a line that is no frame. */
export function toPerfFrame(line: string): PerfFrame | undefined {
  const text = line.trim();
  const addressEnd = text.indexOf(' ');
  const address = addressEnd < 0 ? text : text.slice(0, addressEnd);
  if (!/^(?:0x)?[0-9a-f]{1,16}$/i.test(address)) return undefined;
  let symbol = addressEnd < 0 ? '' : text.slice(addressEnd + 1).trim();
  let path = '';
  if (symbol.endsWith(')')) {
    const open = openOfPath(symbol);
    if (open >= 0) {
      path = symbol.slice(open + 2, -1);
      symbol = symbol.slice(0, open).trim();
    } else if (symbol.startsWith('(')) {
      path = symbol.slice(1, -1);
      symbol = '';
    }
  }
  const isInlined = path === 'inlined';
  if (isInlined || path === '[unknown]') path = '';
  path = path.endsWith(' (deleted)') ? path.slice(0, -' (deleted)'.length) : path;
  const { module, role } = toOwner(address, path);
  const offset = /\+0x[0-9a-f]{1,16}$/.exec(symbol.slice(-OFFSET_CHARACTERS));
  if (offset !== null) symbol = symbol.slice(0, -offset[0].length);
  const isNamed = symbol !== '' && symbol !== '[unknown]';
  const name = isNamed
    ? symbol
    : module === ''
      ? '[unknown]'
      : module.startsWith('[')
        ? module
        : `[${module}]`;
  const unnamed: UnnamedCode = isNamed ? 0 : module === '' ? NO_MAPPING : NO_SYMBOL;
  return { name, module, file: '', line: 0, role, unnamed, isInlined };
}

/** Where the parenthesis of the path opens, its space before it; the path may have some itself: `(/tmp/a (deleted))`. */
function openOfPath(text: string): number {
  const absolute = text.lastIndexOf(' (/');
  const special = text.lastIndexOf(' ([');
  const open = Math.max(absolute, special);
  return open >= 0 ? open : text.lastIndexOf(' (');
}

/** `+0x` and 16 digits. */
const OFFSET_CHARACTERS = 19;
/** Codes of UNNAMED. */
const NO_SYMBOL = 1;
const NO_MAPPING = 2;

/** Kernels of 64 bits lie in the upper half; modules and BPF programs are there under their own names: `[nf_tables]`. */
function toOwner(address: string, path: string): Pick<PerfFrame, 'module' | 'role'> {
  const mapping = toMapping(path);
  if (mapping.role === 'kernel' || path === '[vsyscall]') return mapping;
  if (!/^(?:0x)?ffff[0-9a-f]{12}$/i.test(address)) return mapping;
  return { module: mapping.module.replace(/^\[(.*)\]$/, '$1'), role: 'kernel' };
}
