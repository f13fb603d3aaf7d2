'use client';
/** Owns choosing what the table of processes says of whose they are. */
import { Popover } from 'radix-ui';
import type { ReactElement } from 'react';
import { WHO_COLUMNS, type WhoColumn } from './who-columns';
import { WHO_WORDS } from './who-words';

export function ColumnMenu({
  chosen,
  onChoose,
}: {
  chosen: readonly WhoColumn[];
  onChoose: (columns: WhoColumn[]) => void;
}): ReactElement {
  return (
    <Popover.Root>
      <Popover.Trigger className="control h-6" aria-label="Columns of processes">
        columns{chosen.length > 0 && ` (${chosen.length})`} <span aria-hidden="true">▾</span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="panel z-30 flex w-72 max-w-[calc(100vw-16px)] flex-col bg-raised p-2 shadow-lg"
          aria-label="Columns of processes"
        >
          {WHO_COLUMNS.map((column) => (
            <label key={column} className="flex min-h-6 items-baseline gap-2 py-0.5">
              <input
                type="checkbox"
                checked={chosen.includes(column)}
                onChange={({ target }) =>
                  onChoose(
                    WHO_COLUMNS.filter((one) => (one === column ? target.checked : chosen.includes(one))),
                  )
                }
              />
              <span>
                {WHO_WORDS[column].name}
                <span className="block text-dull text-small">{WHO_WORDS[column].help}</span>
              </span>
            </label>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
