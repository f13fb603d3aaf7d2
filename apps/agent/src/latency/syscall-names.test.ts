import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findSyscallName, syscallName } from './syscall-names.js';

describe('names of system calls', () => {
  test.each([
    ['x64', 0, 'read'],
    ['x64', 202, 'futex'],
    ['x64', 334, 'rseq'],
    ['arm64', 63, 'read'],
    ['arm64', 98, 'futex'],
    ['arm64', 222, 'mmap'],
    ['arm64', 294, 'kexec_file_load'],
    ['x64', 437, 'openat2'],
    ['arm64', 437, 'openat2'],
    ['x64', 449, 'futex_waitv'],
    ['arm64', 455, 'futex_wait'],
  ] as const)('%s %d is %s', (architecture, number, name) => {
    expect(syscallName(number, architecture)).toBe(name);
  });

  test('a call of a newer kernel, and a number between, have their numbers', () => {
    expect(syscallName(4000, 'x64')).toBe('syscall 4000');
    expect(syscallName(400, 'arm64')).toBe('syscall 400');
    expect(findSyscallName(4000, 'x64')).toBeUndefined();
  });

  test('are those of the headers of this machine', ({ skip }) => {
    if (!existsSync(X64_HEADER)) skip(`no kernel headers for x86-64: ${X64_HEADER}`);
    const defined = [...readFileSync(X64_HEADER, 'utf8').matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(
      ([, name, number]) => [name!, Number(number)] as const,
    );
    expect(defined.length).toBeGreaterThan(300);
    // Newer headers than the table know more, and those calls have their numbers.
    const known = defined.filter(([, number]) => number <= LAST_KNOWN);
    expect(known.filter(([name, number]) => findSyscallName(number, 'x64') !== name)).toEqual([]);
  });
});

const X64_HEADER = '/usr/include/x86_64-linux-gnu/asm/unistd_64.h';
/** file_setattr, of Linux 6.17. */
const LAST_KNOWN = 469;
