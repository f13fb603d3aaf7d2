import { describe, expect, it } from 'vitest';
import { stacksFromText } from './fixtures/stacks-from-text.js';
import { FlameBuilder } from './flame-builder.js';
import type { Query } from './query.js';
import { emptyRows } from './rows.js';
import { SampleProfileBuilder } from './sample-profile.js';
import { ProfileTables } from './tables.js';
import { toUnnamedFrames, unnamedFramesOfSamples } from './unnamed-frames.js';

const OFF_CPU: Query = { view: 'off-cpu', kinds: ['blocked'] };

describe('unnamed frames', () => {
  it('are weighted by time, over frames alone', () => {
    const { tables, rows } = stacksFromText('a: main;?x | k = 6us\n b: main = 2us');
    const tree = new FlameBuilder(tables).build(rows, OFF_CPU);
    expect(toUnnamedFrames(tree)).toEqual({
      share: 6 / 20,
      shareByReason: { 'no-symbol': 6 / 20 },
      filesByReason: {},
    });
  });

  it('are told by the files whose symbols would help most', () => {
    const stacks = ['a@liba.so', 'b@libb.so', 'c@libc.so', 'd@libd.so'];
    const text = stacks.map((frame, i) => `t: main;?${frame} | = ${i + 1}us`).join('\n');
    const { tables, rows } = stacksFromText(text);
    const { filesByReason } = toUnnamedFrames(new FlameBuilder(tables).build(rows, OFF_CPU));
    expect(filesByReason).toEqual({
      'no-symbol': [
        { module: 'libd.so', share: 4 / 20 },
        { module: 'libc.so', share: 3 / 20 },
        { module: 'libb.so', share: 2 / 20 },
      ],
    });
  });

  it('are none in an empty graph', () => {
    const tree = new FlameBuilder(new ProfileTables()).build(emptyRows(), OFF_CPU);
    expect(toUnnamedFrames(tree)).toEqual({ share: 0, shareByReason: {}, filesByReason: {} });
  });

  it('are the same of samples as of their graph, a recursion counted at each depth', () => {
    const builder = new SampleProfileBuilder('t', [{ type: 'cpu', unit: 'nanoseconds' }]);
    const frame = (name: string, unnamed: 0 | 1, role: 'comm' | 'user' = 'user', module = '') =>
      builder.frame({ name, module, file: '', line: 0, role, unnamed });
    const labels = builder.labels({});
    const [t, main, lost] = [frame('t', 0, 'comm'), frame('main', 0), frame('a+0x1', 1, 'user', '/lib/a.so')];
    builder.sample(builder.stackOf([t, main, lost, lost]), [3], labels);
    builder.sample(builder.stackOf([t, main]), [4], labels);
    expect(unnamedFramesOfSamples(builder.profile, 0)).toEqual({
      share: 6 / 13,
      shareByReason: { 'no-symbol': 6 / 13 },
      filesByReason: { 'no-symbol': [{ module: '/lib/a.so', share: 6 / 13 }] },
    });
  });
});
