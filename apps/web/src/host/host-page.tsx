'use client';
/** Owns the page of one host: puts the selection, the live data and the keyboard together; each panel obeys the selection. */
import { formatNs } from '@stallscope/charts';
import { VIEWS } from '@stallscope/profile';
import Link from 'next/link';
import { type ReactElement, type ReactNode, useEffect, useRef, useState } from 'react';
import { TokenForm } from '../controls/token-form';
import { exposeForTests, noteDrawn } from '../live/test-window';
import { liveStore, useLive } from '../live/use-live';
import { toLiveSelection, toQuery } from '../selection/selection';
import { useSelection } from '../selection/use-selection';
import { GraphPanel } from '../viewer/graph-panel';
import { SelectionChips } from '../viewer/selection-chips';
import { ShortcutsSheet } from '../viewer/shortcuts-sheet';
import { useShortcuts } from '../viewer/use-shortcuts';
import { AnswerLine } from './answer-line';
import { LengthPanel } from './length-panel';
import { Notices } from './notices';
import { OpenWaitPanel } from './open-wait-panel';
import { TimePanel } from './time-panel';
import { nameOf, TopBar } from './top-bar';
import { WaitTableView } from './wait-table';

export function HostPage(): ReactElement {
  const { connection, hosts, view, fault } = useLive();
  const [selection, acts] = useSelection();
  const [isSheetOpen, setSheetOpen] = useState(false);
  const searchBox = useRef<HTMLInputElement>(null);
  const summary = hosts?.find(({ host }) => host.id === selection.host);
  const hostName = summary?.host.name || selection.host || 'no host';
  const query = toQuery(selection);

  useEffect(() => exposeForTests(), []);
  useEffect(() => liveStore().select(toLiveSelection(selection)), [selection]);
  useEffect(() => {
    document.title = `${hostName} · Stallscope`;
  }, [hostName]);
  const { host: hostId, window: wantedMs } = selection;
  const isConnected = connection.state === 'connected';
  const isRecording = summary !== undefined && summary.recording !== null;
  useEffect(() => {
    if (isConnected && hostId !== null && wantedMs !== null && !isRecording)
      liveStore().setWindow(hostId, wantedMs);
  }, [isConnected, hostId, wantedMs, isRecording]);
  useEffect(() => {
    if (view === null) return;
    const frame = requestAnimationFrame(() => noteDrawn(view.shown.newestMs));
    return () => cancelAnimationFrame(frame);
  }, [view]);

  function pauseOrResume(): void {
    if (selection.at !== null) acts.amend({ at: null });
    else if (view?.shown.newestMs != null) acts.amend({ at: Math.ceil(view.shown.newestMs) });
  }

  useShortcuts({
    toView: (index) => acts.toView(VIEWS[index]!),
    onPause: pauseOrResume,
    onSearch: () => searchBox.current?.focus(),
    onSheet: () => setSheetOpen(true),
    onStepOut() {
      if (selection.zoom !== null) {
        const { zoom } = selection;
        const path = zoom.kind === 'path' ? zoom.path.slice(0, -1) : [];
        acts.go({ zoom: path.length === 0 ? null : { kind: 'path', path } });
      } else if (selection.sel !== null) acts.amend({ sel: null });
      else if (selection.q !== '') acts.amend({ q: '' });
    },
  });

  const ofWhom =
    selection.p === null ? 'all processes' : `${nameOf(view?.processes, selection.p)} ${selection.p}`;
  const isStale =
    connection.state === 'lost' ||
    (view !== null && view.behindMs !== null) ||
    (summary !== undefined && summary.state !== 'live');
  return (
    <div className="flex min-h-screen flex-col">
      <TopBar
        hosts={hosts ?? []}
        summary={summary}
        view={view}
        selection={selection}
        acts={acts}
        onPause={pauseOrResume}
        onShortcuts={() => setSheetOpen(true)}
      />
      <main className="flex flex-col gap-2 p-2 sm:p-3" aria-label={`Host ${hostName}`}>
        {connection.state === 'unauthorized' ? (
          <TokenForm />
        ) : (
          <>
            <Notices
              summary={summary}
              view={view}
              selection={selection}
              onResume={() => acts.amend({ at: null })}
            />
            {view?.answer && <AnswerLine answer={view.answer} acts={acts} />}
            <SelectionChips selection={selection} acts={acts} view={view} />
            <div className={`flex min-w-0 flex-col gap-2 ${isStale ? 'saturate-50' : ''}`}>
              {view?.tree && (
                <TimePanel
                  strip={view.strip}
                  shown={view.shown}
                  kinds={query.kinds}
                  ofWhom={ofWhom}
                  onChoose={(from, to) => acts.go({ from, to })}
                  onFollow={() => {
                    if (selection.from !== null) acts.go({ from: null, to: null });
                  }}
                />
              )}
              <GraphPanel
                view={view}
                selection={selection}
                acts={acts}
                hostName={hostName}
                searchBox={searchBox}
                waitingFor={waitingFor()}
              />
              {view?.tree && (
                <div className="grid grid-cols-[minmax(0,1fr)] gap-2 lg:grid-cols-2">
                  <WaitTableView
                    title="Processes"
                    table={view.processes}
                    idColumn="tgid"
                    chosenId={selection.p}
                    onChoose={(tgid, _tid, isChosen) => acts.toProcess(isChosen ? null : tgid)}
                  />
                  <WaitTableView
                    title="Threads"
                    table={view.threads}
                    idColumn="tid"
                    chosenId={selection.t}
                    processOf={selection.p === null ? (tgid) => nameOf(view.processes, tgid) : undefined}
                    onChoose={(tgid, tid, isChosen) => acts.toThread(tgid, isChosen ? null : tid)}
                  />
                  <OpenWaitPanel waits={view.openWaits} onChoose={(tgid, tid) => acts.toThread(tgid, tid)} />
                  <LengthPanel counts={view.histogram} ofWhom={ofWhom} />
                </div>
              )}
            </div>
          </>
        )}
      </main>
      <ShortcutsSheet isOpen={isSheetOpen} onOpenChange={setSheetOpen} />
    </div>
  );

  function waitingFor(): ReactNode {
    if (fault !== null) return <p>Live data stopped: {fault}. Reload the page.</p>;
    if (selection.host === null) return <NoHost words="No host is chosen." />;
    if (connection.state === 'lost')
      return <p>The hub does not answer: {connection.reason}. Trying again.</p>;
    if (connection.state !== 'connected' || hosts === null) return <p>Connecting to the hub…</p>;
    if (summary === undefined) {
      return (
        <NoHost words={`The hub does not know a host “${selection.host}”. It may not have reported yet.`} />
      );
    }
    if (view?.watch.state === 'ended')
      return <NoHost words={`The hub ended the stream: ${view.watch.reason}.`} />;
    if (summary.state === 'disconnected')
      return <NoHost words="The agent of this host is disconnected and the hub holds no window of it." />;
    return <p>Waiting for the first window; this host sends one every {formatNs(summary.windowMs * 1e6)}.</p>;
  }
}

function NoHost({ words }: { words: string }): ReactElement {
  return (
    <>
      <p>{words}</p>
      <Link href="/" className="control">
        All hosts
      </Link>
    </>
  );
}
