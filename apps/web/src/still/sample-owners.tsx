'use client';
/** Owns the tables of whose samples these are, where the file says it: most first, one click filters. */
import { formatExactValue, formatPercent, formatValue } from '@stallscope/charts';
import type { ValueUnit } from '@stallscope/profile';
import type { ReactElement } from 'react';
import type { WaitTable } from '../live/live-messages';

export interface SampleOwnersProps {
  title: string;
  table: WaitTable;
  idColumn: 'tgid' | 'tid';
  unit: ValueUnit;
  chosenId: number | null;
  onChoose: (tgid: number, tid: number, isChosen: boolean) => void;
}

export function SampleOwners(props: SampleOwnersProps): ReactElement | null {
  const { title, table, idColumn, unit, chosenId } = props;
  if (table.total === 0) return null;
  const all = table.waitedNs.reduce((sum, value) => sum + value, 0);
  return (
    <section className="panel flex min-w-0 flex-col" aria-label={title}>
      <h2 className="px-3 pt-2 pb-1 font-semibold">
        {title} <span className="font-normal text-dull">{table.total.toLocaleString('en-GB')}</span>
      </h2>
      <div className="max-h-72 overflow-auto">
        <table className="w-full text-left" aria-label={title}>
          <tbody>
            {table[idColumn].map((id, row) => {
              const isChosen = id === chosenId;
              return (
                <tr key={id} className={`relative hover:bg-sunken ${isChosen ? 'bg-accent-soft' : ''}`}>
                  <td className="max-w-0 truncate px-3 py-0.5">
                    <button
                      type="button"
                      aria-pressed={isChosen}
                      className="text-left after:absolute after:inset-0"
                      onClick={() => props.onChoose(table.tgid[row]!, table.tid[row]!, isChosen)}
                    >
                      {table.name[row] || '(no name)'} <span className="text-dull">{id}</span>
                    </button>
                  </td>
                  <td
                    className="w-24 whitespace-nowrap px-2 text-right"
                    title={formatExactValue(table.waitedNs[row]!, unit)}
                  >
                    {formatValue(table.waitedNs[row]!, unit)}
                  </td>
                  <td className="w-20 whitespace-nowrap px-3 text-right text-dull">
                    {all > 0 ? formatPercent(table.waitedNs[row]! / all) : '–'}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
