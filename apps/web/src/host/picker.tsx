'use client';
/** Owns choosing one of many processes or threads: a button, and a list ordered by time waited that can be typed into. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { Popover } from 'radix-ui';
import { type KeyboardEvent, type ReactElement, useId, useRef, useState } from 'react';
import { useNow } from '../controls/use-now';

export interface PickerOption {
  /** Null is the choice of all. */
  id: number | null;
  name: string;
  /** Beside the name: the id and such. */
  detail: string;
  /** At the right: time waited. */
  value: string;
}

export interface PickerProps {
  /** What is chosen, as `Process`. */
  label: string;
  /** What the button says. */
  chosen: string;
  chosenId: number | null;
  /** Longest wait first; read only while the list is open, and then once a second. */
  options: () => PickerOption[];
  onChoose: (id: number | null) => void;
}

const ROW_PX = 28;

export function Picker(props: PickerProps): ReactElement {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger className="control min-w-0 max-w-52" aria-label={`${props.label}: ${props.chosen}`}>
        <span className="truncate">{props.chosen}</span>
        <span aria-hidden="true" className="text-dull">
          ▾
        </span>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="panel z-30 flex w-96 max-w-[calc(100vw-16px)] flex-col bg-raised shadow-lg"
          aria-label={`Choose ${props.label.toLowerCase()}`}
        >
          <OptionList
            {...props}
            onChoose={(id) => {
              setOpen(false);
              props.onChoose(id);
            }}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function OptionList({ label, chosenId, options, onChoose }: PickerProps): ReactElement {
  useNow();
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const listId = useId();
  const wanted = typed.trim().toLowerCase();
  const found = options().filter(
    ({ id, name, detail }) =>
      wanted === '' || (id !== null && `${name} ${detail}`.toLowerCase().includes(wanted)),
  );
  const active = Math.min(at, found.length - 1);
  const rows = useVirtualizer({
    count: found.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });

  function move(to: number): void {
    const next = Math.max(0, Math.min(found.length - 1, to));
    setAt(next);
    rows.scrollToIndex(next);
  }

  function onKeyDown(event: KeyboardEvent): void {
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + 10,
      PageUp: active - 10,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      event.preventDefault();
      move(to);
    } else if (event.key === 'Enter' && found[active] !== undefined) {
      event.preventDefault();
      onChoose(found[active].id);
    }
  }

  return (
    <>
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={active < 0 ? undefined : `${listId}-${active}`}
        aria-label={`Find ${label.toLowerCase()}`}
        placeholder="Name or number"
        className="m-2 control"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      {found.length === 0 && <p className="px-3 pb-3 text-dull">None waits in this span under that name.</p>}
      <div ref={scroller} className="max-h-80 overflow-y-auto pb-1">
        <div
          id={listId}
          role="listbox"
          aria-label={label}
          className="relative"
          style={{ height: rows.getTotalSize() }}
        >
          {rows.getVirtualItems().map(({ index, start }) => {
            const option = found[index]!;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above takes the keys
              <div
                key={option.id ?? 'all'}
                id={`${listId}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={option.id === chosenId}
                className={`absolute inset-x-0 flex cursor-pointer items-center gap-2 px-3 ${
                  index === active ? 'bg-accent-soft' : ''
                }`}
                style={{ height: ROW_PX, top: start }}
                onPointerMove={() => setAt(index)}
                onClick={() => onChoose(option.id)}
              >
                <span className={`truncate ${option.id === chosenId ? 'font-semibold' : ''}`}>
                  {option.name}
                </span>
                <span className="text-dull text-small">{option.detail}</span>
                <span className="ml-auto whitespace-nowrap">{option.value}</span>
              </div>
            );
          })}
        </div>
      </div>
    </>
  );
}
