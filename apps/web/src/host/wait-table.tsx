'use client';
/** Owns the tables of processes and of threads: exact time by kind, ordered by time waited, one click filters. */
import { formatExactNs, formatNs } from '@stallscope/charts';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactElement, type ReactNode, useMemo, useRef, useState } from 'react';
import type { WaitTable } from '../live/live-messages';

export interface WaitTableProps {
  title: string;
  table: WaitTable;
  idColumn: 'tgid' | 'tid';
  chosenId: number | null;
  /** Beside a thread's name: the process it is of. */
  processOf?: ((tgid: number) => string) | undefined;
  /** Beside the title. */
  aside?: ReactNode;
  onChoose: (tgid: number, tid: number, isChosen: boolean) => void;
}

const ROW_PX = 26;
const COLUMNS = 'grid-cols-[minmax(9rem,1fr)_4.5rem_repeat(4,5.25rem)]';
const NUMBERS = [
  { column: 'blockedNs', name: 'blocked' },
  { column: 'runqNs', name: 'run-queue' },
  { column: 'preemptedNs', name: 'preempted' },
  { column: 'onCpuNs', name: 'on CPU' },
] as const;
type NumberColumn = (typeof NUMBERS)[number]['column'];

export function WaitTableView(props: WaitTableProps): ReactElement {
  const { title, table, idColumn, chosenId, processOf, onChoose } = props;
  /** Null is the order of the worker: time of the kinds that the view shows. */
  const [sortedBy, setSortedBy] = useState<NumberColumn | null>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const order = useMemo(() => {
    const indexes = Array.from(table.tgid.keys());
    return sortedBy === null ? indexes : indexes.sort((a, b) => table[sortedBy][b]! - table[sortedBy][a]!);
  }, [table, sortedBy]);
  const rows = useVirtualizer({
    count: order.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });
  const shownOf = table.total > order.length ? `${order.length.toLocaleString('en-GB')} of ` : '';
  return (
    <section className="panel below-fold flex min-w-0 flex-col" aria-label={title}>
      <h2 className="px-3 pt-2 pb-1 font-semibold">
        {title}{' '}
        <span className="font-normal text-dull">
          {shownOf}
          {table.total.toLocaleString('en-GB')}, exact times
        </span>{' '}
        {props.aside}
      </h2>
      {order.length === 0 ? (
        <p className="px-3 pb-3 text-dull">None left the CPU in this span.</p>
      ) : (
        <div ref={scroller} className="h-72 overflow-auto contain-strict">
          {/* biome-ignore lint/a11y/useSemanticElements: rows are placed by the virtual list, which a table element cannot do */}
          <div role="table" aria-label={title} aria-rowcount={order.length + 1} className="min-w-[36rem]">
            {/* biome-ignore lint/a11y/useSemanticElements: as above */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: a row is not a control, its button is */}
            <div
              role="row"
              aria-rowindex={1}
              className={`sticky top-0 z-10 grid ${COLUMNS} gap-x-2 border-line border-b bg-surface px-3 text-dull text-small`}
            >
              <HeaderCell name={idColumn === 'tgid' ? 'process' : 'thread'} />
              <HeaderCell name={idColumn} right />
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
                    className={`absolute inset-x-0 grid ${COLUMNS} items-center gap-x-2 px-3 hover:bg-sunken ${
                      isChosen ? 'bg-accent-soft' : ''
                    }`}
                    style={{ top: start, height: ROW_PX }}
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
                        {table.who?.[row] && (
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

function HeaderCell({ name, right = false }: { name: string; right?: boolean }): ReactElement {
  return (
    // biome-ignore lint/a11y/useSemanticElements: rows are placed by the virtual list
    // biome-ignore lint/a11y/useFocusableInteractive: it does nothing
    <div role="columnheader" className={`py-0.5 ${right ? 'text-right' : ''}`}>
      {name}
    </div>
  );
}
