/** Names of running programs beside those that gdb, attached to them, and perf, sampling them, give the same addresses. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { demangle } from './demangle.js';
import { type Mapping, ProcessMaps } from './process-maps.js';
import { Symbolizer } from './symbolizer.js';

const SOURCE = `
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <string>
#include <unistd.h>
namespace app {
template <typename T> struct Counter { T sum{}; __attribute__((noinline)) T add(const T &by) { return sum += by; } };
namespace { __attribute__((noinline)) int hidden(int x, const std::string &s) { return x * 31 + (int)s.size(); } }
__attribute__((noinline)) long spin(int rounds) {
	Counter<long> counter;
	for (int i = 0; i < rounds; i++)
		counter.add(hidden(i, "spin"));
	return counter.sum;
}
}
extern "C" __attribute__((noinline)) int plain_c(int x) { return x * 3; }
int main(int argc, char **argv) {
	std::map<std::string, int> all;
	all[argv[0]] = plain_c(argc) + (int)time(nullptr);
	std::printf("%zu\\n", all.size());
	std::fflush(stdout);
	while (std::getenv("SPIN") != nullptr)
		app::spin(100000);
	pause();
	return 0;
}
`;

let directory: string;
const running: ChildProcess[] = [];
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'stallscope-peers-'));
  writeFileSync(join(directory, 'program.cc'), SOURCE);
});
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

function build(name: string, ...flags: string[]): string {
  const path = join(directory, name);
  execFileSync('g++', ['-O1', '-g', '-Wl,--build-id', ...flags, join(directory, 'program.cc'), '-o', path]);
  return path;
}

/** It has said its line by then: it is in main, and its libraries are mapped. */
async function start(path: string, env: NodeJS.ProcessEnv = {}): Promise<number> {
  const child = spawn(path, { stdio: ['ignore', 'pipe', 'inherit'], env });
  running.push(child);
  await new Promise((resolve) => child.stdout!.once('data', resolve));
  return child.pid!;
}

function codeOf(tgid: number, path: string): Mapping {
  const { mappings } = new ProcessMaps(readFileSync(`/proc/${tgid}/maps`, 'utf8'));
  return mappings.find((mapping) => mapping.path === path)!;
}

/** What to add to the numbers of the file's tables to have addresses in the process. */
function biasOf(path: string, code: Mapping): number {
  const headers = execFileSync('readelf', ['-lW', path], { encoding: 'utf8' });
  const [, offset, vaddr] = /LOAD +(0x\w+) (0x\w+) \S+ \S+ \S+ R E/.exec(headers)!;
  return code.start - code.fileOffset + Number(offset) - Number(vaddr);
}

/** First and last byte of the program's own functions, those with an alias left out: of two names either is right. */
function ownFunctions(path: string): number[] {
  const lines = execFileSync('nm', ['-S', '--defined-only', path], { encoding: 'utf8' }).split('\n');
  const functions = lines.flatMap((line) => {
    const match = /^([0-9a-f]+) ([0-9a-f]+) [TtW] (?=_ZN3app|plain_c|main)/.exec(line);
    return match === null ? [] : [[Number.parseInt(match[1]!, 16), Number.parseInt(match[2]!, 16)] as const];
  });
  const starts = functions.map(([start]) => start);
  return functions
    .filter(([start], i) => starts.indexOf(start) === i && starts.lastIndexOf(start) === i)
    .flatMap(([start, bytes]) => [start, start + bytes - 1]);
}

/** Before each of gdb's answers; in no name. */
const ANSWER = '=answer=';

/** '' where it has none. */
function byGdb(tgid: number, addresses: readonly number[], debugFolder = '/nowhere'): string[] {
  const script = join(directory, 'gdb-script');
  const questions = addresses.map((address) => `echo ${ANSWER}\ninfo symbol 0x${address.toString(16)}\n`);
  writeFileSync(script, `set width 0\n${questions.join('')}`);
  const options = ['-batch', '-nx', '-iex', 'set debuginfod enabled off'];
  const folder = ['-iex', `set debug-file-directory ${debugFolder}`];
  const text = execFileSync('gdb', [...options, ...folder, '-p', `${tgid}`, '-x', script], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return text
    .split(ANSWER)
    .slice(1)
    .map((line) =>
      line.startsWith('No symbol') ? '' : line.replace(/( \+ \d+)? in section [\s\S]*/, '').trim(),
    );
}

describe('a running program, beside gdb', () => {
  test.each<[string, string[]]>([
    ['position-independent', ['-fPIE', '-pie', '-Wl,-z,lazy']],
    ['at a fixed place', ['-fno-PIE', '-no-pie', '-Wl,-z,lazy']],
    ['static', ['-static']],
    ['static and position-independent', ['-static-pie']],
  ])('%s: functions and stubs', async (name, flags) => {
    const path = build(name.replaceAll(' ', '-'), ...flags);
    const tgid = await start(path);
    const code = codeOf(tgid, path);
    const bias = biasOf(path, code);
    const addresses = ownFunctions(path).map((vaddr) => vaddr + bias);
    expect(addresses.length).toBeGreaterThan(8);
    const symbolizer = new Symbolizer();
    const ours = (address: number) => symbolizer.userFrame(tgid, BigInt(address));
    expect(addresses.map((address) => ours(address).name)).toEqual(byGdb(tgid, addresses));
    if (!name.includes('static')) {
      const table = /\.plt\S* +PROGBITS +([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+)/g;
      const sections = execFileSync('readelf', ['-SW', path], { encoding: 'utf8' });
      const stubs = [...sections.matchAll(table)].flatMap(([, at, bytes]) =>
        Array.from(
          { length: Number.parseInt(bytes!, 16) / 8 },
          (_, i) => Number.parseInt(at!, 16) + 8 * i + 1 + bias,
        ),
      );
      const named = byGdb(tgid, stubs)
        .map((theirs, i) => ({ theirs, address: stubs[i]! }))
        .filter(({ theirs }) => theirs.endsWith('@plt'));
      expect(named.length).toBeGreaterThan(4);
      for (const { theirs, address } of named)
        expect(ours(address)).toMatchObject({ name: theirs, kind: 'stub' });
    }
    symbolizer.close();
  });

  test.each(['.gnu_debuglink', 'build id'])('stripped, its debug file by %s', async (way) => {
    const folder = join(directory, way.replace(/\W/g, ''));
    mkdirSync(folder);
    const whole = build(`whole-${folder.split('/').at(-1)}`);
    const path = join(folder, 'program');
    execFileSync('strip', ['-o', path, whole]);
    const id = /Build ID: ([0-9a-f]+)/.exec(execFileSync('readelf', ['-n', path], { encoding: 'utf8' }))![1]!;
    const byId = `/usr/lib/debug/.build-id/${id.slice(0, 2)}`;
    const debug = way === 'build id' ? join(byId, `${id.slice(2)}.debug`) : `${path}.debug`;
    if (way === 'build id') mkdirSync(byId, { recursive: true });
    execFileSync('objcopy', ['--only-keep-debug', whole, debug]);
    try {
      if (way !== 'build id') execFileSync('objcopy', [`--add-gnu-debuglink=${debug}`, path]);
      const tgid = await start(path);
      const bias = biasOf(path, codeOf(tgid, path));
      const addresses = ownFunctions(whole).map((vaddr) => vaddr + bias);
      const symbolizer = new Symbolizer();
      const ours = addresses.map((address) => symbolizer.userFrame(tgid, BigInt(address)).name);
      expect(ours).toEqual(byGdb(tgid, addresses, '/usr/lib/debug'));
      expect(ours).toContain('app::spin(int)');
      symbolizer.close();
    } finally {
      rmSync(debug);
    }
  });

  test('the vdso', async () => {
    const tgid = await start(build('for-vdso'));
    const { start: from, end } = codeOf(tgid, '[vdso]');
    const addresses = Array.from({ length: (end - from) / 32 }, (_, i) => from + 32 * i);
    const symbolizer = new Symbolizer();
    // Functions have two names each, and gdb names what lies behind one after it too.
    const bare = (name: string): string => name.replace(/^__(vdso|kernel)_/, '');
    const theirs = byGdb(tgid, addresses);
    const named = addresses
      .map((address, i) => ({ ours: symbolizer.userFrame(tgid, BigInt(address)), theirs: theirs[i]! }))
      .filter(({ ours }) => ours.unnamed === 'named');
    expect(named.length).toBeGreaterThan(5);
    expect(named.map(({ ours }) => bare(ours.name))).toEqual(named.map(({ theirs }) => bare(theirs)));
    expect(named.map(({ ours }) => bare(ours.name))).toContain('clock_gettime');
    symbolizer.close();
  });
});

describe('a running program, beside perf', () => {
  test.each<[string, string[]]>([
    ['position-independent', ['-fPIE', '-pie']],
    ['at a fixed place', ['-fno-PIE', '-no-pie']],
    ['static', ['-static']],
  ])('%s: what it was sampled at', async (name, flags) => {
    const path = build(`perf-${name.replaceAll(' ', '-')}`, ...flags);
    const tgid = await start(path, { SPIN: '1' });
    const data = join(directory, 'perf.data');
    const sampling = ['-e', 'cpu-clock:u', '-F', '997', '-p', `${tgid}`, '-o', data];
    execFileSync('perf', ['record', '-q', ...sampling, '--', 'sleep', '1'], { stdio: 'ignore' });
    const text = execFileSync('perf', ['script', '-i', data, '-F', 'ip,sym', '--no-demangle'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, HOME: directory },
    });
    const theirs = new Map<bigint, string>();
    for (const line of text.split('\n')) {
      const match = /^\s*([0-9a-f]+) (\S+)/.exec(line);
      // Of the C library's functions with two names either is right; the program's own have one.
      if (match === null || !/^_ZN|@plt$/.test(match[2]!)) continue;
      const name = match[2]!.endsWith('@plt') ? match[2]! : demangle(match[2]!);
      theirs.set(BigInt(`0x${match[1]!}`), name);
    }
    const symbolizer = new Symbolizer();
    const code = codeOf(tgid, path);
    const own = [...theirs].filter(([address]) => address >= code.start && address < code.end);
    for (const [address, name] of own) expect(symbolizer.userFrame(tgid, address).name).toBe(name);
    expect(own.some(([, name]) => /^app::/.test(name))).toBe(true);
    symbolizer.close();
  });
});
