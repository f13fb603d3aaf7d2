/** Owns what becomes of a zoom, a selection or a chosen function when the view changes, by the roles that each view has. */
import type { FunctionKey, Role, View } from '@stallscope/profile';
import type { Place } from './place';

/** Kept where it means the same in the other view, else null: a waker's frame has no like in the off-CPU view. */
export function carryPlace(from: View, to: View, place: Place | null): Place | null {
  if (from === to || place === null) return place;
  if (!TARGET_FIRST.has(from) || !TARGET_FIRST.has(to) || place.kind !== 'path') return null;
  const isOfTarget = place.path.every(
    ({ label, role }) => TARGET_ROLES.has(role) || (role === 'separator' && label === '-'),
  );
  return isOfTarget ? place : null;
}

/** Kept where the other view has such frames. */
export function carryFunction(to: View, key: FunctionKey | null): FunctionKey | null {
  return key !== null && ROLES_OF_VIEW[to].includes(key.role) ? key : null;
}

const OF_TARGET: readonly Role[] = ['comm', 'user', 'kernel'];
const OF_WAKERS: readonly Role[] = ['waker-kernel', 'waker-user', 'waker-comm'];

/** In the order of a legend. */
export const ROLES_OF_VIEW: Readonly<Record<View, readonly Role[]>> = {
  'off-cpu': [...OF_TARGET, 'separator', 'marker'],
  wakeup: ['waker-comm', 'waker-user', 'waker-kernel', 'comm', 'separator', 'marker'],
  'off-wake': [...OF_TARGET, ...OF_WAKERS, 'separator', 'marker'],
  chain: [...OF_TARGET, ...OF_WAKERS, 'separator', 'marker'],
  cpu: [...OF_TARGET, 'separator'],
  wall: ['comm', 'kind', 'user', 'kernel', 'separator', 'marker'],
};

/** Views whose paths begin alike, at the thread itself: a zoom into its own frames means the same in each. */
const TARGET_FIRST: ReadonlySet<View> = new Set<View>(['cpu', 'off-cpu', 'off-wake', 'chain']);
const TARGET_ROLES: ReadonlySet<Role> = new Set<Role>(['group', ...OF_TARGET]);
