'use client';
/** Owns what stands over the graph of a profile from elsewhere: which profile, which value, and how much of it is shown. */
import { formatCount, formatExactValue, formatPercent, formatValue } from '@stallscope/charts';
import type { ReactElement } from 'react';
import type { SampleView } from '../live/live-messages';
import type { SampleChoice } from './sample-choice';
import type { SampleStillFacts } from './still-messages';

export function SampleLead({
  facts,
  shown,
  onChoose,
}: {
  facts: SampleStillFacts;
  /** Null until the first view. */
  shown: SampleView | null;
  onChoose: (choice: Partial<SampleChoice>) => void;
}): ReactElement {
  const index = shown?.profile ?? 0;
  const types = facts.profiles[index]?.valueTypes ?? [];
  return (
    <div className="flex min-w-0 max-w-full flex-wrap items-center gap-x-2 gap-y-1.5">
      {facts.profiles.length > 1 && (
        <select
          aria-label="Profile"
          className="control max-w-full truncate font-semibold sm:max-w-80"
          value={index}
          onChange={(event) => onChoose({ profile: Number(event.target.value), value: null })}
        >
          {facts.profiles.map(({ title, samples }, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: profiles of a file have no other identity
            <option key={at} value={at}>
              {title || `profile ${at + 1}`} ({formatCount(samples)})
            </option>
          ))}
        </select>
      )}
      {types.length > 1 && (
        <select
          aria-label="Value"
          className="control"
          value={shown?.valueType.type ?? ''}
          onChange={(event) => onChoose({ value: event.target.value })}
        >
          {types.map(({ type, unit }) => (
            <option key={type} value={type}>
              {type} ({unit})
            </option>
          ))}
        </select>
      )}
      {shown !== null && (
        <span role="note" aria-label="Totals" title={formatExactValue(shown.total, shown.valueType.unit)}>
          <strong>{formatValue(shown.total, shown.valueType.unit)}</strong> {shown.valueType.type}
          {shown.samples < shown.allSamples && shown.allTotal > 0 && (
            <span className="text-dull">
              , {formatPercent(shown.total / shown.allTotal)} of{' '}
              {formatValue(shown.allTotal, shown.valueType.unit)}
            </span>
          )}
          <span className="text-dull">
            {' '}
            in {shown.samples.toLocaleString('en-GB')} {shown.samples === 1 ? 'sample' : 'samples'}
          </span>
        </span>
      )}
    </div>
  );
}
