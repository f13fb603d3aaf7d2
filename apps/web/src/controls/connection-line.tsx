'use client';
import type { ReactElement } from 'react';
import type { Connection } from '../live/live-messages';
import type { LiveSnapshot } from '../live/live-store';
import { liveStore, useLiveOf } from '../live/use-live';
import { toAge, toClock, toUtc } from '../words/words';
import { useNow } from './use-now';

const connectionOf = ({ connection }: LiveSnapshot) => connection;
const faultOf = ({ fault }: LiveSnapshot) => fault;
const behindMsOf = ({ view }: LiveSnapshot) => view?.behindMs ?? null;

/** The state of the live data's connection to the hub. */
export function ConnectionLine(): ReactElement {
  return (
    <ConnectionWords
      connection={useLiveOf(connectionOf)}
      fault={useLiveOf(faultOf)}
      behindMs={useLiveOf(behindMsOf)}
      onRetry={() => liveStore().retry()}
    />
  );
}

export interface ConnectionWordsProps {
  connection: Connection;
  /** Why the worker itself stopped. */
  fault: string | null;
  /** How far what is shown is behind while windows that the hub keeps still come, ms. */
  behindMs: number | null;
  onRetry: () => void;
}

/** The state of a connection to the hub, always in words. */
export function ConnectionWords({
  connection,
  fault,
  behindMs,
  onRetry,
}: ConnectionWordsProps): ReactElement {
  const nowMs = useNow(connection.state === 'lost');
  if (fault !== null) {
    return (
      <p role="status" aria-label="Connection" className="text-bad">
        ✕ live data stopped: {fault}.{' '}
        <button type="button" className="underline" onClick={() => location.reload()}>
          Reload
        </button>
      </p>
    );
  }
  const age = nowMs === null ? '' : toAge(nowMs - connection.sinceMs);
  switch (connection.state) {
    case 'connected':
      if (behindMs !== null) {
        return (
          <p
            role="status"
            aria-label="Connection"
            className="text-warn"
            title="The windows that the hub keeps come oldest first; what is shown is not yet the newest"
          >
            <span aria-hidden="true">◌</span> catching up
            {behindMs >= 1000 ? `, ${toAge(behindMs)} behind` : ''}
          </p>
        );
      }
      return (
        <p
          role="status"
          aria-label="Connection"
          className="text-dull"
          title={`Connected to the hub since ${toClock(connection.sinceMs)} (${toUtc(connection.sinceMs)})`}
        >
          <span aria-hidden="true" className="text-ok">
            ●
          </span>{' '}
          connected
        </p>
      );
    case 'connecting':
      return (
        <p role="status" aria-label="Connection" className="text-dull">
          <span aria-hidden="true">○</span> connecting
        </p>
      );
    case 'unauthorized':
      return (
        <p role="status" aria-label="Connection" className="text-warn">
          <span aria-hidden="true">○</span> token needed
        </p>
      );
    case 'lost': {
      const waitMs = nowMs === null ? 0 : connection.retryAtMs - nowMs;
      return (
        <p role="status" aria-label="Connection" className="text-bad" title={connection.reason}>
          <span aria-hidden="true">✕</span> connection lost {age} ago
          {waitMs > 500 ? `, retry in ${toAge(waitMs)}` : ', retrying'}{' '}
          <button type="button" className="underline" onClick={onRetry}>
            now
          </button>
        </p>
      );
    }
  }
}
