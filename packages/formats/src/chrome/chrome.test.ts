import { checkSeeds, type Random } from '@stallscope/profile/fixtures';
import { describe, expect, test } from 'vitest';
import { printProfile } from '../fixtures/print-profile.js';
import { contextFor } from '../fixtures/read-context.js';
import { readProfile } from '../read.js';
import { readChromeTrace } from './read-chrome-trace.js';
import { readCpuProfile } from './read-cpuprofile.js';

const bytesOf = (value: unknown) =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
const readCpu = (value: unknown) => readCpuProfile(bytesOf(value), contextFor('chrome-cpuprofile'))[0]!;
const printCpu = (value: unknown) => printProfile(readCpu(value), { times: true });
const trace = (value: unknown) => {
  const context = contextFor('chrome-trace');
  const profiles = readChromeTrace(bytesOf(value), context);
  return { profiles, notes: context.notes };
};
const printTrace = (value: unknown) =>
  trace(value)
    .profiles.map((profile) => `${profile.title}: ${printProfile(profile, { times: true })}`)
    .join('\n\n');

const call = (functionName: string, url = '', lineNumber = -1) => ({
  functionName,
  scriptId: '1',
  url,
  lineNumber,
  columnNumber: 0,
});
const CPU = {
  nodes: [
    { id: 1, callFrame: call('(root)'), hitCount: 0, children: [2, 4] },
    { id: 2, callFrame: call('', 'file:///srv/app.js?v=1', 9), hitCount: 1, children: [3] },
    { id: 3, callFrame: call('read', 'node:fs', 0), hitCount: 2 },
    { id: 4, callFrame: call('(idle)'), hitCount: 1 },
  ],
  startTime: 1000,
  endTime: 1100,
  samples: [3, 2, 4, 3],
  timeDeltas: [10, 20, 30, 5],
};

describe('cpuprofile', () => {
  test('a sample lasts until the next, the last until the end', async () => {
    expect(printCpu(CPU)).toBe(
      [
        'time/nanoseconds, samples/count',
        '"(anonymous)"[app.js file:///srv/app.js?v=1:10] > "read"[node:fs node:fs:1] @10000 = 20000, 1',
        '"(anonymous)"[app.js file:///srv/app.js?v=1:10] > "read"[node:fs node:fs:1] @65000 = 35000, 1',
        '"(anonymous)"[app.js file:///srv/app.js?v=1:10] @30000 = 30000, 1',
        '"(idle)"[marker] @60000 = 5000, 1',
      ].join('\n'),
    );
    expect(readCpu(CPU).durationNs).toBe(100_000);
    expect((await readProfile(bytesOf(CPU))).format).toBe('chrome-cpuprofile');
  });
  test('samples that come out of order are put in order', () => {
    const values = readCpu({ ...CPU, timeDeltas: [10, 40, -20, 5] });
    expect(values.sampleAtNs).toEqual([10_000, 30_000, 35_000, 50_000]);
    expect(values.sampleValues[0]).toEqual([20_000, 5000, 15_000, 50_000]);
  });
  test('without samples hits are counted; nested nodes and times in seconds are read', async () => {
    const nested = {
      head: {
        id: 1,
        functionName: '(root)',
        url: '',
        lineNumber: 0,
        hitCount: 0,
        children: [{ id: 2, functionName: 'f', url: 'a.js', lineNumber: 3, hitCount: 7, children: [] }],
      },
      startTime: 1,
      endTime: 2,
    };
    expect(printCpu(nested)).toBe('samples/count\n"f"[a.js a.js:4] = 7');
    expect(printCpu({ ...nested, samples: [2], timestamps: [1_500_000] })).toBe(
      'time/nanoseconds, samples/count\n"f"[a.js a.js:4] @500000000 = 500000000, 1',
    );
    expect((await readProfile(bytesOf(nested))).format).toBe('chrome-cpuprofile');
  });
  test.each([
    [
      'a cycle',
      {
        ...CPU,
        nodes: [
          { id: 1, callFrame: call('a'), children: [2] },
          { id: 2, callFrame: call('b'), children: [1] },
        ],
        samples: [2],
        timeDeltas: [1],
      },
      'a stack of more than 20000 frames',
    ],
    [
      'two parents',
      { ...CPU, nodes: [...CPU.nodes, { id: 5, callFrame: call('x'), children: [3] }] },
      'nodes[4].children[0]: node 3 has two parents',
    ],
    ['a node twice', { ...CPU, nodes: [...CPU.nodes, CPU.nodes[0]] }, 'nodes[4]: is node 1 a second time'],
    [
      'a node that is not there',
      { ...CPU, samples: [9, 1, 1, 1] },
      'samples[0]: names node 9, which is not there',
    ],
    ['too few times', { ...CPU, timeDeltas: [1] }, 'timeDeltas: has 1 entries, there are 4 samples'],
    [
      'a function that is none',
      { ...CPU, nodes: [{ id: 1, callFrame: { functionName: 5 } }] },
      'nodes[0].callFrame.functionName: is 5, expected text',
    ],
  ])('%s is refused', (_, value, message) => {
    expect(() => readCpu(value)).toThrow(message);
  });
});

const X = (name: string, ts: number, dur: number, more: object = {}) => ({
  ph: 'X',
  name,
  cat: 'c',
  pid: 1,
  tid: 2,
  ts,
  dur,
  ...more,
});

describe('trace', () => {
  test('spans within spans, named threads, own time', async () => {
    const events = [
      X('b', 10, 30),
      X('a', 0, 100),
      X('c', 50, 10.5),
      { ph: 'B', name: 'open', cat: 'c', pid: 1, tid: 3, ts: 5 },
      { ph: 'E', pid: 1, tid: 3, ts: 25 },
      { ph: 'M', name: 'thread_name', pid: 1, tid: 2, args: { name: 'main' } },
      { ph: 'M', name: 'process_name', pid: 1, tid: 0, args: { name: 'Browser' } },
    ];
    const expected = [
      'test events: time/nanoseconds, events/count',
      '"a"[c] > "b"[c] [["comm","main"],["process","Browser"],["tgid",1],["tid",2]] @10000 = 30000, 1',
      '"a"[c] > "c"[c] [["comm","main"],["process","Browser"],["tgid",1],["tid",2]] @50000 = 10500, 1',
      '"a"[c] [["comm","main"],["process","Browser"],["tgid",1],["tid",2]] @0 = 59500, 1',
      '"open"[c] [["process","Browser"],["tgid",1],["tid",3]] @5000 = 20000, 1',
    ].join('\n');
    expect(printTrace(events)).toBe(expected);
    expect(printTrace({ traceEvents: events })).toBe(expected);
    expect(trace(events).notes).toEqual([]);
    expect((await readProfile(bytesOf(events))).format).toBe('chrome-trace');
    expect((await readProfile(bytesOf({ traceEvents: events }))).format).toBe('chrome-trace');
  });
  test('what does not fit together is counted and said', () => {
    const { profiles, notes } = trace([
      X('a', 0, 10),
      X('past', 5, 10),
      { ph: 'E', pid: 1, tid: 2, ts: 6 },
      { ph: 'B', name: 'open', pid: 1, tid: 2, ts: 20 },
      { ph: 'i', name: 'mark', pid: 1, tid: 2, ts: 30 },
    ]);
    expect(printProfile(profiles[0]!, { labels: false })).toBe(
      [
        'time/nanoseconds, events/count',
        '"a"[c] = 5000, 1',
        '"a"[c] > "past"[c] = 5000, 1',
        '"open" = 0, 1',
      ].join('\n'),
    );
    expect(notes).toEqual([
      '1 events that are no spans of a thread (asynchronous ones, counters, instants, flows) are left out.',
      '1 ends of spans have no begin, and are left out.',
      "1 spans have no end: they are taken to last until their thread's last event.",
      '1 spans reach past the end of the span that they begin in: 0.005 ms past it are left out.',
    ]);
  });
  test('a list that was cut off is read as far as it is whole', () => {
    const text = JSON.stringify([X('a', 0, 100), X('b', 10, 20)]);
    const whole = printTrace(text);
    expect(printTrace(text.slice(0, -1))).toBe(whole);
    expect(printTrace(`${text.slice(0, -1)},\n`)).toBe(whole);
    expect(printTrace(`${text.slice(0, -1)},{"ph":"X","na`)).toBe(whole);
    expect(() => trace('[{"ph":"X" "name":5},{"ph"')).toThrow('chrome-trace: line 1, column');
    expect(() => trace('[')).toThrow('chrome-trace');
  });
  test('samples of V8, in chunks of another thread', () => {
    const P = (name: string, tid: number, data: object) => ({
      ph: 'P',
      name,
      id: '0x1',
      pid: 1,
      tid,
      ts: 3,
      args: { data },
    });
    const nodes = CPU.nodes.map(({ children: _, ...node }) => ({
      ...node,
      ...(node.id > 1 && { parent: node.id === 3 ? 2 : 1 }),
    }));
    const events = [
      P('Profile', 2, { startTime: 1000 }),
      P('ProfileChunk', 9, {
        cpuProfile: { nodes: nodes.slice(0, 3), samples: [3, 2] },
        timeDeltas: [10, 20],
      }),
      P('ProfileChunk', 9, { cpuProfile: { nodes: nodes.slice(3), samples: [4, 3] }, timeDeltas: [30, 5] }),
      P('ProfileChunk', 9, { endTime: 1100 }),
      { ph: 'M', name: 'thread_name', pid: 1, tid: 2, args: { name: 'CrRendererMain' } },
    ];
    const { profiles } = trace(events);
    expect(profiles.map(({ title }) => title)).toEqual(['test CrRendererMain']);
    expect(printProfile(profiles[0]!, { times: true, labels: false })).toBe(printCpu(CPU));
    expect(profiles[0]!.labelSets).toEqual([{ comm: 'CrRendererMain', tgid: 1, tid: 2 }]);
  });
  test('neither spans nor samples is refused', () => {
    expect(() => trace([{ ph: 'i', name: 'x', ts: 1 }])).toThrow('have neither spans');
  });
  test('own times of spans sum to the time that the thread is in spans, whatever way they are written', () => {
    checkSeeds(20, (random) => {
      const events: object[] = [];
      const totalNs = nest(random, events, 0, 300, 0);
      const byName = shuffled(random, events);
      const { profiles } = trace(byName);
      expect(profiles[0]!.sampleValues[0]!.reduce((a, b) => a + b)).toBe(totalNs);
      expect(profiles[0]!.sampleValues[1]!.reduce((a, b) => a + b)).toBe(byName.length);
      // The same spans as begins and ends, in order of time.
      const pairs = (events as { name: string; ts: number; dur: number }[]).flatMap(
        ({ name, ts, dur }, depth) => [
          { at: ts, order: depth, event: { ph: 'B', name, pid: 1, tid: 2, ts, cat: 'c' } },
          { at: ts + dur, order: -depth, event: { ph: 'E', pid: 1, tid: 2, ts: ts + dur } },
        ],
      );
      pairs.sort(
        (a, b) =>
          a.at - b.at || (a.event.ph === b.event.ph ? a.order - b.order : a.event.ph === 'E' ? -1 : 1),
      );
      expect(printTrace(pairs.map(({ event }) => event))).toBe(printTrace(byName));
    });
  });
});

/** Spans within [from, to) µs, outer ones first; gives the time that is in any of the outermost, ns. */
function nest(random: Random, events: object[], from: number, to: number, depth: number): number {
  let sum = 0;
  let at = from + random.integer(0, 3);
  while (at < to - 2 && depth < 6) {
    const end = Math.min(to, at + random.integer(1, Math.max(1, Math.ceil((to - from) / 2))));
    events.push(X(random.pick(['f', 'g', 'h']), at, end - at));
    nest(random, events, at, end, depth + 1);
    sum += (end - at) * 1000;
    at = end + random.integer(1, 5);
  }
  return sum;
}

function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
