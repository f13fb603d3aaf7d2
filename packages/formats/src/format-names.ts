/** Owns the names of the formats: as `--format` takes them, as errors give them, as snapshots keep them. */

/** What can be read. */
export const FORMAT_NAMES = [
  'folded',
  'pprof',
  'perf-script',
  'speedscope',
  'firefox',
  'chrome-cpuprofile',
  'chrome-trace',
  'otlp',
  'stallscope',
] as const;
export type FormatName = (typeof FORMAT_NAMES)[number];

/** What can be written. */
export const OUTPUT_FORMATS = [
  'folded',
  'pprof',
  'speedscope',
  'firefox',
  'otlp',
  'svg',
  'html',
  'json',
  'stallscope',
] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What is written from stacks with values; our own file is written from windows. */
export type SampleOutputFormat = Exclude<OutputFormat, 'stallscope'>;
