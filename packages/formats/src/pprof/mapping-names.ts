/** Owns what the file of a mapping says of its frames: the module's name, and whether it is the kernel's. */

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
