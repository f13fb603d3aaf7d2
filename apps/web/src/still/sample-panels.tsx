'use client';
/** Owns the panels of a profile from elsewhere: its graph, and whose samples they are. */
import type { ReactElement } from 'react';
import type { BaseWays } from '../difference/base-ways';
import type { LiveView } from '../live/live-store';
import type { Selection } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { GraphPanel } from '../viewer/graph-panel';
import type { SampleChoice } from './sample-choice';
import { SampleLead } from './sample-lead';
import { SampleOwners } from './sample-owners';
import { SampleTimePanel } from './sample-time-panel';
import type { SampleStillFacts } from './still-messages';

export function SamplePanels({
  facts,
  view,
  selection,
  acts,
  title,
  ways,
  onChoose,
}: {
  facts: SampleStillFacts;
  view: LiveView | null;
  selection: Selection;
  acts: SelectionActs;
  title: string;
  /** Where the base of a difference may come from. */
  ways: BaseWays;
  onChoose: (choice: Partial<SampleChoice>) => void;
}): ReactElement {
  return (
    <>
      {view?.samples && view.samples.timedSinceMs !== null && view.strip.startMs.length > 0 && (
        <SampleTimePanel
          strip={view.strip}
          sinceMs={view.samples.timedSinceMs}
          valueName={view.samples.valueType.type}
          unit={view.unit}
          chosen={
            selection.from !== null && selection.to !== null
              ? { fromMs: selection.from, toMs: selection.to }
              : null
          }
          onChoose={(stretch) => {
            if (stretch !== null) acts.go({ from: Math.floor(stretch.fromMs), to: Math.ceil(stretch.toMs) });
            else if (selection.from !== null) acts.go({ from: null, to: null });
          }}
        />
      )}
      <GraphPanel
        view={view}
        selection={selection}
        acts={acts}
        title={title}
        waitingFor={<p>Drawing…</p>}
        ways={ways}
        lead={<SampleLead facts={facts} shown={view?.samples ?? null} onChoose={onChoose} />}
      />
      {view !== null && (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-2 lg:grid-cols-2">
          <SampleOwners
            title="Processes"
            table={view.processes}
            idColumn="tgid"
            unit={view.unit}
            chosenId={selection.p}
            onChoose={(tgid, _tid, isChosen) => acts.toProcess(isChosen ? null : tgid)}
          />
          <SampleOwners
            title="Threads"
            table={view.threads}
            idColumn="tid"
            unit={view.unit}
            chosenId={selection.t}
            onChoose={(_tgid, tid, isChosen) => acts.go({ t: isChosen ? null : tid, zoom: null, sel: null })}
          />
        </div>
      )}
    </>
  );
}
