import { type FlameTree, ProfileTables, SampleFlameBuilder } from '@stallscope/profile';
import { seededRandom, stacksFromText } from '@stallscope/profile/fixtures';
import { describe, expect, test } from 'vitest';
import { randomProfile } from '../fixtures/random-profile.js';
import { waitsOf } from '../fixtures/waits.js';
import { rowsToSamples } from '../rows-to-samples.js';
import type { PageData } from './page-data.js';
import { pruneTree } from './prune-tree.js';
import { writeHtml } from './write-html.js';

const write = (...args: Parameters<typeof writeHtml>) => new TextDecoder().decode(writeHtml(...args).bytes);
const dataOf = (html: string): PageData =>
  JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1]!);

describe('a page', () => {
  test('says what it shows, and asks nothing of any network', () => {
    const { profile, facts } = waitsOf();
    const html = write(profile, { facts });
    expect(html).toContain('<title>a &lt;/title&gt; &amp; &quot;b&quot;</title>');
    expect(html).toContain('<p>sampled 100.0 % ± 0.0 of exact · 0 lost</p>');
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<(?:script|img|iframe)[^>]+src=|<link[^>]+href="(?!data:)|@import|url\(/);
  });
  test('has the whole tree, whatever the names hold', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const profile = randomProfile(seededRandom(seed));
      profile.frames[0]!.name = '</script><script>alert(1)</script><!-- <script>';
      const html = write(profile);
      const opened = html.match(/<script/g)!.length;
      expect(opened, `seed ${seed}`).toBe(2);
      expect(html.match(/<\/script/g)).toHaveLength(2);
      const data = dataOf(html);
      const tree = new SampleFlameBuilder(profile).build({ value: 0 });
      expect(data.value).toEqual([...tree.totalValue]);
      expect(data.label.map((label) => data.labels[label])).toEqual(
        [...tree.label].map((label) => tree.labels[label]),
      );
      expect(data.parent).toEqual([...tree.parent]);
    }
  });
  test('of nothing says so', () => {
    expect(write(waitsOf({ comm: 'nobody' }).profile)).toContain('There is nothing in it.');
  });
});

describe('pruning', () => {
  const treeOf = (text: string): FlameTree => {
    const tables = new ProfileTables();
    const { rows } = stacksFromText(text, tables);
    const samples = rowsToSamples(tables, rows, { view: 'off-cpu', kinds: ['blocked'] }, { title: '' });
    return new SampleFlameBuilder(samples).build({ value: 0 });
  };
  const names = (tree: FlameTree, kept: number[]) => kept.map((node) => tree.labels[tree.label[node]!]);
  test('keeps the widest, each on what it stands on', () => {
    const tree = treeOf('S a@1/1: x;y = 5ms\nS b@1/2: z = 3ms\nS c@1/3: w = 1ms');
    expect(names(tree, pruneTree(tree, 5, 9).kept)).toEqual(['', 'a', 'x', 'y', 'b']);
    expect(pruneTree(tree, 5, 9)).toMatchObject({ narrow: 3, narrowShare: 3 / 9, deep: 0 });
    expect(pruneTree(tree, 99, 9)).toMatchObject({ narrow: 0, deep: 0 });
  });
  test('cuts what is too deep', () => {
    const tree = treeOf('S a@1/1: x;y;z = 5ms');
    expect(names(tree, pruneTree(tree, 99, 2).kept)).toEqual(['', 'a', 'x']);
    expect(pruneTree(tree, 99, 2).deep).toBe(2);
  });
  test('never keeps a node without its parent', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const tree = new SampleFlameBuilder(randomProfile(seededRandom(seed))).build({ value: 0 });
      for (let most = 1; most < tree.nodeCount; most += 3) {
        const { kept } = pruneTree(tree, most, 100);
        expect(kept).toHaveLength(most);
        const isKept = new Set(kept);
        expect(kept.every((node) => node === 0 || isKept.has(tree.parent[node]!))).toBe(true);
      }
    }
  });
});
