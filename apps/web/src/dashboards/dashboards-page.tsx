'use client';
/** Owns the page of dashboards: puts address, grid, panels and keyboard together. */
import { PLAIN_SHAPE } from '@stallscope/profile';
import { type ReactElement, useCallback, useEffect, useMemo, useState } from 'react';
import { ConnectionLine } from '../controls/connection-line';
import { SectionBar } from '../controls/section-bar';
import { Toast, toast } from '../controls/toast';
import { TokenForm } from '../controls/token-form';
import { useMedia } from '../controls/use-media';
import { NOTHING_BESIDE } from '../live/live-messages';
import type { LiveSnapshot } from '../live/live-store';
import { exposeForTests } from '../live/test-window';
import { liveStore, useLiveOf } from '../live/use-live';
import { useKeys } from '../viewer/keys';
import { useRoomInBar } from '../viewer/selection-chips';
import { plural } from '../words/words';
import { AddPanel } from './add-panel';
import { DashBar } from './dash-bar';
import { DashChips } from './dash-chips';
import { findRoom, settle } from './dash-grid';
import { DashGridView } from './dash-grid-view';
import { type DashPanel, MAX_PANELS, MAX_PANELS_CHARS } from './dash-panel';
import { DashboardList } from './dashboard-list';
import { NotePanel } from './note-panel';
import { FIRST_SIZE, helpOf, KIND_TITLES, type PanelChoice, titleOf } from './panel-choices';
import { newPanelId } from './panel-code';
import { PanelContent } from './panel-content';
import { type PanelActs, PanelFrame } from './panel-frame';
import { useDashboard } from './use-dashboard';

const connectionOf = ({ connection }: LiveSnapshot) => connection;
const hostsOf = ({ knownHosts }: LiveSnapshot) => knownHosts;

export function DashboardsPage(): ReactElement {
  const [shown, acts] = useDashboard(null);
  const { panels, selection, time, address } = shown;
  const connection = useLiveOf(connectionOf);
  const known = useLiveOf(hostsOf);
  const isNarrow = !useMedia('(min-width: 768px)');
  const isBarWide = useRoomInBar();
  const [isAdding, setAdding] = useState(false);
  const [editedId, setEditedId] = useState<string | null>(null);
  const [spoken, setSpoken] = useState('');

  const hosts = useMemo(
    () =>
      (known ?? [])
        .map(({ host, windowMs }) => ({ id: host.id, name: host.name, windowMs }))
        .sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1)),
    [known],
  );
  const hostId = shown.hostId ?? hosts[0]?.id ?? null;
  const hostNameOf = useCallback(
    (id: string): string => hosts.find((host) => host.id === id)?.name || id,
    [hosts],
  );

  useEffect(() => {
    exposeForTests();
    liveStore().select({
      hostId: null,
      query: { view: 'off-cpu', kinds: ['blocked'] },
      span: { kind: 'last', lengthMs: 30_000 },
      pausedAtMs: null,
      search: null,
      shape: PLAIN_SHAPE,
      wants: NOTHING_BESIDE,
    });
  }, []);
  const title = panels === null ? 'Dashboards' : 'Dashboard';
  useEffect(() => {
    document.title = `${title} · Stallscope`;
  }, [title]);

  function change(next: readonly DashPanel[], words: string, step: 'go' | 'amend' = 'go'): boolean {
    const fits = acts.setPanels(next, step);
    if (fits) setSpoken(words);
    else toast(`Not done: the address would have more than ${MAX_PANELS_CHARS} characters. Shorten a note.`);
    return fits;
  }

  function add(choice: PanelChoice): void {
    setAdding(false);
    if (panels === null) return;
    if (panels.length >= MAX_PANELS) {
      toast(`A dashboard has at most ${plural(MAX_PANELS, 'panel')}: remove one first`);
      return;
    }
    const id = newPanelId(panels);
    const { kind, arg } = choice;
    const panel: DashPanel = { id, kind, arg, host: null, ...findRoom(panels, FIRST_SIZE[kind]) };
    if (!change(settle([...panels, panel]), `${titleOf(panel)} is added`)) return;
    if (kind === 'note') setEditedId(id);
    // The dialog gives the focus back to its button first, and the panel has to be there.
    setTimeout(() => {
      const frame = document.querySelector<HTMLElement>(`[data-panel="${id}"]`);
      frame?.scrollIntoView({ block: 'nearest' });
      if (kind !== 'note') frame?.querySelector<HTMLElement>('button')?.focus({ preventScroll: true });
    }, 60);
  }

  const panelActs: PanelActs = {
    toHost: (panel, host) => {
      const words = `${titleOf(panel)} shows ${host === null ? 'the dashboard’s host' : hostNameOf(host)}`;
      change(
        (panels ?? []).map((one) => (one.id === panel.id ? { ...one, host } : one)),
        words,
      );
    },
    duplicate: (panel) => {
      if (panels === null) return;
      if (panels.length >= MAX_PANELS) {
        toast(`A dashboard has at most ${plural(MAX_PANELS, 'panel')}: remove one first`);
        return;
      }
      const copy = { ...panel, id: newPanelId(panels), ...findRoom(panels, panel) };
      change(settle([...panels, copy]), `${titleOf(panel)} is there twice`);
    },
    remove: (panel) => {
      const next = settle((panels ?? []).filter(({ id }) => id !== panel.id));
      if (change(next, `${titleOf(panel)} is removed`)) {
        toast(`${titleOf(panel)} is removed; Back brings it again`);
      }
    },
    edit: (panel) => setEditedId(panel.id),
  };

  useKeys({ a: () => panels !== null && setAdding(true) });

  const chips = (
    <DashChips
      selection={selection}
      hostNameOf={hostNameOf}
      lengthsOf={(fromBucket, toBucket) => `${fromBucket}–${toBucket}`}
      onSelect={acts.select}
    />
  );
  return (
    <div className="flex min-h-screen flex-col">
      <header className="top-0 z-20 bg-surface sm:sticky">
        <DashBar
          picker={<span className="font-semibold">{title}</span>}
          connection={<ConnectionLine />}
          hosts={hosts}
          hostId={hostId}
          runsAtMs={hosts.find(({ id }) => id === hostId)?.windowMs ?? null}
          time={time}
          isShown={panels !== null}
          onHost={(host) => acts.go({ host })}
          onSpan={(span) => acts.go({ span })}
          onInterval={(window) => acts.go({ window })}
          onPause={null}
        />
        <SectionBar current="dashboards" filters={isBarWide && chips}>
          {panels !== null && (
            <button type="button" className="control" onClick={() => setAdding(true)}>
              <span aria-hidden="true">＋</span> Add panel
            </button>
          )}
        </SectionBar>
      </header>
      <main className="flex min-w-0 flex-col gap-2 p-2 sm:p-3" aria-label={title}>
        <Problems problems={shown.problems} />
        {!isBarWide && chips}
        {connection.state === 'unauthorized' ? <TokenForm /> : content()}
      </main>
      <p className="sr-only" role="status" aria-label="Layout">
        {spoken}
      </p>
      <Toast />
      <AddPanel isOpen={isAdding} onClose={() => setAdding(false)} onAdd={add} refusalOf={() => null} />
    </div>
  );

  function content(): ReactElement {
    if (panels === null) return <DashboardList host={address.host} />;
    if (panels.length === 0) return <NoPanels onAdd={() => setAdding(true)} />;
    return (
      <DashGridView
        panels={panels}
        isNarrow={isNarrow}
        onChange={change}
        onRemove={panelActs.remove}
        titleOf={titleOf}
      >
        {(panel, grips) => (
          <PanelFrame
            panel={panel}
            title={titleOf(panel)}
            help={helpOf(panel)}
            hostName={panel.host === null || panel.host === hostId ? null : hostNameOf(panel.host)}
            cost={null}
            refused={null}
            hosts={hosts}
            acts={panelActs}
            grips={grips}
          >
            {panel.kind === 'note' ? (
              <NotePanel
                text={panel.arg}
                isEdited={editedId === panel.id}
                onEdit={() => setEditedId(panel.id)}
                onDone={(text) => {
                  setEditedId(null);
                  if (text === null || text === panel.arg) return;
                  change(
                    panels.map((one) => (one.id === panel.id ? { ...one, arg: text } : one)),
                    `${KIND_TITLES.note} is written`,
                  );
                }}
              />
            ) : (
              <PanelContent
                panel={panel}
                hostId={panel.host ?? hostId}
                time={time}
                selection={selection}
                onSelect={acts.select}
              />
            )}
          </PanelFrame>
        )}
      </DashGridView>
    );
  }
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
