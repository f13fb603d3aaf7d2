/**
 * Owns the words of how far samples of CPUs can be trusted, one source for page, command line and files.
 *
 *     1,228 samples at 99 Hz ± 2.9 %
 */
import type { Totals } from './totals.js';

/** @param totals of the view of CPUs */
export function cpuSampleWords({ sampledNs, captures }: Pick<Totals, 'sampledNs' | 'captures'>): string {
  if (captures === 0) return 'no samples';
  const count = `${captures.toLocaleString('en-GB')} ${captures === 1 ? 'sample' : 'samples'}`;
  return `${count} at ${Math.round((captures * 1e9) / sampledNs)} Hz ± ${(100 / Math.sqrt(captures)).toFixed(1)} %`;
}
