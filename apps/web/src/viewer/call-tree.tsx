// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by the virtual list, which a table element cannot do
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and takes the keys for its rows
// biome-ignore-all lint/a11y/useKeyWithClickEvents: as above
'use client';
/**
 * Owns the call tree: the graph's paths as rows that open and close, by keyboard alone if wanted, and read out by screen
 * readers, which see nothing of a canvas.
 */
import {
  formatExactValue,
  formatPercent,
  formatValue,
  ROLE_WORDS,
  roleOf,
  swatchStyle,
} from '@stallscope/charts';
import { type FlameTree, pathOf, type ValueUnit } from '@stallscope/profile';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type ReactElement,
  useEffect,
  useId,
  useMemo,
  useReducer,
  useRef,
  useState,
} from 'react';
import { useTheme } from '../controls/theme';
import { findPlace, type Place, placeOf, writePlace } from '../selection/place';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { type CallTreeRow, MAX_ROWS, OpenPaths } from './call-tree-rows';
import { type FrameAct, frameActs } from './frame-acts';
import { FrameMenu } from './frame-menu';
import { shownName } from './shown-name';

export interface CallTreeProps {
  tree: FlameTree;
  unit: ValueUnit;
  matched: Uint8Array | null;
  selection: Selection;
  acts: SelectionActs;
  /** Names the tree for a screen reader. */
  label: string;
  more: readonly FrameAct[];
}

const ROW_PX = 22;
const PAGE_ROWS = 15;
/** Of depth shown as room at the left, beyond which a number says it: stacks are a thousand frames deep. */
const MAX_INDENT_STEPS = 40;
const INDENT_PX = 12;
/** On a phone the time alone is beside the name. */
const COLUMNS = 'grid-cols-[4.5rem_minmax(12rem,1fr)] sm:grid-cols-[5rem_4.25rem_5rem_minmax(12rem,1fr)]';

export function CallTree(props: CallTreeProps): ReactElement {
  const { tree, unit, matched, selection, acts } = props;
  const theme = useTheme();
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const [paths] = useState(() => new OpenPaths());
  const [opened, redraw] = useReducer((count: number) => count + 1, 0);
  const [menu, setMenu] = useState<{ place: Place; at: { xPx: number; yPx: number } } | null>(null);
  const all = tree.totalValue[0]!;

  const place = selection.sel ?? selection.zoom;
  const written = place === null ? '' : writePlace(place);
  const selectedNode = useMemo(() => (place === null ? undefined : findPlace(tree, place)), [tree, place]);
  // What is selected elsewhere is in sight here, once; the reader may close it again.
  const shownFor = useRef('');
  if (selectedNode !== undefined && shownFor.current !== written) {
    shownFor.current = written;
    paths.openTo(pathOf(tree, selectedNode));
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: `opened` and `written` stand for what is in `paths`
  const rows = useMemo(() => paths.rows(tree), [tree, paths, opened, written]);
  const active = Math.max(
    0,
    rows.findIndex(({ node }) => node === selectedNode),
  );
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const activeRef = useRef(active);
  activeRef.current = active;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when another row is selected, not at each update
  useEffect(() => {
    if (written !== '') list.scrollToIndex(activeRef.current);
  }, [written]);

  function select(row: CallTreeRow | undefined): void {
    if (row === undefined) return;
    const next = placeOf(tree, row.node);
    // What the reader goes to has no need to be opened to.
    shownFor.current = writePlace(next);
    acts.amend({ sel: next });
  }

  function open(row: CallTreeRow): void {
    paths.open(tree, row);
    redraw();
  }

  function close(row: CallTreeRow): void {
    paths.close(row.key);
    redraw();
  }

  function actsOf(node: number): FrameAct[] {
    return frameActs(
      {
        tree,
        node,
        isTime: unit === 'nanoseconds',
        zoom: (to) => acts.go({ show: 'flame', zoom: placeOf(tree, to), sel: placeOf(tree, to) }),
        zoomName: 'Zoom to it in the graph',
      },
      selection,
      acts,
    );
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rows[active];
    if (row === undefined) return;
    const at = (index: number) => select(rows[Math.max(0, Math.min(rows.length - 1, index))]);
    switch (event.key) {
      case 'ArrowDown':
        at(selectedNode === undefined ? 0 : active + 1);
        break;
      case 'ArrowUp':
        at(active - 1);
        break;
      case 'PageDown':
        at(active + PAGE_ROWS);
        break;
      case 'PageUp':
        at(active - PAGE_ROWS);
        break;
      case 'Home':
        at(0);
        break;
      case 'End':
        at(rows.length - 1);
        break;
      case 'ArrowRight':
        if (row.hasChildren && !row.isOpen) open(row);
        else if (row.isOpen) at(active + 1);
        break;
      case 'ArrowLeft':
        if (row.isOpen) close(row);
        else select(rows.slice(0, active).findLast(({ depth }) => depth < row.depth));
        break;
      case '*':
        paths.openAll(tree, row);
        redraw();
        break;
      case 'm':
      case 'ContextMenu': {
        const box = document.getElementById(`${id}-${row.key}`)?.getBoundingClientRect();
        setMenu({
          place: placeOf(tree, row.node),
          at: { xPx: (box?.left ?? 0) + 160, yPx: box?.bottom ?? 0 },
        });
        break;
      }
      default: {
        const act = actsOf(row.node).find(({ key }) => key === event.key);
        if (act === undefined) return;
        act.run();
      }
    }
    event.preventDefault();
    event.stopPropagation();
  }

  const menuNode = menu === null ? undefined : findPlace(tree, menu.place);
  return (
    <div className="flex h-full min-h-0 min-w-0 flex-col">
      <div
        ref={scroller}
        role="treegrid"
        aria-label={props.label}
        aria-rowcount={rows.length}
        aria-activedescendant={rows[active] === undefined ? undefined : `${id}-${rows[active].key}`}
        tabIndex={0}
        className="group min-h-0 flex-1 overflow-auto outline-none focus-visible:outline-2 focus-visible:-outline-offset-2"
        onKeyDown={onKeyDown}
      >
        <div
          role="row"
          className={`sticky top-0 z-10 grid ${COLUMNS} gap-x-2 border-line border-b bg-surface px-3 text-dull text-small`}
        >
          {['total', 'of all', 'self'].map((name) => (
            <div
              key={name}
              role="columnheader"
              className={`text-right ${name === 'total' ? '' : 'max-sm:hidden'}`}
            >
              {name}
            </div>
          ))}
          <div role="columnheader" className="truncate">
            frame · → opens, ← closes, * opens all below, m for more
          </div>
        </div>
        <div className="relative" style={{ height: list.getTotalSize() }}>
          {list.getVirtualItems().map(({ index, start }) => {
            const row = rows[index]!;
            const isSelected = row.node === selectedNode;
            const value = tree.totalValue[row.node]!;
            const self = tree.selfValue[row.node]!;
            const role = roleOf(tree.role[row.node]!);
            const steps = Math.min(row.depth, MAX_INDENT_STEPS);
            return (
              <div
                key={row.key}
                id={`${id}-${row.key}`}
                role="row"
                aria-level={row.depth + 1}
                aria-posinset={row.position}
                aria-setsize={row.siblings}
                aria-selected={isSelected}
                {...(row.hasChildren ? { 'aria-expanded': row.isOpen } : {})}
                className={`absolute grid min-w-full cursor-default ${COLUMNS} items-center gap-x-2 px-3 ${
                  isSelected ? 'bg-accent-soft' : 'hover:bg-sunken'
                } ${index === active ? 'group-focus-visible:outline-1 group-focus-visible:outline-accent' : ''}`}
                style={{ top: start, height: ROW_PX }}
                onClick={() => select(row)}
                onDoubleClick={() => (row.isOpen ? close(row) : open(row))}
                onContextMenu={(event) => {
                  event.preventDefault();
                  select(row);
                  setMenu({
                    place: placeOf(tree, row.node),
                    at: { xPx: event.clientX, yPx: event.clientY },
                  });
                }}
              >
                <div role="gridcell" className="text-right" title={formatExactValue(value, unit)}>
                  {formatValue(value, unit)}
                </div>
                <div role="gridcell" className="relative text-right max-sm:hidden">
                  <span
                    aria-hidden="true"
                    className="absolute inset-y-1 right-0 rounded-[2px] bg-accent-soft"
                    style={{ width: `${all > 0 ? (100 * value) / all : 0}%` }}
                  />
                  <span className="relative">{all > 0 ? formatPercent(value / all) : '–'}</span>
                </div>
                <div
                  role="gridcell"
                  className={`text-right max-sm:hidden ${self === 0 ? 'text-dull' : ''}`}
                  title={formatExactValue(self, unit)}
                >
                  {self === 0 ? '0' : formatValue(self, unit)}
                </div>
                <div
                  role="gridcell"
                  className="flex items-center gap-1.5 whitespace-nowrap"
                  style={{ paddingLeft: steps * INDENT_PX }}
                >
                  {row.depth > MAX_INDENT_STEPS && (
                    <span className="text-dull text-small" title="Depth">
                      +{row.depth - MAX_INDENT_STEPS}
                    </span>
                  )}
                  <button
                    type="button"
                    tabIndex={-1}
                    aria-hidden="true"
                    className={`h-5 w-4 flex-none text-dull ${row.hasChildren ? '' : 'invisible'}`}
                    onClick={(event) => {
                      event.stopPropagation();
                      if (row.isOpen) close(row);
                      else open(row);
                    }}
                  >
                    {row.isOpen ? '▾' : '▸'}
                  </button>
                  <span aria-hidden="true" className="h-3 w-3 flex-none" style={swatchStyle(theme, role)} />
                  <span
                    className={`font-mono text-small ${role === 'separator' ? 'text-dull' : ''} ${
                      matched?.[row.node] === 1 ? 'underline decoration-2 decoration-accent' : ''
                    }`}
                  >
                    {shownName({ label: tree.labels[tree.label[row.node]!]!, role }, selection) ||
                      '(no name)'}
                  </span>
                  <span className="sr-only">, {ROLE_WORDS[role]}</span>
                </div>
              </div>
            );
          })}
        </div>
      </div>
      {rows.length === MAX_ROWS && (
        <p className="px-3 text-dull text-small">
          The first {MAX_ROWS.toLocaleString('en-GB')} rows are listed; close some to see others.
        </p>
      )}
      {menu !== null && menuNode !== undefined && (
        <FrameMenu
          title={tree.labels[tree.label[menuNode]!]!}
          at={menu.at}
          acts={actsOf(menuNode)}
          more={props.more}
          onClose={() => setMenu(null)}
        />
      )}
    </div>
  );
}
