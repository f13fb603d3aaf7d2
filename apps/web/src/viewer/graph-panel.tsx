'use client';
/**
 * Owns the panel of the graph with all that steers it: view, kinds, states, search, shape; what it shows (graph, functions,
 * sandwich, call tree), the details and the totals beside it, and the keys. Where there is no graph it says why.
 */
import {
  codeKindsIn,
  formatNs,
  formatPercent,
  formatValue,
  Legend,
  OwnerLegend,
  type Tone,
} from '@stallscope/charts';
import { isOfWaits, isWaitView, KINDS, type State, type View } from '@stallscope/profile';
import { Tabs } from 'radix-ui';
import {
  memo,
  type ReactElement,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useTheme } from '../controls/theme';
import type { BaseWays } from '../difference/base-ways';
import { DifferencePanel } from '../difference/difference-panel';
import type { PlaceDetails } from '../live/beside-graph';
import type { RegionTotals } from '../live/live-messages';
import { ROLES_OF_VIEW } from '../selection/carry-place';
import { placeLabel } from '../selection/place';
import {
  MAX_SEARCH_CHARS,
  readSearch,
  type Selection,
  SHOWS,
  type Show,
  toQuery,
  toRegion,
  toWants,
} from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { withWho } from '../selection/who-choice';
import { type ColouredOwners, useOwnerColours } from '../who/use-owner-colours';
import { WhoControls } from '../who/who-controls';
import { WHO_WORDS } from '../who/who-words';
import { SHOW_WORDS } from '../words/shape-words';
import { KIND_WORDS, STATE_WORDS, VIEW_TABS, VIEW_WORDS } from '../words/view-help';
import { CallTree } from './call-tree';
import { Flame, usePlace } from './flame';
import { FootLine } from './foot-line';
import type { FrameAct } from './frame-acts';
import { detailsOf, FrameDetails } from './frame-details';
import { FunctionTableView } from './function-table';
import type { GraphView } from './graph-view';
import { hiddenValue } from './hidden-noise';
import { useKeys } from './keys';
import { NoiseMenu, toggleNoise } from './noise-menu';
import { SandwichView } from './sandwich';
import { ShapeBar, toggleFlow, toggleNames, toShow } from './shape-bar';
import { stepOut } from './step-out';

export interface GraphPanelProps {
  view: GraphView | null;
  selection: Selection;
  acts: SelectionActs;
  /** Whose waits: a host's name, or a still's. */
  title: string;
  /** Why there is no view yet; the panel's words until there is one. */
  waitingFor: ReactNode;
  /** Where the base of a difference may come from, beside the page's own data. */
  ways?: BaseWays | undefined;
  /** Makes the next drag in the time strip choose the base. */
  onPickBaseTime?: (() => void) | undefined;
  /** In the place of views, kinds and states, for a profile from elsewhere, which has none. */
  lead?: ReactNode;
}

/** States that can be asked for by a click; any other is said in the URL. */
const STATE_CHIPS: readonly State[] = ['S', 'D', 'T', 'I'];

export function GraphPanel(props: GraphPanelProps): ReactElement {
  const { view, selection, acts } = props;
  const theme = useTheme();
  const query = toQuery(selection);
  const panel = useRef<HTMLDivElement>(null);
  const [isNoiseOpen, setNoiseOpen] = useState(false);
  const isOfWaits = props.lead === undefined;
  useFocusOfShown(panel, selection.show);

  const focusOn = (label: string): void =>
    panel.current?.querySelector<HTMLElement>(`:is(input, select)[aria-label="${label}"]`)?.focus();
  const onStepOut = (): void => stepOut(selection, acts);
  const onNoise = (): void => setNoiseOpen(true);
  const onView = useCallback((value: string) => acts.toView(value as View), [acts]);
  useKeys(
    {
      '/': () => focusOn('Search frames'),
      h: () => focusOn('Hide frames'),
      ...(isOfWaits ? { u: () => focusOn('Group by'), k: () => focusOn('Colour by') } : {}),
      Escape: onStepOut,
      i: () => toggleFlow(selection, acts),
      r: () => acts.reshape({ rec: !selection.rec }),
      a: () => toggleNames(selection, acts),
      b: () => acts.amend({ root: selection.root === 'top' ? 'bottom' : 'top' }),
      n: () => acts.go({ noise: toggleNoise(selection.noise) }),
      N: onNoise,
      ...Object.fromEntries(SHOWS.map((show) => [SHOW_WORDS[show].key, () => toShow(selection, acts, show)])),
      ...(isOfWaits
        ? Object.fromEntries(VIEW_TABS.map((name, index) => [index + 1, () => acts.toView(name)]))
        : {}),
    },
    'panel',
  );

  const noise = (
    <NoiseMenu
      noise={view?.noise ?? []}
      allValue={(view?.tree?.totalValue[0] ?? 0) + hiddenValue(view?.noise ?? [])}
      unit={view?.unit ?? 'nanoseconds'}
      selection={selection}
      acts={acts}
      isOpen={isNoiseOpen}
      onOpenChange={setNoiseOpen}
    />
  );
  const tone = toneOf(selection, isOfWaits);
  const colours = useOwnerColours(view);
  const tree = view?.tree ?? null;
  // Graphs of waits have one blue for all of them; tooltip and details tell them apart there too.
  const codes = useMemo(
    () => (tone === 'cpu' && tree !== null ? codeKindsIn(tree) : undefined),
    [tone, tree],
  );
  const isOneKind = query.kinds.length === 1 && query.kinds[0] === 'blocked' && selection.view === 'off-cpu';
  const isGrouped = selection.by !== null;
  // One list for as long as it says the same, so that the legend is not drawn with every window.
  const legendRoles = useMemo(
    () => [
      ...(isGrouped ? (['group'] as const) : []),
      ...(isOneKind ? UNMARKED_ROLES : ROLES_OF_VIEW[selection.view]),
    ],
    [isGrouped, isOneKind, selection.view],
  );
  return (
    <Tabs.Root
      ref={panel}
      value={selection.view}
      onValueChange={onView}
      className="panel flex min-w-0 flex-col"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-line border-b px-2 pt-1.5 pb-1.5 sm:px-3 xl:gap-x-4">
        {isOfWaits ? (
          <>
            <ViewTabs />
            {isWaitView(selection.view) && (
              <div className="row-of-controls sm:gap-x-3 xl:gap-x-4">
                <Kinds selection={selection} acts={acts} />
                <States selection={selection} acts={acts} />
              </div>
            )}
          </>
        ) : (
          props.lead
        )}
        <SearchBox matched={matchedWords(view, selection)} selection={selection} acts={acts} />
      </div>
      <Tabs.Content value={selection.view} tabIndex={-1} className="flex min-w-0 flex-col outline-none">
        <ShapeBar
          selection={selection}
          acts={acts}
          noise={noise}
          who={isOfWaits && <WhoControls view={view} selection={selection} acts={acts} />}
        />
        <Body {...props} colours={colours} />
        {selection.show !== 'diff' && (
          <div className="border-line border-t px-3 py-1">
            {colours !== undefined && (
              <OwnerLegend
                theme={theme}
                name={WHO_WORDS[colours.key].name}
                plural={WHO_WORDS[colours.key].plural}
                listed={colours.listed}
                rest={colours.rest}
                totalValue={tree?.totalValue[0] ?? 0}
                onChoose={(name) => acts.reshape({ who: withWho(selection.who, colours.key, name) })}
              />
            )}
            <Legend
              theme={theme}
              tone={tone}
              roles={legendRoles}
              codes={codes}
              isOwned={colours !== undefined}
              hasUnnamed
              hasMatches={selection.q !== ''}
            />
          </div>
        )}
        {view !== null && view.tree !== null && isOfWaits && (
          <FootLine
            view={selection.view}
            totals={view.totals}
            coveredMs={view.totals.region?.countedMs ?? view.shown.slicesMs ?? view.shown.coveredMs}
            spanMs={view.shown.coveredMs}
            drawnNs={view.tree.totalValue[0]!}
            noise={view.noise}
            choices={selection.noise}
          />
        )}
      </Tabs.Content>
    </Tabs.Root>
  );
}

/** Of a graph of blocked time alone. */
const UNMARKED_ROLES = ROLES_OF_VIEW['off-cpu'].filter((role) => role !== 'marker');

const ViewTabs = memo(function ViewTabs(): ReactElement {
  return (
    <Tabs.List aria-label="View" className="-mb-[7px] flex self-end">
      {VIEW_TABS.map((name) => (
        <Tabs.Trigger
          key={name}
          value={name}
          title={`${VIEW_WORDS[name].help} (key ${VIEW_WORDS[name].key})`}
          className="whitespace-nowrap border-transparent border-b-2 px-2 pt-1 pb-1.5 max-sm:px-1 max-sm:text-small xl:px-2.5 font-semibold text-dull hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink"
        >
          {VIEW_WORDS[name].name}
        </Tabs.Trigger>
      ))}
    </Tabs.List>
  );
});

/** What takes the keys of each. */
const KEYBOARD_OF: Readonly<Record<Show, string>> = {
  flame: '[role="tree"]',
  table: '[role="grid"]',
  sandwich: '[role="grid"]',
  tree: '[role="treegrid"]',
  diff: '[role="tree"]',
};

/** Who changes what is shown by key goes on by key there: what had the focus is gone. */
function useFocusOfShown(panel: RefObject<HTMLDivElement | null>, show: Show): void {
  const had = useRef(show);
  // Without a list of what it depends on: the table comes only when its functions have.
  useEffect(() => {
    if (had.current === show) return;
    if (document.activeElement !== document.body) {
      had.current = show;
      return;
    }
    const shown = panel.current?.querySelector<HTMLElement>(KEYBOARD_OF[show]);
    if (shown == null) return;
    had.current = show;
    shown.focus();
  });
}

/** Its height is that of its main part: the others scroll within it. */
const FRAME = 'h-[clamp(20rem,54vh,64rem)]';
const FRAME_BESIDE = 'lg:h-[clamp(20rem,54vh,64rem)]';

function Body(props: GraphPanelProps & { colours: ColouredOwners | undefined }): ReactElement {
  const { view, selection, acts, title, waitingFor, lead, ways, onPickBaseTime, colours } = props;
  const tree = view?.tree ?? null;
  const isSandwich = selection.show === 'sandwich';
  const half = isSandwich && view?.sandwich != null ? view.sandwich[selection.half].tree : null;
  const detailTree = isSandwich && selection.fn !== null ? half : tree;
  const zoomNode = usePlace(detailTree, selection.zoom);
  const selectedNode = usePlace(detailTree, selection.sel);

  if (view === null || tree === null) return <Words>{waitingFor}</Words>;
  // One side may be empty, and which paths there are is for both to say.
  if (selection.show === 'diff')
    return (
      <DifferencePanel
        view={view}
        selection={selection}
        acts={acts}
        title={title}
        ways={ways}
        onPickTime={onPickBaseTime}
      />
    );
  if (view.shown.windows === 0 && lead === undefined) {
    return (
      <Words>
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
  if (tree.totalValue[0] === 0) return <Words>{nothingWaited(view, selection, acts)}</Words>;
  if (zoomNode === undefined && selection.zoom !== null && !isSandwich) {
    const hidden = view.hiddenOfZoom ?? 0;
    if (hidden > 0) {
      return (
        <Words>
          <p>
            All that waited in <code className="break-all font-mono">{placeLabel(selection.zoom)}</code> was
            idle: {formatValue(hidden, view.unit)} that the presets hide.
          </p>
          <div className="flex flex-wrap justify-center gap-2">
            <ShowIdle {...props} />
            <button type="button" className="control" onClick={() => acts.go({ zoom: null })}>
              Show all that is not idle
            </button>
          </div>
        </Words>
      );
    }
    return (
      <Words>
        <p>
          {isWaitView(selection.view) ? 'No waits' : 'Nothing'} here in this span: nothing took the path to{' '}
          <code className="break-all font-mono">{placeLabel(selection.zoom)}</code>. The zoom is kept, and
          shows what comes.
        </p>
        <button type="button" className="control" onClick={() => acts.go({ zoom: null })}>
          Show all
        </button>
      </Words>
    );
  }

  const details = detailsOf(view.details, toWants(selection).details);
  const more = wakerActs(details, acts);
  const table = (onChoose: 'only' | 'fn') => (
    <FunctionTableView
      view={view}
      selection={selection}
      acts={acts}
      chosen={selection[onChoose]}
      help={onChoose === 'only' ? 'keeps the paths through it' : 'shows its callers and callees'}
      onChoose={(fn) => (onChoose === 'only' ? acts.go({ only: fn }) : acts.reshape({ fn, half: 'callees' }))}
      className="h-64 border-line border-b lg:h-full lg:w-(--table-width) lg:max-w-[60%] lg:flex-none lg:border-r lg:border-b-0"
    />
  );
  const graph = (
    <Flame
      tree={tree}
      unit={view.unit}
      matched={view.matched ?? undefined}
      owners={colours?.graph}
      zoom={selection.zoom}
      sel={selection.sel}
      rootAt={selection.root}
      tone={toneOf(selection, lead === undefined)}
      ariaLabel={`${lead === undefined ? VIEW_WORDS[selection.view].name : selection.flow} flame graph of ${title}`}
      selection={selection}
      acts={acts}
      toSelect={(sel) => ({ sel })}
      toZoom={(zoom) => ({ zoom })}
      more={more}
      {...(selection.show === 'flame' ? { ariaDetails: AS_ROWS_ID } : {})}
    />
  );
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] border-line border-t xl:grid-cols-[minmax(0,1fr)_21rem]">
      {selection.show === 'flame' && (
        <div className={`relative min-w-0 ${FRAME}`}>
          <button
            type="button"
            id={AS_ROWS_ID}
            className="sr-only focus:not-sr-only focus:absolute! focus:top-1 focus:left-1 focus:z-20 focus:rounded-chip focus:border focus:border-accent focus:bg-raised focus:px-2!"
            onClick={() => acts.go({ show: 'tree' })}
          >
            Read the graph as a tree of rows
          </button>
          {graph}
        </div>
      )}
      {selection.show === 'table' && (
        <div className={`min-w-0 ${FRAME_BESIDE} lg:flex`}>
          {table('only')}
          <div className={`min-w-0 flex-1 ${FRAME}`}>{graph}</div>
        </div>
      )}
      {isSandwich && (
        <div className={`min-w-0 ${FRAME_BESIDE} lg:flex`}>
          {table('fn')}
          <div className={`min-w-0 flex-1 ${FRAME}`}>
            <SandwichView
              view={view}
              selection={selection}
              acts={acts}
              title={title}
              more={more}
              colours={colours}
            />
          </div>
        </div>
      )}
      {selection.show === 'tree' && (
        <div className={`min-w-0 ${FRAME}`}>
          <CallTree
            tree={tree}
            unit={view.unit}
            matched={view.matched}
            selection={selection}
            acts={acts}
            label={`Call tree of ${title}`}
            more={more}
          />
        </div>
      )}
      <div className="flex h-72 min-w-0 border-line border-t xl:h-[clamp(20rem,54vh,64rem)] xl:border-t-0 xl:border-l">
        {detailTree !== null && (
          <FrameDetails
            tree={detailTree}
            node={selectedNode ?? zoomNode ?? 0}
            unit={view.unit}
            why={
              selectedNode !== undefined
                ? 'selected'
                : zoomNode !== undefined
                  ? 'zoomed into'
                  : 'click a frame for its own'
            }
            details={details?.details ?? null}
            sampleDetails={detailsOf(view.sampleDetails, toWants(selection).details)?.details ?? null}
            wakerLevel={details?.wakerLevel ?? 0}
            waitView={lead === undefined ? selection.view : null}
            hostId={lead === undefined ? selection.host : null}
            hints={view.totals.hints}
            acts={acts}
            who={selection.who}
            onSelect={(sel) => acts.amend({ sel })}
          />
        )}
      </div>
    </div>
  );
}

/** Ways from the wakers of the selected frame to their own graphs. */
function wakerActs(answered: PlaceDetails | null, acts: SelectionActs): FrameAct[] {
  return (answered?.details.wakers ?? [])
    .filter(({ isInterrupt }) => !isInterrupt)
    .slice(0, MAX_WAKERS_IN_MENU)
    .map(({ comm, tgid, tid }) => ({
      key: '',
      name: `What its waker ${comm || '(no name)'} ${tid} waits for`,
      run: () => acts.toOwnWaits(tgid, tid),
    }));
}

const MAX_WAKERS_IN_MENU = 3;
/** What tells all that the canvas does: the way to it is before the graph. */
const AS_ROWS_ID = 'graph-as-rows';

function nothingWaited(view: GraphView, selection: Selection, acts: SelectionActs): ReactNode {
  const hidden = hiddenValue(view.noise);
  if (hidden > 0) {
    return (
      <>
        <p>
          All that waited here was idle: {formatValue(hidden, view.unit)} that the presets hide, and nothing
          else.
        </p>
        <ShowIdle selection={selection} acts={acts} />
      </>
    );
  }
  const through = selection.only ?? selection.focus;
  if (through !== null) {
    return (
      <>
        <p>
          No path goes through <code className="break-all font-mono">{through.label}</code> in this span. It
          is kept, and shows what comes.
        </p>
        <button type="button" className="control" onClick={() => acts.reshape({ only: null, focus: null })}>
          Show all paths
        </button>
      </>
    );
  }
  if (view.totals.region !== null && view.samples === null)
    return nothingInRegion(view.totals.region, selection, acts);
  if (view.samples === null && selection.view === 'wall') return nothingLived(selection, acts);
  if (view.samples === null && selection.view === 'cpu') return nothingRan(view, selection, acts);
  const isOfSome = selection.p !== null || selection.t !== null || selection.states !== null;
  const isNarrowed = isOfSome || selection.kinds.length < KINDS.length;
  return (
    <>
      {/* A profile from elsewhere has neither waits nor a span, and kinds do not filter it. */}
      {view.samples !== null ? (
        <p>
          {view.samples.allSamples === 0 ? 'This profile has no samples.' : 'Nothing of it is counted here.'}
        </p>
      ) : (
        <p>
          Nothing waited {isNarrowed ? 'that the filters keep ' : ''}in this span of{' '}
          {formatNs(view.shown.coveredMs * 1e6)}. A wait is counted when it ends; those that still last are
          under “Waiting now”.
        </p>
      )}
      {(isOfSome || (view.samples === null && !selection.kinds.includes('blocked'))) && (
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

/** Of a region of a heatmap: it has nothing, its windows did not count it, or this view is of other waits. */
function nothingInRegion(region: RegionTotals, selection: Selection, acts: SelectionActs): ReactNode {
  const { isOfWaits, count, windows, countedWindows } = region;
  const isOfOtherKind =
    isOfWaits && selection.view === 'wakeup' && !toQuery(selection).kinds.includes('blocked');
  return (
    <>
      <p>
        {isOfOtherKind
          ? 'A waker ends blocks; waits for a CPU, of which the region is, have none.'
          : countedWindows === 0
            ? `None of the ${windows.toLocaleString('en-GB')} windows of this span counted such lengths for all of its time.`
            : count === 0
              ? 'Nothing in this region of the heatmap in this span. It is kept, and shows what comes.'
              : isOfWaits
                ? `${count.toLocaleString('en-GB')} waits of this region were counted, and the stacks of none of them were sampled: shorter ones are by chance.`
                : 'The threads of this region had nothing that this view shows, in the windows they were in it.'}
      </p>
      {isOfOtherKind ? (
        <button type="button" className="control" onClick={() => acts.toView('off-cpu')}>
          Off-CPU
        </button>
      ) : (
        <button
          type="button"
          className="control"
          onClick={() => acts.go({ lat: null, op: null, on: null, from: null, to: null })}
        >
          Show all that the heatmap has
        </button>
      )}
    </>
  );
}

function nothingLived(selection: Selection, acts: SelectionActs): ReactNode {
  const isOfSome = selection.p !== null || selection.t !== null || selection.states !== null;
  return (
    <>
      <p>
        {isOfSome
          ? 'No thread that the filters keep lived in this span.'
          : 'What threads were at in each instant is not known of this span.'}
      </p>
      {!isOfSome && <p className="text-base text-dull">Recordings of earlier versions do not have it.</p>}
      {isOfSome && (
        <button
          type="button"
          className="control"
          onClick={() => acts.go({ p: null, t: null, states: null, zoom: null, sel: null })}
        >
          Remove the filters
        </button>
      )}
    </>
  );
}

function nothingRan(view: GraphView, selection: Selection, acts: SelectionActs): ReactNode {
  if (view.totals.cpuPeriodNs === 0) {
    return (
      <>
        <p>CPUs were not sampled in this span, so what ran is not known.</p>
        <p className="text-base text-dull">
          An agent samples unless it is started with <code className="font-mono">--hz 0</code> or its kernel
          refuses perf events; recordings of earlier versions have no samples.
        </p>
      </>
    );
  }
  const isOfSome = selection.p !== null || selection.t !== null || selection.who.length > 0;
  if (view.shown.slicesMs !== null) {
    return (
      <>
        <p>
          {view.shown.slicesMs === 0
            ? 'No window is held of the chosen stretch of CPU samples.'
            : `No sample found ${isOfSome ? 'what the filters keep' : 'a thread'} on a CPU in the chosen stretch of ${formatNs(view.shown.slicesMs * 1e6)}.`}
        </p>
        <button type="button" className="control" onClick={() => acts.go({ slices: null })}>
          Show the samples of the whole span
        </button>
      </>
    );
  }
  return (
    <>
      <p>
        No sample found {isOfSome ? 'what the filters keep' : 'a thread'} on a CPU in this span of{' '}
        {formatNs(view.shown.coveredMs * 1e6)}.
      </p>
      {isOfSome && (
        <button
          type="button"
          className="control"
          onClick={() => acts.go({ p: null, t: null, who: [], zoom: null, sel: null })}
        >
          Remove the filters
        </button>
      )}
    </>
  );
}

/** Warm for what ran, as readers of flame graphs know it; blue for waits. A profile from elsewhere keeps the latter. */
function toneOf(selection: Selection, isOfWaits: boolean): Tone {
  return isOfWaits && selection.view === 'cpu' ? 'cpu' : 'waits';
}

function ShowIdle({ selection, acts }: OfSelection): ReactElement {
  return (
    <button
      type="button"
      className="control"
      onClick={() => acts.go({ noise: toggleNoise(selection.noise) })}
    >
      Show idle waits
    </button>
  );
}

function Words({ children }: { children: ReactNode }): ReactElement {
  return (
    <div
      role="status"
      aria-label="Graph"
      className={`flex flex-col items-center justify-center gap-3 px-6 border-line border-t text-center text-lead ${FRAME}`}
    >
      {children}
    </div>
  );
}

interface OfSelection {
  selection: Selection;
  acts: SelectionActs;
}

/** What follows is of the selection alone, which changes less often than what it selects. */
const Kinds = memo(function Kinds({ selection, acts }: OfSelection): ReactElement {
  const { kinds } = toQuery(selection);
  const isWakeup = selection.view === 'wakeup';
  const region = toRegion(selection);
  const isOfRegion = region !== undefined && isOfWaits(region, selection.view);
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
            disabled={isOfRegion || (isWakeup && kind !== 'blocked')}
            title={
              isOfRegion
                ? 'The region of the heatmap is of these kinds of waits'
                : isWakeup && kind !== 'blocked'
                  ? 'A waker ends blocks, nothing else'
                  : KIND_WORDS[kind].help
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
});

const States = memo(function States({ selection, acts }: OfSelection): ReactElement {
  const chosen = selection.states ?? [];
  return (
    <fieldset className="flex items-center gap-1" aria-label="Task states">
      <span className="text-dull text-small sm:max-xl:hidden">state</span>
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
});

/** Empty where there is no search, or its answer has not come. */
function matchedWords(view: GraphView | null, selection: Selection): string {
  const search = readSearch(selection.q);
  const totalValue = view?.tree?.totalValue[0] ?? 0;
  if (view === null || !search.ok || search.pattern === null || totalValue === 0) return '';
  if (view.selection.search !== search.pattern) return '';
  return `${formatPercent(view.matchedValue / totalValue)} matched`;
}

const SearchBox = memo(function SearchBox({
  matched,
  selection,
  acts,
}: OfSelection & { matched: string }): ReactElement {
  const search = readSearch(selection.q);
  return (
    <search className="ml-auto flex min-w-0 flex-1 items-center justify-end gap-2 max-sm:w-full max-sm:flex-auto max-sm:flex-wrap sm:min-w-40">
      <output
        aria-label="Matched share"
        className={`min-w-0 max-w-48 truncate ${search.ok ? 'text-dull' : 'text-bad'}`}
        title={search.ok ? undefined : `Not a regular expression: ${search.reason}`}
      >
        {search.ok ? matched : `invalid: ${search.reason}`}
      </output>
      <input
        type="search"
        className="control min-w-24 max-w-56 flex-1 font-mono max-sm:max-w-full"
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
          // The keys of the page are wanted next, not more letters.
          if (event.key === 'Enter') event.currentTarget.blur();
          if (event.key !== 'Escape') return;
          event.preventDefault();
          event.stopPropagation();
          if (selection.q === '') event.currentTarget.blur();
          else acts.amend({ q: '' });
        }}
      />
    </search>
  );
});
