/**
 * Owns vitals over a span: of each series the mean, the largest and the last value, and how many readings there were.
 * Windows without vitals add nothing, so a mean is of what was read, each reading counting alike.
 */
export interface VitalValues {
  readonly metric: string;
  readonly label: string;
  readonly value: number;
}

export interface SeriesSummary {
  mean: number;
  max: number;
  last: number;
  readings: number;
}

export class VitalSummary {
  readonly #series = new Map<string, Map<string, SeriesSummary>>();
  #readings = 0;

  /** @param rows of one window */
  add(rows: Iterable<VitalValues>): void {
    let isEmpty = true;
    for (const { metric, label, value } of rows) {
      isEmpty = false;
      const labels = this.#labelsOf(metric);
      const series = labels.get(label);
      if (series === undefined) {
        labels.set(label, { mean: value, max: value, last: value, readings: 1 });
        continue;
      }
      series.readings++;
      series.mean += (value - series.mean) / series.readings;
      series.max = Math.max(series.max, value);
      series.last = value;
    }
    if (!isEmpty) this.#readings++;
  }

  /** Windows that had vitals. */
  get readings(): number {
    return this.#readings;
  }

  find(metric: string, label = ''): SeriesSummary | undefined {
    return this.#series.get(metric)?.get(label);
  }

  /** Label and summary of each series of a metric. */
  all(metric: string): readonly (readonly [label: string, summary: SeriesSummary])[] {
    return [...(this.#series.get(metric) ?? [])];
  }

  /** The series whose mean is largest. */
  largest(metric: string): (SeriesSummary & { label: string }) | undefined {
    let found: (SeriesSummary & { label: string }) | undefined;
    for (const [label, series] of this.#series.get(metric) ?? []) {
      if (found === undefined || series.mean > found.mean) found = { ...series, label };
    }
    return found;
  }

  #labelsOf(metric: string): Map<string, SeriesSummary> {
    let labels = this.#series.get(metric);
    if (labels === undefined) {
      labels = new Map();
      this.#series.set(metric, labels);
    }
    return labels;
  }
}
