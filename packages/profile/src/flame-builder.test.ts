import { describe, expect, it } from 'vitest';
import {
  checkSeeds,
  dedent,
  printTree,
  randomWindow,
  stacksFromColumns,
  stacksFromText,
} from './fixtures/index.js';
import { FlameBuilder } from './flame-builder.js';
import { type FlameShape, PLAIN_SHAPE } from './flame-shape.js';
import type { FlameTree } from './flame-tree.js';
import { FRAME_KINDS, type FrameKindCode, KINDS, NONE, type State } from './kinds.js';
import { matchesRow, projectRow } from './project.js';
import { type Query, ROLES, VIEWS, WAIT_VIEWS } from './query.js';
import { rowCount } from './rows.js';
import { ProfileTables } from './tables.js';
import type { Rows } from './window.js';

const OFF_CPU: Query = { view: 'off-cpu', kinds: KINDS };

function check(query: Partial<Query>, text: string, expected: string): void {
  const { tables, rows } = stacksFromText(text);
  const tree = new FlameBuilder(tables).build(rows, { ...OFF_CPU, ...query });
  expect(printTree(tree)).toBe(dedent(expected));
}

describe('the tree', () => {
  it('sums rows that share a path', () => {
    const { tables, rows } = stacksFromColumns(`
      app    app    app    db
      main   main   main   main
      read   write  -
      -             futex
      vfs
      5us    3us    2us    1us
    `);
    expect(printTree(new FlameBuilder(tables).build(rows, OFF_CPU))).toBe(
      dedent(`
        app 10us
          main 10us
            - 2us
              futex 2us (self 2us)
            read 5us
              - 5us
                vfs 5us (self 5us)
            write 3us (self 3us)
        db 1us
          main 1us (self 1us)
      `),
    );
  });

  it('orders children by code unit, then role, whatever came first and whatever they weigh', () => {
    check(
      {},
      `
        b: f   = 1us
        a: é   = 1us
        a: z   = 9us
        a: Z   = 1us
        a: | z = 2us
      `,
      `
        a 13us
          Z 1us (self 1us)
          z 9us (self 9us)
          z 2us (self 2us)
          é 1us (self 1us)
        b 1us
          f 1us (self 1us)
      `,
    );
  });

  it('keeps the same name apart where it has another role', () => {
    const { tables, rows } = stacksFromText(`
      a: x <- a: x = 1us
    `);
    const tree = new FlameBuilder(tables).build(rows, { ...OFF_CPU, view: 'off-wake' });
    expect(printTree(tree, { roles: true })).toBe(
      dedent(`
        a <comm> 1us
          x <user> 1us
            -- <separator> 1us
              x <waker-user> 1us
                a <waker-comm> 1us (self 1us)
      `),
    );
  });

  it('groups the wakeup view by waker', () => {
    check(
      { view: 'wakeup' },
      `
        a: f <- w: g | k = 2us
        b: f <- w: g | k = 3us
        c: f             = 1us
        runq d: f        = 9us
      `,
      `
        [waker unknown] 1us
          c 1us (self 1us)
        w 5us
          g 5us
            - 5us
              k 5us
                a 2us (self 2us)
                b 3us (self 3us)
      `,
    );
  });

  it('leaves out rows without time, and is a lone root when nothing is left', () => {
    check({}, 'a: f = 0us', '');
    check({ comm: 'b' }, 'a: f = 1us', '');
    const tree = new FlameBuilder(new ProfileTables()).build(stacksFromText('').rows, OFF_CPU);
    expect(tree.nodeCount).toBe(1);
    expect(tree.parent[0]).toBe(NONE);
    expect(ROLES[tree.role[0]!]).toBe('root');
  });

  it('carries module, reason for no name, and counts', () => {
    const { tables, rows } = stacksFromText('a: main@app;?x@libc.so.6 = 5us x3');
    const tree = new FlameBuilder(tables).build(rows, OFF_CPU);
    expect([...tree.module].map((id) => tree.labels[id])).toEqual(['', '', 'app', 'libc.so.6']);
    expect([...tree.unnamed]).toEqual([0, 0, 0, 1]);
    expect([...tree.totalCount]).toEqual([3, 3, 3, 3]);
  });

  it('carries what made the code of a frame, wherever the frame goes', () => {
    const { tables, rows } = stacksFromText('a: main;run = 5us');
    const hot = tables.internFrame({
      ...{ name: tables.internString('hot'), module: 0, space: 0, unnamed: 0 },
      kind: FRAME_KINDS.indexOf('jit') as FrameKindCode,
    });
    rows.userStack[0] = tables.internStack(rows.userStack[0]!, hot);
    const kinds = (shape: FlameShape): string[] => {
      const tree = new FlameBuilder(tables).build(rows, OFF_CPU, shape);
      return [...tree.frameKind].map(
        (kind, node) => `${tree.labels[tree.label[node]!]} ${FRAME_KINDS[kind]}`,
      );
    };
    const expected = [' native', 'a native', 'main native', 'run native', 'hot jit'];
    expect(kinds(PLAIN_SHAPE)).toEqual(expected);
    expect(kinds({ ...PLAIN_SHAPE, direction: 'bottom-up' }).sort()).toEqual(expected.sort());
  });
});

describe('building again', () => {
  it('drops nodes that lost their time and takes in new ones, and the order holds', () => {
    const tables = new ProfileTables();
    const builder = new FlameBuilder(tables);
    const first = stacksFromText('m: f = 1us\n m: z = 1us', tables).rows;
    const second = stacksFromText('m: z = 2us\n m: a = 1us\n b: f = 1us', tables).rows;
    builder.build(first, OFF_CPU);
    expect(printTree(builder.build(second, OFF_CPU))).toBe(
      dedent(`
        b 1us
          f 1us (self 1us)
        m 3us
          a 1us (self 1us)
          z 2us (self 2us)
      `),
    );
  });

  it('leaves a tree handed out earlier as it was', () => {
    const tables = new ProfileTables();
    const builder = new FlameBuilder(tables);
    const tree = builder.build(stacksFromText('m: f = 1us', tables).rows, OFF_CPU);
    builder.build(stacksFromText('m: f = 7us\n a: g = 1us', tables).rows, OFF_CPU);
    expect(printTree(tree)).toBe('m 1us\n  f 1us (self 1us)');
  });

  it('keeps the module first seen where two share a node', () => {
    const tables = new ProfileTables();
    const builder = new FlameBuilder(tables);
    const moduleOf = (text: string): string | undefined => {
      const tree = builder.build(stacksFromText(text, tables).rows, OFF_CPU);
      return tree.labels[tree.module[2]!];
    };
    expect(moduleOf('a: read@libc.so.6 = 1us')).toBe('libc.so.6');
    expect(moduleOf('a: read@musl.so = 9us\n a: read@libc.so.6 = 1us')).toBe('libc.so.6');
  });

  it('is the same after the trie was pruned', () => {
    const tables = new ProfileTables();
    const builder = new FlameBuilder(tables);
    const lines = Array.from({ length: 12_000 }, (_, n) => `a: f${n};g = 1us`);
    expect(builder.build(stacksFromText(lines.join('\n'), tables).rows, OFF_CPU).nodeCount).toBe(24_002);
    const few = stacksFromText('a: f1;g = 1us', tables).rows;
    for (let n = 0; n < 3; n++) {
      expect(printTree(builder.build(few, OFF_CPU))).toBe('a 1us\n  f1 1us\n    g 1us (self 1us)');
    }
  });
});

describe('properties over random windows', () => {
  it('a builder used before builds what a fresh one builds', () => {
    checkSeeds(40, (random) => {
      const tables = new ProfileTables();
      const builder = new FlameBuilder(tables);
      for (let n = 0; n < 6; n++) {
        const { rows } = randomWindow(random, tables);
        const query = randomQuery(random.pick, random.chance);
        expect(columns(builder.build(rows, query))).toEqual(
          columns(new FlameBuilder(tables).build(rows, query)),
        );
      }
    });
  });

  it('the tree is what adding up paths one by one gives', () => {
    checkSeeds(60, (random) => {
      const tables = new ProfileTables();
      const { rows } = randomWindow(random, tables);
      const query = randomQuery(random.pick, random.chance);
      const tree = new FlameBuilder(tables).build(rows, query);
      expect(selfByPath(tree)).toEqual(addedUp(tables, rows, query));
    });
  });

  it('columns hold what flame-tree.ts promises', () => {
    checkSeeds(60, (random) => {
      const tables = new ProfileTables();
      const { rows } = randomWindow(random, tables);
      const tree = new FlameBuilder(tables).build(rows, randomQuery(random.pick, random.chance));
      const totalValue = tree.selfValue.slice();
      for (let node = tree.nodeCount - 1; node > 0; node--) {
        expect(tree.parent[node]).toBeLessThan(node);
        totalValue[tree.parent[node]!]! += totalValue[node]!;
        expect(tree.totalValue[node]).toBeGreaterThan(0);
      }
      expect(tree.totalValue).toEqual(totalValue);
      let linked = 1;
      for (let node = 0; node < tree.nodeCount; node++) {
        let previous = '';
        for (let child = tree.firstChild[node]!; child !== NONE; child = tree.nextSibling[child]!) {
          expect(tree.parent[child]).toBe(node);
          const key = `${tree.labels[tree.label[child]!]}\0${tree.role[child]}`;
          if (previous !== '') expect(previous < key).toBe(true);
          previous = key;
          linked++;
        }
      }
      expect(linked).toBe(tree.nodeCount);
    });
  });

  it('the total of blocked time is the same in every view of waits', () => {
    checkSeeds(100, (random) => {
      const tables = new ProfileTables();
      const { rows } = randomWindow(random, tables);
      const sum = rows.estimatedNs.reduce((ns, rowNs, i) => (rows.kind[i] === 0 ? ns + rowNs : ns), 0);
      const builder = new FlameBuilder(tables);
      for (const view of WAIT_VIEWS) {
        expect(builder.build(rows, { view, kinds: ['blocked'] }).totalValue[0]).toBe(sum);
      }
    });
  });
});

function randomQuery(pick: <Item>(items: readonly Item[]) => Item, chance: (p: number) => boolean): Query {
  const kinds = KINDS.filter(() => chance(0.7));
  return {
    view: pick(VIEWS),
    kinds,
    ...(chance(0.3) ? { states: [pick<State>(['S', 'D', 'T'])] } : {}),
    ...(chance(0.3) ? { tgids: [pick([100, 200, 300])] } : {}),
    ...(chance(0.2) ? { tids: [pick([100, 101, 202])] } : {}),
    ...(chance(0.2) ? { comm: 'worker' } : {}),
  };
}

/** The columns that rows and query decide, with labels in place of their ids. */
function columns(tree: FlameTree): unknown {
  const { labels, label, module: _module, unnamed: _unnamed, frameKind: _kind, ...rest } = tree;
  return { ...rest, label: [...label].map((id) => labels[id]) };
}

function selfByPath(tree: FlameTree): Map<string, number> {
  const sums = new Map<string, number>();
  const keys: string[] = [''];
  for (let node = 1; node < tree.nodeCount; node++) {
    keys[node] =
      `${keys[tree.parent[node]!]}${JSON.stringify(tree.labels[tree.label[node]!])}<${ROLES[tree.role[node]!]}>`;
    if (tree.selfValue[node]! > 0) sums.set(keys[node]!, tree.selfValue[node]!);
  }
  return new Map([...sums].sort());
}

function addedUp(tables: ProfileTables, rows: Rows, query: Query): Map<string, number> {
  const sums = new Map<string, number>();
  for (let i = 0; i < rowCount(rows); i++) {
    if (!matchesRow(tables, rows, i, query) || rows.estimatedNs[i] === 0) continue;
    let key = '';
    projectRow(tables, rows, i, query, (label, role) => {
      key += `${JSON.stringify(label)}<${role}>`;
    });
    sums.set(key, (sums.get(key) ?? 0) + rows.estimatedNs[i]!);
  }
  return new Map([...sums].sort());
}
