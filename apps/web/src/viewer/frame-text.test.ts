import { FlameBuilder, findNode } from '@stallscope/profile';
import { stacksFromText } from '@stallscope/testing';
import { expect, it } from 'vitest';
import { eitherPattern, exactPattern, foldedText, keyOfNode, stackText } from './frame-text';

it('takes a frame elsewhere as text', () => {
  const { tables, rows } = stacksFromText('app: main;operator() | vfs_read = 1500us');
  const tree = new FlameBuilder(tables).build(rows, { view: 'off-cpu', kinds: ['blocked'] });
  const node = findNode(tree, [
    { label: 'app', role: 'comm' },
    { label: 'main', role: 'user' },
    { label: 'operator()', role: 'user' },
  ])!;
  expect(keyOfNode(tree, node)).toEqual({ label: 'operator()', role: 'user' });
  expect(stackText(tree, node)).toBe('app\nmain\noperator()');
  expect(foldedText(tree, node, true)).toBe('app;main;operator() 1500');
});

it('makes a pattern that is one label and no other', () => {
  for (const label of [
    'operator()',
    'a.b*c',
    '[libc.so.6]',
    'std::vector<int>::~vector()',
    'x|y',
    '$x^',
    '\\',
  ]) {
    const pattern = new RegExp(exactPattern(label));
    expect(pattern.test(label), label).toBe(true);
    expect(pattern.test(`${label}x`), label).toBe(false);
    expect(pattern.test(`x${label}`), label).toBe(false);
  }
  const either = new RegExp(eitherPattern(exactPattern('a'), exactPattern('b.')));
  expect(['a', 'b.', 'bx', 'ab.'].map((label) => either.test(label))).toEqual([true, true, false, false]);
});
