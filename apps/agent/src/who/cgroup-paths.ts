/**
 * Owns the way from a cgroup's id on the v2 hierarchy to its path: told by the kernel of those that are made, found in the
 * file system of those that were there. A path stays known after its cgroup has gone.
 */
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BoundedCache } from '@stallscope/symbols';

/** A host of a thousand containers has some ten thousand. */
const MAX_CGROUPS = 32_768;
/** Looking at all of them takes some 10 ms a thousand; an id that is nowhere must not have them looked at each time. */
const RESCAN_MS = 30_000;

export interface CgroupTree {
  /** Every cgroup there is, until `take` says that it is enough. */
  visit(take: (id: number, path: string) => boolean): void;
}

export class CgroupPaths {
  readonly #paths = new BoundedCache<number, string>(MAX_CGROUPS);
  readonly #tree: CgroupTree;
  readonly #nowMs: () => number;
  #scannedMs = Number.NEGATIVE_INFINITY;

  constructor(tree: CgroupTree = HOST_CGROUPS, nowMs: () => number = () => performance.now()) {
    this.#tree = tree;
    this.#nowMs = nowMs;
  }

  /** The kernel told of one that was made. */
  tell(id: number, path: string): void {
    this.#paths.set(id, path);
  }

  /** From the root of the hierarchy, `/` for the root itself; undefined when it is not known. */
  pathOf(id: number): string | undefined {
    const known = this.#paths.get(id);
    if (known !== undefined || this.#nowMs() - this.#scannedMs < RESCAN_MS) return known;
    this.#scannedMs = this.#nowMs();
    let left = MAX_CGROUPS;
    this.#tree.visit((found, path) => {
      this.#paths.set(found, path);
      return --left > 0;
    });
    return this.#paths.get(id);
  }
}

export const HOST_CGROUPS: CgroupTree = {
  visit(take) {
    const mounts = readFileSync('/proc/self/mounts', 'utf8').split('\n');
    const root = mounts.map((line) => line.split(' ')).find((fields) => fields[2] === 'cgroup2')?.[1];
    if (root === undefined) return;
    const waiting = ['/'];
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const directory = join(root, path);
      const stat = statSync(directory, { throwIfNoEntry: false });
      if (stat === undefined) continue;
      if (!take(stat.ino, path)) return;
      for (const entry of entriesOf(directory)) if (entry.isDirectory()) waiting.push(join(path, entry.name));
    }
  },
};

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    // Removed since it was listed.
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENODEV'))
      return [];
    throw error;
  }
}
