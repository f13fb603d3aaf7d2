/** What every dashboard store is held to, and the list of those that there are. */
import type { DashboardDraft } from '@stallscope/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import type { DashboardStore } from './dashboard-store.js';
import { dataOf, draftOf, newDataDirectory, START_MS } from './fixtures/snapshots.js';
import { MAX_DASHBOARDS } from './limits.js';
import { type LmdbSnapshotStore, openLmdbSnapshotStore } from './lmdb-snapshot-store.js';
import { StoreError } from './store-error.js';

interface StoreUnderTest {
  store: DashboardStore;
  clock: { nowMs: number };
  /** Closes it and opens it again on the same data. */
  reopen(): Promise<DashboardStore>;
  close(): Promise<void>;
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function openAt(directory: string, clock: { nowMs: number }): Promise<LmdbSnapshotStore> {
  const store = await openLmdbSnapshotStore({ directory, nowMs: () => clock.nowMs });
  cleanups.push(() => store.close());
  return store;
}

const IMPLEMENTATIONS: readonly [string, () => Promise<StoreUnderTest>][] = [
  [
    'LMDB',
    async () => {
      const { directory, remove } = newDataDirectory();
      cleanups.push(remove);
      const clock = { nowMs: START_MS };
      let opened = await openAt(directory, clock);
      return {
        store: opened.dashboards,
        clock,
        reopen: async () => {
          await opened.close();
          opened = await openAt(directory, clock);
          return opened.dashboards;
        },
        close: () => opened.close(),
      };
    },
  ],
];

function dashboardOf(name: string, rest: Partial<DashboardDraft> = {}): DashboardDraft {
  return { name, author: 'Ada', view: 'host=web-1&panels=1:vitals:load:0,0,6,7&span=5m', ...rest };
}

async function errorOf(promise: Promise<unknown>): Promise<StoreError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('there was no error');
}

describe.each(IMPLEMENTATIONS)('a store in %s', (_, open) => {
  it('gives back what was kept, by name, also after it was opened again', async () => {
    const { store, clock, reopen } = await open();
    const writes = await store.keep(dashboardOf('Writes'));
    clock.nowMs += 1000;
    const deploy = await store.keep(dashboardOf('deploy', { author: '' }));
    expect(writes).toEqual({
      ...dashboardOf('Writes'),
      ...{ id: writes.id, revision: 1, createdAtMs: START_MS, changedAtMs: START_MS },
    });
    expect(writes.id).toMatch(/^[\w-]{22}$/);
    for (const next of [async () => store, reopen]) {
      const opened = await next();
      expect(await opened.list()).toEqual([deploy, writes]);
      expect(await opened.find(writes.id)).toEqual(writes);
      expect(await opened.find('nothing')).toBeUndefined();
    }
  });

  it('changes a dashboard for one who has seen its last version, and refuses one who has not', async () => {
    const { store, clock, reopen } = await open();
    const first = await store.keep(dashboardOf('Writes'));
    clock.nowMs += 5000;
    const second = await store.change(first.id, {
      ...dashboardOf('Writes at night', { author: 'Grace', view: 'span=1m' }),
      revision: first.revision,
    });
    expect(second).toEqual({
      ...{ name: 'Writes at night', author: 'Grace', view: 'span=1m' },
      ...{ id: first.id, revision: 2, createdAtMs: START_MS, changedAtMs: START_MS + 5000 },
    });
    const late = await errorOf(store.change(first.id, { ...dashboardOf('Writes'), revision: 1 }));
    expect([late.code, late.message]).toEqual([
      'changed',
      'keep “Writes”: Grace has kept another version of it meanwhile',
    ]);
    for (const next of [async () => store, reopen]) expect(await (await next()).list()).toEqual([second]);
  });

  it('of two who change the same version at once, one is refused', async () => {
    const { store } = await open();
    const { id, revision } = await store.keep(dashboardOf('Writes'));
    const outcomes = await Promise.allSettled(
      ['Ada', 'Grace'].map((author) => store.change(id, { ...dashboardOf('Writes', { author }), revision })),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect(await store.find(id)).toMatchObject({ author: 'Ada', revision: 2 });
  });

  it('gives a name once, in whatever case', async () => {
    const { store } = await open();
    const writes = await store.keep(dashboardOf('Writes'));
    const other = await store.keep(dashboardOf('Other'));
    expect((await errorOf(store.keep(dashboardOf('wRITES')))).code).toBe('name-taken');
    const renamed = store.change(other.id, { ...dashboardOf('writes'), revision: other.revision });
    expect((await errorOf(renamed)).code).toBe('name-taken');
    expect(await store.change(writes.id, { ...dashboardOf('WRITES'), revision: 1 })).toMatchObject({
      name: 'WRITES',
    });
    expect(await store.delete(writes.id)).toBe(true);
    await store.keep(dashboardOf('Writes'));
  });

  it('deletes for good', async () => {
    const { store, reopen } = await open();
    const { id } = await store.keep(dashboardOf('Writes'));
    expect(await store.delete(id)).toBe(true);
    for (const next of [async () => store, reopen]) {
      const opened = await next();
      expect(await opened.list()).toEqual([]);
      expect(await opened.delete(id)).toBe(false);
      expect(await opened.change(id, { ...dashboardOf('Writes'), revision: 1 })).toBeUndefined();
    }
  });

  it('keeps a bounded number', async () => {
    const { store } = await open();
    await Promise.all(Array.from({ length: MAX_DASHBOARDS }, (_, n) => store.keep(dashboardOf(`${n}`))));
    const refused = await errorOf(store.keep(dashboardOf('one more')));
    expect([refused.code, refused.hint]).toEqual(['full', 'Delete one that is not needed any more.']);
    await store.delete((await store.list())[0]!.id);
    await store.keep(dashboardOf('one more'));
  });

  it('once closed refuses to write', async () => {
    const { store, close } = await open();
    const { id } = await store.keep(dashboardOf('Writes'));
    await close();
    expect((await errorOf(store.keep(dashboardOf('late')))).code).toBe('closed');
    expect((await errorOf(store.delete(id))).code).toBe('closed');
  });
});

it('dashboards and snapshots in one file leave each other alone', async () => {
  const { directory, remove } = newDataDirectory();
  cleanups.push(remove);
  const clock = { nowMs: START_MS };
  const store = await openAt(directory, clock);
  const { snapshot } = await store.keep(draftOf('a'), new Uint8Array(), dataOf(300_000));
  const dashboard = await store.dashboards.keep(dashboardOf('Writes'));
  await store.delete(snapshot.id);
  await store.close();
  const opened = await openAt(directory, clock);
  expect((await opened.list()).snapshots).toEqual([]);
  expect(await opened.dashboards.list()).toEqual([dashboard]);
});
