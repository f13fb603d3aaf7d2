'use client';
/** Owns what a panel says where it has nothing to draw: never an empty box without a word. */
import type { HostSummary } from '@stallscope/protocol';
import type { ReactElement, ReactNode } from 'react';
import { toClock } from '../words/words';
import type { PanelsSnapshot } from './panels-store';
import { usePanelsOf } from './use-panels';

/** In the middle of the panel. */
export function PanelWords({ children }: { children: ReactNode }): ReactElement {
  return (
    <div
      role="status"
      className="flex h-full flex-col items-center justify-center gap-1 overflow-y-auto px-4 py-2 text-center text-dull"
    >
      {children}
    </div>
  );
}

/** Before there is any data: what is waited for. */
export function WaitingWords({ hostId }: { hostId: string }): ReactElement {
  const connection = usePanelsOf(connectionOf);
  const isKnown = usePanelsOf(({ hosts }) => hosts?.some(({ host }) => host.id === hostId) ?? null);
  const fault = usePanelsOf(faultOf);
  if (fault !== null) return <PanelWords>Live data stopped: {fault}. Reload the page.</PanelWords>;
  switch (connection.state) {
    case 'connecting':
      return <PanelWords>Connecting to the hub…</PanelWords>;
    case 'unauthorized':
      return <PanelWords>The hub wants a token.</PanelWords>;
    case 'lost':
      return (
        <PanelWords>
          No connection to the hub since {toClock(connection.sinceMs)}: {connection.reason}. Trying again.
        </PanelWords>
      );
    case 'connected':
      return isKnown === false ? (
        <PanelWords>
          The hub does not know the host “{hostId}”. It is shown here when its agent connects.
        </PanelWords>
      ) : (
        <PanelWords>Waiting for the first window…</PanelWords>
      );
  }
}

const connectionOf = ({ connection }: PanelsSnapshot) => connection;
const faultOf = ({ fault }: PanelsSnapshot) => fault;

/** It is asked for now; a recording has what it has. */
export function NotCollected({ hostId }: { hostId: string }): ReactElement {
  const isRecording = usePanelsOf(
    ({ hosts }) => hosts?.find(({ host }) => host.id === hostId)?.recording != null,
  );
  if (isRecording) return <PanelWords>It was not collected when this was recorded.</PanelWords>;
  return (
    <PanelWords>
      <p>Not collected until now.</p>
      <p className="text-small">It is asked for: what comes from now on is shown here.</p>
    </PanelWords>
  );
}

/** What is shown is not of now: the host or the hub is away. */
export function AwayLine({ hostId }: { hostId: string }): ReactElement | null {
  const connection = usePanelsOf(connectionOf);
  const away = usePanelsOf(({ hosts }) => awayOf(hosts?.find(({ host }) => host.id === hostId)));
  const words =
    connection.state === 'lost' ? `No connection to the hub since ${toClock(connection.sinceMs)}` : away;
  if (words === null) return null;
  return (
    <p role="status" className="bg-warn-soft px-2 text-small text-warn">
      {words}: what is shown came before.
    </p>
  );
}

/** Words, so that what reads it changes only when they do. */
function awayOf(summary: HostSummary | undefined): string | null {
  if (summary === undefined || summary.state === 'live') return null;
  const { lastWindowEndMs } = summary;
  const since = lastWindowEndMs === null ? '' : ` since ${toClock(lastWindowEndMs)}`;
  return summary.state === 'stale' ? `The host is silent${since}` : `The host is away${since}`;
}
