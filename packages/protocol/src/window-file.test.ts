import { ProfileTables } from '@stallscope/profile';
import { checkSeeds, randomWindow } from '@stallscope/profile/fixtures';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from './protocol-error.js';
import type { SnapshotNote } from './snapshots.js';
import { readWindowFile, type WindowFileHeader, WindowFileWriter } from './window-file.js';

const header: WindowFileHeader = {
  host: {
    id: 'demo',
    name: 'demo',
    kernel: '6.1.0',
    arch: 'x86_64',
    cpus: 4,
    memoryBytes: 2 ** 33,
    bootId: 'boot',
    os: 'Debian GNU/Linux 12',
    capabilities: [],
  },
  title: 'A lock convoy',
  recordedAtMs: 1_700_000_000_000,
  windowMs: 1000,
};

const snapshot: SnapshotNote = {
  title: 'Slow writes on web-1',
  notes: 'After the deploy.\nSee the lock in append().',
  tags: ['deploy', 'db'],
  author: 'Ada',
  createdAtMs: 1_700_000_100_000,
  view: 'view=chain&process=4242',
};

/** As version 1 wrote it: one window, in which a thread of init was blocked for half a second. */
const VERSION_1 =
  '5354414c4c57494e01e90000007b22686f7374223a7b226964223a2264656d6f222c226e616d65223a2264656d6f222c' +
  '226b65726e656c223a22362e312e30222c2261726368223a227838365f3634222c2263707573223a342c226d656d6f72' +
  '794279746573223a383538393933343539322c22626f6f744964223a22626f6f74222c226f73223a2244656269616e20' +
  '474e552f4c696e7578203132222c226361706162696c6974696573223a5b5d7d2c227469746c65223a2241206c6f636b' +
  '20636f6e766f79222c227265636f7264656441744d73223a313730303030303030303030302c2277696e646f774d7322' +
  '3a313030307d10000000010100010104696e6974000000000000310000000102000700008056febc78420080be56febc' +
  '784200000000000000000102020280cab5ee01e80700c0843d030200000000';

const fromHex = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

describe('window file', () => {
  it('gives back what was written, and what is whole of a file that was cut', () => {
    checkSeeds(60, (random) => {
      const tables = new ProfileTables();
      const writer = new WindowFileWriter(tables);
      const windows = [];
      const parts: Uint8Array[] = [writer.start(header)];
      for (let n = 0; n < 4; n++) {
        const window = randomWindow(random, tables, { sequence: n });
        windows.push(window);
        parts.push(writer.window(window));
      }
      const file = concat(parts);
      const into = new ProfileTables();
      const read = readWindowFile(file, into);
      expect(read.header).toEqual(header);
      expect(read.cut).toBe(false);
      expect(read.windows.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
      expect(read.windows.map(({ rows }) => rows.estimatedNs)).toEqual(
        windows.map(({ rows }) => rows.estimatedNs),
      );
      expect(read.windows[3]!.rows.comm.map((id) => into.strings[id])).toEqual(
        windows[3]!.rows.comm.map((id) => tables.strings[id]),
      );

      const cutAt = file.length - random.integer(1, parts[4]!.length - 1);
      const cut = readWindowFile(file.subarray(0, cutAt), new ProfileTables());
      expect(cut.windows).toHaveLength(3);
    });
  });

  it('says which snapshot it is, when it is one', () => {
    const file = new WindowFileWriter(new ProfileTables()).start({ ...header, snapshot });
    expect(readWindowFile(file, new ProfileTables()).header).toEqual({ ...header, snapshot });
    const many = { ...snapshot, notes: '\u{1F40C}'.repeat(2000), view: 'é'.repeat(4000) };
    const long = new WindowFileWriter(new ProfileTables()).start({ ...header, snapshot: many });
    expect(readWindowFile(long, new ProfileTables()).header.snapshot).toEqual(many);
    const versionOne = file.slice();
    versionOne[8] = 1;
    expect(() => readWindowFile(versionOne, new ProfileTables())).toThrow(/snapshot: version 1 has none/);
    const misspelt = { ...snapshot, tag: 'db' };
    expect(() =>
      readWindowFile(
        new WindowFileWriter(new ProfileTables()).start({ ...header, snapshot: misspelt }),
        new ProfileTables(),
      ),
    ).toThrow(/header snapshot: Unrecognized key/);
  });

  it('reads a file of version 1', () => {
    const read = readWindowFile(fromHex(VERSION_1), new ProfileTables());
    expect(read.header).toEqual(header);
    expect(read.windows.map(({ sequence, threads }) => [sequence, threads.blockedNs])).toEqual([[7, [5e8]]]);
    expect(read.cut).toBe(false);
  });

  it('refuses other files, other versions and damage with a reason', () => {
    const read = (bytes: Uint8Array): string => {
      try {
        readWindowFile(bytes, new ProfileTables());
      } catch (error) {
        if (error instanceof ProtocolError) return error.code;
        throw error;
      }
      return 'no error';
    };
    const file = new WindowFileWriter(new ProfileTables()).start(header);
    expect(read(file)).toBe('no error');
    expect(read(new TextEncoder().encode('a;b;c 12\n'))).toBe('bad-value');
    const newer = file.slice();
    newer[8] = 3;
    expect(read(newer)).toBe('version-mismatch');
    expect(read(file.subarray(0, 20))).toBe('truncated');
    const headless = file.slice();
    headless[13] = 0x5b;
    expect(read(headless)).toBe('bad-message');
    checkSeeds(300, (random) => {
      const damaged = file.slice();
      for (let n = 0; n < 4; n++) damaged[random.integer(0, damaged.length - 1)] = random.integer(0, 255);
      read(damaged);
    });
  });
});
