/**
 * Owns what a page that shows one host draws of the list of hosts. The list comes with every window, and most of it changes
 * each time; this is replaced only when something of it did.
 */
import type { HostSummary } from '@stallscope/protocol';

export type KnownHost = Pick<HostSummary, 'state' | 'windowMs' | 'recording'> & {
  host: Pick<HostSummary['host'], 'id' | 'name'>;
  /** Null while it is live: then it moves with every window. Null as well where none has come. */
  lastWindowEndMs: number | null;
};

/** `before` itself where nothing of it has changed. */
export function toKnownHosts(
  before: readonly KnownHost[] | null,
  hosts: readonly HostSummary[],
): readonly KnownHost[] {
  const known = hosts.map(toKnownHost);
  return before?.length === known.length && known.every((host, index) => isSame(host, before[index]!))
    ? before
    : known;
}

function toKnownHost({ host, state, windowMs, recording, lastWindowEndMs }: HostSummary): KnownHost {
  return {
    host: { id: host.id, name: host.name },
    state,
    windowMs,
    recording,
    lastWindowEndMs: state === 'live' ? null : lastWindowEndMs,
  };
}

function isSame(a: KnownHost, b: KnownHost): boolean {
  return (
    a.host.id === b.host.id &&
    a.host.name === b.host.name &&
    a.state === b.state &&
    a.windowMs === b.windowMs &&
    a.lastWindowEndMs === b.lastWindowEndMs &&
    a.recording?.title === b.recording?.title &&
    a.recording?.recordedAtMs === b.recording?.recordedAtMs
  );
}
