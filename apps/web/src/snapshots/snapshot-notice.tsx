'use client';
/** Owns the lines that say what a snapshot is: of which host and time, kept by whom, what was said of it. */
import { formatNs } from '@stallscope/charts';
import type { Snapshot } from '@stallscope/protocol';
import type { ReactElement, ReactNode } from 'react';
import { plural, toClock, toDate, toUtc } from '../words/words';

export interface SnapshotWords
  extends Pick<
    Snapshot,
    'hostName' | 'hostId' | 'fromMs' | 'toMs' | 'author' | 'createdAtMs' | 'notes' | 'format'
  > {
  tags?: readonly string[];
  totals: Snapshot['totals'];
}

export function SnapshotNotice({
  label,
  snapshot,
  children,
}: {
  label: string;
  snapshot: SnapshotWords;
  children?: ReactNode;
}): ReactElement {
  const { fromMs, toMs, author, createdAtMs, notes, totals } = snapshot;
  return (
    <div
      role="note"
      aria-label={label}
      className="rounded-panel border-accent border-l-4 bg-accent-soft px-3 py-1.5"
    >
      <p>
        <strong>{label}</strong> of <strong>{snapshot.hostName || snapshot.hostId || 'a file'}</strong>
        {toMs > 0 && (
          <>
            , <Instant ms={fromMs} /> to{' '}
            <span title={toUtc(toMs)}>
              {toDate(toMs) === toDate(fromMs) ? toClock(toMs) : `${toDate(toMs)} ${toClock(toMs)}`}
            </span>{' '}
            ({formatNs((toMs - fromMs) * 1e6)},{' '}
            {plural(totals.windows, snapshot.format === 'stallscope' ? 'window' : 'sample')})
          </>
        )}
        . Kept{' '}
        {author !== '' && (
          <>
            by <strong>{author}</strong>{' '}
          </>
        )}
        on <Instant ms={createdAtMs} />; it is not the host as it is now.
        {children}
        {snapshot.tags?.map((tag) => (
          <span key={tag} className="chip ml-1.5 bg-surface pr-2 align-middle text-small">
            {tag}
          </span>
        ))}
      </p>
      {notes !== '' && (
        <p
          role="note"
          aria-label="Notes"
          className="mt-1 max-h-40 overflow-y-auto whitespace-pre-wrap break-words"
        >
          {notes}
        </p>
      )}
    </div>
  );
}

function Instant({ ms }: { ms: number }): ReactElement {
  return (
    <span title={toUtc(ms)}>
      {toDate(ms)} {toClock(ms)}
    </span>
  );
}
