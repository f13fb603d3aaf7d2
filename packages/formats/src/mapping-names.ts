/** Owns what the file of a mapping says of its frames: the module's name, and whether it is the kernel's. */
import type { SampleFrame } from '@stallscope/profile';

/** @param file as pprof and perf have it: a path, or a name in brackets for what is no file */
export function toMapping(file: string): { module: string; role: 'user' | 'kernel' } {
  if (/^\[(?:kernel|guest\.kernel)[.\]]/.test(file)) return { module: '', role: 'kernel' };
  const base = file.slice(file.lastIndexOf('/') + 1);
  if (/^vmlinux(?:[-.].*)?$/.test(base)) return { module: '', role: 'kernel' };
  const kernelModule = /^(.+)\.ko(?:\.(?:xz|zst|gz))?$/.exec(base);
  return kernelModule === null
    ? { module: base, role: 'user' }
    : { module: kernelModule[1]!, role: 'kernel' };
}

/** The kernel's mapping, as perf and pprof name it. */
export const KERNEL_MAPPING = '[kernel.kallsyms]';

/** The other way: the kernel itself is one mapping, each of its modules another, named as their files are; '' for none. */
export function toMappingName({ role, module }: Pick<SampleFrame, 'role' | 'module'>): string {
  if (role !== 'kernel' && role !== 'waker-kernel') return module;
  return module === '' ? KERNEL_MAPPING : `${module}.ko`;
}
