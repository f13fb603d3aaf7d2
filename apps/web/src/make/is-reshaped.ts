/** Owns whether the graph is drawn otherwise than its paths are, so that a file of it is one of boxes, not of rows. */
import { type FlameShape, PLAIN_SHAPE } from '@stallscope/profile';

export function isReshaped(shape: FlameShape): boolean {
  return (Object.keys(PLAIN_SHAPE) as (keyof FlameShape)[]).some(
    (part) => JSON.stringify(shape[part]) !== JSON.stringify(PLAIN_SHAPE[part]),
  );
}

export const RESHAPED_WORDS =
  'The graph is written as it is drawn (reshaped, focused or without idle waits), so threads and wakers are not with it.';
