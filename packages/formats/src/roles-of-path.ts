/**
 * Owns what the frames of a path stand for where a format carries their names alone. Our own paths, and those of bcc's
 * tools with `-d`, say it by their separators:
 *
 *     app;main;read;-;vfs_read;--;pipe_write;-;write;run;writer
 *     comm user user   kernel     wk-kernel    wk-user   wk-comm
 *
 * Other paths are user frames, but for those that end in `_[k]`, as stackcollapse-perf marks kernel frames.
 * Where a stack has no `-`, user and kernel frames cannot be told apart, and it counts as one of user frames.
 */
import { LIFE_STEPS, NOT_SAMPLED, type Role, type View } from '@stallscope/profile';

/** @param view the view that the path is known to be of; absent where only its separators tell */
export function rolesOfPath(path: readonly string[], view?: View): Role[] {
  if (view === undefined && !path.includes('-') && !path.includes('--')) {
    return path.map((label) => (label.endsWith('_[k]') ? 'kernel' : 'user'));
  }
  if (view === 'wakeup') return ofWakeup(path);
  return view === 'wall' ? ofLife(path) : ofWait(path);
}

/**
 * The role of a frame of which it is known whether it is the kernel's: `mapped`. A module knows better than the path,
 * whose stacks without a separator may be of either space.
 */
export function inSpace(role: Role, mapped: 'user' | 'kernel'): Role {
  if (role === 'user' || role === 'kernel') return mapped;
  if (role === 'waker-user' || role === 'waker-kernel') {
    return mapped === 'kernel' ? 'waker-kernel' : 'waker-user';
  }
  return role;
}

/** Names that stand where frames are missing; see `projectRow`. */
export function isMarker(label: string): boolean {
  return MARKERS.has(label) || /^\[chain cut at \d+ wakers?\]$/.test(label);
}

const MARKERS: ReadonlySet<string> = new Set([
  '[waker unknown]',
  "[waker's own wait not sampled]",
  '[run-queue wait]',
  '[preempted]',
  '[no stack]',
  NOT_SAMPLED,
]);

/** What a thread was at, the step after its name in the wall view. */
const LIFE_LABELS: ReadonlySet<string> = new Set(Object.values(LIFE_STEPS));

function ofLife(path: readonly string[]): Role[] {
  const roles = ofWait(path);
  if (path.length > 1 && LIFE_LABELS.has(path[1]!)) roles[1] = 'kind';
  return roles;
}

function ofWait(path: readonly string[]): Role[] {
  const roles: Role[] = [];
  let from = 0;
  for (let level = 0; from <= path.length; level++) {
    const next = path.indexOf('--', from);
    const end = next < 0 ? path.length : next;
    const part = path.slice(from, end);
    if (level === 0) {
      roles.push(...ofStack(part, 1, part.length, 'user', 'kernel'));
      if (part.length > 0) roles[0] = 'comm';
    } else {
      const stack = ofStack(part, 0, part.length - 1, 'waker-kernel', 'waker-user');
      if (part.length > 0) stack[part.length - 1] = isMarker(part.at(-1)!) ? 'marker' : 'waker-comm';
      roles.push(...stack);
    }
    if (next < 0) break;
    roles.push('separator');
    from = next + 1;
  }
  return roles;
}

function ofWakeup(path: readonly string[]): Role[] {
  const roles = ofStack(path, 1, path.length - 1, 'waker-user', 'waker-kernel');
  if (path.length > 0) roles[0] = isMarker(path[0]!) ? 'marker' : 'waker-comm';
  if (path.length > 1) roles[path.length - 1] = 'comm';
  return roles;
}

/** Roles of one stack, before and after its first `-` within [from, to). */
function ofStack(path: readonly string[], from: number, to: number, before: Role, after: Role): Role[] {
  const separator = path.indexOf('-', from);
  return path.map((label, at) => {
    if (isMarker(label)) return 'marker';
    if (separator < 0 || separator >= to || at < separator) return before;
    return at === separator ? 'separator' : after;
  });
}
