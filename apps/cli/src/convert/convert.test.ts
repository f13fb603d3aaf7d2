import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ReadProfile, readProfile, writeStallscope } from '@stallscope/formats';
import { SampleProfileBuilder } from '@stallscope/profile';
import { afterAll, describe, expect, test } from 'vitest';
import { convert } from './convert-command.js';
import type { ConvertFlags, DiffFlags } from './convert-line.js';
import { diff } from './diff-command.js';
import { chooseProfile, nameOf, notesOn, readFile } from './profile-choice.js';
import { deliver } from './written-output.js';

const folder = mkdtempSync(join(tmpdir(), 'stallscope-convert-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const DEMO = fileURLToPath(new URL('../../demo/demo.stallscope', import.meta.url));
const FLAGS: ConvertFlags = {
  file: DEMO,
  format: 'folded',
  view: { view: 'off-cpu', kinds: ['blocked'] },
  viewFlagsGiven: [],
  foldedUnit: 'count',
};

const text = ({ bytes }: { bytes: Uint8Array }) => new TextDecoder().decode(bytes);

async function read(flags: Partial<ConvertFlags>): Promise<[ReadProfile, ConvertFlags]> {
  const all = { ...FLAGS, ...flags };
  return [await readFile('convert', all.file, all), all];
}

async function converted(flags: Partial<ConvertFlags>) {
  return convert(...(await read(flags)));
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('convert', () => {
  test('a file of ours is written in the view and for the threads asked for', async () => {
    const view = { view: 'wakeup', kinds: ['blocked'], comm: 'stage-a' } as const;
    const lines = text(await converted({ view }))
      .trimEnd()
      .split('\n');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) expect(line).toMatch(/;stage-a \d+$/);
  });
  test('through every format that can be read back, the sum stays', async () => {
    const sumOf = (profile: ReadProfile) => {
      const { profile: chosen } = chooseProfile('x', profile, FLAGS);
      const ns = chosen.valueTypes.findIndex(({ unit }) => unit === 'nanoseconds');
      return chosen.sampleValues[ns]!.reduce((sum, value) => sum + value, 0);
    };
    const [demo] = await read({});
    for (const format of ['pprof', 'speedscope', 'firefox', 'otlp', 'stallscope'] as const) {
      const back = await readProfile((await converted({ format })).bytes);
      expect(back.format).toBe(format);
      // Formats of whole numbers round each sample.
      expect(Math.abs(sumOf(back) / sumOf(demo) - 1), format).toBeLessThan(1e-9);
    }
  });
  test('what is called what, and which value', async () => {
    const path = file('heap.folded', 'main;read 12\n');
    const json = JSON.parse(text(await converted({ file: path, format: 'json', foldedUnit: 'bytes' })));
    expect(json).toMatchObject({ title: 'heap', valueTypes: [{ type: 'bytes', unit: 'bytes' }] });
    const named = JSON.parse(text(await converted({ file: path, format: 'json', title: 'Monday' })));
    expect(named.title).toBe('Monday');
    await expect(converted({ value: 'wait' })).rejects.toMatchObject({
      message: expect.stringMatching(/^--value wait: .*demo\.stallscope has no such value$/),
      hint: 'There are: off_cpu, waits. (Did you mean waits?)',
    });
  });
  test('what cannot be is refused with what can', async () => {
    const path = file('a.folded', 'main;read 12\n');
    await expect(converted({ file: path, viewFlagsGiven: ['--view'] })).rejects.toThrow(
      /^--view: .*is a folded file$/,
    );
    await expect(converted({ file: path, format: 'stallscope' })).rejects.toThrow(
      /it is a folded file, which has/,
    );
    await expect(converted({ file: path, profile: '2' })).rejects.toMatchObject({
      message: `--profile 2: ${path} has 1 profile, none of this number`,
      hint: 'There are: 1 a.',
    });
    await expect(converted({ format: 'stallscope', viewFlagsGiven: ['--pid'] })).rejects.toThrow(
      /keeps everything/,
    );
  });
  test('a broken file is refused with its name, its format and the place', async () => {
    await expect(converted({ file: file('b.folded', 'main 1\noops\n') })).rejects.toThrow(
      /^convert .*b\.folded: folded: line 2: no number after the last space in "oops"$/,
    );
    await expect(converted({ file: file('c.bin', new Uint8Array([1, 2, 3])) })).rejects.toMatchObject({
      message: expect.stringMatching(/c\.bin: profile: none of the formats/),
      hint: expect.stringContaining('folded stacks, pprof'),
    });
    await expect(converted({ file: join(folder, 'nothing') })).rejects.toThrow(
      /^read .*nothing: no such file/,
    );
  });
  test('a file that was cut says so, and one of several profiles too', async () => {
    const { bytes } = await converted({ format: 'stallscope' });
    const [cut, flags] = await read({ file: file('cut.stallscope', bytes.subarray(0, bytes.length - 9)) });
    expect(notesOn('cut.stallscope', cut, flags)).toEqual([
      'cut.stallscope ends inside a window; the 29 whole ones before it are read',
    ]);
    const one = (name: string) => ({ type: 'sampled', name, unit: 'none', samples: [[0]], weights: [1] });
    const several = JSON.stringify({
      shared: { frames: [{ name: 'f' }] },
      profiles: [one('main'), one('worker')],
    });
    const [many] = await read({ file: file('many.json', several) });
    expect(notesOn('many.json', many, FLAGS)).toEqual([
      'many.json has 2 profiles; the first is taken. Choose with --profile: 1 main, 2 worker',
    ]);
    const titled = (profile: string) => chooseProfile('many.json', many, { ...FLAGS, profile }).profile.title;
    expect(titled('2')).toBe('worker');
    expect(titled('worker')).toBe('worker');
    expect(() => titled('wroker')).toThrow(
      expect.objectContaining({ hint: 'There are: 1 main, 2 worker. (Did you mean worker?)' }),
    );
  });
  test('a file that was cut inside its first window is refused, not written as an empty profile', async () => {
    const [whole] = await read({});
    if (whole.format !== 'stallscope') throw new Error('the demo is a file of ours');
    const { header, tables, windows } = whole;
    const headerBytes = writeStallscope(header, tables, []).length;
    const bytes = writeStallscope(header, tables, windows).subarray(0, headerBytes + 9);
    await expect(read({ file: file('stub.stallscope', bytes) })).rejects.toThrow(
      /^convert .*stub\.stallscope: stallscope: has no window in it$/,
    );
  });
  test('names of files', () => {
    expect(['/a/b.pb.gz', 'c.speedscope.json', '-', 'd.v1.folded', 'e'].map(nameOf)).toEqual([
      'b',
      'c',
      'stdin',
      'd.v1',
      'e',
    ]);
  });
});

describe('what was written', () => {
  const written = (mediaType: string) => ({
    bytes: new Uint8Array([1]),
    mediaType,
    extension: '.x',
    lost: ['Times are left out.'],
  });
  const output = () => {
    const calls: unknown[] = [];
    return {
      calls,
      write: async (data: unknown) => void calls.push(data),
      discard: async () => void calls.push('discard'),
    };
  };
  test('goes out, and what is not in it is said', async () => {
    const said: string[] = [];
    const to = output();
    const streams = { stdout: { isTTY: false }, stderr: { write: (words: string) => said.push(words) } };
    await deliver(written('image/svg+xml'), undefined, to, streams);
    expect(to.calls).toEqual([new Uint8Array([1])]);
    expect(said).toEqual(['  not in it: Times are left out.\n']);
  });
  test('is not put on a terminal, and leaves no half of a file', async () => {
    const streams = { stdout: { isTTY: true }, stderr: { write: () => true } };
    const to = output();
    await expect(deliver(written('application/gzip'), undefined, to, streams)).rejects.toMatchObject({
      hint: expect.stringContaining('-o profile.x'),
    });
    expect(to.calls).toEqual(['discard']);
    await deliver(written('application/gzip'), 'file', output(), streams);
    await deliver(written('text/plain; charset=utf-8'), undefined, output(), streams);
  });
});

describe('diff', () => {
  const DIFF: DiffFlags = {
    ...FLAGS,
    before: 'a',
    after: 'b',
    format: 'folded',
    normalise: false,
    width: 'after',
  };
  const chosen = async (name: string, content: string) => {
    const path = file(name, content);
    return chooseProfile(path, (await read({ file: path }))[0], FLAGS);
  };
  test('of two files of folded stacks, as difffolded.pl', async () => {
    const [a, b] = [await chosen('a', 'm;x 5\nm;y 1\n'), await chosen('b', 'm;x 8\n')];
    expect(text(diff(a, b, DIFF))).toBe('m;x 5 8\nm;y 1 0\n');
    expect(text(diff(a, b, { ...DIFF, format: 'table' }))).toMatch(/^before 6 \(a\) → after 8 \(b\): \+2\n/);
  });
  test('of a file of ours with itself changes nothing', async () => {
    const [demo] = await read({});
    const side = chooseProfile(DEMO, demo, FLAGS);
    const json = JSON.parse(text(diff(side, side, { ...DIFF, format: 'json' })));
    expect(json.functions.every(({ change }: { change: number }) => change === 0)).toBe(true);
  });
  test('of two units is refused with what to do', async () => {
    const builder = new SampleProfileBuilder('t', [{ type: 'cpu', unit: 'nanoseconds' }]);
    const time = { profile: builder.profile, value: 0 };
    const counted = await chosen('d', 'm 5\n');
    expect(() => diff(counted, time, DIFF)).toThrow(/^diff: a has count, b has nanoseconds$/);
  });
});
