import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PerfMap } from './perf-map.js';

function mapOf(text: string, maxEntries?: number): PerfMap {
  const map = new PerfMap(maxEntries);
  map.append(Buffer.from(text));
  return map;
}

describe('a perf map', () => {
  test('as node, the JVM and Python write it', () => {
    const map = mapOf(`\
7f9d99fc61c0 2e4 JS:*hotLoop /srv/app.js:2:17
0x00007f5bf1400ec0 0x0000000000000210 long Busy.spinHot(long)
7f00c1cb67b1 b py::hot:/srv/a file.py
`);
    expect(map.nameAt(0x7f9d99fc61c0)).toBe('JS:*hotLoop /srv/app.js:2:17');
    expect(map.nameAt(0x7f9d99fc61c0 + 0x2e3)).toBe('JS:*hotLoop /srv/app.js:2:17');
    expect(map.nameAt(0x7f9d99fc61c0 + 0x2e4)).toBeUndefined();
    expect(map.nameAt(0x7f9d99fc61bf)).toBeUndefined();
    expect(map.nameAt(0x7f5bf1400ec1)).toBe('long Busy.spinHot(long)');
    expect(map.nameAt(0x7f00c1cb67b1)).toBe('py::hot:/srv/a file.py');
  });

  test('a line counts when its end has been written, however it is cut', () => {
    const text = '100 10 first one\n200 10 second\n';
    for (let cut = 0; cut <= text.length; cut++) {
      const map = mapOf(text.slice(0, cut));
      expect(map.nameAt(0x200)).toBe(cut === text.length ? 'second' : undefined);
      map.append(Buffer.from(text.slice(cut)));
      expect([map.nameAt(0x100), map.nameAt(0x200), map.entryCount]).toEqual(['first one', 'second', 2]);
    }
  });

  test('of entries that overlap the newest has the address', () => {
    const map = mapOf('0 40 a\n10 10 b\n');
    expect([0, 0xf, 0x10, 0x1f, 0x20, 0x3f, 0x40].map((at) => map.nameAt(at))).toEqual([
      ...['a', 'a', 'b', 'b', 'a', 'a'],
      undefined,
    ]);
  });

  test('what is no entry is counted and passed over', () => {
    const map = mapOf(
      `nothing\n100\n100 10\n100 10 \nxyz 10 name\n100 -1 name\n11111111111111111 1 name\n\n100 0 empty\nffffffffffffffff 10 high\n${'a'.repeat(70_000)}\n200 1 good\n`,
    );
    expect(map.entryCount).toBe(1);
    expect(map.malformedLines).toBe(8);
    expect(map.nameAt(0x200)).toBe('good');
  });

  test('a name cannot steer a terminal, and is no longer than is read', () => {
    const map = mapOf(`100 1 a\u001b[2Jb\u0007\u009bc\r\n200 1 ${'x'.repeat(5000)}\n`);
    expect(map.nameAt(0x100)).toBe('a?[2Jb??c');
    expect(map.nameAt(0x200)).toBe(`${'x'.repeat(1024)}…`);
  });

  test('code that comes and goes in one place leaves nothing behind; beyond the bound entries are refused', () => {
    const map = new PerfMap(1000);
    for (let turn = 0; turn < 20_000; turn++) {
      map.append(Buffer.from(`${(0x1000 + (turn % 100) * 16).toString(16)} 10 f${turn}\n`));
    }
    expect(map.entryCount).toBeLessThanOrEqual(1000);
    for (let place = 0; place < 100; place++)
      expect(map.nameAt(0x1000 + place * 16)).toBe(`f${19_900 + place}`);
    expect(map.refusedEntries).toBe(0);
    const full = mapOf('0 1 a\n1 1 b\n2 1 c\n', 2);
    expect([full.entryCount, full.refusedEntries, full.nameAt(2)]).toEqual([2, 1, undefined]);
  });

  test('any entries, in any pieces: the newest that covers an address', () => {
    const seed = Number(process.env.STALLSCOPE_SEED ?? Date.now() % 2 ** 31);
    const entry = fc.record({ start: fc.nat(400), bytes: fc.integer({ min: 1, max: 60 }) });
    fc.assert(
      fc.property(fc.array(fc.array(entry, { maxLength: 700 }), { maxLength: 6 }), (batches) => {
        const map = new PerfMap();
        const all: { start: number; end: number; name: string }[] = [];
        for (const batch of batches) {
          let text = '';
          for (const { start, bytes } of batch) {
            const name = `f${all.length}`;
            all.push({ start, end: start + bytes, name });
            text += `${start.toString(16)} ${bytes.toString(16)} ${name}\n`;
          }
          map.append(Buffer.from(text));
          for (let at = 0; at < 470; at += 3) {
            expect(map.nameAt(at)).toBe(all.findLast((e) => at >= e.start && at < e.end)?.name);
          }
        }
      }),
      { seed, numRuns: 60 },
    );
  });
});
