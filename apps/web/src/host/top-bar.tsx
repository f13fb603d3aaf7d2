'use client';
import type { WindowLengthMs } from '@stallscope/protocol';
/** Owns the bar on top of a host page: whose waits are shown, when, and whether they move. */
import Link from 'next/link';
import { useSearchParams } from 'next/navigation';
import type { ReactElement, ReactNode } from 'react';
import { ConnectionLine } from '../controls/connection-line';
import { SectionBar } from '../controls/section-bar';
import { ThemeButton } from '../controls/theme-button';
import { toDashboardOfHost } from '../dashboards/host-links';
import type { KnownHost } from '../live/known-hosts';
import type { LiveSnapshot } from '../live/live-store';
import { useLiveOf } from '../live/use-live';
import { type Selection, SPANS, type SpanName } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { INTERVAL_WORDS, INTERVALS_MS } from '../words/interval-words';
import { LiveTaskPickers } from './live-task-pickers';
import { Arrow } from './task-pickers';

const SPAN_WORDS: Readonly<Record<SpanName, string>> = {
  '10s': 'last 10 s',
  '30s': 'last 30 s',
  '1m': 'last 1 min',
  '5m': 'last 5 min',
  '15m': 'last 15 min',
};

export interface TopBarProps {
  hosts: readonly KnownHost[];
  summary: KnownHost | undefined;
  selection: Selection;
  acts: SelectionActs;
  onPause: () => void;
  onShortcuts: () => void;
  /** What narrows what is shown, where the bar has room for it. */
  filters: ReactNode;
  /** What can be done with what is shown. */
  children: ReactNode;
}

export function TopBar(props: TopBarProps): ReactElement {
  const { hosts, summary, selection, acts } = props;
  const hasWindow = useLiveOf(hasWindowOf);
  const search = useSearchParams();
  const isFixed = selection.from !== null && selection.to !== null;
  const isPaused = selection.at !== null;
  const runsAtMs = summary?.windowMs ?? 1000;
  const windowMs = selection.window ?? runsAtMs;
  return (
    <header className="top-0 z-20 bg-surface sm:sticky">
      <div className="flex flex-wrap items-center gap-x-1.5 gap-y-1 border-line border-b px-2 py-1 sm:gap-y-1.5 sm:px-3 sm:py-1.5">
        <nav aria-label="Selection" className="row-of-controls">
          <Link
            href="/"
            className="shrink-0 text-lead sm:mr-0.5 font-semibold hover:underline"
            title="All hosts"
          >
            Stallscope
          </Link>
          <Arrow />
          <select
            aria-label="Host"
            className="control max-w-44 truncate font-semibold"
            value={selection.host ?? ''}
            onChange={(event) => acts.toHost(event.target.value)}
          >
            {summary === undefined && (
              <option value={selection.host ?? ''}>{selection.host ?? 'no host'}</option>
            )}
            {hosts.map(({ host }) => (
              <option key={host.id} value={host.id}>
                {host.name || host.id}
              </option>
            ))}
          </select>
          <Arrow />
          <LiveTaskPickers selection={selection} acts={acts} />
        </nav>
        <div className="row-of-controls sm:ml-auto">
          <ConnectionLine />
          <button
            type="button"
            className={`control justify-center sm:min-w-24 font-semibold ${isPaused ? 'border-warn bg-warn-soft text-warn' : ''}`}
            aria-pressed={isPaused}
            aria-label={isPaused ? 'Resume' : 'Pause'}
            title={
              isPaused ? 'Follow the newest window (space)' : 'Freeze the view; what arrives is kept (space)'
            }
            disabled={!hasWindow}
            onClick={props.onPause}
          >
            <span aria-hidden="true">{isPaused ? '▶' : '❚❚'}</span>
            <span className="max-sm:hidden">{isPaused ? 'Resume' : 'Pause'}</span>
          </button>
          <select
            aria-label="Time span"
            className="control"
            value={isFixed ? 'fixed' : selection.span}
            onChange={(event) => acts.go({ span: event.target.value as SpanName, from: null, to: null })}
          >
            {isFixed && <option value="fixed">chosen stretch</option>}
            {SPANS.map((span) => (
              <option key={span} value={span}>
                {SPAN_WORDS[span]}
              </option>
            ))}
          </select>
          <select
            aria-label="Window interval"
            className="control max-sm:w-24"
            title="How often the agent sends a window. It holds for all who watch this host."
            value={windowMs}
            disabled={summary === undefined || summary.recording !== null}
            onChange={(event) => acts.go({ window: Number(event.target.value) as WindowLengthMs })}
          >
            {!INTERVALS_MS.some((each) => each === windowMs) && (
              <option value={windowMs}>every {windowMs} ms</option>
            )}
            {INTERVALS_MS.map((each) => (
              <option key={each} value={each}>
                {INTERVAL_WORDS[each]}
              </option>
            ))}
          </select>
          <button
            type="button"
            className="control w-8 justify-center"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            onClick={props.onShortcuts}
          >
            ?
          </button>
          <ThemeButton />
        </div>
      </div>
      <SectionBar
        current={null}
        filters={props.filters}
        dashboardsHref={toDashboardOfHost(new URLSearchParams(search))}
      >
        {props.children}
      </SectionBar>
    </header>
  );
}

const hasWindowOf = ({ view }: LiveSnapshot) => view !== null && view.shown.newestMs !== null;
