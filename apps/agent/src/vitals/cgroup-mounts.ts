/**
 * Owns where each controller of cgroups is mounted, v1 or v2, by /proc/self/mountinfo. On mixed hosts some controllers are
 * on v1 hierarchies and the v2 one has none:
 *
 *     29 26 0:25 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
 *     38 26 0:34 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
 */
import { linesOf } from './proc-text.js';

export const CGROUP_CONTROLLERS = ['cpu', 'cpuacct', 'memory', 'io'] as const;
export type CgroupController = (typeof CGROUP_CONTROLLERS)[number];

export interface CgroupMount {
  version: 1 | 2;
  /** Where it is mounted. */
  directory: string;
  /** What of the hierarchy is mounted: `/`, but in a container that has no cgroup namespace of its own. */
  root: string;
}

export type CgroupMounts = ReadonlyMap<CgroupController, CgroupMount>;

/** Mounts of a host of a thousand containers. */
const MAX_MOUNTS = 16_384;
const V1_NAMES: Readonly<Record<CgroupController, string>> = {
  cpu: 'cpu',
  cpuacct: 'cpuacct',
  memory: 'memory',
  io: 'blkio',
};

/** @param controllersOf what `cgroup.controllers` of a v2 mount says */
export function cgroupMountsOf(
  mountinfo: string,
  controllersOf: (directory: string) => string,
): Map<CgroupController, CgroupMount> {
  const mounts = new Map<CgroupController, CgroupMount>();
  const v2: CgroupMount[] = [];
  for (const line of linesOf(mountinfo, MAX_MOUNTS)) {
    const [before, after] = line.split(' - ', 2);
    const fields = before!.split(' ');
    const [type, , options = ''] = after?.split(' ') ?? [];
    const root = unescaped(fields[3] ?? '');
    const directory = unescaped(fields[4] ?? '');
    if (!root.startsWith('/') || !directory.startsWith('/')) continue;
    if (type === 'cgroup2') v2.push({ version: 2, directory, root });
    if (type !== 'cgroup') continue;
    for (const controller of CGROUP_CONTROLLERS) {
      if (mounts.has(controller) || !options.split(',').includes(V1_NAMES[controller])) continue;
      mounts.set(controller, { version: 1, directory, root });
    }
  }
  for (const mount of v2) {
    const controllers = new Set(controllersOf(mount.directory).trim().split(/\s+/));
    for (const controller of CGROUP_CONTROLLERS) {
      if (mounts.has(controller)) continue;
      // v2 accounts CPU time without a controller.
      if (controller === 'cpuacct' || controllers.has(controller)) mounts.set(controller, mount);
    }
  }
  return mounts;
}

/** Blanks and backslashes are in octal. */
function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
