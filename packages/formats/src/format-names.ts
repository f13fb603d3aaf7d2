/**
 * Owns the names of the formats: as `--format` takes them, as errors give them, as snapshots keep them. It can be loaded
 * by itself (`@stallscope/formats/names`), for those who only need to know what there is.
 */

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

/** What the difference of two profiles can be written as. */
export const DIFF_FORMATS = ['table', 'folded', 'json', 'svg', 'html'] as const;
export type DiffFormat = (typeof DIFF_FORMATS)[number];

/** What the numbers of folded stacks may be, which the format does not say. */
export const FOLDED_UNITS = ['count', 'us', 'ns', 'bytes'] as const;
export type FoldedUnit = (typeof FOLDED_UNITS)[number];
