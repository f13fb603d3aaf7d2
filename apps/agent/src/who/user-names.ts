/** Owns the names of users by uid, as the host's own /etc/passwd has them: containers have others, of the same numbers. */
import { readFileSync, statSync } from 'node:fs';

const PASSWD = '/etc/passwd';
/** Users kept: a file of millions, made by a directory service, is no reason to hold them all. */
const MAX_USERS = 65_536;
const MAX_PASSWD_BYTES = 16 << 20;
/** How old names may be: someone who makes a user sees it within this. */
const RECHECK_MS = 10_000;

export interface PasswdFile {
  /** Changes when the file does; undefined when there is none. */
  version(): string | undefined;
  text(): string;
}

export const HOST_PASSWD: PasswdFile = {
  version: () => {
    const stat = statSync(PASSWD, { throwIfNoEntry: false });
    return stat === undefined || stat.size > MAX_PASSWD_BYTES
      ? undefined
      : `${stat.ino}:${stat.mtimeMs}:${stat.size}`;
  },
  text: () => readFileSync(PASSWD, 'utf8'),
};

export class UserNames {
  readonly #file: PasswdFile;
  readonly #nowMs: () => number;
  #version: string | undefined;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #names = new Map<number, string>();

  constructor(file: PasswdFile = HOST_PASSWD, nowMs: () => number = () => performance.now()) {
    this.#file = file;
    this.#nowMs = nowMs;
  }

  /** The number itself when it has no name. */
  nameOf(uid: number): string {
    if (this.#nowMs() - this.#checkedMs >= RECHECK_MS) this.#reread();
    return this.#names.get(uid) ?? String(uid);
  }

  #reread(): void {
    this.#checkedMs = this.#nowMs();
    const version = this.#file.version();
    if (version === this.#version) return;
    this.#version = version;
    this.#names = version === undefined ? new Map() : readPasswd(this.#file.text());
  }
}

/** `name:password:uid:gid:…` a line; the first of several names for one uid is the one that getpwuid(3) gives. */
export function readPasswd(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const match = /^([^:#+-][^:]*):[^:]*:(\d+):/.exec(line);
    if (match === null) continue;
    const uid = Number(match[2]);
    if (!names.has(uid)) names.set(uid, match[1]!);
    if (names.size >= MAX_USERS) break;
  }
  return names;
}
