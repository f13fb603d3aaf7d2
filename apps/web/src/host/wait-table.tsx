'use client';
/** Owns the tables of processes and of threads: exact time by kind, ordered by time waited, one click filters. */
import { formatExactNs, formatNs } from '@stallscope/charts';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactElement, type ReactNode, useMemo, useRef, useState } from 'react';
import type { WaitTable } from '../live/live-messages';
import type { WhoColumn } from '../who/who-columns';
import { WHO_WORDS } from '../who/who-words';

export interface WaitTableProps {
  title: string;
  table: WaitTable;
  idColumn: 'tgid' | 'tid';
  chosenId: number | null;
  /** Beside a thread's name: the process it is of. */
  processOf?: ((tgid: number) => string) | undefined;
  /** How true the times are; default: exact. */
  timesAre?: string | undefined;
  /** Beside the title. */
  aside?: ReactNode;
  onChoose: (tgid: number, tid: number, isChosen: boolean) => void;
  /** A click on what a column says of whose it is. */
  onWho?: (column: WhoColumn, value: string) => void;
}

const ROW_PX = 26;
/** As wide as its rows in rem: those of name, id and times, then of each column that was chosen. */
const LEAST_REM = 36;
const WHO_REM = 10;
const NUMBERS = [
  { column: 'blockedNs', name: 'blocked' },
  { column: 'runqNs', name: 'run-queue' },
  { column: 'preemptedNs', name: 'preempted' },
  { column: 'onCpuNs', name: 'on CPU' },
] as const;
type NumberColumn = (typeof NUMBERS)[number]['column'];

export function WaitTableView(props: WaitTableProps): ReactElement {
  const { title, table, idColumn, chosenId, processOf, onChoose, onWho } = props;
  /** Null is the order of the worker: time of the kinds that the view shows. */
  const [sortedBy, setSortedBy] = useState<NumberColumn | WhoColumn | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const order = useMemo(() => {
    const indexes = Array.from(table.tgid.keys());
    if (sortedBy === null) return indexes;
    if (isNumberColumn(sortedBy)) return indexes.sort((a, b) => table[sortedBy][b]! - table[sortedBy][a]!);
    const text = table.whose?.find(({ column }) => column === sortedBy)?.text;
    if (text === undefined) return indexes;
    // What is none comes last; within one the order of the view.
    return indexes.sort((a, b) => compareTexts(text[a]!, text[b]!));
  }, [table, sortedBy]);
  const whose = table.whose ?? [];
  const columns = {
    gridTemplateColumns: `minmax(9rem, 1fr) 4.5rem ${whose.map(() => `minmax(6rem, ${WHO_REM}rem)`).join(' ')} repeat(4, 5.25rem)`,
  };
  const rows = useVirtualizer({
    count: order.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });
  const shownOf = table.total > order.length ? `${order.length.toLocaleString('en-GB')} of ` : '';
  return (
    <section className="panel below-fold flex min-w-0 flex-col" aria-label={title}>
      <div className="flex items-center justify-between gap-2 px-3 pt-2 pb-1">
        <h2 className="min-w-0 font-semibold">
          {title}{' '}
          <span className="font-normal text-dull">
            {shownOf}
            {table.total.toLocaleString('en-GB')}, {props.timesAre ?? 'exact times'}
          </span>
        </h2>
        {props.aside}
      </div>
      {order.length === 0 ? (
        <p className="px-3 pb-3 text-dull">
          {props.timesAre === undefined ? 'None left the CPU in this span.' : 'None in this region.'}
        </p>
      ) : (
        <div ref={scroller} className="h-72 overflow-auto contain-strict">
          {/* biome-ignore lint/a11y/useSemanticElements: rows are placed by the virtual list, which a table element cannot do */}
          <div
            role="table"
            aria-label={title}
            aria-rowcount={order.length + 1}
            style={{ minWidth: `${LEAST_REM + whose.length * WHO_REM}rem` }}
          >
            {/* biome-ignore lint/a11y/useSemanticElements: as above */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: a row is not a control, its button is */}
            <div
              role="row"
              aria-rowindex={1}
              className="sticky top-0 z-10 grid gap-x-2 border-line border-b bg-surface px-3 text-dull text-small"
              style={columns}
            >
              <HeaderCell name={idColumn === 'tgid' ? 'process' : 'thread'} />
              <HeaderCell name={idColumn} right />
              {whose.map(({ column }) => (
                // biome-ignore lint/a11y/useSemanticElements: as above
                // biome-ignore lint/a11y/useFocusableInteractive: its button is
                <div
                  key={column}
                  role="columnheader"
                  aria-sort={sortedBy === column ? 'ascending' : 'none'}
                  className="min-w-0"
                >
                  <button
                    type="button"
                    className={`max-w-full truncate py-0.5 hover:underline ${sortedBy === column ? 'font-semibold text-ink' : ''}`}
                    title={
                      sortedBy === column
                        ? 'Back to the order of the view'
                        : `Order by ${WHO_WORDS[column].name}`
                    }
                    onClick={() => setSortedBy(sortedBy === column ? null : column)}
                  >
                    {WHO_WORDS[column].name}
                    {sortedBy === column ? ' ↓' : ''}
                  </button>
                </div>
              ))}
              {NUMBERS.map(({ column, name }) => (
                // biome-ignore lint/a11y/useSemanticElements: as above
                // biome-ignore lint/a11y/useFocusableInteractive: its button is
                <div
                  key={column}
                  role="columnheader"
                  aria-sort={sortedBy === column ? 'descending' : 'none'}
                  className="text-right"
                >
                  <button
                    type="button"
                    className={`py-0.5 hover:underline ${sortedBy === column ? 'font-semibold text-ink' : ''}`}
                    title={sortedBy === column ? 'Back to the order of the view' : `Order by ${name} time`}
                    onClick={() => setSortedBy(sortedBy === column ? null : column)}
                  >
                    {name}
                    {sortedBy === column ? ' ↓' : ''}
                  </button>
                </div>
              ))}
            </div>
            <div className="relative" style={{ height: rows.getTotalSize() }}>
              {rows.getVirtualItems().map(({ index, start }) => {
                const row = order[index]!;
                const isChosen = table[idColumn][row] === chosenId;
                return (
                  // biome-ignore lint/a11y/useSemanticElements: as above
                  // biome-ignore lint/a11y/useFocusableInteractive: its button is
                  <div
                    key={table[idColumn][row]}
                    role="row"
                    aria-rowindex={index + 2}
                    className={`absolute inset-x-0 grid items-center gap-x-2 px-3 hover:bg-sunken ${
                      isChosen ? 'bg-accent-soft' : ''
                    }`}
                    style={{ top: start, height: ROW_PX, ...columns }}
                  >
                    {/* biome-ignore lint/a11y/useSemanticElements: as above */}
                    <div role="cell" className="min-w-0">
                      <button
                        type="button"
                        aria-pressed={isChosen}
                        className="block max-w-full truncate text-left after:absolute after:inset-0"
                        title={table.command?.[row] || undefined}
                        onClick={() => onChoose(table.tgid[row]!, table.tid[row]!, isChosen)}
                      >
                        {table.name[row] || '(no name)'}
                        {table.threads[row]! > 1 && (
                          <span className="text-dull text-small"> {table.threads[row]} threads</span>
                        )}
                        {whose.length === 0 && table.who?.[row] && (
                          <span className="text-dull text-small"> · {table.who[row]}</span>
                        )}
                        {processOf !== undefined && processOf(table.tgid[row]!) !== table.name[row] && (
                          <span className="text-dull text-small"> {processOf(table.tgid[row]!)}</span>
                        )}
                      </button>
                    </div>
                    {/* biome-ignore lint/a11y/useSemanticElements: as above */}
                    <div role="cell" className="text-right text-dull">
                      {table[idColumn][row]}
                    </div>
                    {whose.map(({ column, text }) => (
                      // biome-ignore lint/a11y/useSemanticElements: as above
                      <div key={column} role="cell" className="relative min-w-0 text-small">
                        {text[row] ? (
                          <button
                            type="button"
                            className="block max-w-full truncate text-left hover:underline"
                            title={`Only ${WHO_WORDS[column].name} ${text[row]}`}
                            onClick={() => onWho?.(column, text[row]!)}
                          >
                            {text[row]}
                          </button>
                        ) : (
                          <span className="text-dull">–</span>
                        )}
                      </div>
                    ))}
                    {NUMBERS.map(({ column }) => (
                      // biome-ignore lint/a11y/useSemanticElements: as above
                      <div
                        key={column}
                        role="cell"
                        className={`text-right ${table[column][row] === 0 ? 'text-dull' : ''}`}
                        title={formatExactNs(table[column][row]!)}
                      >
                        {table[column][row] === 0 ? '0' : formatNs(table[column][row]!)}
                      </div>
                    ))}
                  </div>
                );
              })}
            </div>
          </div>
        </div>
      )}
    </section>
  );
}

function isNumberColumn(column: NumberColumn | WhoColumn): column is NumberColumn {
  return NUMBERS.some((one) => one.column === column);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? 1 : -1;
  return a < b ? -1 : 1;
}

function HeaderCell({ name, right = false }: { name: string; right?: boolean }): ReactElement {
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are placed by the virtual list
    // biome-ignore lint/a11y/useFocusableInteractive: it does nothing
    <div role="columnheader" className={`py-0.5 ${right ? 'text-right' : ''}`}>
      {name}
    </div>
  );
}
