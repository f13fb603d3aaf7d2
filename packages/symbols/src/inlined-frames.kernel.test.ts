import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { InlinedFrames } from './inlined-frames.js';
import { ProcessMaps } from './process-maps.js';
import { Symbolizer } from './symbolizer.js';

/** The reader gives up root before it reads, which takes root to begin with; it runs as it is built. */
const READER = { args: [fileURLToPath(new URL('../dist/dwarf-reader-main.js', import.meta.url))] };

const SOURCE = `#include <cstdlib>
#include <vector>
#include <unistd.h>
namespace app {
struct Step { int by; inline __attribute__((always_inline)) int take(int x) const { return x * by + std::rand(); } };
template <typename T> static inline __attribute__((always_inline)) T sum(T a, const Step &step) {
	return step.take(a) + step.take(a + 1);
}
__attribute__((noinline)) int outer(int n) {
	std::vector<int> all;
	for (int i = 0; i < n; i++)
		all.push_back(sum(i, Step{3}));
	return all.back();
}
}
int main() {
	pause();
	return app::outer(7);
}
`;

let directory: string;
let program: string;
let running: ChildProcess;
/** The same without any debug file. */
let bare: ChildProcess;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'stallscope-inlined-'));
  program = join(directory, 'program');
  writeFileSync(`${program}.cc`, SOURCE);
  execFileSync('g++', ['-O2', '-g', '-Wl,--build-id', `${program}.cc`, '-o', `${program}-whole`]);
  // As distributions ship it: what runs has no debug information, a file beside it has.
  execFileSync('objcopy', ['--only-keep-debug', `${program}-whole`, `${program}.debug`]);
  execFileSync('strip', ['-o', program, `${program}-whole`]);
  execFileSync('objcopy', [`--add-gnu-debuglink=${program}.debug`, program]);
  execFileSync('strip', ['-R', '.note.gnu.build-id', '-o', `${program}-bare`, `${program}-whole`]);
  running = spawn(program, { stdio: 'ignore' });
  bare = spawn(`${program}-bare`, { stdio: 'ignore' });
  await Promise.all([running, bare].map((child) => new Promise((resolve) => child.once('spawn', resolve))));
});
afterAll(() => {
  running.kill('SIGKILL');
  bare.kill('SIGKILL');
  rmSync(directory, { recursive: true });
});

/** Where `app::outer` lies in the process, and by how much that differs from the file's own numbers. */
function outerInMemory(): { start: number; bytes: number; bias: number } {
  const line = execFileSync('nm', ['-SC', `${program}-whole`], { encoding: 'utf8' })
    .split('\n')
    .find((text) => / T app::outer/.test(text))!;
  const [vaddr, bytes] = line.split(' ').map((hex) => Number.parseInt(hex, 16)) as [number, number];
  const code = new ProcessMaps(readFileSync(`/proc/${running.pid}/maps`, 'utf8')).mappings.find(
    ({ path }) => path === program,
  )!;
  const load = /LOAD +(0x\w+) (0x\w+) \S+ \S+ \S+ R E/.exec(
    execFileSync('readelf', ['-lW', program], { encoding: 'utf8' }),
  )!;
  const bias = code.start - code.fileOffset + Number(load[1]) - Number(load[2]);
  return { start: vaddr + bias, bytes, bias };
}

/** Functions at an address, innermost first, by addr2line: without arguments, templates and scopes, on which names differ. */
function byAddr2line(vaddrs: readonly number[]): string[][] {
  const text = execFileSync(
    'addr2line',
    ['-aifC', '-e', `${program}-whole`, ...vaddrs.map((vaddr) => vaddr.toString(16))],
    { encoding: 'utf8' },
  );
  return text
    .split(/^0x[0-9a-f]+\n/m)
    .slice(1)
    .map((lines) =>
      lines
        .trim()
        .split('\n')
        .filter((_, i) => i % 2 === 0)
        .map(bareName),
    );
}

function bareName(name: string): string {
  return name
    .replace(/\(.*/, '')
    .replace(/<.*/, '')
    .replace(/^.*(::| )/, '');
}

test('every address of a running function has the inlined functions that addr2line prints, by its debug file', async () => {
  const { start, bytes, bias } = outerInMemory();
  const addresses = Array.from({ length: bytes }, (_, i) => start + i);
  const symbolizer = new Symbolizer();
  const inlines = new InlinedFrames(symbolizer, READER);
  const tgid = running.pid!;
  expect(inlines.at(tgid, BigInt(start)), 'before it was asked for').toEqual([]);
  await inlines.learn(addresses.map((address) => ({ tgid, address: BigInt(address) })));
  const ours = addresses.map((address) => {
    const frames = inlines.at(tgid, BigInt(address));
    expect(frames.every(({ kind, module }) => kind === 'inlined' && module === 'program')).toBe(true);
    return [...frames, symbolizer.userFrame(tgid, BigInt(address))].map(({ name }) => bareName(name));
  });
  const theirs = byAddr2line(addresses.map((address) => address - bias));
  // Of an inlined leaf addr2line 2.40 prints the symbol that covers the address; gdb and the file have its own name.
  const comparable = (levels: string[]): string[] => (levels.length > 1 ? levels.slice(1) : levels);
  expect(ours.map(comparable)).toEqual(theirs.map(comparable));
  expect(ours.map((levels) => levels.length)).toEqual(theirs.map((levels) => levels.length));
  expect(ours).toContainEqual(['take', 'sum', 'outer']);
  expect(inlines.summary).toMatchObject({ addresses: bytes, unanswered: 0, bareFiles: [], bareFileCount: 0 });
  expect(inlines.epoch).toBe(0);
  symbolizer.close();
});

test('the innermost too has the name that elfutils prints, whole, and its scope where there is no linker’s name', async () => {
  const { start, bytes, bias } = outerInMemory();
  const symbolizer = new Symbolizer();
  const inlines = new InlinedFrames(symbolizer, READER);
  const tgid = running.pid!;
  const addresses = Array.from({ length: bytes }, (_, i) => start + i);
  await inlines.learn(addresses.map((address) => ({ tgid, address: BigInt(address) })));
  const vaddrs = addresses.map((address) => (address - bias).toString(16));
  const text = execFileSync('eu-addr2line', ['-aifC', '-e', `${program}-whole`, ...vaddrs], {
    encoding: 'utf8',
  });
  const theirs = text
    .split(/^0x[0-9a-f]+\n/m)
    .slice(1)
    .map((lines) => lines.trim().split('\n').slice(0, -2));
  const scoped = new Map([['sum<int>', 'app::sum<int>']]);
  for (const [i, address] of addresses.entries()) {
    const names = theirs[i]!.filter((_, line) => line % 2 === 0).map((name) =>
      name.replace(/ inlined at .*/, ''),
    );
    expect(inlines.at(tgid, BigInt(address)).map(({ name }) => name)).toEqual(
      names.map((name) => scoped.get(name) ?? name),
    );
  }
  expect(theirs.flat()).toContain('sum<int>');
  symbolizer.close();
});

test('an answer that comes late changes the epoch; a file without debug information is named', async () => {
  const symbolizer = new Symbolizer();
  const slow = new InlinedFrames(symbolizer, READER, 1);
  const tgid = running.pid!;
  const { start } = outerInMemory();
  await slow.learn([{ tgid, address: BigInt(start) }]);
  expect(slow.summary).toMatchObject({ addresses: 0, unanswered: 1 });
  await expect.poll(() => slow.epoch, { timeout: 10_000 }).toBe(1);
  expect(slow.summary).toMatchObject({ addresses: 1, unanswered: 0 });

  const of = new InlinedFrames(symbolizer, READER);
  const code = new ProcessMaps(readFileSync(`/proc/${bare.pid}/maps`, 'utf8')).mappings.find(
    ({ path }) => path === `${program}-bare`,
  )!;
  await of.learn([{ tgid: bare.pid!, address: BigInt(code.start) }]);
  expect(of.summary).toEqual({
    addresses: 0,
    inlined: 0,
    unanswered: 0,
    bareFiles: ['program-bare'],
    bareFileCount: 1,
  });
  symbolizer.close();
});
