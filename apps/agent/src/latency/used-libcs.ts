/**
 * Owns which C libraries the processes of this host use now, also those of containers: each by the device and inode of its
 * file, with one process that has it mapped as its witness.
 *
 *     /proc/…/maps, once ──┐
 *                          ├─▶ fe:00 338944 libc.so.6, mapped by 1, 402, …  ──▶ come
 *     mappings, as told ───┘   nobody has it mapped any more                 ──▶ gone
 *
 * Invariant: a library is there from the first instant that somebody was told of mapping it until a look finds nobody who
 * has. Looking costs one stat a library; only when its witnesses have gone are all processes asked.
 */
import { readdirSync, statSync } from 'node:fs';
import { HOST_PROC_FILES, type Mapping, ProcessMaps, type ProcFiles } from '@stallscope/symbols';

export interface UsedLibc {
  /** Device and inode. */
  readonly key: string;
  /** As the process sees it that was found to use it. */
  readonly path: string;
  /** Where it can be opened, best first; as long as a witness lives. */
  places(): string[];
}

/** Whoever tells of code that processes map, as they do it. */
export interface MappedCode {
  /** @returns what ends it; undefined where nobody tells, and all processes have to be asked again and again */
  watchMapped(listener: (tgid: number, mapping: Mapping) => void): (() => void) | undefined;
}

export interface UsedLibcSources {
  proc: ProcFiles;
  tgids(): number[];
  /** Whether the process still has it mapped there; undefined where that may not be asked so. */
  isMapped(witness: Witness): boolean | undefined;
}

export interface Witness {
  tgid: number;
  start: number;
  end: number;
}

interface Known extends UsedLibc {
  /** Oldest first. */
  witnesses: Witness[];
}

/** Of a host of containers, each with its own; each takes six uprobes. Beyond it the newest are not followed. */
export const MAX_LIBCS = 256;
/** Kept of one library: the oldest live longest. */
const MAX_WITNESSES = 8;

/** glibc (also by its old names), and musl, which is its own loader. */
const LIBC = /\/(?:libc\.so(?:\.6)?|libc-2\.\d+\.so|ld-musl-[\w-]+\.so\.1|libc\.musl-[\w-]+\.so\.1)$/;

export class UsedLibcs {
  readonly #sources: UsedLibcSources;
  readonly #known = new Map<string, Known>();
  /** Libraries found while there was no room for them. */
  #beyond = new Set<string>();

  constructor(sources: UsedLibcSources = HOST) {
    this.#sources = sources;
  }

  get all(): readonly UsedLibc[] {
    return [...this.#known.values()];
  }

  /** How many were found beyond MAX_LIBCS, since the last reading of all processes. */
  get beyondCount(): number {
    return this.#beyond.size;
  }

  /** Asks every process. @returns those that were not known */
  readAll(): UsedLibc[] {
    const come: UsedLibc[] = [];
    this.#beyond = new Set();
    for (const tgid of this.#sources.tgids()) {
      const text = this.#sources.proc.maps(tgid);
      // Most of the time of this is the kernel's; a text that names no libc need not be taken apart.
      if (text === undefined || !/libc|ld-musl/.test(text)) continue;
      for (const mapping of new ProcessMaps(text).mappings) {
        const libc = this.told(tgid, mapping);
        if (libc !== undefined) come.push(libc);
      }
    }
    return come;
  }

  /** A process maps this. @returns the library, when it was not known */
  told(tgid: number, { path, device, inode, start, end }: Mapping): UsedLibc | undefined {
    if (inode === 0n || !LIBC.test(path)) return undefined;
    const key = `${device} ${inode}`;
    const witness = { tgid, start, end };
    const known = this.#known.get(key);
    if (known !== undefined) {
      if (known.witnesses.length < MAX_WITNESSES && !known.witnesses.some((one) => one.tgid === tgid))
        known.witnesses.push(witness);
      return undefined;
    }
    if (this.#known.size >= MAX_LIBCS) {
      if (this.#beyond.size < MAX_LIBCS) this.#beyond.add(key);
      return undefined;
    }
    const { proc } = this.#sources;
    const libc: Known = {
      key,
      path,
      witnesses: [witness],
      places: () =>
        libc.witnesses.flatMap((one) =>
          proc
            .mappedFilePlaces(one.tgid, one.start, one.end, path)
            // A path of this mount namespace may be another file of that name.
            .filter(({ root }) => root !== '')
            .map((place) => place.path),
        ),
    };
    this.#known.set(key, libc);
    return libc;
  }

  /** Finds out which of them are used still. @returns those that came and those that nobody uses any more */
  look(): { come: UsedLibc[]; gone: UsedLibc[] } {
    const doubtful: Known[] = [];
    for (const libc of this.#known.values()) {
      while (libc.witnesses.length > 0 && !this.#isMapped(libc, libc.witnesses[0]!)) libc.witnesses.shift();
      if (libc.witnesses.length === 0) doubtful.push(libc);
    }
    if (doubtful.length === 0) return { come: [], gone: [] };
    // A fork has what its parent had mapped, and nobody is told of it.
    const come = this.readAll();
    const gone = doubtful.filter(({ witnesses }) => witnesses.length === 0);
    for (const { key } of gone) this.#known.delete(key);
    return { come, gone };
  }

  #isMapped({ key }: Known, witness: Witness): boolean {
    const answer = this.#sources.isMapped(witness);
    if (answer !== undefined) return answer;
    const text = this.#sources.proc.maps(witness.tgid) ?? '';
    return new ProcessMaps(text).mappings.some(({ device, inode }) => `${device} ${inode}` === key);
  }
}

const HOST: UsedLibcSources = {
  proc: HOST_PROC_FILES,
  tgids: () =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number),
  isMapped({ tgid, start, end }) {
    try {
      // Where code lies is random: that the same place holds something else of the same size does not come about.
      statSync(`/proc/${tgid}/map_files/${start.toString(16)}-${end.toString(16)}`);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Links of other processes may be read with CAP_CHECKPOINT_RESTORE alone.
      return code === 'EACCES' || code === 'EPERM' ? undefined : false;
    }
  },
};
