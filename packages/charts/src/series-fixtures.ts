/** Owns charts of time that have broken one, for the gallery and its tests: gaps, a spike, nothing at all, many series. */
import type { Series, SeriesReadings } from './series-shape.js';
import type { SeriesUnit } from './series-units.js';
import type { TimeSpan } from './time-bars.js';

export interface SeriesFixture {
  name: string;
  readings: SeriesReadings;
  series: readonly Series[];
  isStacked: boolean;
  unit: SeriesUnit;
  atLeast?: number;
  span: TimeSpan;
  gapWords?: (gap: TimeSpan) => string;
}

const START_MS = Date.UTC(2025, 0, 15, 8, 40);
const LENGTH_S = 300;
const SPAN: TimeSpan = { fromMs: START_MS, toMs: START_MS + LENGTH_S * 1000 };

/** A reading a second, but for seconds 120 to 140, of which there is none. */
const SECONDS = Array.from({ length: LENGTH_S }, (_, second) => second).filter(
  (second) => second < 120 || second >= 140,
);
const READINGS: SeriesReadings = {
  startMs: Float64Array.from(SECONDS, (second) => START_MS + second * 1000),
  endMs: Float64Array.from(SECONDS, (second) => START_MS + second * 1000 + 1000),
};

function series(name: string, valueAt: (second: number) => number): Series {
  return { name, values: Float64Array.from(SECONDS, valueAt) };
}

export const SERIES_FIXTURES: readonly SeriesFixture[] = [
  {
    name: 'stacked shares of a whole, a gap',
    readings: READINGS,
    isStacked: true,
    unit: 'share',
    atLeast: 1,
    span: SPAN,
    series: [
      series('user', (s) => 0.3 + 0.2 * Math.sin(s / 23)),
      series('system', (s) => 0.12 + 0.05 * Math.sin(s / 7)),
      series('iowait', (s) => (s > 200 && s < 230 ? 0.25 : 0.01)),
    ],
  },
  {
    name: 'bytes a second, one spike, a series that comes late',
    readings: READINGS,
    isStacked: false,
    unit: 'bytes-per-second',
    span: SPAN,
    gapWords: () => 'not collected',
    series: [
      series('vda read', (s) => 2e6 * (1 + Math.sin(s / 11)) + (s === 77 ? 9e7 : 0)),
      series('vda written', (s) => 5e6 + 3e6 * Math.cos(s / 31)),
      series('vdb written', (s) => (s < 180 ? Number.NaN : 2.5e7)),
    ],
  },
  {
    name: 'nothing above zero',
    readings: READINGS,
    isStacked: false,
    unit: 'per-second',
    span: SPAN,
    series: [series('drops', () => 0)],
  },
  {
    name: 'twelve lines',
    readings: READINGS,
    isStacked: false,
    unit: 'share',
    atLeast: 1,
    span: SPAN,
    series: Array.from({ length: 12 }, (_, cpu) =>
      series(`cpu${cpu}`, (s) => (cpu + 1) / 14 + 0.05 * Math.sin(s / (5 + cpu))),
    ),
  },
  {
    name: 'no reading yet',
    readings: { startMs: new Float64Array(), endMs: new Float64Array() },
    isStacked: false,
    unit: 'ns',
    span: SPAN,
    series: [{ name: 'vda mean read', values: new Float64Array() }],
  },
];
