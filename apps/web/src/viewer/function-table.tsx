// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by the virtual list, which a table element cannot do
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and takes the keys for its rows
// biome-ignore-all lint/a11y/useKeyWithClickEvents: as above
'use client';
/** Owns the table of functions: self, total and each kind; ordered by any of them; one click chooses a function for the graph. */
import { formatExactValue, formatValue, ROLE_WORDS, swatchStyle } from '@stallscope/charts';
import { type FunctionKey, KINDS, type Kind, ROLES } from '@stallscope/profile';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactElement,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTheme } from '../controls/theme';
import { columnOf, type FunctionColumn, type FunctionRows } from '../live/function-rows';
import { isSameFunction, writeStep } from '../selection/place';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { COLUMN_WORDS } from '../words/shape-words';
import { type FrameAct, functionActs } from './frame-acts';
import { FrameMenu } from './frame-menu';
import type { GraphView } from './graph-view';
import { holdOrder, type Places, placesOf } from './held-order';
import { shownName } from './shown-name';

export interface FunctionTableProps {
  view: GraphView;
  selection: Selection;
  acts: SelectionActs;
  chosen: FunctionKey | null;
  /** What a click does, in words, such as `keeps the paths through it`. */
  help: string;
  /** Null takes the choice away. */
  onChoose: (fn: FunctionKey | null) => void;
  className?: string;
}

interface Entry {
  index: number;
  key: string;
  fn: FunctionKey;
}

const ROW_PX = 24;
const PAGE_ROWS = 12;

export function FunctionTableView(props: FunctionTableProps): ReactElement {
  const { view, selection, acts, chosen, onChoose } = props;
  const { functions, unit } = view;
  const theme = useTheme();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [held, setHeld] = useState<Places | null>(null);
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const [menu, setMenu] = useState<{ fn: FunctionKey; at: { xPx: number; yPx: number } } | null>(null);
  const kinds = shownKinds(view);
  const columns: readonly FunctionColumn[] = ['self', 'total', ...kinds];
  const sort = functions?.sort ?? selection.sort;

  const sorted = useMemo(() => toEntries(functions), [functions]);
  const entries = useMemo(
    () => (held === null ? sorted : holdOrder(sorted, ({ key }) => key, held)),
    [sorted, held],
  );
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const wanted = activeKey ?? (chosen === null ? null : writeStep(chosen));
  const active = Math.max(0, wanted === null ? 0 : entries.findIndex(({ key }) => key === wanted));

  function hold(): void {
    if (held === null) setHeld(placesOf(entries, ({ key }) => key));
  }

  function choose({ fn }: Entry): void {
    onChoose(isSameFunction(fn, chosen) ? null : fn);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== event.currentTarget) return;
    const entry = entries[active];
    const to = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + PAGE_ROWS,
      PageUp: active - PAGE_ROWS,
      Home: 0,
      End: entries.length - 1,
    }[event.key];
    if (to !== undefined) {
      const next = Math.max(0, Math.min(entries.length - 1, to));
      hold();
      setActiveKey(entries[next]?.key ?? null);
      rows.scrollToIndex(next);
    } else if (entry === undefined) return;
    else if (event.key === 'Enter' || event.key === ' ') choose(entry);
    else if (event.key === 'm' || event.key === 'ContextMenu') {
      const row = document.getElementById(`${id}-${active}`)?.getBoundingClientRect();
      setMenu({ fn: entry.fn, at: { xPx: (row?.left ?? 0) + 24, yPx: row?.bottom ?? 0 } });
    } else {
      const act = actsOf(entry.fn).find(({ key }) => key === event.key);
      if (act === undefined) return;
      act.run();
    }
    event.preventDefault();
    event.stopPropagation();
  }

  function actsOf(fn: FunctionKey): FrameAct[] {
    return functionActs(fn, selection, acts);
  }

  const grid = {
    gridTemplateColumns: `minmax(${NAME_REM}rem,1fr) repeat(${columns.length}, ${NUMBER_REM}rem)`,
  };
  return (
    <section
      style={
        {
          '--table-width': `${NAME_REM + SIDES_REM + 1 + columns.length * (NUMBER_REM + 0.5)}rem`,
        } as CSSProperties
      }
      className={`flex min-h-0 min-w-0 flex-col ${props.className ?? ''}`}
      aria-label="Functions"
    >
      <p className="truncate px-3 py-1 text-dull text-small" title={`A click ${props.help}`}>
        {counted(functions)} · a click {props.help}
      </p>
      {functions === null || entries.length === 0 ? (
        <p className="px-3 py-2 text-dull">
          {functions === null
            ? 'Counting…'
            : functions.total === 0
              ? 'No function waited.'
              : 'No function has such a name.'}
        </p>
      ) : (
        <div
          ref={scroller}
          role="grid"
          aria-label="Functions"
          aria-rowcount={entries.length + 1}
          aria-activedescendant={`${id}-${active}`}
          tabIndex={0}
          className="group min-h-0 flex-1 overflow-auto outline-none focus-visible:outline-2 focus-visible:-outline-offset-2"
          onKeyDown={onKeyDown}
          onPointerMove={hold}
          onPointerLeave={() => setHeld(null)}
          onBlur={() => setHeld(null)}
        >
          <div style={{ minWidth: `${NAME_REM + SIDES_REM + columns.length * (NUMBER_REM + 0.5)}rem` }}>
            <div
              role="row"
              aria-rowindex={1}
              style={grid}
              className="sticky top-0 z-10 grid gap-x-2 border-line border-b bg-surface px-3 text-dull text-small"
            >
              {(['name', ...columns] as const).map((column) => (
                <Header
                  key={column}
                  column={column}
                  isSorted={sort === column}
                  onSort={() => {
                    setHeld(null);
                    acts.amend({ sort: column });
                  }}
                />
              ))}
            </div>
            <div className="relative" style={{ height: rows.getTotalSize() }}>
              {rows.getVirtualItems().map(({ index, start }) => {
                const entry = entries[index]!;
                const isChosen = isSameFunction(entry.fn, chosen);
                return (
                  <div
                    key={entry.key}
                    id={`${id}-${index}`}
                    role="row"
                    aria-rowindex={index + 2}
                    aria-selected={isChosen}
                    style={{ ...grid, top: start, height: ROW_PX }}
                    className={`absolute inset-x-0 grid cursor-pointer items-center gap-x-2 px-3 ${
                      isChosen ? 'bg-accent-soft' : 'hover:bg-sunken'
                    } ${index === active ? 'group-focus-visible:outline-1 group-focus-visible:-outline-offset-1 group-focus-visible:outline-accent' : ''} ${
                      index === active ? 'in-focus-visible:outline-1 in-focus-visible:outline-accent' : ''
                    }`}
                    onClick={() => {
                      setActiveKey(entry.key);
                      choose(entry);
                    }}
                    onContextMenu={(event) => {
                      event.preventDefault();
                      setActiveKey(entry.key);
                      setMenu({ fn: entry.fn, at: { xPx: event.clientX, yPx: event.clientY } });
                    }}
                  >
                    <div
                      role="gridcell"
                      className="flex min-w-0 items-center gap-2"
                      title={titleOf(functions, entry)}
                    >
                      <span
                        aria-hidden="true"
                        className="h-3 w-3 flex-none"
                        style={swatchStyle(theme, entry.fn.role)}
                      />
                      <span className="truncate font-mono text-small">
                        {shownName(entry.fn, selection) || '(no name)'}
                      </span>
                      <span className="sr-only">, {ROLE_WORDS[entry.fn.role]}</span>
                    </div>
                    {columns.map((column) => {
                      const value = columnOf(functions.table, column)?.[entry.index] ?? 0;
                      return (
                        <div
                          key={column}
                          role="gridcell"
                          className={`whitespace-nowrap text-right ${value === 0 ? 'text-dull' : ''}`}
                          title={`${COLUMN_WORDS[column].name} ${formatExactValue(value, unit)}`}
                        >
                          {value === 0 ? '0' : formatValue(value, unit)}
                        </div>
                      );
                    })}
                  </div>
                );
              })}
            </div>
          </div>
        </div>
      )}
      {menu !== null && (
        <FrameMenu title={menu.fn.label} at={menu.at} acts={actsOf(menu.fn)} onClose={() => setMenu(null)} />
      )}
    </section>
  );
}

function Header({
  column,
  isSorted,
  onSort,
}: {
  column: FunctionColumn;
  isSorted: boolean;
  onSort: () => void;
}): ReactElement {
  return (
    <div
      role="columnheader"
      aria-sort={isSorted ? (column === 'name' ? 'ascending' : 'descending') : 'none'}
      className={column === 'name' ? '' : 'text-right'}
    >
      <button
        type="button"
        className={`py-0.5 hover:underline ${isSorted ? 'font-semibold text-ink' : ''}`}
        title={COLUMN_WORDS[column].help}
        onClick={onSort}
      >
        {COLUMN_WORDS[column].name}
        {isSorted ? (column === 'name' ? ' ↑' : ' ↓') : ''}
      </button>
    </div>
  );
}

/** Those that the graph sums; one alone is the total. */
function shownKinds({ functions, selection }: GraphView): readonly Kind[] {
  if (functions === null || functions.table.kinds.length === 0) return [];
  const kinds = KINDS.filter((kind) => selection.query.kinds.includes(kind));
  return kinds.length > 1 ? kinds : [];
}

/** Room for the names and for a column of numbers, rem. */
const NAME_REM = 9;
const NUMBER_REM = 5.25;
/** Padding at both sides of a row, rem. */
const SIDES_REM = 1.5;

function toEntries(functions: FunctionRows | null): Entry[] {
  if (functions === null) return [];
  const { label, role } = functions.table;
  return label.map((name, index) => {
    const fn = { label: name, role: ROLES[role[index]!]! };
    return { index, key: writeStep(fn), fn };
  });
}

function titleOf(functions: FunctionRows, { index, fn }: Entry): string {
  const module = functions.table.module[index]!;
  return `${fn.label}\n${ROLE_WORDS[fn.role]}${module === '' ? '' : ` of ${module}`}`;
}

function counted(functions: FunctionRows | null): string {
  if (functions === null) return 'functions';
  const { table, matched, total } = functions;
  const number = (count: number): string => count.toLocaleString('en-GB');
  const found = matched === total ? '' : `${number(matched)} of `;
  const cut = table.label.length < matched ? `, the first ${number(table.label.length)} listed` : '';
  return `${found}${number(total)} functions${cut}`;
}
