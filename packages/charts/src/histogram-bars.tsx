/**
 * Owns how a log2 histogram of lengths is shown: one row a bucket, its bounds, its count and a bar, as the bcc tools print
 * it. It is a table, so it is read by eye, by a screen reader and by copy and paste alike.
 *
 *      1.02 µs –  2.05 µs   ██████████      1.2 k
 *      2.05 µs –  4.10 µs   ████             480
 */
import { octaveFromNs, octaveToNs } from '@stallscope/latency';
import { DURATION_BUCKETS } from '@stallscope/profile';
import type { ReactElement } from 'react';
import { formatCount, formatNs } from './format.js';
import { paletteOf, type Theme } from './palette.js';

export interface HistogramBarsProps {
  /** Counts by octave, of profile's DURATION_BUCKETS: from octaveFromNs up to octaveToNs of packages/latency, the last all above. */
  counts: ArrayLike<number>;
  theme: Theme;
  /** Caption, such as `Length of blocks`. */
  title: string;
  /** What is counted; default `intervals`. */
  unit?: string | undefined;
}

export interface HistogramRow {
  bucket: number;
  fromNs: number;
  /** Infinity for the last bucket. */
  toNs: number;
  count: number;
  /** Of the largest count. */
  share: number;
}

const ROW_HEIGHT_PX = 18;

export function HistogramBars({
  counts,
  theme,
  title,
  unit = 'intervals',
}: HistogramBarsProps): ReactElement {
  const palette = paletteOf(theme);
  const rows = histogramRows(counts);
  const total = rows.reduce((sum, row) => sum + row.count, 0);
  const cell = {
    padding: '0 8px 0 0',
    whiteSpace: 'nowrap',
    height: ROW_HEIGHT_PX,
    fontWeight: 400,
  } as const;
  return (
    <table
      style={{
        borderCollapse: 'collapse',
        width: '100%',
        fontSize: 12,
        lineHeight: `${ROW_HEIGHT_PX}px`,
        fontVariantNumeric: 'tabular-nums',
        color: palette.ink,
      }}
    >
      <caption style={{ textAlign: 'left', paddingBottom: 4, fontWeight: 600, captionSide: 'top' }}>
        {title}{' '}
        <span style={{ fontWeight: 400, color: palette.dullInk }}>
          {total === 0 ? `no ${unit}` : `${formatCount(total)} ${unit}`}
        </span>
      </caption>
      <tbody>
        {rows.map((row) => (
          <tr key={row.bucket}>
            <th scope="row" style={{ ...cell, textAlign: 'right', width: 1, color: palette.dullInk }}>
              {boundsOf(row)}
            </th>
            <td style={{ ...cell, width: '100%' }}>
              {row.count > 0 && (
                <div
                  style={{
                    height: ROW_HEIGHT_PX - 5,
                    // A single one among thousands is still there to see.
                    width: `max(1px, ${(row.share * 100).toFixed(2)}%)`,
                    background: palette.bar,
                  }}
                />
              )}
            </td>
            <td style={{ ...cell, padding: 0, textAlign: 'right', width: 1 }} title={`${row.count} ${unit}`}>
              {formatCount(row.count)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Rows from the first bucket that counted anything to the last, the empty ones between them with it. */
export function histogramRows(counts: ArrayLike<number>): HistogramRow[] {
  let first = -1;
  let last = -1;
  let most = 0;
  const buckets = Math.min(counts.length, DURATION_BUCKETS);
  for (let bucket = 0; bucket < buckets; bucket++) {
    if (counts[bucket]! <= 0) continue;
    if (first === -1) first = bucket;
    last = bucket;
    most = Math.max(most, counts[bucket]!);
  }
  if (first === -1) return [];
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const bucket = first + index;
    return {
      bucket,
      fromNs: octaveFromNs(bucket),
      toNs: octaveToNs(bucket),
      count: counts[bucket]!,
      share: counts[bucket]! / most,
    };
  });
}

function boundsOf({ fromNs, toNs }: HistogramRow): string {
  return toNs === Number.POSITIVE_INFINITY
    ? `from ${formatNs(fromNs)}`
    : `${formatNs(fromNs)} – ${formatNs(toNs)}`;
}
