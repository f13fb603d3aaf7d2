/**
 * Owns what a chart of vitals draws of what was read: which series, in which order, what they are called, and how many are
 * left out where there are more than can be told apart.
 */
import { SERIES_COLOURS } from '@stallscope/charts';
import { seriesTitle, type VitalChart, type VitalSummary } from '@stallscope/vitals';
import type { Stretches, VitalsContent } from './panel-messages';
import type { VitalsHistory } from './vitals-history';

interface Found {
  name: string;
  values: Float64Array;
  mean: number;
  /** Labels that the chart lists are drawn in its order whatever they are; others by name. */
  isListed: boolean;
}

export function toVitalsContent(
  history: VitalsHistory,
  chart: VitalChart,
  ends: { fromMs: number; toMs: number },
  held: Stretches,
): VitalsContent {
  const range = history.rangeOf(ends);
  const found: Found[] = [];
  for (const metric of chart.metrics) {
    const known = history.labelsOf(metric);
    const labels = chart.labels ?? [...known].sort(compareNames);
    for (const label of labels) {
      const values = history.values(metric, label, range);
      if (values === undefined) continue;
      const name = seriesTitle(chart, metric, label);
      found.push({ name, values, mean: meanOf(values), isListed: chart.labels !== undefined });
    }
  }
  const { kept, quiet } = withoutQuiet(found);
  const { series, left } = toDrawn(kept, chart.shape === 'stacked');
  return { kind: 'vitals', readings: history.readings(range), series, left, quiet, held };
}

/** Of those that stayed at 0 as many are drawn as say so, where no other is. */
const QUIET_DRAWN = 4;

/** A host has disks and interfaces that do nothing; those that a chart lists are drawn all the same. */
function withoutQuiet(found: readonly Found[]): { kept: readonly Found[]; quiet: number } {
  const busy = found.filter(({ mean, isListed }) => mean > 0 || isListed);
  const kept = busy.length > 0 ? busy : found.slice(0, QUIET_DRAWN);
  return { kept, quiet: found.length - kept.length };
}

/** Those of the largest mean where there are too many, in the order of all. */
function toDrawn(found: readonly Found[], isStacked: boolean): Pick<VitalsContent, 'series' | 'left'> {
  const toSeries = ({ name, values }: Found) => ({ name, values });
  if (found.length <= SERIES_COLOURS) return { series: found.map(toSeries), left: 0 };
  const room = isStacked ? SERIES_COLOURS - 1 : SERIES_COLOURS;
  const kept = new Set([...found].sort((a, b) => b.mean - a.mean).slice(0, room));
  const rest = found.filter((each) => !kept.has(each));
  const series = found.filter((each) => kept.has(each)).map(toSeries);
  if (isStacked) series.push({ name: `${rest.length} others`, values: sumOf(rest) });
  return { series, left: rest.length };
}

/** Where none has a reading there is none. */
function sumOf(found: readonly Found[]): Float64Array {
  const sum = new Float64Array(found[0]?.values.length ?? 0).fill(Number.NaN);
  for (const { values } of found) {
    for (const [index, value] of values.entries()) {
      if (Number.isNaN(value)) continue;
      sum[index] = (Number.isNaN(sum[index]!) ? 0 : sum[index]!) + value;
    }
  }
  return sum;
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? 0 : sum / count;
}

/** cpu2 before cpu10. */
const NAMES = new Intl.Collator('en-GB', { numeric: true });
function compareNames(a: string, b: string): number {
  return NAMES.compare(a, b);
}

/** Adds what was read in a stretch to a summary. */
export function summarise(
  history: VitalsHistory,
  ends: { fromMs: number; toMs: number },
  summary: VitalSummary,
): VitalSummary {
  const range = history.rangeOf(ends);
  const columns: { metric: string; label: string; values: Float64Array }[] = [];
  for (const metric of history.metrics()) {
    for (const label of history.labelsOf(metric)) {
      const values = history.values(metric, label, range);
      if (values !== undefined) columns.push({ metric, label, values });
    }
  }
  for (let reading = 0; reading < range[1] - range[0]; reading++) {
    summary.add(
      columns
        .filter(({ values }) => !Number.isNaN(values[reading]!))
        .map(({ metric, label, values }) => ({ metric, label, value: values[reading]! })),
    );
  }
  return summary;
}
