'use client';
/** Owns the lines that qualify everything below them: a recording, a host that is not heard, a view that is paused. */
import { formatNs } from '@stallscope/charts';
import type { ReactElement, ReactNode } from 'react';
import { useNow } from '../controls/use-now';
import type { KnownHost } from '../live/known-hosts';
import type { LiveSnapshot } from '../live/live-store';
import { useLiveOf } from '../live/use-live';
import type { Selection } from '../selection/selection';
import { plural, toAge, toClock, toDate, toUtc } from '../words/words';

const connectionOf = ({ connection }: LiveSnapshot) => connection;
const newestMsOf = ({ view }: LiveSnapshot) => view?.shown.newestMs ?? null;
const newerWindowsOf = ({ view }: LiveSnapshot) => view?.newer?.windows ?? null;
const newerMsOf = ({ view }: LiveSnapshot) => view?.newer?.lengthMs ?? 0;
const hasViewOf = ({ view }: LiveSnapshot) => view !== null;
const nothing = () => null;

export function Notices({
  summary,
  selection,
  onResume,
}: {
  summary: KnownHost | undefined;
  selection: Selection;
  onResume: () => void;
}): ReactElement {
  const connection = useLiveOf(connectionOf);
  const hasView = useLiveOf(hasViewOf);
  const newerWindows = useLiveOf(newerWindowsOf);
  const newerMs = useLiveOf(newerMsOf);
  const isStale =
    connection.state === 'lost' || (connection.state === 'connected' && summary?.state !== 'live');
  const nowMs = useNow(isStale);
  const newestMs = useLiveOf(isStale ? newestMsOf : nothing) ?? summary?.lastWindowEndMs ?? null;
  const age = nowMs === null || newestMs === null ? '' : ` ${toAge(nowMs - newestMs)}`;
  return (
    <>
      {summary?.recording && (
        <Notice label="Recording" tone="warn">
          <strong>
            <span aria-hidden="true">▶</span> Recording
          </strong>{' '}
          “{summary.recording.title}”, made on {toDate(summary.recording.recordedAtMs)} at{' '}
          <span title={toUtc(summary.recording.recordedAtMs)}>{toClock(summary.recording.recordedAtMs)}</span>
          . What is shown is not this host now.
        </Notice>
      )}
      {connection.state === 'lost' && hasView && (
        <Notice label="Stale" tone="bad">
          Connection to the hub lost at{' '}
          <span title={toUtc(connection.sinceMs)}>{toClock(connection.sinceMs)}</span>: {connection.reason}.
          What is shown is{age} old and stands still.
        </Notice>
      )}
      {connection.state === 'connected' && summary !== undefined && summary.state !== 'live' && (
        <Notice label="Stale" tone="bad">
          {summary.state === 'disconnected'
            ? 'The agent is disconnected'
            : 'The agent is connected but sends nothing'}
          {summary.lastWindowEndMs === null ? (
            ' and never sent a window.'
          ) : (
            <>
              {' '}
              since <span title={toUtc(summary.lastWindowEndMs)}>{toClock(summary.lastWindowEndMs)}</span>
              {summary.recording === null && `,${age} ago`}. What is shown is the last that came.
            </>
          )}
        </Notice>
      )}
      {selection.at !== null && (
        <Notice label="Paused" tone="warn">
          <strong>
            <span aria-hidden="true">❚❚</span> Paused at{' '}
            <span title={toUtc(selection.at)}>{toClock(selection.at)}</span>
          </strong>
          {newerWindows !== null && `, ${plural(newerWindows, 'window')} (${formatNs(newerMs * 1e6)}) newer`}.{' '}
          <button type="button" className="underline" onClick={onResume}>
            Show them
          </button>
        </Notice>
      )}
    </>
  );
}

function Notice({
  label,
  tone,
  children,
}: {
  label: string;
  tone: 'warn' | 'bad';
  children: ReactNode;
}): ReactElement {
  const colours = tone === 'warn' ? 'border-warn bg-warn-soft' : 'border-bad bg-bad-soft';
  return (
    <p role="note" aria-label={label} className={`rounded-panel border-l-4 px-3 py-1.5 ${colours}`}>
      {children}
    </p>
  );
}
