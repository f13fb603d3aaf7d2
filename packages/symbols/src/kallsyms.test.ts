import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Kallsyms } from './kallsyms.js';

const TABLE = `\
0000000000000000 A fixed_percpu_data
ffffffff81000000 T srso_untrain
ffffffff81000000 T _text
ffffffff81000300 T irq_entries_start
ffffffff810003f0 t __pfx_local
ffffffff81000400 t local
ffffffff81000400 W weak_name
ffffffff81000500 T __memcpy
ffffffff81000500 T memcpy
ffffffff81000600 T __sched_text_start
ffffffff81000600 t schedule
ffffffff81000700 T last_text
ffffffff81000780 D some_data
ffffffff81800000 T far
ffffffffc0201000 t virtnet_poll\t[virtio_net]
ffffffffc0201100 t bpf_prog_fdd165e8260a0695_on_switch\t[bpf]
`;

describe('Kallsyms', () => {
  const table = Kallsyms.parse(TABLE);
  const nameOf = (address: bigint): string | undefined => table.lookup(address)?.name;

  test.each<[string, bigint, string | undefined]>([
    ['below all', 0xffffffff80ffffffn, undefined],
    ['a user address', 0x1000n, undefined],
    ['a place gives way to a function', 0xffffffff81000000n, 'srso_untrain'],
    ['inside', 0xffffffff810002ffn, 'srso_untrain'],
    ['the first byte', 0xffffffff81000300n, 'irq_entries_start'],
    ['padding has no name', 0xffffffff810003f8n, undefined],
    ['weak before local', 0xffffffff81000450n, 'weak_name'],
    ['fewest underscores', 0xffffffff81000501n, 'memcpy'],
    ['a local function before a place', 0xffffffff81000600n, 'schedule'],
    ['data ends a function', 0xffffffff81000780n, undefined],
    ['within a megabyte of the last', 0xffffffff8180ffffn, 'far'],
    ['in the gap behind it', 0xffffffff81900000n, undefined],
    ['a module', 0xffffffffc0201010n, 'virtnet_poll'],
    ['a BPF program', 0xffffffffc0201110n, 'bpf_prog_fdd165e8260a0695_on_switch'],
  ])('%s', (_what, address, expected) => {
    expect(nameOf(address)).toBe(expected);
  });

  test('modules and ends', () => {
    expect(table.lookup(0xffffffffc0201010n)).toEqual({
      name: 'virtnet_poll',
      module: 'virtio_net',
      start: 0xffffffffc0201000n,
      end: 0xffffffffc0201100n,
    });
    expect(table.lookup(0xffffffffc0201100n)?.module).toBe('bpf');
    expect(table.lookup(0xffffffff81000300n)).toMatchObject({ module: '', end: 0xffffffff810003f0n });
    expect(table.find('schedule')?.start).toBe(0xffffffff81000600n);
    expect(table.find('nothing')).toBeUndefined();
    expect([...table.matching((name) => name.startsWith('virtnet'))]).toHaveLength(1);
  });

  test('the order of lines changes nothing', () => {
    const reversed = Kallsyms.parse(TABLE.trimEnd().split('\n').reverse().join('\n'));
    for (let address = 0xffffffff81000000n; address < 0xffffffff81000800n; address += 0x10n) {
      expect(reversed.lookup(address)?.name).toBe(nameOf(address));
    }
  });

  test.each([
    [
      'hidden addresses',
      '0000000000000000 T _text\n0000000000000000 t schedule\n',
      /all addresses of its 2 symbols are hidden.*kptr_restrict/s,
    ],
    ['nothing', '', /it has no symbols.*CONFIG_KALLSYMS/s],
    ['no table', 'hello\nworld\n', /it has no symbols/],
  ])('%s is an error that says what to do', (_name, text, expected) => {
    expect(() => Kallsyms.parse(text)).toThrow(expected);
    expect(() => Kallsyms.read(() => [Buffer.from(text)])).toThrow(expected);
  });

  test('a table that cannot be read is an error too', () => {
    expect(() =>
      Kallsyms.read(() => {
        throw new Error('ENOENT: no such file');
      }),
    ).toThrow(/read \/proc\/kallsyms: ENOENT/);
  });

  test('lookups agree with a linear search', () => {
    const line = fc.record({
      offset: fc.nat(4000),
      type: fc.constantFrom('T', 't', 'W', 'D', 'b'),
      name: fc.stringMatching(/^_{0,2}[a-c]{1,2}$/),
    });
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 60 }),
        fc.array(fc.nat(4500)),
        (lines, queries) => {
          const base = 0xffffffff81000000n;
          const text = lines
            .map((l) => `${(base + BigInt(l.offset)).toString(16)} ${l.type} ${l.name}`)
            .join('\n');
          const parsed = Kallsyms.parse(text);
          const underscores = (name: string): number => /^_*/.exec(name)![0].length;
          for (const query of queries) {
            const starts = lines.map((l) => l.offset).filter((offset) => offset <= query);
            const start = Math.max(-1, ...starts);
            const named = lines
              .filter((l) => l.offset === start && 'TWt'.includes(l.type))
              .sort(
                (a, b) =>
                  'TWt'.indexOf(a.type) - 'TWt'.indexOf(b.type) ||
                  underscores(a.name) - underscores(b.name) ||
                  (a.name < b.name ? -1 : 1),
              );
            expect(parsed.lookup(base + BigInt(query))?.name).toBe(named[0]?.name);
          }
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });
});
