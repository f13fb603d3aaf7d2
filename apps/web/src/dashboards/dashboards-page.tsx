'use client';
/** Owns the page of dashboards: puts address, hub, grid, panels and keyboard together. */
import { formatNs } from '@stallscope/charts';
import { bucketFromNs, bucketToNs } from '@stallscope/latency';
import type { Dashboard } from '@stallscope/protocol';
import { useSearchParams } from 'next/navigation';
import { type ReactElement, useEffect, useState } from 'react';
import { ActWord } from '../controls/act-word';
import { HubRefusal, toRefusalWords } from '../controls/ask-hub';
import { ConnectionWords } from '../controls/connection-line';
import { SectionBar } from '../controls/section-bar';
import { Toast, toast } from '../controls/toast';
import { TokenForm } from '../controls/token-form';
import { useMedia } from '../controls/use-media';
import { exposeForTests } from '../live/test-window';
import { PanelBody } from '../panels/panel-body';
import { panelNeeds } from '../panels/panel-needs';
import { AwayLine } from '../panels/panel-words';
import type { PanelsSnapshot } from '../panels/panels-store';
import { useDashboardPanels } from '../panels/use-dashboard-panels';
import { panelsStore, usePanelsOf } from '../panels/use-panels';
import { useKeys } from '../viewer/keys';
import { useRoomInBar } from '../viewer/selection-chips';
import { toClock } from '../words/words';
import { AddPanel } from './add-panel';
import { DashBar } from './dash-bar';
import { DashChips } from './dash-chips';
import { DashGridView } from './dash-grid-view';
import type { DashPanel } from './dash-panel';
import { NOTHING_SELECTED } from './dash-selection';
import { DashboardList } from './dashboard-list';
import { DashboardPicker } from './dashboard-picker';
import { toHostOfDashboard } from './host-links';
import { NotePanel } from './note-panel';
import { helpOf, type PanelChoice, titleOf } from './panel-choices';
import { toRefusal } from './panel-standing';
import { READY_LAYOUTS } from './ready-layouts';
import { SavedControls } from './saved-controls';
import { writeSavedView } from './saved-view';
import { StandingFrame } from './standing-frame';
import { useDashHosts } from './use-dash-hosts';
import { useDashboard } from './use-dashboard';
import { usePanelEdits } from './use-panel-edits';
import { useSavedDashboard } from './use-saved-dashboard';

const connectionOf = ({ connection }: PanelsSnapshot) => connection;
const faultOf = ({ fault }: PanelsSnapshot) => fault;
const newestMsOf = ({ clock }: PanelsSnapshot) => clock?.newestMs ?? null;
const behindMsOf = ({ clock }: PanelsSnapshot) => clock?.behindMs ?? null;

const NO_PANELS: readonly DashPanel[] = [];

export function DashboardsPage(): ReactElement {
  const search = useSearchParams();
  const saved = useSavedDashboard(search.get('saved'), ({ author, name }) =>
    toast(`${author || 'Somebody'} has kept a new version of “${name}”`),
  );
  const kept = saved.state.step === 'there' ? saved.state.dashboard : null;
  const [shown, acts] = useDashboard(kept);
  const { panels, selection, time, address } = shown;
  const connection = usePanelsOf(connectionOf);
  const hosts = useDashHosts();
  const hasWindow = usePanelsOf(newestMsOf) !== null;
  const isNarrow = !useMedia('(min-width: 768px)');
  const isBarWide = useRoomInBar();
  const [isAdding, setAdding] = useState(false);

  const hostId = shown.hostId ?? hosts[0]?.id ?? null;
  const host = hosts.find(({ id }) => id === hostId);
  const hostOf = (panel: DashPanel) =>
    panel.host === null ? host : hosts.find(({ id }) => id === panel.host);
  useDashboardPanels({ panels, hostId, time, selection });
  const hostNameOf = (id: string): string => hosts.find((one) => one.id === id)?.name || id;
  const edits = usePanelEdits(panels ?? NO_PANELS, acts, hostNameOf);

  useEffect(() => {
    exposeForTests(() => {
      const { connection, hosts } = panelsStore().snapshot();
      return { connection: connection.state, hosts, view: null };
    });
  }, []);
  const title = toTitle(kept, address);
  useEffect(() => {
    document.title = `${title} · Stallscope`;
  }, [title]);

  function discard(): void {
    acts.go({ panels: null, rev: null, span: null, window: null });
  }

  function takeKept(dashboard: Dashboard): void {
    saved.take(dashboard);
    const none = { layout: null, rev: null, panels: null, host: null, span: null, window: null };
    acts.amend({ saved: dashboard.id, ...none });
  }

  function pauseOrResume(): void {
    const newestMs = newestMsOf(panelsStore().snapshot());
    if (time.pausedAtMs !== null) acts.amend({ at: null });
    else if (newestMs !== null) acts.amend({ at: Math.ceil(newestMs) });
  }

  function refusalOf(choice: PanelChoice): string | null {
    const standing = panelsStore()
      .snapshot()
      .standing.get(hostId ?? '');
    return toRefusal(panelNeeds(choice), host?.capabilities, standing, host?.isRecording);
  }

  /** Esc steps back out of what is selected, the smallest first. */
  function stepOut(): boolean {
    if (selection.region !== null) acts.select({ ...selection, region: null });
    else if (selection.stretch !== null || selection.process !== null) acts.select(NOTHING_SELECTED);
    else return false;
    return true;
  }

  useKeys({ ' ': pauseOrResume, a: () => panels !== null && setAdding(true), Escape: stepOut });

  const chips = (
    <DashChips
      selection={selection}
      hostId={hostId}
      hostNameOf={hostNameOf}
      lengthsOf={toLengths}
      onSelect={acts.select}
    />
  );
  return (
    <div className="flex min-h-screen flex-col">
      <header className="top-0 z-20 bg-surface sm:sticky">
        <DashBar
          picker={
            panels === null && address.saved === null ? (
              <h1 className="font-semibold">Dashboards</h1>
            ) : (
              <DashboardPicker title={title} isChanged={shown.isChanged} rest={new URLSearchParams(search)} />
            )
          }
          connection={<Connection />}
          hosts={hosts}
          hostId={hostId}
          hostHref={hostId === null ? null : toHostOfDashboard(hostId, new URLSearchParams(search))}
          runsAtMs={host?.windowMs ?? null}
          isRecording={host?.isRecording ?? false}
          time={time}
          isShown={panels !== null}
          onHost={(id) => acts.go({ host: id })}
          onSpan={(span) => acts.go({ span })}
          onInterval={(window) => acts.go({ window })}
          onPause={time.pausedAtMs === null && !hasWindow ? null : pauseOrResume}
        />
        <SectionBar current="dashboards" filters={isBarWide && chips}>
          {panels !== null && (
            <>
              <button
                type="button"
                className="control"
                title="Add a panel (a)"
                onClick={() => setAdding(true)}
              >
                <ActWord sign="+" word="Add panel" />
              </button>
              <SavedControls
                saved={kept}
                revision={address.rev}
                title={title}
                isChanged={shown.isChanged}
                isToSave={shown.isChanged || (address.host !== null && address.host !== shown.savedHostId)}
                view={() => writeSavedView(panels, { host: hostId, span: time.span, window: time.windowMs })}
                onKept={takeKept}
                onDiscard={discard}
                onTheirs={(theirs) => {
                  saved.take(theirs);
                  discard();
                }}
                onDeleted={() => acts.go({ ...NO_DASHBOARD })}
              />
            </>
          )}
        </SectionBar>
      </header>
      <main className="flex min-w-0 flex-col gap-2 p-2 sm:p-3" aria-label={title}>
        <Problems problems={shown.problems} />
        {kept !== null && address.rev !== null && kept.revision > address.rev && (
          <Newer dashboard={kept} onShow={discard} />
        )}
        {!isBarWide && chips}
        {connection.state === 'unauthorized' ? <TokenForm onDone={retry} /> : content()}
      </main>
      <p className="sr-only" role="status" aria-label="Layout">
        {edits.words}
      </p>
      <Toast />
      <AddPanel
        isOpen={isAdding}
        onClose={() => setAdding(false)}
        onAdd={(choice) => {
          setAdding(false);
          edits.add(choice);
        }}
        refusalOf={refusalOf}
      />
    </div>
  );

  function retry(): void {
    panelsStore().retry();
    saved.refresh();
  }

  function content(): ReactElement {
    if (panels === null && address.saved === null)
      return <DashboardList rest={new URLSearchParams(search)} />;
    const { state } = saved;
    const refusal = state.step === 'refused' ? <Refused error={state.error} onRetry={saved.refresh} /> : null;
    if (panels === null) return refusal ?? <p className="text-dull">Asking the hub for this dashboard…</p>;
    return (
      <>
        {refusal}
        {hostId !== null && <AwayLine hostId={hostId} />}
        {panels.length === 0 ? <NoPanels onAdd={() => setAdding(true)} /> : grid(panels)}
      </>
    );
  }

  function grid(all: readonly DashPanel[]): ReactElement {
    return (
      <DashGridView
        panels={all}
        isNarrow={isNarrow}
        onChange={edits.lay}
        onRemove={edits.remove}
        titleOf={titleOf}
      >
        {(panel, grips) => (
          <StandingFrame
            panel={panel}
            title={titleOf(panel)}
            help={helpOf(panel)}
            hostId={panel.host ?? hostId}
            capabilities={hostOf(panel)?.capabilities}
            isRecording={hostOf(panel)?.isRecording ?? false}
            hostName={panel.host === null || panel.host === hostId ? null : hostNameOf(panel.host)}
            hosts={hosts}
            acts={edits}
            grips={grips}
          >
            {panel.kind === 'note' ? (
              <NotePanel
                text={panel.arg}
                isEdited={edits.editedId === panel.id}
                onEdit={() => edits.edit(panel)}
                onDone={(text) => edits.write(panel, text)}
              />
            ) : (
              <PanelBody
                panel={panel}
                hostId={panel.host ?? hostId}
                time={time}
                selection={selection}
                onSelect={acts.select}
              />
            )}
          </StandingFrame>
        )}
      </DashGridView>
    );
  }
}

const NO_DASHBOARD = { saved: null, layout: null, rev: null, panels: null };

/** Follows the connection by itself: it changes while nothing else does. */
function Connection(): ReactElement {
  return (
    <ConnectionWords
      connection={usePanelsOf(connectionOf)}
      fault={usePanelsOf(faultOf)}
      behindMs={usePanelsOf(behindMsOf)}
      onRetry={panelsStore().retry}
    />
  );
}

function toTitle(
  kept: Dashboard | null,
  { saved, layout, panels }: ReturnType<typeof useDashboard>[0]['address'],
): string {
  if (saved !== null) return kept?.name ?? 'Dashboard';
  if (layout !== null && layout !== 'own') return READY_LAYOUTS[layout].title;
  return layout === 'own' || panels !== null ? 'Your own' : 'Dashboards';
}

function toLengths(fromBucket: number, toBucket: number): string {
  const toNs = bucketToNs(toBucket - 1);
  const from = formatNs(bucketFromNs(fromBucket));
  return toNs === Number.POSITIVE_INFINITY ? `${from} and longer` : `${from} – ${formatNs(toNs)}`;
}

function Refused({ error, onRetry }: { error: unknown; onRetry: () => void }): ReactElement {
  if (error instanceof HubRefusal && error.status === 401) return <TokenForm onDone={onRetry} />;
  return (
    <section role="status" aria-label="State" className="panel flex max-w-2xl flex-col gap-3 p-4">
      <p>The dashboard of this address is not shown: {toRefusalWords(error)}.</p>
      <button type="button" className="control self-start" onClick={onRetry}>
        Try again
      </button>
    </section>
  );
}

/** Changes that are in the address are of a version that is not the last any more. */
function Newer({ dashboard, onShow }: { dashboard: Dashboard; onShow: () => void }): ReactElement {
  return (
    <p
      role="note"
      className="panel flex flex-wrap items-center gap-2 border-warn bg-warn-soft px-3 py-1.5 text-warn"
    >
      {dashboard.author || 'Somebody'} kept another version of “{dashboard.name}” at{' '}
      {toClock(dashboard.changedAtMs)}: these changes are of the one before.
      <button type="button" className="control" onClick={onShow}>
        Show theirs
      </button>
    </p>
  );
}

function NoPanels({ onAdd }: { onAdd: () => void }): ReactElement {
  return (
    <section aria-label="No panels yet" className="panel flex max-w-2xl flex-col gap-3 p-5">
      <h2 className="font-semibold text-title">This dashboard is empty</h2>
      <p>
        Add charts of vitals, latency heatmaps, flame graphs, tables and notes; drag a panel by the dots at
        its left, and resize it at its lower right corner. What you make is in the address of this page at
        once.
      </p>
      <button type="button" className="control self-start" onClick={onAdd}>
        Add a panel
      </button>
    </section>
  );
}

function Problems({ problems }: { problems: readonly string[] }): ReactElement | null {
  if (problems.length === 0) return null;
  return (
    <ul
      role="alert"
      aria-label="What of the address cannot be shown"
      className="panel list-none border-warn bg-warn-soft px-3 py-1.5 text-warn"
    >
      {problems.map((problem) => (
        <li key={problem}>{problem}</li>
      ))}
    </ul>
  );
}
