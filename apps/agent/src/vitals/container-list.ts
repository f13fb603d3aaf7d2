/**
 * Owns which cgroups are containers or systemd units, by the rules that name a process's (`toCgroupOwner`), each with its
 * directory on every hierarchy that has one. Containers come before units where there are more than can be read.
 *
 *     /docker/5d6f…            'docker 5d6f11aa22bb'       what a container makes within itself is not listed
 *     /system.slice/nginx.service    'nginx.service'
 */
import { shortId } from '@stallscope/profile';
import { toCgroupOwner } from '../who/cgroup-owner.js';
import {
  CGROUP_CONTROLLERS,
  type CgroupController,
  type CgroupMount,
  type CgroupMounts,
} from './cgroup-mounts.js';
import type { VitalFiles } from './vital-files.js';

export interface ListedCgroup {
  /** As groups of rows are called: runtime and short id, or the unit. */
  label: string;
  isContainer: boolean;
  /** Where its files are, by controller; absent where it is not on that hierarchy. */
  directories: Partial<Record<CgroupController, string>>;
}

/** Each costs some 70 µs a reading on cgroup v1, where it has seven files. */
export const MAX_LISTED_CGROUPS = 100;
/** Looking at a directory takes some 10 µs, every ten seconds. */
const MAX_DIRECTORIES = 8192;
/** Deeper than runtimes nest them. */
const MAX_DEPTH = 16;

export interface CgroupListing {
  listed: ListedCgroup[];
  /** Containers and units that were found and are not listed. */
  leftOut: number;
  /** Not all directories were looked at. */
  isCut: boolean;
}

export function listCgroups(files: VitalFiles, mounts: CgroupMounts): CgroupListing {
  const found = new Map<string, ListedCgroup>();
  let left = MAX_DIRECTORIES;
  for (const mount of distinctMounts(mounts)) {
    const controllers = CGROUP_CONTROLLERS.filter((controller) => mounts.get(controller) === mount);
    const waiting: { path: string; depth: number }[] = [
      { path: mount.root === '/' ? '' : mount.root, depth: 0 },
    ];
    for (let next = waiting.pop(); next !== undefined && left > 0; next = waiting.pop(), left--) {
      const directory = directoryOf(mount, next.path);
      const named = labelOf(next.path);
      if (named !== undefined) {
        const listed = found.get(named.label) ?? { ...named, directories: {} };
        for (const controller of controllers) listed.directories[controller] ??= directory;
        found.set(named.label, listed);
      }
      if (next.depth >= MAX_DEPTH) continue;
      for (const name of files.list(directory))
        waiting.push({ path: `${next.path}/${name}`, depth: next.depth + 1 });
    }
  }
  const listed = [...found.values()].sort(
    (a, b) => Number(b.isContainer) - Number(a.isContainer) || (a.label < b.label ? -1 : 1),
  );
  return {
    listed: listed.slice(0, MAX_LISTED_CGROUPS),
    leftOut: Math.max(0, listed.length - MAX_LISTED_CGROUPS),
    isCut: left <= 0,
  };
}

function distinctMounts(mounts: CgroupMounts): CgroupMount[] {
  return [...new Set(mounts.values())];
}

function directoryOf(mount: CgroupMount, path: string): string {
  const below = mount.root === '/' ? path : path.slice(mount.root.length);
  return `${mount.directory}${below}`;
}

/** What a cgroup itself is, not what it is within; undefined for one that only divides another. */
function labelOf(path: string): { label: string; isContainer: boolean } | undefined {
  const owner = toCgroupOwner(path);
  const around = toCgroupOwner(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  if (owner.container !== '') {
    if (owner.container === around.container) return undefined;
    return { label: `${owner.runtime} ${shortId(owner.container)}`.trim(), isContainer: true };
  }
  if (owner.unit === '' || owner.unit === around.unit) return undefined;
  return { label: owner.unit, isContainer: false };
}
