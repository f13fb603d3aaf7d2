'use client';
/** Owns the words in place of a still: that it is being read, or why it cannot be. */
import { formatBytes } from '@stallscope/charts';
import type { ReactElement, ReactNode } from 'react';
import type { StillState } from './still-store';

export function StillWords({ still, children }: { still: StillState; children?: ReactNode }): ReactElement {
  return (
    <section
      role="status"
      aria-label="State"
      className="panel mx-auto mt-[8vh] flex w-full max-w-2xl flex-col gap-3 p-5"
    >
      {still.state === 'reading' && (
        <p>
          Reading <strong className="break-all">{still.name}</strong>, {formatBytes(still.bytes)}…
        </p>
      )}
      {still.state === 'refused' && (
        <>
          <h2 className="font-semibold text-lead">
            <span className="break-all">{still.name}</span> cannot be shown
          </h2>
          <p className="break-words font-mono text-bad">{still.message}</p>
          {still.hint !== '' && <p>{still.hint}</p>}
        </>
      )}
      {children}
    </section>
  );
}
