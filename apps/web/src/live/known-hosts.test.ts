import type { HostSummary } from '@stallscope/protocol';
import { expect, test } from 'vitest';
import { toKnownHosts } from './known-hosts';

const LIVE = {
  host: { id: 'a', name: 'web-1' },
  state: 'live',
  windowMs: 1000,
  recording: null,
  lastWindowEndMs: 1000,
} as HostSummary;

test('a list that differs in its newest windows alone is the one before', () => {
  const before = toKnownHosts(null, [LIVE]);
  expect(toKnownHosts(before, [{ ...LIVE, lastWindowEndMs: 2000 }])).toBe(before);
});

test.each([
  ['a host that comes', [LIVE, { ...LIVE, host: { ...LIVE.host, id: 'b' } }]],
  ['a host that goes', []],
  ['another name', [{ ...LIVE, host: { ...LIVE.host, name: 'web-2' } }]],
  ['another interval', [{ ...LIVE, windowMs: 250 }]],
  ['a recording', [{ ...LIVE, recording: { title: 'locks', recordedAtMs: 1 } }]],
] as [string, HostSummary[]][])('%s is a new list', (_, hosts) => {
  const before = toKnownHosts(null, [LIVE]);
  expect(toKnownHosts(before, hosts)).not.toBe(before);
});

test('a host that is heard no more says when its last window ended', () => {
  const before = toKnownHosts(null, [LIVE]);
  const [gone] = toKnownHosts(before, [{ ...LIVE, state: 'disconnected', lastWindowEndMs: 2000 }]);
  expect(gone).toMatchObject({ state: 'disconnected', lastWindowEndMs: 2000 });
});
