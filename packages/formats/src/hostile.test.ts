/**
 * Files made to hurt who opens them: each is refused with what it is, by the bounds that are in force for everybody, without
 * doing what it asks for.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, test } from 'vitest';
import { FormatError } from './format-error.js';
import { gzip } from './inflate.js';
import { type ReadOptions, readProfile } from './read.js';
import { DEFAULT_READ_LIMITS } from './read-limits.js';

const MIB = 1024 * 1024;
/** Refusing takes milliseconds; this is for the noisiest machine. */
const MAX_MS = 5000;

const encode = (text: string) => new TextEncoder().encode(text);
const json = (value: unknown) => encode(JSON.stringify(value));

async function refusal(bytes: Uint8Array, options?: ReadOptions): Promise<string> {
  const startMs = performance.now();
  try {
    const read = await readProfile(bytes, options);
    throw new Error(`read as ${read.format}`);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    expect(performance.now() - startMs).toBeLessThan(MAX_MS);
    return error.message;
  }
}

describe('sizes', () => {
  test('a gzip bomb stops inflating at its bound', async () => {
    const bomb = await gzip(new Uint8Array(64 * MIB));
    expect(bomb.length).toBeLessThan(MIB);
    const limits = { ...DEFAULT_READ_LIMITS, maxInflatedBytes: MIB };
    expect(await refusal(bomb, { limits })).toBe('profile: inflates to more than 1048576 bytes');
  });
  test('gzip within gzip is inflated once, and named', async () => {
    expect(await refusal(await gzip(await gzip(encode('a;b 1'))))).toBe(
      'profile: gzip within gzip: the file was packed twice',
    );
  });
  test('a large file is refused before it is looked at', async () => {
    const limits = { ...DEFAULT_READ_LIMITS, maxInputBytes: 10 };
    expect(await refusal(encode('main;read 12'), { limits })).toBe('profile: 12 bytes, at most 10');
  });
  test('brackets nested a million deep, closed or not', async () => {
    const deep = '['.repeat(1e6);
    expect(await refusal(encode(deep))).toBe('profile: byte 2048: brackets nested more than 2048 deep');
    expect(await refusal(encode(`{"traceEvents":${deep}${']'.repeat(1e6)}}`))).toMatch(
      /nested more than 2048 deep/,
    );
  });
  test.each([
    [
      'objects',
      `{"meta":{},"threads":[${'{},'.repeat(5_000_001)}{}]}`,
      'more than 5000000 objects and arrays',
    ],
    ['numbers', `{"meta":{},"threads":[${'1,'.repeat(25_000_001)}1]}`, 'more than 25000000 values'],
    ['texts', `{"meta":{},"threads":[${'"",'.repeat(10_000_001)}1]}`, 'more than 10000000 texts'],
    [
      'names',
      `{"meta":{},"threads":{${'"":1,'.repeat(262_145)}"":1}}`,
      'more than 262144 names in one object',
    ],
  ])('%s by the million are counted before they are parsed', async (_, text, message) => {
    expect(await refusal(encode(text))).toContain(message);
  });
  test('time is bounded too', async () => {
    let nowMs = 0;
    const nowMsOf = () => {
      nowMs += 1000;
      return nowMs;
    };
    expect(await refusal(encode('main;read 1\n'.repeat(500_000)), { nowMs: nowMsOf })).toMatch(
      /^folded: line \d+: reading takes longer than 60 s$/,
    );
  });
});

describe('counts', () => {
  const huge = '99999999999999999999';
  test.each([
    ['folded', encode(`main;read ${huge}`), 'folded: line 1: the value 100000000000000000000 is above 2^53'],
    [
      'perf script',
      encode(`app 7 1.000001: ${huge.slice(1)} cycles:\n\t1 f (x)\n`),
      'perf-script: line 1: the value 10000000000000000000 is above 2^53',
    ],
    ['speedscope', json(speedscope({ weights: [1e300] })), 'the value'],
    [
      'firefox',
      json(firefox({ weight: [1e300] })),
      'threads[0].samples.stack[0]: the value 1e+300 is above 2^53',
    ],
    [
      'cpuprofile',
      json({
        nodes: [{ id: 1, callFrame: { functionName: 'f' } }],
        startTime: 0,
        endTime: 1e300,
        samples: [1],
        timeDeltas: [0],
      }),
      'above 2^53',
    ],
    ['trace', json([{ ph: 'X', name: 'f', ts: 0, dur: 1e300 }]), 'above 2^53'],
    ['pprof', pprof([2n ** 62n]), 'pprof: byte 40: the value 4611686018427388000 is above 2^53'],
    ['otlp', otlp({ value: 2n ** 62n }), 'is above 2^53'],
  ])('of %s that no number holds are refused', async (_, bytes, message) => {
    expect(await refusal(bytes)).toContain(message);
  });
  test('a stack of a trace a million spans deep', async () => {
    const events = Array.from({ length: 30_000 }, (_, at) => ({
      ph: 'X',
      name: 'f',
      ts: at,
      dur: 100_000 - 2 * at,
    }));
    expect(await refusal(json(events))).toContain('a stack of more than 20000 frames');
  });
  test('inlined frames that multiply: a stack of one location ten thousand times, of ten thousand lines each', async () => {
    expect(await refusal(otlp({ lines: 10_000, repeats: 10_000 }))).toContain(
      'a stack of more than 20000 frames',
    );
  });
});

describe('lengths that lie', () => {
  test.each([
    ['pprof', [0x32, 0x00, 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['otlp', [0x0a, 0x02, 0x12, 0xff]],
  ])('%s', async (_, bytes) => {
    expect(await refusal(Uint8Array.from(bytes))).not.toBe('');
  });
  test('of a window file', async () => {
    const bytes = Uint8Array.from([...encode('STALLWIN'), 1, 0xff, 0xff, 0xff, 0xff]);
    expect(await refusal(bytes)).toMatch(/^stallscope: /);
  });
});

describe('cycles', () => {
  test('of stacks, by every format that names a caller', async () => {
    expect(await refusal(json(firefox({ prefix: [0] })))).toContain(
      'stackTable.prefix[0]: names earlier stack 0, there are 0',
    );
    const frame = { functionName: 'f' };
    const cycle = [
      { id: 1, parent: 2, callFrame: frame },
      { id: 2, parent: 1, callFrame: frame },
    ];
    const times = { startTime: 0, endTime: 9, samples: [1], timeDeltas: [0] };
    expect(await refusal(json({ nodes: cycle, ...times }))).toContain('a stack of more than 20000 frames');
    const chunk = {
      ph: 'P',
      name: 'ProfileChunk',
      id: 1,
      pid: 1,
      tid: 1,
      ts: 0,
      args: { data: { cpuProfile: { nodes: cycle, samples: [1] }, timeDeltas: [0] } },
    };
    expect(await refusal(json([chunk]))).toContain('a stack of more than 20000 frames');
  });
});

describe('names', () => {
  test('that JavaScript has a meaning for are names', async () => {
    const read = await readProfile(encode('__proto__;constructor;toString 1'));
    expect(read.format === 'folded' && read.profiles[0]!.frames.map(({ name }) => name)).toEqual([
      '__proto__',
      'constructor',
      'toString',
    ]);
    const trace = [
      { ph: 'X', name: '__proto__', cat: '__proto__', pid: '__proto__', tid: 'constructor', ts: 0, dur: 1 },
    ];
    const spans = await readProfile(json(trace));
    expect(spans.format === 'chrome-trace' && spans.profiles[0]!.labelSets).toEqual([
      { tgid: '__proto__', tid: 'constructor' },
    ]);
    expect(({} as Record<string, unknown>).tgid).toBeUndefined();
  });
  test('a million characters long are refused', async () => {
    expect(await refusal(json([{ ph: 'X', name: 'x'.repeat(1e6), ts: 0, dur: 1 }]))).toContain(
      'a name of 1000000 characters, at most 65536',
    );
  });
});

describe('depth that is real is read', () => {
  const depth = 19_999;
  test.each([
    ['folded', encode(`${Array.from({ length: depth }, (_, at) => `f${at}`).join(';')} 1`)],
    ['perf script', encode(`app 7 1.000001: 5 cycles:\n${'\t1 f (x)\n'.repeat(depth)}`)],
    ['firefox', json(firefox({ prefix: [null, ...Array.from({ length: depth - 1 }, (_, at) => at)] }))],
    [
      'cpuprofile',
      json({
        nodes: Array.from({ length: depth }, (_, at) => ({
          id: at + 1,
          ...(at > 0 && { parent: at }),
          callFrame: { functionName: 'f' },
        })),
        startTime: 0,
        endTime: 9,
        samples: [depth],
        timeDeltas: [0],
      }),
    ],
    [
      'trace',
      json(Array.from({ length: depth }, (_, at) => ({ ph: 'X', name: 'f', ts: at, dur: 100_000 - 2 * at }))),
    ],
    ['otlp', otlp({ repeats: depth })],
  ])('%s', async (_, bytes) => {
    const read = await readProfile(bytes);
    if (read.format === 'stallscope') throw new Error('read as our own');
    expect(read.profiles[0]!.stackPrefix.length).toBe(depth);
  });
});

function speedscope({ weights }: { weights: number[] }): object {
  return {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    shared: { frames: [{ name: 'f' }] },
    profiles: [
      { type: 'sampled', name: 'x', unit: 'none', startValue: 0, endValue: 1, samples: [[0]], weights },
    ],
  };
}

/** One thread, whose last stack has the one sample. */
function firefox({
  prefix = [null],
  weight = [1],
}: {
  prefix?: (number | null)[];
  weight?: number[];
}): object {
  return {
    meta: { preprocessedProfileVersion: 55 },
    threads: [
      {
        name: 't',
        samples: { stack: [prefix.length - 1], time: [0], weight },
        stackTable: { prefix, frame: prefix.map(() => 0) },
        frameTable: { func: [0] },
        funcTable: { name: [0] },
        stringArray: ['f'],
      },
    ],
  };
}

type Fields = readonly (readonly [number, bigint | string | Fields | number[]])[];

function message(fields: Fields): Uint8Array<ArrayBuffer> {
  const out = new BinaryWriter();
  for (const [field, value] of fields) {
    if (typeof value === 'bigint') out.tag(field, WireType.Varint).int64(value);
    else if (typeof value === 'string') out.tag(field, WireType.LengthDelimited).string(value);
    else {
      out.tag(field, WireType.LengthDelimited).fork();
      if (value.every((one): one is number => typeof one === 'number'))
        for (const one of value) out.int64(one);
      else out.raw(message(value as Fields));
      out.join();
    }
  }
  return out.finish() as Uint8Array<ArrayBuffer>;
}

function pprof(values: bigint[]): Uint8Array {
  return message([
    [6, ''],
    [6, 'samples'],
    [6, 'count'],
    [
      1,
      [
        [1, 1n],
        [2, 2n],
      ],
    ],
    [
      5,
      [
        [1, 1n],
        [2, 1n],
      ],
    ],
    [
      4,
      [
        [1, 1n],
        [4, [[1, 1n]]],
      ],
    ],
    ...values.map((value): Fields[number] => [
      2,
      [
        [1, [1]],
        [2, value],
      ],
    ]),
  ]);
}

/** One sample whose stack is one location, `repeats` times; the location has a number of lines. */
function otlp({
  value = 1n,
  lines = 1,
  repeats = 1,
}: {
  value?: bigint;
  lines?: number;
  repeats?: number;
}): Uint8Array {
  return message([
    [
      1,
      [
        [
          2,
          [
            [
              2,
              [
                [1, [[1, 1n]]],
                [
                  2,
                  [
                    [1, 1n],
                    [2, []],
                    [4, [Number(value)]],
                  ],
                ],
              ],
            ],
          ],
        ],
      ],
    ],
    [
      2,
      [
        [5, ''],
        [5, 'f'],
        [3, []],
        [3, [[1, 1n]]],
        [2, []],
        [2, Array.from({ length: lines }, (): Fields[number] => [3, [[1, 1n]]])],
        [7, []],
        [7, [[1, Array.from({ length: repeats }, () => 1)]]],
      ],
    ],
  ]);
}
