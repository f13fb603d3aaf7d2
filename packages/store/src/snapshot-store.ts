/**
 * Owns what a store of snapshots promises, whatever keeps it: `snapshot-store.test.ts` holds each implementation to it.
 *
 * - What a promise has answered is on the disk, and is there whole after kill -9 or a power cut.
 * - What was not answered is there whole or not at all.
 * - The sum of all sizes, the number and the age stay within `bounds`; what is pinned never goes by itself.
 * - A link that was revoked or has expired is shown to nobody from that instant on, readers in the middle included.
 * - A token is not stored, only its hash.
 */
import type {
  EvictedSnapshot,
  Share,
  SharedSnapshot,
  ShareRequest,
  Snapshot,
  SnapshotDraft,
  SnapshotPatch,
} from '@stallscope/protocol';

export interface StoreBounds {
  maxSnapshots: number;
  /** Of files, images and reduced copies together. */
  maxBytes: number;
  /** Of one file. */
  maxSnapshotBytes: number;
  /** Of what is not pinned, ms. */
  maxAgeMs: number;
}

/** What a link shows in place of the snapshot itself: its facts and data with names hashed. */
export interface ReducedCopy {
  draft: SnapshotDraft;
  data: Uint8Array;
}

export type SharePart = 'data' | 'preview';

export type FoundShare =
  | { state: 'live'; shareId: string; shared: SharedSnapshot }
  /** Expired or revoked; only the holder of the token is told. */
  | { state: 'ended' }
  | { state: 'unknown' };

export interface Blob {
  bytes: number;
  /** Ends with StoreError `unknown` when it is deleted or revoked meanwhile, with `damaged` when it is not as stored. */
  chunks: AsyncIterable<Uint8Array>;
}

export interface SnapshotStore {
  readonly bounds: StoreBounds;
  /** All of them, pinned ones first, newest first among each. */
  list(): Promise<{ snapshots: Snapshot[]; totalBytes: number; evicted: EvictedSnapshot[] }>;
  find(id: string): Promise<Snapshot | undefined>;
  /** Throws StoreError `too-large`, `full`, `busy`, `disk-full`, and what `data` throws; nothing is kept then. */
  keep(
    draft: SnapshotDraft,
    preview: Uint8Array,
    data: AsyncIterable<Uint8Array>,
  ): Promise<{ snapshot: Snapshot; evicted: EvictedSnapshot[] }>;
  /** undefined when there is no such snapshot. */
  change(id: string, patch: SnapshotPatch): Promise<Snapshot | undefined>;
  /** Its links end with it. False when there is no such snapshot. */
  delete(id: string): Promise<boolean>;
  read(id: string, part: SharePart): Promise<Blob | undefined>;
  /** @param reduced null when the link shows the snapshot as it is */
  share(
    id: string,
    request: ShareRequest,
    reduced: ReducedCopy | null,
  ): Promise<{ share: Share; token: string }>;
  /** Those that ended too, newest first; undefined when there is no such snapshot. */
  shares(id: string): Promise<Share[] | undefined>;
  /**
   * False when there is no such link. Throws StoreError where the disk does not take it: the link has ended all the same,
   * and `sweep` tries again, but a store that is opened before that shows it.
   */
  revoke(shareId: string): Promise<boolean>;
  findShare(token: string): Promise<FoundShare>;
  readShared(shareId: string, part: SharePart): Promise<Blob | undefined>;
  /** What is over its age goes, and the copies of links that have expired. */
  sweep(): Promise<EvictedSnapshot[]>;
  close(): Promise<void>;
}
