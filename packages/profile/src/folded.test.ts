import { describe, expect, it } from 'vitest';
import { checkSeeds, dedent, randomWindow, stacksFromText } from './fixtures/index.js';
import { readFolded, toFolded } from './folded.js';
import { KINDS, ON_CPU } from './kinds.js';
import { type Query, VIEWS } from './query.js';
import { ProfileTables } from './tables.js';

const OFF_CPU: Query = { view: 'off-cpu', kinds: KINDS };

function check(text: string, expected: string, query: Partial<Query> = {}): void {
  const { tables, rows } = stacksFromText(text);
  expect(toFolded(tables, rows, { ...OFF_CPU, ...query }).lines.join('\n')).toBe(dedent(expected));
}

describe('toFolded', () => {
  it('has one sorted line a path, microseconds summed before rounding', () => {
    check(
      `
        b: f       = 400ns
        b: f       = 400ns
        a: f | k   = 1500us
        a: f <- w: = 1ms
      `,
      `
        a;f 1000
        a;f;-;k 1500
        b;f 1
      `,
    );
  });

  it('gives back the time of lines that round to nothing', () => {
    const { tables, rows } = stacksFromText('a: f = 499ns\n b: f = 500ns\n c: f = 0us');
    expect(toFolded(tables, rows, OFF_CPU)).toEqual({ lines: ['b;f 1'], droppedNs: 499 });
  });

  it('writes whole chains', () => {
    check(
      'app: main | futex <- w: run | wake <- [timer]: | hr = 7us',
      'app;main;-;futex;--;wake;-;run;w;--;hr;[timer] 7',
      { view: 'chain' },
    );
  });

  it('escapes what the format cannot hold, and sums what becomes equal', () => {
    const tables = new ProfileTables();
    const { rows } = stacksFromText('a: X = 1us\n a: Y = 2us\n a: Z = 4us', tables);
    tables.strings[tables.strings.indexOf('X')] = 'f;g';
    tables.strings[tables.strings.indexOf('Y')] = 'f:g';
    tables.strings[tables.strings.indexOf('Z')] = 'line\r\nend';
    expect(toFolded(tables, rows, OFF_CPU).lines).toEqual(['a;f:g 3', 'a;line\\r\\nend 4']);
  });

  it('sums to the rows within half a microsecond a line, and reads back, for any window', () => {
    checkSeeds(60, (random) => {
      const tables = new ProfileTables();
      const { rows } = randomWindow(random, tables);
      const view = random.pick(VIEWS);
      const { lines, droppedNs } = toFolded(tables, rows, { view, kinds: ['blocked'] });
      const read = readFolded(lines.join('\n'));
      if (!read.ok) throw new Error(read.message);
      expect(read.stacks.map(({ path, micros }) => `${path.join(';')} ${micros}`)).toEqual(lines);
      expect(lines).toEqual([...lines].sort());
      const kind = view === 'cpu' ? ON_CPU : 0;
      const isShown = (i: number): boolean => view === 'wall' || rows.kind[i] === kind;
      const sumNs = rows.estimatedNs.reduce((sum, ns, i) => (isShown(i) ? sum + ns : sum), 0);
      const linesNs = read.stacks.reduce((sum, { micros }) => sum + micros * 1000, 0);
      expect(Math.abs(sumNs - linesNs - droppedNs)).toBeLessThanOrEqual(500 * lines.length);
    });
  });
});

describe('readFolded', () => {
  it('reads labels with spaces, and passes over empty lines', () => {
    expect(readFolded('a b;c 12\n\nx 3\n')).toEqual({
      ok: true,
      stacks: [
        { path: ['a b', 'c'], micros: 12 },
        { path: ['x'], micros: 3 },
      ],
    });
  });

  it('names the line that it cannot read', () => {
    for (const bad of [
      'a;b',
      'a;b x',
      'a;b -1',
      'a;b 1.5',
      'a;b 99999999999999999999',
      `${'long;'.repeat(99)}`,
    ]) {
      const result = readFolded(`ok 1\n${bad}\n`);
      expect(result).toMatchObject({ ok: false, line: 2 });
      if (!result.ok) expect(result.message).toMatch(/^read folded line 2: .*expected/);
    }
  });
});
