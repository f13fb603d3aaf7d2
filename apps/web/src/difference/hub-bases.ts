/** Owns where a worker gets bases from: streams and snapshots of the hub that it is loaded from, and files. */
import { readErrorAnswer, readSnapshot } from '@stallscope/protocol';
import type { LiveDeps } from '../live/live-session';
import { Differences } from './differences';
import { HostFeed } from './host-feed';

/** `deps`: how a host's stream is opened. */
export function hubDifferences(
  deps: Omit<LiveDeps, 'post' | 'differences' | 'feed'>,
): (onChange: () => void) => Differences {
  return (onChange) =>
    new Differences({
      onChange,
      openHost: (hostId, onFeed) => new HostFeed(deps, hostId, onFeed),
      fetchSnapshot,
      // Loaded when a base asks for it: a page that only looks needs none of the formats.
      readFile: async (bytes, name) => (await import('./read-base-file')).readBaseFile(bytes, name),
    });
}

/** @throws Error with the hub's own words */
async function fetchSnapshot(id: string): Promise<{ title: string; bytes: Uint8Array }> {
  const snapshot = readSnapshot(await (await ask(`/api/snapshots/${id}`)).json());
  const data = await ask(`/api/snapshots/${id}/data`);
  return { title: snapshot.title, bytes: new Uint8Array(await data.arrayBuffer()) };
}

async function ask(path: string): Promise<Response> {
  const response = await fetch(path, { credentials: 'same-origin', cache: 'no-store' });
  if (response.ok) return response;
  // A proxy's answer may be no JSON: then there is no reason to read in it.
  const answer: unknown = await response.json().catch(() => undefined);
  throw new Error(`The snapshot cannot be had: ${readErrorAnswer(answer, response.status)}`);
}
