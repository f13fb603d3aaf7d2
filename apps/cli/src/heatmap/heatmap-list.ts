/** Owns `heatmap --list`: what can be asked for, in a line each and a sentence. */
import { HEATMAPS } from '@stallscope/latency';

export function toHeatmapList(): string {
  return HEATMAPS.map(
    ({ name, title, help }) => `${name.padEnd(12)}${title}\n${' '.repeat(12)}${help}\n`,
  ).join('');
}
