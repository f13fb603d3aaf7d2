/** Owns the names of formats in sentences. */
import type { SampleFormatName } from '@stallscope/formats';

export const FORMAT_WORDS: Readonly<Record<SampleFormatName, string>> = {
  folded: 'Folded stacks',
  pprof: 'pprof profile',
  'perf-script': 'perf script output',
  speedscope: 'speedscope file',
  firefox: 'Firefox Profiler profile',
  'chrome-cpuprofile': 'Chrome CPU profile',
  'chrome-trace': 'Chrome trace',
  otlp: 'OTLP profile',
};
