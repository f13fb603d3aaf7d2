import type { HostSummary } from '@stallscope/protocol';
import type { ReactElement } from 'react';

const WORDS = {
  live: { sign: '●', word: 'live', colour: 'text-ok' },
  stale: { sign: '◌', word: 'stale', colour: 'text-warn' },
  disconnected: { sign: '✕', word: 'disconnected', colour: 'text-bad' },
  recording: { sign: '▶', word: 'recording', colour: 'text-warn' },
} as const;

/** A sign and a word, never colour alone. A recording is never called live. */
export function HostStateWord({ summary }: { summary: HostSummary }): ReactElement {
  const state = summary.recording !== null && summary.state === 'live' ? 'recording' : summary.state;
  const { sign, word, colour } = WORDS[state];
  return (
    <span className={`whitespace-nowrap ${colour}`}>
      <span aria-hidden="true">{sign}</span> {word}
    </span>
  );
}
