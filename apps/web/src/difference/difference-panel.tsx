'use client';
/**
 * Owns what the panel of the graph shows of a difference: the two sides, the legend, the graph in the colours of change,
 * what grew most, and the details of a frame. Where there is nothing to compare it says what can be.
 */
import { DiffLegend, type FlameDiff } from '@stallscope/charts';
import type { FunctionKey } from '@stallscope/profile';
import { type ReactElement, type ReactNode, useMemo, useState } from 'react';
import { useTheme } from '../controls/theme';
import { useNow } from '../controls/use-now';
import type { ReadyDifference } from '../live/labelled-trees';
import { placeLabel, placeOf } from '../selection/place';
import { type Selection, toRegion } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { Flame, usePlace } from '../viewer/flame';
import { exactPattern } from '../viewer/frame-text';
import type { GraphView } from '../viewer/graph-view';
import { useKeys } from '../viewer/keys';
import { type Base, isNoBase, isSameBase, SAME_BASE } from './base';
import { BaseControls } from './base-controls';
import type { BaseWays } from './base-ways';
import { DiffDetails } from './diff-details';
import { type GrowthOf, type GrowthRow, mostChanged } from './growth';
import { GrowthTableView } from './growth-table';
import { toKeptBase } from './kept-base';
import { agoWords } from './side-words';
import { SidesBar } from './sides-bar';

export interface DifferencePanelProps {
  view: GraphView;
  selection: Selection;
  acts: SelectionActs;
  /** Whose waits the page shows: a host's name, or a still's. */
  title: string;
  /** Where a base may come from beside the page's own data. */
  ways: BaseWays | undefined;
  /** Makes the next drag in the time strip choose the base; undefined where there is no strip. */
  onPickTime: (() => void) | undefined;
}

/** As high as the graph of other panels. */
const FRAME = 'h-[clamp(20rem,54vh,64rem)]';

export function DifferencePanel(props: DifferencePanelProps): ReactElement {
  const { view, selection, acts, title, ways } = props;
  const theme = useTheme();
  const now = useNow();
  const { base } = selection;
  const swap = (): boolean => {
    if (base === null) return false;
    acts.go({ swap: !selection.swap });
    return true;
  };
  useKeys({ v: swap });

  // What answers another question must not stand under this one's words.
  const answer =
    base !== null && view.difference !== null && isSameBase(view.difference.ask.base, base)
      ? view.difference
      : null;
  const ready = answer?.state === 'ready' && answer.ask.isSwapped === selection.swap ? answer : null;
  // While the next answer is made: what can be chosen in the same data does not change.
  const known = view.difference?.state === 'ready' ? view.difference : null;
  const hasSameSource =
    base !== null &&
    known !== null &&
    isSameBase({ ...SAME_BASE, source: known.ask.base.source }, { ...SAME_BASE, source: base.source });
  const controls = (
    <BaseControls
      base={base ?? SAME_BASE}
      parts={hasSameSource ? known.parts : null}
      name={title}
      ways={ways}
      view={view}
      onChange={(next) => acts.go({ base: isNoBase(next) ? null : next })}
      hasProcess={selection.p !== null}
      hasThread={selection.t !== null}
      lengths={selection.heat === null ? null : { isRegion: toRegion(selection) !== undefined }}
      onPickTime={props.onPickTime}
    />
  );
  if (base === null) return <Invitation {...props} controls={controls} />;
  return (
    <>
      <SidesBar
        difference={answer}
        name={title}
        nameOfHost={(id) => ways?.hosts?.find((host) => host.id === id)?.name || id}
        isSwapped={selection.swap}
        scaling={selection.scale}
        width={selection.wide}
        isAnonymous={selection.anon}
        legend={<DiffLegend theme={theme} baseWords="before" />}
        controls={controls}
        nowMs={now}
        onSwap={swap}
        onScaling={(scale) => acts.go({ scale })}
        onWidth={(wide) => acts.amend({ wide })}
        onAnonymous={(anon) => acts.reshape({ anon })}
        onRemove={() => acts.go({ base: null, show: 'flame' })}
      />
      {ready !== null ? (
        <Comparison {...props} difference={ready} />
      ) : answer?.state === 'failed' ? (
        <Words>
          <p>{answer.message}</p>
          {answer.hint !== '' && <p className="text-body text-dull">{answer.hint}</p>}
        </Words>
      ) : (
        <Words>
          <p>{answer?.state === 'waiting' ? answer.words : 'Comparing…'}</p>
        </Words>
      )}
    </>
  );
}

function Comparison({
  difference,
  selection,
  acts,
  title,
}: DifferencePanelProps & { difference: ReadyDifference }): ReactElement {
  const [led, setLed] = useState<FunctionKey | null>(null);
  const { tree, unit, scale, matched } = difference;
  const diff = useMemo<FlameDiff>(
    () => ({
      baseSelfValue: tree.baseSelfValue,
      baseTotalValue: tree.baseTotalValue,
      baseScale: scale,
      width: selection.wide,
    }),
    [tree, scale, selection.wide],
  );
  const zoomNode = usePlace(tree, selection.zoom);
  const selectedNode = usePlace(tree, selection.sel);

  function lead(row: GrowthRow, of: GrowthOf): void {
    const node = mostChanged(tree, scale, row, of);
    if (node === undefined) return;
    setLed(row.fn);
    const hasWidth =
      selection.wide === 'larger' ||
      (selection.wide === 'after' ? tree.totalValue[node]! : tree.baseTotalValue[node]!) > 0;
    const place = placeOf(tree, node);
    acts.go({
      sel: place,
      zoom: place,
      q: exactPattern(row.fn.label),
      // What is only on the other side has no box at this width.
      ...(hasWidth ? {} : { wide: 'larger' as const }),
    });
  }

  const isEmpty = tree.totalValue[0] === 0 && tree.baseTotalValue[0] === 0;
  const isWidthless =
    !isEmpty &&
    (selection.wide === 'after'
      ? tree.totalValue[0] === 0
      : selection.wide === 'before' && tree.baseTotalValue[0] === 0);
  const detailNode = selectedNode ?? zoomNode ?? 0;
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] border-line border-t lg:grid-cols-[minmax(24rem,2fr)_minmax(0,3fr)] 2xl:grid-cols-[minmax(26rem,2fr)_minmax(0,3fr)_21rem]">
      <div className="order-2 h-80 border-line border-t lg:order-1 lg:row-span-2 lg:h-auto lg:border-t-0 lg:border-r 2xl:row-span-1">
        <div className="h-full lg:relative">
          <div className="h-full lg:absolute lg:inset-0">
            <GrowthTableView difference={difference} chosen={led} onChoose={lead} />
          </div>
        </div>
      </div>
      <div className={`order-1 min-w-0 lg:order-2 ${FRAME}`}>
        {isEmpty ? (
          <Words>
            <p>Nothing waited on either side that the filters keep.</p>
          </Words>
        ) : isWidthless ? (
          <Words>
            <p>There is nothing {selection.wide}: at this width no box has a place.</p>
            <button type="button" className="control" onClick={() => acts.amend({ wide: 'larger' })}>
              Draw the larger of both
            </button>
          </Words>
        ) : selection.zoom !== null && zoomNode === undefined ? (
          <Words>
            <p>
              Neither side has the path to{' '}
              <code className="break-all font-mono">{placeLabel(selection.zoom)}</code>. The zoom is kept, and
              shows what comes.
            </p>
            <button type="button" className="control" onClick={() => acts.go({ zoom: null })}>
              Show all
            </button>
          </Words>
        ) : (
          <Flame
            tree={tree}
            unit={unit}
            diff={diff}
            matched={matched ?? undefined}
            zoom={selection.zoom}
            sel={selection.sel}
            rootAt={selection.root}
            ariaLabel={`Difference flame graph of ${title}`}
            selection={selection}
            acts={acts}
            toSelect={(sel) => ({ sel })}
            toZoom={(zoom) => ({ zoom })}
          />
        )}
      </div>
      <div className="order-3 flex h-72 min-w-0 border-line border-t 2xl:h-[clamp(20rem,54vh,64rem)] 2xl:border-t-0 2xl:border-l">
        <DiffDetails
          difference={difference}
          node={detailNode}
          why={
            selectedNode !== undefined
              ? 'selected'
              : zoomNode !== undefined
                ? 'zoomed into'
                : 'click a frame for its own'
          }
        />
      </div>
    </div>
  );
}

/** What can be compared, one click each. */
function Invitation({
  view,
  acts,
  selection,
  title,
  ways,
  onPickTime,
  controls,
}: DifferencePanelProps & { controls: ReactNode }): ReactElement {
  const { shown, strip, samples } = view;
  const lengthMs = Math.round(shown.toMs - shown.fromMs);
  const heldFromMs = strip.startMs[0] ?? shown.fromMs;
  const isHeld = (agoMs: number): boolean => shown.toMs - agoMs > heldFromMs;
  const hasStrip = samples === null || samples.timedSinceMs !== null;
  const compare = (base: Base): void => acts.go({ base });
  return (
    <div
      className={`flex flex-col items-center justify-center gap-3 border-line border-t px-6 py-4 text-center ${FRAME}`}
    >
      <p className="text-lead">
        Compare what is shown of <strong>{title}</strong> with another{' '}
        {samples === null ? 'time, process, host, snapshot or file' : partWords(view, ways)}.
      </p>
      <div className="flex flex-wrap justify-center gap-2">
        {samples === null &&
          [...new Set([lengthMs, 60_000, 300_000])].map((agoMs) => (
            <button
              key={agoMs}
              type="button"
              className="control disabled:opacity-50"
              disabled={!isHeld(agoMs)}
              title={isHeld(agoMs) ? undefined : 'No window is held of that time'}
              onClick={() => compare({ ...SAME_BASE, time: { kind: 'before', agoMs } })}
            >
              {agoMs === lengthMs ? `With the ${agoWords(agoMs)} before` : `With ${agoWords(agoMs)} earlier`}
            </button>
          ))}
        {hasStrip && onPickTime !== undefined && (
          <button type="button" className="control" onClick={onPickTime}>
            With a stretch of the time strip
          </button>
        )}
        <button
          type="button"
          className="control"
          title="What is shown now becomes the base; then choose another time, process, profile or host on this page"
          disabled={shown.windows === 0}
          onClick={() => compare(toKeptBase(selection, view, ways))}
        >
          Keep this as the base, then look elsewhere
        </button>
      </div>
      <div className="flex max-w-full flex-wrap items-center justify-center gap-2">
        <span className="text-dull">or choose the base:</span>
        {controls}
      </div>
    </div>
  );
}

/** What a profile from elsewhere can be compared with. */
function partWords({ samples, processes, threads }: GraphView, ways: BaseWays | undefined): string {
  return [
    ...((ways?.profiles?.length ?? 0) > 1 ? ['profile of its file'] : []),
    ...(samples?.timedSinceMs != null ? ['time'] : []),
    ...(processes.total > 1 ? ['process'] : []),
    ...(threads.total > 1 ? ['thread'] : []),
    'host',
    'snapshot or file',
  ].join(', ');
}

function Words({ children }: { children: ReactNode }): ReactElement {
  return (
    <div
      role="status"
      aria-label="Difference graph"
      className={`flex flex-col items-center justify-center gap-3 px-6 text-center text-lead ${FRAME}`}
    >
      {children}
    </div>
  );
}
