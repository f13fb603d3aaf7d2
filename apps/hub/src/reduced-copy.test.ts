import { randomBytes } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { rowsToSamples, writeProfile } from '@stallscope/formats';
import {
  appendRow,
  emptyWindow,
  NONE,
  type ProcessValues,
  ProfileTables,
  type ProfileWindow,
  type Reduction,
  toProcesses,
} from '@stallscope/profile';
import {
  readWindowFile,
  type SnapshotDraft,
  type WindowFileHeader,
  WindowFileWriter,
} from '@stallscope/protocol';
import { expect, it } from 'vitest';
import { reduceCopy } from './reduced-copy.js';

const ALL: Reduction = { hostNames: true, processNames: true, addresses: true, arguments: true };
const CONTAINER = randomBytes(32).toString('hex');
const POD = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9';
/** All that a process may say of whose it is, each told by a word that nothing else has. */
const WHO = {
  name: 'billingd',
  user: 'annabel',
  command: '/opt/acme/billingd --tenant zebra',
  cgroupPath: `/kubepods/pod${POD}/${CONTAINER}`,
  container: CONTAINER,
  runtime: 'containerd',
  pod: POD,
  unit: 'quokka.service',
} as const;
const TELLING = [
  'billingd',
  'annabel',
  'acme',
  'zebra',
  'quokka',
  CONTAINER,
  CONTAINER.slice(0, 12),
  POD,
  'kubepods',
];

function measured(): { tables: ProfileTables; window: ProfileWindow } {
  const tables = new ProfileTables();
  const words = Object.fromEntries(
    Object.entries(WHO).map(([key, text]) => [key, tables.internString(text)]),
  ) as Record<keyof typeof WHO, number>;
  const one = (tgid: number): ProcessValues => ({ tgid, parentTgid: 1, uid: 4711, ...words });
  const window = emptyWindow({ startMs: 0, endMs: 1000, processes: toProcesses([one(10), one(11)]) });
  for (const tgid of [10, 11]) {
    appendRow(window.rows, {
      ...{ tgid, tid: tgid, comm: words.name, cgroup: 0, kind: 0, state: 1 },
      ...{ userStack: NONE, kernelStack: NONE, chain: NONE, bucket: 10 },
      ...{ captures: 1, estimatedCount: 1, estimatedNs: 1000, varianceNs2: 0 },
    });
  }
  tables.who.add(window.processes);
  return { tables, window };
}

const draft: SnapshotDraft = {
  ...{ title: 'billingd of annabel', notes: '', tags: [], author: '', hostName: 'web-1', hostId: 'web-1' },
  ...{ view: 'view=off-cpu&by=user&colour=container&who=user~annabel&cols=user', format: 'stallscope' },
  ...{ fromMs: 0, toMs: 1000, totals: { processes: 2, threads: 2, value: null } },
} as unknown as SnapshotDraft;

const header: WindowFileHeader = {
  host: {
    ...{ id: 'web-1', name: 'web-1', kernel: '6.1.0', arch: 'x86_64', cpus: 4, memoryBytes: 2 ** 33 },
    ...{ bootId: 'boot', os: 'Debian', capabilities: [] },
  },
  ...{ title: '', recordedAtMs: 0, windowMs: 1000 },
};

/** Whatever the letters are counted in. */
function holds(bytes: Uint8Array, word: string): boolean {
  return Buffer.from(bytes).toString('latin1').toLowerCase().includes(word.toLowerCase());
}

it('no byte of a reduced copy of windows tells whose a process is, and what was one owner is one still', async () => {
  const { tables, window } = measured();
  const writer = new WindowFileWriter(tables);
  const file = Buffer.concat([writer.start(header), writer.window(window)]);
  for (const word of TELLING) expect(holds(file, word), word).toBe(true);

  const copy = await reduceCopy(draft, file, ALL);
  const all = Buffer.concat([copy.data, Buffer.from(JSON.stringify(copy.draft))]);
  for (const word of TELLING) expect(holds(all, word), word).toBe(false);
  expect(new URLSearchParams(copy.draft.view).get('by')).toBe('user');

  const into = new ProfileTables();
  const { windows } = readWindowFile(copy.data, into);
  into.who.add(windows[0]!.processes);
  const [one, other] = [10, 11].map((tgid) => into.who.find(tgid)!);
  expect(one).toMatchObject({ runtime: 'containerd', command: '', uid: 0 });
  for (const key of ['user', 'container', 'pod', 'unit', 'cgroupPath'] as const) {
    const kind = key === 'cgroupPath' ? 'cgroup' : key;
    expect(one![key]).toMatch(new RegExp(`^${kind}-[0-9a-f]+$`));
    expect(other![key]).toBe(one![key]);
  }
});

it('nor of one of a profile in another format, whose labels say it', async () => {
  const { tables, window } = measured();
  const query = { view: 'off-cpu', kinds: ['blocked'], groupBy: 'user' } as const;
  const { bytes } = await writeProfile(rowsToSamples(tables, window.rows, query, { title: 'x' }), 'pprof');
  for (const word of ['billingd', 'annabel', 'quokka', CONTAINER])
    expect(holds(gunzipSync(bytes), word)).toBe(true);
  const copy = await reduceCopy({ ...draft, format: 'pprof' }, bytes, ALL);
  const all = Buffer.concat([gunzipSync(copy.data), Buffer.from(JSON.stringify(copy.draft))]);
  for (const word of TELLING) expect(holds(all, word), word).toBe(false);
});
