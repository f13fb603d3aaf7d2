/**
 * Owns the strip of time of a profile from elsewhere whose samples have times: the chosen value in bins of whole
 * milliseconds, so that what is chosen in it can stand in a URL. A sample counts where it was taken, or began.
 *
 *     samples at 0 ms = 5, 3 ms = 2 of 10 ms   →   bins of 1 ms: 5 0 0 2 0 …
 */
import { type SampleFilter, type SampleProfile, toSampleMatcher } from '@stallscope/profile';
import type { StripSeries } from '../live/live-messages';

/** Bars: narrower ones than of 4 px on a wide screen cannot be aimed at. */
const MAX_BINS = 300;

/** Unix ms that times of samples are since; of a profile that does not say when it was recorded they begin at 0. */
export function sampleBaseMs({ startMs }: SampleProfile): number {
  return Math.floor(startMs ?? 0);
}

/** Whole Unix ms that all its samples are within; null where they have no times. */
export function sampleEnds(profile: SampleProfile): { fromMs: number; toMs: number } | null {
  const { sampleAtNs, startMs, durationNs } = profile;
  if (sampleAtNs === null || sampleAtNs.length === 0) return null;
  const baseMs = sampleBaseMs(profile);
  const offsetMs = (startMs ?? 0) - baseMs;
  let firstMs = Number.POSITIVE_INFINITY;
  let lastMs = durationNs === null ? Number.NEGATIVE_INFINITY : durationNs / 1e6 + offsetMs;
  for (const atNs of sampleAtNs) {
    const atMs = atNs / 1e6 + offsetMs;
    if (atMs < firstMs) firstMs = atMs;
    if (atMs > lastMs) lastMs = atMs;
  }
  return { fromMs: baseMs + Math.floor(firstMs), toMs: baseMs + Math.floor(lastMs) + 1 };
}

/** Of all its time, whatever stretch `filter` keeps; null where samples have no times, or all the same one. */
export function toSampleStrip(profile: SampleProfile, filter: SampleFilter): StripSeries | null {
  const { sampleAtNs, sampleValues, startMs } = profile;
  const ends = sampleEnds(profile);
  if (sampleAtNs === null || ends === null) return null;
  const baseMs = sampleBaseMs(profile);
  const offsetMs = (startMs ?? 0) - baseMs;
  const fromMs = ends.fromMs - baseMs;
  const toMs = ends.toMs - baseMs;
  const binMs = Math.max(1, Math.ceil((toMs - fromMs) / MAX_BINS));
  const bins = Math.ceil((toMs - fromMs) / binMs);
  // One bar says nothing of time.
  if (bins < 2) return null;
  const sums = new Float64Array(bins);
  const { fromNs, toNs, ...always } = filter;
  const matches = toSampleMatcher(profile, always);
  const values = sampleValues[filter.value]!;
  for (let i = 0; i < values.length; i++) {
    if (!matches(i)) continue;
    sums[Math.min(bins - 1, Math.floor((sampleAtNs[i]! / 1e6 + offsetMs - fromMs) / binMs))]! += values[i]!;
  }
  const start = Float64Array.from(sums, (_, bin) => baseMs + fromMs + bin * binMs);
  return {
    startMs: start,
    endMs: start.map((startOfBin) => startOfBin + binMs),
    blockedNs: sums,
    runqNs: new Float64Array(bins),
    preemptedNs: new Float64Array(bins),
    lost: new Float64Array(bins),
  };
}
