import { describe, expect, it } from 'vitest';
import {
  checkSeeds,
  dedent,
  nsToText,
  pathKey,
  pathsOfTree,
  printTree,
  randomShape,
  reshape,
  type Step,
} from './fixtures/index.js';
import { PLAIN_SHAPE } from './flame-shape.js';
import { NONE } from './kinds.js';
import { NOISE_PRESETS } from './noise-presets.js';
import type { Role } from './query.js';
import { SampleFlameBuilder, toSampleMatcher } from './sample-flame-builder.js';
import { type SampleLabels, type SampleProfile, SampleProfileBuilder } from './sample-profile.js';

/** Frames root first; `k:` before those of the kernel. */
function profileOf(
  samples: [labels: SampleLabels, frames: string, values: number[], atNs?: number][],
): SampleProfile {
  const builder = new SampleProfileBuilder('test', [
    { type: 'off_cpu', unit: 'nanoseconds' },
    { type: 'waits', unit: 'count' },
  ]);
  for (const [labels, frames, values, atNs] of samples) {
    const ids = frames.split(' ').flatMap((frame) => {
      if (frame === '') return [];
      const [prefix, name] = frame.includes(':') ? frame.split(':') : ['u', frame];
      const role: Role =
        prefix === 'k' ? 'kernel' : prefix === 'c' ? 'comm' : prefix === 'm' ? 'marker' : 'user';
      return [builder.frame({ name: name!, role, module: '', file: '', line: 0, unnamed: 0 })];
    });
    builder.sample(builder.stackOf(ids), values, builder.labels(labels), atNs);
  }
  return builder.profile;
}

describe('the tree', () => {
  const profile = profileOf([
    [{ process: 'web', comm: 'main' }, 'f g', [5_000, 2]],
    [{ comm: 'db' }, 'f', [3_000, 1]],
    [{ comm: 'db' }, '', [1_000, 1]],
    [{}, 'f k:vfs_read', [2_000, 7]],
    [{ comm: 'db' }, 'c:db f', [4_000, 1]],
  ]);

  it('begins with process and thread where labels name them and stacks do not', () => {
    const tree = new SampleFlameBuilder(profile).build({ value: 0 });
    expect(printTree(tree)).toBe(
      dedent(`
        db 8us (self 1us)
          f 7us (self 7us)
        f 2us
          vfs_read 2us (self 2us)
        web 5us
          main 5us
            f 5us
              g 5us (self 5us)
      `),
    );
    expect(tree.totalCount[0]).toBe(12);
  });

  it('has the values of the type that is asked for', () => {
    const tree = new SampleFlameBuilder(profile).build({ value: 1 });
    expect(tree.totalValue[0]).toBe(12);
  });

  it('can be of some samples alone, by labels and by time', () => {
    const builder = new SampleFlameBuilder(profile);
    expect(nsToText(builder.build({ value: 0, labels: { comm: 'db' } }).totalValue[0]!)).toBe('8us');
    expect(builder.build({ value: 0, labels: { tid: 7 } }).nodeCount).toBe(1);
    const timed = new SampleFlameBuilder(
      profileOf([
        [{ tid: 7 }, 'f', [1_000, 1], 100],
        [{ tid: 7 }, 'g', [2_000, 1], 200],
        [{ tid: 8 }, 'h', [4_000, 1], 300],
      ]),
    );
    expect(timed.build({ value: 0, fromNs: 100, toNs: 300 }).totalValue[0]).toBe(3_000);
    expect(timed.build({ value: 0, fromNs: 200, labels: { tid: '8' } }).totalValue[0]).toBe(4_000);
    expect(builder.build({ value: 0, fromNs: 0 }).nodeCount).toBe(1);
  });

  it('leaves idle waits out where they are known to be blocked, or where nothing else is said', () => {
    const builder = new SampleFlameBuilder(
      profileOf([
        [{ comm: 'nginx' }, 'main k:do_epoll_wait k:ep_poll', [5_000, 1]],
        [{ comm: 'nginx', kind: 'runq' }, 'main k:do_epoll_wait k:ep_poll', [3_000, 1]],
        [{ comm: 'nginx' }, 'main k:ep_poll m:[preempted]', [2_000, 1]],
        [{ comm: 'node', tgid: 1, tid: 2 }, 'k:futex_do_wait', [1_000, 1]],
      ]),
    );
    const tree = builder.build({ value: 0 }, { ...PLAIN_SHAPE, noise: NOISE_PRESETS });
    expect(tree.totalValue[0]).toBe(5_000);
    expect(builder.hidden.filter(({ value }) => value > 0)).toEqual([
      { preset: 'event-loops', value: 5_000, count: 1 },
      { preset: 'worker-pools', value: 1_000, count: 1 },
    ]);
    expect(builder.noiseOf({ value: 0 }, NOISE_PRESETS)).toEqual(builder.hidden);
  });
});

it('is what adding up reshaped samples one by one gives, whatever was built before', () => {
  checkSeeds(120, (random) => {
    const word = (): string => random.pick(['f_0', 'f_1', 'f_5', 'g', 'k:read', 'k:wait']);
    const profile = profileOf(
      Array.from({ length: random.integer(0, 30) }, () => [
        random.pick<SampleLabels>([{ comm: 'a' }, { comm: 'p100', process: 'b' }, {}]),
        Array.from({ length: random.integer(0, 10) }, word).join(' '),
        [random.integer(0, 5), random.integer(0, 3)],
      ]),
    );
    const builder = new SampleFlameBuilder(profile);
    for (let n = 0; n < 3; n++) {
      const functions = profile.frames.map(({ name, role }) => ({ label: name, role }));
      const shape = { ...randomShape(random, functions), noise: [] };
      const filter = {
        value: random.integer(0, 1),
        ...(random.chance(0.3) ? { labels: { comm: 'a' } } : {}),
      };
      const tree = builder.build(filter, shape);
      const expected = new Map<string, number>();
      const indices = new Map<string, number[]>();
      const matches = toSampleMatcher(profile, filter);
      for (const [i, value] of profile.sampleValues[filter.value]!.entries()) {
        if (value === 0 || !matches(i)) continue;
        const path = reshape(pathOf(profile, i), shape);
        if (path === null) continue;
        expected.set(pathKey(path), (expected.get(pathKey(path)) ?? 0) + value);
        indices.set(pathKey(path), [...(indices.get(pathKey(path)) ?? []), i]);
      }
      const paths = pathsOfTree(tree);
      const found = new Map(
        paths.flatMap((path, node) =>
          tree.selfValue[node]! > 0 ? [[pathKey(path), tree.selfValue[node]!]] : [],
        ),
      );
      expect(new Map([...found].sort())).toEqual(new Map([...expected].sort()));
      const node = random.integer(0, tree.nodeCount - 1);
      const under = [...indices].flatMap(([key, list]) =>
        key.startsWith(pathKey(paths[node]!)) ? list : [],
      );
      expect(builder.samplesThrough(filter, shape, node)).toEqual(under.sort((a, b) => a - b));
    }
  });
});

function pathOf(profile: SampleProfile, i: number): Step[] {
  const path: Step[] = [];
  for (let at = profile.sampleStack[i]!; at !== NONE; at = profile.stackPrefix[at]!) {
    const { name, role, module } = profile.frames[profile.stackFrame[at]!]!;
    path.unshift({ label: name, role, module });
  }
  const { process, comm } = profile.labelSets[profile.sampleLabels[i]!]!;
  const owners = [process, comm]
    .filter((name) => name !== undefined)
    .map((name) => ({ label: String(name), role: 'comm' as const, module: '' }));
  return [...owners, ...path];
}
