'use client';
/**
 * Owns the panel of latency heatmaps: which one, of which operation and target, its colours and lines, and the region of it
 * that rules the page. It says why there is nothing where there is nothing.
 */
import {
  formatPercent,
  formatRate,
  HEAT_SCALES,
  type HeatBrush,
  HeatLegend,
  type HeatScaleName,
  type HoveredHeat,
  LatencyHeatmap,
  mostIn,
  toHeatScale,
} from '@stallscope/charts';
import { HEATMAPS, heatmapOf, REFUSED } from '@stallscope/latency';
import { isOfWaits } from '@stallscope/profile';
import { type ReactElement, useMemo, useState } from 'react';
import { useTheme } from '../controls/theme';
import { SAME_BASE } from '../difference/base';
import { PickingWords } from '../host/base-mark';
import type { LiveView } from '../live/live-store';
import { type Selection, toRegion } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { toClock, toClockMs } from '../words/words';
import type { HeatView } from './heat-sum';
import {
  absenceWords,
  COUNTED_WORDS,
  countWords,
  lengthWords,
  operationName,
  percentileWords,
} from './heat-words';
import { PERCENTILE_LINES, type PercentileLineName } from './percentile-lines';

export interface HeatPanelProps {
  view: LiveView;
  selection: Selection;
  acts: SelectionActs;
  ofWhom: string;
  isStill: boolean;
  /** The next drag chooses the base of a difference; null: what is shown. */
  picking: string | null;
  onCancelPicking: () => void;
  onPickBase: () => void;
  onBase: (brush: HeatBrush | null) => void;
}

export function HeatPanel(props: HeatPanelProps): ReactElement {
  const { view, selection, acts } = props;
  const { heat: name } = selection;
  const heat = view.heat?.name === name ? view.heat : null;
  return (
    <section className="panel px-3 pt-1.5 pb-1" aria-label="Latency heatmap">
      <fieldset className="row-of-controls gap-y-1 sm:flex-wrap" aria-label="Latencies">
        <span className="text-dull text-small" title="How long things took, over time, exactly counted">
          Latency of
        </span>
        {HEATMAPS.map((each) => (
          <button
            key={each.name}
            type="button"
            className="control h-6 shrink-0"
            aria-pressed={each.name === name}
            title={`${each.help} ${each.name === name ? 'Click to close it.' : 'Counted while it is shown.'}`}
            onClick={() =>
              acts.go({ heat: each.name === name ? null : each.name, lat: null, op: null, on: null })
            }
          >
            {each.title}
          </button>
        ))}
        {name === null && (
          <span className="text-dull text-small max-2xl:hidden">
            choose one: how long each took, and the stacks behind any part of it
          </span>
        )}
      </fieldset>
      {name !== null && heat === null && <p className="py-2 text-dull">Counting…</p>}
      {heat !== null && <Heat {...props} heat={heat} />}
    </section>
  );
}

function Heat({ heat, ...props }: HeatPanelProps & { heat: HeatView }): ReactElement {
  const { view, selection, acts, isStill, ofWhom } = props;
  const theme = useTheme();
  const [hovered, setHovered] = useState<HoveredHeat | null>(null);
  const { grid, name } = heat;
  const [, many] = COUNTED_WORDS[name];
  const scale = useMemo(() => toHeatScale(mostIn(grid), selection.cells), [grid, selection.cells]);
  const lines = useMemo(
    () =>
      PERCENTILE_LINES.map((line, index) => ({ name: line, ns: heat.percentiles[index]! })).filter(
        ({ name: line }) => selection.lines.includes(line),
      ),
    [heat.percentiles, selection.lines],
  );
  const brush = useMemo(() => brushOf(selection), [selection]);
  const base = useMemo(() => baseBrush(view, selection), [view, selection]);
  const isNarrowed =
    selection.op !== null ||
    selection.on !== null ||
    selection.p !== null ||
    selection.t !== null ||
    selection.who.length > 0;
  const absence = absenceWords(heat, { isStill, isNarrowed });
  const isPicking = props.picking !== null;

  function choose(chosen: HeatBrush | null): void {
    if (isPicking) props.onBase(chosen);
    else
      acts.go({
        lat: chosen?.latency ?? null,
        from: chosen?.time ? Math.floor(chosen.time.fromMs) : null,
        to: chosen?.time ? Math.ceil(chosen.time.toMs) : null,
      });
  }

  return (
    <>
      <div className="mt-1.5 flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <div className="flex min-w-0 flex-wrap items-center gap-1.5">
          <Operations heat={heat} selection={selection} acts={acts} />
          <Lines selection={selection} acts={acts} />
          <Scale selection={selection} acts={acts} />
        </div>
        <HeatLegend scale={scale} theme={theme} unit={many} />
      </div>
      <p className="min-h-[1.5em] text-small max-sm:min-h-[3em]" role="note" aria-label="Heatmap">
        {props.picking !== null ? (
          <PickingWords what={props.picking} onCancel={props.onCancelPicking} />
        ) : hovered !== null ? (
          <Hovered heat={heat} hovered={hovered} />
        ) : (
          <span className="text-dull">
            {heatmapOf(name).title} of {ofWhom}
            {heat.collection.collected > 0 && (
              <>
                : <strong className="text-ink">{countWords(name, heat.total.count)}</strong>
              </>
            )}
            {heat.total.count > 0 && (
              <>
                , {percentileWords(heat.total)}
                <span className="max-md:hidden">
                  {' '}
                  · drag over cells, or click one, for the stacks behind it
                </span>
              </>
            )}
          </span>
        )}
      </p>
      <LatencyHeatmap
        grid={grid}
        lines={lines}
        scale={selection.cells}
        brush={brush}
        base={base}
        theme={theme}
        ariaLabel={`Latencies: ${heatmapOf(name).title}, over time. On its corners arrows move the selected time and latency, with Shift further; Escape lets go`}
        onSelect={choose}
        onHover={setHovered}
      />
      {absence !== null && (
        <p
          role="status"
          aria-label="Latencies"
          className={absence.isFine ? 'py-0.5 text-dull' : 'py-0.5 text-warn'}
        >
          {absence.words}
          {absence.command !== undefined && (
            <>
              {' '}
              <code className="font-mono">{absence.command}</code> records it.
            </>
          )}
        </p>
      )}
      <p className="flex flex-wrap gap-x-3 text-dull text-small empty:hidden">
        {heat.collection.newest === 'on' && heat.collection.detail !== '' && (
          <span>{heat.collection.detail}</span>
        )}
        {heat.cost !== null && (
          <span title="By the kernel's own statistics of its programs, in the newest window">
            costs {formatPercent(heat.cost.share)} of a CPU in the kernel,{' '}
            {formatRate(heat.cost.runsPerSecond)} runs
          </span>
        )}
      </p>
      <Region {...props} heat={heat} />
    </>
  );
}

/** What the page is of, and what it can be compared with. */
function Region({
  heat,
  view,
  selection,
  acts,
  onPickBase,
}: HeatPanelProps & { heat: HeatView }): ReactElement | null {
  const region = toRegion(selection);
  const { operations } = view;
  const isTimed = selection.from !== null && selection.to !== null;
  if (operations === null || (region === undefined && !isTimed)) return null;
  const isWaits = region !== undefined && isOfWaits(region, selection.view);
  const missing = operations.windows - (isWaits ? operations.fineWindows : operations.countedWindows);
  return (
    <div
      role="note"
      aria-label="Region"
      className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 border-line border-t pt-1 pb-0.5"
    >
      <span>
        <strong>{countWords(heat.name, operations.counted.count)}</strong>{' '}
        {isTimed && (
          <>
            {toClock(selection.from!)} – {toClock(selection.to!)}
            {', '}
          </>
        )}
        {lengthWords(selection.lat)}
        {operations.counted.count > 0 && (
          <span className="text-dull">
            {' '}
            of {operations.threads.toLocaleString('en-GB')} {operations.threads === 1 ? 'thread' : 'threads'},{' '}
            {percentileWords(operations.counted)}
          </span>
        )}
        {region !== undefined && (
          <span className="text-dull">
            {' '}
            ·{' '}
            {isWaits
              ? 'below: exactly these waits'
              : 'below: the threads of them, in the windows they were in'}
          </span>
        )}
        {region !== undefined && missing > 0 && operations.windows > 0 && (
          <span className="text-warn">
            {' '}
            · {missing.toLocaleString('en-GB')} of {operations.windows.toLocaleString('en-GB')} windows did
            not count this and are left out
          </span>
        )}
      </span>
      <span className="flex flex-wrap items-center gap-1.5 sm:ml-auto">
        {region !== undefined && (
          <button
            type="button"
            className="control h-6"
            aria-pressed={selection.show === 'diff' && selection.base?.latency.kind === 'rest'}
            title="What is different in the region: compared with all else that the heatmap shows"
            onClick={() =>
              acts.go({
                show: 'diff',
                base: { ...SAME_BASE, latency: { kind: 'rest' } },
                scale: 'share',
                swap: false,
              })
            }
          >
            Against the rest
          </button>
        )}
        <button
          type="button"
          className="control h-6"
          title="Draw another region in the heatmap to compare this one with"
          onClick={() => {
            acts.go({ show: 'diff' });
            onPickBase();
          }}
        >
          Against another region
        </button>
        <button
          type="button"
          className="control h-6"
          onClick={() => acts.go({ lat: null, op: null, on: null, from: null, to: null })}
        >
          Show all
        </button>
      </span>
    </div>
  );
}

function Hovered({ heat, hovered }: { heat: HeatView; hovered: HoveredHeat }): ReactElement {
  const { time, latency } = hovered.brush;
  const isShort = time !== null && time.toMs - time.fromMs < 1000;
  const clock = isShort ? toClockMs : toClock;
  const isInstant = time !== null && time.fromMs === time.toMs;
  const when =
    time === null ? '' : isInstant ? toClock(time.fromMs) : `${clock(time.fromMs)} – ${clock(time.toMs)}`;
  if (!hovered.isCollected) {
    const isRefused = hovered.column >= 0 && heat.grid.collected[hovered.column] === REFUSED;
    return (
      <>
        {when}{' '}
        <strong>
          {hovered.column < 0 && !hovered.isBrush
            ? 'no window'
            : isRefused
              ? `refused: ${heat.collection.detail || 'by the host'}`
              : 'not counted: nobody asked for it then'}
        </strong>
      </>
    );
  }
  const lines =
    hovered.column < 0
      ? []
      : PERCENTILE_LINES.map((line, index) => ({
          line,
          ns: heat.percentiles[index]![hovered.column]!,
        })).filter(({ ns }) => !Number.isNaN(ns));
  return (
    <>
      {when}
      {when !== '' && ', '}
      {lengthWords(latency)}: <strong>{countWords(heat.name, hovered.count)}</strong>
      {lines.length > 0 && (
        <span className="text-dull">
          {' '}
          · of this column{' '}
          {percentileWords({ count: 1, ns: heat.percentiles.map((of) => of[hovered.column]!) })}
        </span>
      )}
    </>
  );
}

function Operations({
  heat,
  selection,
  acts,
}: {
  heat: HeatView;
  selection: Selection;
  acts: SelectionActs;
}): ReactElement {
  const { operationWord, targetWord } = heatmapOf(heat.name);
  const operations = sumBy(heat, 'operation', selection.op);
  const targets = sumBy(heat, 'target', selection.on).filter(({ value }) => value !== '');
  return (
    <>
      {(operations.length > 1 || selection.op !== null) && (
        <select
          aria-label={`Only one ${operationWord}`}
          className="control h-6 max-w-44 truncate"
          value={selection.op ?? ''}
          onChange={({ target }) => acts.go({ op: target.value === '' ? null : target.value })}
        >
          <option value="">{ALL_WORDS[operationWord] ?? `every ${operationWord}`}</option>
          {operations.map(({ value, count }) => (
            <option key={value} value={value}>
              {operationName(value)} ({count.toLocaleString('en-GB')})
            </option>
          ))}
        </select>
      )}
      {targetWord !== '' && (targets.length > 1 || selection.on !== null) && (
        <select
          aria-label={`Only one ${targetWord}`}
          className="control h-6 max-w-44 truncate"
          value={selection.on ?? ''}
          onChange={({ target }) => acts.go({ on: target.value === '' ? null : target.value })}
        >
          <option value="">every {targetWord}</option>
          {targets.map(({ value, count }) => (
            <option key={value} value={value}>
              {value} ({count.toLocaleString('en-GB')})
            </option>
          ))}
        </select>
      )}
      {targetWord !== '' && targets.length === 1 && selection.on === null && (
        <span className="text-dull text-small">
          {targetWord} {targets[0]!.value}
        </span>
      )}
    </>
  );
}

const ALL_WORDS: Readonly<Record<string, string>> = { kind: 'all kinds' };

/** What is chosen is offered, though nothing of it is in this time. */
function sumBy(
  { operations }: HeatView,
  column: 'operation' | 'target',
  chosen: string | null,
): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  if (chosen !== null) counts.set(chosen, 0);
  for (const each of operations) counts.set(each[column], (counts.get(each[column]) ?? 0) + each.count);
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count);
}

function Lines({ selection, acts }: { selection: Selection; acts: SelectionActs }): ReactElement {
  const toggle = (line: PercentileLineName): void =>
    acts.amend({
      lines: PERCENTILE_LINES.filter((each) => selection.lines.includes(each) !== (each === line)),
    });
  return (
    <fieldset className="flex items-center gap-1" aria-label="Percentile lines">
      {PERCENTILE_LINES.map((line) => (
        <button
          key={line}
          type="button"
          className="control h-6"
          aria-pressed={selection.lines.includes(line)}
          title={`The length that ${line.slice(1)} % of each column are not above, as a line`}
          onClick={() => toggle(line)}
        >
          {line}
        </button>
      ))}
    </fieldset>
  );
}

const SCALE_WORDS: Readonly<Record<HeatScaleName, string>> = { log: 'log colour', linear: 'linear colour' };

function Scale({ selection, acts }: { selection: Selection; acts: SelectionActs }): ReactElement {
  return (
    <select
      aria-label="Colour scale"
      className="control h-6"
      value={selection.cells}
      onChange={({ target }) => acts.amend({ cells: target.value as HeatScaleName })}
    >
      {HEAT_SCALES.map((scale) => (
        <option key={scale} value={scale}>
          {SCALE_WORDS[scale]}
        </option>
      ))}
    </select>
  );
}

function brushOf({ from, to, lat }: Selection): HeatBrush | null {
  const time = from !== null && to !== null && from < to ? { fromMs: from, toMs: to } : null;
  return time === null && lat === null ? null : { time, latency: lat };
}

/** Where the base lies in the heatmap; null where it is of other data, or is no region. */
function baseBrush({ difference, hostId }: LiveView, selection: Selection): HeatBrush | null {
  if (selection.show !== 'diff' || difference?.state !== 'ready') return null;
  const { source, time, latency } = difference.ask.base;
  const isOfPage = source.kind === 'same' || (source.kind === 'host' && source.id === hostId);
  if (!isOfPage || latency.kind === 'rest' || (time.kind === 'same' && latency.kind === 'same')) return null;
  const { fromMs, toMs } = difference.ask.isSwapped ? difference.after : difference.before;
  return {
    time: fromMs === null || toMs === null ? null : { fromMs, toMs },
    latency: latency.kind === 'span' ? latency : latency.kind === 'all' ? null : selection.lat,
  };
}
