/** Owns what a role is called in words, for legends, tooltips and screen readers: kind is never told by colour alone. */
import { ROLES, type Role } from '@stallscope/profile';

export const ROLE_WORDS: Record<Role, string> = {
  root: 'all',
  comm: 'thread name',
  user: 'user frame',
  kernel: 'kernel frame',
  separator: 'separator',
  'waker-kernel': 'waker’s kernel frame',
  'waker-user': 'waker’s user frame',
  'waker-comm': 'waker’s thread name',
  marker: 'marker: why it ends here',
  group: 'group: whose it is',
  kind: 'what the thread was at',
};

/** Role of a node's code; nodes of a tree have no other. */
export function roleOf(code: number): Role {
  const role = ROLES[code];
  if (role === undefined) throw new RangeError(`name a role: code ${code} is none of ${ROLES.length}`);
  return role;
}
