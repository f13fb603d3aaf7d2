'use client';
/** Owns the page of one host: puts the selection, the live data and the keyboard together; each panel obeys the selection. */
import { formatNs } from '@stallscope/charts';
import Link from 'next/link';
import { type ReactElement, type ReactNode, useEffect, useMemo, useState } from 'react';
import { Toast } from '../controls/toast';
import { TokenForm } from '../controls/token-form';
import type { BaseWays } from '../difference/base-ways';
import { exposeForTests, noteDrawn } from '../live/test-window';
import { liveStore, useLive } from '../live/use-live';
import { toLiveSelection } from '../selection/selection';
import { useSelection } from '../selection/use-selection';
import { useKeys } from '../viewer/keys';
import { SelectionChips } from '../viewer/selection-chips';
import { ShortcutsSheet } from '../viewer/shortcuts-sheet';
import { WaitPanels } from '../viewer/wait-panels';
import { AnswerLine } from './answer-line';
import { KeepActions, useLiveKeeping } from './keep-actions';
import { Notices } from './notices';
import { TopBar } from './top-bar';

export function HostPage(): ReactElement {
  const live = useLive();
  const { connection, hosts, view, fault } = live;
  const [selection, acts] = useSelection();
  const [isSheetOpen, setSheetOpen] = useState(false);
  const summary = hosts?.find(({ host }) => host.id === selection.host);
  const hostName = summary?.host.name || selection.host || 'no host';

  const hostList = JSON.stringify((hosts ?? []).map(({ host }) => host));
  const ways = useMemo(
    (): BaseWays => ({
      shown: selection.host === null ? null : { kind: 'host', id: selection.host },
      hosts: JSON.parse(hostList),
      hasHub: true,
      giveFile: (name, file) => liveStore().giveBaseFile(name, file),
    }),
    [selection.host, hostList],
  );
  const keeping = useLiveKeeping(hostName, view, selection);

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

  useKeys({ ' ': pauseOrResume, s: keeping.keep, '?': () => setSheetOpen(true) });

  const isStale =
    connection.state === 'lost' ||
    (view !== null && view.behindMs !== null) ||
    (summary !== undefined && summary.state !== 'live');
  // The list of hosts comes once a second beside the view, and changes nothing in the panels while there is a graph.
  const waitingOn = view?.tree == null ? live : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: waitingFor() reads `live`, which matters without a graph only.
  const panels = useMemo(
    () => (
      <WaitPanels
        view={view}
        selection={selection}
        acts={acts}
        name={hostName}
        ways={ways}
        waitingFor={waitingFor()}
      />
    ),
    [view, selection, acts, hostName, ways, waitingOn],
  );
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
      >
        <KeepActions keeping={keeping} summary={summary} view={view} selection={selection} />
      </TopBar>
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
            <SelectionChips selection={selection} acts={acts} view={view} className="lg:hidden" />
            <div className={`flex min-w-0 flex-col gap-2 ${isStale ? 'saturate-50' : ''}`}>{panels}</div>
          </>
        )}
      </main>
      <Toast />
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
