/** Owns the list of readers, one line a format. */

import { readChromeTrace } from './chrome/read-chrome-trace.js';
import { readCpuProfile } from './chrome/read-cpuprofile.js';
import { readFirefox } from './firefox/read-firefox.js';
import { readFoldedProfile } from './folded/read-folded.js';
import { readOtlp } from './otlp/read-otlp.js';
import { readPerfScript } from './perf-script/read-perf-script.js';
import { readPprof } from './pprof/read-pprof.js';
import type { Reader, SampleFormatName } from './read.js';
import { readSpeedscope } from './speedscope/read-speedscope.js';

export const READERS: Readonly<Record<SampleFormatName, Reader>> = {
  folded: readFoldedProfile,
  pprof: readPprof,
  firefox: readFirefox,
  'perf-script': readPerfScript,
  speedscope: readSpeedscope,
  otlp: readOtlp,
  'chrome-cpuprofile': readCpuProfile,
  'chrome-trace': readChromeTrace,
};
