import { FlameBuilder, type FlameTree } from '@stallscope/profile';
import { stacksFromText } from '@stallscope/testing';
import { describe, expect, it } from 'vitest';
import { MAX_OPENED_AT_ONCE, OpenPaths } from './call-tree-rows';

function treeOf(text: string): FlameTree {
  const { tables, rows } = stacksFromText(text);
  return new FlameBuilder(tables).build(rows, { view: 'off-cpu', kinds: ['blocked'] });
}

/** One row a line, by depth; `+` can be opened, `-` is open. */
function printed(paths: OpenPaths, tree: FlameTree): string[] {
  return paths
    .rows(tree)
    .map(
      ({ node, depth, hasChildren, isOpen }) =>
        `${'  '.repeat(depth)}${isOpen ? '-' : hasChildren ? '+' : ' '}${tree.labels[tree.label[node]!]}`,
    );
}

const TREE = `
  app: main;read;vfs = 5us
  app: main;write    = 9us
  db:  main          = 20us
`;

describe('rows of a call tree', () => {
  it('are the children of the root, longest first, until something is opened', () => {
    const paths = new OpenPaths();
    expect(printed(paths, treeOf(TREE))).toEqual(['+db', '+app']);
  });

  it('open as far as there is nothing to choose between, and close by one', () => {
    const tree = treeOf(TREE);
    const paths = new OpenPaths();
    const app = paths.rows(tree)[1]!;
    paths.open(tree, app);
    expect(printed(paths, tree)).toEqual(['+db', '-app', '  -main', '     write', '    +read']);
    paths.close(app.key);
    expect(printed(paths, tree)).toEqual(['+db', '+app']);
  });

  it('keep their places when times change, new ones last, until the parent is closed', () => {
    const paths = new OpenPaths();
    const before = treeOf(TREE);
    paths.open(before, paths.rows(before)[1]!);
    expect(printed(paths, before)).toEqual(['+db', '-app', '  -main', '     write', '    +read']);
    const after = treeOf(`
      app: main;read;vfs = 50us
      app: main;write    = 9us
      app: main;poll     = 99us
      cron: main         = 1s
      db:  main          = 2us
    `);
    const kept = ['+db', '-app', '  -main', '     write', '    +read', '     poll', '+cron'];
    expect(printed(paths, after)).toEqual(kept);
    const main = paths.rows(after)[2]!;
    paths.close(main.key);
    paths.open(after, main);
    expect(printed(paths, after).slice(3, 6)).toEqual(['     poll', '    +read', '     write']);
  });

  it('are in sight when a path is gone to', () => {
    const tree = treeOf(TREE);
    const paths = new OpenPaths();
    paths.openTo([
      { label: 'app', role: 'comm' },
      { label: 'main', role: 'user' },
      { label: 'read', role: 'user' },
    ]);
    expect(printed(paths, tree)).toEqual(['+db', '-app', '  -main', '     write', '    +read']);
  });

  it('tell each its place among its siblings', () => {
    const tree = treeOf(TREE);
    const paths = new OpenPaths();
    paths.openAll(tree, paths.rows(tree)[1]!);
    expect(paths.rows(tree).map(({ position, siblings }) => `${position}/${siblings}`)).toEqual([
      ...['1/2', '2/2', '1/1', '1/2', '2/2', '1/1'],
    ]);
  });

  it('open a stack of thousands of frames in steps, and never more than a bound at once', () => {
    const frames = Array.from({ length: 5000 }, (_, n) => `f${n}`);
    const tree = treeOf(`deep: ${frames.join(';')} = 1s`);
    const paths = new OpenPaths();
    paths.open(tree, paths.rows(tree)[0]!);
    expect(paths.rows(tree)).toHaveLength(MAX_OPENED_AT_ONCE + 1);
    const last = paths.rows(tree).at(-1)!;
    expect(last.depth).toBe(MAX_OPENED_AT_ONCE);
    paths.open(tree, last);
    expect(paths.rows(tree)).toHaveLength(2 * MAX_OPENED_AT_ONCE + 1);
  });
});
