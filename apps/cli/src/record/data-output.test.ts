import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, describe, expect, test } from 'vitest';
import { openDataOutput } from './data-output.js';

const folder = mkdtempSync(join(tmpdir(), 'data-output-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file', () => {
  test('appears whole, and nothing else is left', async () => {
    const here = mkdtempSync(join(folder, 'a-'));
    const path = join(here, 'out.folded');
    const output = await openDataOutput(path, new PassThrough());
    expect(readdirSync(here)).not.toContain('out.folded');
    await output.write('app;main 5\n');
    expect(readdirSync(here)).toEqual(['out.folded']);
    expect(readFileSync(path, 'utf8')).toBe('app;main 5\n');
  });
  test('takes bytes as they are', async () => {
    const here = mkdtempSync(join(folder, 'e-'));
    const output = await openDataOutput(join(here, 'out.pb.gz'), new PassThrough());
    await output.write(new Uint8Array([0x1f, 0x8b, 0, 0xff]));
    expect([...readFileSync(join(here, 'out.pb.gz'))]).toEqual([0x1f, 0x8b, 0, 0xff]);
  });
  test('an older one stays as it is until then, and when nothing is written', async () => {
    const here = mkdtempSync(join(folder, 'b-'));
    const path = join(here, 'out');
    writeFileSync(path, 'old');
    const output = await openDataOutput(path, new PassThrough());
    expect(readFileSync(path, 'utf8')).toBe('old');
    await output.discard();
    expect(readdirSync(here)).toEqual(['out']);
    expect(readFileSync(path, 'utf8')).toBe('old');
  });
  test('what is no file is written to and stays what it is', async () => {
    const here = mkdtempSync(join(folder, 'c-'));
    const path = join(here, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = spawn('cat', [path]);
    const read: Buffer[] = [];
    reader.stdout.on('data', (chunk) => read.push(chunk));
    const closed = once(reader, 'close');
    await (await openDataOutput(path, new PassThrough())).write('app;main 5\n');
    await closed;
    expect(Buffer.concat(read).toString()).toBe('app;main 5\n');
    expect(readdirSync(here)).toEqual(['pipe']);
    expect(statSync(path).isFIFO()).toBe(true);
  });
  test('behind a link is the one that is written, and the link stays', async () => {
    const here = mkdtempSync(join(folder, 'd-'));
    writeFileSync(join(here, 'file'), 'old');
    symlinkSync('file', join(here, 'link'));
    await (await openDataOutput(join(here, 'link'), new PassThrough())).write('new');
    expect(readFileSync(join(here, 'file'), 'utf8')).toBe('new');
    expect(lstatSync(join(here, 'link')).isSymbolicLink()).toBe(true);
  });
  test('that cannot be written is refused before anything is measured', async () => {
    mkdirSync(join(folder, 'is-a-folder'));
    await expect(openDataOutput(join(folder, 'is-a-folder'), new PassThrough())).rejects.toThrow(
      /^write .*is-a-folder: it is a folder$/,
    );
    await expect(openDataOutput(join(folder, 'no', 'out'), new PassThrough())).rejects.toMatchObject({
      message: expect.stringMatching(/no such file or folder$/),
      hint: expect.stringContaining('-o FILE'),
    });
  });
});

describe('stdout', () => {
  test('gets all of it, in order', async () => {
    const stream = new PassThrough();
    const chunks: Buffer[] = [];
    stream.on('data', (chunk) => chunks.push(chunk));
    const text = Array.from({ length: 50_000 }, (_, i) => `line ${i}\n`).join('');
    await (await openDataOutput(undefined, stream)).write(text);
    expect(Buffer.concat(chunks).toString()).toBe(text);
  });
  test('closed early by its reader ends the program quietly and well', async () => {
    const program = compile();
    const child = spawn('sh', ['-c', `("${process.execPath}" "${program}"; echo "ended $?" >&2) | head -1`]);
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect(out).toBe('line 0\n');
    expect(err).toBe('ended 0\n');
  });
});

/** The module as JavaScript with a program around it that writes more than any pipe holds. */
function compile(): string {
  const src = fileURLToPath(new URL('..', import.meta.url));
  const built = join(folder, 'built');
  mkdirSync(join(built, 'record'), { recursive: true });
  writeFileSync(join(built, 'package.json'), '{"type":"module"}');
  for (const file of ['command-error', 'record/data-output']) {
    const { outputText } = ts.transpileModule(readFileSync(join(src, `${file}.ts`), 'utf8'), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023 },
    });
    writeFileSync(join(built, `${file}.js`), outputText);
  }
  const program = join(built, 'program.js');
  writeFileSync(
    program,
    `import { openDataOutput } from './record/data-output.js';
     const text = Array.from({ length: 500_000 }, (_, i) => 'line ' + i + '\\n').join('');
     await (await openDataOutput(undefined, process.stdout)).write(text);`,
  );
  return program;
}
