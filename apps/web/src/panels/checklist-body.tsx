'use client';
/**
 * Owns a panel of the checklist: utilisation, saturation and errors of each resource, each line with the way to what explains
 * it. Lines keep their places as they change; what asks for attention is named above them.
 */
import { formatNs } from '@stallscope/charts';
import { isHeatmapName } from '@stallscope/latency';
import {
  type CheckLine,
  type CheckState,
  type CheckView,
  countStates,
  findVitalChart,
} from '@stallscope/vitals';
import Link from 'next/link';
import { type ReactElement, useRef } from 'react';
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
  const list = useRef<HTMLUListElement>(null);
  const counts = countStates(lines);
  const asking = toAsking(lines);
  const show = (id: string): void =>
    list.current?.querySelector(`[data-check="${id}"]`)?.scrollIntoView({ block: 'nearest' });
  return (
    <div className="@container flex h-full flex-col">
      <div
        role="status"
        aria-label="Checklist in short"
        className="flex max-h-16 flex-wrap items-center gap-x-3 overflow-y-auto border-line border-b px-2 py-0.5 text-dull text-small"
      >
        {asking.map(({ id, resource, aspect, state, reading }) => (
          <button
            key={id}
            type="button"
            title={reading}
            className={`font-semibold hover:underline ${STATE_WORDS[state].colour}`}
            onClick={() => show(id)}
          >
            <span aria-hidden="true">{STATE_WORDS[state].sign}</span> {resource} {aspect}
          </button>
        ))}
        <span>
          {asking.length === 0 && counts.ok > 0 && 'nothing asks for attention · '}
          {counts.ok} ok{counts.unknown > 0 && ` · ${counts.unknown} not known`}, over{' '}
          {formatNs(covered.coveredMs * 1e6)}
        </span>
      </div>
      <ul ref={list} aria-label="Checklist" className="m-0 min-h-0 flex-1 list-none overflow-y-auto p-0">
        {lines.map((line, index) => (
          <Line key={line.id} line={line} before={lines[index - 1]} of={props} />
        ))}
      </ul>
    </div>
  );
}

/** What asks for attention, the worst first; of one resource and aspect the first. */
function toAsking(lines: readonly CheckLine[]): CheckLine[] {
  const named = new Map<string, CheckLine>();
  for (const state of ['bad', 'look'] as const) {
    for (const line of lines) {
      const key = `${line.resource} ${line.aspect}`;
      if (line.state === state && !named.has(key)) named.set(key, line);
    }
  }
  return [...named.values()];
}

function Line({
  line,
  before,
  of,
}: {
  line: CheckLine;
  before: CheckLine | undefined;
  of: BodyProps<'checklist'>;
}): ReactElement {
  const { sign, word, colour } = STATE_WORDS[line.state];
  const isFirst = before?.resource !== line.resource;
  return (
    <li
      data-check={line.id}
      title={line.help}
      className={`flex flex-wrap items-baseline gap-x-2 px-2 py-0.5 hover:bg-sunken ${isFirst && before !== undefined ? 'border-line border-t' : ''}`}
    >
      <span
        className={`w-32 shrink-0 font-semibold @max-2xl:w-auto ${isFirst ? '' : '@2xl:text-transparent'}`}
      >
        {line.resource}
      </span>
      <span className="w-20 shrink-0 text-dull @max-2xl:w-auto">{line.aspect}</span>
      <span className={`w-20 shrink-0 whitespace-nowrap @max-2xl:ml-auto @max-2xl:w-auto ${colour}`}>
        <span aria-hidden="true">{sign}</span> {word}
      </span>
      <span className="min-w-0 flex-1 basis-64 @max-2xl:basis-full">
        <span className="text-dull">{line.question}</span> {line.reading}
        {line.threshold !== '' && <span className="text-dull text-small"> ({line.threshold})</span>}
        <span className="@2xl:hidden">
          {' '}
          <Way view={line.view} of={of} />
        </span>
      </span>
      <span className="shrink-0 @max-2xl:hidden">
        <Way view={line.view} of={of} />
      </span>
    </li>
  );
}

/** To the panel that has it where this dashboard has one; else to a page that has. */
function Way({ view, of }: { view: CheckView; of: BodyProps<'checklist'> }): ReactElement {
  const { href, words } = explainingLink(view, of);
  return (
    <Link
      href={href}
      className="whitespace-nowrap text-accent hover:underline"
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
