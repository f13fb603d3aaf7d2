/** Owns how a vital's value is written for a reader, by its unit; numbers are written as those of profiles are. */
import {
  formatBytes,
  formatCount,
  formatNs,
  formatPercent,
  formatRate,
} from '@stallscope/profile/value-text';
import type { VitalUnit } from './metrics.js';

/** `12.4 %`, `1.50 CPUs`, `1.2 k/s`, `300 MiB`, `41.2 MiB/s`, `380 µs`. */
export function formatVital(value: number, unit: VitalUnit): string {
  switch (unit) {
    case 'share':
      return formatPercent(value);
    case 'cpus':
      return `${formatMean(value)} CPUs`;
    case 'count':
      return formatMean(value);
    case 'per-second':
      return formatRate(value);
    case 'bytes':
      return formatBytes(value);
    case 'bytes-per-second':
      return `${formatBytes(value)}/s`;
    case 'ns':
      return formatNs(value);
  }
}

/** Means of counts have fractions that matter while they are small; one above 0 is never written 0. */
function formatMean(value: number): string {
  if (!Number.isFinite(value) || value < 0 || value >= 100 || Number.isInteger(value))
    return formatCount(value);
  return value < 0.005 ? '< 0.01' : value.toFixed(value < 10 ? 2 : 1);
}
