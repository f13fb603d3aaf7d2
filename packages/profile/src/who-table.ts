/**
 * Owns who processes are, by tgid, as windows say it: what rows are grouped, filtered and coloured by beside their stacks.
 * What the newest window added that knows anything of a process says of it holds for all of its rows: a number is rarely
 * another's within a span.
 *
 *     groupOf('container', 4711)  →  'docker 5d6f11aa22bb'        groupOf('unit', 4711)  →  '[no unit]'
 *
 * Invariant: bounded, the processes named longest ago go first.
 */
import type { Processes } from './window.js';

/** What rows can be grouped by; each is a step under the root. */
export const GROUP_KEYS = [
  'process',
  'command',
  'parent',
  'user',
  'container',
  'runtime',
  'pod',
  'unit',
  'cgroup',
  'thread',
  'thread-name',
] as const;
export type GroupKey = (typeof GROUP_KEYS)[number];

/** A value for each key that rows must have; labels as `groupOf` gives them, or what `matches` takes besides. */
export type WhoFilter = { readonly [key in GroupKey]?: string };

/** What is known of one process; '' and 0 where nothing is. */
export interface Who {
  tgid: number;
  name: string;
  parentTgid: number;
  uid: number;
  user: string;
  command: string;
  cgroupPath: string;
  container: string;
  runtime: string;
  pod: string;
  unit: string;
  hint: string;
}

/** Processes kept: those of a quarter of an hour where 70 a second come and go, some 200 bytes each. */
const MAX_PROCESSES = 65_536;
/** Digits of a container's id that runtimes show. */
const SHORT_ID_CHARS = 12;
/** Of an id that is given in part, so that one letter does not choose half of all. */
const MIN_PART_CHARS = 4;

/** What a process says of itself; the others tell threads and processes apart. */
type FactKey = Exclude<GroupKey, 'process' | 'thread' | 'thread-name'>;

const NONE_OF: Readonly<Record<FactKey, string>> = {
  command: '[no command line]',
  parent: '[parent not known]',
  user: '[user not known]',
  container: '[no container]',
  runtime: '[no container]',
  pod: '[no pod]',
  unit: '[no unit]',
  cgroup: '[cgroup not known]',
};

const NO_NAME = '[no name]';

/** Whether a group's label says that a row belongs to none, or that it is not known. */
export function isNoGroup(label: string): boolean {
  return label === NO_NAME || NONE_LABELS.has(label);
}

const NONE_LABELS: ReadonlySet<string> = new Set(Object.values(NONE_OF));

/** A thread, as far as its group needs it. */
export interface WhoseRow {
  tgid: number;
  tid: number;
  comm: string;
}

export class WhoTable {
  readonly #strings: readonly string[];
  readonly #processes = new Map<number, Who>();
  #version = 0;

  /** @param strings of the tables that windows are of */
  constructor(strings: readonly string[]) {
    this.#strings = strings;
  }

  /** Grows with each window whose processes are others, or say something else. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#processes.size;
  }

  find(tgid: number): Who | undefined {
    return this.#processes.get(tgid);
  }

  all(): IterableIterator<Who> {
    return this.#processes.values();
  }

  add(processes: Processes): void {
    const text = (column: readonly number[], at: number): string => this.#strings[column[at] ?? 0] ?? '';
    for (const [at, tgid] of processes.tgid.entries()) {
      const who: Who = {
        tgid,
        name: text(processes.name, at),
        parentTgid: processes.parentTgid[at] ?? 0,
        uid: processes.uid[at] ?? 0,
        user: text(processes.user, at),
        command: text(processes.command, at),
        cgroupPath: text(processes.cgroupPath, at),
        container: text(processes.container, at),
        runtime: text(processes.runtime, at),
        pod: text(processes.pod, at),
        unit: text(processes.unit, at),
        hint: text(processes.hint, at),
      };
      const known = this.#processes.get(tgid);
      if (known !== undefined && (isSame(known, who) || (saysNothing(who) && known.name === who.name)))
        continue;
      this.#version++;
      this.#processes.delete(tgid);
      this.#processes.set(tgid, who);
    }
    for (const oldest of this.#processes.keys()) {
      if (this.#processes.size <= MAX_PROCESSES) return;
      this.#processes.delete(oldest);
    }
  }

  /** The label of the group that a row belongs to; `[…]` where it belongs to none or it is not known. */
  groupOf(key: GroupKey, row: WhoseRow): string {
    if (key === 'thread') return `${row.comm} ${row.tid}`;
    if (key === 'thread-name') return row.comm || NO_NAME;
    const who = this.#processes.get(row.tgid);
    if (key === 'process') return processLabel(who, row.tgid);
    return (who && this.#labelOf(key, who)) || NONE_OF[key];
  }

  /** Whether a row has this value: a group's label, an id or its beginning, a name without what stands around it. */
  matches(key: GroupKey, row: WhoseRow, value: string): boolean {
    if (this.groupOf(key, row) === value) return true;
    if (key === 'thread') return row.comm === value || String(row.tid) === value;
    const who = this.#processes.get(row.tgid);
    if (who === undefined) return false;
    switch (key) {
      case 'process':
        return who.name === value || String(row.tgid) === value;
      case 'parent':
        return String(who.parentTgid) === value || this.#processes.get(who.parentTgid)?.name === value;
      case 'user':
        return who.user !== '' && String(who.uid) === value;
      case 'container':
        return isPart(who.container, value);
      case 'pod':
        return isPod(who.pod, value);
      case 'unit':
        return who.unit === `${value}.service`;
      default:
        return false;
    }
  }

  #labelOf(key: FactKey, who: Who): string {
    switch (key) {
      case 'command':
        return who.command;
      case 'parent':
        return who.parentTgid === 0 ? '' : processLabel(this.#processes.get(who.parentTgid), who.parentTgid);
      case 'user':
        return who.user;
      case 'container':
        return who.container === '' ? '' : `${who.runtime} ${shortId(who.container)}`.trim();
      case 'runtime':
        return who.runtime;
      case 'pod':
        return who.pod;
      case 'unit':
        return who.unit;
      case 'cgroup':
        return who.cgroupPath;
    }
  }
}

function processLabel(who: Who | undefined, tgid: number): string {
  return `${who?.name || '?'} ${tgid}`;
}

/** The first twelve of 64 hex digits, as runtimes show them; a name as it is. */
export function shortId(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, SHORT_ID_CHARS) : id;
}

/** `namespace/name uid`, or the uid alone: any of them by itself, and the beginning of the uid. */
function isPod(pod: string, value: string): boolean {
  const [named, uid] = pod.includes(' ') ? pod.split(' ', 2) : ['', pod];
  if (named !== '' && (named === value || named!.endsWith(`/${value}`))) return true;
  return isPart(uid!, value);
}

function isPart(id: string, value: string): boolean {
  return id !== '' && (id === value || (value.length >= MIN_PART_CHARS && id.startsWith(value)));
}

/** Of one that had gone before it was asked about. */
function saysNothing({ user, command, cgroupPath, parentTgid }: Who): boolean {
  return user === '' && command === '' && cgroupPath === '' && parentTgid === 0;
}

function isSame(a: Who, b: Who): boolean {
  for (const key of Object.keys(a) as (keyof Who)[]) if (a[key] !== b[key]) return false;
  return true;
}
