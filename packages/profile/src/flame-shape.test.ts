import { describe, expect, it } from 'vitest';
import {
  addUpPaths,
  checkSeeds,
  dedent,
  pathKey,
  pathsOfTree,
  printTree,
  type Random,
  randomQuery,
  randomShape,
  randomWindow,
  stacksFromText,
} from './fixtures/index.js';
import { FlameBuilder } from './flame-builder.js';
import { type FlameShape, type FunctionKey, PLAIN_SHAPE } from './flame-shape.js';
import type { FlameTree } from './flame-tree.js';
import { toFunctionTable } from './function-table.js';
import { KINDS, NONE, ROW_KINDS } from './kinds.js';
import { NoiseMatcher, RowNoise } from './noise-matcher.js';
import { NOISE_PRESETS } from './noise-presets.js';
import { matchesRow } from './project.js';
import { type Query, ROLES, VIEWS, type View } from './query.js';
import { rowCount } from './rows.js';
import { ProfileTables } from './tables.js';
import type { Rows } from './window.js';

function check(shape: Partial<FlameShape>, text: string, expected: string, view: View = 'off-cpu'): void {
  const { tables, rows } = stacksFromText(text);
  const tree = new FlameBuilder(tables).build(rows, { view, kinds: KINDS }, { ...PLAIN_SHAPE, ...shape });
  expect(printTree(tree)).toBe(dedent(expected));
}

const SHOP = `
  shop: main;cart;lock@libc.so.6;wait@libc.so.6 | do_futex;futex_wait = 5us
  shop: main;pay;lock@libc.so.6                 | do_futex;futex_wait = 3us
  db:   main;read@libc.so.6                     | vfs_read            = 2us
`;

describe('without the names of threads', () => {
  it('makes one path of what threads of other names do alike', () => {
    check(
      { withoutThreadNames: true },
      `
      worker-1: main;lock = 5us
      worker-2: main;lock = 3us
      worker-2: main;read = 2us
      `,
      `
      main 10us
        lock 8us (self 8us)
        read 2us (self 2us)
      `,
    );
  });
});

describe('direction', () => {
  it('has leaves at the root, bottom up', () => {
    check(
      { direction: 'bottom-up' },
      SHOP,
      `
      futex_wait 8us
        do_futex 8us
          - 8us
            lock 3us
              pay 3us
                main 3us
                  shop 3us (self 3us)
            wait 5us
              lock 5us
                cart 5us
                  main 5us
                    shop 5us (self 5us)
      vfs_read 2us
        - 2us
          read 2us
            main 2us
              db 2us (self 2us)
    `,
    );
  });
});

describe('merge', () => {
  it('makes one box of consecutive frames of one module', () => {
    check(
      { mergeBy: 'module' },
      SHOP,
      `
      db 2us
        [unknown module] 2us
          [libc.so.6] 2us
            - 2us
              [kernel] 2us (self 2us)
      shop 8us
        [unknown module] 8us
          [libc.so.6] 8us
            - 8us
              [kernel] 8us (self 8us)
    `,
    );
  });

  it('keeps names of threads and wakers, and what stands in a waker’s place, by process', () => {
    check(
      { mergeBy: 'process' },
      `
      shop: main | futex <- db: send | pipe_write <- [timer]: | hrtimer <- cut = 4us
      shop: main                                                              = 2us
      runq shop: main                                                         = 1us
    `,
      `
      shop 7us
        [run-queue wait] 1us (self 1us)
        [waker unknown] 2us (self 2us)
        db 4us
          [timer] 4us
            [chain cut at 2 wakers] 4us (self 4us)
    `,
      'chain',
    );
  });
});

describe('hidden frames', () => {
  it('leave their time with their caller, and no separator without two sides', () => {
    check(
      { hideFrames: '^(lock|wait|do_futex|futex_wait)$' },
      SHOP,
      `
      db 2us
        main 2us
          read 2us
            - 2us
              vfs_read 2us (self 2us)
      shop 8us
        main 8us
          cart 5us (self 5us)
          pay 3us (self 3us)
    `,
    );
  });

  it('are matched by the label of a merged box too', () => {
    check(
      { hideFrames: '^\\[libc', mergeBy: 'module' },
      'a: f;g@libc.so.6;h = 1us',
      `
      a 1us
        [unknown module] 1us (self 1us)
    `,
    );
  });

  it('are never the function in focus', () => {
    check({ hideFrames: '.', focus: { label: 'lock', role: 'user' } }, SHOP, 'lock 8us (self 8us)');
  });

  it('are frames alone: names, separators between wakers and markers stay', () => {
    check(
      { hideFrames: '.' },
      'a: f <- b: g = 1us',
      `
      a 1us
        -- 1us
          b 1us (self 1us)
    `,
      'off-wake',
    );
  });
});

describe('recursion', () => {
  it.each([
    ['f;f;f', 'f'],
    ['f;g;f;g;f;g', 'f;g'],
    ['f;g;f;g;f', 'f;g;f'],
    ['a;b;c;b;c;d', 'a;b;c;d'],
    ['a;b;b;a;b;a', 'a;b;a'],
    ['f;g;h', 'f;g;h'],
  ])('draws %s as %s', (frames, expected) => {
    const { tables, rows } = stacksFromText(`m: ${frames} = 1us`);
    const tree = new FlameBuilder(tables).build(
      rows,
      { view: 'off-cpu', kinds: KINDS },
      { ...PLAIN_SHAPE, collapseRecursion: true },
    );
    const labels = pathsOfTree(tree)
      .at(-1)!
      .map(({ label }) => label);
    expect(labels.slice(1).join(';')).toBe(expected);
  });

  it('is none where two threads wake each other in turn', () => {
    check(
      { collapseRecursion: true },
      'a: f <- b: f <- a: f <- b: f = 1us',
      `
      a 1us
        f 1us
          -- 1us
            f 1us
              b 1us
                -- 1us
                  f 1us
                    a 1us
                      -- 1us
                        f 1us
                          b 1us (self 1us)
    `,
      'chain',
    );
  });
});

describe('focus and sandwich', () => {
  it('cuts off what is above a function, and what does not go through it', () => {
    check(
      { focus: { label: 'lock', role: 'user' } },
      SHOP,
      `
      lock 8us
        - 3us
          do_futex 3us
            futex_wait 3us (self 3us)
        wait 5us
          - 5us
            do_futex 5us
              futex_wait 5us (self 5us)
    `,
    );
  });

  it('keeps the paths through a function whole', () => {
    check(
      { only: { label: 'g', role: 'user' } },
      'a: f;g;h = 4us\n a: f = 1us\n b: g = 2us',
      `
      a 4us
        f 4us
          g 4us
            h 4us (self 4us)
      b 2us
        g 2us (self 2us)
    `,
    );
  });

  it('has a function’s callers above it', () => {
    check(
      { sandwich: { function: { label: 'lock', role: 'user' }, side: 'callers' } },
      SHOP,
      `
      lock 8us
        cart 5us
          main 5us
            shop 5us (self 5us)
        pay 3us
          main 3us
            shop 3us (self 3us)
    `,
    );
  });

  it('takes the outermost call, so callers and callees have one total', () => {
    const text = 'a: f;g;f;h = 4us\n a: f = 1us';
    const shape = (side: 'callers' | 'callees') => ({
      sandwich: { function: { label: 'f', role: 'user' as const }, side },
    });
    check(
      shape('callees'),
      text,
      `
      f 5us (self 1us)
        g 4us
          f 4us
            h 4us (self 4us)
    `,
    );
    check(
      shape('callers'),
      text,
      `
      f 5us
        a 5us (self 5us)
    `,
    );
  });

  it('takes a name in another role for another function', () => {
    check({ focus: { label: 'f', role: 'kernel' } }, 'a: f = 1us\n b: g | f = 2us', 'f 2us (self 2us)');
  });
});

describe('noise', () => {
  it('leaves out what matches, and says how much by the first preset that does', () => {
    const { tables, rows } = stacksFromText(`
      nginx: | do_epoll_wait;ep_poll      = 30us
      sleep: | hrtimer_nanosleep          = 8us
      shop: | futex_wait                  = 1us
      runq nginx: | do_epoll_wait;ep_poll = 2us
    `);
    const builder = new FlameBuilder(tables);
    const query: Query = { view: 'wakeup', kinds: KINDS };
    const everything = builder.build(rows, query);
    expect(builder.hidden).toEqual([]);
    const tree = builder.build(rows, query, { ...PLAIN_SHAPE, noise: NOISE_PRESETS });
    expect(printTree(tree)).toBe('[waker unknown] 1us\n  shop 1us (self 1us)');
    const hidden = new Map(builder.hidden.map(({ preset, value, count }) => [preset, [value, count]]));
    expect(hidden.get('event-loops')).toEqual([30_000, 1]);
    expect(hidden.get('sleeps')).toEqual([8_000, 1]);
    expect(hidden.get('kernel-threads')).toEqual([0, 0]);
    const sum = builder.hidden.reduce((value, preset) => value + preset.value, 0);
    expect(tree.totalValue[0]! + sum).toBe(everything.totalValue[0]);
    expect(builder.noiseOf(rows, query, NOISE_PRESETS)).toEqual(builder.hidden);
  });

  it('throws for a pattern that is none', () => {
    expect(() => new NoiseMatcher([{ id: 'x', name: '', help: '', on: 'frame', pattern: '(' }])).toThrow(
      SyntaxError,
    );
  });
});

describe('properties over random windows and shapes', () => {
  it('the tree is what adding up reshaped paths one by one gives, whatever was built before', () => {
    const tables = new ProfileTables();
    const builder = new FlameBuilder(tables);
    checkSeeds(150, (random) => {
      const { rows, query, shape } = randomCase(random, tables);
      const tree = builder.build(rows, query, shape);
      const noise = new RowNoise(tables, shape.noise);
      const found = addUpPaths(tables, rows, query, shape, (i) => noise.presetOf(rows, i) !== NONE);
      const selfNs = new Map<string, number>();
      for (const [key, indices] of found.rows) selfNs.set(key, sumOf(rows.estimatedNs, indices));
      expect(selfByPath(tree)).toEqual(new Map([...selfNs].sort()));
      assertOrdered(tree);
    });
  });

  it('what noise hides and what is drawn make all that the shape has a path for', () => {
    const tables = new ProfileTables();
    const builder = new FlameBuilder(tables);
    checkSeeds(100, (random) => {
      const { rows, query, shape } = randomCase(random, tables);
      const all = builder.build(rows, query, { ...shape, noise: [] }).totalValue[0]!;
      const drawn = builder.build(rows, query, shape).totalValue[0]!;
      expect(drawn + builder.hidden.reduce((sum, { value }) => sum + value, 0)).toBe(all);
    });
  });

  it('none but only, focus, sandwich and noise change the total', () => {
    const tables = new ProfileTables();
    const builder = new FlameBuilder(tables);
    checkSeeds(100, (random) => {
      const { rows, query, shape } = randomCase(random, tables);
      const whole = builder.build(rows, query).totalValue[0];
      const reshaped = builder.build(rows, query, {
        ...shape,
        only: null,
        focus: null,
        sandwich: null,
        noise: [],
      });
      expect(reshaped.totalValue[0]).toBe(whole);
    });
  });

  it('callers and callees of a function have its total in the function table', () => {
    const tables = new ProfileTables();
    const builder = new FlameBuilder(tables);
    checkSeeds(60, (random) => {
      const { rows, query } = randomCase(random, tables);
      const table = toFunctionTable(builder.build(rows, query));
      if (table.label.length === 0) return;
      const entry = random.integer(0, table.label.length - 1);
      const key: FunctionKey = { label: table.label[entry]!, role: ROLES[table.role[entry]!]! };
      for (const side of ['callers', 'callees'] as const) {
        const half = builder.build(rows, query, { ...PLAIN_SHAPE, sandwich: { function: key, side } });
        expect(half.totalValue[0]).toBe(table.totalValue[entry]);
      }
    });
  });

  it('the rows through a node are those whose paths begin with its own', () => {
    const tables = new ProfileTables();
    const builder = new FlameBuilder(tables);
    checkSeeds(150, (random) => {
      const { rows, query, shape } = randomCase(random, tables);
      const tree = builder.build(rows, query, shape);
      const noise = new RowNoise(tables, shape.noise);
      const { rows: byPath } = addUpPaths(
        tables,
        rows,
        query,
        shape,
        (i) => noise.presetOf(rows, i) !== NONE,
      );
      const node = random.integer(0, tree.nodeCount - 1);
      const key = pathKey(pathsOfTree(tree)[node]!);
      const expected = [...byPath].flatMap(([path, indices]) => (path.startsWith(key) ? indices : []));
      const through = builder.rowsThrough(rows, query, shape, node);
      expect(through).toEqual(expected.sort((a, b) => a - b));
      expect(sumOf(rows.estimatedNs, through)).toBe(tree.totalValue[node]);
    });
  });

  it('the kinds of each node add up to it', () => {
    const tables = new ProfileTables();
    const builder = new FlameBuilder(tables);
    checkSeeds(80, (random) => {
      const { rows, query, shape } = randomCase(random, tables);
      const tree = builder.build(rows, query, shape);
      const kinds = builder.kindValues(rows, query, shape);
      const sums = tree.totalValue.map((_, node) => kinds.reduce((sum, values) => sum + values[node]!, 0));
      expect(sums).toEqual(tree.totalValue);
      // A waker ends blocks alone, and what ran did not wait, whatever kinds are asked for.
      if (query.view === 'wakeup' || query.view === 'cpu' || query.view === 'wall') return;
      for (const [kind, values] of kinds.entries()) {
        const kindsAlone = query.kinds.filter((name) => name === ROW_KINDS[kind]);
        expect(values[0]).toBe(builder.build(rows, { ...query, kinds: kindsAlone }, shape).totalValue[0]);
      }
    });
  });
});

it('refuses a node that is in no tree', () => {
  const { tables, rows } = stacksFromText('a: f = 1us');
  const builder = new FlameBuilder(tables);
  const query: Query = { view: 'off-cpu', kinds: KINDS };
  builder.build(rows, query);
  expect(() => builder.rowsThrough(rows, query, PLAIN_SHAPE, 3)).toThrow('3 is not in the tree of 3 nodes');
});

it('builds stacks of ten thousand frames in every shape', () => {
  const deep = Array.from({ length: 10_000 }, (_, n) => `f${n % 977}`).join(';');
  const { tables, rows } = stacksFromText(`a: ${deep} = 1us\n a: ${deep};leaf = 2us`);
  const builder = new FlameBuilder(tables);
  const query: Query = { view: 'off-cpu', kinds: KINDS };
  const leaf: FunctionKey = { label: 'leaf', role: 'user' };
  expect(builder.build(rows, query).nodeCount).toBe(10_003);
  expect(builder.build(rows, query, { ...PLAIN_SHAPE, direction: 'bottom-up' }).nodeCount).toBe(20_004);
  expect(
    builder.build(rows, query, { ...PLAIN_SHAPE, sandwich: { function: leaf, side: 'callers' } }).nodeCount,
  ).toBe(10_003);
  expect(builder.build(rows, query, { ...PLAIN_SHAPE, hideFrames: '[1-9]' }).totalValue[0]).toBe(3_000);
  expect(builder.build(rows, query, { ...PLAIN_SHAPE, collapseRecursion: true }).nodeCount).toBe(10_003);
  expect(toFunctionTable(builder.build(rows, query)).totalValue[0]).toBe(3_000);
});

/** Few functions and deep stacks, so that recursion, shared prefixes and functions to focus on are common. */
function randomCase(random: Random, tables: ProfileTables): { rows: Rows; query: Query; shape: FlameShape } {
  const { rows } = randomWindow(random, tables, {
    functions: random.pick([2, 6]),
    maxDepth: random.pick([4, 12]),
  });
  const query = randomQuery(random, random.pick(VIEWS));
  const shown: number[] = [];
  for (let i = 0; i < rowCount(rows); i++) if (matchesRow(tables, rows, i, query)) shown.push(i);
  const plain = addUpPaths(tables, rows, query, PLAIN_SHAPE);
  const functions = [...plain.paths.values()].flat().filter(({ role }) => role !== 'separator');
  return { rows, query, shape: randomShape(random, functions) };
}

function sumOf(values: readonly number[], indices: readonly number[]): number {
  return indices.reduce((sum, i) => sum + values[i]!, 0);
}

function selfByPath(tree: FlameTree): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [node, path] of pathsOfTree(tree).entries()) {
    if (tree.selfValue[node]! > 0) sums.set(pathKey(path), tree.selfValue[node]!);
  }
  return new Map([...sums].sort());
}

/** What flame-tree.ts promises of numbers and order. */
function assertOrdered(tree: FlameTree): void {
  const seen: number[] = [];
  const outOfOrder: string[] = [];
  const visit = (parent: number): void => {
    seen.push(parent);
    let before = '';
    for (let node = tree.firstChild[parent]!; node !== NONE; node = tree.nextSibling[node]!) {
      const key = `${tree.labels[tree.label[node]!]}\0${tree.role[node]}`;
      if (tree.parent[node] !== parent || (before !== '' && before >= key)) outOfOrder.push(key);
      before = key;
      visit(node);
    }
  };
  visit(0);
  expect(outOfOrder).toEqual([]);
  expect(seen).toEqual(Array.from({ length: tree.nodeCount }, (_, node) => node));
}
