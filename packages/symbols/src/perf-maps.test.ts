import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { RuntimeProcess, readMapLines } from '@stallscope/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isUsable, PerfMapReader } from './perf-map-file.js';
import { PerfMaps } from './perf-maps.js';
import { findRuntime } from './runtimes.js';
import { Symbolizer } from './symbolizer.js';

const NODE_SCRIPT = `
function hotLoop(n) { let s = 0; for (let i = 0; i < n; i++) s += Math.sqrt(i) * 3; return s; }
for (let i = 0; i < 50; i++) hotLoop(1e5);
console.log('ready');
process.stdin.resume();
`;

/** Prints a place in anonymous memory that it may run, then waits. */
const ANON_SOURCE = `
#include <stdio.h>
#include <sys/mman.h>
int main(void) {
	printf("%p\\n", mmap(0, 65536, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	fflush(stdout);
	getchar();
	return 0;
}
`;

let directory: string;
const processes: RuntimeProcess[] = [];
const files: string[] = [];
const symbolizers: Symbolizer[] = [];
let nowMs = 0;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'stallscope-perf-map-'));
});
afterEach(async () => {
  for (const process of processes.splice(0)) await process.end();
  for (const symbolizer of symbolizers.splice(0)) symbolizer.close();
  for (const file of files.splice(0)) rmSync(file, { force: true });
  rmSync(directory, { recursive: true });
});

function start(command: string, args: readonly string[]): RuntimeProcess {
  // node writes a log of its own beside the map, where it runs.
  const process = new RuntimeProcess(command, args, { cwd: directory });
  processes.push(process);
  return process;
}

function symbolizer(): Symbolizer {
  const made = new Symbolizer({ nowMs: () => nowMs });
  symbolizers.push(made);
  return made;
}

function mapPath(tgid: number): string {
  const path = `/tmp/perf-${tgid}.map`;
  files.push(path);
  return path;
}

async function startAnonymous(): Promise<{ process: RuntimeProcess; code: bigint }> {
  const source = join(directory, 'anon.c');
  const binary = join(directory, 'anon');
  writeFileSync(source, ANON_SOURCE);
  execFileSync('gcc', [source, '-o', binary]);
  const process = start(binary, []);
  return { process, code: BigInt(await process.line()) };
}

function line(address: bigint, bytes: number, name: string): string {
  return `${address.toString(16)} ${bytes.toString(16)} ${name}\n`;
}

const UNNAMED = { name: '[anon]', module: '', unnamed: 'no-perf-map', kind: 'jit' };

describe('code made at run time', () => {
  test('of node is named from the map that it writes', async () => {
    const script = join(directory, 'busy.js');
    writeFileSync(script, NODE_SCRIPT);
    const node = start(process.execPath, ['--perf-basic-prof', script]);
    await node.line();
    const hot = readMapLines(mapPath(node.tgid)).findLast(({ name }) => name.startsWith('JS:*hotLoop'));
    expect(symbolizer().userFrame(node.tgid, BigInt(hot!.start + 8))).toEqual({
      name: 'hotLoop busy.js:2',
      module: script,
      unnamed: 'named',
      kind: 'jit',
    });
    // What is in node's own file is named by its symbols, not by the map, which lists some of it too.
    const maps = readFileSync(`/proc/${node.tgid}/maps`, 'utf8');
    expect(maps).toContain(process.execPath);
  });

  test('of Python is named where it can write a map, and where not it is known which Python it is', async () => {
    const script = join(directory, 'shop.py');
    writeFileSync(
      script,
      'import sys\ndef total(n):\n    return n + 1\ntotal(1)\nprint("ready", flush=True)\nsys.stdin.read()\n',
    );
    const pythons = findPythons();
    expect(pythons.length).toBeGreaterThan(0);
    for (const { path, minor } of pythons) {
      const python = start(path, ['-X', 'perf', script]);
      await python.line();
      const s = symbolizer();
      s.userFrame(python.tgid, 0n);
      expect(s.jitState(python.tgid).runtime).toMatchObject({ name: 'python', version: `3.${minor}` });
      if (minor < 12) {
        expect(existsSync(mapPath(python.tgid))).toBe(false);
        continue;
      }
      const total = readMapLines(mapPath(python.tgid)).find(({ name }) => name.startsWith('py::total'));
      expect(s.userFrame(python.tgid, BigInt(total!.start))).toEqual({
        name: 'total shop.py',
        module: script,
        unnamed: 'named',
        kind: 'interpreted',
      });
    }
  });

  test('has no name before it is in the map, gets one as the map grows, and another when its place is used again', async () => {
    const { process, code } = await startAnonymous();
    const { tgid } = process;
    const s = symbolizer();
    expect(s.userFrame(tgid, code)).toEqual(UNNAMED);
    expect(s.jitState(tgid)).toMatchObject({ hasUnnamedJit: true, hasPerfMap: false });
    const before = s.processGeneration(tgid);
    const path = mapPath(tgid);
    writeFileSync(path, line(code, 64, 'first'));
    // Not at once: looked for once a second.
    expect(s.userFrame(tgid, code)).toEqual(UNNAMED);
    nowMs += 1000;
    expect(s.userFrame(tgid, code).name).toBe('first');
    const named = s.processGeneration(tgid);
    expect(named).not.toBe(before);
    expect(s.jitState(tgid)).toMatchObject({ hasUnnamedJit: false, hasPerfMap: true });

    // Entries of other places change nothing that has been named.
    appendFileSync(path, line(code + 256n, 64, 'elsewhere'));
    nowMs += 1000;
    expect(s.processGeneration(tgid)).toBe(named);
    expect(s.userFrame(tgid, code + 256n).name).toBe('elsewhere');

    appendFileSync(path, line(code, 32, 'second'));
    nowMs += 1000;
    expect(s.userFrame(tgid, code).name).toBe('second');
    expect(s.processGeneration(tgid)).not.toBe(named);
    expect(s.userFrame(tgid, code + 32n).name).toBe('first');
  });

  test('a map that was written anew is read anew', async () => {
    const { process, code } = await startAnonymous();
    const path = mapPath(process.tgid);
    const s = symbolizer();
    writeFileSync(path, `${line(code, 64, 'one')}${line(code + 64n, 64, 'two')}`);
    expect(s.userFrame(process.tgid, code + 64n).name).toBe('two');
    // The same file, longer than before: what comes first is told by the end of what was read.
    writeFileSync(
      path,
      `${line(code + 64n, 64, 'other')}${line(code, 64, 'one')}${line(code + 512n, 64, 'three')}`,
    );
    nowMs += 1000;
    expect(s.userFrame(process.tgid, code + 64n).name).toBe('other');
    // Another file in its place.
    writeFileSync(join(directory, 'new'), line(code + 64n, 64, 'newest').repeat(50));
    copyFileSync(join(directory, 'new'), `${path}.new`);
    files.push(`${path}.new`);
    renameSync(`${path}.new`, path);
    nowMs += 1000;
    expect(s.userFrame(process.tgid, code + 64n).name).toBe('newest');
  });

  test('keeps its name when the process has gone', async () => {
    const { process, code } = await startAnonymous();
    writeFileSync(mapPath(process.tgid), `${line(code, 64, 'one')}${line(code + 64n, 64, 'two')}`);
    const s = symbolizer();
    expect(s.userFrame(process.tgid, code).name).toBe('one');
    await process.end();
    unlinkSync(`/tmp/perf-${process.tgid}.map`);
    nowMs += 5000;
    expect(s.userFrame(process.tgid, code).name).toBe('one');
    expect(s.userFrame(process.tgid, code + 64n).name).toBe('two');
  });

  test.each([
    [
      'a symbolic link',
      (path: string, text: string) => {
        writeFileSync(join(directory, 'target'), text);
        symlinkSync(join(directory, 'target'), path);
      },
    ],
    [
      'a file of two names',
      (path: string, text: string) => {
        writeFileSync(path, text);
        linkSync(path, `${path}.other`);
        files.push(`${path}.other`);
      },
    ],
    [
      'a pipe',
      (path: string) => {
        execFileSync('mkfifo', [path]);
      },
    ],
    [
      'a directory',
      (path: string) => {
        execFileSync('mkdir', [path]);
        rmSync(path, { recursive: true });
        execFileSync('mkdir', [path]);
      },
    ],
    [
      'what was last written before the process began',
      (path: string, text: string) => {
        writeFileSync(path, text);
        const yesterday = Date.now() / 1000 - 86_400;
        utimesSync(path, yesterday, yesterday);
      },
    ],
  ])('%s in place of the map names nothing', async (_what, make) => {
    const { process, code } = await startAnonymous();
    const path = mapPath(process.tgid);
    make(path, line(code, 64, 'forged'));
    const s = symbolizer();
    expect(s.userFrame(process.tgid, code)).toEqual(UNNAMED);
    expect(s.jitState(process.tgid)).toMatchObject({ hasPerfMap: false, isPerfMapRefused: true });
    rmSync(path, { recursive: true });
  });

  test('only a file of the process’s user or of root may name its code', () => {
    const stat = (uid: bigint, nlink = 1n, isFile = true) => ({ uid, nlink, isFile: () => isFile });
    expect(isUsable(stat(1000n), 1000)).toBe(true);
    expect(isUsable(stat(0n), 1000)).toBe(true);
    expect(isUsable(stat(1001n), 1000)).toBe(false);
    expect(isUsable(stat(1000n), 0)).toBe(false);
    expect(isUsable(stat(1000n, 2n), 1000)).toBe(false);
    expect(isUsable(stat(1000n, 1n, false), 1000)).toBe(false);
  });
});

describe('bounds', () => {
  test('a large map is read a piece at a time, and costs nothing when it does not grow', () => {
    const text = Buffer.from(
      Array.from({ length: 100_000 }, (_, i) =>
        line(
          BigInt(0x10000 + i * 64),
          64,
          `java.util.concurrent.atomic.AtomicReference com.example.of_a_long_name.function_number_${i}`,
        ),
      ).join(''),
    );
    let reads = 0;
    const reader = new PerfMapReader(
      {
        open: () => ({
          identity: 'a',
          sizeBytes: text.length,
          read: (offset, length) => {
            reads += length;
            return text.subarray(offset, offset + length);
          },
          close: () => {},
        }),
      },
      7,
    );
    let turns = 0;
    while (reader.refresh()) turns++;
    expect(turns).toBeGreaterThan(1);
    expect(turns).toBeLessThan(5);
    expect(reader.entryCount).toBe(100_000);
    expect(reader.nameAt(0x10000 + 99_999 * 64)).toBe(
      'java.util.concurrent.atomic.AtomicReference com.example.of_a_long_name.function_number_99999',
    );
    reads = 0;
    expect(reader.refresh()).toBe(false);
    expect(reads).toBeLessThan(1000);
  });

  test('processes that write many entries push out those asked for least recently', () => {
    const text = Buffer.from(
      Array.from({ length: 600 }, (_, i) => line(BigInt(i * 16), 16, `f${i}`)).join(''),
    );
    const maps = new PerfMaps(
      {
        open: () => ({
          identity: 'a',
          sizeBytes: text.length,
          read: (offset, length) => text.subarray(offset, offset + length),
          close: () => {},
        }),
      },
      5_000,
    );
    for (let tgid = 1; tgid <= 40; tgid++) {
      maps.refresh(tgid);
      expect(maps.entryCount).toBeLessThanOrEqual(5_600);
    }
    expect(maps.nameAt(40, 16)?.name).toBe('f1');
    expect(maps.nameAt(1, 16)).toBeUndefined();
    for (let tgid = 1; tgid <= 40; tgid++) maps.forget(tgid);
    expect(maps.entryCount).toBe(0);
  });
});

describe('run-times', () => {
  const mapping = (path: string) => ({
    start: 0,
    end: 1,
    fileOffset: 0,
    device: '',
    inode: 1n,
    path,
    isDeleted: false,
  });
  test.each([
    ['/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so', 'java', ''],
    ['/usr/bin/node', 'node', ''],
    ['/usr/lib/x86_64-linux-gnu/libnode.so.108', 'node', ''],
    ['/usr/bin/python3.11', 'python', '3.11'],
    ['/opt/lib/libpython3.12.so.1.0', 'python', '3.12'],
    ['/usr/share/dotnet/shared/libcoreclr.so', 'dotnet', ''],
    ['/usr/bin/ruby3.1', 'ruby', ''],
    ['/usr/bin/notnode', undefined, undefined],
    ['/usr/bin/bash', undefined, undefined],
  ])('%s is %s %s', (path, name, version) => {
    const found = findRuntime([mapping('/lib/libc.so.6'), mapping(path)]);
    expect([found?.name, found?.version]).toEqual([name, version]);
  });
});

/** The system's Python, and newer ones where there are any. */
function findPythons(): { path: string; minor: number }[] {
  const found = new Map<number, string>();
  const versions = join(homedir(), '.pyenv', 'versions');
  const folders = ['/usr/bin', '/usr/local/bin'].concat(
    existsSync(versions) ? readdirSync(versions).map((version) => join(versions, version, 'bin')) : [],
  );
  for (const folder of folders) {
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder)) {
      const minor = Number(/^python3\.(\d+)$/.exec(name)?.[1]);
      if (minor >= 11 && !found.has(minor)) found.set(minor, join(folder, name));
    }
  }
  return [...found].map(([minor, path]) => ({ minor, path }));
}
