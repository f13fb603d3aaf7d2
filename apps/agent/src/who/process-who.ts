/**
 * Owns what a window says of who its processes are: raw facts in words, secrets left out of command lines.
 * Hundreds of processes have a handful of cgroups and command lines, so both are worked out once.
 */
import { BoundedCache } from '@stallscope/symbols';
import type { RawWho } from '../process-registry.js';
import { type ReadCgroup, readCgroupFile } from './cgroup-owner.js';
import type { CgroupPaths } from './cgroup-paths.js';
import { type CommandLineMode, toCommandLine } from './command-line.js';
import { PodNames } from './pod-names.js';
import type { UserNames } from './user-names.js';

/** The texts of a row of `Processes`; '' where it is not known. */
export interface ProcessWho {
  parentTgid: number;
  uid: number;
  user: string;
  command: string;
  cgroupPath: string;
  container: string;
  runtime: string;
  pod: string;
  unit: string;
}

export const UNKNOWN_WHO: ProcessWho = {
  parentTgid: 0,
  uid: 0,
  user: '',
  command: '',
  cgroupPath: '',
  container: '',
  runtime: '',
  pod: '',
  unit: '',
};

/** Distinct texts of /proc/PID/cgroup, and distinct command lines: more than run at once. */
const MAX_CACHED = 4_096;

export class ProcessWhoWords {
  readonly #users: UserNames;
  readonly #pods: PodNames;
  readonly #cgroups: CgroupPaths;
  readonly #mode: CommandLineMode;
  readonly #owners = new BoundedCache<string, ReadCgroup>(MAX_CACHED);
  readonly #lines = new BoundedCache<string, string>(MAX_CACHED);

  constructor(users: UserNames, cgroups: CgroupPaths, mode: CommandLineMode, pods = new PodNames()) {
    this.#users = users;
    this.#pods = pods;
    this.#cgroups = cgroups;
    this.#mode = mode;
  }

  of(raw: RawWho): ProcessWho {
    const { path, container, runtime, pod, unit } = this.#owner(raw);
    return {
      parentTgid: raw.parentTgid,
      uid: raw.uid ?? 0,
      user: raw.uid === undefined ? '' : this.#users.nameOf(raw.uid),
      command: this.#line(raw),
      cgroupPath: path,
      container,
      runtime,
      pod: this.#pods.wordsOf(pod),
      unit,
    };
  }

  /** The id is of the exec, and so newer than a text that came from the parent; a text read since has taken its place. */
  #owner({ cgroup, cgroups }: RawWho): ReadCgroup {
    const path = cgroup === 0 ? undefined : this.#cgroups.pathOf(cgroup);
    const text =
      path === undefined
        ? cgroups
        : `0::${path}\n${cgroups
            .split('\n')
            .filter((line) => !line.startsWith('0::'))
            .join('\n')}`;
    let owner = this.#owners.get(text);
    if (owner === undefined) {
      owner =
        text === '' ? { path: '', container: '', runtime: '', pod: '', unit: '' } : readCgroupFile(text);
      this.#owners.set(text, owner);
    }
    return owner;
  }

  #line({ words, isCut }: RawWho): string {
    if (this.#mode === 'off' || words.length === 0) return '';
    const key = `${isCut ? 1 : 0}${words.join('\0')}`;
    let line = this.#lines.get(key);
    if (line === undefined) {
      line = toCommandLine(words, this.#mode, isCut);
      this.#lines.set(key, line);
    }
    return line;
  }
}
