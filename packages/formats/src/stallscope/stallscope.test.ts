import { KINDS, ProfileTables, VIEWS } from '@stallscope/profile';
import { randomWindow, seededRandom } from '@stallscope/profile/fixtures';
import type { WindowFileHeader } from '@stallscope/protocol';
import { expect, test } from 'vitest';
import { printProfile } from '../fixtures/print-profile.js';
import { gzip } from '../inflate.js';
import { readProfile } from '../read.js';
import { windowsToSamples } from '../windows-to-samples.js';
import { writeStallscope } from './write-stallscope.js';

const HEADER: WindowFileHeader = {
  host: {
    id: 'h',
    name: 'web-1',
    kernel: '6.18',
    arch: 'x64',
    cpus: 2,
    memoryBytes: 1,
    bootId: 'b',
    os: 'Debian',
    capabilities: [],
  },
  title: 'a day',
  recordedAtMs: 1_700_000_000_000,
  windowMs: 1000,
};

test('in → out → in keeps every view, the losses, the threads and the host', async () => {
  for (let seed = 1; seed <= 15; seed++) {
    const random = seededRandom(seed);
    const tables = new ProfileTables();
    const windows = [0, 1, 2].map((sequence) =>
      randomWindow(random, tables, { sequence, startMs: 1000 * sequence }),
    );
    const bytes = writeStallscope(HEADER, tables, windows);
    const read = await readProfile(seed % 2 === 0 ? bytes : await gzip(bytes));
    if (read.format !== 'stallscope') throw new Error(read.format);
    expect(read).toMatchObject({ header: HEADER, cut: false });
    for (const view of VIEWS) {
      const query = { view, kinds: KINDS };
      const of = (from: ProfileTables, list: typeof windows) =>
        windowsToSamples(from, list, query, { title: 't', hostName: 'web-1' });
      const [before, after] = [of(tables, windows), of(read.tables, read.windows)];
      expect(printProfile(after.profile), `seed ${seed} ${view}`).toBe(printProfile(before.profile));
      expect(after.facts).toEqual(before.facts);
    }
    expect(writeStallscope(HEADER, read.tables, read.windows).length).toBeGreaterThan(0);
  }
});

test('a file that was cut off reads up to its last whole window, and says so', async () => {
  const tables = new ProfileTables();
  const windows = [0, 1].map((sequence) => randomWindow(seededRandom(3), tables, { sequence }));
  const bytes = writeStallscope(HEADER, tables, windows);
  const read = await readProfile(bytes.subarray(0, bytes.length - 3));
  expect(read).toMatchObject({ format: 'stallscope', cut: true });
  expect(read.format === 'stallscope' && read.windows).toHaveLength(1);
});

test('one that lies is refused', async () => {
  const bytes = writeStallscope(HEADER, new ProfileTables(), []);
  bytes[8] = 99;
  await expect(readProfile(bytes)).rejects.toThrow(/^stallscope: .*version 99/);
});

test('one that is damaged is refused with the place', async () => {
  const header = writeStallscope(HEADER, new ProfileTables(), []);
  const block = [3, 0, 0, 0, 255, 255, 255];
  await expect(readProfile(Uint8Array.from([...header, ...block]))).rejects.toThrow(
    `stallscope: byte ${header.length + 4}, after 0 whole windows: `,
  );
});
