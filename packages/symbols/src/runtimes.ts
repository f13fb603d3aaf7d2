/**
 * Owns telling from the files that a process maps which run-time makes code in it, or interprets code that has names of
 * its own.
 *
 *     /usr/lib/jvm/…/lib/server/libjvm.so     java
 *     /usr/bin/node, libnode.so.108           node
 *     /usr/bin/python3.11, libpython3.12.so   python 3.11, 3.12
 */
import type { Mapping } from './process-maps.js';

export type RuntimeName = 'java' | 'node' | 'python' | 'dotnet' | 'ruby' | 'php';

export interface Runtime {
  name: RuntimeName;
  /** `3.11` of Python, whose minor version is in the name of its files; '' of others. */
  version: string;
  /** Its file is mapped here. */
  mapping: Mapping;
}

const FILES: readonly (readonly [RuntimeName, RegExp])[] = [
  ['java', /^libjvm\.so$/],
  ['dotnet', /^libcoreclr\.so$/],
  ['node', /^(node|nodejs|libnode\.so(\.\d+)*)$/],
  ['python', /^(?:lib)?python(\d+\.\d+)(?:[a-z]*)(?:\.so[\d.]*)?$/],
  ['ruby', /^(?:lib)?ruby(?:-?[\d.]+)?(?:\.so[\d.]*)?$/],
  ['php', /^(?:php(?:-fpm|-cgi)?[\d.]*|libphp[\d.]*\.so)$/],
];

/** Of several the first of the list above: a JVM that embeds Python is a JVM. */
export function findRuntime(mappings: readonly Mapping[]): Runtime | undefined {
  for (const [name, pattern] of FILES) {
    for (const mapping of mappings) {
      const match = pattern.exec(mapping.path.slice(mapping.path.lastIndexOf('/') + 1));
      if (match !== null)
        return { name, version: match[1] !== undefined && name === 'python' ? match[1] : '', mapping };
    }
  }
  return undefined;
}
