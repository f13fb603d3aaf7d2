'use client';
/**
 * Owns the flame graph of a host page with all that steers it: view, kinds, states, search, zoom, and the details and
 * totals beside it. Where there is no graph it says why.
 */
import { FlameGraph, formatNs, formatPercent, Legend } from '@stallscope/charts';
import { type FlameTree, KINDS, type Role, type State, VIEWS, type View } from '@stallscope/profile';
import { Tabs } from 'radix-ui';
import { type ReactElement, type ReactNode, type RefObject, useMemo, useState } from 'react';
import { useTheme } from '../controls/theme';
import type { LiveView } from '../live/live-store';
import { findPlace, type Place, placeLabel, placeOf } from '../selection/place';
import { MAX_SEARCH_CHARS, readSearch, type Selection, toQuery } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { KIND_WORDS, STATE_WORDS, VIEW_WORDS } from '../words/view-help';
import { FootLine } from './foot-line';
import { FrameDetails } from './frame-details';

export interface GraphPanelProps {
  view: LiveView | null;
  selection: Selection;
  acts: SelectionActs;
  hostName: string;
  /** Why there is no view yet; the panel's words until there is one. */
  waitingFor: ReactNode;
  searchBox: RefObject<HTMLInputElement | null>;
}

/** States that can be asked for by a click; any other is said in the URL. */
const STATE_CHIPS: readonly State[] = ['S', 'D', 'T', 'I'];

const TARGET_ROLES: readonly Role[] = ['comm', 'user', 'kernel'];
const WAKER_ROLES: readonly Role[] = ['waker-kernel', 'waker-user', 'waker-comm'];
const VIEW_ROLES: Readonly<Record<View, readonly Role[]>> = {
  'off-cpu': [...TARGET_ROLES, 'separator', 'marker'],
  wakeup: ['waker-comm', 'waker-user', 'waker-kernel', 'comm', 'separator', 'marker'],
  'off-wake': [...TARGET_ROLES, ...WAKER_ROLES, 'separator', 'marker'],
  chain: [...TARGET_ROLES, ...WAKER_ROLES, 'separator', 'marker'],
};

export function GraphPanel(props: GraphPanelProps): ReactElement {
  const { view, selection, acts, searchBox } = props;
  const theme = useTheme();
  const query = toQuery(selection);
  return (
    <Tabs.Root
      value={selection.view}
      onValueChange={(value) => acts.toView(value as View)}
      className="panel flex min-w-0 flex-col"
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1.5 border-line border-b px-2 pt-1.5 pb-1.5 sm:px-3">
        <Tabs.List aria-label="View" className="-mb-[7px] flex self-end">
          {VIEWS.map((name) => (
            <Tabs.Trigger
              key={name}
              value={name}
              title={`${VIEW_WORDS[name].help} (key ${VIEW_WORDS[name].key})`}
              className="border-transparent border-b-2 px-2.5 pt-1 pb-1.5 font-semibold text-dull hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink"
            >
              {VIEW_WORDS[name].name}
            </Tabs.Trigger>
          ))}
        </Tabs.List>
        <div className="row-of-controls sm:gap-x-4">
          <Kinds selection={selection} acts={acts} />
          <States selection={selection} acts={acts} />
        </div>
        <SearchBox view={view} selection={selection} acts={acts} box={searchBox} />
      </div>
      <Tabs.Content value={selection.view} tabIndex={-1} className="flex min-w-0 flex-col outline-none">
        <div className="flex flex-wrap items-center justify-between gap-x-4 px-3 py-1.5 max-sm:hidden">
          <p className="text-dull">{VIEW_WORDS[selection.view].help}</p>
          <button
            type="button"
            className="text-dull hover:text-ink hover:underline"
            onClick={() => acts.amend({ root: selection.root === 'top' ? 'bottom' : 'top' })}
          >
            root at {selection.root}
          </button>
        </div>
        <Graph {...props} />
        <div className="border-line border-t px-3 py-1">
          <Legend
            theme={theme}
            roles={
              query.kinds.length === 1 && query.kinds[0] === 'blocked' && selection.view === 'off-cpu'
                ? VIEW_ROLES['off-cpu'].filter((role) => role !== 'marker')
                : VIEW_ROLES[selection.view]
            }
            hasUnnamed
            hasMatches={selection.q !== ''}
          />
        </div>
        {view !== null && view.tree !== null && (
          <FootLine totals={view.totals} coveredMs={view.shown.coveredMs} />
        )}
      </Tabs.Content>
    </Tabs.Root>
  );
}

function Graph({ view, selection, acts, hostName, waitingFor }: GraphPanelProps): ReactElement {
  const theme = useTheme();
  const [hovered, setHovered] = useState<{ tree: FlameTree; node: number } | null>(null);
  const tree = view?.tree ?? null;
  const zoomNode = usePlace(tree, selection.zoom);
  const selectedNode = usePlace(tree, selection.sel);
  const frame = 'h-[clamp(20rem,54vh,64rem)]';

  if (view === null || tree === null) return <Words frame={frame}>{waitingFor}</Words>;
  if (view.shown.windows === 0) {
    return (
      <Words frame={frame}>
        <p>No windows of this host in this span.</p>
        <button
          type="button"
          className="control"
          onClick={() => acts.go({ from: null, to: null, at: null, span: '30s' })}
        >
          Follow the newest
        </button>
      </Words>
    );
  }
  if (tree.totalValue[0] === 0) return <Words frame={frame}>{nothingWaited(view, selection, acts)}</Words>;
  if (zoomNode === undefined && selection.zoom !== null) {
    return (
      <Words frame={frame}>
        <p>
          No waits here in this span: nothing took the path to{' '}
          <code className="break-all font-mono">{placeLabel(selection.zoom)}</code>. The zoom is kept, and
          shows what comes.
        </p>
        <button type="button" className="control" onClick={() => acts.go({ zoom: null })}>
          Show all
        </button>
      </Words>
    );
  }

  const hoveredNode = hovered === null ? null : hovered.tree === tree ? hovered.node : null;
  const detailNode = hoveredNode ?? selectedNode ?? zoomNode ?? 0;
  const why =
    hoveredNode !== null
      ? 'under the pointer'
      : selectedNode !== undefined
        ? 'selected'
        : zoomNode !== undefined
          ? 'zoomed into'
          : 'point at a frame for its own';
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] xl:grid-cols-[minmax(0,1fr)_20rem]">
      <div className={`min-w-0 ${frame}`}>
        <FlameGraph
          tree={tree}
          zoomNode={zoomNode ?? 0}
          selectedNode={selectedNode ?? null}
          matched={view.matched ?? undefined}
          theme={theme}
          rootAt={selection.root}
          ariaLabel={`${VIEW_WORDS[selection.view].name} flame graph of ${hostName}`}
          onHover={(node) => setHovered(node === null ? null : { tree, node })}
          onSelect={(node) => acts.amend({ sel: node === null || node === 0 ? null : placeOf(tree, node) })}
          onZoom={(node) => acts.go({ zoom: node === 0 ? null : placeOf(tree, node) })}
        />
      </div>
      <div className="flex h-72 min-w-0 border-line border-t xl:h-[clamp(20rem,54vh,64rem)] xl:border-t-0 xl:border-l">
        <FrameDetails tree={tree} node={detailNode} why={why} />
      </div>
    </div>
  );
}

/** The node of a place in this tree; undefined without a place, or where the tree has no such path. */
function usePlace(tree: FlameTree | null, place: Place | null): number | undefined {
  return useMemo(() => (tree === null || place === null ? undefined : findPlace(tree, place)), [tree, place]);
}

function nothingWaited(view: LiveView, selection: Selection, acts: SelectionActs): ReactNode {
  const isNarrowed =
    selection.p !== null ||
    selection.t !== null ||
    selection.states !== null ||
    selection.kinds.length < KINDS.length;
  return (
    <>
      <p>
        Nothing waited {isNarrowed ? 'that the filters keep ' : ''}in this span of{' '}
        {formatNs(view.shown.coveredMs * 1e6)}. A wait is counted when it ends; those that still last are
        under “Waiting now”.
      </p>
      {isNarrowed && (
        <button
          type="button"
          className="control"
          onClick={() =>
            acts.go({ p: null, t: null, states: null, kinds: ['blocked'], zoom: null, sel: null })
          }
        >
          Remove the filters
        </button>
      )}
    </>
  );
}

function Words({ frame, children }: { frame: string; children: ReactNode }): ReactElement {
  return (
    <div
      role="status"
      aria-label="Graph"
      className={`flex flex-col items-center justify-center gap-3 px-6 text-center text-lead ${frame}`}
    >
      {children}
    </div>
  );
}

function Kinds({ selection, acts }: { selection: Selection; acts: SelectionActs }): ReactElement {
  const { kinds } = toQuery(selection);
  const isWakeup = selection.view === 'wakeup';
  return (
    <fieldset className="flex items-center gap-1.5 sm:flex-wrap" aria-label="Kinds">
      {KINDS.map((kind) => {
        const isOn = isWakeup ? kind === 'blocked' : kinds.includes(kind);
        return (
          <button
            key={kind}
            type="button"
            className="control h-6 disabled:opacity-50"
            aria-pressed={isOn}
            disabled={isWakeup && kind !== 'blocked'}
            title={
              isWakeup && kind !== 'blocked' ? 'A waker ends blocks, nothing else' : KIND_WORDS[kind].help
            }
            onClick={() => {
              const next = isOn
                ? kinds.filter((other) => other !== kind)
                : KINDS.filter((other) => other === kind || kinds.includes(other));
              if (next.length > 0) acts.go({ kinds: next });
            }}
          >
            <span
              aria-hidden="true"
              className="h-2.5 w-2.5 rounded-[2px]"
              style={{ background: KIND_WORDS[kind].colour }}
            />
            {KIND_WORDS[kind].name}
          </button>
        );
      })}
    </fieldset>
  );
}

function States({ selection, acts }: { selection: Selection; acts: SelectionActs }): ReactElement {
  const chosen = selection.states ?? [];
  return (
    <fieldset className="flex items-center gap-1" aria-label="Task states">
      <span className="text-dull text-small">state</span>
      {STATE_CHIPS.map((state) => {
        const isOn = chosen.includes(state);
        return (
          <button
            key={state}
            type="button"
            className="control h-6 w-7 justify-center font-mono"
            aria-pressed={isOn}
            aria-label={`State ${state}: ${STATE_WORDS[state]}`}
            title={`${state}: ${STATE_WORDS[state]}${chosen.length === 0 ? ' (all are shown)' : ''}`}
            onClick={() => {
              const next = isOn ? chosen.filter((other) => other !== state) : [...chosen, state];
              acts.go({ states: next.length === 0 ? null : next });
            }}
          >
            {state}
          </button>
        );
      })}
    </fieldset>
  );
}

function SearchBox({
  view,
  selection,
  acts,
  box,
}: {
  view: LiveView | null;
  selection: Selection;
  acts: SelectionActs;
  box: RefObject<HTMLInputElement | null>;
}): ReactElement {
  const search = readSearch(selection.q);
  const totalValue = view?.tree?.totalValue[0] ?? 0;
  const isAnswered = view !== null && search.ok && view.selection.search === search.pattern;
  return (
    <search className="ml-auto flex min-w-0 flex-wrap items-center gap-2 max-sm:w-full">
      <output
        aria-label="Matched share"
        className={`max-w-48 truncate ${search.ok ? 'text-dull' : 'text-bad'}`}
        title={search.ok ? undefined : `Not a regular expression: ${search.reason}`}
      >
        {!search.ok
          ? `invalid: ${search.reason}`
          : search.pattern === null || !isAnswered || totalValue === 0
            ? ''
            : `${formatPercent(view.matchedValue / totalValue)} matched`}
      </output>
      <input
        ref={box}
        type="search"
        className="control w-56 min-w-0 max-w-full font-mono max-sm:flex-1"
        aria-label="Search frames"
        aria-invalid={!search.ok}
        placeholder="/ regular expression"
        title="Frames whose name matches this regular expression are marked; case counts"
        spellCheck={false}
        autoComplete="off"
        maxLength={MAX_SEARCH_CHARS}
        value={selection.q}
        onChange={(event) => acts.amend({ q: event.target.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.preventDefault();
          event.stopPropagation();
          if (selection.q === '') event.currentTarget.blur();
          else acts.amend({ q: '' });
        }}
      />
    </search>
  );
}
