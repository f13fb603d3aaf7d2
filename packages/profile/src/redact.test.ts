import { describe, expect, it } from 'vitest';
import { checkSeeds, printTree, randomWindow, stacksFromText } from './fixtures/index.js';
import { FlameBuilder } from './flame-builder.js';
import { KINDS } from './kinds.js';
import { redactorOf, redactSamples, redactWindows, reductionPreview } from './redact.js';
import { Redactor, type Reduction } from './redactor.js';
import { appendVital, emptyVitals, emptyWindow } from './rows.js';
import { SampleProfileBuilder } from './sample-profile.js';
import { ProfileTables } from './tables.js';
import { windowTotals } from './totals.js';

const KEY = Uint8Array.from({ length: 16 }, (_, n) => n * 7);
const NOTHING: Reduction = { hostNames: false, processNames: false, addresses: false, arguments: false };
const ALL: Reduction = { hostNames: true, processNames: true, addresses: true, arguments: true };

/** Tokens by their kind alone, as digits say nothing. */
function withoutDigits(text: string): string {
  return text.replace(
    /\b(host|process|thread|module|address|path|argument)-[0-9a-f]{4,16}(?![0-9a-z])/g,
    '<$1>',
  );
}

describe('texts', () => {
  const redactor = (reduction: Partial<Reduction>) =>
    new Redactor(
      { ...NOTHING, ...reduction },
      KEY,
      ['web01.example.org', 'localhost'],
      ['nginx', 'main', 'kworker/0:1'],
    );

  it.each<[Partial<Reduction>, string, string]>([
    [{ hostNames: true }, 'web01.example.org is slow, so is WEB01', '<host> is slow, so is <host>'],
    [{ hostNames: true }, 'web010 and web01-b and localhost', 'web010 and <host>-b and localhost'],
    [
      { processNames: true },
      'Nginx waits; process=nginx&fn=ngx_read',
      '<process> waits; process=<process>&fn=ngx_read',
    ],
    [{ processNames: true }, 'nginx_main calls main', '<process>_main calls main'],
    [{ addresses: true }, 'from 10.0.0.7:5432 to fe80::1%eth0', 'from <address>:5432 to <address>%eth0'],
    [{ addresses: true }, '::1 2001:db8::ff00:42:8329 aa:bb:cc:dd:ee:0f', '<address> <address> <address>'],
    [
      { addresses: true },
      '::ffff:10.1.2.3 at 0x7fff12345678, flags 0x10',
      '<address> at <address>, flags 0x10',
    ],
    [
      { addresses: true },
      'std::vector ab::cd 300.1.1.1 12:30:45 nginx+0x12345',
      'std::vector ab::cd 300.1.1.1 12:30:45 nginx+0x12345',
    ],
    [{ arguments: true }, 'handler /home/ann/shop/cart.js:12', 'handler <path>:12'],
    [{ arguments: true }, 'get https://ann:secret@shop.test/cart?id=7 or a/b', 'get <path> or a/b'],
    [{ arguments: true }, 'github.com/acme/shop.(*Cart).Add', 'github.com/acme/shop.(*Cart).Add'],
    [{}, 'nginx on web01 at 10.0.0.7 reads /etc/passwd', 'nginx on web01 at 10.0.0.7 reads /etc/passwd'],
  ])('%o: %s', (reduction, text, expected) => {
    expect(withoutDigits(redactor(reduction).text(text))).toBe(expected);
  });

  it.each<[string, string, string]>([
    ['Cart::add(Item const&, int) const', 'shop', 'Cart::add(…) const'],
    [
      'std::function<void (int)>::operator()(int) const',
      'shop',
      'std::function<void (int)>::operator()(…) const',
    ],
    ['(anonymous namespace)::f', 'shop', '(anonymous namespace)::f'],
    ['Foo::operator()', 'shop', 'Foo::operator()'],
    ['f()', 'shop', 'f()'],
    ['shop+0x12f', 'shop', '<module>+0x12f'],
    ['nginx+0x12f', 'nginx', '<process>+0x12f'],
    ['unbalanced)', 'shop', 'unbalanced)'],
  ])('of the function %s of %s makes %s', (name, module, expected) => {
    expect(withoutDigits(redactor(ALL).functionName(name, module))).toBe(expected);
  });

  it.each<[string, string]>([
    ['nginx', '<process>'],
    ['worker-1', '<thread>'],
    ['[timer]', '[timer]'],
    ['kworker/0:1', 'kworker/0:1'],
    ['kworker/u8:2-dm-secret', 'kworker/u8:2'],
    ['ksoftirqd/3', 'ksoftirqd/3'],
    ['kswapd0', 'kswapd0'],
    ['ksmdsecret', '<thread>'],
    ['jbd2/secret-8', '<thread>'],
    ['', ''],
  ])('of the thread %s makes %s', (name, expected) => {
    expect(withoutDigits(redactor(ALL).threadName(name))).toBe(expected);
  });

  it.each<[string, string]>([
    ['nginx', '<process>'],
    ['libc.so.6', 'libc.so.6'],
    ['libnginx-mod.so', '<module>'],
    ['shopd', '<module>'],
    ['[vdso]', '[vdso]'],
    ['', ''],
  ])('of the module %s makes %s', (name, expected) => {
    expect(withoutDigits(redactor(ALL).module(name))).toBe(expected);
  });

  it('knows a program by its file where the name of its thread was cut', () => {
    const redactor = new Redactor(ALL, KEY, [], ['systemd-journal']);
    expect(redactor.module('systemd-journald')).toBe(redactor.threadName('systemd-journal'));
  });

  it('keeps what a process is called and hides what it says of itself', () => {
    expect(withoutDigits(redactor({ arguments: true }).threadName('gunicorn: ann'))).toBe(
      'gunicorn: <argument>',
    );
  });

  it.each(['a.', '-a', 'a:', '/a', '0:', '1.', '(', '[', 'web01.', 'nginx '])(
    'is not held up by %s, however often',
    (part) => {
      // Where it is not linear this takes minutes.
      const text = part.repeat(50_000);
      const of = redactor(ALL);
      const reduced = [of.text(text), of.threadName(text), of.module(text), of.functionName(text, 'm')];
      expect(reduced.every((name) => name.length > 0)).toBe(true);
    },
  );

  it('gives one token to one name, another to every other, and others with another key', () => {
    const names = Array.from({ length: 3_000 }, (_, n) => `thread ${n}`);
    const first = redactor(ALL);
    const tokens = names.map((name) => first.threadName(name));
    expect(new Set(tokens).size).toBe(names.length);
    expect(names.map((name) => first.threadName(name))).toEqual(tokens);
    const again = redactor(ALL);
    expect(names.map((name) => again.threadName(name))).toEqual(tokens);
    const other = new Redactor(
      ALL,
      KEY.map((byte) => byte ^ 1),
      [],
      [],
    );
    expect(names.filter((name, n) => other.threadName(name) === tokens[n]).length).toBeLessThan(10);
  });
});

describe('windows', () => {
  const TEXT = `
    shopd@10/10: main@shopd;?shopd+0x1f0@shopd;read@libc.so.6 | vfs_read <- dbd@20/21: send(int)@dbd | pipe_write = 5us
    cart@10/11: main@shopd                                     <- [timer]: | hrtimer_run                     = 3us
    ksoftirqd/0@30/30: | smpboot_thread_fn                                                                = 1us
  `;

  it('keep their shape and their time, and lose their names', () => {
    const { tables, rows } = stacksFromText(TEXT);
    tables.internString('a secret that no row uses');
    const windows = [emptyWindow({ rows })];
    const redactor = redactorOf(tables, windows, ['web01'], ALL, KEY);
    const copy = redactWindows(tables, windows, redactor);
    const tree = new FlameBuilder(copy.tables).build(copy.windows[0]!.rows, {
      view: 'off-wake',
      kinds: KINDS,
    });
    expect(withoutDigits(printTree(tree)).split('\n').sort()).toEqual(
      withoutDigits(`ksoftirqd/0 1us
  smpboot_thread_fn 1us
    -- 1us
      [waker unknown] 1us (self 1us)
<process> 5us
  main 5us
    ?<process>+0x1f0 5us
      read 5us
        - 5us
          vfs_read 5us
            -- 5us
              pipe_write 5us
                - 5us
                  send(…) 5us
                    <thread> 5us (self 5us)
<thread> 3us
  main 3us
    -- 3us
      hrtimer_run 3us
        [timer] 3us (self 3us)`)
        .split('\n')
        .sort(),
    );
    expect(copy.tables.strings.filter((text) => /secret|shopd|cart/.test(text))).toEqual([]);
  });

  it('are as they were when nothing is to be reduced, but for strings that nothing uses', () => {
    checkSeeds(30, (random) => {
      const tables = new ProfileTables();
      const windows = [randomWindow(random, tables), randomWindow(random, tables)];
      const copy = redactWindows(tables, windows, redactorOf(tables, windows, [], NOTHING, KEY));
      for (const [n, window] of windows.entries()) {
        const tree = (of: ProfileTables, rows: typeof window.rows) =>
          printTree(new FlameBuilder(of).build(rows, { view: 'chain', kinds: KINDS }), { roles: true });
        expect(tree(copy.tables, copy.windows[n]!.rows)).toBe(tree(tables, window.rows));
      }
    });
  });

  it('have the same totals, whatever was reduced, and no name of a process left', () => {
    checkSeeds(40, (random) => {
      const tables = new ProfileTables();
      const windows = [randomWindow(random, tables), randomWindow(random, tables)];
      const before = JSON.stringify([tables, windows]);
      const reduction: Reduction = {
        hostNames: random.chance(0.5),
        processNames: true,
        addresses: random.chance(0.5),
        arguments: random.chance(0.5),
      };
      const copy = redactWindows(tables, windows, redactorOf(tables, windows, ['web01'], reduction, KEY));
      for (const kinds of [KINDS, ['blocked'] as const]) {
        const query = { view: 'off-cpu', kinds } as const;
        const was = windowTotals(tables, windows, query);
        const is = windowTotals(copy.tables, copy.windows, query);
        expect(is.sampledNs).toBe(was.sampledNs);
        expect(is.captures).toBe(was.captures);
        expect(is.exactNs).toBe(was.exactNs);
      }
      expect(copy.tables.strings.filter((text) => /p[123]00\/|worker/.test(text))).toEqual([]);
      expect(JSON.stringify([tables, windows])).toBe(before);
    });
  });

  it('hide containers and units of vitals, of which no process was seen, and keep disks and states', () => {
    const { tables, rows } = stacksFromText(TEXT);
    const vitals = emptyVitals();
    for (const [metric, label] of [
      ['container.cpu', 'docker 5d6f11aa22bb'],
      ['container.memory', 'billing.service'],
      ['disk.reads', 'vda'],
      ['cpu.state', 'user'],
    ] as const)
      appendVital(vitals, {
        metric: tables.internString(metric),
        label: tables.internString(label),
        value: 1,
      });
    const windows = [emptyWindow({ rows, vitals })];
    const copy = redactWindows(tables, windows, redactorOf(tables, windows, [], ALL, KEY));
    const said = copy.windows[0]!.vitals.label.map((label) => copy.tables.strings[label]!);
    expect(said.slice(2)).toEqual(['vda', 'user']);
    expect(said[0]).toMatch(/^container-[0-9a-f]+$/);
    expect(copy.tables.strings.filter((text) => /billing|5d6f/.test(text))).toEqual([]);
  });

  it('show before what they will become', () => {
    const { tables, rows } = stacksFromText(TEXT);
    const windows = [emptyWindow({ rows })];
    const redactor = redactorOf(tables, windows, ['web01.example.org'], ALL, KEY);
    const preview = reductionPreview(tables, windows, redactor);
    const shown = (names: readonly { before: string; after: string }[]): string =>
      names.map(({ before, after }) => `${before} → ${withoutDigits(after)}`).join(', ');
    expect(shown(preview.processes)).toBe('ksoftirqd/0 → ksoftirqd/0, shopd → <process>');
    expect(shown(preview.threads)).toBe('cart → <thread>, dbd → <thread>');
    expect(shown(preview.modules)).toBe('dbd → <module>, libc.so.6 → libc.so.6, shopd → <process>');
    expect(preview.functions.total).toBe(8);
    expect(shown(preview.functions.changed)).toBe('?shopd+0x1f0 → ?<process>+0x1f0, send(int) → send(…)');
  });
});

it('reduces profiles from elsewhere: frames, files and labels', () => {
  const builder = new SampleProfileBuilder('nginx on web01', [{ type: 'cpu', unit: 'nanoseconds' }]);
  const frame = { unnamed: 0, line: 3 } as const;
  const stack = builder.stackOf([
    builder.frame({
      ...frame,
      name: 'main(int, char**)',
      module: 'nginx',
      file: '/src/nginx/main.c',
      role: 'user',
    }),
    builder.frame({ ...frame, name: 'vfs_read', module: '', file: '', role: 'kernel' }),
  ]);
  builder.sample(
    stack,
    [5],
    builder.labels({ comm: 'nginx', tid: 7, kind: 'blocked', wakers: 'dbd <- [timer]' }),
  );
  const { profile } = builder;
  const before = JSON.stringify(profile);
  const reduced = redactSamples(profile, new Redactor(ALL, KEY, ['web01'], ['nginx']));
  expect(JSON.stringify(profile)).toBe(before);
  expect(withoutDigits(reduced.title)).toBe('<process> on <host>');
  expect(reduced.frames.map(({ name, module, file }) => withoutDigits(`${name} ${module} ${file}`))).toEqual([
    'main(…) <process> <path>',
    'vfs_read  ',
  ]);
  expect(Object.values(reduced.labelSets[0]!).map((value) => withoutDigits(String(value)))).toEqual([
    '<process>',
    '7',
    'blocked',
    '<thread> <- [timer]',
  ]);
});
