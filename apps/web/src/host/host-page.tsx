'use client';
/** Owns the page of one host: puts the selection, the live data and the keyboard together; each panel obeys the selection. */
import { formatNs } from '@stallscope/charts';
import Link from 'next/link';
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import { Toast } from '../controls/toast';
import { TokenForm } from '../controls/token-form';
import type { BaseWays } from '../difference/base-ways';
import { useCollected } from '../latency/use-collected';
import type { LiveSnapshot } from '../live/live-store';
import { exposeForTests, noteDrawn } from '../live/test-window';
import { liveStore, useLive, useLiveOf } from '../live/use-live';
import { type Selection, toLiveSelection } from '../selection/selection';
import { type SelectionActs, useSelection } from '../selection/use-selection';
import { useKeys } from '../viewer/keys';
import { SelectionChips, useRoomInBar } from '../viewer/selection-chips';
import { ShortcutsSheet } from '../viewer/shortcuts-sheet';
import { WaitPanels } from '../viewer/wait-panels';
import { AnswerLine } from './answer-line';
import { KeepActions, useLiveKeeping } from './keep-actions';
import { Notices } from './notices';
import { TopBar } from './top-bar';

const connectionOf = ({ connection }: LiveSnapshot) => connection;
const hostsOf = ({ knownHosts }: LiveSnapshot) => knownHosts;
const viewOf = ({ view }: LiveSnapshot) => view;
const isBehindOf = ({ view }: LiveSnapshot) => view !== null && view.behindMs !== null;

/** Rendered when the selection changes or the connection, not with every window: the parts that show windows follow them. */
export function HostPage(): ReactElement {
  const connection = useLiveOf(connectionOf);
  const hosts = useLiveOf(hostsOf);
  const isBehind = useLiveOf(isBehindOf);
  const [selection, acts] = useSelection();
  const [isSheetOpen, setSheetOpen] = useState(false);
  const isBarWide = useRoomInBar();
  const summary = hosts?.find(({ host }) => host.id === selection.host);
  const hostName = summary?.host.name || selection.host || 'no host';

  const ways = useMemo(
    (): BaseWays => ({
      shown: selection.host === null ? null : { kind: 'host', id: selection.host },
      hosts: (hosts ?? []).map(({ host }) => host),
      hasHub: true,
      giveFile: (name, file) => liveStore().giveBaseFile(name, file),
    }),
    [selection.host, hosts],
  );
  const keeping = useLiveKeeping(hostName, selection);

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

  useCollected(selection, isConnected && !isRecording);

  function pauseOrResume(): void {
    const newestMs = liveStore().snapshot().view?.shown.newestMs ?? null;
    if (selection.at !== null) acts.amend({ at: null });
    else if (newestMs !== null) acts.amend({ at: Math.ceil(newestMs) });
  }

  useKeys({ ' ': pauseOrResume, s: keeping.keep, '?': () => setSheetOpen(true) });

  const isStale =
    connection.state === 'lost' || isBehind || (summary !== undefined && summary.state !== 'live');
  const chips = <LiveChips selection={selection} acts={acts} />;
  return (
    <div className="flex min-h-screen flex-col">
      <TopBar
        hosts={hosts ?? []}
        summary={summary}
        selection={selection}
        acts={acts}
        onPause={pauseOrResume}
        onShortcuts={() => setSheetOpen(true)}
        filters={isBarWide && chips}
      >
        <KeepActions keeping={keeping} hostName={summary?.host.name ?? ''} selection={selection} />
      </TopBar>
      <main className="flex flex-col gap-2 p-2 sm:p-3" aria-label={`Host ${hostName}`}>
        {connection.state === 'unauthorized' ? (
          <TokenForm />
        ) : (
          <>
            <Notices summary={summary} selection={selection} onResume={() => acts.amend({ at: null })} />
            <LiveAnswer acts={acts} />
            {!isBarWide && chips}
            <div className={`flex min-w-0 flex-col gap-2 ${isStale ? 'saturate-50' : ''}`}>
              <LivePanels
                selection={selection}
                acts={acts}
                name={hostName}
                ways={ways}
                isRecorded={isRecording}
              />
            </div>
          </>
        )}
      </main>
      <Toast />
      <ShortcutsSheet isOpen={isSheetOpen} onOpenChange={setSheetOpen} />
    </div>
  );
}

interface OfSelection {
  selection: Selection;
  acts: SelectionActs;
}

function LivePanels({
  selection,
  acts,
  name,
  ways,
  isRecorded,
}: OfSelection & { name: string; ways: BaseWays; isRecorded: boolean }): ReactElement {
  const view = useLiveOf(viewOf);
  useEffect(() => {
    if (view === null) return;
    const frame = requestAnimationFrame(() => noteDrawn(view.shown.newestMs));
    return () => cancelAnimationFrame(frame);
  }, [view]);
  return (
    <WaitPanels
      view={view}
      selection={selection}
      acts={acts}
      name={name}
      ways={ways}
      isRecorded={isRecorded}
      waitingFor={view?.tree == null ? <WaitingFor hostId={selection.host} /> : null}
    />
  );
}

function LiveAnswer({ acts }: { acts: SelectionActs }): ReactElement | null {
  const answer = useLiveOf(viewOf)?.answer;
  return answer ? <AnswerLine answer={answer} acts={acts} /> : null;
}

function LiveChips({ selection, acts }: OfSelection): ReactElement {
  return <SelectionChips selection={selection} acts={acts} view={useLiveOf(viewOf)} />;
}

/** Why there is no graph yet. */
function WaitingFor({ hostId }: { hostId: string | null }): ReactElement {
  const { connection, hosts, view, fault } = useLive();
  const summary = hosts?.find(({ host }) => host.id === hostId);
  if (fault !== null) return <p>Live data stopped: {fault}. Reload the page.</p>;
  if (hostId === null) return <NoHost words="No host is chosen." />;
  if (connection.state === 'lost') return <p>The hub does not answer: {connection.reason}. Trying again.</p>;
  if (connection.state !== 'connected' || hosts === null) return <p>Connecting to the hub…</p>;
  if (summary === undefined)
    return <NoHost words={`The hub does not know a host “${hostId}”. It may not have reported yet.`} />;
  if (view?.watch.state === 'ended')
    return <NoHost words={`The hub ended the stream: ${view.watch.reason}.`} />;
  if (summary.state === 'disconnected')
    return <NoHost words="The agent of this host is disconnected and the hub holds no window of it." />;
  return <p>Waiting for the first window; this host sends one every {formatNs(summary.windowMs * 1e6)}.</p>;
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
