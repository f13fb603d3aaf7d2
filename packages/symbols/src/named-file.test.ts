import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileBytes, MemoryBytes } from './byte-source.js';
import { ElfReader } from './elf-reader.js';
import { unpackXz } from './mini-debug-info.js';
import { NamedFile } from './named-file.js';
import { PltStubs } from './plt-stubs.js';
import { SymbolError } from './symbol-error.js';

const CXX = `
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>
namespace app {
template <typename T> struct Queue {
	std::vector<T> items;
	__attribute__((noinline)) std::size_t push(const T &item) { items.push_back(item); return items.size(); }
	__attribute__((noinline)) bool operator<(const Queue &other) const { return items.size() < other.items.size(); }
};
namespace {
__attribute__((noinline)) int hidden(int x, const std::string &s) { return x + (int)s.size(); }
}
template <int N, typename... Ts> __attribute__((noinline)) int variadic(Ts... values) { return N + (0 + ... + (int)sizeof(values)); }
__attribute__((noinline)) int each(int (*f)(int), int n) { return f(n); }
}
extern "C" __attribute__((noinline)) int plain_c(int x) { return x * 3; }
int main(int argc, char **argv) {
	app::Queue<std::pair<int, std::string>> queue;
	app::Queue<int> numbers;
	std::map<std::string, std::vector<long>> map;
	map["a"].push_back(argc);
	int n = (int)queue.push({argc, argv[0]}) + (int)numbers.push(argc) + (int)(numbers < app::Queue<int>{});
	n += app::hidden(argc, argv[0]) + app::variadic<7>(1, 2L, 'c') + app::each([](int x) { return x ^ 1; }, argc) + plain_c(n);
	std::printf("%d %zu\\n", n, map.size());
	return std::getenv("NOTHING") ? std::atoi(argv[0]) : 0;
}
`;

const RUST = `
use std::collections::HashMap;
mod jobs {
    pub trait Run { fn run(&self, n: u64) -> u64; }
    pub struct Queue<T> { pub items: Vec<T> }
    impl<T: Clone> Queue<T> {
        #[inline(never)]
        pub fn push(&mut self, item: T) -> usize { self.items.push(item); self.items.len() }
    }
    impl Run for Queue<i32> {
        #[inline(never)]
        fn run(&self, n: u64) -> u64 { self.items.iter().fold(n, |a, b| a.wrapping_mul(31) ^ *b as u64) }
    }
    impl<'a> Run for &'a [u8] {
        #[inline(never)]
        fn run(&self, n: u64) -> u64 { n + self.len() as u64 }
    }
    #[inline(never)]
    pub fn each<F: Fn(u32) -> u32>(f: F, n: u32) -> u32 { (0..n).map(|i| f(i)).sum() }
    pub struct Array<const N: usize>;
    impl<const N: usize> Array<N> { #[inline(never)] pub fn size(&self) -> usize { N + self as *const _ as usize } }
    #[inline(never)]
    pub fn dynamic(f: &dyn Fn(&str, (i32,)) -> Option<Box<dyn Run + Send>>) -> bool { f("a", (1,)).is_some() }
}
use jobs::Run;
#[inline(never)]
fn count(x: &mut HashMap<String, Vec<(u8, char)>>) -> usize { x.insert("a".into(), vec![(1, 'x')]); x.len() }
fn main() {
    let mut q = jobs::Queue { items: vec![1, 2, 3] };
    let n = q.push(std::env::args().count() as i32);
    let mut m = HashMap::new();
    println!("{} {} {} {}", n, q.run(7), jobs::each(|x| x.rotate_left(3), 5), count(&mut m));
    println!("{} {} {}", jobs::Array::<3>.size(), (&[1u8, 2][..]).run(2), jobs::dynamic(&|_, _| None));
}
`;

let directory: string;
let cxx: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'stallscope-names-'));
  cxx = join(directory, 'cxx');
  writeFileSync(`${cxx}.cc`, CXX);
  execFileSync('g++', ['-std=c++17', '-O1', '-g', '-Wl,--build-id', `${cxx}.cc`, '-o', cxx]);
});
afterAll(() => rmSync(directory, { recursive: true }));

interface Place {
  vaddr: number;
  bytes: number;
}

/** Code that has symbols; `sole`: only where one has no others beside it, of which either name is right. */
function functionsOf(file: string, which: 'all' | 'sole' = 'all'): Place[] {
  const places = new Map<number, number>();
  const shared = new Set<number>();
  for (const line of execFileSync('nm', ['-S', '--defined-only', file], { encoding: 'utf8' }).split('\n')) {
    const match = /^([0-9a-f]+) ([0-9a-f]+) [TtWi] /.exec(line);
    if (match === null) continue;
    const vaddr = Number.parseInt(match[1]!, 16);
    if (places.has(vaddr)) shared.add(vaddr);
    places.set(vaddr, Number.parseInt(match[2]!, 16));
  }
  return [...places]
    .map(([vaddr, bytes]) => ({ vaddr, bytes }))
    .filter(({ vaddr, bytes }) => bytes > 0 && (which === 'all' || !shared.has(vaddr)));
}

/** What gdb calls these addresses; its `+ 12` is left out. */
function namesByGdb(file: string, vaddrs: readonly number[]): string[] {
  const script = join(directory, 'gdb-script');
  writeFileSync(
    script,
    `set width 0\n${vaddrs.map((vaddr) => `echo @\ninfo symbol 0x${vaddr.toString(16)}\n`).join('')}`,
  );
  const text = execFileSync('gdb', ['-batch', '-nx', '-x', script, file], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, DEBUGINFOD_URLS: '' },
  });
  return text
    .split('@')
    .slice(1)
    .map((line) =>
      line
        .trim()
        .replace(/ in section \S+( of .*)?$/, '')
        .replace(/ \+ \d+$/, ''),
    );
}

function nameOf(file: NamedFile, vaddr: number): string | undefined {
  return file.nameAt(vaddr)?.name;
}

function open(path: string, root = ''): NamedFile {
  return NamedFile.read(new FileBytes(path), { path, root });
}

describe('a C++ program', () => {
  test('every function is named as gdb names it, at its first and its last byte', () => {
    const places = functionsOf(cxx);
    const vaddrs = places.flatMap(({ vaddr, bytes }) => [vaddr, vaddr + bytes - 1]);
    const file = open(cxx);
    expect(vaddrs.map((vaddr) => nameOf(file, vaddr))).toEqual(namesByGdb(cxx, vaddrs));
    const names = places.map(({ vaddr }) => nameOf(file, vaddr));
    expect(names).toEqual(
      expect.arrayContaining([
        'plain_c',
        'app::each(int (*)(int), int)',
        'app::Queue<int>::push(int const&)',
        'app::Queue<int>::operator<(app::Queue<int> const&) const',
        'int app::variadic<7, int, long, char>(int, long, char)',
        expect.stringMatching(/^app::\(anonymous namespace\)::hidden\(int, std::__cxx11::basic_string</),
        expect.stringMatching(/^main::\{lambda\(int\)#1\}::/),
      ]),
    );
    file.close();
  });

  test.each([
    ['lazy', ['-Wl,-z,lazy']],
    ['bound at start', ['-Wl,-z,now']],
    ['with endbr64', ['-fcf-protection=full', '-Wl,-z,ibtplt', '-Wl,-z,lazy']],
    ['not PIE', ['-no-pie', '-Wl,-z,lazy']],
    ['static', ['-static']],
  ])('its stubs are named, %s', (name, flags) => {
    const path = join(directory, `stubs-${name.replaceAll(' ', '-')}`);
    execFileSync('g++', ['-std=c++17', '-O1', ...flags, `${cxx}.cc`, '-o', path]);
    const file = open(path);
    const reader = new ElfReader(new FileBytes(path));
    const stubs = PltStubs.read(reader, (vaddr) => nameOf(file, vaddr)).all();
    expect(stubs.length).toBeGreaterThan(3);
    for (const { start } of stubs) expect(file.nameAt(start + 3)).toMatchObject({ kind: 'stub' });
    if (name === 'static') {
      // Only what is chosen at start-up has stubs there; gdb names those *ABS*+0x…@plt.
      expect(stubs.map((stub) => stub.name)).toContain('strlen@plt');
    } else {
      const expected = new Map(
        [
          ...execFileSync('objdump', ['-d', path], { encoding: 'utf8', maxBuffer: 1 << 26 }).matchAll(
            /^([0-9a-f]+) <(.+)@plt>:/gm,
          ),
        ].map((match) => [Number.parseInt(match[1]!, 16), `${match[2]!}@plt`]),
      );
      expect(expected.size).toBeGreaterThan(3);
      const ours = new Map(stubs.map((stub) => [stub.start, stub.name.replace(/@[^@]*@plt$/, '@plt')]));
      for (const [start, stub] of expected) expect(ours.get(start)).toBe(stub);
      expect([...ours.values()]).toEqual(expect.arrayContaining(['getenv@plt', 'printf@plt']));
    }
    reader.source.close();
    file.close();
  });
});

describe('a stripped program', () => {
  let names: Map<number, string>;
  beforeAll(() => {
    const whole = open(cxx);
    names = new Map(functionsOf(cxx).map(({ vaddr }) => [vaddr, nameOf(whole, vaddr)!]));
    whole.close();
  });
  const place = (name: string) => {
    const folder = join(directory, name);
    mkdirSync(folder, { recursive: true });
    return { folder, path: join(folder, 'program') };
  };
  const allNames = (file: NamedFile): Map<number, string | undefined> =>
    new Map([...names.keys()].map((vaddr) => [vaddr, nameOf(file, vaddr)]));

  /** The dynamic table has what templates of the library were expanded to, and nothing of the program's own. */
  function hasOnlyExported(file: NamedFile): boolean {
    return [...allNames(file).values()].every((name) => name === undefined || name.includes('std::'));
  }

  test('has the names of its debug file by build id, in the root that the process sees', () => {
    const { folder: root, path } = place('by-build-id');
    execFileSync('strip', ['-o', path, cxx]);
    const bare = open(path, root);
    expect(hasOnlyExported(bare)).toBe(true);
    bare.close();
    const id = /Build ID: ([0-9a-f]+)/.exec(execFileSync('readelf', ['-n', path], { encoding: 'utf8' }))![1]!;
    const folder = join(root, 'usr/lib/debug/.build-id', id.slice(0, 2));
    mkdirSync(folder, { recursive: true });
    const debug = join(folder, `${id.slice(2)}.debug`);
    execFileSync('objcopy', ['--only-keep-debug', cxx, debug]);
    const file = open(path, root);
    expect(allNames(file)).toEqual(names);
    file.close();

    // The debug file of another build is none of this program.
    const other = join(directory, 'other');
    execFileSync('g++', ['-std=c++17', '-O2', '-g', '-Wl,--build-id', `${cxx}.cc`, '-o', other]);
    execFileSync('objcopy', ['--only-keep-debug', other, debug]);
    const wrong = open(path, root);
    expect(hasOnlyExported(wrong)).toBe(true);
    wrong.close();
  });

  test('has those of the file that elfutils split off', () => {
    const { folder, path } = place('eu-strip');
    const debug = join(folder, 'program.debug');
    execFileSync('eu-strip', ['-f', debug, '-o', path, cxx]);
    const file = open(path);
    expect(allNames(file)).toEqual(names);
    file.close();
  });

  test.each(['beside it', 'in .debug'])(
    'has those of its .gnu_debuglink, %s, if the CRC is right',
    (where) => {
      const { folder, path } = place(`debuglink ${where}`);
      const debugFolder = where === 'in .debug' ? join(folder, '.debug') : folder;
      mkdirSync(debugFolder, { recursive: true });
      const debug = join(debugFolder, 'program.debug');
      const noId = join(folder, 'no-id');
      execFileSync('objcopy', ['--remove-section=.note.gnu.build-id', cxx, noId]);
      execFileSync('objcopy', ['--only-keep-debug', noId, debug]);
      execFileSync('objcopy', ['--strip-all', `--add-gnu-debuglink=${debug}`, noId, path]);
      const file = open(path);
      expect(allNames(file)).toEqual(names);
      file.close();
      const bytes = readFileSync(debug);
      writeFileSync(debug, Buffer.concat([bytes, Buffer.from('x')]));
      const wrong = open(path);
      expect(hasOnlyExported(wrong)).toBe(true);
      wrong.close();
    },
  );

  test('has those of its .gnu_debugdata', () => {
    const { folder, path } = place('debugdata');
    const mini = join(folder, 'mini');
    const functions = join(folder, 'functions');
    const symbols = execFileSync('nm', ['--defined-only', '--format=posix', cxx], { encoding: 'utf8' }).split(
      '\n',
    );
    const code = symbols.filter((line) => / [tTwWi] /.test(line)).map((line) => line.split(' ')[0]);
    writeFileSync(functions, code.join('\n'));
    execFileSync('objcopy', ['-S', `--keep-symbols=${functions}`, cxx, mini]);
    execFileSync('xz', ['-kf', mini]);
    execFileSync('objcopy', ['--strip-all', `--add-section=.gnu_debugdata=${mini}.xz`, cxx, path]);
    const file = open(path);
    expect(allNames(file)).toEqual(names);
    file.close();
    expect(() => unpackXz(readFileSync(`${mini}.xz`).subarray(0, 200), 'cut')).toThrow(SymbolError);
    expect(() => unpackXz(Buffer.from('no xz at all'), 'text')).toThrow(/no xz stream/);
  });

  test('a .gnu_debugdata that would unpack to more than is kept is refused', () => {
    const bomb = execFileSync('sh', ['-c', 'head -c 40000000 /dev/zero | xz -c'], { maxBuffer: 1 << 26 });
    expect(bomb.length).toBeLessThan(100_000);
    expect(() => unpackXz(bomb, 'bomb')).toThrow(/more than the \d+ bytes that are read/);
  });
});

test('sections that are compressed keep the names that stand beside them', () => {
  const path = join(directory, 'compressed');
  execFileSync('objcopy', ['--compress-debug-sections=zlib', cxx, path]);
  const file = open(path);
  const vaddrs = functionsOf(path).map(({ vaddr }) => vaddr);
  expect(vaddrs.map((vaddr) => nameOf(file, vaddr))).toEqual(namesByGdb(path, vaddrs));
  file.close();
});

describe('tables that are compressed themselves', () => {
  function compressed(...sections: string[]): string {
    const path = join(directory, `compressed${sections.join('')}`);
    const names = sections.map((section) => `--name=${section}`);
    execFileSync('eu-elfcompress', ['-f', '-t', 'zlib', ...names, '-o', path, cxx]);
    const headers = execFileSync('readelf', ['-SW', path], { encoding: 'utf8' });
    for (const section of sections)
      expect(headers).toMatch(new RegExp(`\\${section} .* [0-9a-f]{2} +C +\\d`));
    return path;
  }

  test.each([
    ['symbols and strings', ['.symtab', '.strtab']],
    ['symbols alone', ['.symtab']],
    ['strings alone', ['.strtab']],
  ])('%s: the same names', (_, sections) => {
    const file = open(compressed(...sections));
    const plain = open(cxx);
    const vaddrs = functionsOf(cxx).flatMap(({ vaddr, bytes }) => [vaddr, vaddr + bytes - 1]);
    expect(vaddrs.length).toBeGreaterThan(30);
    expect(vaddrs.map((vaddr) => nameOf(file, vaddr))).toEqual(vaddrs.map((vaddr) => nameOf(plain, vaddr)));
    file.close();
    plain.close();
  });

  test('damaged in any way they give names or a SymbolError', () => {
    const seed = Number(process.env.STALLSCOPE_SEED ?? 13);
    console.info(`STALLSCOPE_SEED=${seed}`);
    const good = readFileSync(compressed('.symtab', '.strtab'));
    const { sections } = new ElfReader(new MemoryBytes('good', good));
    const packed = sections.filter(({ isCompressed }) => isCompressed);
    expect(packed).toHaveLength(2);
    // In the streams, and most of all in their headers: the size that they are said to have.
    const place = fc.oneof(
      ...packed.flatMap(({ offset, bytes }) => [
        fc.integer({ min: offset, max: offset + 23 }),
        fc.integer({ min: offset, max: offset + bytes - 1 }),
      ]),
    );
    const vaddr = functionsOf(cxx)[0]!.vaddr;
    let refused = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
        (changes) => {
          const bytes = Buffer.from(good);
          for (const [at, value] of changes) bytes[at] = value;
          try {
            const file = NamedFile.read(new MemoryBytes('damaged', bytes));
            for (let at = vaddr; at < vaddr + 4096; at += 24) file.nameAt(at);
          } catch (error) {
            if (!(error instanceof SymbolError)) throw error;
            refused++;
          }
        },
      ),
      { seed, numRuns: 400 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  test('what would inflate to more than is kept is refused before it is inflated', () => {
    const bytes = readFileSync(compressed('.symtab'));
    const table = new ElfReader(new MemoryBytes('good', bytes)).sections.find(
      ({ isCompressed }) => isCompressed,
    )!;
    bytes.writeBigUInt64LE(2n ** 31n, table.offset + 8);
    expect(() => NamedFile.read(new MemoryBytes('bomb', bytes))).toThrow(
      /2147483648 bytes of its compressed symbol table are more than/,
    );
  });
});

test('code that lies beyond 2 GiB of the file is named', () => {
  const path = join(directory, 'large');
  const bytes = readFileSync(cxx);
  // The symbol table, moved behind a hole of 3 GiB: what is read of it lies beyond what 32 bits reach.
  const reader = new ElfReader(new FileBytes(cxx));
  const moved = 3 * 2 ** 30;
  const headersAt = Number(bytes.readBigUInt64LE(40));
  const tables = reader.sections
    .map((section, i) => ({ section, i }))
    .filter(({ section }) => section.type === 2);
  for (const { section, i } of tables) {
    bytes.writeBigUInt64LE(BigInt(moved), headersAt + 64 * i + 24);
    const names = reader.sections[section.link]!;
    bytes.writeBigUInt64LE(BigInt(moved + section.bytes), headersAt + 64 * section.link + 24);
    writeFileSync(path, bytes);
    truncateSync(path, moved);
    const tail = Buffer.concat([
      reader.read(section.offset, section.bytes, 'symbols'),
      reader.read(names.offset, names.bytes, 'names'),
    ]);
    writeFileSync(path, tail, { flag: 'a' });
  }
  reader.source.close();
  expect(tables).toHaveLength(1);
  const large = open(path);
  const small = open(cxx);
  for (const { vaddr } of functionsOf(cxx)) expect(large.nameAt(vaddr)).toEqual(small.nameAt(vaddr));
  large.close();
  small.close();
});

test('a file that is cut while it is mapped leaves addresses without a name, and nobody without an answer', () => {
  const path = join(directory, 'cut');
  copyFileSync(cxx, path);
  const file = open(path);
  const [first, second] = functionsOf(cxx);
  expect(file.nameAt(first!.vaddr)).toBeDefined();
  truncateSync(path, 4096);
  expect(file.nameAt(second!.vaddr)).toBeUndefined();
  file.close();
});

test('a FIFO where a debug file should be is not waited for', () => {
  const folder = join(directory, 'fifo');
  mkdirSync(folder);
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  expect(() => new FileBytes(join(folder, 'pipe'))).toThrow(/no regular file/);
  expect(() => new FileBytes('/dev/zero')).toThrow(/no regular file/);
});

describe('a Rust program', () => {
  test.each(['legacy', 'v0'])('every function is named as gdb names it (%s mangling)', (mangling) => {
    const path = join(directory, `rust-${mangling}`);
    writeFileSync(`${path}.rs`, RUST);
    const flags = [
      '-C',
      'opt-level=0',
      '-g',
      '-Z',
      'unstable-options',
      '-C',
      `symbol-mangling-version=${mangling}`,
    ];
    execFileSync('rustc', [...flags, '--crate-name', 'program', `${path}.rs`, '-o', path], {
      env: { ...process.env, RUSTC_BOOTSTRAP: '1' },
      stdio: ['ignore', 'inherit', 'ignore'],
    });
    const file = open(path);
    const places = functionsOf(path, 'sole');
    const ours = places.map(({ vaddr }) => nameOf(file, vaddr));
    const wanted =
      mangling === 'legacy'
        ? [
            'program::jobs::Queue<T>::push',
            '<program::jobs::Queue<i32> as program::jobs::Run>::run',
            '<&[u8] as program::jobs::Run>::run',
            'program::jobs::each',
            'program::jobs::dynamic',
            'program::count',
            'program::main',
          ]
        : [
            '<program::jobs::Queue<i32>>::push',
            '<program::jobs::Queue<i32> as program::jobs::Run>::run',
            '<&[u8] as program::jobs::Run>::run',
            'program::jobs::each::<program::main::{closure#0}>',
            '<program::jobs::Array<3>>::size',
            'program::jobs::dynamic',
            'program::count',
            'program::main',
          ];
    expect(wanted.filter((name) => !ours.includes(name))).toEqual([]);
    const byGdb = namesByGdb(
      path,
      places.map(({ vaddr }) => vaddr),
    );
    const different = ours
      .map((name, i) => [name, byGdb[i]!] as const)
      .filter(([name, gdb]) => name !== withoutHashes(gdb));
    expect(different.slice(0, 3)).toEqual([]);
    file.close();
  });
});

/** gdb tells crates apart by their hash and says the type of a constant: `core[c1f1a4ba060b9bfa]::…`, `Array<3: usize>`. */
function withoutHashes(name: string): string {
  return name
    .replace(/(?<=\w)\[[0-9a-f]{4,16}\](?=::|$)/g, '')
    .replace(/(?<=[<, ])(-?\d+|true|false): ([ui](size|\d+)|bool)/g, '$1')
    .replace(/::h[0-9a-f]{16}$/, '');
}

test('damaged in any way a file gives names or a SymbolError', () => {
  const seed = Number(process.env.STALLSCOPE_SEED ?? 11);
  console.info(`STALLSCOPE_SEED=${seed}`);
  const mini = join(directory, 'fuzzed');
  execFileSync('strip', ['-o', mini, cxx]);
  const good = readFileSync(mini);
  const headersAt = Number(good.readBigUInt64LE(40));
  const place = fc.oneof(
    fc.integer({ min: 16, max: 63 }),
    fc.integer({ min: headersAt, max: good.length - 1 }),
    fc.nat(good.length - 1),
  );
  const byte = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 }));
  const text = new ElfReader(new MemoryBytes('good', good)).sectionsNamed(['.plt', '.text'])['.plt']!;
  fc.assert(
    fc.property(fc.array(fc.tuple(place, byte), { minLength: 1, maxLength: 12 }), (changes) => {
      const bytes = Buffer.from(good);
      for (const [at, value] of changes) bytes[at] = value;
      try {
        const file = NamedFile.read(new MemoryBytes('damaged', bytes), { path: '/nowhere/x', root: '' });
        for (let at = text.vaddr; at < text.vaddr + text.bytes + 4096; at += 24) file.nameAt(at);
      } catch (error) {
        if (!(error instanceof SymbolError)) throw error;
      }
    }),
    { seed, numRuns: 400 },
  );
});
