/**
 * Owns the marks behind names in folded stacks by which flame graph tools colour: `vfs_read_[k]`, as `perf script` folded
 * by stackcollapse-perf.pl --all has them, and flamegraph.pl --color=java reads.
 */
import {
  FRAME_KINDS,
  type FrameKind,
  type FrameKindCode,
  type Role,
  type SampleFrame,
} from '@stallscope/profile';

const KERNEL = '_[k]';
const MARK_OF_KIND: Readonly<Partial<Record<FrameKind, string>>> = { jit: '_[j]', inlined: '_[i]' };
/** Kinds that have a mark. */
export const MARKED_KINDS = Object.keys(MARK_OF_KIND) as FrameKind[];

const KERNEL_ROLES: ReadonlySet<Role> = new Set<Role>(['kernel', 'waker-kernel']);
const USER_ROLES: ReadonlySet<Role> = new Set<Role>(['user', 'waker-user']);

/** '' for most. */
export function markOf({ role, kind = 0 }: Pick<SampleFrame, 'role' | 'kind'>): string {
  if (KERNEL_ROLES.has(role)) return KERNEL;
  return (USER_ROLES.has(role) && MARK_OF_KIND[FRAME_KINDS[kind]]) || '';
}

/** The name without its mark, and what that says. */
export function splitMark(label: string, role: Role): { name: string; kind: FrameKindCode } {
  if (!label.endsWith(']')) return { name: label, kind: 0 };
  if (KERNEL_ROLES.has(role) && label.endsWith(KERNEL))
    return { name: label.slice(0, -KERNEL.length), kind: 0 };
  if (!USER_ROLES.has(role)) return { name: label, kind: 0 };
  const kind = FRAME_KINDS.findIndex((known) => {
    const mark = MARK_OF_KIND[known];
    return mark !== undefined && label.endsWith(mark);
  });
  if (kind < 0) return { name: label, kind: 0 };
  return { name: label.slice(0, -MARK_OF_KIND[FRAME_KINDS[kind]!]!.length), kind: kind as FrameKindCode };
}
