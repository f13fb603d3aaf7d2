'use client';
/** Owns how a hint is shown: the processes that it is of, what is the matter with their names, and what would give them. */
import { HINT_WORDS, type HintGroup } from '@stallscope/profile';
import type { ReactElement } from 'react';

/** Processes of one hint that are named; the others are counted. */
const FEW = 4;

export function HintEntry({ group: { hint, processes } }: { group: HintGroup }): ReactElement {
  const { what, remedy } = HINT_WORDS[hint];
  const more = processes.length - FEW;
  return (
    <>
      <span className="break-all">
        {processes.slice(0, FEW).map(({ tgid, name }, index) => (
          <span key={tgid}>
            {index > 0 && ', '}
            <span className="font-mono">{name || '(no name)'}</span> <span className="text-dull">{tgid}</span>
          </span>
        ))}
        {more > 0 && <span className="text-dull"> and {more} more</span>}
      </span>
      <span className="block text-dull text-small">{what}</span>
      <span className="block text-small">→ {remedy}</span>
    </>
  );
}
