import {
  type DiffTree,
  diffTrees,
  type FlameTree,
  ROLES,
  SampleFlameBuilder,
  SampleProfileBuilder,
  toGrowthTable,
} from '@stallscope/profile';
import { describe, expect, it } from 'vitest';
import { mostChanged, toGrowthRows, withoutWidth } from './growth';

/** `main;read 5` … as a tree. */
function treeOf(...lines: string[]): FlameTree {
  const builder = new SampleProfileBuilder('', [{ type: 'samples', unit: 'count' }]);
  for (const line of lines) {
    const [path = '', count] = line.split(' ');
    const frames = path
      .split(';')
      .map((name) => builder.frame({ name, module: '', file: '', line: 0, role: 'user', unnamed: 0 }));
    builder.sample(builder.stackOf(frames), [Number(count)], builder.labels({}));
  }
  return new SampleFlameBuilder(builder.profile).build({ value: 0 });
}

const TREE: DiffTree = diffTrees(
  treeOf('main;read 5', 'main;lock 9', 'idle;lock 1', 'new 3'),
  treeOf('main;read 8', 'main;lock 2', 'idle;lock 2', 'gone 4'),
);
const TABLE = toGrowthTable(TREE, { normalise: false });

function printed(
  ...how: Parameters<typeof toGrowthRows> extends [unknown, ...infer Rest] ? Rest : never
): string[] {
  return toGrowthRows(TABLE, ...how).map(({ fn, before, after }) => `${fn.label} ${before} → ${after}`);
}

describe('the table of growth', () => {
  it('begins with what grew most, or what shrank most, as asked', () => {
    expect(printed('total', 'grew')).toEqual([
      'lock 4 → 10',
      'main 10 → 14',
      'new 0 → 3',
      'idle 2 → 1',
      'read 8 → 5',
      'gone 4 → 0',
    ]);
    expect(printed('total', 'shrank')[0]).toBe('gone 4 → 0');
    expect(printed('total', 'before')[0]).toBe('main 10 → 14');
  });

  it('of self leaves out what only passes on', () => {
    expect(printed('self', 'grew')).toEqual(['lock 4 → 10', 'new 0 → 3', 'read 8 → 5', 'gone 4 → 0']);
  });
});

describe('the way from the table into the graph', () => {
  const pathTo = (node: number | undefined): string => {
    const labels: string[] = [];
    for (let at = node ?? 0; at > 0; at = TREE.parent[at]!) labels.unshift(TREE.labels[TREE.label[at]!]!);
    return labels.join(';');
  };

  it('leads to where it grew most, not to where it is largest', () => {
    const rows = toGrowthRows(TABLE, 'total', 'grew');
    expect(pathTo(mostChanged(TREE, 1, rows[0]!, 'total'))).toBe('main;lock');
    const shrunk = { ...rows[0]!, change: -1 };
    expect(pathTo(mostChanged(TREE, 1, shrunk, 'total')), 'where it shrank').toBe('idle;lock');
  });

  it('leads nowhere for what is no more', () => {
    const fn = { label: 'unheard of', role: ROLES[2]! };
    expect(mostChanged(TREE, 1, { fn, module: '', before: 1, after: 2, change: 1 }, 'total')).toBeUndefined();
  });
});

it('says how much has no width where boxes are as wide as one side', () => {
  expect(withoutWidth(TREE, 'after')).toBe(4);
  expect(withoutWidth(TREE, 'before')).toBe(3);
});
