import { FRAME_KINDS, type FrameKindCode, ProfileTables, toFolded } from '@stallscope/profile';
import { checkSeeds, randomWindow, stacksFromText } from '@stallscope/profile/fixtures';
import { describe, expect, test } from 'vitest';
import { printProfile } from '../fixtures/print-profile.js';
import { randomProfile } from '../fixtures/random-profile.js';
import { contextFor } from '../fixtures/read-context.js';
import { readProfile } from '../read.js';
import { rowsToSamples } from '../rows-to-samples.js';
import { readFoldedProfile } from './read-folded.js';
import { writeFolded } from './write-folded.js';

const read = (text: string, unit: 'count' | 'us' = 'count') =>
  readFoldedProfile(new TextEncoder().encode(text), { ...contextFor('folded'), foldedUnit: unit })[0]!;
const write = (...args: Parameters<typeof writeFolded>) =>
  new TextDecoder().decode(writeFolded(...args).bytes);

describe('reading', () => {
  test('names with spaces, fractions, empty lines, comments, no newline at the end', () => {
    expect(printProfile(read('# by x\na b;c 2\r\n\n  lead;c 1.5'))).toBe(
      ['samples/count', '"  lead" > "c" = 1.5', '"a b" > "c" = 2'].join('\n'),
    );
  });
  test('roles by separators, and by the mark of kernel frames', () => {
    expect(printProfile(read('app;main;-;vfs_read;--;pipe_write;-;run;writer 5\nmain;sys_read_[k] 1'))).toBe(
      [
        'samples/count',
        '"app"[comm] > "main" > "-"[separator] > "vfs_read"[kernel] > "--"[separator] > ' +
          '"pipe_write"[waker-kernel] > "-"[separator] > "run"[waker-user] > "writer"[waker-comm] = 5',
        '"main" > "sys_read"[kernel] = 1',
      ].join('\n'),
    );
  });
  test('of microseconds is time', () => {
    expect(printProfile(read('a 5', 'us'))).toBe('time/nanoseconds\n"a" = 5000');
  });
  test.each([
    ['a 1\nb', 'folded: line 2: no number after the last space in "b"'],
    ['a 1\nb x3', 'folded: line 2: no number'],
    ['a 1\nb -3', 'folded: line 2: no number'],
    ['a 99999999999999999999', 'folded: line 1: the value 100000000000000000000 is above 2^53'],
  ])('%j is refused with its line', (text, message) => {
    expect(() => read(text)).toThrow(message);
  });
  test('what is no UTF-8, deep stacks, long lines are refused', async () => {
    const bytes = new Uint8Array([0x61, 0x3b, 0xff, 0x20, 0x31]);
    await expect(readProfile(bytes)).rejects.toThrow('folded: line 1 or soon after: is not UTF-8 text');
    expect(() => read(`${'a;'.repeat(30_000)}b 1`)).toThrow('line 1: a stack of more than 20000 frames');
    expect(() => read(`${'a'.repeat(3_000_000)} 1`)).toThrow('line 1: is longer than 2097152 characters');
  });
});

describe('writing', () => {
  test('rows of waits gives what record writes', () => {
    checkSeeds(40, (random) => {
      const tables = new ProfileTables();
      const { rows } = randomWindow(random, tables);
      for (const view of ['off-cpu', 'wakeup', 'off-wake', 'chain'] as const) {
        const query = { view, kinds: ['blocked', 'runq', 'preempted'] as const };
        const samples = rowsToSamples(tables, rows, query, { title: 'x' });
        const expected = toFolded(tables, rows, query).lines.map((line) => `${line}\n`);
        expect(write(samples)).toBe(expected.join(''));
      }
    });
  });
  test('annotated, frames are marked as flamegraph.pl --color=java colours them, in paths with separators too', () => {
    const tables = new ProfileTables();
    const { rows } = stacksFromText('app: main;hot;kept;slow | vfs_read = 5us', tables);
    for (const [name, kind] of [
      ['hot', 'jit'],
      ['kept', 'inlined'],
      ['slow', 'interpreted'],
    ] as const) {
      const frame = tables.strings.indexOf(name);
      tables.frameKind[tables.frameName.indexOf(frame)] = FRAME_KINDS.indexOf(kind) as FrameKindCode;
    }
    const samples = rowsToSamples(tables, rows, { view: 'off-cpu', kinds: ['blocked'] }, { title: 'x' });
    expect(write(samples)).toBe('app;main;hot;kept;slow;-;vfs_read 5\n');
    const marked = 'app;main;hot_[j];kept_[i];slow;-;vfs_read_[k] 5\n';
    expect(write(samples, { annotated: true })).toBe(marked);
    expect(writeFolded(samples, { annotated: true }).lost).toContain(
      'Which frames are interpreted, and which are stubs, is left out.',
    );
    expect(printProfile(read(marked, 'us'))).toBe(
      'time/nanoseconds\n"app"[comm] > "main" > "hot"[jit] > "kept"[inlined] > "slow" > "-"[separator] > "vfs_read"[kernel] = 5000',
    );
  });
  test('in → out → in is equal', () => {
    checkSeeds(100, (random) => {
      const profile = randomProfile(random, { without: /[;\n]|^ +| +$/g, hasKernel: true, kinds: [0, 1, 3] });
      const text = write(profile);
      const back = read(text);
      expect(printProfile(back)).toBe(printProfile(profile, { labels: false }));
      expect(write(back)).toBe(text);
    });
  });
});
