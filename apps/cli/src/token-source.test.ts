import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { assertTokensDiffer, assertTokensFor, readToken } from './token-source.js';

const folder = mkdtempSync(join(tmpdir(), 'token-'));
afterAll(() => rmSync(folder, { recursive: true }));

function tokenFile(text: string, mode = 0o600): string {
  const path = join(folder, 'token');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

const GOOD = 'f'.repeat(64);

test('from a file, from the environment, from neither', () => {
  expect(readToken('--token-file', tokenFile(`${GOOD}\n`), 'T', {})).toBe(GOOD);
  const environment = { T: GOOD };
  expect(readToken('--token-file', undefined, 'T', environment)).toBe(GOOD);
  expect(environment).toEqual({});
  expect(readToken('--token-file', undefined, 'T', {})).toBeUndefined();
});

test('what is refused', () => {
  const read = (file: string) => () => readToken('--token-file', file, 'T', {});
  expect(read(join(folder, 'none'))).toThrow(/--token-file .*none: no such file or folder/);
  expect(read(tokenFile('short'))).toThrow(/16 to 512 printable characters without spaces; this has 5/);
  expect(read(tokenFile(`${GOOD} ${GOOD}`))).toThrow(/without spaces/);
  expect(read(tokenFile(GOOD, 0o644))).toThrow(/every user of this host may read it/);
  expect(read(folder)).toThrow(/: it is a folder, no file$/);
  expect(() => readToken('--token-file', undefined, 'T', { T: '' })).toThrow(/^T: a token is/);
});

test('no message shows the token', () => {
  const secret = 'hunter2 hunter2 hunter2';
  try {
    readToken('--token-file', tokenFile(secret), 'T', {});
    expect.unreachable();
  } catch (error) {
    expect(String(error)).not.toContain('hunter2');
  }
});

test('an address that others can reach needs its tokens, by the name of the flag', async () => {
  await assertTokensFor('127.0.0.1', { '--browser-token-file': undefined });
  await assertTokensFor('localhost', { '--browser-token-file': undefined });
  await assertTokensFor('0.0.0.0', { '--browser-token-file': GOOD });
  await expect(
    assertTokensFor('0.0.0.0', { '--a': undefined, '--b': undefined, '--c': GOOD }),
  ).rejects.toThrow(/^--host 0\.0\.0\.0: .* needs --a FILE and --b FILE$/);
});

test('agents and browsers may not have the same token, which no message shows', () => {
  assertTokensDiffer(undefined, undefined);
  assertTokensDiffer(GOOD, undefined);
  assertTokensDiffer(GOOD, 'a'.repeat(64));
  const same = () => assertTokensDiffer(GOOD, GOOD);
  expect(same).toThrow(/^--agent-token-file and --browser-token-file: both give the same token/);
  expect(same).not.toThrow(GOOD);
});
