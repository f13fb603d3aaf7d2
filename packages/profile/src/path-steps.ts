/**
 * Owns one path while it is made and reshaped: its steps, root first, as numbers in columns that are used again for the
 * next path, because a live view makes thousands of paths a second.
 *
 *     label [4 app, 9 main, 12 read]   role [comm, user, user]   unnamed [0, 0, 0]   module [0, 3, 5]   kind [0, 0, 1]
 */
import { ROLES, type Role } from './query.js';

export class PathSteps {
  length = 0;
  /** Label id. */
  readonly label: number[] = [];
  /** Index into ROLES. */
  readonly role: number[] = [];
  /** Index into UNNAMED. */
  readonly unnamed: number[] = [];
  /** Label id of the module; 0 for none. */
  readonly module: number[] = [];
  /** Index into FRAME_KINDS. */
  readonly kind: number[] = [];

  push(label: number, role: number, unnamed: number, module: number, kind = 0): void {
    const at = this.length++;
    this.label[at] = label;
    this.role[at] = role;
    this.unnamed[at] = unnamed;
    this.module[at] = module;
    this.kind[at] = kind;
  }

  /** A step above all others, of no module. */
  prepend(label: number, role: number): void {
    for (let at = this.length; at > 0; at--) this.move(at - 1, at);
    this.length++;
    this.label[0] = label;
    this.role[0] = role;
    this.unnamed[0] = 0;
    this.module[0] = 0;
    this.kind[0] = 0;
  }

  /** Writes step `from` over step `to`. */
  move(from: number, to: number): void {
    if (from === to) return;
    this.label[to] = this.label[from]!;
    this.role[to] = this.role[from]!;
    this.unnamed[to] = this.unnamed[from]!;
    this.module[to] = this.module[from]!;
    this.kind[to] = this.kind[from]!;
  }

  isSameFunction(a: number, b: number): boolean {
    return this.label[a] === this.label[b] && this.role[a] === this.role[b];
  }

  /** Drops the first `count` steps. */
  dropFirst(count: number): void {
    if (count === 0) return;
    for (let at = count; at < this.length; at++) this.move(at, at - count);
    this.length -= count;
  }

  reverse(): void {
    const { length } = this;
    // The columns may be longer than the path: they keep what a longer one left behind.
    for (const column of [this.label, this.role, this.unnamed, this.module, this.kind]) {
      for (let low = 0, high = length - 1; low < high; low++, high--) {
        const kept = column[low]!;
        column[low] = column[high]!;
        column[high] = kept;
      }
    }
  }
}

export const ROLE_CODES: ReadonlyMap<Role, number> = new Map(ROLES.map((role, code) => [role, code]));
