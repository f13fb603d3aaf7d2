'use client';
/** Owns a list of the details of a frame: entries with their value, share and a bar, a few at first. */
import { formatExactValue, formatPercent, formatValue } from '@stallscope/charts';
import type { ValueUnit } from '@stallscope/profile';
import { type ReactElement, type ReactNode, useState } from 'react';

/** Entries of a list before its reader asks for more. */
const FEW = 5;

export interface DetailRow {
  key: string;
  value: number;
  words: ReactNode;
}

export function DetailList(props: {
  title: string;
  help: string;
  total: number;
  rows: readonly DetailRow[];
  of: number;
  /** Default time. */
  unit?: ValueUnit;
}): ReactElement {
  const { unit = 'nanoseconds' } = props;
  const [isLong, setLong] = useState(false);
  const rows = isLong ? props.rows : props.rows.slice(0, FEW);
  return (
    <section aria-label={props.title}>
      <SectionTitle
        title={props.title}
        words={props.total > 1 ? props.total.toLocaleString('en-GB') : ''}
        help={props.help}
      />
      <ul>
        {rows.map((row) => (
          <li key={row.key} className="relative grid grid-cols-[minmax(0,1fr)_auto_3.5rem] gap-x-2">
            <span
              aria-hidden="true"
              className="absolute inset-y-0.5 left-0 -z-0 rounded-[2px] bg-accent-soft"
              style={{ width: `${props.of > 0 ? Math.min(100, (100 * row.value) / props.of) : 0}%` }}
            />
            <span className="relative flex min-w-0 px-1">{row.words}</span>
            <span className="relative text-right" title={formatExactValue(row.value, unit)}>
              {formatValue(row.value, unit)}
            </span>
            <span className="relative text-right text-dull">{share(row.value, props.of)}</span>
          </li>
        ))}
      </ul>
      {props.rows.length > FEW && (
        <button
          type="button"
          className="text-accent text-small hover:underline"
          onClick={() => setLong(!isLong)}
        >
          {isLong ? 'fewer' : `${props.rows.length - FEW} more`}
          {!isLong && props.total > props.rows.length && `, of ${props.total.toLocaleString('en-GB')}`}
        </button>
      )}
    </section>
  );
}

export function SectionTitle({
  title,
  words,
  help,
}: {
  title: string;
  words?: string;
  help?: string;
}): ReactElement {
  return (
    <h4 className="font-semibold" title={help}>
      {title} {words !== undefined && <span className="font-normal text-dull">{words}</span>}
    </h4>
  );
}

export function share(value: number, of: number): string {
  return of > 0 ? formatPercent(value / of) : '–';
}
