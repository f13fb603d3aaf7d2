/** Owns what becomes of a zoom or selection when the view changes. */
import type { Role, View } from '@stallscope/profile';
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

/** Views whose paths begin alike, at the waiting thread: a zoom into its own frames means the same in each. */
const TARGET_FIRST: ReadonlySet<View> = new Set<View>(['off-cpu', 'off-wake', 'chain']);
const TARGET_ROLES: ReadonlySet<Role> = new Set<Role>(['comm', 'user', 'kernel']);
