/** `stallscope doctor`: reads and tries, then prints what each lack means. */
import { HEATMAP_NAMES } from '@stallscope/latency';
import { VIEWS, type View } from '@stallscope/profile';
import type { DoctorFlags } from '../command-line.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Finding, runnableHeatmaps, runnableViews, toFindings } from './findings.js';
import { readHostSigns } from './host-signs.js';
import { runTrials } from './trials.js';

export async function doctorCommand(flags: DoctorFlags): Promise<ExitCode> {
  const findings = toFindings(readHostSigns(), await runTrials());
  const views = runnableViews(findings);
  process.stdout.write(flags.json ? toDoctorJson(findings, views) : toDoctorText(findings, views));
  return views.length > 0 ? EXIT.ok : EXIT.failed;
}

/** `{ views: { "off-cpu": true, … }, heatmaps: { "dns": true, … }, capabilities: [ { name, status, detail, views, remedy } ] }` */
export function toDoctorJson(findings: readonly Finding[], views: readonly View[]): string {
  const runs = Object.fromEntries(VIEWS.map((view) => [view, views.includes(view)]));
  const possible = runnableHeatmaps(findings);
  const heatmaps = Object.fromEntries(HEATMAP_NAMES.map((name) => [name, possible.includes(name)]));
  return `${JSON.stringify({ views: runs, heatmaps, capabilities: findings }, undefined, 2)}\n`;
}

export function toDoctorText(findings: readonly Finding[], runnable: readonly View[]): string {
  const lines: string[] = [];
  for (const { name, status, detail, views, heatmaps = [], remedy } of findings) {
    const affected = [...views, ...heatmaps.map((heatmap) => `heatmap ${heatmap}`)];
    lines.push(
      `${MARKS[status]} ${status.padEnd(8)}  ${name}: ${detail.trimEnd().replaceAll('\n', '\n              ')}`,
    );
    if (status === 'ok') continue;
    if (affected.length > 0) {
      lines.push(
        `              ${status === 'missing' ? 'without it no' : 'shows less in'} ${affected.join(', ')}`,
      );
    }
    if (remedy !== '') lines.push(`              → ${remedy.replaceAll('\n', '\n                ')}`);
  }
  lines.push(
    '',
    runnable.length === 0
      ? 'No view can run on this host. What needs no permission: stallscope up --demo'
      : `Views that can run: ${runnable.join(', ')}`,
    ...(runnable.length === 0
      ? []
      : [`Heatmaps that can be counted: ${runnableHeatmaps(findings).join(', ')}`]),
  );
  return `${lines.join('\n')}\n`;
}

const MARKS: Record<Finding['status'], string> = { ok: '✓', degraded: '!', missing: '✗' };
