/** Owns a grid of latencies that no host measured: always the same, of all that a heatmap has to show. */
import {
  BUCKETS,
  bucketFromNs,
  bucketOf,
  emptyGrid,
  GAP,
  type HeatGrid,
  IN_PART,
  LEAST_COUNT_OF_PERCENTILES,
  percentile,
  REFUSED,
  WHOLE,
} from '@stallscope/latency';
import type { PercentileLine } from './heat-drawing.js';

const START_MS = Date.UTC(2025, 0, 15, 8, 40);
const SHARES = [0.5, 0.95, 0.99] as const;

/** Reads of some 100 µs, writes of some ms that grow to seconds twice; a fifteenth of the time is missing. */
export function heatFixture(seconds: number): { grid: HeatGrid; lines: PercentileLine[] } {
  const columns = Array.from({ length: seconds }, (_, second) => second)
    .filter((second) => second < seconds * 0.4 || second >= seconds * 0.45)
    .map((second) => ({ startMs: START_MS + second * 1000, endMs: START_MS + (second + 1) * 1000 }));
  const frame = { fromMs: START_MS, toMs: START_MS + seconds * 1000 };
  const grid = emptyGrid({ ...frame, fromBucket: 56, toBucket: 128 }, columns);
  const rows = grid.toBucket - grid.fromBucket;
  const random = seeded(7);
  const lines = SHARES.map((share) => ({
    name: `p${share * 100}`,
    ns: new Float64Array(columns.length).fill(Number.NaN),
  }));
  for (const [column, { startMs }] of columns.entries()) {
    const second = (startMs - START_MS) / 1000;
    const at = second / seconds;
    const isOff = at > 0.7 && at < 0.75;
    grid.collected[column] = isOff
      ? at > 0.73
        ? REFUSED
        : GAP
      : column === Math.ceil(seconds * 0.75)
        ? IN_PART
        : WHOLE;
    if (isOff) continue;
    const isStalled = (at > 0.2 && at < 0.25) || (at > 0.85 && at < 0.87);
    const operations = seconds < 60 ? (second % 7 === 0 ? 1 : 0) : 160 + Math.floor(random() * 60);
    const counts = new Float64Array(BUCKETS);
    for (let each = 0; each < operations; each++) {
      const isWrite = random() < 0.3;
      const middleNs = isWrite ? (isStalled ? 9e8 : 4e6) : 1.1e5;
      const spread = random() + random() + random() - 1.5;
      counts[bucketOf(Math.round(middleNs * 2 ** (spread * 2)))]!++;
    }
    for (let row = 0; row < rows; row++) {
      grid.counts[column * rows + row] = counts[grid.fromBucket + row]!;
    }
    for (const [index, share] of SHARES.entries()) {
      const found = percentile(counts, share);
      if (found !== undefined && operations >= LEAST_COUNT_OF_PERCENTILES)
        lines[index]!.ns[column] = Math.max(bucketFromNs(1), found.ns);
    }
  }
  return { grid, lines };
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
