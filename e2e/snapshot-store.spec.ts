/** What the hub keeps on disk stays: through kill -9, a full disk, a second hub; and it keeps it without being root. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import { ProfileTables } from '@stallscope/profile';
import { type Random, seededRandom } from '@stallscope/profile/fixtures';
import { readShareCreated, readSharedSnapshot, readWindowFile } from '@stallscope/protocol';
import { onKernel } from './running-product.js';
import { draftOf, newDirectory, SnapshotHub } from './snapshot-hub.js';
import { NOBODY, StallscopeProcess } from './stallscope-process.js';

const DEMO = fileURLToPath(new URL('../apps/cli/demo/demo.stallscope', import.meta.url));

const KILLS = 5;
/** Uploads at once: what a kill meets is then seldom nothing. */
const READERS = 3;
const LONGEST_LIFE_MS = 700;
const LARGEST_BYTES = 1_500_000;

test('kill -9 of the hub at any moment loses no snapshot that was acknowledged, and leaves none in part', async () => {
  const seed = Number(process.env.STALLSCOPE_SEED ?? Date.now() % 1_000_000);
  console.log(`STALLSCOPE_SEED=${seed}`);
  const random = seededRandom(seed);
  const directory = newDirectory();
  /** Title → digest, of all that was ever sent. */
  const sent = new Map<string, string>();
  /** Id → what is promised of it. */
  const promised = new Map<string, { title: string; pinned: boolean }>();
  const deleted = new Set<string>();
  /** Changes that were not answered may have happened or not. */
  const unanswered = new Set<string>();
  let acknowledged = 0;
  let inPart = 0;

  const use = async (hub: SnapshotHub, random: Random, name: string): Promise<void> => {
    for (let n = 0; ; n++) {
      const title = `${name}.${n}`;
      const data = toData(random, random.integer(1, LARGEST_BYTES));
      sent.set(title, toDigest(data));
      const { id } = await hub.keep(draftOf(title), data);
      promised.set(id, { title, pinned: false });
      acknowledged += 1;
      if (random.chance(0.3)) {
        unanswered.add(id);
        const isDelete = random.chance(0.5);
        const answer = isDelete
          ? await hub.ask(`/api/snapshots/${id}`, { method: 'DELETE' })
          : await hub.send('PATCH', `/api/snapshots/${id}`, { pinned: true });
        expect(answer.ok).toBe(true);
        await answer.arrayBuffer();
        unanswered.delete(id);
        if (isDelete) {
          deleted.add(id);
          promised.delete(id);
        } else promised.set(id, { title, pinned: true });
      }
    }
  };

  try {
    for (let kill = 0; kill <= KILLS; kill++) {
      const hub = await SnapshotHub.start(directory.path);
      const list = await hub.list();
      const listed = new Map(list.snapshots.map((snapshot) => [snapshot.id, snapshot]));
      const where = `after kill ${kill} of seed ${seed}`;
      for (const [id, { title, pinned }] of promised) {
        if (unanswered.has(id)) continue;
        expect(listed.get(id), `${title} ${where}`).toMatchObject({ title, pinned });
      }
      for (const id of deleted) expect(listed.has(id), `${id} was deleted, ${where}`).toBe(false);
      for (const { id, title, bytes } of list.snapshots) {
        const data = await hub.data(id);
        expect([data.length, toDigest(data)], `${title} ${where}`).toEqual([bytes, sent.get(title)]);
        if (!promised.has(id)) inPart += 1;
      }
      expect(list.totalBytes).toBe(list.snapshots.reduce((sum, { bytes }) => sum + bytes, 0));
      // Room for the next round, and deletions of what is large.
      for (const { id } of list.snapshots.slice(6)) {
        expect((await hub.ask(`/api/snapshots/${id}`, { method: 'DELETE' })).status).toBe(204);
        deleted.add(id);
        promised.delete(id);
      }
      if (kill === KILLS) {
        expect((await hub.process.interrupt()).code).toBe(0);
        break;
      }
      const users = Array.from({ length: READERS }, (_, n) =>
        use(hub, seededRandom(random.integer(0, 2 ** 31)), `${kill}.${n}`).catch((error: unknown) => {
          // fetch says so when the hub is gone; all else is a finding.
          if (!(error instanceof TypeError)) throw error;
        }),
      );
      await new Promise((resolve) => setTimeout(resolve, random.integer(1, LONGEST_LIFE_MS)));
      await hub.kill();
      await Promise.all(users);
    }
    console.log(`${acknowledged} acknowledged, ${inPart} kept without an answer`);
    expect(acknowledged).toBeGreaterThan(0);
  } finally {
    directory.remove();
  }
});

test('two hubs do not share a directory: the second says whose it is and what to do', async () => {
  const directory = newDirectory();
  try {
    const hub = await SnapshotHub.start(directory.path);
    const second = await new StallscopeProcess(['hub', '--port', '0', '--data', directory.path]).ended;
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(
      `another hub (process ${hub.process.tgid}) keeps its snapshots there\n  Stop that one, or give this one a directory of its own: --data DIR.`,
    );
    await hub.process.interrupt();
    const third = await SnapshotHub.start(directory.path);
    await third.process.interrupt();
  } finally {
    directory.remove();
  }
});

test('a directory that cannot be had is refused with its name, and --no-data does without', async () => {
  const refused = await new StallscopeProcess(['hub', '--port', '0', '--data', '/proc/stallscope']).ended;
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringMatching(/prepare \/proc\/stallscope: no such directory\n {2}Choose a directory/),
  ]);
  const foreign = await new StallscopeProcess(['hub', '--port', '0', '--data', '/etc']).ended;
  expect(foreign.stderr).toContain(
    'use /etc: it holds other files, and the store wants a directory of its own',
  );
  const hub = new StallscopeProcess(['hub', '--port', '0', '--no-data']);
  const [, url] = await hub.says(/The hub is at (\S+)/);
  const answer = await fetch(`${url}/api/snapshots`);
  expect([answer.status, await answer.text()]).toEqual([
    200,
    expect.stringMatching(/^\{"keepsNone":".*start it with --data DIR/),
  ]);
  await hub.interrupt();
});

test('a link that hides names shows a copy without them, made in a thread of its own', async () => {
  const directory = newDirectory();
  try {
    const hub = await SnapshotHub.start(directory.path);
    const demo = Uint8Array.from(readFileSync(DEMO));
    const original = readWindowFile(demo, new ProfileTables());
    const { name } = original.header.host;
    const { id } = await hub.keep(
      draftOf(`A thing on ${name}`, { hostName: name, hostId: original.header.host.id }),
      demo,
    );
    const reduce = { hostNames: true, processNames: true, addresses: true, arguments: true };
    const made = await hub.send('POST', `/api/snapshots/${id}/shares`, { expiresInMs: null, reduce });
    expect(made.status).toBe(201);
    const { token } = readShareCreated(await made.json());
    const headers = { authorization: `Share ${token}` };
    const shared = readSharedSnapshot(await (await hub.ask('/api/shared', { headers })).json());
    expect(shared.title).toMatch(/^A thing on host-[0-9a-f]{4,}$/);
    const copy = Buffer.from(await (await hub.ask('/api/shared/data', { headers })).arrayBuffer());
    const tables = new ProfileTables();
    const read = readWindowFile(copy, tables);
    const comms = (windows: typeof read.windows, from: ProfileTables): Set<string> =>
      new Set(windows.flatMap(({ processes }) => processes.name.map((id) => from.strings[id]!)));
    const originalTables = new ProfileTables();
    const before = comms(readWindowFile(demo, originalTables).windows, originalTables);
    expect(before.size).toBeGreaterThan(3);
    for (const comm of comms(read.windows, tables))
      expect(comm).toMatch(/^process-[0-9a-f]{4,}$|^\w+(\/|\d)/);
    expect(copy.includes(name)).toBe(false);
    await hub.process.interrupt();
    expect(hub.process.stderr).not.toContain(token.slice(23));
  } finally {
    directory.remove();
  }
});

onKernel('as root', () => {
  test('the hub keeps snapshots as the user that it becomes, and no other user may read them', async () => {
    const directory = newDirectory();
    const data = join(directory.path, 'data');
    // Passed through by whom the hub becomes.
    execFileSync('chmod', ['711', directory.path]);
    try {
      const hub = await SnapshotHub.start(data);
      expect(readFileSync(`/proc/${hub.process.tgid}/status`, 'utf8')).toMatch(
        /^Uid:\t65534\t65534\t65534\t65534$/m,
      );
      await hub.keep(draftOf('mine'), toData(seededRandom(1), 1000));
      for (const path of [data, ...readdirSync(data).map((name) => join(data, name))]) {
        const { uid, mode } = statSync(path);
        expect([path, uid, mode & 0o077]).toEqual([path, NOBODY, 0]);
      }
      await hub.process.interrupt();
    } finally {
      directory.remove();
    }
  });

  test('a full disk is said to be full, breaks nothing, and deleting makes room', async () => {
    await withSmallDisk(async (disk) => {
      const random = seededRandom(2);
      const data = join(disk, 'data');
      let hub = await SnapshotHub.start(data);
      const kept: string[] = [];
      let full: Response;
      for (;;) {
        full = await hub.upload(draftOf(`${kept.length}`), toData(random, 1_000_000));
        if (full.status !== 201) break;
        kept.push(((await full.json()) as { snapshot: { id: string } }).snapshot.id);
      }
      expect(kept.length).toBeGreaterThan(5);
      expect([full.status, await full.text()]).toEqual([
        507,
        expect.stringMatching(/no space left on the device\. Delete snapshots, or make room on the disk\./),
      ]);
      const again = await hub.upload(draftOf('again'), toData(random, 1_000_000));
      expect(again.status).toBe(507);
      for (const id of kept) expect(await hub.data(id)).toHaveLength(1_000_000);
      for (const id of kept.splice(0, 2)) {
        expect((await hub.ask(`/api/snapshots/${id}`, { method: 'DELETE' })).status).toBe(204);
      }
      kept.push((await hub.keep(draftOf('in the room that was made'), toData(random, 1_000_000))).id);
      await hub.kill();
      hub = await SnapshotHub.start(data);
      expect((await hub.list()).snapshots.map(({ id }) => id).sort()).toEqual(kept.sort());
      await hub.process.interrupt();
    });
  });

  test('a link that is revoked on a full disk stays revoked through kill -9', async () => {
    await withSmallDisk(async (disk) => {
      const data = join(disk, 'data');
      let hub = await SnapshotHub.start(data);
      const { id } = await hub.keep(draftOf('shared'), toData(seededRandom(3), 100_000));
      const [first, second] = [await hub.share(id), await hub.share(id)];
      const filler = join(disk, 'filler');
      fillDisk(filler);
      expect(
        (await hub.send('PATCH', `/api/snapshots/${id}`, { title: 'no' })).status,
        'of a full disk',
      ).toBe(507);
      expect((await hub.revoke(first.share.id)).status).toBe(204);
      await hub.kill();
      rmSync(filler);
      hub = await SnapshotHub.start(data);
      expect(await hub.stateOf(first)).toBe(410);
      expect(await hub.stateOf(second)).toBe(200);
      // By now the database says so itself.
      await hub.kill();
      hub = await SnapshotHub.start(data);
      expect(await hub.stateOf(first)).toBe(410);
      await hub.process.interrupt();
    });
  });

  test('a link that is revoked where nothing can be written has ended, and who revoked it is told that it may come back', async () => {
    await withSmallDisk(async (disk) => {
      const data = join(disk, 'data');
      let hub = await SnapshotHub.start(data);
      const { id } = await hub.keep(draftOf('shared'), toData(seededRandom(4), 1000));
      const link = await hub.share(id);
      limitFileSize(hub, '0');
      const refused = await hub.revoke(link.share.id);
      expect([refused.status, await refused.text()]).toEqual([
        500,
        expect.stringMatching(/the link has ended, but that is not on the disk: .*tries again every minute/),
      ]);
      expect(await hub.stateOf(link)).toBe(410);
      limitFileSize(hub, 'unlimited');
      expect((await hub.revoke(link.share.id)).status).toBe(204);
      await hub.kill();
      hub = await SnapshotHub.start(data);
      expect(await hub.stateOf(link)).toBe(410);
      await hub.process.interrupt();
    });
  });
});

/** The kernel refuses the hub's writes beyond it, in bytes from a file's start. As the hub's user, who may do so to itself. */
function limitFileSize(hub: SnapshotHub, softLimit: string): void {
  execFileSync('prlimit', ['--pid', String(hub.process.tgid), `--fsize=${softLimit}:unlimited`], {
    uid: NOBODY,
    gid: NOBODY,
  });
}

/** A disk of 12 MiB of its own. */
async function withSmallDisk(use: (disk: string) => Promise<void>): Promise<void> {
  const directory = newDirectory();
  const disk = join(directory.path, 'disk');
  mkdirSync(disk);
  execFileSync('chmod', ['711', directory.path]);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m,mode=755', 'tmpfs', disk]);
  try {
    await use(disk);
  } finally {
    execFileSync('umount', ['--lazy', disk]);
    directory.remove();
  }
}

/** With a file beside the store's own, to the last page. */
function fillDisk(path: string): void {
  expect(() => writeFileSync(path, Buffer.alloc(16 * 1024 * 1024))).toThrow('ENOSPC');
}

/** A window file as far as the hub looks into it. */
function toData(random: Random, bytes: number): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(Math.max(8, bytes));
  const words = new Uint32Array(data.buffer, 0, data.length >> 2);
  for (let n = 0; n < words.length; n++) words[n] = random.integer(0, 0xffff_ffff);
  data.set(Buffer.from('STALLWIN'));
  return data;
}

function toDigest(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
