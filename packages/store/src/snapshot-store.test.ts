/** What every snapshot store is held to, and the list of those that there are. */
import { NO_REDUCTION } from '@stallscope/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { bytesOf, collect, dataOf, draftOf, newDataDirectory, START_MS } from './fixtures/snapshots.js';
import { openLmdbSnapshotStore } from './lmdb-snapshot-store.js';
import type { SnapshotStore, StoreBounds } from './snapshot-store.js';
import { StoreError } from './store-error.js';

interface StoreUnderTest {
  store: SnapshotStore;
  clock: { nowMs: number };
  /** Closes it and opens it again on the same data. */
  reopen(): Promise<SnapshotStore>;
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const IMPLEMENTATIONS: readonly [string, (bounds?: Partial<StoreBounds>) => Promise<StoreUnderTest>][] = [
  [
    'LMDB',
    async (bounds = {}) => {
      const { directory, remove } = newDataDirectory();
      cleanups.push(remove);
      const clock = { nowMs: START_MS };
      const openAgain = async () => {
        const store = await openLmdbSnapshotStore({ directory, nowMs: () => clock.nowMs, bounds });
        cleanups.push(() => store.close());
        return store;
      };
      let store = await openAgain();
      return {
        store,
        clock,
        reopen: async () => {
          await store.close();
          store = await openAgain();
          return store;
        },
      };
    },
  ],
];

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof StoreError) return error.code;
    throw error;
  }
  return 'no error';
}

const NONE = new Uint8Array();
const HIDE_NAMES = { ...NO_REDUCTION, processNames: true };

describe.each(IMPLEMENTATIONS)('a store in %s', (_, open) => {
  it('gives back what was kept, of any size, also after it was opened again', async () => {
    const { store, reopen } = await open();
    const sizes = [1, 262_143, 262_144, 262_145, 1_000_000];
    const kept = [];
    for (const [n, size] of sizes.entries()) {
      const { snapshot, evicted } = await store.keep(
        draftOf(`n${n}`),
        Uint8Array.of(n, 1),
        dataOf(size, n + 1),
      );
      expect(snapshot).toMatchObject({ ...draftOf(`n${n}`), bytes: size, previewBytes: 2, pinned: false });
      expect(evicted).toEqual([]);
      kept.push(snapshot);
    }
    for (const next of [async () => store, reopen]) {
      const opened = await next();
      const { snapshots, totalBytes } = await opened.list();
      expect(new Set(snapshots.map(({ id }) => id))).toEqual(new Set(kept.map(({ id }) => id)));
      expect(totalBytes).toBe(sizes.reduce((sum, size) => sum + size + 2, 0));
      for (const [n, size] of sizes.entries()) {
        const { id } = kept[n]!;
        expect(await opened.find(id)).toEqual(kept[n]);
        const data = await bytesOf(await opened.read(id, 'data'));
        expect(data.equals(await collect(dataOf(size, n + 1)))).toBe(true);
        expect(await bytesOf(await opened.read(id, 'preview'))).toEqual(Buffer.of(n, 1));
      }
    }
  });

  it('knows no snapshot that it has not', async () => {
    const { store } = await open();
    expect(await store.find('nothing')).toBeUndefined();
    expect(await store.read('nothing', 'data')).toBeUndefined();
    expect(await store.change('nothing', { pinned: true })).toBeUndefined();
    expect(await store.delete('nothing')).toBe(false);
    expect(await store.shares('nothing')).toBeUndefined();
    expect(await store.revoke('nothing')).toBe(false);
    const { snapshot } = await store.keep(draftOf('no image'), NONE, dataOf(10));
    expect(await store.read(snapshot.id, 'preview')).toBeUndefined();
  });

  it('lists pinned ones first, newest first among each, and changes what is asked', async () => {
    const { store, clock, reopen } = await open();
    const ids: string[] = [];
    for (const title of ['old', 'middle', 'new']) {
      clock.nowMs += 1000;
      ids.push((await store.keep(draftOf(title), NONE, dataOf(10))).snapshot.id);
    }
    const changed = await store.change(ids[0]!, { pinned: true, title: 'kept', tags: ['x'], notes: '' });
    expect(changed).toMatchObject({ title: 'kept', pinned: true, tags: ['x'], notes: '', author: 'Ada' });
    expect(await store.change(ids[0]!, { author: 'Grace' })).toMatchObject({
      author: 'Grace',
      title: 'kept',
    });
    for (const next of [async () => store, reopen]) {
      const opened = await next();
      const { snapshots } = await opened.list();
      expect(snapshots.map(({ title }) => title)).toEqual(['kept', 'new', 'middle']);
    }
  });

  it('deletes for good, and a reader in the middle is cut off', async () => {
    const { store, reopen } = await open();
    const { snapshot } = await store.keep(draftOf('gone'), Uint8Array.of(1), dataOf(1_000_000));
    const reader = (await store.read(snapshot.id, 'data'))!.chunks[Symbol.asyncIterator]();
    expect((await reader.next()).done).toBe(false);
    expect(await store.delete(snapshot.id)).toBe(true);
    expect(await codeOf(reader.next())).toBe('unknown');
    for (const next of [async () => store, reopen]) {
      const opened = await next();
      expect(await opened.find(snapshot.id)).toBeUndefined();
      expect(await opened.read(snapshot.id, 'data')).toBeUndefined();
      expect(await opened.list()).toMatchObject({ snapshots: [], totalBytes: 0, evicted: [] });
    }
  });

  it('keeps nothing of an upload that breaks off or is too large', async () => {
    const { store, reopen } = await open({ maxSnapshotBytes: 600_000 });
    expect(await codeOf(store.keep(draftOf('large'), NONE, dataOf(600_001)))).toBe('too-large');
    async function* broken(): AsyncGenerator<Uint8Array, void> {
      yield* dataOf(400_000);
      throw new StoreError('io', 'the peer went away');
    }
    expect(await codeOf(store.keep(draftOf('broken'), NONE, broken()))).toBe('io');
    for (const next of [async () => store, reopen]) {
      const opened = await next();
      expect(await opened.list()).toMatchObject({ snapshots: [], totalBytes: 0 });
    }
  });

  it('takes a few uploads at once and refuses the next', async () => {
    const { store } = await open();
    const releases: (() => void)[] = [];
    async function* slow(): AsyncGenerator<Uint8Array, void> {
      yield Uint8Array.of(1);
      await new Promise<void>((resolve) => releases.push(resolve));
    }
    const uploads = Array.from({ length: 4 }, (_, n) => store.keep(draftOf(`${n}`), NONE, slow()));
    expect(await codeOf(store.keep(draftOf('fifth'), NONE, dataOf(1)))).toBe('busy');
    while (releases.length < 4) await new Promise((resolve) => setImmediate(resolve));
    for (const release of releases) release();
    await Promise.all(uploads);
    expect((await store.list()).snapshots).toHaveLength(4);
    await store.keep(draftOf('fifth'), NONE, dataOf(1));
  });

  it('stays within number, size and age: the oldest go, never what is pinned, and it tells which', async () => {
    const { store, clock, reopen } = await open({ maxSnapshots: 3, maxBytes: 1000, maxAgeMs: 60_000 });
    const keep = async (title: string, bytes: number) => {
      clock.nowMs += 1000;
      return store.keep(draftOf(title), NONE, dataOf(bytes));
    };
    const pinned = (await keep('pinned', 300)).snapshot.id;
    await store.change(pinned, { pinned: true });
    await keep('a', 300);
    await keep('b', 300);
    expect((await keep('c', 300)).evicted).toMatchObject([{ title: 'a', reason: 'count', bytes: 300 }]);
    expect((await keep('d', 700)).evicted.map(({ title, reason }) => [title, reason])).toEqual([
      ['b', 'count'],
      ['c', 'size'],
    ]);
    expect(await codeOf(store.keep(draftOf('too much beside what is pinned'), NONE, dataOf(701)))).toBe(
      'full',
    );
    const opened = await reopen();
    const list = await opened.list();
    expect(list.snapshots.map(({ title }) => title)).toEqual(['pinned', 'd']);
    expect(list.totalBytes).toBe(1000);
    expect(list.evicted.map(({ title }) => title)).toEqual(['c', 'b', 'a']);
    clock.nowMs += 60_001;
    expect((await opened.sweep()).map(({ title, reason }) => [title, reason])).toEqual([['d', 'age']]);
    expect((await opened.list()).snapshots.map(({ title }) => title)).toEqual(['pinned']);
  });

  it('shows a link to whoever has its token, without session facts', async () => {
    const { store, reopen } = await open();
    const { snapshot } = await store.keep(draftOf('shared'), Uint8Array.of(9), dataOf(300_000));
    const request = { expiresInMs: null, reduce: NO_REDUCTION, note: 'for Bob' };
    const { share, token } = await store.share(snapshot.id, request, null);
    expect(token).toMatch(/^[\w-]{22}\.[\w-]{43}$/);
    expect(share).toMatchObject({ snapshotId: snapshot.id, note: 'for Bob', bytes: 0, revokedAtMs: null });
    for (const next of [async () => store, reopen]) {
      const opened = await next();
      const found = await opened.findShare(token);
      if (found.state !== 'live') throw new Error(found.state);
      expect(found.shared).toEqual({
        ...draftOf('shared'),
        tags: [],
        createdAtMs: snapshot.createdAtMs,
        bytes: 300_000,
        previewBytes: 1,
        reduce: NO_REDUCTION,
        expiresAtMs: null,
      });
      const data = await bytesOf(await opened.readShared(found.shareId, 'data'));
      expect(data.equals(await collect(dataOf(300_000)))).toBe(true);
      expect(await bytesOf(await opened.readShared(found.shareId, 'preview'))).toEqual(Buffer.of(9));
      expect((await opened.find(snapshot.id))?.shares).toBe(1);
      expect(await opened.shares(snapshot.id)).toEqual([share]);
      for (const wrong of [
        '',
        token.slice(0, -1),
        `${token}a`,
        `${share.id}.${'a'.repeat(43)}`,
        `${'a'.repeat(22)}.${token.slice(23)}`,
      ]) {
        expect(await opened.findShare(wrong)).toEqual({ state: 'unknown' });
      }
    }
  });

  it('shows of a reduced link the reduced copy and nothing else', async () => {
    const { store, clock, reopen } = await open();
    const { snapshot } = await store.keep(draftOf('secret'), Uint8Array.of(9), dataOf(1000));
    const reduced = { draft: draftOf('process-3f9a', { hostName: 'host-1' }), data: Buffer.from('hashed') };
    const { share, token } = await store.share(
      snapshot.id,
      { expiresInMs: 5000, reduce: HIDE_NAMES },
      reduced,
    );
    expect(share.bytes).toBe(6);
    expect((await store.list()).totalBytes).toBe(1000 + 1 + 6);
    const opened = await reopen();
    const found = await opened.findShare(token);
    if (found.state !== 'live') throw new Error(found.state);
    expect(found.shared).toMatchObject({
      title: 'process-3f9a',
      hostName: 'host-1',
      bytes: 6,
      previewBytes: 0,
    });
    expect((await bytesOf(await opened.readShared(share.id, 'data'))).toString()).toBe('hashed');
    expect(await opened.readShared(share.id, 'preview')).toBeUndefined();

    // Once it has expired its copy goes, and it never becomes the snapshot itself, whatever the clock does.
    clock.nowMs += 5000;
    await opened.sweep();
    expect((await opened.list()).totalBytes).toBe(1001);
    clock.nowMs -= 5000;
    expect(await opened.findShare(token)).toEqual({ state: 'ended' });
    expect(await opened.readShared(share.id, 'data')).toBeUndefined();
  });

  it('ends a link at once: revoked, expired, or with its snapshot', async () => {
    const { store, clock, reopen } = await open();
    const { snapshot } = await store.keep(draftOf('shared'), NONE, dataOf(1_000_000));
    const share = (expiresInMs: number | null) =>
      store.share(snapshot.id, { expiresInMs, reduce: NO_REDUCTION }, null);
    const [revoked, expiring, orphaned] = [await share(null), await share(5000), await share(null)];
    const reader = async (id: string) => (await store.readShared(id, 'data'))!.chunks[Symbol.asyncIterator]();
    const [first, second, third] = [
      await reader(revoked.share.id),
      await reader(expiring.share.id),
      await reader(orphaned.share.id),
    ];
    for (const one of [first, second, third]) expect((await one.next()).done).toBe(false);

    const revoking = store.revoke(revoked.share.id);
    expect(await store.findShare(revoked.token)).toEqual({ state: 'ended' });
    expect(await codeOf(first.next())).toBe('unknown');
    expect(await revoking).toBe(true);

    clock.nowMs += 4999;
    expect(await store.findShare(expiring.token)).toMatchObject({ state: 'live' });
    clock.nowMs += 1;
    expect(await store.findShare(expiring.token)).toEqual({ state: 'ended' });
    expect(await codeOf(second.next())).toBe('unknown');

    expect(await store.delete(snapshot.id)).toBe(true);
    expect(await store.findShare(orphaned.token)).toEqual({ state: 'ended' });
    expect(await codeOf(third.next())).toBe('unknown');

    const opened = await reopen();
    for (const { token, share: ended } of [revoked, expiring, orphaned]) {
      expect(await opened.findShare(token)).toEqual({ state: 'ended' });
      expect(await opened.readShared(ended.id, 'data')).toBeUndefined();
      // Not even that it once was is told to one who has the id alone.
      expect(await opened.findShare(`${ended.id}.${'b'.repeat(43)}`)).toEqual({ state: 'unknown' });
    }
  });

  it('gives a snapshot a bounded number of links', async () => {
    const { store } = await open();
    const { snapshot } = await store.keep(draftOf('shared'), NONE, dataOf(10));
    const request = { expiresInMs: null, reduce: NO_REDUCTION };
    for (let n = 0; n < 50; n++) await store.share(snapshot.id, request, null);
    expect(await codeOf(store.share(snapshot.id, request, null))).toBe('too-many-shares');
    await store.revoke((await store.shares(snapshot.id))![0]!.id);
    await store.share(snapshot.id, request, null);
  });

  it('once closed refuses everything with an error, readers and uploads in the middle too', async () => {
    const { store } = await open();
    const { snapshot } = await store.keep(draftOf('a'), NONE, dataOf(1_000_000));
    const reader = (await store.read(snapshot.id, 'data'))!.chunks[Symbol.asyncIterator]();
    await reader.next();
    let isAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => {
      isAsked = resolve;
    });
    let release = (): void => undefined;
    async function* slow(): AsyncGenerator<Uint8Array, void> {
      yield Uint8Array.of(1);
      isAsked();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    }
    const upload = codeOf(store.keep(draftOf('cut short'), NONE, slow()));
    await asked;
    const next = codeOf(reader.next());
    await store.close();
    release();
    expect(await upload).toBe('closed');
    expect(await next).toBe('closed');
    expect(await codeOf(store.keep(draftOf('b'), NONE, dataOf(1)))).toBe('closed');
    expect(await codeOf(store.delete(snapshot.id))).toBe('closed');
    expect(await codeOf(store.sweep())).toBe('closed');
    await store.close();
  });

  it('makes room for a reduced copy, but not by the snapshot that it is of', async () => {
    const { store, clock } = await open({ maxBytes: 1000 });
    const { snapshot } = await store.keep(draftOf('shared'), NONE, dataOf(600));
    clock.nowMs += 1000;
    await store.keep(draftOf('newer'), NONE, dataOf(300));
    const share = (bytes: number) =>
      store.share(
        snapshot.id,
        { expiresInMs: null, reduce: HIDE_NAMES },
        { draft: draftOf('reduced'), data: new Uint8Array(bytes) },
      );
    await share(200);
    const { snapshots, evicted } = await store.list();
    expect([snapshots.map(({ title }) => title), evicted.map(({ title }) => title)]).toEqual([
      ['shared'],
      ['newer'],
    ]);
    expect(await codeOf(share(201))).toBe('full');
  });
});
