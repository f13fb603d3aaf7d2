import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Kallsyms } from './kallsyms.js';
import { HOST_PROC_FILES, type ProcFiles } from './proc-files.js';
import { Symbolizer } from './symbolizer.js';

/** Prints addresses of its own and of the C library; on 'l' loads a library and prints one there, on 'e' becomes itself anew. */
const SOURCE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <time.h>
#include <sys/mman.h>
static __attribute__((noinline)) int waits_here(int x) { return x + 1; }
int exported(int x) { return waits_here(x) * 2; }
int main(int argc, char **argv) {
	char line[16];
	void *anon = mmap(0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *heap = malloc(100);
	printf("%p %p %p %p %p %p\\n", (void *)waits_here, (void *)exported, dlsym(RTLD_DEFAULT, "clock_nanosleep"), anon, heap,
	       (void *)((char *)dlsym(RTLD_DEFAULT, "exported") - 0x100000000));
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		if (line[0] == 'l') {
			void *library = dlopen(argv[1], RTLD_NOW);
			printf("%p\\n", library ? dlsym(library, "in_library") : 0);
			fflush(stdout);
		}
		if (line[0] == 'e') execv("/proc/self/exe", argv);
	}
	return 0;
}
`;
const LIBRARY = 'int in_library(int x) { return x + 3; }\n';

let directory: string;
let binary: string;
let library: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'stallscope-symbolizer-'));
  writeFileSync(join(directory, 'target.c'), SOURCE);
  writeFileSync(join(directory, 'library.c'), LIBRARY);
  binary = join(directory, 'target');
  library = join(directory, 'library.so');
  execFileSync('gcc', ['-O1', '-rdynamic', join(directory, 'target.c'), '-o', binary, '-ldl']);
  execFileSync('gcc', ['-O1', '-shared', '-fPIC', join(directory, 'library.c'), '-o', library]);
});
afterAll(() => rmSync(directory, { recursive: true }));

class Target {
  readonly tgid: number;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(path: string) {
    this.#child = spawn(path, [library], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
    this.tgid = this.#child.pid!;
  }

  async addresses(): Promise<bigint[]> {
    const { value } = await this.#lines.next();
    return String(value).split(' ').map(BigInt);
  }

  ask(command: string): Promise<bigint[]> {
    this.#child.stdin.write(`${command}\n`);
    return this.addresses();
  }

  async end(): Promise<void> {
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#child.exitCode !== null) return;
    this.#child.stdin.end();
    await exited;
  }
}

describe('frames of a real process', () => {
  const targets: Target[] = [];
  const symbolizers: Symbolizer[] = [];
  let nowMs = 0;
  afterEach(async () => {
    for (const target of targets.splice(0)) await target.end();
    for (const symbolizer of symbolizers.splice(0)) symbolizer.close();
  });
  function start(path = binary): Target {
    const target = new Target(path);
    targets.push(target);
    return target;
  }
  function symbolizer(proc: ProcFiles = HOST_PROC_FILES): Symbolizer {
    const made = new Symbolizer({ proc, nowMs: () => nowMs });
    symbolizers.push(made);
    return made;
  }
  const NAMED = (name: string, module: string) => ({ name, module, unnamed: 'named', kind: 'native' });

  test('are named by file and function; what is in no file says so', async () => {
    const target = start();
    const [waits, exported, sleeps, anon, heap, nowhere] = await target.addresses();
    const s = symbolizer();
    expect(s.userFrame(target.tgid, waits!)).toEqual(NAMED('waits_here', 'target'));
    expect(s.userFrame(target.tgid, exported! + 1n)).toEqual(NAMED('exported', 'target'));
    expect(s.userFrame(target.tgid, sleeps! + 3n)).toEqual(NAMED('clock_nanosleep', 'libc.so.6'));
    expect(s.userFrame(target.tgid, anon!)).toEqual({
      name: '[anon]',
      module: '',
      unnamed: 'no-perf-map',
      kind: 'jit',
    });
    // Data is no code: an address there comes from a register that held no frame.
    for (const address of [heap!, nowhere!, 0n, 16n, 2n ** 63n, 2n ** 64n - 1n]) {
      expect(s.userFrame(target.tgid, address)).toEqual({
        name: '[unknown]',
        module: '',
        unnamed: 'no-mapping',
        kind: 'native',
      });
    }
    // The same object again: from the cache.
    expect(s.userFrame(target.tgid, waits!)).toBe(s.userFrame(target.tgid, waits!));
  });

  test('outside of every symbol they are module and offset, as addr2line takes it', async () => {
    const target = start();
    const [waits] = await target.addresses();
    // The last byte of the code's last page is padding; the file is mapped as it is, from its first byte.
    const maps = readFileSync(`/proc/${target.tgid}/maps`, 'utf8');
    const first = BigInt(`0x${maps.slice(0, maps.indexOf('-'))}`);
    const codeEnd = BigInt(`0x${/^[0-9a-f]+-([0-9a-f]+) r-xp/m.exec(maps)?.[1]}`);
    expect(symbolizer().userFrame(target.tgid, codeEnd - 1n)).toEqual({
      name: `target+0x${(codeEnd - 1n - first).toString(16)}`,
      module: 'target',
      unnamed: 'no-symbol',
      kind: 'native',
    });
    const stripped = join(directory, 'stripped');
    execFileSync('strip', ['-o', stripped, binary]);
    const other = start(stripped);
    const [hidden, exported] = await other.addresses();
    const vaddr = waits! - first;
    expect(symbolizer().userFrame(other.tgid, hidden!)).toEqual({
      name: `stripped+0x${vaddr.toString(16)}`,
      module: 'stripped',
      unnamed: 'no-symbol',
      kind: 'native',
    });
    expect(symbolizer().userFrame(other.tgid, exported!)).toEqual(NAMED('exported', 'stripped'));
  });

  test('in the vdso are named from its own table', async () => {
    const target = start();
    await target.addresses();
    const maps = readFileSync(`/proc/${target.tgid}/maps`, 'utf8');
    const [low, high] = /([0-9a-f]+)-([0-9a-f]+) .*\[vdso\]/
      .exec(maps)!
      .slice(1)
      .map((hex) => BigInt(`0x${hex}`));
    const s = symbolizer();
    const names = new Set<string>();
    for (let address = low!; address < high!; address += 8n)
      names.add(s.userFrame(target.tgid, address).name);
    expect([...names].some((name) => /(^|_)clock_gettime$/.test(name))).toBe(true);
    expect([...names].some((name) => name.startsWith('[vdso]+0x'))).toBe(true);
  });

  test('keep their names after the process has gone, of functions not asked for before too', async () => {
    const target = start();
    const [waits, exported] = await target.addresses();
    const s = symbolizer();
    const generation = s.processGeneration(target.tgid);
    expect(s.userFrame(target.tgid, waits!).name).toBe('waits_here');
    await target.end();
    nowMs += 5000;
    expect(s.userFrame(target.tgid, waits!).name).toBe('waits_here');
    expect(s.userFrame(target.tgid, exported!).name).toBe('exported');
    expect(s.processGeneration(target.tgid)).toBe(generation);
    // One who looks only now finds nothing.
    expect(symbolizer().userFrame(target.tgid, waits!)).toEqual({
      name: '[unknown]',
      module: '',
      unnamed: 'process-gone',
      kind: 'native',
    });
  });

  test('of a library loaded later get their names, and the generation tells', async () => {
    const target = start();
    await target.addresses();
    const s = symbolizer();
    const before = s.processGeneration(target.tgid);
    const [inLibrary] = await target.ask('l');
    expect(s.userFrame(target.tgid, inLibrary!).unnamed).toBe('no-mapping');
    expect(s.processGeneration(target.tgid)).toBe(before);
    nowMs += 2000;
    expect(s.processGeneration(target.tgid)).not.toBe(before);
    expect(s.userFrame(target.tgid, inLibrary!)).toEqual(NAMED('in_library', 'library.so'));
  });

  test('after exec are those of the new image', async () => {
    const target = start();
    const [waits] = await target.addresses();
    const s = symbolizer();
    const before = s.processGeneration(target.tgid);
    expect(s.userFrame(target.tgid, waits!).name).toBe('waits_here');
    const [moved] = await target.ask('e');
    nowMs += 2000;
    expect(s.processGeneration(target.tgid)).not.toBe(before);
    expect(s.userFrame(target.tgid, moved!).name).toBe('waits_here');
  });

  test('of a file that was replaced are never named from the new one', async () => {
    const replaced = join(directory, 'replaced');
    copyFileSync(binary, replaced);
    const target = start(replaced);
    const [waits] = await target.addresses();
    unlinkSync(replaced);
    copyFileSync('/bin/true', replaced);
    // Without the right to open map_files only the path is left, and it leads to another file.
    const s = symbolizer({
      ...HOST_PROC_FILES,
      mappedFilePlaces: (...arguments_) => HOST_PROC_FILES.mappedFilePlaces(...arguments_).slice(1),
    });
    expect(s.userFrame(target.tgid, waits!)).toMatchObject({ module: 'replaced', unnamed: 'deleted-file' });
    const canOpenMapFiles = process.geteuid?.() === 0 && existsSync(`/proc/${target.tgid}/map_files`);
    if (canOpenMapFiles) expect(symbolizer().userFrame(target.tgid, waits!).name).toBe('waits_here');
  });
});

describe('bookkeeping', () => {
  function counting(stats: Map<number, string>, maps: Map<number, string>) {
    const reads = { stat: 0, maps: 0 };
    const proc: ProcFiles = {
      stat: (tgid) => {
        reads.stat++;
        return stats.get(tgid);
      },
      maps: (tgid) => {
        reads.maps++;
        return maps.get(tgid);
      },
      mappedFilePlaces: () => [],
      vdso: () => undefined,
    };
    return { reads, proc };
  }
  /** Field 22 is the start time, 26 and 28 where code and stack begin. */
  const stat = (startTime: number): string => {
    const fields = Array.from({ length: 49 }, (_, i) => String(i + 4));
    fields[22 - 4] = String(startTime);
    return `7 (a) b) S ${fields.join(' ')}`;
  };
  const MAPS = '400000-500000 r-xp 00000000 00:00 0 \n';

  test('a process is looked at once a second, its maps again only for addresses outside of them', () => {
    let nowMs = 0;
    const { reads, proc } = counting(new Map([[7, stat(1)]]), new Map([[7, MAPS]]));
    const s = new Symbolizer({ proc, nowMs: () => nowMs });
    for (let i = 0; i < 1000; i++) s.userFrame(7, 0x400000n + BigInt(i));
    expect(reads).toEqual({ stat: 1, maps: 1 });
    for (let i = 0; i < 1000; i++) s.userFrame(7, BigInt(i));
    expect(reads).toEqual({ stat: 1, maps: 1 });
    for (let second = 1; second <= 10; second++) {
      nowMs = second * 1000;
      for (let i = 0; i < 100; i++) s.userFrame(7, BigInt(i));
    }
    expect(reads.stat).toBe(11);
    // The misses of the second before had them read once, and they were the same.
    expect(reads.maps).toBeLessThanOrEqual(11);
    expect(s.processGeneration(7)).toBe(1);
  });

  test('a zombie is still the process that it was, though it has no memory any more', () => {
    let nowMs = 0;
    const stats = new Map([[7, stat(1)]]);
    const s = new Symbolizer({ proc: counting(stats, new Map([[7, MAPS]])).proc, nowMs: () => nowMs });
    const before = s.processGeneration(7);
    const fields = stats.get(7)!.split(' ');
    // Fields 26 and 28, where code and stack begin, read 0.
    fields[26] = '0';
    fields[28] = '0';
    stats.set(7, fields.join(' ').replace(') S ', ') Z '));
    nowMs = 2000;
    expect(s.processGeneration(7)).toBe(before);
    expect(s.userFrame(7, 0x400000n).name).toBe('[anon]');
  });

  test('a tgid used again is another process', () => {
    let nowMs = 0;
    const stats = new Map([[7, stat(1)]]);
    const maps = new Map([[7, MAPS]]);
    const s = new Symbolizer({ proc: counting(stats, maps).proc, nowMs: () => nowMs });
    const before = s.processGeneration(7);
    expect(s.userFrame(7, 0x400000n).name).toBe('[anon]');
    stats.set(7, stat(2));
    maps.set(7, '800000-900000 r-xp 00000000 00:00 0 \n');
    nowMs = 2000;
    expect(s.processGeneration(7)).not.toBe(before);
    expect(s.userFrame(7, 0x400000n).name).toBe('[unknown]');
    expect(s.userFrame(7, 0x800000n).name).toBe('[anon]');
  });

  test('a process that somebody watches is not looked at again until something is told of it', () => {
    let nowMs = 0;
    let witness: number | undefined = 1;
    const stats = new Map([[7, stat(1)]]);
    const { reads, proc } = counting(stats, new Map([[7, MAPS]]));
    const images = {
      find: () => undefined,
      witness: () => witness,
      refresh: () => undefined,
      findHeldFile: () => undefined,
    };
    const s = new Symbolizer({ proc, images, nowMs: () => nowMs });
    const before = s.processGeneration(7);
    const look = (): number => {
      nowMs += 2000;
      return s.processGeneration(7);
    };
    for (let n = 0; n < 10; n++) expect(look()).toBe(before);
    expect(reads.stat).toBe(1);
    // Told of, and still the same one.
    witness = 2;
    expect([look(), look()]).toEqual([before, before]);
    expect(reads.stat).toBe(2);
    // Nobody would tell any more.
    witness = undefined;
    expect([look(), look()]).toEqual([before, before]);
    expect(reads.stat).toBe(4);
    stats.set(7, stat(2));
    witness = 3;
    expect(look()).not.toBe(before);
  });

  test('a host of more processes than are remembered keeps working', () => {
    const many = 10_000;
    const stats = new Map(Array.from({ length: many }, (_, i) => [i, stat(i)]));
    const maps = new Map(Array.from({ length: many }, (_, i) => [i, MAPS]));
    const s = new Symbolizer({
      proc: counting(stats, maps).proc,
      perfMaps: { open: () => 'absent' },
      nowMs: () => 0,
    });
    for (let round = 0; round < 2; round++) {
      for (let tgid = 0; tgid < many; tgid++) expect(s.userFrame(tgid, 0x400000n).name).toBe('[anon]');
    }
  });

  test('kernel frames: named, module, offset; a program loaded later is found after a while', () => {
    let nowMs = 0;
    let table =
      'ffffffff81000000 T _text\nffffffff81000000 T _stext\nffffffff81000100 t schedule\nffffffff81000200 d data\n';
    let reads = 0;
    const s = new Symbolizer({
      readKallsyms: () => {
        reads++;
        return Kallsyms.parse(table);
      },
      proc: counting(new Map(), new Map()).proc,
      nowMs: () => nowMs,
    });
    expect(s.kernelFrame(0xffffffff81000110n)).toEqual({
      name: 'schedule',
      module: '',
      unnamed: 'named',
      kind: 'native',
    });
    expect(s.kernelFrame(0xffffffff81000210n)).toEqual({
      name: 'kernel+0x210',
      module: '',
      unnamed: 'no-symbol',
      kind: 'native',
    });
    expect(s.kernelFrame(0xffffffffc0000000n)).toMatchObject({ unnamed: 'no-symbol' });
    expect(s.kernelFrame(5n)).toEqual({
      name: '[unknown]',
      module: '',
      unnamed: 'no-symbol',
      kind: 'native',
    });
    expect(reads).toBe(1);
    table += 'ffffffffc0000000 t bpf_prog_0123456789abcdef_f\t[bpf]\n';
    nowMs = 70_000;
    expect(s.kernelFrame(0xffffffffc0000010n)).toEqual({
      name: 'bpf_prog_0123456789abcdef_f',
      module: 'bpf',
      unnamed: 'named',
      kind: 'native',
    });
    expect(s.kernelFrame(0xffffffffc0000000n).unnamed).toBe('named');
    expect(reads).toBe(2);
    // What is never found has the table read ever more seldom: within a day at first after a minute, at last every 10 minutes.
    for (; nowMs < 86_400_000; nowMs += 1000) s.kernelFrame(5n);
    expect(reads).toBeLessThan(160);
  });
});
