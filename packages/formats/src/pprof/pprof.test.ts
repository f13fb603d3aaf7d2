import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { KINDS, ProfileTables, type Query, VIEWS } from '@stallscope/profile';
import { checkSeeds, randomWindow, seededRandom, stacksFromText } from '@stallscope/profile/fixtures';
import { describe, expect, test } from 'vitest';
import { printProfile } from '../fixtures/print-profile.js';
import { randomProfile } from '../fixtures/random-profile.js';
import { contextFor } from '../fixtures/read-context.js';
import { inflate } from '../inflate.js';
import { readProfile } from '../read.js';
import { rowsToSamples } from '../rows-to-samples.js';
import type { WriteOptions } from '../write.js';
import { readPprof } from './read-pprof.js';
import { writePprof } from './write-pprof.js';

const OFF_CPU: Query = { view: 'off-cpu', kinds: ['blocked'] };
const ROWS = `
  S app@1/11: main;read | vfs_read <- writer@2/2: run;write | pipe_write <- [timer]: | hrtimer_run = 2ms
  D app@1/12: main | io_schedule@ext4 = 3ms x3
`;

async function backFrom(...args: Parameters<typeof writePprof>) {
  const { bytes } = await writePprof(...args);
  const read = await readProfile(bytes);
  if (read.format !== 'pprof') throw new Error(`read as ${read.format}`);
  return read.profiles[0]!;
}

describe('waits as pprof', () => {
  test('have the thread’s own frames as the stack, and who woke it as labels', async () => {
    const tables = new ProfileTables();
    const { rows } = stacksFromText(ROWS, tables);
    const samples = rowsToSamples(tables, rows, OFF_CPU, { title: 'x' });
    const { bytes } = await writePprof(samples);
    const texts = await strings(bytes);
    expect(texts).toContain('off_cpu');
    expect(texts).toContain('nanoseconds');
    expect(texts).toContain('writer <- [timer]');
    expect(texts).toContain('stallscope view=off-cpu');
    // No frame is called so: the separator of user and kernel frames is one of our views.
    expect(texts).not.toContain('-');
    expect(texts).toContain('[kernel.kallsyms]');
    expect(texts).toContain('ext4.ko');
    expect(printProfile(await backFrom(samples))).toBe(
      [
        'off_cpu/nanoseconds, waits/count',
        '"app"[comm] > "main" > "-"[separator] > "io_schedule"[ext4 kernel] ' +
          '[["comm","app"],["kind","blocked"],["state","D"],["tgid",1],["tid",12]] = 3000000, 3',
        '"app"[comm] > "main" > "read" > "-"[separator] > "vfs_read"[kernel] ' +
          '[["comm","app"],["kind","blocked"],["state","S"],["tgid",1],["tid",11],["waker","writer"],["wakers","writer <- [timer]"]] = 2000000, 1',
      ].join('\n'),
    );
  });
  test('come back equal in every view', async () => {
    for (let seed = 1; seed <= 30; seed++) {
      const tables = new ProfileTables();
      const { rows } = randomWindow(seededRandom(seed), tables, { tauNs: 0 });
      for (const view of VIEWS) {
        const query = { view, kinds: KINDS };
        const samples = rowsToSamples(tables, rows, query, { title: 'a title', startMs: 1.7e12 });
        const facts = { view } as NonNullable<WriteOptions['facts']>;
        const back = await backFrom(samples, { facts });
        // Functions that are called like a separator are taken for one, in the views whose paths are written whole.
        const isAmbiguous =
          view !== 'off-cpu' &&
          samples.frames.some(({ name, role }) => /^--?$/.test(name) && role !== 'separator');
        expect(printProfile(back, { roles: !isAmbiguous, kinds: false }), `seed ${seed} ${view}`).toBe(
          printProfile(samples, { roles: !isAmbiguous, kinds: false }),
        );
        expect([back.title, back.startMs]).toEqual(['a title', 1.7e12]);
      }
    }
  });
});

describe('any profile', () => {
  test('in → out → in is equal, values, labels, modules, files and lines', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const profile = randomProfile(seededRandom(seed), {
        valueTypes: [
          { type: 'alloc_objects', unit: 'count' },
          { type: 'alloc_space', unit: 'bytes' },
          { type: 'cpu', unit: 'nanoseconds' },
        ],
        hasModules: true,
        hasFiles: true,
        hasKernel: true,
        hasLabels: true,
        hasEmptyStacks: true,
      });
      const back = await backFrom(profile);
      expect(printProfile(back), `seed ${seed}`).toBe(printProfile(profile));
      expect(back.defaultValue).toBe(profile.defaultValue);
      expect(printProfile(await backFrom(back)), `seed ${seed}`).toBe(printProfile(back));
    }
  });
  test('what is lost is said', async () => {
    const profile = randomProfile(seededRandom(3), { fractions: true, hasTimes: true });
    expect((await writePprof(profile)).lost).toEqual([
      'When each sample was taken is left out.',
      'Values are rounded to whole numbers.',
    ]);
  });
});

describe('what others write', () => {
  test('inlined frames, addresses without a name, units of their own, tables after samples', () => {
    const bytes = message((out) => {
      nested(out, 2, (sample) => {
        nested(sample, 1, (ids) => ids.uint32(7).uint32(8));
        nested(sample, 2, (values) => values.uint32(3));
      });
      nested(out, 4, (location) => {
        location.tag(1, WireType.Varint).uint32(7).tag(2, WireType.Varint).uint32(1);
        location.tag(3, WireType.Varint).uint32(0xabc);
      });
      nested(out, 4, (location) => {
        location.tag(1, WireType.Varint).uint32(8);
        nested(location, 4, (line) => line.tag(1, WireType.Varint).uint32(2));
        nested(location, 4, (line) =>
          line.tag(1, WireType.Varint).uint32(1).tag(2, WireType.Varint).uint32(9),
        );
      });
      nested(out, 5, (fn) => fn.tag(1, WireType.Varint).uint32(1).tag(2, WireType.Varint).uint32(3));
      nested(out, 5, (fn) => fn.tag(1, WireType.Varint).uint32(2).tag(2, WireType.Varint).uint32(4));
      nested(out, 3, (mapping) =>
        mapping.tag(1, WireType.Varint).uint32(1).tag(5, WireType.Varint).uint32(5),
      );
      nested(out, 1, (type) => type.tag(1, WireType.Varint).uint32(1).tag(2, WireType.Varint).uint32(2));
      for (const text of ['', 'cpu', 'milliseconds', 'outer', 'inlined', '/lib/libc.so.6']) {
        out.tag(6, WireType.LengthDelimited).string(text);
      }
    });
    expect(printProfile(readPprof(bytes, contextFor('pprof'))[0]!)).toBe(
      'cpu/nanoseconds\n"outer" > "inlined" > "libc.so.6+0xabc"[libc.so.6] = 3000000',
    );
  });
});

describe('a broken file', () => {
  const bytesOf = (texts: string[], more: (out: BinaryWriter) => void) =>
    message((out) => {
      nested(out, 1, (type) => type.tag(1, WireType.Varint).uint32(1).tag(2, WireType.Varint).uint32(1));
      for (const text of texts) out.tag(6, WireType.LengthDelimited).string(text);
      more(out);
    });
  const values = (out: BinaryWriter, ...list: (number | bigint)[]) =>
    nested(out, 2, (packed) => {
      for (const value of list) packed.int64(value);
    });

  test.each<[string, Uint8Array, string]>([
    ['no string table', bytesOf([], () => {}), 'pprof: string table: is missing'],
    ['no empty text', bytesOf(['a', 'b'], () => {}), 'does not begin with an empty text'],
    [
      'a location that is not there',
      bytesOf(['', 'n'], (out) =>
        nested(out, 2, (sample) => {
          nested(sample, 1, (ids) => ids.uint32(5));
          values(sample, 1);
        }),
      ),
      'pprof: byte 13: names location 5, which is not there',
    ],
    [
      'too few values',
      bytesOf(['', 'n'], (out) => nested(out, 2, () => {})),
      'has 0 values, the profile 1 sample types',
    ],
    [
      'a value below zero',
      bytesOf(['', 'n'], (out) => nested(out, 2, (sample) => values(sample, -4n))),
      'the value -4 is below zero, as in a difference',
    ],
    [
      'a text that is not there',
      bytesOf(['', 'n'], (out) => {
        nested(out, 2, (sample) => {
          values(sample, 1);
          nested(sample, 3, (label) => label.tag(1, WireType.Varint).uint32(900));
        });
      }),
      'names text 900, there are 2',
    ],
    [
      'a length beyond the end',
      new Uint8Array([0x32, 0x00, 0x0a, 0x7f, 0x08]),
      'pprof: byte 4: 127 bytes reach past the end',
    ],
    [
      'a packed number beyond its list',
      bytesOf(['', 'n'], (out) => nested(out, 2, (sample) => sample.raw(new Uint8Array([0x12, 0x01, 0x80])))),
      'pprof: byte',
    ],
  ])('with %s is refused with its place', (_, bytes, text) => {
    expect(() => readPprof(bytes, contextFor('pprof'))).toThrow(text);
  });
  test('of any kind is refused or read, never worse: bytes changed and cut at random', async () => {
    const profile = randomProfile(seededRandom(5), { hasLabels: true, hasModules: true });
    const whole = await inflate((await writePprof(profile)).bytes, 1e6);
    checkSeeds(400, (random) => {
      const bytes = whole.slice(0, random.chance(0.5) ? whole.length : random.integer(0, whole.length));
      for (let flips = random.integer(1, 4); flips > 0 && bytes.length > 0; flips--) {
        bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
      }
      try {
        readPprof(bytes, contextFor('pprof'));
      } catch (error) {
        expect(error).toMatchObject({ name: 'FormatError', format: 'pprof' });
      }
    });
  });
});

function message(write: (out: BinaryWriter) => void): Uint8Array {
  const out = new BinaryWriter();
  write(out);
  return out.finish();
}

function nested(out: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void {
  out.tag(field, WireType.LengthDelimited).fork();
  write(out);
  out.join();
}

/** All of the string table. */
async function strings(bytes: Uint8Array): Promise<string[]> {
  const { BinaryReader } = await import('@bufbuild/protobuf/wire');
  const reader = new BinaryReader(await inflate(bytes, 1e6));
  const found: string[] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field === 6) found.push(reader.string());
    else reader.skip(type, field);
  }
  return found;
}
