/** Owns which snapshots have to go: what is too old, then the oldest until number and size fit. Pure. */
import type { EvictedSnapshot } from '@stallscope/protocol';
import type { StoreBounds } from './snapshot-store.js';

export interface Kept {
  id: string;
  createdAtMs: number;
  pinned: boolean;
  /** With its image and the copies of its links. */
  bytes: number;
}

export interface Eviction {
  id: string;
  reason: EvictedSnapshot['reason'];
}

/**
 * @param incoming what is about to be kept beside: a snapshot, or the copy of a link of the snapshot `of`, which stays
 * @returns 'full' when even without all that is unpinned there is no room for it
 */
export function chooseEvictions(
  kept: readonly Kept[],
  incoming: { bytes: number; of?: string } | undefined,
  bounds: Pick<StoreBounds, 'maxSnapshots' | 'maxBytes' | 'maxAgeMs'>,
  nowMs: number,
): Eviction[] | 'full' {
  const evictions: Eviction[] = [];
  let count = kept.length + (incoming === undefined || incoming.of !== undefined ? 0 : 1);
  let bytes = kept.reduce((sum, snapshot) => sum + snapshot.bytes, incoming?.bytes ?? 0);
  const oldestFirst = kept
    .filter(({ id, pinned }) => !pinned && id !== incoming?.of)
    .sort((a, b) => a.createdAtMs - b.createdAtMs || (a.id < b.id ? -1 : 1));
  for (const snapshot of oldestFirst) {
    const reason =
      nowMs - snapshot.createdAtMs > bounds.maxAgeMs
        ? 'age'
        : count > bounds.maxSnapshots
          ? 'count'
          : bytes > bounds.maxBytes
            ? 'size'
            : undefined;
    if (reason === undefined) break;
    evictions.push({ id: snapshot.id, reason });
    count -= 1;
    bytes -= snapshot.bytes;
  }
  const fits = count <= bounds.maxSnapshots && bytes <= bounds.maxBytes;
  return fits || incoming === undefined ? evictions : 'full';
}
