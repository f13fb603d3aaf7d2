import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Base, isNoBase, readBase, SAME_BASE, writeBase } from './base';

const SEED = Number(process.env.STALLSCOPE_SEED ?? Date.now() % 2 ** 31);

describe('a base in a URL', () => {
  it.each([
    ['before:60000', { ...SAME_BASE, time: { kind: 'before', agoMs: 60_000 } }],
    ['span:1000-2000', { ...SAME_BASE, time: { kind: 'fixed', fromMs: 1000, toMs: 2000 } }],
    ['p:4711', { ...SAME_BASE, process: 4711 }],
    ['p:all', { ...SAME_BASE, process: 'all' }],
    ['t:4712', { ...SAME_BASE, thread: 4712 }],
    ['p:9~t:all', { ...SAME_BASE, process: 9, thread: 'all' }],
    ['profile:0', { ...SAME_BASE, profile: 0 }],
    [
      'file:before.json~profile:1~t:8~span:1-2',
      {
        source: { kind: 'file', name: 'before.json' },
        profile: 1,
        process: null,
        thread: 8,
        time: { kind: 'fixed', fromMs: 1, toMs: 2 },
        latency: { kind: 'same' },
      },
    ],
    ['host:web-2', { ...SAME_BASE, source: { kind: 'host', id: 'web-2' } }],
    [
      'host:a!~b~p:7~span:1-2',
      {
        ...SAME_BASE,
        source: { kind: 'host', id: 'a~b' },
        process: 7,
        time: { kind: 'fixed', fromMs: 1, toMs: 2 },
      },
    ],
    [
      'snapshot:AAAAAAAAAAAAAAAAAAAAAA',
      { ...SAME_BASE, source: { kind: 'snapshot', id: 'AAAAAAAAAAAAAAAAAAAAAA' } },
    ],
    ['lat:rest', { ...SAME_BASE, latency: { kind: 'rest' } }],
    ['lat:all', { ...SAME_BASE, latency: { kind: 'all' } }],
    ['lat:40-160', { ...SAME_BASE, latency: { kind: 'span', fromBucket: 40, toBucket: 160 } }],
    ['file:before.pb.gz', { ...SAME_BASE, source: { kind: 'file', name: 'before.pb.gz' } }],
  ] satisfies [string, Base][])('reads and writes %s', (text, base) => {
    expect(readBase(text)).toEqual(base);
    expect(writeBase(base)).toBe(text);
  });

  it.each([
    '',
    'nothing',
    'host:',
    'snapshot:../../etc/passwd12345',
    'snapshot:short',
    'p:0',
    'p:-1',
    'p:99999999',
    't:0',
    't:1~t:2',
    'profile:-1',
    'profile:',
    'profile:1.5',
    'lat:',
    'lat:60-40',
    'lat:0-161',
    'constructor:1',
    'span:2000-1000',
    'span:1-2-3',
    'span:x-2',
    'before:0',
    'before:1e9',
    'host:a~host:b',
    'before:1~span:1-2',
    'file:a~',
    `host:${'x'.repeat(300)}`,
    'host:a!',
  ])('refuses %j', (text) => {
    expect(readBase(text)).toBeUndefined();
  });

  it(`reads back what it wrote, seed ${SEED}`, () => {
    const name = fc.string({ minLength: 1, maxLength: 40 });
    const whole = (max: number) => fc.integer({ min: 1, max });
    const anyBase = fc.record({
      source: fc.oneof(
        fc.constant({ kind: 'same' as const }),
        name.map((id) => ({ kind: 'host' as const, id })),
        name.map((file) => ({ kind: 'file' as const, name: file })),
      ),
      profile: fc.option(fc.integer({ min: 0, max: 1e6 })),
      process: fc.oneof(fc.constant(null), fc.constant('all' as const), whole(2 ** 22)),
      thread: fc.oneof(fc.constant(null), fc.constant('all' as const), whole(2 ** 22)),
      time: fc.oneof(
        fc.constant({ kind: 'same' as const }),
        whole(1e9).map((agoMs) => ({ kind: 'before' as const, agoMs })),
        fc
          .tuple(whole(1e12), whole(1e9))
          .map(([fromMs, ms]) => ({ kind: 'fixed' as const, fromMs, toMs: fromMs + ms })),
      ),
      latency: fc.oneof(
        fc.constantFrom({ kind: 'same' as const }, { kind: 'all' as const }, { kind: 'rest' as const }),
        fc
          .tuple(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 1, max: 80 }))
          .map(([fromBucket, more]) => ({ kind: 'span' as const, fromBucket, toBucket: fromBucket + more })),
      ),
    });
    fc.assert(
      fc.property(anyBase, (base) => {
        expect(readBase(writeBase(base))).toEqual(isNoBase(base) ? undefined : base);
      }),
      { seed: SEED },
    );
  });
});
