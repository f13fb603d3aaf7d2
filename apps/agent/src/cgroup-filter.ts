/**
 * Owns the way from a cgroup path that a user gives to the id that the kernel filters by: the inode number of the
 * directory on the cgroup v2 hierarchy.
 */
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, normalize } from 'node:path';

/** @returns the cgroup id @throws Error naming the path, why it cannot be used, and what can */
export function cgroupIdOfPath(path: string, mounts = readFileSync('/proc/self/mounts', 'utf8')): bigint {
  const roots = cgroup2Roots(mounts);
  if (roots.length === 0) {
    throw new Error(
      `--cgroup ${path}: no cgroup v2 hierarchy is mounted on this host; mount one: mount -t cgroup2 none /sys/fs/cgroup`,
    );
  }
  // From '/', so that no number of '..' leads out of the hierarchy.
  const asked = normalize(`/${path}`);
  const isUnderRoot = roots.some((root) => asked === root || asked.startsWith(`${root}/`));
  const candidates = isUnderRoot ? [asked] : roots.map((root) => join(root, asked));
  for (const candidate of candidates) {
    const stat = statSync(candidate, { bigint: true, throwIfNoEntry: false });
    if (stat?.isDirectory()) return stat.ino;
  }
  const where =
    isAbsolute(path) && !isUnderRoot ? ` (paths may be given whole or relative to ${roots.join(', ')})` : '';
  throw new Error(
    `--cgroup ${path}: no such cgroup v2 directory${where}; list them: find ${roots[0]} -type d`,
  );
}

function cgroup2Roots(mounts: string): string[] {
  return mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields[2] === 'cgroup2')
    .map((fields) => fields[1]!);
}
