/** Owns what `heatmap` prints for people: a table for each group, its percentiles, and at the end what was counted and lost. */
import { bucketToNs, percentile } from '@stallscope/latency';
import type { Loss } from '@stallscope/profile';
import { formatNs } from '../duration.js';
import { lossLine } from '../record/loss-words.js';
import type { HeatmapResult } from './heatmap-result.js';
import type { LatencyGroup } from './latency-sum.js';
import { type TableUnit, toLog2Table } from './log2-table.js';

export const SHARES = [0.5, 0.9, 0.95, 0.99] as const;

export function toHeatmapText(
  result: HeatmapResult,
  unit: TableUnit,
  top: number,
  isFiltered: boolean,
): string {
  const { sum, kind } = result;
  const { groups } = sum;
  const shown = top === 0 ? groups : groups.slice(0, top);
  const lines: string[] = [];
  if (result.showsOverview && groups.length > 0) lines.push(...toOverview(shown, kind.operationWord));
  else {
    for (const group of shown) {
      const title = titleOf(result, group);
      if (title !== '') lines.push(title);
      lines.push(...toLog2Table(group.counts, unit), percentileLine(group.counts), '');
    }
  }
  const rest = groups.slice(shown.length);
  if (rest.length > 0) {
    const count = rest.reduce((all, group) => all + group.count, 0);
    lines.push(`and ${rest.length} more with ${count} in all; --top 0 shows every one`, '');
  }
  if (result.showsOverview && groups.length > 0)
    lines.push('all together', ...toLog2Table(sum.all, unit), percentileLine(sum.all), '');
  lines.push(...footer(result, isFiltered));
  return `${lines.join('\n')}\n`;
}

/** A line an operation, as syscount has it. */
function toOverview(groups: readonly LatencyGroup[], word: string): string[] {
  const width = Math.max(word.length, ...groups.map(({ operation = '' }) => operation.length));
  const line = (name: string, count: string, columns: readonly string[]): string =>
    `${name.padEnd(width)} ${count.padStart(10)} ${columns.map((text) => text.padStart(9)).join(' ')}`;
  return [
    line(word.toUpperCase(), 'COUNT', [...SHARES.map((share) => `P${share * 100}`), 'MAX BELOW']),
    ...groups.map(({ operation = '', count, counts }) =>
      line(operation, String(count), [
        ...SHARES.map((share) => formatNs(percentile(counts, share)!.ns)),
        longestWords(counts),
      ]),
    ),
    '',
  ];
}

function titleOf({ kind }: HeatmapResult, { operation, target, tgid, tid, comm }: LatencyGroup): string {
  const parts: string[] = [];
  if (target !== undefined && target !== '') parts.push(`${kind.targetWord || 'target'} = ${target}`);
  if (operation !== undefined) parts.push(`${kind.operationWord} = ${operation}`);
  if (tgid !== undefined) parts.push(`pid = ${tgid}`);
  if (tid !== undefined) parts.push(`tid = ${tid}`);
  if (comm !== undefined && comm !== '') parts.push(comm);
  return parts.join(', ');
}

function percentileLine(counts: Float64Array): string {
  const shares = SHARES.map((share) => `p${share * 100} ${formatNs(percentile(counts, share)!.ns)}`);
  return `${' '.repeat(5)}${shares.join(' · ')} · longest below ${longestWords(counts)}`;
}

function longestWords(counts: Float64Array): string {
  const last = counts.findLastIndex((count) => count > 0);
  const toNs = bucketToNs(last);
  return Number.isFinite(toNs) ? formatNs(toNs) : 'any';
}

function footer(result: HeatmapResult, isFiltered: boolean): string[] {
  const { sum, kind } = result;
  const lines = [
    [
      kind.name,
      formatNs(sum.durationMs * 1e6),
      `${sum.count} counted`,
      `${sum.lost} lost`,
      ...(result.wasInterrupted ? ['ended early'] : []),
    ].join(' · '),
  ];
  for (const [loss, count] of Object.entries(sum.losses) as [Loss, number][])
    lines.push(`  ${lossLine(loss, count, isFiltered)}`);
  if (sum.detail !== '') lines.push(`  ${sum.detail}`);
  if (sum.count === 0) lines.push(`  ${nothingWords(result)}`);
  else lines.push('  percentiles are within a bucket, at most 19 % wide');
  return lines;
}

function nothingWords({ sum, operation }: HeatmapResult): string {
  if (operation !== undefined && sum.operations.length > 0)
    return `no ${operation} ended in this time; there were: ${sum.operations.join(', ')}`;
  return 'nothing that was asked for ended in this time';
}
