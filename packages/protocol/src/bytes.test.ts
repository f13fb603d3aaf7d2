import { describe, expect, it } from 'vitest';
import { ByteReader, ByteWriter } from './bytes.js';
import { ProtocolError, type ProtocolErrorCode, toCloseReason } from './protocol-error.js';

function codeOf(run: () => unknown): ProtocolErrorCode | 'no error' {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return 'no error';
}

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe('varint', () => {
  it.each([0, 1, 127, 128, 300, 2 ** 31, 2 ** 32 + 1, 2 ** 49, Number.MAX_SAFE_INTEGER])('%d', (value) => {
    const writer = new ByteWriter();
    writer.varint(value, 'n');
    const reader = new ByteReader(writer.finish());
    expect(reader.varint('n')).toBe(value);
    expect(reader.remaining).toBe(0);
  });

  it.each([0, 1, -1, 63, -64, 2 ** 32, -(2 ** 32), 2 ** 52 - 1, -(2 ** 52 - 1)])('signed %d', (value) => {
    const writer = new ByteWriter();
    writer.signed(value, 'n');
    expect(new ByteReader(writer.finish()).signed('n')).toBe(value);
  });

  it.each([
    ['empty', [], 'truncated'],
    ['ends inside', [0x80], 'truncated'],
    ['2^53', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10], 'bad-number'],
    ['all ones', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], 'bad-number'],
    ['not in shortest form', [0x80, 0x00], 'bad-number'],
  ] as const)('refuses %s', (_, encoded, code) => {
    expect(codeOf(() => new ByteReader(bytes(...encoded)).varint('n'))).toBe(code);
  });

  it.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('does not write %d', (value) => {
    expect(codeOf(() => new ByteWriter().varint(value, 'n'))).toBe('bad-number');
  });
});

describe('bounds', () => {
  it('checks a count against its maximum and against the bytes that are there', () => {
    expect(codeOf(() => new ByteReader(bytes(5, 0, 0, 0, 0)).count('rows', 10, 1))).toBe('truncated');
    expect(codeOf(() => new ByteReader(bytes(5, 0, 0, 0, 0, 0)).count('rows', 4, 1))).toBe('oversized');
    expect(new ByteReader(bytes(5, 0, 0, 0, 0, 0)).count('rows', 5, 1)).toBe(5);
  });

  it('refuses numbers that are not finite', () => {
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, value, true);
      expect(codeOf(() => new ByteReader(new Uint8Array(view.buffer)).f64('n'))).toBe('bad-number');
      expect(codeOf(() => new ByteWriter().f64(value, 'n'))).toBe('bad-number');
    }
  });

  it('refuses text that is not UTF-8, and keeps a byte order mark', () => {
    expect(codeOf(() => new ByteReader(bytes(1, 0xff)).text('name', 10))).toBe('bad-text');
    expect(new ByteReader(bytes(4, 0xef, 0xbb, 0xbf, 0x41)).text('name', 10)).toBe('\uFEFFA');
  });

  it('reads a view that does not start its buffer', () => {
    const inside = bytes(9, 9, 9, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f).subarray(3);
    expect(new ByteReader(inside).f64('n')).toBe(1);
  });

  it('does not write more than it may', () => {
    const writer = new ByteWriter(4, 64);
    expect(
      codeOf(() => {
        for (let n = 0; n < 1000; n++) writer.raw(bytes(1, 2, 3, 4));
      }),
    ).toBe('oversized');
  });
});

describe('close reasons', () => {
  it('are short printable ASCII, whatever is in them', () => {
    const reason = toCloseReason(`host “\u{1F989}”\r\n${'x'.repeat(500)}`);
    expect(reason).toMatch(/^[\x20-\x7e]*$/);
    expect(reason).toHaveLength(123);
  });
});
