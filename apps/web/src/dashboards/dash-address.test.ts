import { describe, expect, it } from 'vitest';
import { findProblems } from './dash-address';
import { type DashRegion, readProcess, readRegion, writeProcess, writeRegion } from './dash-selection';

const problemsOf = (query: string): string[] => findProblems(new URLSearchParams(query));

describe('an address', () => {
  it.each([
    '',
    'host=web-1&layout=waits&span=5m&window=250',
    'panels=&at=1700000000000',
    'saved=abcdefghijklmnopqrstuv&rev=3',
    'from=1&to=2&region=offcpu:4-8:web-1&p=4711:web-1',
    'utm_source=chat',
  ])('without a fault has none: %s', (query) => expect(problemsOf(query)).toEqual([]));

  it.each([
    ['span=7m', '“span=7m” in the address cannot be read (it takes 1m, 2m, 5m, 10m, 15m)'],
    ['window=3', 'it takes 250, 500, 1000, 2000, 5000, in ms'],
    ['layout=weather', 'it takes overview, waits, disk, network, container, own'],
    ['saved=../etc', '“saved=../etc” in the address cannot be read'],
    ['at=yesterday', 'it takes ms since 1970'],
    ['from=5', '“from” and “to” go together'],
    ['from=5&to=5', '“from” is the earlier'],
    ['region=offcpu:4-8:web-1', 'needs “from” and “to”'],
    ['from=1&to=2&region=weather:4-8:web-1', 'it takes heatmap:FROM-TO:host'],
    ['p=0:web-1', 'it takes tgid:host'],
  ])('says what is wrong: %s', (query, words) => {
    const problems = problemsOf(query);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(words);
  });

  it('says it of each, and no more of a long text than is needed to find it', () => {
    expect(problemsOf('span=7m&window=3')).toHaveLength(2);
    expect(problemsOf(`span=${'x'.repeat(5000)}`)[0]!.length).toBeLessThan(200);
  });
});

describe('what is selected', () => {
  it.each<[string, DashRegion]>([
    ['offcpu:64-80:web-1', { name: 'offcpu', fromBucket: 64, toBucket: 80, hostId: 'web-1' }],
    [
      'biolatency:0-160:a!:b:write:vda',
      { name: 'biolatency', fromBucket: 0, toBucket: 160, hostId: 'a:b', operation: 'write', target: 'vda' },
    ],
    ['biolatency:0-1:a::vda', { name: 'biolatency', fromBucket: 0, toBucket: 1, hostId: 'a', target: 'vda' }],
  ])('%s', (text, region) => {
    expect(writeRegion(region)).toBe(text);
    expect(readRegion(text)).toEqual(region);
  });

  it.each([
    '',
    'offcpu',
    'offcpu:1-2',
    'offcpu:2-2:a',
    'offcpu:1-161:a',
    'offcpu:1-2:',
    'weather:1-2:a',
    'offcpu:1-2:a:b:c:d',
  ])('no region: %s', (text) => expect(readRegion(text)).toBeNull());

  it.each(['', '0:a', '-1:a', '4711', '4711:', '4194305:a', '1:a:b', '1.5:a'])('no process: %s', (text) => {
    expect(readProcess(text)).toBeNull();
  });

  it('a process of a host', () => {
    expect(writeProcess({ tgid: 4711, hostId: 'a:b' })).toBe('4711:a!:b');
    expect(readProcess('4711:a!:b')).toEqual({ tgid: 4711, hostId: 'a:b' });
  });
});
