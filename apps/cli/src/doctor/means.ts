/** What this host lacks, by its files alone, to trace at all; empty when nothing speaks against it. */
import { type Finding, toMeans } from './findings.js';
import { readHostSigns } from './host-signs.js';

export function missingMeans(): Finding[] {
  return toMeans(readHostSigns()).filter(({ status }) => status === 'missing');
}
