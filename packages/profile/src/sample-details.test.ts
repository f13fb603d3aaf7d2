import { expect, it } from 'vitest';
import { NONE } from './kinds.js';
import { toSampleDetails } from './sample-details.js';
import { type SampleLabels, SampleProfileBuilder } from './sample-profile.js';

function profileOf(samples: [SampleLabels, number][]) {
  const builder = new SampleProfileBuilder('test', [{ type: 'off_cpu', unit: 'nanoseconds' }]);
  for (const [labels, value] of samples) builder.sample(NONE, [value], builder.labels(labels));
  return builder.profile;
}

it('tells of threads and of what labels say, most first, and of samples without', () => {
  const profile = profileOf([
    [{ comm: 'app', tgid: 7, tid: 8, waker: 'writer', state: 'S' }, 5],
    [{ comm: 'app', tgid: 7, tid: 8, state: 'D' }, 20],
    [{ comm: 'db', tgid: '9', tid: '9', waker: 'writer', state: 'S' }, 3],
    [{ comm: 'other', waker: 'never' }, 100],
  ]);
  const details = toSampleDetails(profile, 0, [0, 1, 2]);
  expect(details).toMatchObject({ value: 28, samples: 3, threadTotal: 2, labelTotal: 2 });
  expect(details.threads).toEqual([
    { tgid: 7, tid: 8, comm: 'app', value: 25, count: 2 },
    { tgid: 9, tid: 9, comm: 'db', value: 3, count: 1 },
  ]);
  expect(details.labels).toEqual([
    {
      name: 'waker',
      total: 1,
      values: [
        { text: '', value: 20, count: 1 },
        { text: 'writer', value: 8, count: 2 },
      ],
    },
    {
      name: 'state',
      total: 2,
      values: [
        { text: 'D', value: 20, count: 1 },
        { text: 'S', value: 8, count: 2 },
      ],
    },
  ]);
});

it('has nothing to say of samples without labels, but how many they are', () => {
  const profile = profileOf([[{}, 4]]);
  expect(toSampleDetails(profile, 0, [0])).toEqual({
    value: 4,
    samples: 1,
    threads: [],
    threadTotal: 0,
    labels: [],
    labelTotal: 0,
  });
});
