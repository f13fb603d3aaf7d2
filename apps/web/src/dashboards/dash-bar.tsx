'use client';
import type { WindowLengthMs } from '@stallscope/protocol';
/** Owns the bar on top of a dashboard: which one, of which host, when, how fine, and whether it moves. */
import Link from 'next/link';
import type { ReactElement, ReactNode } from 'react';
import { ThemeButton } from '../controls/theme-button';
import { Arrow } from '../host/task-pickers';
import { INTERVAL_WORDS, INTERVALS_MS } from '../words/interval-words';
import { DASH_SPANS, type DashSpan } from './dash-address';
import type { PanelHost } from './panel-frame';
import type { DashTime } from './use-dashboard';

const SPAN_WORDS: Readonly<Record<DashSpan, string>> = {
  '1m': 'last 1 min',
  '2m': 'last 2 min',
  '5m': 'last 5 min',
  '10m': 'last 10 min',
  '15m': 'last 15 min',
};

export interface DashBarProps {
  /** Which dashboard, as a choice of them. */
  picker: ReactNode;
  connection: ReactNode;
  hosts: readonly PanelHost[];
  hostId: string | null;
  /** The page of that host, with what is selected. */
  hostHref: string | null;
  /** How the host's agent runs, ms; null where that is not known. */
  runsAtMs: number | null;
  /** It repeats what was recorded, at the interval that it was. */
  isRecording: boolean;
  time: DashTime;
  /** False on the page that only lists dashboards. */
  isShown: boolean;
  onHost: (host: string) => void;
  onSpan: (span: DashSpan) => void;
  onInterval: (windowMs: WindowLengthMs) => void;
  /** Null while there is nothing to pause. */
  onPause: (() => void) | null;
}

export function DashBar(props: DashBarProps): ReactElement {
  const { hosts, hostId, time, isShown, onPause } = props;
  const isPaused = time.pausedAtMs !== null;
  const interval = time.windowMs ?? INTERVALS_MS.find((ms) => ms === props.runsAtMs) ?? '';
  return (
    <div className="flex flex-wrap items-center gap-x-1.5 gap-y-1 border-line border-b px-2 py-1 sm:gap-y-1.5 sm:px-3 sm:py-1.5">
      <nav aria-label="Dashboard" className="row-of-controls">
        <Link
          href="/"
          className="shrink-0 font-semibold text-lead hover:underline sm:mr-0.5"
          title="All hosts"
        >
          Stallscope
        </Link>
        <Arrow />
        {props.picker}
        {isShown && (
          <>
            <Arrow />
            <select
              aria-label="Host"
              className="control max-w-44 truncate font-semibold"
              title="Panels that name no host of their own are of this one"
              value={hostId ?? ''}
              onChange={(event) => props.onHost(event.target.value)}
            >
              {!hosts.some(({ id }) => id === hostId) && (
                <option value={hostId ?? ''}>{hostId ?? 'no host'}</option>
              )}
              {hosts.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name || id}
                </option>
              ))}
            </select>
            {props.hostHref !== null && (
              <Link
                href={props.hostHref}
                className="control"
                title="The page of this host, with what is selected here"
              >
                Host page
              </Link>
            )}
          </>
        )}
      </nav>
      <div className="row-of-controls sm:ml-auto">
        {props.connection}
        {isShown && (
          <>
            <button
              type="button"
              className={`control justify-center font-semibold sm:min-w-24 ${isPaused ? 'border-warn bg-warn-soft text-warn' : ''}`}
              aria-pressed={isPaused}
              aria-label={isPaused ? 'Play' : 'Pause'}
              title={
                isPaused
                  ? 'Follow the newest window (space)'
                  : 'Freeze all panels; what arrives is kept (space)'
              }
              disabled={onPause === null}
              onClick={() => onPause?.()}
            >
              <span aria-hidden="true">{isPaused ? '▶' : '❚❚'}</span>
              <span className="max-sm:hidden">{isPaused ? 'Play' : 'Pause'}</span>
            </button>
            <select
              aria-label="Time span"
              className="control"
              value={time.span}
              onChange={(event) => props.onSpan(event.target.value as DashSpan)}
            >
              {DASH_SPANS.map((span) => (
                <option key={span} value={span}>
                  {SPAN_WORDS[span]}
                </option>
              ))}
            </select>
            <select
              aria-label="Window interval"
              className="control max-sm:w-24"
              title="How often the agents of these hosts send a window. It holds for all who watch them."
              value={interval}
              disabled={props.isRecording}
              onChange={(event) => props.onInterval(Number(event.target.value) as WindowLengthMs)}
            >
              {interval === '' && <option value="">as it runs</option>}
              {INTERVALS_MS.map((ms) => (
                <option key={ms} value={ms}>
                  {INTERVAL_WORDS[ms]}
                </option>
              ))}
            </select>
          </>
        )}
        <ThemeButton />
      </div>
    </div>
  );
}
