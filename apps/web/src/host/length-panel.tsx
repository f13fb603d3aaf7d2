'use client';
/** Owns the exact histogram of wait lengths of the selection, one kind at a time. */
import { HistogramBars } from '@stallscope/charts';
import { KINDS, type Kind } from '@stallscope/profile';
import { type ReactElement, useState } from 'react';
import { useTheme } from '../controls/theme';
import { KIND_WORDS } from '../words/view-help';

const TITLES: Readonly<Record<Kind, string>> = {
  blocked: 'Lengths of blocks',
  runq: 'Lengths of run-queue waits',
  preempted: 'Lengths of preemptions',
};

export function LengthPanel({ counts, ofWhom }: { counts: number[][]; ofWhom: string }): ReactElement {
  const [kind, setKind] = useState<Kind>('blocked');
  const theme = useTheme();
  const ofKind = counts[KINDS.indexOf(kind)] ?? [];
  return (
    <section className="panel below-fold flex min-w-0 flex-col gap-1 px-3 py-2" aria-label="Wait lengths">
      <div className="flex flex-wrap items-center gap-1.5">
        {KINDS.map((choice) => (
          <button
            key={choice}
            type="button"
            className="control h-6"
            aria-pressed={choice === kind}
            title={KIND_WORDS[choice].help}
            onClick={() => setKind(choice)}
          >
            {KIND_WORDS[choice].name}
          </button>
        ))}
        <span className="text-dull text-small">of {ofWhom}, exact counts</span>
      </div>
      {ofKind.every((count) => count === 0) ? (
        <p className="text-dull">No {KIND_WORDS[kind].name} wait ended in this span.</p>
      ) : (
        <div className="max-h-72 overflow-y-auto">
          <HistogramBars counts={ofKind} theme={theme} title={TITLES[kind]} unit="waits" />
        </div>
      )}
    </section>
  );
}
