import { ProfileTables } from '@stallscope/profile';
import { checkSeeds, randomWindow } from '@stallscope/profile/fixtures';
import { describe, expect, it } from 'vitest';
import { ProtocolError } from './protocol-error.js';
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
    newer[8] = 2;
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
