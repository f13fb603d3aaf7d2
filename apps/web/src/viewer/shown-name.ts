/** Owns how a function is written in rows: whole, or without what templates and generics add, as the selection says. */
import { foldedName } from '@stallscope/charts';
import type { Role } from '@stallscope/profile';
import type { Selection } from '../selection/selection';

export function shownName(fn: { label: string; role: Role }, selection: Pick<Selection, 'names'>): string {
  const isFunction = fn.role === 'user' || fn.role === 'waker-user';
  return selection.names === 'short' && isFunction ? foldedName(fn.label) : fn.label;
}
