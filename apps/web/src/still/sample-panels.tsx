'use client';
/** Owns the panels of a profile from elsewhere: its graph, and whose samples they are. */
import { type ReactElement, useState } from 'react';
import { SAME_BASE } from '../difference/base';
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
  const [isPickingBase, setPickingBase] = useState(false);
  const isPicking = isPickingBase && selection.show === 'diff';
  const hasStrip = view?.samples?.timedSinceMs != null && view.strip.startMs.length > 0;
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
          base={baseStretch(view)}
          picking={isPicking ? 'the base' : null}
          onCancelPicking={() => setPickingBase(false)}
          onChoose={(stretch) => {
            if (isPicking) {
              setPickingBase(false);
              if (stretch === null) return;
              const time = {
                kind: 'fixed',
                fromMs: Math.floor(stretch.fromMs),
                toMs: Math.ceil(stretch.toMs),
              } as const;
              acts.go({ base: { ...(selection.base ?? SAME_BASE), time } });
            } else if (stretch !== null)
              acts.go({ from: Math.floor(stretch.fromMs), to: Math.ceil(stretch.toMs) });
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
        ways={{ ...ways, profiles: facts.profiles }}
        onPickBaseTime={hasStrip ? () => setPickingBase(true) : undefined}
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

/** Where the base lies in the strip; null where it is of other data. */
function baseStretch({ difference, samples }: LiveView): { fromMs: number; toMs: number } | null {
  if (difference?.state !== 'ready' || samples?.timedSinceMs == null) return null;
  const { source, profile, time } = difference.ask.base;
  const isOfStrip = source.kind === 'same' && (profile ?? samples.profile) === samples.profile;
  if (!isOfStrip || time.kind === 'same') return null;
  const { stretch } = difference.ask.isSwapped ? difference.after : difference.before;
  if (stretch === null) return null;
  const atMs = (ns: number): number => samples.timedSinceMs! + ns / 1e6;
  return { fromMs: atMs(stretch.fromNs), toMs: atMs(stretch.toNs) };
}
