import { expect, it } from 'vitest';
import { checkSeeds, nsToText, randomWindow, stacksFromText } from './fixtures/index.js';
import { FlameBuilder } from './flame-builder.js';
import { matchNodes } from './flame-search.js';
import { KINDS, NONE } from './kinds.js';
import { VIEWS, type View } from './query.js';
import { ProfileTables } from './tables.js';

const TEXT = `
  app: main;lock;lock_slow | futex <- app: unlock = 5us
  app: main;read | futex                          = 3us
  db:  main                                       = 2us
`;

/** `expected` is the covered time and the labels that match, in tree order. */
function check(pattern: RegExp, expected: string, view: View = 'off-cpu'): void {
  const { tables, rows } = stacksFromText(TEXT);
  const tree = new FlameBuilder(tables).build(rows, { view, kinds: KINDS });
  const { matched, matchedValue, matchedCount } = matchNodes(tree, pattern);
  const labels = [...matched].flatMap((flag, node) => (flag === 1 ? [tree.labels[tree.label[node]!]] : []));
  expect([nsToText(matchedValue), ...labels].join(' ')).toBe(expected);
  expect(matchedCount).toBe(labels.length);
}

it('counts time below a match, nested matches once', () => {
  check(/futex/, '8us futex futex');
  check(/lock/, '5us lock lock_slow');
  check(/main/, '10us main main');
  check(/app|futex/, '8us app futex futex');
  check(/nothing/, '0ns');
});

it('gives labels of wakers too', () => {
  check(/unlock|read/, '8us unlock read', 'off-wake');
});

it('takes the flags of the pattern, and is not led astray by a stateful one', () => {
  check(/FUTEX/i, '8us futex futex');
  check(/futex/g, '8us futex futex');
  check(/main/y, '10us main main');
});

it('never matches the root or a separator', () => {
  check(/^$|^-+$/, '0ns');
  check(/./, '10us app main lock lock_slow futex read futex db main');
});

it('covers what the topmost matches cover, in any tree', () => {
  checkSeeds(60, (random) => {
    const tables = new ProfileTables();
    const { rows } = randomWindow(random, tables);
    const tree = new FlameBuilder(tables).build(rows, { view: random.pick(VIEWS), kinds: KINDS });
    const { matched, matchedValue } = matchNodes(
      tree,
      random.pick([/function_[0-3]/, /p100/, /\[/, /e/, /./]),
    );
    const covered = (node: number): number => {
      if (matched[node] === 1) return tree.totalValue[node]!;
      let sum = 0;
      for (let child = tree.firstChild[node]!; child !== NONE; child = tree.nextSibling[child]!) {
        sum += covered(child);
      }
      return sum;
    };
    expect(matchedValue).toBe(covered(0));
    expect(matchedValue).toBeLessThanOrEqual(tree.totalValue[0]!);
  });
});
