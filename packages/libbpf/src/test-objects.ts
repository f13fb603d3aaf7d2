/** Compiles the BPF objects of ../test-objects for the kernel tests, once a run, into a directory that `remove` deletes. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = fileURLToPath(new URL('../test-objects/', import.meta.url));
/** Where Debian and Ubuntu keep asm/types.h, which linux/bpf.h includes; the bpf target does not look there. */
const ARCH_INCLUDES: Partial<Record<NodeJS.Architecture, string>> = {
  x64: '/usr/include/x86_64-linux-gnu',
  arm64: '/usr/include/aarch64-linux-gnu',
};

export class TestObjects {
  readonly #directory = mkdtempSync(join(tmpdir(), 'stallscope-libbpf-'));

  /** Path of the object made from `test-objects/NAME.bpf.c`. */
  compile(name: string): string {
    const object = join(this.#directory, `${name}.bpf.o`);
    const arch = process.arch === 'arm64' ? '__TARGET_ARCH_arm64' : '__TARGET_ARCH_x86';
    const include = ARCH_INCLUDES[process.arch];
    execFileSync('clang', [
      ...['-target', 'bpf', '-O2', '-g', '-Wall', '-Werror', `-D${arch}`],
      ...(include === undefined ? [] : ['-isystem', include]),
      ...['-c', join(SOURCES, `${name}.bpf.c`), '-o', object],
    ]);
    return object;
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }
}
