'use client';
/** Owns a panel of the table of processes: what each ran and waited in what is selected, by the exact counters. */
import { formatExactNs, formatNs } from '@stallscope/charts';
import { type ReactElement, useMemo, useState } from 'react';
import type { WaitTable } from '../live/live-messages';
import type { BodyProps } from './panel-body';
import { PanelTable } from './panel-table';
import { PanelWords } from './panel-words';

/** Rows drawn: more than anyone scrolls in a panel; the host's page has all. */
const MAX_ROWS = 200;

const NUMBERS = [
  { column: 'onCpuNs', name: 'on CPU', title: 'Time on CPUs' },
  { column: 'runqNs', name: 'run queue', title: 'Woken, and waiting for a CPU' },
  { column: 'preemptedNs', name: 'preempted', title: 'Taken off a CPU, and waiting for one' },
  { column: 'blockedNs', name: 'blocked', title: 'Asleep until woken, idle waits among it' },
] as const;
type NumberColumn = (typeof NUMBERS)[number]['column'];

export function ProcessesBody(props: BodyProps<'processes'>): ReactElement {
  const { content, hostId, selection, onSelect } = props;
  const { table, covered } = content;
  const isOfRegion = selection.region?.hostId === hostId;
  const [sortedBy, setSortedBy] = useState<NumberColumn>('onCpuNs');
  const rows = useMemo(() => rowsOf(table, sortedBy), [table, sortedBy]);
  if (rows.length === 0) {
    return (
      <PanelWords>
        {covered.windows === 0
          ? 'No window is held of this stretch.'
          : isOfRegion
            ? 'No process was in the region that is selected.'
            : 'No process ran or waited in this stretch.'}
      </PanelWords>
    );
  }
  const chosen = selection.process?.hostId === hostId ? selection.process.tgid : null;
  return (
    <PanelTable
      label="Processes"
      rows={rows}
      keyOf={(at) => String(table.tgid[at])}
      isChosen={(at) => table.tgid[at] === chosen}
      columns={[
        {
          name: 'process',
          cell: (at) => (
            <button
              type="button"
              className="max-w-full truncate text-left hover:underline"
              title={`${table.name[at]}: show this process alone in all panels of this host`}
              onClick={() =>
                onSelect({
                  ...selection,
                  process: table.tgid[at] === chosen ? null : { hostId, tgid: table.tgid[at]! },
                })
              }
            >
              {table.name[at] || '?'}
            </button>
          ),
        },
        { name: 'tgid', isNumber: true, cell: (at) => <span className="text-dull">{table.tgid[at]}</span> },
        ...NUMBERS.map(({ column, name, title }) => ({
          name,
          title,
          isNumber: true,
          cell: (at: number) => formatNs(table[column][at]!),
          cellTitle: (at: number) => formatExactNs(table[column][at]!),
          isSorted: sortedBy === column,
          onSort: () => setSortedBy(column),
        })),
      ]}
    />
  );
}

/** Indices, the most first; equal ones by tgid, so that they do not jump. */
function rowsOf(table: WaitTable, column: NumberColumn): number[] {
  return Array.from(table.tgid.keys())
    .sort((a, b) => table[column][b]! - table[column][a]! || table.tgid[a]! - table.tgid[b]!)
    .slice(0, MAX_ROWS);
}
