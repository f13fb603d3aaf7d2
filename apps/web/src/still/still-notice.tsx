'use client';
/** Owns the line that says what an opened file is. */
import { formatBytes, formatNs, formatValue } from '@stallscope/charts';
import type { ReactElement } from 'react';
import { plural, toClock, toDate, toUtc } from '../words/words';
import { FORMAT_WORDS } from './format-words';
import type { StillFacts } from './still-messages';

export function StillNotice({ facts }: { facts: StillFacts }): ReactElement {
  return (
    <div
      role="note"
      aria-label="File"
      className="rounded-panel border-accent border-l-4 bg-accent-soft px-3 py-1.5"
    >
      {facts.kind === 'windows' ? (
        <>
          <p>
            <strong>Stallscope file</strong> of <strong>{facts.host.name || facts.host.id}</strong> (
            {facts.host.kernel}, {plural(facts.host.cpus, 'CPU')}),{' '}
            <span title={toUtc(facts.fromMs)}>
              {toDate(facts.fromMs)} {toClock(facts.fromMs)}
            </span>{' '}
            to <span title={toUtc(facts.toMs)}>{toClock(facts.toMs)}</span> (
            {formatNs((facts.toMs - facts.fromMs) * 1e6)}, {plural(facts.windows, 'window')},{' '}
            {formatBytes(facts.bytes)})
            {facts.snapshot ? `: “${facts.snapshot.title}”` : facts.title !== '' && `: “${facts.title}”`}.
          </p>
          {facts.snapshot !== null && facts.snapshot.notes !== '' && (
            <p
              role="note"
              aria-label="Notes"
              className="mt-1 max-h-40 overflow-y-auto whitespace-pre-wrap break-words"
            >
              {facts.snapshot.notes}
            </p>
          )}
          {facts.cut && (
            <p className="mt-1 text-warn">
              The file ends in the middle of a window, as when its recorder was killed: the windows before it
              are whole.
            </p>
          )}
        </>
      ) : (
        <p>
          <strong>{FORMAT_WORDS[facts.format]}</strong>, {formatBytes(facts.bytes)}:{' '}
          {plural(facts.profiles.length, 'profile')},{' '}
          {plural(
            facts.profiles.reduce((sum, { samples }) => sum + samples, 0),
            'sample',
          )}
          {facts.profiles.length === 1 &&
            `, ${facts.profiles[0]!.valueTypes.map(
              ({ type, unit }, index) => `${formatValue(facts.profiles[0]!.totals[index]!, unit)} ${type}`,
            ).join(', ')}`}
          . <span className="text-dull">{facts.notes.join(' ')}</span>
        </p>
      )}
    </div>
  );
}
