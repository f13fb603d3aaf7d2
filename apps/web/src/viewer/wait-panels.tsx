'use client';
import type { HeatBrush } from '@stallscope/charts';
/** Owns the panels that show waits, live or of a still: time strip, graph, tables. Each obeys the selection. */
import { type ReactElement, type ReactNode, useState } from 'react';
import { CpuHeatPanel } from '../cpu/cpu-heat-panel';
import { type Base, SAME_BASE } from '../difference/base';
import type { BaseWays } from '../difference/base-ways';
import { LengthPanel } from '../host/length-panel';
import { OpenWaitPanel } from '../host/open-wait-panel';
import { nameOf } from '../host/task-pickers';
import { TimePanel } from '../host/time-panel';
import { WaitTableView } from '../host/wait-table';
import { HeatPanel } from '../latency/heat-panel';
import { OperationTableView } from '../latency/operation-table';
import type { LiveView } from '../live/live-store';
import { type Selection, toQuery } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { withWho } from '../selection/who-choice';
import { ThreadTimelinePanel } from '../wall/thread-timeline-panel';
import { ColumnMenu } from '../who/column-menu';
import { GraphPanel } from './graph-panel';

export interface WaitPanelsProps {
  view: LiveView | null;
  selection: Selection;
  acts: SelectionActs;
  /** Whose waits: a host's name, or a still's. */
  name: string;
  /** Of a snapshot or a file: nothing newer will come. */
  isStill?: boolean;
  /** Of a recording that is played as if it were live: what was not counted then will not come. */
  isRecorded?: boolean;
  /** Where the base of a difference may come from, beside the page's own data. */
  ways?: BaseWays | undefined;
  /** Why there is no view yet. */
  waitingFor: ReactNode;
}

export function WaitPanels(props: WaitPanelsProps): ReactElement {
  const { view, selection, acts } = props;
  const [isPickingBase, setPickingBase] = useState(false);
  const ofWhom =
    selection.p === null ? 'all processes' : `${nameOf(view?.processes, selection.p)} ${selection.p}`;
  const region = view?.totals.region ?? null;
  const timesAre =
    region === null
      ? undefined
      : region.isOfWaits
        ? 'of this region, times by its stacks'
        : 'of this region, exact times in its windows';
  return (
    <>
      {view?.tree && (
        <TimePanel
          strip={view.strip}
          shown={view.shown}
          kinds={toQuery(selection).kinds}
          ofWhom={ofWhom}
          isStill={props.isStill ?? false}
          base={baseStretch(view)}
          picking={isPickingBase && selection.show === 'diff' ? 'the base' : null}
          onCancelPicking={() => setPickingBase(false)}
          onChoose={(from, to) => {
            if (isPickingBase && selection.show === 'diff') {
              setPickingBase(false);
              const base = selection.base ?? SAME_BASE;
              acts.go({ base: { ...base, time: { kind: 'fixed', fromMs: from, toMs: to } } });
            } else acts.go({ from, to });
          }}
          onFollow={() => {
            if (isPickingBase) setPickingBase(false);
            else if (selection.from !== null) acts.go({ from: null, to: null });
          }}
        />
      )}
      {view?.tree && (
        <HeatPanel
          view={view}
          selection={selection}
          acts={acts}
          ofWhom={ofWhom}
          isStill={(props.isStill ?? false) || (props.isRecorded ?? false)}
          picking={isPickingBase && selection.show === 'diff' ? 'the base' : null}
          onCancelPicking={() => setPickingBase(false)}
          onPickBase={() => setPickingBase(true)}
          onBase={(brush) => {
            setPickingBase(false);
            if (brush !== null) acts.go({ base: toBaseOfBrush(selection.base ?? SAME_BASE, brush) });
          }}
        />
      )}
      {view?.cpuHeat && selection.view === 'cpu' && (
        <CpuHeatPanel heat={view.cpuHeat} selection={selection} acts={acts} ofWhom={ofWhom} />
      )}
      {view?.tree && selection.view === 'wall' && (
        <ThreadTimelinePanel
          timeline={view.timeline}
          selection={selection}
          acts={acts}
          processes={view.processes}
          ofWhom={ofWhom}
        />
      )}
      <GraphPanel
        view={view}
        selection={selection}
        acts={acts}
        title={props.name}
        waitingFor={props.waitingFor}
        ways={props.ways}
        onPickBaseTime={() => setPickingBase(true)}
      />
      {view?.tree && (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-2 lg:grid-cols-2">
          <WaitTableView
            title="Processes"
            table={view.processes}
            idColumn="tgid"
            chosenId={selection.p}
            timesAre={timesAre}
            aside={
              view.samples === null && (
                <ColumnMenu chosen={selection.cols} onChoose={(cols) => acts.amend({ cols })} />
              )
            }
            onChoose={(tgid, _tid, isChosen) => acts.toProcess(isChosen ? null : tgid)}
            onWho={(column, value) => acts.reshape({ who: withWho(selection.who, column, value) })}
          />
          <WaitTableView
            title="Threads"
            table={view.threads}
            idColumn="tid"
            chosenId={selection.t}
            timesAre={timesAre}
            aside={selection.p !== null && selection.view !== 'wall' ? <OverTime acts={acts} /> : null}
            processOf={selection.p === null ? (tgid) => nameOf(view.processes, tgid) : undefined}
            onChoose={(tgid, tid, isChosen) => acts.toThread(tgid, isChosen ? null : tid)}
          />
          <OpenWaitPanel waits={view.openWaits} onChoose={(tgid, tid) => acts.toThread(tgid, tid)} />
          {selection.heat !== null && view.operations !== null ? (
            <OperationTableView
              operations={view.operations}
              selection={{ ...selection, heat: selection.heat }}
              acts={acts}
            />
          ) : (
            <LengthPanel counts={view.histogram} ofWhom={ofWhom} />
          )}
        </div>
      )}
    </>
  );
}

/** A region drawn in the heatmap, as what is compared with. */
function toBaseOfBrush(base: Base, { time, latency }: HeatBrush): Base {
  return {
    ...base,
    time: time === null ? { kind: 'same' } : wholeMs(time),
    latency: latency === null ? { kind: 'all' } : { kind: 'span', ...latency },
  };
}

function wholeMs({ fromMs, toMs }: { fromMs: number; toMs: number }): Base['time'] {
  return { kind: 'fixed', fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs) };
}

/** To the timeline of the threads, which is over the graph. */
function OverTime({ acts }: { acts: SelectionActs }): ReactElement {
  return (
    <button
      type="button"
      className="font-normal text-small underline"
      title="What each of these threads was at in every window, in the wall view"
      onClick={() => {
        acts.toView('wall');
        window.scrollTo({ top: 0 });
      }}
    >
      over time
    </button>
  );
}

/** Where the base lies in the strip; null where it is of other data. */
function baseStretch({ difference, hostId }: LiveView): { fromMs: number; toMs: number } | null {
  if (difference?.state !== 'ready') return null;
  const { source, time } = difference.ask.base;
  const isOfStrip = source.kind === 'same' || (source.kind === 'host' && source.id === hostId);
  if (!isOfStrip || time.kind === 'same') return null;
  const { fromMs, toMs } = difference.ask.isSwapped ? difference.after : difference.before;
  return fromMs === null || toMs === null ? null : { fromMs, toMs };
}
