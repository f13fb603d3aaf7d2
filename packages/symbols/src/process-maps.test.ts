import { describe, expect, test } from 'vitest';
import { ProcessMaps } from './process-maps.js';

const MAPS = `\
55a0b0c00000-55a0b0c01000 r--p 00000000 fe:00 1234                       /usr/bin/an app
55a0b0c01000-55a0b0c05000 r-xp 00001000 fe:00 1234                       /usr/bin/an app
55a0b1000000-55a0b1021000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000001000 rwxp 00000000 00:00 0
7f0000002000-7f0000003000 r-xp 00000000 fe:00 99                         /tmp/new\\012line.so (deleted)
7ffe00000000-7ffe00002000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
not a mapping
`;

describe('ProcessMaps', () => {
  const maps = new ProcessMaps(MAPS);
  test.each([
    ['inside', 0x55a0b0c01fff, '/usr/bin/an app'],
    ['the first byte', 0x55a0b0c01000, '/usr/bin/an app'],
    ['one past the last', 0x55a0b0c05000, undefined],
    ['data, which is no code', 0x55a0b1000000, undefined],
    ['anonymous', 0x7f0000000abc, ''],
    ['deleted', 0x7f0000002000, '/tmp/new\nline.so'],
    ['vdso', 0x7ffe00000010, '[vdso]'],
    ['below all', 0, undefined],
    ['above all', 0x7fffffffffff, undefined],
  ])('%s', (_name, address, path) => {
    expect(maps.find(address)?.path).toBe(path);
  });
  test('what a line says', () => {
    expect(maps.mappings).toHaveLength(4);
    expect(maps.find(0x55a0b0c01000)).toEqual({
      start: 0x55a0b0c01000,
      end: 0x55a0b0c05000,
      fileOffset: 0x1000,
      device: 'fe:00',
      inode: 1234n,
      path: '/usr/bin/an app',
      isDeleted: false,
    });
    expect(maps.find(0x7f0000002000)?.isDeleted).toBe(true);
  });
});

describe('what is mapped later', () => {
  const of = (start: number, end: number, path: string, fileOffset = start) => ({
    start,
    end,
    fileOffset,
    device: 'fe:00',
    inode: 1n,
    path,
    isDeleted: false,
  });
  const shown = (maps: ProcessMaps): string[] =>
    maps.mappings.map((m) => `${m.start}-${m.end} ${m.path}@${m.fileOffset}`);

  test.each([
    ['before', of(0, 10, 'b'), ['0-10 b@0', '20-40 a@20', '60-80 a@60']],
    ['between', of(40, 60, 'b'), ['20-40 a@20', '40-60 b@40', '60-80 a@60']],
    ['behind', of(90, 99, 'b'), ['20-40 a@20', '60-80 a@60', '90-99 b@90']],
    [
      'within one, which is cut in two',
      of(25, 30, 'b'),
      ['20-25 a@20', '25-30 b@25', '30-40 a@30', '60-80 a@60'],
    ],
    [
      'over the end of one and the begin of the next',
      of(30, 70, 'b'),
      ['20-30 a@20', '30-70 b@30', '70-80 a@70'],
    ],
    ['over all', of(0, 99, 'b'), ['0-99 b@0']],
    ['exactly over one', of(20, 40, 'b'), ['20-40 b@20', '60-80 a@60']],
  ])('%s', (_where, newer, expected) => {
    const maps = new ProcessMaps([of(20, 40, 'a'), of(60, 80, 'a')]);
    expect(shown(maps.with([newer]))).toEqual(expected);
    expect(shown(maps)).toEqual(['20-40 a@20', '60-80 a@60']);
  });
});
