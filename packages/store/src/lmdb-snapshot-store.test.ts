import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_REDUCTION } from '@stallscope/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { bytesOf, dataOf, draftOf, newDataDirectory, START_MS } from './fixtures/snapshots.js';
import { type LmdbSnapshotStore, openLmdbSnapshotStore } from './lmdb-snapshot-store.js';
import type { StoreBounds } from './snapshot-store.js';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function newDirectory(): string {
  const { directory, remove } = newDataDirectory();
  cleanups.push(remove);
  return directory;
}

async function openAt(
  directory: string,
  clock = { nowMs: START_MS },
  bounds: Partial<StoreBounds> = {},
): Promise<LmdbSnapshotStore> {
  const store = await openLmdbSnapshotStore({ directory, nowMs: () => clock.nowMs, bounds });
  cleanups.push(() => store.close());
  return store;
}

describe('LMDB', () => {
  it('keeps files that no other user may read, and no token in it', async () => {
    const directory = newDirectory();
    const store = await openAt(directory);
    const { snapshot } = await store.keep(draftOf('a'), new Uint8Array(), dataOf(10));
    const { token } = await store.share(snapshot.id, { expiresInMs: null, reduce: NO_REDUCTION }, null);
    await store.close();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(directory)) {
      expect([name, statSync(join(directory, name)).mode & 0o077]).toEqual([name, 0]);
      expect(readFileSync(join(directory, name)).includes(token.slice(23))).toBe(false);
    }
    expect(readdirSync(directory).sort()).toEqual([
      ...['ended-links', 'hub.lock', 'snapshots.mdb', 'snapshots.mdb-lock'],
    ]);
  });

  it('refuses a directory that another hub has, and says whose it is', async () => {
    const directory = newDirectory();
    const store = await openAt(directory);
    await expect(openAt(directory)).rejects.toMatchObject({
      code: 'in-use',
      message: `open ${directory}: another hub (process ${process.pid}) keeps its snapshots there`,
      hint: expect.stringContaining('--data DIR'),
    });
    await store.close();
    await (await openAt(directory)).close();
  });

  it('uses freed room again: the file stays within its bounds however often it turns over', async () => {
    const directory = newDirectory();
    const clock = { nowMs: START_MS };
    const bounds = { maxBytes: 2_000_000, maxSnapshotBytes: 500_000 };
    const store = await openAt(directory, clock, bounds);
    for (let n = 0; n < 12; n++) {
      clock.nowMs += 1;
      await store.keep(draftOf(`${n}`), new Uint8Array(), dataOf(490_000, n + 1));
    }
    expect((await store.list()).snapshots).toHaveLength(4);
    expect(statSync(join(directory, 'snapshots.mdb')).size).toBeLessThan(2 * bounds.maxBytes);
  });

  it('notices damage in what it stored, and shows the rest', async () => {
    const directory = newDirectory();
    const store = await openAt(directory);
    const { snapshot } = await store.keep(draftOf('damaged'), new Uint8Array(), dataOf(600_000, 3));
    const whole = await store.keep(draftOf('whole'), new Uint8Array(), dataOf(600_000, 5));
    const second = (await bytesOf(await store.read(snapshot.id, 'data'))).subarray(262_144, 262_144 + 64);
    await store.close();
    const path = join(directory, 'snapshots.mdb');
    const file = readFileSync(path);
    const at = file.indexOf(second);
    expect(at).toBeGreaterThan(0);
    file[at + 10]! ^= 1;
    writeFileSync(path, file);
    const opened = await openAt(directory);
    const blob = await opened.read(snapshot.id, 'data');
    await expect(bytesOf(blob)).rejects.toMatchObject({
      code: 'damaged',
      message: `read ${snapshot.id}: piece 1 of its data is not as it was stored`,
    });
    expect(await bytesOf(await opened.read(whole.snapshot.id, 'data'))).toHaveLength(600_000);
  });

  it.each([
    ['is no database', (path: string) => writeFileSync(path, 'hello, this is no database\n'.repeat(1000))],
    ['has a few bytes', (path: string) => writeFileSync(path, 'STALL')],
    ['was cut in its first pages', (path: string) => truncateSync(path, 5000)],
    ['was cut in the middle', (path: string) => truncateSync(path, 40_000)],
    ['was overwritten with zeros', (path: string) => writeFileSync(path, new Uint8Array(100_000))],
  ])('refuses a file that %s, with its name and what to do', async (_, damage) => {
    const directory = newDirectory();
    const store = await openAt(directory);
    for (let n = 0; n < 30; n++)
      await store.keep(draftOf(`${n}`, { notes: 'x'.repeat(3000) }), new Uint8Array(), dataOf(5000));
    await store.close();
    const path = join(directory, 'snapshots.mdb');
    damage(path);
    await expect(openAt(directory)).rejects.toMatchObject({
      code: 'corrupt',
      message: expect.stringContaining(`open ${path}: `),
      hint: expect.stringContaining(`mv ${path} ${path}.broken`),
    });
    rmSync(path);
    await (await openAt(directory)).close();
  });

  it('says so whichever page it steers by was overwritten, and opens where the page was of no use any more', async () => {
    const directory = newDirectory();
    const store = await openAt(directory);
    const ids: string[] = [];
    for (let n = 0; n < 40; n++) {
      const draft = draftOf(`${n}`, { notes: 'x'.repeat(2000) });
      ids.push((await store.keep(draft, new Uint8Array(), dataOf(20_000 + n * 500, n + 1))).snapshot.id);
    }
    for (const id of ids.slice(0, 10)) await store.delete(id);
    await store.close();
    const path = join(directory, 'snapshots.mdb');
    const sound = readFileSync(path);
    const outcomes = { corrupt: 0, opened: 0 };
    const pageBytes = 4096;
    for (let at = 2 * pageBytes; at < sound.length; at += pageBytes) {
      // Branches and leaves; pieces of files have digests of their own.
      const flags = sound.readUInt16LE(at + 18);
      if (sound.readBigUInt64LE(at) !== BigInt(at / pageBytes) || (flags !== 1 && flags !== 2)) continue;
      const file = Buffer.from(sound);
      file.fill(at % (2 * pageBytes) === 0 ? 0 : 0xa5, at, at + pageBytes);
      writeFileSync(path, file);
      try {
        await (await openAt(directory)).close();
        outcomes.opened += 1;
      } catch (error) {
        expect(error).toMatchObject({
          code: 'corrupt',
          message: expect.stringContaining('it is damaged: page'),
        });
        outcomes.corrupt += 1;
      }
    }
    expect(outcomes.corrupt).toBeGreaterThanOrEqual(3);
    writeFileSync(path, sound);
    expect((await (await openAt(directory)).list()).snapshots).toHaveLength(30);
  });
});
