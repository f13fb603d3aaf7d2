/** Numbers in charts are written as everywhere else. */
export {
  formatBytes,
  formatChange,
  formatCount,
  formatExactNs,
  formatExactValue,
  formatNs,
  formatPercent,
  formatRate,
  formatTimeRate,
  formatValue,
} from '@stallscope/profile';
