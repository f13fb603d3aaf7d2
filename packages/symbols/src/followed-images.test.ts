import { execFileSync } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { HOST_PROC_FILES, type ProcFiles } from './proc-files.js';
import type { ProcessImage, ProcessImages } from './process-images.js';
import { ProcessMaps } from './process-maps.js';
import { Symbolizer } from './symbolizer.js';

/** A process that has gone, and of which /proc would say nothing. */
const GONE = 4_000_000;
const NOBODY: ProcFiles = { ...HOST_PROC_FILES, stat: () => undefined, maps: () => undefined };

const directory = mkdtempSync(join(tmpdir(), 'stallscope-followed-'));
afterAll(() => rmSync(directory, { recursive: true }));
const symbolizers: Symbolizer[] = [];
afterEach(() => {
  for (const symbolizer of symbolizers.splice(0)) symbolizer.close();
});

function symbolizer(images: Partial<ProcessImages>): Symbolizer {
  const whole = { find: () => undefined, refresh: () => undefined, findHeldFile: () => undefined, ...images };
  const made = new Symbolizer({ proc: NOBODY, images: whole, nowMs: () => 0 });
  symbolizers.push(made);
  return made;
}

function image(facts: Partial<ProcessImage>): ProcessImage {
  return { identity: 'a', isGone: true, maps: new ProcessMaps(''), version: 1, before: undefined, ...facts };
}

/** A shared object with one function, and maps of a process that has it at `start`. */
function library(name: string): { maps: (start: number) => ProcessMaps; address: number; path: string } {
  const source = join(directory, `${name}.c`);
  const path = join(directory, `${name}.so`);
  writeFileSync(source, `int ${name}(int x) { return x + 1; }\n`);
  execFileSync('gcc', ['-shared', '-fPIC', '-o', path, source]);
  const table = execFileSync('nm', ['-D', path], { encoding: 'utf8' });
  const address = Number.parseInt(new RegExp(`^([0-9a-f]+) T ${name}$`, 'm').exec(table)![1]!, 16);
  const inode = execFileSync('stat', ['-c', '%i', path], { encoding: 'utf8' }).trim();
  const maps = (start: number): ProcessMaps =>
    new ProcessMaps(
      `${start.toString(16)}-${(start + 0x10000).toString(16)} r-xp 00000000 00:01 ${inode} ${path}`,
    );
  return { maps, address, path };
}

describe('frames of processes that were followed', () => {
  it('are named though the process has gone and /proc knows nothing of it', () => {
    const first = library('first');
    const s = symbolizer({ find: () => image({ maps: first.maps(0x100000) }) });
    expect(s.userFrame(GONE, BigInt(0x100000 + first.address))).toMatchObject({
      name: 'first',
      unnamed: 'named',
    });
  });

  it('of before an exec keep the names that they had there', () => {
    const [shell, program] = [library('in_shell'), library('in_program')];
    const before = image({ identity: 'shell', maps: shell.maps(0x100000) });
    let now = before;
    const s = symbolizer({ find: () => now });
    const generation = s.processGeneration(GONE);
    now = image({ identity: 'program', maps: program.maps(0x900000), before });
    expect(s.userFrame(GONE, BigInt(0x900000 + program.address)).name).toBe('in_program');
    expect(s.userFrame(GONE, BigInt(0x100000 + shell.address)).name).toBe('in_shell');
    expect(s.processGeneration(GONE)).not.toBe(generation);
  });

  it('of before an exec say nothing of the run-time that is there now: a child of node is not node', () => {
    const program = library('in_child');
    const before = image({ identity: 'node', maps: new ProcessMaps('700000-800000 r-xp 00000000 00:00 0') });
    const now = image({ identity: 'child', maps: program.maps(0x900000), before });
    const s = symbolizer({ find: () => now });
    expect(s.userFrame(GONE, 0x700010n)).toMatchObject({
      name: '[anon]',
      unnamed: 'no-perf-map',
      kind: 'jit',
    });
    expect(s.jitState(GONE).hasUnnamedJit).toBe(false);
  });

  it('get a name when what they lie in was mapped meanwhile, and cached stacks with them', () => {
    const [first, late] = [library('first'), library('late')];
    let now = image({ maps: first.maps(0x100000) });
    const s = symbolizer({ find: () => now });
    const address = BigInt(0x900000 + late.address);
    expect(s.userFrame(GONE, address).unnamed).toBe('no-mapping');
    const generation = s.processGeneration(GONE);
    now = image({ maps: now.maps.with(late.maps(0x900000).mappings), version: 2 });
    expect(s.processGeneration(GONE)).not.toBe(generation);
    expect(s.userFrame(GONE, address).name).toBe('late');
  });

  it('an address in no mapping of a living process has its mappings read again', () => {
    const late = library('late');
    let now = image({ isGone: false });
    const s = symbolizer({
      find: () => now,
      refresh: () => {
        now = image({ isGone: false, maps: late.maps(0x900000), version: 2 });
      },
    });
    expect(s.userFrame(GONE, BigInt(0x900000 + late.address)).name).toBe('late');
  });

  it('come from the file that was kept open, where its name is gone', () => {
    const gone = library('was_here');
    const fd = openSync(gone.path, 'r');
    rmSync(gone.path);
    const s = symbolizer({
      find: () => image({ maps: gone.maps(0x100000) }),
      findHeldFile: () => `/proc/self/fd/${fd}`,
    });
    expect(s.userFrame(GONE, BigInt(0x100000 + gone.address)).name).toBe('was_here');
  });

  it('whom nobody followed is looked for in /proc', () => {
    const maps = readFileSync('/proc/self/maps', 'utf8');
    const asked: number[] = [];
    const s = new Symbolizer({
      proc: { ...HOST_PROC_FILES, maps: (tgid) => (asked.push(tgid) > 0 ? maps : undefined) },
      images: { find: () => undefined, refresh: () => undefined, findHeldFile: () => undefined },
    });
    symbolizers.push(s);
    s.userFrame(process.pid, 0x1000n);
    expect(asked).toEqual([process.pid]);
  });
});
