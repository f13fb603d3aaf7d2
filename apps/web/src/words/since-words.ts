/** Owns how a time in a profile from elsewhere is told: from the profile's beginning. */
import { formatNs } from '@stallscope/charts';

/** `1.20 s` after the beginning. */
export function sinceWords(atMs: number, sinceMs: number): string {
  return atMs === sinceMs ? '0' : formatNs((atMs - sinceMs) * 1e6);
}
