/** docs/vitals.md says what each metric, chart and line of the checklist is: here it is held to the catalogue, row by row. */
import { readFileSync } from 'node:fs';
import { checklistOf, VITAL_CHARTS, VITAL_GROUPS, VITAL_METRICS, VitalSummary } from '@stallscope/vitals';
import { describe, expect, it } from 'vitest';

const doc = readFileSync(new URL('../../../../docs/vitals.md', import.meta.url), 'utf8');

function section(title: string): string[] {
  const from = doc.indexOf(`## ${title}\n`);
  expect(from, `docs/vitals.md has «${title}»`).toBeGreaterThanOrEqual(0);
  const to = doc.indexOf('\n## ', from);
  return doc
    .slice(from, to === -1 ? undefined : to)
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:metric|chart|line) \|/.test(line));
}

describe('docs/vitals.md', () => {
  it('has every metric, as it is', () => {
    expect(section('Metrics')).toEqual(
      VITAL_METRICS.map(
        ({ name, unit, kind, labels, source }) =>
          `| \`${name}\` | ${unit} | ${kind} | ${labels} | ${source} |`,
      ),
    );
    for (const group of VITAL_GROUPS) expect(doc).toContain(`\`${group}\``);
  });

  it('has every chart', () => {
    expect(section('Charts')).toEqual(
      VITAL_CHARTS.map(
        ({ name, title, metrics, help }) =>
          `| \`${name}\` | ${title}: ${metrics.map((metric) => `\`${metric}\``).join(', ')} | ${help} |`,
      ),
    );
  });

  it('has every line of the checklist', () => {
    const lines = checklistOf({ vitals: new VitalSummary(), groups: new Map(), waits: undefined });
    expect(section('The checklist')).toEqual(
      lines.map(
        ({ resource, aspect, question, threshold, help }) =>
          `| ${resource}, ${aspect} | ${question} | ${threshold} | ${help} |`,
      ),
    );
  });
});
