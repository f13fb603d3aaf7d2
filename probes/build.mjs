/**
 * Compiles each probe (NAME/NAME.bpf.c → build/NAME.bpf.o) with clang for the machine it runs on.
 * `node build.mjs workloads` compiles the workloads of the tests too, with frame pointers, so that their stacks walk.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, 'build');
const BPF_ARCHITECTURES = { x64: 'x86', arm64: 'arm64' };
/** Where the distribution keeps asm/ headers; clang's bpf target does not look there by itself. */
const MULTIARCH = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };

/** Workloads that are built with musl too, where it is there: NAME-musl. */
const AGAINST_MUSL = ['lookups.c'];
const MUSL_COMPILER = 'musl-gcc';

function isThere(command) {
  return process.env.PATH.split(delimiter).some((folder) => existsSync(join(folder, command)));
}

function run(command, args) {
  try {
    execFileSync(command, args, { cwd: here, stdio: ['ignore', 'inherit', 'inherit'] });
  } catch (error) {
    if (error.code === 'ENOENT') {
      console.error(
        `probes: ${command} is not installed. Run: apt-get install ${command === 'cc' ? 'gcc' : command}`,
      );
    } else {
      console.error(`probes: ${command} ${args.at(-1)} failed (exit ${error.status})`);
    }
    process.exit(1);
  }
}

const bpfArchitecture = BPF_ARCHITECTURES[process.arch];
if (bpfArchitecture === undefined) {
  console.error(
    `probes: no BPF build for ${process.arch}; supported: ${Object.keys(BPF_ARCHITECTURES).join(', ')}`,
  );
  process.exit(1);
}
mkdirSync(out, { recursive: true });

if (process.argv[2] === 'workloads') {
  const sources = readdirSync(join(here, 'workloads')).filter((name) => name.endsWith('.c'));
  for (const source of sources) {
    const program = join(out, source.slice(0, -2));
    const flags = [
      '-O1',
      '-g',
      '-fno-omit-frame-pointer',
      '-fno-optimize-sibling-calls',
      '-fno-inline',
      '-pthread',
    ];
    run('cc', ['-Wall', '-Wextra', '-Werror', ...flags, '-o', program, join('workloads', source)]);
    if (AGAINST_MUSL.includes(source) && isThere(MUSL_COMPILER)) {
      // Headers of the kernel, which musl has none of, after musl's own.
      const kernel = ['/usr/include', `/usr/include/${MULTIARCH[process.arch]}`];
      const more = kernel.flatMap((folder) => ['-idirafter', folder]);
      run(MUSL_COMPILER, [
        ...['-Wall', '-Wextra', '-Werror', ...flags, ...more],
        ...['-o', `${program}-musl`, join('workloads', source)],
      ]);
    }
  }
} else {
  const rooms = readdirSync(here).filter((name) => existsSync(join(here, name, `${name}.bpf.c`)));
  for (const name of rooms) {
    run('clang', [
      ...['-O2', '-g', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter', '-Wno-missing-declarations'],
      ...[
        '-target',
        'bpf',
        '-mcpu=v3',
        `-D__TARGET_ARCH_${bpfArchitecture}`,
        `-I/usr/include/${MULTIARCH[process.arch]}`,
      ],
      ...['-c', '-o', join(out, `${name}.bpf.o`), join(name, `${name}.bpf.c`)],
    ]);
  }
}
