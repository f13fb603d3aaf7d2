import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ProfileTables, VIEWS } from '@stallscope/profile';
import { checkSeeds, randomWindow } from '@stallscope/profile/fixtures';
import { describe, expect, test } from 'vitest';
import { checkSeedsAsync } from '../fixtures/check-seeds-async.js';
import { printProfile } from '../fixtures/print-profile.js';
import { randomProfile } from '../fixtures/random-profile.js';
import { contextFor } from '../fixtures/read-context.js';
import { readProfile } from '../read.js';
import { rowsToSamples } from '../rows-to-samples.js';
import { readOtlp } from './read-otlp.js';
import { writeOtlp, writeOtlpProfiles } from './write-otlp.js';

const read = (bytes: Uint8Array) => readOtlp(bytes, contextFor('otlp'));
const readJsonText = (...messages: unknown[]) =>
  read(new TextEncoder().encode(messages.map((message) => JSON.stringify(message)).join('\n')));
const printAll = (profiles: ReturnType<typeof read>) =>
  profiles.map((profile) => printProfile(profile, { times: true })).join('\n\n');

/** A protobuf message from its fields, in order: numbers are varints, lists are packed, bigints are fixed64. */
type Value = number | bigint | string | number[] | bigint[] | [field: number, value: Value][];
function message(fields: readonly (readonly [number, Value])[]): Uint8Array<ArrayBuffer> {
  const out = new BinaryWriter();
  for (const [field, value] of fields) {
    if (typeof value === 'number') out.tag(field, WireType.Varint).int64(value);
    else if (typeof value === 'bigint') out.tag(field, WireType.Bit64).fixed64(value);
    else if (typeof value === 'string') out.tag(field, WireType.LengthDelimited).string(value);
    else {
      out.tag(field, WireType.LengthDelimited).fork();
      for (const one of value) {
        if (typeof one === 'number') out.int64(one);
        else if (typeof one === 'bigint') out.fixed64(one);
        else out.raw(message([one]));
      }
      out.join();
    }
  }
  return out.finish() as Uint8Array<ArrayBuffer>;
}

const STRINGS = [
  '',
  'off_cpu',
  'ms',
  'main',
  'read',
  'a.c',
  '/usr/bin/app',
  'thread.name',
  'worker',
  'profile.frame.type',
  'kernel',
];
const DICTIONARY: [number, Value][] = [
  [1, []],
  [1, [[4, 6]]],
  [2, []],
  [
    2,
    [
      [1, 1],
      [
        3,
        [
          [1, 1],
          [2, 7],
        ],
      ],
    ],
  ],
  [
    2,
    [
      [3, [[1, 2]]],
      [3, [[1, 1]]],
      [4, [2]],
    ],
  ],
  [
    2,
    [
      [1, 1],
      [2, 0x1234],
    ],
  ],
  [3, []],
  [
    3,
    [
      [1, 3],
      [3, 5],
    ],
  ],
  [3, [[1, 4]]],
  [6, []],
  [
    6,
    [
      [1, 7],
      [2, [[1, 'worker']]],
    ],
  ],
  [
    6,
    [
      [1, 9],
      [2, [[8, 10]]],
    ],
  ],
  [7, []],
  [7, [[1, [2, 1]]]],
  [7, [[1, [3]]]],
  ...STRINGS.map((text): [number, Value] => [5, text]),
];

function file(samples: [number, Value][], more: [number, Value][] = []): Uint8Array<ArrayBuffer> {
  const profile: [number, Value][] = [
    [
      1,
      [
        [1, 1],
        [2, 2],
      ],
    ],
    ...samples,
    ...more,
  ];
  return message([
    [1, [[2, [[2, profile]]]]],
    [2, DICTIONARY],
  ]);
}

const PATH = '"main"[app a.c:7] > "main"[a.c:0 kernel] > "read"[kernel]';
const LABELS = '[["comm","worker"]]';

describe('reading', () => {
  test('inlined lines, mappings, attributes, addresses; milliseconds are nanoseconds', async () => {
    const bytes = file(
      [
        [
          2,
          [
            [1, 1],
            [2, [1]],
            [4, [5]],
          ],
        ],
        [
          2,
          [
            [1, 2],
            [4, [2, 3]],
          ],
        ],
      ],
      [
        [3, 1_700_000_000_000_000_001n],
        [4, 9],
      ],
    );
    const [profile] = read(bytes);
    expect(printAll([profile!])).toBe(
      ['off_cpu/nanoseconds', '"app+0x1234"[app] = 5000000', `${PATH} ${LABELS} = 5000000`].join('\n'),
    );
    expect([profile!.startMs, profile!.durationNs]).toEqual([1_700_000_000_000, 9]);
    expect(profile!.frames.find(({ name }) => name.startsWith('app+'))!.unnamed).toBe(1);
    expect((await readProfile(bytes)).format).toBe('otlp');
  });
  test('times: one sample for each; without values each counts one', () => {
    const start = 1_700_000_000_000_000_000n;
    const bytes = file(
      [
        [
          2,
          [
            [1, 1],
            [4, [5, 6]],
            [5, [start + 10n, start + 20n]],
          ],
        ],
        [
          2,
          [
            [1, 2],
            [5, [start + 30n]],
          ],
        ],
      ],
      [[3, start]],
    );
    expect(printAll(read(bytes))).toBe(
      [
        'off_cpu/nanoseconds',
        '"app+0x1234"[app] @30 = 1',
        `${PATH} @10 = 5000000`,
        `${PATH} @20 = 6000000`,
      ].join('\n'),
    );
    // A profile that does not say when it began began with its first sample.
    expect(
      read(
        file([
          [
            2,
            [
              [1, 1],
              [5, [start + 7n]],
            ],
          ],
        ]),
      )[0]!.startMs,
    ).toBeCloseTo(1_700_000_000_000, 3);
  });
  test.each([
    [
      'values and attributes in 2 and 3',
      [
        [1, 1],
        [2, [5]],
        [3, [1]],
      ],
    ],
    [
      'values alone',
      [
        [1, 1],
        [2, [5]],
      ],
    ],
    [
      'a link in 4',
      [
        [1, 1],
        [2, [5]],
        [4, 1],
      ],
    ],
  ] as [string, [number, Value][]][])('samples as 1.8 and 1.9 have them: %s', (_, sample) => {
    expect(printAll(read(file([[2, sample]], [[11, 'a payload \xff']])))).toMatch(
      /> "read"\[kernel\].* = 5000000$/,
    );
  });
  test('profiles with the same samples are one of several values; others stay apart', () => {
    const profile = (type: number, values: number[], stack = 1): [number, Value] => [
      2,
      [
        [
          1,
          [
            [1, type],
            [2, 0],
          ],
        ],
        [
          2,
          [
            [1, stack],
            [4, values],
          ],
        ],
      ],
    ];
    const bytes = message([
      [1, [[2, [profile(1, [5]), profile(3, [7]), profile(4, [9], 2)]]]],
      [2, DICTIONARY],
    ]);
    expect(
      read(bytes).map(({ valueTypes, sampleValues }) => [valueTypes.map(({ type }) => type), sampleValues]),
    ).toEqual([
      [
        ['off_cpu', 'main'],
        [[5], [7]],
      ],
      [['read'], [[9]]],
    ]);
  });
  test('JSON, one message or one a line, old names too', async () => {
    const json = (samples: string, lines: string) => ({
      resourceProfiles: [
        {
          resource: {
            attributes: [
              { key: 'service.name', value: { stringValue: 'shop' } },
              { key: 'process.pid', value: { intValue: '12' } },
            ],
          },
          scopeProfiles: [
            {
              profiles: [
                {
                  sampleType: { typeStrindex: 1, unitStrindex: 2 },
                  timeUnixNano: '1700000000000000000',
                  [samples]: [
                    {
                      stackIndex: 1,
                      attributeIndices: [1],
                      values: ['5'],
                      timestampsUnixNano: ['1700000000000000010'],
                    },
                  ],
                },
              ],
            },
          ],
        },
      ],
      dictionary: {
        stringTable: STRINGS,
        mappingTable: [{}, { filenameStrindex: 6 }],
        functionTable: [{}, { nameStrindex: 3, filenameStrindex: 5 }, { nameStrindex: 4 }],
        locationTable: [
          {},
          { mappingIndex: 1, [lines]: [{ functionIndex: 1, line: '7' }] },
          { [lines]: [{ functionIndex: 2 }, { functionIndex: 1 }], attributeIndices: [2] },
        ],
        attributeTable: [
          {},
          { keyStrindex: 7, value: { stringValue: 'worker' } },
          { keyStrindex: 9, value: { stringValueStrindex: 10 } },
        ],
        stackTable: [{}, { locationIndices: [2, 1] }],
      },
    });
    const expected = `off_cpu/nanoseconds\n${PATH} [["comm","worker"],["service","shop"],["tgid",12]] @10 = 5000000`;
    expect(printAll(readJsonText(json('samples', 'lines')))).toBe(expected);
    expect(printAll(readJsonText(json('sample', 'line'), json('samples', 'lines')))).toBe(
      `${expected}\n\n${expected}`,
    );
    const pretty = new TextEncoder().encode(JSON.stringify(json('samples', 'lines'), null, 2));
    expect(printAll(read(pretty))).toBe(expected);
    expect((await readProfile(pretty)).format).toBe('otlp');
    expect(() =>
      readJsonText({
        resourceProfiles: [{ scopeProfiles: [{ profiles: [{ samples: [{ stackIndex: 'x' }] }] }] }],
      }),
    ).toThrow(
      'otlp: resourceProfiles[0].scopeProfiles[0].profiles[0].samples[0].stackIndex: is no whole number',
    );
  });
  test.each([
    [
      'a stack',
      [
        [
          2,
          [
            [1, 9],
            [4, [1]],
          ],
        ],
      ],
      'names stack 9, there are 3',
    ],
    [
      'an attribute',
      [
        [
          2,
          [
            [1, 1],
            [2, [7]],
            [4, [1]],
          ],
        ],
      ],
      'names attribute 7, there are 3',
    ],
    [
      'a number of times',
      [
        [
          2,
          [
            [1, 1],
            [4, [1, 2]],
            [5, [3n]],
          ],
        ],
      ],
      '2 values at 1 times',
    ],
    [
      'a value below zero',
      [
        [
          2,
          [
            [1, 1],
            [4, [-3]],
          ],
        ],
      ],
      'is below zero',
    ],
  ] as [string, [number, Value][], string][])('%s that is wrong is refused', (_, samples, what) => {
    expect(() => read(file(samples))).toThrow(what);
  });
});

describe('writing', () => {
  const back = async (...args: Parameters<typeof writeOtlp>) => {
    const read = await readProfile(writeOtlp(...args).bytes);
    if (read.format !== 'otlp') throw new Error(`read as ${read.format}`);
    expect(read.profiles.length).toBe(1);
    return read.profiles[0]!;
  };
  test('in → out → in is equal, times and all', async () => {
    await checkSeedsAsync(80, async (random) => {
      const profile = randomProfile(random, {
        valueTypes: [
          { type: 'off_cpu', unit: 'nanoseconds' },
          { type: 'waits', unit: 'count' },
          { type: 'size', unit: 'bytes' },
        ].slice(0, random.integer(1, 3)) as never,
        hasModules: true,
        hasFiles: true,
        hasKernel: true,
        kinds: [0, 1, 2, 3, 4],
        hasEmptyStacks: true,
        hasLabels: true,
        hasTimes: random.chance(0.5),
      });
      profile.startMs = random.chance(0.7) ? 1_700_000_000_123.5 : null;
      profile.durationNs = random.chance(0.5) ? 5_000_000_000 : null;
      profile.defaultValue = profile.valueTypes.length - 1;
      const { sampleAtNs, startMs } = profile;
      const read = await back(profile);
      // Without a beginning times are since 1970: they begin with the first.
      const first = startMs === null && sampleAtNs !== null ? Math.min(...sampleAtNs) : 0;
      if (first > 0) profile.sampleAtNs = sampleAtNs!.map((at) => at - first);
      expect(printProfile(read, { times: true })).toBe(printProfile(profile, { times: true }));
      expect([read.title, read.durationNs, read.defaultValue]).toEqual([
        profile.title,
        profile.durationNs,
        profile.defaultValue,
      ]);
      if (startMs !== null) expect(read.startMs).toBe(startMs);
    });
  });
  test('several profiles of one file come back one by one', async () => {
    await checkSeedsAsync(30, async (random) => {
      const written = Array.from({ length: random.integer(2, 4) }, (_, n) => {
        const profile = randomProfile(random, {
          valueTypes: [{ type: 'waits', unit: 'count' }],
          ...{ hasModules: true, hasFiles: true, hasKernel: true, hasLabels: true, hasEmptyStacks: true },
          hasTimes: random.chance(0.5),
        });
        profile.title = `thread ${n}`;
        profile.startMs = 1_700_000_000_000;
        return profile;
      }).filter(({ sampleStack }) => sampleStack.length > 0);
      const read = await readProfile(writeOtlpProfiles(written).bytes);
      if (read.format !== 'otlp') throw new Error(`read as ${read.format}`);
      const print = (profiles: typeof written) =>
        profiles.map((profile) => `${profile.title}\n${printProfile(profile, { times: true })}`);
      expect(print(read.profiles)).toEqual(print(written));
    });
  });
  test('rows of waits keep roles, reasons, kinds, states and wakers in every view', async () => {
    await checkSeedsAsync(20, async (random) => {
      const tables = new ProfileTables();
      const { rows } = randomWindow(random, tables);
      for (const view of VIEWS) {
        const samples = rowsToSamples(
          tables,
          rows,
          { view, kinds: ['blocked', 'runq', 'preempted'] },
          { title: view },
        );
        if (samples.sampleStack.length === 0) continue;
        // Estimates are fractions, which the format rounds; and it has no way to say that a name is empty.
        samples.sampleValues = samples.sampleValues.map((column) => column.map(Math.round));
        samples.frames = samples.frames.map((frame) => ({ ...frame, name: frame.name || 'empty' }));
        const read = await back(samples);
        expect(printProfile(read)).toBe(printProfile(samples));
        const reasons = (profile: typeof samples) =>
          profile.frames.map(({ name, unnamed }) => `${name} ${unnamed}`).sort();
        expect(reasons(read)).toEqual(reasons(samples));
        expect(writeOtlp(samples).lost).toEqual([]);
      }
    });
  });
  test('fractions are rounded, and said to be', () => {
    checkSeeds(3, (random) => {
      expect(writeOtlp(randomProfile(random, { fractions: true })).lost).toEqual([
        'Values are rounded to whole numbers.',
      ]);
    });
  });
});
