import { expect, test } from 'vitest';
import { diffFixture, treeOfStacks } from './fixtures.js';
import { frameWords } from './flame-words.js';

const tree = treeOfStacks([
  { frames: [{ label: 'app', role: 'comm' }], ns: 1e9 },
  {
    frames: [
      { label: 'app', role: 'comm' },
      { label: 'read', role: 'user' },
    ],
    ns: 2e9,
  },
  {
    frames: [
      { label: 'app', role: 'comm' },
      { label: 'read', role: 'user' },
      { label: '', role: 'kernel', unnamed: 'no-symbol' },
    ],
    ns: 1e9,
  },
]);
const options = { rootLabel: 'all · 4.00 s', totalValue: 8e9, unit: 'nanoseconds', diff: undefined } as const;

test('a frame is its name, what it is, its value and whose share that is', () => {
  expect(frameWords(tree, 2, options)).toEqual({
    name: 'read',
    role: 'user frame',
    module: '',
    facts: ['3.00 s', '37.5 % of all', '75.0 % of its parent', '2.00 s in itself'],
    change: undefined,
    owner: undefined,
  });
});

test('the root and what has no name are told too', () => {
  expect(frameWords(tree, 0, options)).toMatchObject({
    name: 'all · 4.00 s',
    role: undefined,
    facts: ['50.0 % of all'],
  });
  expect(frameWords(tree, 3, options)).toMatchObject({
    name: '(no name)',
    role: 'unnamed kernel frame',
    facts: ['1.00 s', '12.5 % of all', '33.3 % of its parent', 'all in itself'],
  });
});

test('a difference says before, change, and of what it is a share', () => {
  const { tree: after, diff } = diffFixture('after');
  const words = Array.from(
    { length: after.nodeCount },
    (_, node) => frameWords(after, node, { ...options, diff }).change!,
  );
  expect(words[0]).toMatch(/^before 40\.7 s, \+\d+\.\d s, \+\d+\.\d % of the larger total$/);
  expect(words.some((change) => change.startsWith('new, +'))).toBe(true);
  expect(words.some((change) => change === 'no change')).toBe(true);
  expect(words.some((change) => /^before .*, −\d/.test(change))).toBe(true);
});

test('a graph that is coloured by who says whose a frame is, and of several who has most', () => {
  const named = treeOfStacks([
    { frames: [{ label: 'root', role: 'comm' }], ns: 1 },
    { frames: [{ label: 'daemon', role: 'comm' }], ns: 1 },
  ]);
  const label = (name: string): number => named.labels.indexOf(name);
  const owners = {
    name: 'user',
    owner: Int32Array.of(label('root'), label('daemon'), label('root')),
    share: Float32Array.of(0.625, 1, 1),
    count: Int32Array.of(3, 1, 1),
    colours: new Map(),
  };
  const words = [0, 1].map((node) => frameWords(named, node, { ...options, owners }).owner);
  expect(words).toEqual(['user: root 62.5 %, of 3', 'user: daemon']);
});
