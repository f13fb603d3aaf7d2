import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readFunctionOffsets } from './libc-functions.js';

const NAMES = ['getaddrinfo', 'gethostbyname', 'gethostbyname2'];

describe('functions of a C library', () => {
  test('begin where nm and the program headers say', () => {
    // Whatever C library runs this.
    const path = /(\/\S*(?:libc\.so\.6|ld-musl-\S+))$/m.exec(readFileSync('/proc/self/maps', 'utf8'))![1]!;
    const offsets = readFunctionOffsets(path, [...NAMES, 'no_such_function']);
    expect([...offsets.keys()].sort()).toEqual(NAMES);
    const headers = execFileSync('readelf', ['-lW', path], { encoding: 'utf8' });
    const code = /LOAD +0x([0-9a-f]+) 0x([0-9a-f]+) \S+ 0x([0-9a-f]+) \S+ R E/.exec(headers)!;
    const [fileOffset, vaddr] = [code[1]!, code[2]!].map((hex) => Number.parseInt(hex, 16)) as [
      number,
      number,
    ];
    for (const line of execFileSync('nm', ['-D', '--defined-only', path], { encoding: 'utf8' }).split('\n')) {
      const [address, , name = ''] = line.split(' ');
      const plain = name.split('@')[0]!;
      if (!NAMES.includes(plain)) continue;
      expect(offsets.get(plain), plain).toBe(Number.parseInt(address!, 16) - vaddr + fileOffset);
    }
  });

  test('are of no file that is none', () => {
    expect(() => readFunctionOffsets('/proc/self/status', NAMES)).toThrow();
    expect(() => readFunctionOffsets('/etc/passwd', NAMES)).toThrow(/ELF/);
    expect(() => readFunctionOffsets('/no/such/libc.so.6', NAMES)).toThrow(/ENOENT/);
  });
});
