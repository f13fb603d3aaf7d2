/** Owns what the export menu says of each format: who opens it. */
import type { DiffFormat, OutputFormat } from '@stallscope/formats';

export const EXPORTS: readonly { format: OutputFormat; name: string; opens: string }[] = [
  {
    format: 'html',
    name: 'Interactive page',
    opens: 'one HTML file for any browser, from disk, without network',
  },
  { format: 'svg', name: 'Picture', opens: 'SVG, for documents' },
  {
    format: 'stallscope',
    name: 'Stallscope file',
    opens: 'all that is shown, for every view and filter; opens here',
  },
  { format: 'pprof', name: 'pprof', opens: 'go tool pprof, Pyroscope, Parca' },
  { format: 'firefox', name: 'Firefox Profiler', opens: 'profiler.firefox.com' },
  { format: 'speedscope', name: 'speedscope', opens: 'speedscope.app' },
  { format: 'otlp', name: 'OTLP profiles', opens: 'OpenTelemetry collectors' },
  { format: 'folded', name: 'Folded stacks', opens: 'flamegraph.pl, text tools' },
  { format: 'json', name: 'JSON', opens: 'scripts; the shape of record --format json' },
];

/** Of what is compared: both sides in one file. */
export const DIFFERENCE_EXPORTS: readonly { format: DiffFormat; name: string; opens: string }[] = [
  { format: 'html', name: 'Difference as a page', opens: 'one HTML file for any browser, from disk' },
  { format: 'svg', name: 'Difference as a picture', opens: 'SVG, for documents' },
  { format: 'table', name: 'Difference as a table', opens: 'what grew and shrank most, as text' },
  { format: 'folded', name: 'Difference as folded stacks', opens: 'flamegraph.pl: before and after a line' },
  { format: 'json', name: 'Difference as JSON', opens: 'scripts; functions and stacks with both numbers' },
];

/** `web-1-off-cpu-20261122-140305.pb.gz`: for file systems everywhere. */
export function toFileName(parts: readonly string[], atMs: number, extension: string): string {
  const date = new Date(atMs);
  const stamp = [
    [date.getFullYear(), date.getMonth() + 1, date.getDate()],
    [date.getHours(), date.getMinutes(), date.getSeconds()],
  ].map((numbers) => numbers.map((number) => String(number).padStart(2, '0')).join(''));
  const name = [...parts, ...stamp].map((part) => part.replace(/[^\w.]+/g, '-').replace(/^[-.]+|-+$/g, ''));
  return `${name.filter((part) => part !== '').join('-')}${extension}`;
}
