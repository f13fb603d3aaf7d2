/** `stallscope doctor`: reads and tries, then prints what each lack means. */
import { VIEWS, type View } from '@stallscope/profile';
import type { DoctorFlags } from '../command-line.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { type Finding, runnableViews, toFindings } from './findings.js';
import { readHostSigns } from './host-signs.js';
import { runTrials } from './trials.js';

export async function doctorCommand(flags: DoctorFlags): Promise<ExitCode> {
  const findings = toFindings(readHostSigns(), await runTrials());
  const views = runnableViews(findings);
  process.stdout.write(flags.json ? toDoctorJson(findings, views) : toDoctorText(findings, views));
  return views.length > 0 ? EXIT.ok : EXIT.failed;
}

/** `{ views: { "off-cpu": true, … }, capabilities: [ { name, status, detail, views, remedy } ] }` */
export function toDoctorJson(findings: readonly Finding[], views: readonly View[]): string {
  const runs = Object.fromEntries(VIEWS.map((view) => [view, views.includes(view)]));
  return `${JSON.stringify({ views: runs, capabilities: findings }, undefined, 2)}\n`;
}

export function toDoctorText(findings: readonly Finding[], views: readonly View[]): string {
  const lines: string[] = [];
  for (const { name, status, detail, views: affected, remedy } of findings) {
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
    views.length === 0
      ? 'No view can run on this host. What needs no permission: stallscope up --demo'
      : `Views that can run: ${views.join(', ')}`,
  );
  return `${lines.join('\n')}\n`;
}

const MARKS: Record<Finding['status'], string> = { ok: '✓', degraded: '!', missing: '✗' };
