/** Owns the list of readers, one line a format. */

import { readFoldedProfile } from './folded/read-folded.js';
import { readPprof } from './pprof/read-pprof.js';
import type { Reader, SampleFormatName } from './read.js';

export const READERS: Partial<Record<SampleFormatName, Reader>> = {
  folded: readFoldedProfile,
  pprof: readPprof,
};
