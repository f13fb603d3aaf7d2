'use client';
/** Owns a panel of the checklist: utilisation, saturation and errors of each resource, each line with the way to what explains it. */
import { formatNs } from '@stallscope/charts';
import { isHeatmapName } from '@stallscope/latency';
import {
  CHECK_RESOURCES,
  type CheckLine,
  type CheckState,
  type CheckView,
  countStates,
  findVitalChart,
} from '@stallscope/vitals';
import Link from 'next/link';
import type { ReactElement } from 'react';
import { titleOf } from '../dashboards/panel-choices';
import { explainingLink } from './explaining-link';
import type { BodyProps } from './panel-body';

const STATE_WORDS: Readonly<Record<CheckState, { sign: string; word: string; colour: string }>> = {
  bad: { sign: '✕', word: 'bad', colour: 'text-bad' },
  look: { sign: '▲', word: 'look', colour: 'text-warn' },
  unknown: { sign: '?', word: 'not known', colour: 'text-dull' },
  ok: { sign: '✓', word: 'ok', colour: 'text-ok' },
};

export function ChecklistBody(props: BodyProps<'checklist'>): ReactElement {
  const { lines, covered } = props.content;
  const counts = countStates(lines);
  return (
    <div className="h-full overflow-auto">
      <p role="status" aria-label="Checklist in short" className="px-2 pt-1 text-dull text-small">
        {(['bad', 'look', 'unknown', 'ok'] as const)
          .filter((state) => counts[state] > 0)
          .map((state) => `${counts[state]} ${STATE_WORDS[state].word}`)
          .join(' · ')}
        , over {formatNs(covered.coveredMs * 1e6)}
      </p>
      <table aria-label="Checklist" className="w-full border-collapse">
        <tbody>
          {CHECK_RESOURCES.map((resource) =>
            lines
              .filter((line) => line.resource === resource)
              .map((line, index) => <Line key={line.id} line={line} isFirst={index === 0} of={props} />),
          )}
        </tbody>
      </table>
    </div>
  );
}

function Line({
  line,
  isFirst,
  of,
}: {
  line: CheckLine;
  isFirst: boolean;
  of: BodyProps<'checklist'>;
}): ReactElement {
  const { sign, word, colour } = STATE_WORDS[line.state];
  return (
    <tr className={`align-top hover:bg-sunken ${isFirst ? 'border-line border-t' : ''}`}>
      <th scope="row" className="whitespace-nowrap px-2 py-0.5 text-left font-semibold max-sm:hidden">
        {isFirst && line.resource}
      </th>
      <td className="whitespace-nowrap px-2 py-0.5 text-dull max-sm:hidden">{line.aspect}</td>
      <td className={`whitespace-nowrap px-2 py-0.5 ${colour}`}>
        <span aria-hidden="true">{sign}</span> {word}
      </td>
      <td className="w-full px-2 py-0.5" title={line.help}>
        <span className="text-dull">{line.question}</span> {line.reading}
        {line.threshold !== '' && <span className="text-dull text-small"> ({line.threshold})</span>}
      </td>
      <td className="whitespace-nowrap px-2 py-0.5 text-right">
        <Way view={line.view} of={of} />
      </td>
    </tr>
  );
}

/** To the panel that has it where this dashboard has one; else to a page that has. */
function Way({ view, of }: { view: CheckView; of: BodyProps<'checklist'> }): ReactElement {
  const { href, words } = explainingLink(view, of);
  return (
    <Link
      href={href}
      className="text-accent hover:underline"
      onClick={(event) => {
        const panel = panelOf(view);
        if (panel === null || event.ctrlKey || event.metaKey || event.shiftKey) return;
        const name = titleOf(panel);
        const shown = [...document.querySelectorAll<HTMLElement>('section[aria-label]')].find(
          (section) => section.getAttribute('aria-label') === name,
        );
        if (shown === undefined) return;
        event.preventDefault();
        shown.scrollIntoView({ block: 'center' });
        shown.querySelector<HTMLElement>('[role="slider"], button')?.focus({ preventScroll: true });
      }}
    >
      {words}
    </Link>
  );
}

function panelOf(view: CheckView): { kind: 'vitals' | 'heatmap'; arg: string } | null {
  if (view.kind === 'chart' && findVitalChart(view.chart) !== undefined)
    return { kind: 'vitals', arg: view.chart };
  if (view.kind === 'heatmap' && isHeatmapName(view.heatmap)) return { kind: 'heatmap', arg: view.heatmap };
  return null;
}
