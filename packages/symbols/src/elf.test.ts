import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileBytes, MemoryBytes } from './byte-source.js';
import { ElfFile } from './elf.js';
import { SymbolError } from './symbol-error.js';

const SOURCE = `
__attribute__((noinline)) int first(int x) { return x + 1; }
static __attribute__((noinline)) int hidden(int x) { return first(x) * 3; }
int aliased(int x) __attribute__((alias("__aliased")));
int __aliased(int x) { return hidden(x) - 2; }
__attribute__((weak)) int optional(int x) { return x; }
int data = 4;
int main(int argc, char **argv) { return aliased(argc) + optional(data); }
`;

let directory: string;
let program: string;
let stripped: string;
let library: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'stallscope-elf-'));
  const source = join(directory, 'program.c');
  writeFileSync(source, SOURCE);
  program = join(directory, 'program');
  library = join(directory, 'library.so');
  stripped = join(directory, 'stripped.so');
  execFileSync('gcc', ['-O1', '-Wl,--build-id', source, '-o', program]);
  execFileSync('gcc', ['-O1', '-shared', '-fPIC', source, '-o', library]);
  execFileSync('strip', ['-o', stripped, library]);
});
afterAll(() => rmSync(directory, { recursive: true }));

interface NmLine {
  vaddr: number;
  bytes: number;
  name: string;
}

/** Functions with a size, as binutils see them. */
function nm(file: string, ...options: string[]): NmLine[] {
  const text = execFileSync('nm', ['-S', '--defined-only', ...options, file], { encoding: 'utf8' });
  const lines: NmLine[] = [];
  for (const line of text.split('\n')) {
    const match = /^([0-9a-f]+) ([0-9a-f]+) [TtWi] ([^@]+)/.exec(line);
    if (match !== null) {
      lines.push({
        vaddr: Number.parseInt(match[1]!, 16),
        bytes: Number.parseInt(match[2]!, 16),
        name: match[3]!,
      });
    }
  }
  return lines.sort(byPlace);
}

function byPlace(a: NmLine, b: NmLine): number {
  return a.vaddr - b.vaddr || a.bytes - b.bytes || (a.name < b.name ? -1 : 1);
}

/** What the contract says, without any index. */
function linearSearch(functions: readonly NmLine[], vaddr: number): string[] {
  const covering = functions.filter((f) => vaddr >= f.vaddr && vaddr < f.vaddr + f.bytes);
  const start = Math.max(...covering.map((f) => f.vaddr));
  const here = covering.filter((f) => f.vaddr === start);
  const bytes = Math.min(...here.map((f) => f.bytes));
  const names = here.filter((f) => f.bytes === bytes).map((f) => f.name);
  const underscores = (name: string): number => /^_*/.exec(name)![0].length;
  const fewest = Math.min(...names.map(underscores));
  return names.filter((name) => underscores(name) === fewest);
}

function open(path: string): ElfFile {
  return ElfFile.read(new FileBytes(path));
}

describe('an ELF file', () => {
  test('has the functions that nm lists', () => {
    const elf = open(program);
    const unique = new Map(elf.functions().map((f) => [`${f.vaddr} ${f.bytes} ${f.name}`, f]));
    expect([...unique.values()].sort(byPlace)).toEqual(nm(program));
    expect(nm(program).map((f) => f.name)).toEqual(
      expect.arrayContaining(['first', 'hidden', '__aliased', 'optional']),
    );
    elf.close();
  });

  test('stripped of its symbols still has the exported ones', () => {
    const elf = open(stripped);
    expect(elf.functions().sort(byPlace)).toEqual(nm(stripped, '-D'));
    expect(elf.functions().map((f) => f.name)).not.toContain('hidden');
    elf.close();
  });

  test.each(['program', 'library.so', 'stripped.so'])(
    '%s: every address is named as by a linear search',
    (file) => {
      const elf = open(join(directory, file));
      const functions = file === 'stripped.so' ? nm(stripped, '-D') : nm(join(directory, file));
      const last = functions.at(-1)!;
      for (let vaddr = functions[0]!.vaddr - 32; vaddr < last.vaddr + last.bytes + 32; vaddr++) {
        const name = elf.symbolAt(vaddr);
        const expected = linearSearch(functions, vaddr);
        if (expected.length === 0) expect(name).toBeUndefined();
        else expect(expected).toContain(name);
      }
      elf.close();
    },
  );

  test('an alias with underscores gives way', () => {
    const elf = open(program);
    const place = nm(program).find((f) => f.name === '__aliased')!;
    expect(elf.symbolAt(place.vaddr)).toBe('aliased');
    elf.close();
  });

  test('the C library of this host agrees with nm at both ends of every function', () => {
    const libc = /(\/\S*libc\.so\.6)/.exec(execFileSync('ldd', [program], { encoding: 'utf8' }))![1]!;
    const elf = open(libc);
    const functions = nm(libc, '-D');
    expect(functions.length).toBeGreaterThan(1000);
    for (const f of functions.filter((_, i) => i % 7 === 0)) {
      for (const vaddr of [f.vaddr, f.vaddr + f.bytes - 1]) {
        expect(linearSearch(functions, vaddr)).toContain(elf.symbolAt(vaddr));
      }
    }
    elf.close();
  });

  test('has segments and a build id as readelf prints them', () => {
    const elf = open(program);
    const notes = execFileSync('readelf', ['-n', program], { encoding: 'utf8' });
    expect(elf.buildId).toBe(/Build ID: ([0-9a-f]+)/.exec(notes)![1]);
    const headers = execFileSync('readelf', ['-lW', program], { encoding: 'utf8' });
    const loads = [...headers.matchAll(/LOAD\s+0x(\w+) 0x(\w+) 0x\w+ 0x(\w+)/g)].map((m) => ({
      fileOffset: Number.parseInt(m[1]!, 16),
      vaddr: Number.parseInt(m[2]!, 16),
      fileBytes: Number.parseInt(m[3]!, 16),
    }));
    expect(elf.segments).toEqual(loads);
    const text = loads[1]!;
    expect(elf.vaddrOfFileOffset(text.fileOffset + 5)).toBe(text.vaddr + 5);
    expect(elf.vaddrOfFileOffset(1e12)).toBeUndefined();
    elf.close();
  });
});

describe('a file that is none', () => {
  function reading(bytes: Uint8Array): () => ElfFile {
    return () => ElfFile.read(new MemoryBytes('hostile', Buffer.from(bytes)));
  }
  function header(change: (header: Buffer) => void): Buffer {
    const bytes = Buffer.alloc(64);
    bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
    change(bytes);
    return bytes;
  }
  test.each<[string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /too few for a header/],
    ['text', Buffer.from('#!/bin/sh\n'.repeat(20)), /it is no ELF file/],
    ['32-bit', header((h) => h.writeUInt8(1, 4)), /not a 64-bit ELF file/],
    ['big-endian', header((h) => h.writeUInt8(2, 5)), /big-endian/],
    [
      'program headers beyond its end',
      header((h) => {
        h.writeBigUInt64LE(32n, 32);
        h.writeUInt16LE(56, 54);
        h.writeUInt16LE(9, 56);
      }),
      /program headers end at 536, beyond its 64 bytes/,
    ],
    ['a huge offset', header((h) => h.writeBigUInt64LE(2n ** 63n, 40)), /out of range/],
    [
      'odd entries',
      header((h) => {
        h.writeBigUInt64LE(1n, 40);
        h.writeUInt16LE(1, 58);
        h.writeUInt16LE(1, 60);
      }),
      /section headers of 1 bytes each are not known/,
    ],
  ])('%s', (_name, bytes, expected) => {
    expect(reading(bytes)).toThrow(expected);
    expect(reading(bytes)).toThrow(SymbolError);
  });

  test('directories and files that shrink are clear errors', () => {
    expect(() => new FileBytes(directory)).toThrow(/it is no regular file/);
    const file = join(directory, 'short');
    writeFileSync(file, 'x'.repeat(100));
    const bytes = new FileBytes(file);
    writeFileSync(file, '');
    expect(() => bytes.read(0, 100)).toThrow(/cut short while it was read/);
    bytes.close();
  });

  test('damaged in any way it gives names or a SymbolError, and is never read outside of', () => {
    const source = new FileBytes(stripped);
    const good = source.read(0, source.sizeBytes);
    source.close();
    const headersAt = Number(good.readBigUInt64LE(40));
    // Where damage hurts: the header, program headers, section headers; and anywhere.
    const place = fc.oneof(
      fc.integer({ min: 16, max: 63 }),
      fc.integer({ min: 64, max: 64 + 56 * good.readUInt16LE(56) - 1 }),
      fc.integer({ min: headersAt, max: good.length - 1 }),
      fc.nat(good.length - 1),
    );
    const byte = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(place, byte), { minLength: 1, maxLength: 8 }),
        fc.oneof(fc.constant(good.length), fc.nat(good.length)),
        (changes, length) => {
          const bytes = Buffer.from(good);
          for (const [at, value] of changes) bytes[at] = value;
          try {
            const elf = ElfFile.read(new MemoryBytes('damaged', bytes.subarray(0, length)));
            for (const { vaddr, bytes: size } of elf.functions()) {
              expect(elf.symbolAt(vaddr)).toBeTypeOf('string');
              elf.symbolAt(vaddr + size);
            }
            elf.vaddrOfFileOffset(4096);
          } catch (error) {
            if (!(error instanceof SymbolError)) throw error;
          }
        },
      ),
      { seed: 42, numRuns: 3000 },
    );
  });
});

test('symbols that overlap in any way are found as by a linear search', () => {
  const symbol = fc.record({ vaddr: fc.nat(60), bytes: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(fc.array(symbol, { minLength: 1, maxLength: 12 }), (symbols) => {
      const functions = symbols.map((s, i) => ({ ...s, name: `f${i}` }));
      const elf = ElfFile.read(new MemoryBytes('made', makeElf(functions)));
      for (let vaddr = 0; vaddr < 105; vaddr++) {
        const expected = linearSearch(functions, vaddr);
        const name = elf.symbolAt(vaddr);
        if (expected.length === 0) expect(name).toBeUndefined();
        else expect(expected).toContain(name);
      }
    }),
    { seed: 5, numRuns: 500 },
  );
});

/** The least file that has a symbol table: header, symbols, strings, three section headers. */
function makeElf(functions: readonly NmLine[]): Buffer {
  const strings = Buffer.from(`\0${functions.map((f) => `${f.name}\0`).join('')}`);
  const symbols = Buffer.alloc(24 * functions.length);
  let nameAt = 1;
  functions.forEach((f, i) => {
    symbols.writeUInt32LE(nameAt, 24 * i);
    symbols.writeUInt8(0x12, 24 * i + 4);
    symbols.writeUInt16LE(1, 24 * i + 6);
    symbols.writeBigUInt64LE(BigInt(f.vaddr), 24 * i + 8);
    symbols.writeBigUInt64LE(BigInt(f.bytes), 24 * i + 16);
    nameAt += f.name.length + 1;
  });
  const sections = Buffer.alloc(3 * 64);
  const put = (
    index: number,
    type: number,
    offset: number,
    bytes: number,
    link: number,
    entry: number,
  ): void => {
    sections.writeUInt32LE(type, 64 * index + 4);
    sections.writeBigUInt64LE(BigInt(offset), 64 * index + 24);
    sections.writeBigUInt64LE(BigInt(bytes), 64 * index + 32);
    sections.writeUInt32LE(link, 64 * index + 40);
    sections.writeBigUInt64LE(BigInt(entry), 64 * index + 56);
  };
  put(1, 2, 64, symbols.length, 2, 24);
  put(2, 3, 64 + symbols.length, strings.length, 0, 0);
  const header = Buffer.alloc(64);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1]);
  header.writeBigUInt64LE(BigInt(64 + symbols.length + strings.length), 40);
  header.writeUInt16LE(64, 58);
  header.writeUInt16LE(3, 60);
  return Buffer.concat([header, symbols, strings, sections]);
}
