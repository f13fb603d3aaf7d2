/**
 * Owns what was read of a host's vitals in the windows that are held: series of numbers by metric and label, one reading a
 * window that had vitals. Windows are decoded once, as they come; a chart of it is then a copy of columns.
 *
 *     windows    [0 1) cpu 0.2   [1 2) –   [2 3) cpu 0.4          readings   [0 1) 0.2   [1 3) 0.4
 *
 * A reading reaches back to the one before: vitals are read about once a second, also where windows are shorter. It does not
 * reach over time without windows, nor further than a reading can.
 *
 * Invariant: NaN is no reading; readings ascend and do not overlap.
 */
import type { ProfileTables, ProfileWindow } from '@stallscope/profile';

export interface ReadingsOf {
  startMs: Float64Array;
  endMs: Float64Array;
}

/** Readings from the first up to, not with, the second. */
export type ReadingRange = readonly [from: number, to: number];

/**
 * Series of one host: a large one has some hundred, by CPU, disk and interface, and ten a container. A quarter of an hour of
 * this many is 30 MB.
 */
export const MAX_VITAL_SERIES = 4096;

/**
 * How far a reading may reach back, in window lengths and at the least, ms: vitals are read once a second has passed, which
 * on a busy host may leave out a window of a second, and what is read then is of all the time since.
 */
const REACH_WINDOWS = 3;
const LEAST_REACH_MS = 3000;

/** Windows end and begin within this of each other by the rounding of clocks. */
const LEAST_GAP_MS = 50;

interface Series {
  /** The reading that `values` begins with, counted from the first one ever. */
  from: number;
  values: number[];
}

export class VitalsHistory {
  readonly #startMs: number[] = [];
  readonly #endMs: number[] = [];
  /** Readings that were let go. */
  #dropped = 0;
  readonly #series = new Map<string, Map<string, Series>>();
  #seriesCount = 0;
  #refusedSeries = 0;
  /** End of the last window, and of the last stretch of windows without a gap its start, ms. */
  #lastEndMs = Number.NEGATIVE_INFINITY;
  #unbrokenSinceMs = Number.NEGATIVE_INFINITY;

  /** Readings that are held. */
  get length(): number {
    return this.#endMs.length;
  }

  /** Series that had no room, of all windows that came. */
  get refusedSeries(): number {
    return this.#refusedSeries;
  }

  /** Windows come in their order. @param tables those that the window points into */
  add({ startMs, endMs, vitals }: ProfileWindow, { strings }: Pick<ProfileTables, 'strings'>): void {
    if (startMs - this.#lastEndMs > LEAST_GAP_MS) this.#unbrokenSinceMs = startMs;
    this.#lastEndMs = endMs;
    if (vitals.metric.length === 0) return;
    const beforeMs = this.#endMs.at(-1) ?? Number.NEGATIVE_INFINITY;
    const reachMs = Math.max(LEAST_REACH_MS, (endMs - startMs) * REACH_WINDOWS);
    const reaches = beforeMs >= this.#unbrokenSinceMs && endMs - beforeMs <= reachMs;
    this.#startMs.push(reaches ? Math.min(beforeMs, startMs) : startMs);
    this.#endMs.push(endMs);
    const at = this.#dropped + this.#endMs.length - 1;
    for (let index = 0; index < vitals.metric.length; index++) {
      const series = this.#seriesOf(strings[vitals.metric[index]!]!, strings[vitals.label[index]!]!, at);
      if (series === undefined) continue;
      while (series.values.length < at - series.from) series.values.push(Number.NaN);
      series.values[at - series.from] = vitals.value[index]!;
    }
  }

  /** Lets go of readings that ended before an instant. */
  evict(beforeMs: number): void {
    let count = 0;
    while (count < this.#endMs.length && this.#endMs[count]! < beforeMs) count++;
    if (count === 0) return;
    this.#startMs.splice(0, count);
    this.#endMs.splice(0, count);
    this.#dropped += count;
    for (const [metric, labels] of this.#series) {
      for (const [label, series] of labels) {
        const over = this.#dropped - series.from;
        if (over <= 0) continue;
        series.values.splice(0, over);
        series.from = this.#dropped;
        if (series.values.length > 0) continue;
        labels.delete(label);
        this.#seriesCount--;
      }
      if (labels.size === 0) this.#series.delete(metric);
    }
  }

  /** Those whose middle is in a stretch, as windows are: neighbouring stretches share none. */
  rangeOf({ fromMs, toMs }: { fromMs: number; toMs: number }): ReadingRange {
    const middle = (index: number): number => (this.#startMs[index]! + this.#endMs[index]!) / 2;
    let from = 0;
    while (from < this.length && middle(from) <= fromMs) from++;
    let to = from;
    while (to < this.length && middle(to) <= toMs) to++;
    return [from, to];
  }

  readings([from, to]: ReadingRange): ReadingsOf {
    return {
      startMs: Float64Array.from(this.#startMs.slice(from, to)),
      endMs: Float64Array.from(this.#endMs.slice(from, to)),
    };
  }

  metrics(): readonly string[] {
    return [...this.#series.keys()];
  }

  labelsOf(metric: string): readonly string[] {
    return [...(this.#series.get(metric)?.keys() ?? [])];
  }

  /** One a reading, NaN where this series has none; undefined where it has none in all of the range. */
  values(metric: string, label: string, [from, to]: ReadingRange): Float64Array | undefined {
    const series = this.#series.get(metric)?.get(label);
    if (series === undefined) return undefined;
    const values = new Float64Array(to - from).fill(Number.NaN);
    let isAny = false;
    for (let index = from; index < to; index++) {
      const value = series.values[this.#dropped + index - series.from];
      if (value === undefined || Number.isNaN(value)) continue;
      values[index - from] = value;
      isAny = true;
    }
    return isAny ? values : undefined;
  }

  #seriesOf(metric: string, label: string, at: number): Series | undefined {
    let labels = this.#series.get(metric);
    if (labels === undefined) {
      labels = new Map();
      this.#series.set(metric, labels);
    }
    let series = labels.get(label);
    if (series === undefined) {
      if (this.#seriesCount >= MAX_VITAL_SERIES) {
        this.#refusedSeries++;
        return undefined;
      }
      this.#seriesCount++;
      series = { from: at, values: [] };
      labels.set(label, series);
    }
    return series;
  }
}
