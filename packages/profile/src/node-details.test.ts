import { expect, it } from 'vitest';
import { checkSeeds, nsToText, randomWindow, stacksFromText } from './fixtures/index.js';
import { FlameBuilder } from './flame-builder.js';
import { PLAIN_SHAPE } from './flame-shape.js';
import { KINDS, NONE, ON_CPU } from './kinds.js';
import { MAX_DETAIL_ENTRIES, toNodeDetails } from './node-details.js';
import { VIEWS } from './query.js';
import { rowCount } from './rows.js';
import { ProfileTables } from './tables.js';

it('says how, whose, how long and by whom the time of a box was', () => {
  const { tables, rows } = stacksFromText(`
    shop@1/11: f <- db@7/70: send       = 4us x2
    shop@1/11: f <- db@7/70: reply      = 1us x1
    D shop@1/12: f <- [timer]: | hrtimer = 2us x1
    shop@1/12: f                        = 3us x3
    runq shop@1/12: f                   = 1us x1
    shop@1/11: g                        = 9us x1
  `);
  const builder = new FlameBuilder(tables);
  const query = { view: 'off-cpu', kinds: KINDS } as const;
  const tree = builder.build(rows, query);
  const node = [...tree.label].findIndex((id) => tree.labels[id] === 'f');
  const details = toNodeDetails(tables, rows, builder.rowsThrough(rows, query, PLAIN_SHAPE, node));
  expect(details.value).toBe(tree.totalValue[node]);
  expect(nsToText(details.value)).toBe('11us');
  expect([details.captures, details.estimatedCount, details.standardErrorNs]).toEqual([8, 8, 0]);
  expect(details.byKind).toEqual([
    { kind: 'blocked', value: 10_000, count: 7 },
    { kind: 'runq', value: 1_000, count: 1 },
  ]);
  expect(details.byState).toEqual([
    { state: 'S', value: 8_000, count: 6 },
    { state: 'D', value: 2_000, count: 1 },
  ]);
  expect(details.threads).toEqual([
    { tgid: 1, tid: 12, comm: 'shop', value: 6_000, count: 5 },
    { tgid: 1, tid: 11, comm: 'shop', value: 5_000, count: 3 },
  ]);
  expect(details.wakers).toEqual([
    { comm: 'db', tgid: 7, tid: 70, isInterrupt: false, value: 5_000, count: 3 },
    { comm: '[timer]', tgid: 0, tid: 0, isInterrupt: true, value: 2_000, count: 1 },
  ]);
  expect(details.wakerUnknown).toEqual({ value: 3_000, count: 3 });
  // Two waits of 2 µs each, three of 1 µs, and so on: by the length of one, not by their sum.
  expect(details.lengthCounts[11]).toBe(2 + 1);
  expect(details.lengthCounts[10]).toBe(1 + 3 + 1);
  expect(details.lengthNs[11]).toBe(4_000 + 2_000);
});

it('cuts long lists, the largest first, and says how many there were', () => {
  const text = Array.from({ length: 80 }, (_, n) => `a@1/${n + 1}: f <- w@2/${n + 1}: g = ${n + 1}us`).join(
    '\n',
  );
  const { tables, rows } = stacksFromText(text);
  const details = toNodeDetails(
    tables,
    rows,
    rows.tid.map((_, i) => i),
  );
  expect([details.threadTotal, details.wakerTotal]).toEqual([80, 80]);
  expect([details.threads.length, details.wakers.length]).toEqual([MAX_DETAIL_ENTRIES, MAX_DETAIL_ENTRIES]);
  expect([details.threads[0]!.tid, details.wakers.at(-1)!.tid]).toEqual([80, 31]);
});

it('adds up to the rows it is of, in every part', () => {
  checkSeeds(60, (random) => {
    const tables = new ProfileTables();
    const { rows } = randomWindow(random, tables);
    const builder = new FlameBuilder(tables);
    const query = { view: random.pick(VIEWS), kinds: KINDS };
    const tree = builder.build(rows, query);
    const node = random.integer(0, tree.nodeCount - 1);
    const indices = builder.rowsThrough(rows, query, PLAIN_SHAPE, node);
    const details = toNodeDetails(tables, rows, indices);
    const blockedNs = indices.reduce((sum, i) => sum + (rows.kind[i] === 0 ? rows.estimatedNs[i]! : 0), 0);
    const unknownNs = indices.reduce(
      (sum, i) => sum + (rows.kind[i] === 0 && rows.chain[i] === NONE ? rows.estimatedNs[i]! : 0),
      0,
    );
    const sum = (shares: readonly { value: number }[]): number =>
      shares.reduce((ns, { value }) => ns + value, 0);
    expect(details.value).toBe(tree.totalValue[node]);
    expect(sum(details.byKind)).toBe(details.value);
    expect(sum(details.byState)).toBe(blockedNs);
    expect(sum(details.threads)).toBe(details.value);
    expect(details.wakerUnknown.value).toBe(unknownNs);
    expect(sum(details.wakers) + unknownNs).toBe(blockedNs);
    const ranNs = indices.reduce((sum, i) => sum + (rows.kind[i] === ON_CPU ? rows.estimatedNs[i]! : 0), 0);
    expect(details.lengthNs.reduce((ns, value) => ns + value, 0)).toBe(details.value - ranNs);
    expect(rowCount(rows)).toBeGreaterThanOrEqual(indices.length);
  });
});
