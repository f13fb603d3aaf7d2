import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BTF_KIND, Btf, BtfFormatError } from './btf.js';

/** Writes BTF: types in the order of their ids, from 1. */
class BtfWriter {
  readonly #types: number[] = [];
  readonly #strings: number[] = [0];

  type(kind: number, name: string, sizeOrType: number, rest: number[] = [], vlen = 0, flag = 0): this {
    this.#types.push(this.string(name), ((flag << 31) | (kind << 24) | vlen) >>> 0, sizeOrType, ...rest);
    return this;
  }

  string(text: string): number {
    if (text === '') return 0;
    const at = this.#strings.length;
    this.#strings.push(...Buffer.from(`${text}\0`));
    return at;
  }

  bytes(): Uint8Array {
    const header = Buffer.alloc(24);
    header.writeUInt16LE(0xeb9f, 0);
    header.writeUInt8(1, 2);
    header.writeUInt32LE(24, 4);
    const types = Buffer.from(Uint32Array.from(this.#types).buffer);
    header.writeUInt32LE(0, 8);
    header.writeUInt32LE(types.length, 12);
    header.writeUInt32LE(types.length, 16);
    header.writeUInt32LE(this.#strings.length, 20);
    return Buffer.concat([header, types, Buffer.from(this.#strings)]);
  }
}

const SIGNED = 1 << 24;

function sample(): Uint8Array {
  const w = new BtfWriter();
  w.type(BTF_KIND.int, 'unsigned int', 4, [32]); // 1
  w.type(BTF_KIND.int, 'long', 8, [SIGNED | 64]); // 2
  w.type(BTF_KIND.const, '', 1); // 3
  w.type(BTF_KIND.volatile, '', 3); // 4
  w.type(BTF_KIND.array, '', 0, [1, 1, 4]); // 5: unsigned int[4]
  w.type(BTF_KIND.var, 'target_tgid', 4, [1]); // 6
  w.type(BTF_KIND.var, 'offset', 2, [1]); // 7
  w.type(BTF_KIND.var, 'table', 5, [1]); // 8
  w.type(BTF_KIND.datasec, '.rodata', 28, [6, 0, 4, 7, 8, 8, 8, 16, 16], 3); // 9
  w.type(BTF_KIND.ptr, '', 11); // 10
  w.type(BTF_KIND.funcProto, '', 0, [0, 10, 0, 1, 0, 1, 0, 2], 4); // 11
  w.type(BTF_KIND.typedef, 'btf_trace_sched_switch', 10); // 12
  const key = w.string('key');
  const pad = w.string('pad');
  const next = w.string('next');
  w.type(BTF_KIND.struct, 'row', 32, [key, 5, 0, pad, 1, (3 << 24) | 128, next, 10, 192], 3, 1); // 13
  w.type(BTF_KIND.func, 'schedule', 11); // 14
  return w.bytes();
}

describe('Btf', () => {
  const btf = new Btf(sample());

  test('variables of a section', () => {
    expect(btf.sectionNames()).toEqual(['.rodata']);
    expect(btf.sectionVariables('.rodata')).toEqual([
      { name: 'target_tgid', offsetBytes: 0, bytes: 4, form: 'unsigned' },
      { name: 'offset', offsetBytes: 8, bytes: 8, form: 'signed' },
      { name: 'table', offsetBytes: 16, bytes: 16, form: 'bytes' },
    ]);
    expect(btf.sectionVariables('.bss')).toBeUndefined();
  });

  test('parameters behind a typedef of a function pointer', () => {
    expect(btf.functionTypedefParameters('btf_trace_sched_switch')).toBe(4);
    expect(btf.functionTypedefParameters('btf_trace_sched')).toBeUndefined();
    expect(btf.functionId('schedule')).toBe(14);
    expect(btf.functionId('sched')).toBeUndefined();
    expect(btf.typedefId('btf_trace_sched_switch')).toBe(12);
  });

  test('fields of a struct, bit-fields left out', () => {
    expect(btf.struct('row')).toEqual({
      name: 'row',
      bytes: 32,
      fields: [
        { name: 'key', offsetBytes: 0, bytes: 16 },
        { name: 'next', offsetBytes: 24, bytes: 8 },
      ],
    });
    expect(btf.struct('no_such')).toBeUndefined();
  });

  test('typedefs that go in circles end', () => {
    const circle = new BtfWriter().type(BTF_KIND.typedef, 'btf_trace_x', 1).bytes();
    expect(() => new Btf(circle).functionTypedefParameters('btf_trace_x')).toThrow(BtfFormatError);
  });

  test.each([
    ['nothing', new Uint8Array(0)],
    ['no magic', new Uint8Array(64)],
    ['cut short', sample().subarray(0, 100)],
  ])('%s is refused', (_name, bytes) => {
    expect(() => new Btf(bytes)).toThrow(BtfFormatError);
  });

  test('damaged bytes give answers or a BtfFormatError, nothing else', () => {
    const good = sample();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer({ min: 24, max: good.length }),
        (changes, length) => {
          const bytes = Uint8Array.from(good);
          for (const [at, value] of changes) bytes[at] = value;
          try {
            const damaged = new Btf(bytes.subarray(0, length));
            for (const name of damaged.sectionNames()) damaged.sectionVariables(name);
            damaged.functionTypedefParameters('btf_trace_sched_switch');
            damaged.struct('row');
          } catch (error) {
            expect(error).toBeInstanceOf(BtfFormatError);
          }
        },
      ),
      { seed: 20, numRuns: 3000 },
    );
  });
});
