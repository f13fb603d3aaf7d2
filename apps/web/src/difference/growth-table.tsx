// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by the virtual list, which a table element cannot do
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and takes the keys for its rows
// biome-ignore-all lint/a11y/useKeyWithClickEvents: as above
'use client';
/** Owns the table of what grew and shrank: before, after and change of each function; a row leads to where it changed most. */
import {
  diffStepOf,
  formatChange,
  formatExactValue,
  formatPercent,
  formatValue,
  ROLE_WORDS,
} from '@stallscope/charts';
import type { FunctionKey } from '@stallscope/profile';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactElement, useId, useMemo, useRef, useState } from 'react';
import { useTheme } from '../controls/theme';
import type { ReadyDifference } from '../live/labelled-trees';
import { isSameFunction, writeStep } from '../selection/place';
import { holdOrder, type Places, placesOf } from '../viewer/held-order';
import { plural } from '../words/words';
import { stepStyle } from './diff-colour';
import { type GrowthOf, type GrowthOrder, type GrowthRow, toGrowthRows } from './growth';

export interface GrowthTableProps {
  difference: ReadyDifference;
  /** The function that the graph was led to. */
  chosen: FunctionKey | null;
  onChoose: (row: GrowthRow, of: GrowthOf) => void;
}

const ROW_PX = 24;
const PAGE_ROWS = 12;
const COLUMNS =
  'grid-cols-[minmax(6rem,1fr)_6rem_3.75rem] @[30rem]:grid-cols-[minmax(6rem,1fr)_5rem_5rem_6rem_3.75rem]';

export function GrowthTableView({ difference, chosen, onChoose }: GrowthTableProps): ReactElement {
  const { growth, tree, scale, unit } = difference;
  const theme = useTheme();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [of, setOf] = useState<GrowthOf>('total');
  const [order, setOrder] = useState<GrowthOrder>('grew');
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const [held, setHeld] = useState<Places | null>(null);
  const sorted = useMemo(() => toGrowthRows(growth, of, order), [growth, of, order]);
  const rows = useMemo(() => (held === null ? sorted : holdOrder(sorted, keyOf, held)), [sorted, held]);
  const largest = Math.max(tree.totalValue[0]!, tree.baseTotalValue[0]! * scale);
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const wanted = activeKey ?? (chosen === null ? null : writeStep(chosen));
  const active = Math.max(
    0,
    rows.findIndex((row) => keyOf(row) === wanted),
  );

  function hold(): void {
    if (held === null) setHeld(placesOf(rows, keyOf));
  }

  function toOrder(next: GrowthOrder): void {
    setHeld(null);
    setOrder(next);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const to = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + PAGE_ROWS,
      PageUp: active - PAGE_ROWS,
      Home: 0,
      End: rows.length - 1,
    }[event.key];
    const row = rows[active];
    if (to !== undefined) {
      const next = Math.max(0, Math.min(rows.length - 1, to));
      hold();
      setActiveKey(rows[next] === undefined ? null : keyOf(rows[next]));
      list.scrollToIndex(next);
    } else if ((event.key === 'Enter' || event.key === ' ') && row !== undefined) onChoose(row, of);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const cut = difference.functions - growth.label.length;
  return (
    <section className="flex h-full min-h-0 min-w-0 flex-col" aria-label="What grew most">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1">
        <h3 className="font-semibold">
          {order === 'shrank' ? 'What shrank most' : 'What grew most'}{' '}
          <span className="font-normal text-dull text-small">
            {plural(rows.length, 'function')}
            {cut > 0 && `, ${cut.toLocaleString('en-GB')} that changed least left out`}
          </span>
        </h3>
        <fieldset aria-label="Time of" className="ml-auto flex">
          {(
            [
              ['total', 'with all below', 'Paths through the function; a path counts once'],
              ['self', 'by itself', 'Paths that end in the function'],
            ] as const
          ).map(([name, words, help]) => (
            <button
              key={name}
              type="button"
              aria-pressed={of === name}
              title={help}
              className="control -ml-px h-6 rounded-none text-small first:ml-0 first:rounded-l-chip last:rounded-r-chip aria-pressed:z-10 aria-pressed:font-semibold"
              onClick={() => {
                setHeld(null);
                setOf(name);
              }}
            >
              {words}
            </button>
          ))}
        </fieldset>
      </div>
      {rows.length === 0 ? (
        <p className="px-3 py-2 text-dull">Neither side has a function.</p>
      ) : (
        <div
          ref={scroller}
          role="grid"
          aria-label="What grew most"
          aria-rowcount={rows.length + 1}
          aria-activedescendant={`${id}-${active}`}
          tabIndex={0}
          className="group @container min-h-0 flex-1 overflow-auto outline-none focus-visible:outline-2 focus-visible:-outline-offset-2"
          onKeyDown={onKeyDown}
          onPointerMove={hold}
          onPointerLeave={() => setHeld(null)}
          onBlur={() => setHeld(null)}
        >
          <div
            role="row"
            aria-rowindex={1}
            className={`sticky top-0 z-10 grid ${COLUMNS} gap-x-2 border-line border-b bg-surface px-3 text-dull text-small`}
          >
            <div role="columnheader" className="py-0.5">
              function
            </div>
            <Header name="before" isOn={order === 'before'} narrow onOrder={() => toOrder('before')} />
            <Header name="after" isOn={order === 'after'} narrow onOrder={() => toOrder('after')} />
            <Header
              name="change"
              isOn={order === 'grew' || order === 'shrank'}
              isReversed={order === 'shrank'}
              onOrder={() => toOrder(order === 'grew' ? 'shrank' : 'grew')}
            />
            <div
              role="columnheader"
              className="py-0.5 text-right"
              title="The change as a share of the larger total"
            >
              of all
            </div>
          </div>
          <div className="relative" style={{ height: list.getTotalSize() }}>
            {list.getVirtualItems().map(({ index, start }) => {
              const row = rows[index]!;
              const { fn, before, after, change } = row;
              const isChosen = isSameFunction(fn, chosen);
              return (
                <div
                  key={keyOf(row)}
                  id={`${id}-${index}`}
                  role="row"
                  aria-rowindex={index + 2}
                  aria-selected={isChosen}
                  style={{ top: start, height: ROW_PX }}
                  title={`${fn.label}\n${ROLE_WORDS[fn.role]}${row.module === '' ? '' : ` of ${row.module}`}\nA click shows where it changed most`}
                  className={`absolute inset-x-0 grid ${COLUMNS} cursor-pointer items-center gap-x-2 px-3 ${
                    isChosen ? 'bg-accent-soft' : 'hover:bg-sunken'
                  } ${index === active ? 'group-focus-visible:outline-1 group-focus-visible:-outline-offset-1 group-focus-visible:outline-accent' : ''}`}
                  onClick={() => {
                    setActiveKey(keyOf(row));
                    onChoose(row, of);
                  }}
                >
                  <div role="gridcell" className="flex min-w-0 items-center gap-2">
                    <span
                      aria-hidden="true"
                      className="h-3 w-3 flex-none"
                      style={stepStyle(theme, diffStepOf(change, largest))}
                    />
                    <span className="truncate font-mono text-small">{fn.label || '(no name)'}</span>
                  </div>
                  <Cell text={formatValue(before, unit)} title={formatExactValue(before, unit)} narrow />
                  <Cell text={formatValue(after, unit)} title={formatExactValue(after, unit)} narrow />
                  <Cell text={formatChange(change, unit)} title={formatExactValue(change, unit)} strong />
                  <Cell text={largest > 0 ? signed(change / largest) : '–'} />
                </div>
              );
            })}
          </div>
        </div>
      )}
    </section>
  );
}

function keyOf({ fn }: GrowthRow): string {
  return writeStep(fn);
}

function Cell({
  text,
  title,
  narrow = false,
  strong = false,
}: {
  text: string;
  title?: string;
  /** Left out on a phone. */
  narrow?: boolean;
  strong?: boolean;
}): ReactElement {
  return (
    <div
      role="gridcell"
      title={title}
      className={`whitespace-nowrap text-right ${narrow ? 'hidden @[30rem]:block' : ''} ${strong ? 'font-semibold' : ''}`}
    >
      {text}
    </div>
  );
}

function Header({
  name,
  isOn,
  isReversed = false,
  narrow = false,
  onOrder,
}: {
  name: string;
  isOn: boolean;
  isReversed?: boolean;
  narrow?: boolean;
  onOrder: () => void;
}): ReactElement {
  return (
    <div
      role="columnheader"
      aria-sort={isOn ? (isReversed ? 'ascending' : 'descending') : 'none'}
      className={`text-right ${narrow ? 'hidden @[30rem]:block' : ''}`}
    >
      <button
        type="button"
        className={`py-0.5 hover:underline ${isOn ? 'font-semibold text-ink' : ''}`}
        title={
          name === 'change'
            ? isOn && !isReversed
              ? 'What shrank most first'
              : 'What grew most first'
            : `Most ${name} first`
        }
        onClick={onOrder}
      >
        {name}
        {isOn ? (isReversed ? ' ↑' : ' ↓') : ''}
      </button>
    </div>
  );
}

function signed(share: number): string {
  return share > 0 ? `+${formatPercent(share)}` : formatPercent(share);
}
