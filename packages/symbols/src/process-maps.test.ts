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
