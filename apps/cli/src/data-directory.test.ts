import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { type DataConfig, defaultDataDirectory, prepareData, toDataConfig } from './data-directory.js';

const made: string[] = [];
afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

function temporary(): string {
  const path = mkdtempSync(join(tmpdir(), 'stallscope-data-'));
  made.push(path);
  return path;
}

const configOf = (directory: string, isDefault = false): DataConfig => ({
  ...{ directory, isDefault },
  ...{ maxBytes: 1, maxAgeMs: 1 },
});

test('the directory is that of a service for root, and that of a user for others', () => {
  expect(defaultDataDirectory({ XDG_STATE_HOME: '/x' }, true, '/root')).toBe('/var/lib/stallscope');
  expect(defaultDataDirectory({}, false, '/home/ada')).toBe('/home/ada/.local/state/stallscope');
  expect(defaultDataDirectory({ XDG_STATE_HOME: '/x' }, false, '/home/ada')).toBe('/x/stallscope');
  expect(defaultDataDirectory({ XDG_STATE_HOME: 'x' }, false, '/home/ada')).toBe(
    '/home/ada/.local/state/stallscope',
  );
  const flags = { snapshotBytes: 1, snapshotAgeMs: 2 };
  expect(toDataConfig({ ...flags, data: false })).toBeUndefined();
  expect(toDataConfig({ ...flags, data: '/x' })).toEqual({
    ...{ directory: '/x', isDefault: false },
    ...{ maxBytes: 1, maxAgeMs: 2 },
  });
});

describe('a data directory', () => {
  test('is made where it is missing, closed to others, below what others may pass', () => {
    const directory = join(temporary(), 'a', 'b');
    expect(prepareData(configOf(directory), undefined)).toBeUndefined();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    chmodSync(directory, 0o755);
    prepareData(configOf(directory), undefined);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  test('with files of others is left as it is', () => {
    const directory = temporary();
    writeFileSync(join(directory, 'passwd'), 'ada');
    chmodSync(directory, 0o755);
    expect(() => prepareData(configOf(directory), undefined)).toThrow(
      `use ${directory}: it holds other files, and the store wants a directory of its own`,
    );
    expect(statSync(directory).mode & 0o777).toBe(0o755);
  });

  test('that is a file, or below one, is refused with its name', () => {
    const file = join(temporary(), 'file');
    writeFileSync(file, '');
    expect(() => prepareData(configOf(file), undefined)).toThrow(
      `prepare ${file}: a part of the path is no directory`,
    );
    expect(() => prepareData(configOf(join(file, 'x')), undefined)).toThrow(/no directory/);
  });

  test('that nobody asked for and that cannot be had is done without, and that is said', () => {
    const file = join(temporary(), 'file');
    writeFileSync(file, '');
    expect(prepareData(configOf(join(file, 'x'), true), undefined)).toMatch(
      /^Snapshots are not kept: prepare .*no directory\. --data DIR names another directory\.$/,
    );
  });

  // CI runs as root: there it fails rather than be left out.
  const asRoot = process.getuid?.() === 0 || process.env.CI === 'true' ? test : test.skip;
  asRoot('is handed with its files to whom root becomes, but no file by a link', () => {
    const nobody = { uid: 65_534, gid: 65_534 };
    const above = temporary();
    const directory = join(above, 'data');
    mkdirSync(directory);
    writeFileSync(join(directory, 'snapshots.mdb'), '');
    prepareData(configOf(directory), nobody);
    expect(statSync(directory).uid).toBe(nobody.uid);
    expect(statSync(join(directory, 'snapshots.mdb'))).toMatchObject(nobody);

    const secret = join(above, 'secret');
    writeFileSync(secret, '');
    symlinkSync(secret, join(directory, 'hub.lock'));
    expect(() => prepareData(configOf(directory), nobody)).toThrow(/it is a symbolic link/);
    expect(statSync(secret).uid).toBe(0);
    expect(existsSync(secret)).toBe(true);
  });
});
