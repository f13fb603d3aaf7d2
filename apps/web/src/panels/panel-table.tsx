'use client';
/** Owns how a table looks in a panel: its head stays, rows scroll, and a row may be chosen. */
import type { ReactElement, ReactNode } from 'react';

export interface PanelColumn<Row> {
  name: string;
  title?: string;
  isNumber?: boolean;
  cell: (row: Row) => ReactNode;
  /** The exact value, for who points at it. */
  cellTitle?: (row: Row) => string;
  onSort?: () => void;
  isSorted?: boolean;
}

export interface PanelTableProps<Row> {
  label: string;
  columns: readonly PanelColumn<Row>[];
  rows: readonly Row[];
  keyOf: (row: Row) => string;
  isChosen?: (row: Row) => boolean;
}

export function PanelTable<Row>(props: PanelTableProps<Row>): ReactElement {
  const { label, columns, rows, keyOf, isChosen } = props;
  return (
    <div className="h-full overflow-auto">
      <table aria-label={label} className="w-full border-collapse">
        <thead>
          <tr>
            {columns.map(({ name, title, isNumber, onSort, isSorted }) => (
              <th
                key={name}
                scope="col"
                title={title}
                aria-sort={isSorted === true ? 'descending' : undefined}
                className={`sticky top-0 z-10 whitespace-nowrap border-line border-b bg-surface px-2 py-0.5 font-normal text-dull text-small ${isNumber ? 'text-right' : 'text-left'}`}
              >
                {onSort === undefined ? (
                  name
                ) : (
                  <button type="button" className="hover:text-ink" onClick={onSort}>
                    {name}
                    {isSorted === true && <span aria-hidden="true"> ▼</span>}
                  </button>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={keyOf(row)}
              aria-current={isChosen?.(row) === true ? 'true' : undefined}
              className="hover:bg-sunken aria-[current=true]:bg-accent-soft"
            >
              {columns.map(({ name, isNumber, cell, cellTitle }) => (
                <td
                  key={name}
                  title={cellTitle?.(row)}
                  className={`max-w-64 truncate px-2 py-0.5 ${isNumber ? 'whitespace-nowrap text-right' : ''}`}
                >
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
