import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { CommandError } from './command-error.js';
import { readProfileInput } from './profile-input.js';

const folder = mkdtempSync(join(tmpdir(), 'stallscope-input-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* pieces(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

test('A file is read whole, and stdin is -', async () => {
  const path = join(folder, 'a.folded');
  writeFileSync(path, 'app;read 7\n');
  expect(Buffer.from(await readProfileInput(path)).toString()).toBe('app;read 7\n');
  expect(Buffer.from(await readProfileInput('-', pieces('app;', 'read 8'))).toString()).toBe('app;read 8');
});

test('What is not there and what is too large is refused with its name', async () => {
  const missing = readProfileInput(join(folder, 'none'));
  await expect(missing).rejects.toThrow(CommandError);
  await expect(missing).rejects.toThrow(/none: no such file or folder$/);
  await expect(readProfileInput(tmpdir())).rejects.toThrow(/it is a folder$/);
  await expect(readProfileInput('-', pieces('x'.repeat(40)), 2 ** 5)).rejects.toThrow(
    /^read stdin: more than/,
  );
});
