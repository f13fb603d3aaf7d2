import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cgroupIdOfPath } from './cgroup-filter.js';

describe('a cgroup path', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'stallscope-cgroup-'));
    mkdirSync(join(root, 'system.slice'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const mounts = (): string => `sysfs /sys sysfs rw 0 0\nnone ${root} cgroup2 rw 0 0\n`;

  test('is known by the inode of its directory, given whole or from the root', () => {
    const { ino } = statSync(join(root, 'system.slice'), { bigint: true });
    expect(cgroupIdOfPath(join(root, 'system.slice'), mounts())).toBe(ino);
    expect(cgroupIdOfPath('/system.slice', mounts())).toBe(ino);
    expect(cgroupIdOfPath('system.slice/', mounts())).toBe(ino);
  });

  test('that is not there is refused with what to try', () => {
    expect(() => cgroupIdOfPath('/nowhere', mounts())).toThrow(/no such cgroup v2 directory.*find/s);
  });

  test('cannot step out of the hierarchy', () => {
    expect(() => cgroupIdOfPath('../../../../etc', mounts())).toThrow(/no such cgroup/);
  });

  test('needs a v2 hierarchy', () => {
    expect(() => cgroupIdOfPath('/x', 'sysfs /sys sysfs rw 0 0\n')).toThrow(
      /no cgroup v2 hierarchy is mounted/,
    );
  });
});
