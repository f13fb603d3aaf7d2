import { ProfileTables } from '@stallscope/profile';
import { randomWindow, seededRandom } from '@stallscope/profile/fixtures';
import { describe, expect, test } from 'vitest';
import { checkSeedsAsync } from '../fixtures/check-seeds-async.js';
import { printProfile } from '../fixtures/print-profile.js';
import { randomProfile } from '../fixtures/random-profile.js';
import { contextFor } from '../fixtures/read-context.js';
import { waitsOf } from '../fixtures/waits.js';
import { inflate } from '../inflate.js';
import { readProfile } from '../read.js';
import { rowsToSamples } from '../rows-to-samples.js';
import { toScriptLocation } from './gecko-tables.js';
import { readFirefox } from './read-firefox.js';
import { writeFirefox } from './write-firefox.js';

const read = (value: unknown) =>
  readFirefox(new TextEncoder().encode(JSON.stringify(value)), contextFor('firefox'));
const print = (value: unknown) =>
  read(value)
    .map((profile) => printProfile(profile, { times: true }))
    .join('\n\n');

/** Before threads shared anything: version 40. */
const OLD = {
  meta: {
    preprocessedProfileVersion: 40,
    startTime: 1000,
    product: 'Firefox',
    categories: [
      { name: 'Other', color: 'grey' },
      { name: 'Kernel', color: 'red' },
    ],
  },
  threads: [
    {
      name: 'GeckoMain',
      processName: 'Web',
      pid: '12',
      tid: 13,
      libs: [{ name: '/usr/lib/libxul.so' }],
      samples: { stack: [1, null, 2], time: [5, 6, 7.5], weight: null, weightType: 'samples', length: 3 },
      stackTable: { prefix: [null, 0, 1], frame: [0, 1, 2], length: 3 },
      frameTable: { func: [0, 1, 2], line: [null, 9, null], category: [0, 1, null], length: 3 },
      funcTable: {
        name: [0, 1, 3],
        resource: [-1, 0, -1],
        fileName: [2, null, null],
        lineNumber: [4, null, null],
        length: 3,
      },
      resourceTable: { lib: [0], name: [4], length: 1 },
      stringArray: ['run', 'sys', 'a.js', 'leaf', 'libxul'],
    },
  ],
};

const FACTS = '[["comm","GeckoMain"],["process","Web"],["tgid",12],["tid",13]]';
const EXPECTED = [
  'samples/count',
  `"run"[a.js:4] > "sys"[libxul.so kernel] > "leaf"[kernel] ${FACTS} @7500000 = 1`,
  `"run"[a.js:4] > "sys"[libxul.so kernel] ${FACTS} @5000000 = 1`,
  `${FACTS} @6000000 = 1`,
].join('\n');

/** The same as of version 70. */
function modern(): unknown {
  const {
    libs,
    stackTable: _,
    frameTable,
    funcTable,
    resourceTable,
    stringArray,
    samples,
    ...thread
  } = OLD.threads[0]!;
  const { fileName, ...func } = funcTable;
  return {
    meta: { ...OLD.meta, preprocessedProfileVersion: 70 },
    libs,
    shared: {
      stringArray,
      stackTable: { prefixOffset: [0, 1, 1], frame: [0, 1, 2], length: 3 },
      frameTable: { ...frameTable, lib: [-1, 0, -1] },
      funcTable: { ...func, source: [0, null, null] },
      resourceTable: { name: resourceTable.name, length: 1 },
      sources: { filename: [2], id: [null], length: 1 },
    },
    threads: [{ ...thread, samples: { ...samples, time: undefined, timeDeltas: [5, 1, 1.5] } }],
  };
}

const GECKO = {
  meta: {
    version: 30,
    startTime: 1000,
    product: 'Firefox',
    categories: [
      { name: 'Other', color: 'grey' },
      { name: 'Kernel', color: 'red' },
    ],
  },
  libs: [{ name: 'libxul.so', start: 0x1000, end: 0x2000 }],
  threads: [
    {
      name: 'GeckoMain',
      pid: 12,
      tid: 13,
      samples: {
        schema: { stack: 0, time: 1 },
        data: [
          [1, 5],
          [0, 6, 0.1],
          [null, 7],
        ],
      },
      stackTable: {
        schema: { prefix: 0, frame: 1 },
        data: [
          [null, 0],
          [0, 1],
        ],
      },
      frameTable: {
        schema: { location: 0, line: 1, category: 2 },
        data: [
          [0, null, 0],
          [1, null, 1],
        ],
      },
      stringTable: ['run (http://site:80/a.js?x:10:3)[4]', '0x1010'],
    },
  ],
  processes: [] as unknown[],
};

describe('reading', () => {
  test('tables in each thread, and tables that threads share', () => {
    expect(print(OLD)).toBe(EXPECTED);
    expect(print(modern())).toBe(EXPECTED);
    expect(read(OLD)[0]!.startMs).toBe(1000);
  });
  test('what Firefox hands out itself, child processes too', async () => {
    const child = { ...GECKO, meta: { ...GECKO.meta, startTime: 1100 } };
    const whole = { ...GECKO, processes: [child] };
    const facts = '[["comm","GeckoMain"],["tgid",12],["tid",13]]';
    const of = (offset: number) => [
      `"run"[a.js http://site:80/a.js?x:10] > "[libxul.so]"[libxul.so kernel] ${facts} @${5 + offset}000000 = 1`,
      `"run"[a.js http://site:80/a.js?x:10] ${facts} @${6 + offset}000000 = 1`,
      `${facts} @${7 + offset}000000 = 1`,
    ];
    expect(print(whole)).toBe(['samples/count', ...[...of(0), ...of(100)].sort()].join('\n'));
    expect((await readProfile(new TextEncoder().encode(JSON.stringify(whole)))).format).toBe('firefox');
  });
  test.each([
    ['Runnable', 'Runnable', '', 0],
    ['f (a.js:1)', 'f', 'a.js', 1],
    ['f (http://x:80/a.js:1:2)[33]', 'f', 'http://x:80/a.js', 1],
    ['operator() (int)', 'operator() (int)', '', 0],
    [']', ']', '', 0],
  ])('the place in %j', (location, name, file, fileLine) => {
    expect(toScriptLocation(location)).toEqual({ name, file, fileLine });
  });

  const broken = (change: (thread: (typeof OLD.threads)[0]) => void) => {
    const copy = structuredClone(OLD);
    change(copy.threads[0]!);
    return () => read(copy);
  };
  test.each([
    [
      'a stack below itself',
      broken((t) => t.stackTable.prefix.splice(0, 1, 2)),
      'stackTable.prefix[0]: names earlier stack 2, there are 0',
    ],
    [
      'a frame that is not there',
      broken((t) => t.stackTable.frame.splice(2, 1, 3)),
      'stackTable.frame[2]: names frame 3, there are 3',
    ],
    [
      'a function that is not there',
      broken((t) => t.frameTable.func.splice(0, 1, 9)),
      'frameTable.func[0]: names function 9, there are 3',
    ],
    [
      'a string that is not there',
      broken((t) => t.funcTable.name.splice(0, 1, -2)),
      'funcTable.name[0]: names string -2, there are 5',
    ],
    [
      'a sample of no stack',
      broken((t) => t.samples.stack.splice(0, 1, 3)),
      'samples.stack[0]: names stack 3, there are 3',
    ],
    [
      'a table that is missing',
      broken((t) => Object.assign(t, { funcTable: 5 })),
      'threads[0].funcTable: is 5, expected an object',
    ],
    [
      'a difference',
      broken((t) => Object.assign(t.samples, { weight: [-1, 2, 3] })),
      'is below zero, as in a difference',
    ],
    ['no samples', () => read({ meta: OLD.meta, threads: [] }), 'firefox: threads: have no samples'],
  ])('%s is refused with its place', (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe('writing', () => {
  const roundTrip = async (profile: Parameters<typeof writeFirefox>[0], value?: number) => {
    const written = await writeFirefox(profile, value === undefined ? {} : { value });
    const back = await readProfile(written.bytes);
    if (back.format !== 'firefox') throw new Error(`read back as ${back.format}`);
    return { written, back: back.profiles[0]! };
  };
  test('in → out → in is equal, but for labels that are no thread', async () => {
    await checkSeedsAsync(60, async (random) => {
      const unit = random.pick(['nanoseconds', 'count', 'bytes'] as const);
      const profile = randomProfile(random, {
        valueTypes: [{ type: 'some/thing', unit }],
        hasModules: true,
        hasFiles: true,
        hasKernel: true,
        kinds: [0, 1, 2, 3, 4],
        hasEmptyStacks: true,
        hasLabels: true,
        hasTimes: random.chance(0.5),
      });
      profile.labelSets = profile.labelSets.map(({ waker: _, ...labels }) => labels);
      profile.startMs = random.chance(0.5) ? 1_700_000_000_123 : null;
      profile.durationNs = random.chance(0.5) ? 5_000_000_000 : null;
      const { back } = await roundTrip(profile);
      expect(printProfile(back, { times: true })).toBe(printProfile(profile, { times: true }));
      expect(back.title).toBe(profile.title);
      expect([back.startMs, back.durationNs]).toEqual([profile.startMs, profile.durationNs]);
      expect(back.sampleAtNs === null).toBe(profile.sampleAtNs === null);
    });
  });
  test('rows of waits keep every role and every nanosecond, and say what is lost', async () => {
    await checkSeedsAsync(20, async (random) => {
      const tables = new ProfileTables();
      const { rows } = randomWindow(random, tables);
      for (const view of ['off-cpu', 'wakeup', 'off-wake', 'chain'] as const) {
        const samples = rowsToSamples(
          tables,
          rows,
          { view, kinds: ['blocked', 'runq', 'preempted'] },
          { title: view },
        );
        if (samples.sampleStack.length === 0) continue;
        const { back, written } = await roundTrip(samples);
        const ofThreads = {
          ...samples,
          valueTypes: samples.valueTypes.slice(0, 1),
          sampleValues: samples.sampleValues.slice(0, 1),
          labelSets: samples.labelSets.map(({ comm, tgid, tid }) => ({
            comm: comm!,
            tgid: tgid!,
            tid: tid!,
          })),
        };
        expect(printProfile(back)).toBe(printProfile(ofThreads));
        expect(back.frames.map(({ unnamed }) => unnamed)).toEqual(
          expect.arrayContaining([...new Set(samples.frames.map(({ unnamed }) => unnamed))]),
        );
        expect(written.lost.join('\n')).toMatch(/Only off_cpu is written, not waits.*kind.*end to end/s);
      }
    });
  });
  test('says how it was sampled and what was lost where the Firefox Profiler shows it', async () => {
    const { profile, facts } = waitsOf();
    const { bytes } = await writeFirefox(profile, { facts });
    const { meta } = JSON.parse(new TextDecoder().decode(await inflate(bytes, 1e6)));
    const entries = meta.extra[0].entries as { label: string; value: string }[];
    expect(entries.find(({ label }) => label === 'Sampling and losses')?.value).toMatch(/of exact · 0 lost/);
    expect(entries.find(({ label }) => label === 'Recorded')?.value).toBe(
      '2023-11-14 22:13:20 UTC · 1.00 s · web-1',
    );
  });
  test('is version 60 of the format, with a track for each thread', async () => {
    const profile = randomProfile(seededRandom(1), { hasLabels: true });
    const { written } = await roundTrip(profile);
    const json = JSON.parse(new TextDecoder().decode(await inflate(written.bytes, 1e6)));
    expect(json.meta.preprocessedProfileVersion).toBe(60);
    expect(json.threads.length).toBe(
      new Set(profile.labelSets.map(({ comm, tid }) => `${comm} ${tid}`)).size,
    );
  });
});
