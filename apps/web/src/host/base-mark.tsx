'use client';
/** Owns what a time strip shows of a base: where it lies, and that the next drag chooses it. */
import type { TimeSpan } from '@stallscope/charts';
import type { ReactElement } from 'react';

/** Over the strip, which is as wide as its span. `words` say the stretch. */
export function BaseMark({
  base,
  span,
  words,
}: {
  base: TimeSpan;
  span: TimeSpan;
  words: string;
}): ReactElement | null {
  const lengthMs = span.toMs - span.fromMs;
  const from = Math.max(0, (base.fromMs - span.fromMs) / lengthMs);
  const to = Math.min(1, (base.toMs - span.fromMs) / lengthMs);
  if (to <= from) return null;
  return (
    <div
      role="note"
      aria-label={`The base: ${words}`}
      className="pointer-events-none absolute top-0 bottom-4 z-10 border-2 border-warn border-dashed"
      style={{ left: `${100 * from}%`, width: `${100 * (to - from)}%` }}
    >
      <span className="absolute top-0 right-0 bg-warn-soft px-1 text-small text-warn leading-tight">
        base
      </span>
    </div>
  );
}

export function PickingWords({
  what,
  onCancel,
}: {
  what: string;
  onCancel: (() => void) | undefined;
}): ReactElement {
  return (
    <span role="status" aria-label="Picking" className="rounded-chip bg-warn-soft px-1.5 text-warn">
      Drag to choose <strong>{what}</strong>{' '}
      <button type="button" className="underline" onClick={onCancel}>
        Cancel
      </button>
    </span>
  );
}
