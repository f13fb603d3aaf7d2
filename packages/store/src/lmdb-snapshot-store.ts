/**
 * Owns snapshots and links in LMDB: one file, this process its only writer.
 *
 * A file is written piece by piece under the id of the snapshot to be, each piece its own commit; then the snapshot's
 * record, in one commit with the removal of what has to go for it. A snapshot is there when its record is, so whatever
 * a kill interrupts leaves pieces that no record names, which the next start removes.
 *
 * Records are in memory too (a thousand small ones), changed after the commit that keeps them; changes go one by one.
 * Dashboards lie in the same file, and are another's (lmdb-dashboard-store.ts).
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  type EvictedSnapshot,
  isReduced,
  MAX_SNAPSHOT_BYTES,
  readShares,
  readSnapshot,
  readSnapshotDraft,
  type Share,
  type SharedSnapshot,
  type ShareRequest,
  type Snapshot,
  type SnapshotDraft,
  type SnapshotPatch,
} from '@stallscope/protocol';
import { claimDataDirectory, DATABASE_FILE, toDirectoryError } from './data-directory.js';
import { EndedLinks } from './ended-links.js';
import {
  CHUNK_BYTES,
  DEFAULT_MAX_AGE_MS,
  DEFAULT_MAX_BYTES,
  DIGEST_BYTES,
  FILE_SLACK,
  MAX_ENDED_SHARES,
  MAX_EVICTED_TOLD,
  MAX_SHARES_A_SNAPSHOT,
  MAX_SNAPSHOTS,
  MAX_UPLOADS,
} from './limits.js';
import { LmdbDashboardStore } from './lmdb-dashboard-store.js';
import { corrupt, openTables, type Tables } from './lmdb-file.js';
import { LmdbWriter, readJson, toJson } from './lmdb-writer.js';
import { chooseEvictions, type Eviction } from './retention.js';
import { isSecretOf, newId, newShareToken, readShareToken } from './share-token.js';
import type {
  Blob,
  FoundShare,
  ReducedCopy,
  SharePart,
  SnapshotStore,
  StoreBounds,
} from './snapshot-store.js';
import { StoreError } from './store-error.js';

export interface StoreOptions {
  /** Made and owned as `prepareDataDirectory` does it. */
  directory: string;
  nowMs: () => number;
  bounds?: Partial<StoreBounds>;
}

/** Of the layout of what is stored; a newer store is refused. */
const STORE_VERSION = 1;

/** As stored; how many links it has is counted. */
type StoredSnapshot = Omit<Snapshot, 'shares'>;

interface StoredShare {
  share: Share;
  secretHash: string;
  /** What it shows in place of the snapshot's own facts. */
  reduced: SnapshotDraft | null;
}

/** Throws StoreError `in-use`, `corrupt`, `disk-full` or `directory`. */
export async function openLmdbSnapshotStore(options: StoreOptions): Promise<LmdbSnapshotStore> {
  const giveBack = claimDataDirectory(options.directory);
  try {
    const bounds: StoreBounds = {
      maxSnapshots: MAX_SNAPSHOTS,
      maxBytes: DEFAULT_MAX_BYTES,
      maxSnapshotBytes: MAX_SNAPSHOT_BYTES,
      maxAgeMs: DEFAULT_MAX_AGE_MS,
      ...options.bounds,
    };
    const inFlightBytes = MAX_UPLOADS * (bounds.maxSnapshotBytes + CHUNK_BYTES);
    const tables = openTables(options.directory, toMapBytes((bounds.maxBytes + inFlightBytes) * FILE_SLACK));
    try {
      const endedLinks = openEndedLinks(options.directory);
      try {
        const store = new LmdbSnapshotStore({ ...options, bounds }, tables, endedLinks, giveBack);
        await store.load();
        return store;
      } catch (error) {
        endedLinks.close();
        throw error;
      }
    } catch (error) {
      await tables.root.close();
      throw error;
    }
  } catch (error) {
    giveBack();
    throw error;
  }
}

function openEndedLinks(directory: string): EndedLinks {
  try {
    return new EndedLinks(directory);
  } catch (error) {
    throw toDirectoryError('write to', directory, error);
  }
}

export class LmdbSnapshotStore implements SnapshotStore {
  readonly bounds: StoreBounds;
  /** Ids of records that could not be read when the store was opened; they are left as they are. */
  readonly unreadable: string[] = [];
  /** In the same file; ends with this store. */
  readonly dashboards: LmdbDashboardStore;
  readonly #directory: string;
  readonly #nowMs: () => number;
  readonly #tables: Tables;
  readonly #writer: LmdbWriter;
  readonly #endedLinks: EndedLinks;
  readonly #giveBack: () => void;
  readonly #snapshots = new Map<string, StoredSnapshot>();
  readonly #shares = new Map<string, StoredShare>();
  #evicted: EvictedSnapshot[] = [];
  /** Owners of pieces whose removal failed. */
  readonly #leftovers = new Set<string>();
  /** Links that were revoked and of which the database does not say so yet. */
  readonly #revoked = new Set<StoredShare>();
  #uploads = 0;

  constructor(
    options: StoreOptions & { bounds: StoreBounds },
    tables: Tables,
    endedLinks: EndedLinks,
    giveBack: () => void,
  ) {
    this.bounds = options.bounds;
    this.#directory = options.directory;
    this.#nowMs = options.nowMs;
    this.#tables = tables;
    this.#writer = new LmdbWriter(tables.root, this.#directory, this.bounds.maxBytes);
    this.dashboards = new LmdbDashboardStore(tables.dashboards, this.#writer, options.nowMs);
    this.#endedLinks = endedLinks;
    this.#giveBack = giveBack;
  }

  /** Reads the records, and removes pieces that none names: of uploads that a kill cut short. */
  async load(): Promise<void> {
    const path = join(this.#directory, DATABASE_FILE);
    let owners: Set<string>;
    try {
      const version = readJson(this.#tables.root.get('version'));
      if (typeof version === 'number' && version > STORE_VERSION) {
        throw corrupt(
          path,
          `it is of version ${version}, and this program reads ${STORE_VERSION}; upgrade it`,
        );
      }
      for (const { key, value } of this.#tables.snapshots.getRange({})) {
        this.#loadRecord(key, value, (record) => {
          this.#snapshots.set(key, readStoredSnapshot(record));
        });
      }
      for (const { key, value } of this.#tables.shares.getRange({})) {
        this.#loadRecord(key, value, (record) => {
          this.#shares.set(key, readStoredShare(record));
        });
      }
      this.dashboards.load();
      const evicted = readJson(this.#tables.root.get('evicted'));
      if (Array.isArray(evicted)) this.#evicted = evicted as EvictedSnapshot[];
      owners = new Set(
        Array.from(this.#tables.chunks.getKeys({}), (key) => (Array.isArray(key) ? String(key[0]) : '')),
      );
    } catch (error) {
      if (error instanceof StoreError) throw error;
      throw corrupt(path, error instanceof Error ? error.message : String(error), error);
    }
    for (const id of this.#endedLinks.ids()) {
      const stored = this.#shares.get(id);
      if (stored === undefined) continue;
      stored.share.revokedAtMs ??= this.#nowMs();
      this.#revoked.add(stored);
    }
    const known = new Set([...this.#snapshots.keys(), ...this.#shares.keys(), ...this.unreadable]);
    for (const owner of owners) if (!known.has(owner)) await this.#removeChunks(owner);
    if (this.#tables.root.get('version') === undefined) {
      await this.#writer.commit(() => this.#tables.root.put('version', toJson(STORE_VERSION)));
    }
  }

  async list(): Promise<{ snapshots: Snapshot[]; totalBytes: number; evicted: EvictedSnapshot[] }> {
    const snapshots = [...this.#snapshots.values()].map((stored) => this.#toSnapshot(stored));
    snapshots.sort(
      (a, b) =>
        Number(b.pinned) - Number(a.pinned) || b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1),
    );
    const totalBytes = this.#kept().reduce((sum, { bytes }) => sum + bytes, 0);
    return { snapshots, totalBytes, evicted: [...this.#evicted] };
  }

  async find(id: string): Promise<Snapshot | undefined> {
    const stored = this.#snapshots.get(id);
    return stored === undefined ? undefined : this.#toSnapshot(stored);
  }

  async keep(
    draft: SnapshotDraft,
    preview: Uint8Array,
    data: AsyncIterable<Uint8Array>,
  ): Promise<{ snapshot: Snapshot; evicted: EvictedSnapshot[] }> {
    if (this.#uploads >= MAX_UPLOADS) {
      throw new StoreError(
        'busy',
        `keep a snapshot: ${MAX_UPLOADS} others are being kept`,
        'Try again in a moment.',
      );
    }
    this.#uploads += 1;
    const id = newId();
    try {
      const bytes = await this.#writeChunks(id, 'data', data);
      if (preview.length > 0) await this.#writeChunks(id, 'preview', once(preview));
      return await this.#writer.oneByOne(async () => {
        const nowMs = this.#nowMs();
        const evictions = this.#makeRoom({ bytes: bytes + preview.length }, nowMs);
        const stored: StoredSnapshot = {
          ...draft,
          id,
          createdAtMs: nowMs,
          pinned: false,
          bytes,
          previewBytes: preview.length,
        };
        const evicted = await this.#evict(evictions, nowMs, () =>
          this.#tables.snapshots.put(id, toJson(stored)),
        );
        this.#snapshots.set(id, stored);
        return { snapshot: this.#toSnapshot(stored), evicted };
      });
    } catch (error) {
      await this.#discard(id);
      throw error;
    } finally {
      this.#uploads -= 1;
    }
  }

  change(id: string, patch: SnapshotPatch): Promise<Snapshot | undefined> {
    return this.#writer.oneByOne(async () => {
      const before = this.#snapshots.get(id);
      if (before === undefined) return undefined;
      const stored: StoredSnapshot = { ...before };
      if (patch.title !== undefined) stored.title = patch.title;
      if (patch.notes !== undefined) stored.notes = patch.notes;
      if (patch.tags !== undefined) stored.tags = patch.tags;
      if (patch.author !== undefined) stored.author = patch.author;
      if (patch.pinned !== undefined) stored.pinned = patch.pinned;
      await this.#writer.commit(() => this.#tables.snapshots.put(id, toJson(stored)));
      this.#snapshots.set(id, stored);
      return this.#toSnapshot(stored);
    });
  }

  delete(id: string): Promise<boolean> {
    return this.#writer.oneByOne(async () => {
      if (!this.#snapshots.has(id)) return false;
      await this.#remove([id], this.#nowMs(), () => undefined);
      return true;
    });
  }

  async read(id: string, part: SharePart): Promise<Blob | undefined> {
    const stored = this.#snapshots.get(id);
    if (stored === undefined) return undefined;
    const bytes = part === 'data' ? stored.bytes : stored.previewBytes;
    if (bytes === 0) return undefined;
    return { bytes, chunks: this.#readChunks(id, part, bytes, () => this.#snapshots.has(id)) };
  }

  share(
    id: string,
    request: ShareRequest,
    reduced: ReducedCopy | null,
  ): Promise<{ share: Share; token: string }> {
    if (isReduced(request.reduce) !== (reduced !== null)) {
      throw new TypeError('share: a reduced copy goes with a reduction, and with nothing else');
    }
    return this.#writer.oneByOne(async () => {
      const nowMs = this.#nowMs();
      if (!this.#snapshots.has(id)) throw new StoreError('unknown', `share ${id}: there is no such snapshot`);
      if (this.#countLive(id, nowMs) >= MAX_SHARES_A_SNAPSHOT) {
        throw new StoreError(
          'too-many-shares',
          `share ${id}: it has ${MAX_SHARES_A_SNAPSHOT} links already`,
          'Revoke one that is not needed any more.',
        );
      }
      const { shareId, token, secretHash } = newShareToken();
      const bytes = reduced?.data.length ?? 0;
      const evictions = this.#makeRoom({ bytes, of: id }, nowMs);
      try {
        if (reduced !== null) await this.#writeChunks(shareId, 'data', once(reduced.data));
        const share: Share = {
          id: shareId,
          snapshotId: id,
          createdAtMs: nowMs,
          expiresAtMs: request.expiresInMs === null ? null : nowMs + request.expiresInMs,
          revokedAtMs: null,
          reduce: request.reduce,
          note: request.note ?? '',
          bytes,
        };
        const stored: StoredShare = { share, secretHash, reduced: reduced?.draft ?? null };
        await this.#evict(evictions, nowMs, () => this.#tables.shares.put(shareId, toJson(stored)));
        this.#shares.set(shareId, stored);
        return { share: { ...share }, token };
      } catch (error) {
        await this.#discard(shareId);
        throw error;
      }
    });
  }

  async shares(id: string): Promise<Share[] | undefined> {
    if (!this.#snapshots.has(id)) return undefined;
    return [...this.#shares.values()]
      .map(({ share }) => ({ ...share }))
      .filter(({ snapshotId }) => snapshotId === id)
      .sort((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1));
  }

  revoke(shareId: string): Promise<boolean> {
    const stored = this.#shares.get(shareId);
    if (stored === undefined) return Promise.resolve(false);
    // Before it is on the disk: from here on nobody is shown anything, whatever the disk does.
    const { share } = stored;
    share.revokedAtMs ??= this.#nowMs();
    this.#revoked.add(stored);
    return this.#writer.oneByOne(async () => {
      try {
        await this.#keepRevoked();
      } catch (error) {
        this.#noteRevoked(stored, error);
      }
      return true;
    });
  }

  async findShare(token: string): Promise<FoundShare> {
    const { shareId, secret } = readShareToken(token) ?? { shareId: '', secret: '' };
    const stored = this.#shares.get(shareId);
    if (!isSecretOf(secret, stored?.secretHash) || stored === undefined) return { state: 'unknown' };
    const snapshot = this.#snapshots.get(stored.share.snapshotId);
    if (snapshot === undefined || !isLive(stored.share, this.#nowMs())) return { state: 'ended' };
    return { state: 'live', shareId, shared: toShared(snapshot, stored) };
  }

  async readShared(shareId: string, part: SharePart): Promise<Blob | undefined> {
    const stored = this.#shares.get(shareId);
    const snapshot = stored === undefined ? undefined : this.#snapshots.get(stored.share.snapshotId);
    if (stored === undefined || snapshot === undefined) return undefined;
    const isShown = (): boolean =>
      isLive(stored.share, this.#nowMs()) && this.#snapshots.has(stored.share.snapshotId);
    if (!isShown()) return undefined;
    const { bytes, previewBytes } = toShared(snapshot, stored);
    const partBytes = part === 'data' ? bytes : previewBytes;
    if (partBytes === 0) return undefined;
    const owner = stored.reduced === null ? snapshot.id : shareId;
    return { bytes: partBytes, chunks: this.#readChunks(owner, part, partBytes, isShown) };
  }

  sweep(): Promise<EvictedSnapshot[]> {
    return this.#writer.oneByOne(async () => {
      await this.#keepRevoked();
      for (const owner of this.#leftovers) {
        await this.#removeChunks(owner);
        this.#leftovers.delete(owner);
      }
      const nowMs = this.#nowMs();
      const expired = [...this.#shares.values()].filter(
        ({ share }) => share.bytes > 0 && !isLive(share, nowMs),
      );
      if (expired.length > 0) await this.#endShares(expired);
      await this.#forgetEndedShares(nowMs);
      const evictions = chooseEvictions(this.#kept(), undefined, this.bounds, nowMs);
      return evictions === 'full' || evictions.length === 0
        ? []
        : await this.#evict(evictions, nowMs, () => undefined);
    });
  }

  async close(): Promise<void> {
    if (!(await this.#writer.close())) return;
    this.#endedLinks.close();
    this.#giveBack();
  }

  #loadRecord(key: string, value: Buffer, load: (record: unknown) => void): void {
    try {
      load(readJson(value));
    } catch {
      // Counted and told by the hub; one bad record must not keep the others from being shown.
      this.unreadable.push(key);
    }
  }

  #toSnapshot(stored: StoredSnapshot): Snapshot {
    return { ...stored, shares: this.#countLive(stored.id, this.#nowMs()) };
  }

  #countLive(id: string, nowMs: number): number {
    let count = 0;
    for (const { share } of this.#shares.values()) {
      if (share.snapshotId === id && isLive(share, nowMs)) count += 1;
    }
    return count;
  }

  #kept(): { id: string; createdAtMs: number; pinned: boolean; bytes: number }[] {
    const copies = new Map<string, number>();
    for (const { share } of this.#shares.values()) {
      copies.set(share.snapshotId, (copies.get(share.snapshotId) ?? 0) + share.bytes);
    }
    return [...this.#snapshots.values()].map(({ id, createdAtMs, pinned, bytes, previewBytes }) => ({
      id,
      createdAtMs,
      pinned,
      bytes: bytes + previewBytes + (copies.get(id) ?? 0),
    }));
  }

  #makeRoom(incoming: { bytes: number; of?: string }, nowMs: number): Eviction[] {
    const evictions = chooseEvictions(this.#kept(), incoming, this.bounds, nowMs);
    if (evictions !== 'full') return evictions;
    throw new StoreError(
      'full',
      `keep ${incoming.bytes} bytes: what is pinned leaves no room within ${this.bounds.maxSnapshots} snapshots and ${this.bounds.maxBytes} bytes`,
      'Unpin or delete snapshots.',
    );
  }

  /** One commit: what is evicted, the note of it, and what `write` adds. */
  async #evict(
    evictions: readonly Eviction[],
    nowMs: number,
    write: () => unknown,
  ): Promise<EvictedSnapshot[]> {
    const gone = evictions.map(({ id, reason }): EvictedSnapshot => {
      const { title, createdAtMs, bytes } = this.#snapshots.get(id)!;
      return { id, title, createdAtMs, bytes, evictedAtMs: nowMs, reason };
    });
    const evicted = [...gone.toReversed(), ...this.#evicted].slice(0, MAX_EVICTED_TOLD);
    await this.#remove(
      gone.map(({ id }) => id),
      nowMs,
      () => {
        write();
        if (gone.length > 0) this.#tables.root.put('evicted', toJson(evicted));
      },
    );
    this.#evicted = evicted;
    return gone;
  }

  /** Snapshots with their pieces and links, in one commit with what `write` adds. */
  async #remove(ids: readonly string[], nowMs: number, write: () => unknown): Promise<void> {
    const removed = new Set(ids);
    const ended = [...this.#shares.values()].filter(({ share }) => removed.has(share.snapshotId));
    await this.#writer.commit(() => {
      write();
      for (const id of removed) {
        this.#tables.snapshots.remove(id);
        this.#removeChunksNow(id);
      }
      for (const stored of ended) this.#endNow(stored, nowMs);
    });
    for (const id of removed) this.#snapshots.delete(id);
    for (const { share } of ended) {
      share.revokedAtMs = toEndMs(share, nowMs);
      share.bytes = 0;
    }
    if (removed.size > 0) await this.#freePages();
  }

  /** What was revoked, into the database; sweeps try again what a revocation could not. */
  async #keepRevoked(): Promise<void> {
    const revoked = [...this.#revoked];
    if (revoked.length === 0) return;
    await this.#endShares(revoked);
    for (const stored of revoked) this.#revoked.delete(stored);
    try {
      this.#endedLinks.clear();
    } catch {
      // What is left there says of links that have ended that they have.
    }
  }

  /** On the page that is set apart for it. Throws StoreError where that cannot be written either. */
  #noteRevoked({ share }: StoredShare, cause: unknown): void {
    try {
      this.#endedLinks.note(share.id);
    } catch (error) {
      const { code, message } = cause instanceof StoreError ? cause : new StoreError('io', String(cause));
      throw new StoreError(
        code,
        `the link has ended, but that is not on the disk: ${message}`,
        'It stays ended while this hub runs, which tries again every minute. Started anew before that, the hub would show it again: mend the disk first, then revoke it once more.',
        { cause: error },
      );
    }
  }

  async #endShares(ended: readonly StoredShare[]): Promise<void> {
    const nowMs = this.#nowMs();
    const hadCopies = ended.some(({ share }) => share.bytes > 0);
    await this.#writer.commit(() => {
      for (const stored of ended) this.#endNow(stored, nowMs);
    });
    for (const { share } of ended) {
      // Whatever the clock says later: its copy is gone.
      share.revokedAtMs = toEndMs(share, nowMs);
      share.bytes = 0;
    }
    if (hadCopies) await this.#freePages();
  }

  /** Within a commit. What remains tells the holder of the token that the link has ended. */
  #endNow({ share, secretHash }: StoredShare, nowMs: number): void {
    const ended: StoredShare = {
      share: { ...share, revokedAtMs: toEndMs(share, nowMs), bytes: 0 },
      secretHash,
      reduced: null,
    };
    this.#tables.shares.put(share.id, toJson(ended));
    if (share.bytes > 0) this.#removeChunksNow(share.id);
  }

  async #forgetEndedShares(nowMs: number): Promise<void> {
    const ended = [...this.#shares.values()]
      .filter(({ share }) => share.bytes === 0 && !isLive(share, nowMs))
      .sort((a, b) => a.share.createdAtMs - b.share.createdAtMs);
    const forgotten = ended.slice(0, Math.max(0, ended.length - MAX_ENDED_SHARES));
    if (forgotten.length === 0) return;
    await this.#writer.commit(() => {
      for (const { share } of forgotten) this.#tables.shares.remove(share.id);
    });
    for (const { share } of forgotten) this.#shares.delete(share.id);
  }

  /** Returns how many bytes there were. */
  async #writeChunks(owner: string, part: SharePart, data: AsyncIterable<Uint8Array>): Promise<number> {
    let bytes = 0;
    let number = 0;
    for await (const chunk of toChunks(data)) {
      bytes += chunk.length;
      if (bytes > this.bounds.maxSnapshotBytes) {
        throw new StoreError(
          'too-large',
          `keep a snapshot: its file has more than ${this.bounds.maxSnapshotBytes} bytes`,
          'Choose a shorter span of time, or fewer processes.',
        );
      }
      const key = [owner, part, number++];
      const value = Buffer.concat([toDigest(chunk), chunk]);
      await this.#writer.commit(() => this.#tables.chunks.put(key, value));
    }
    return bytes;
  }

  async *#readChunks(
    owner: string,
    part: SharePart,
    bytes: number,
    isShown: () => boolean,
  ): AsyncGenerator<Uint8Array, void> {
    let read = 0;
    for (let number = 0; read < bytes; number++) {
      const key = [owner, part, number];
      // Disk reads happen off this thread; the read below then only copies.
      await this.#writer.onOpen(() => this.#tables.chunks.prefetch([key]));
      this.#writer.assertOpen();
      if (!isShown()) throw new StoreError('unknown', `read ${owner}: it is not there any more`);
      const value = this.#tables.chunks.getBinary(key);
      const chunk = value?.subarray(DIGEST_BYTES);
      if (
        value === undefined ||
        chunk === undefined ||
        !toDigest(chunk).equals(value.subarray(0, DIGEST_BYTES))
      ) {
        throw new StoreError(
          'damaged',
          `read ${owner}: piece ${number} of its ${part} is not as it was stored`,
          'The disk or the file is damaged: restore it from a backup, or delete the snapshot.',
        );
      }
      read += chunk.length;
      yield chunk;
    }
  }

  /** Within a commit. */
  #removeChunksNow(owner: string): void {
    const keys = [...this.#tables.chunks.getKeys({ start: [owner], end: [owner, '\uffff'] })];
    for (const key of keys) this.#tables.chunks.remove(key);
  }

  async #removeChunks(owner: string): Promise<void> {
    await this.#writer.commit(() => this.#removeChunksNow(owner));
    await this.#freePages();
  }

  /** After a failure, whose error is the one to tell; what cannot be removed now is tried again by `sweep`. */
  async #discard(owner: string): Promise<void> {
    try {
      await this.#removeChunks(owner);
    } catch {
      this.#leftovers.add(owner);
    }
  }

  /** LMDB gives pages that one commit freed to the one after the next: on a full disk that has to come first. */
  async #freePages(): Promise<void> {
    await this.#writer.commit(() => this.#tables.root.put('freed', toJson(this.#nowMs())));
  }
}

function readStoredSnapshot(record: unknown): StoredSnapshot {
  const whole = typeof record === 'object' && record !== null ? { ...record, shares: 0 } : record;
  const { shares, ...stored } = readSnapshot({ snapshot: whole });
  return stored;
}

function readStoredShare(record: unknown): StoredShare {
  const { share, secretHash, reduced } = record as Partial<StoredShare>;
  const [read] = readShares({ shares: [share] });
  if (read === undefined || typeof secretHash !== 'string' || reduced === undefined) {
    throw new TypeError('link: has the wrong shape');
  }
  return { share: read, secretHash, reduced: reduced === null ? null : readSnapshotDraft(reduced) };
}

function isLive({ revokedAtMs, expiresAtMs }: Share, nowMs: number): boolean {
  return revokedAtMs === null && (expiresAtMs === null || nowMs < expiresAtMs);
}

/** When it ended, or ends now. */
function toEndMs({ revokedAtMs, expiresAtMs }: Share, nowMs: number): number {
  return revokedAtMs ?? Math.min(expiresAtMs ?? nowMs, nowMs);
}

function toShared(snapshot: StoredSnapshot, { share, reduced }: StoredShare): SharedSnapshot {
  const { id, pinned, createdAtMs, bytes, previewBytes, ...draft } = snapshot;
  return {
    ...(reduced ?? draft),
    tags: [],
    createdAtMs,
    bytes: reduced === null ? bytes : share.bytes,
    previewBytes: reduced === null ? previewBytes : 0,
    reduce: share.reduce,
    expiresAtMs: share.expiresAtMs,
  };
}

/** The whole address space is reserved at once; the file grows only as far as it is filled. */
function toMapBytes(bytes: number): number {
  const page = 1024 * 1024;
  return Math.ceil(bytes / page + 64) * page;
}

/** In pieces of CHUNK_BYTES, however they come. */
async function* toChunks(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const received of data) {
    let rest = received;
    while (length + rest.length >= CHUNK_BYTES) {
      const taken = CHUNK_BYTES - length;
      yield Buffer.concat([...parts, rest.subarray(0, taken)]);
      rest = rest.subarray(taken);
      parts = [];
      length = 0;
    }
    if (rest.length > 0) {
      parts.push(rest);
      length += rest.length;
    }
  }
  if (length > 0) yield Buffer.concat(parts);
}

async function* once(data: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield data;
}

function toDigest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest().subarray(0, DIGEST_BYTES);
}
