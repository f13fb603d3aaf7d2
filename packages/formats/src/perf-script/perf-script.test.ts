import { describe, expect, test } from 'vitest';
import { printProfile } from '../fixtures/print-profile.js';
import { contextFor } from '../fixtures/read-context.js';
import { readProfile } from '../read.js';
import { readPerfScript } from './read-perf-script.js';

const read = (text: string) => readPerfScript(new TextEncoder().encode(text), contextFor('perf-script'));
const print = (text: string) =>
  read(text)
    .map((profile) => printProfile(profile))
    .join('\n\n');

const SAMPLE = `redis-server 812/815 [001] 24253.129891:     250000 cpu-clock:ppp: 
\tffffffff815ecaf9 handle_mm_fault+0x1f9 ([kernel.kallsyms])
\t          16a640 __strrchr_evex+0x3 (/usr/lib/x86_64-linux-gnu/libc.so.6)
\t    7f2a10004a18 [unknown] (/usr/bin/redis-server)
\t               0 [unknown] ([unknown])

`;

describe('reading', () => {
  test('a sample: root first, kernel apart, time of a clock', async () => {
    expect(print(SAMPLE)).toBe(
      [
        'cpu/nanoseconds, samples/count',
        '"[unknown]" > "[redis-server]"[redis-server] > "__strrchr_evex"[libc.so.6] > ' +
          '"handle_mm_fault"[kernel] [["comm","redis-server"],["tgid",812],["tid",815]] = 250000, 1',
      ].join('\n'),
    );
    expect(read(SAMPLE)[0]!.frames.map(({ unnamed }) => unnamed)).toEqual([2, 1, 0, 0]);
    expect((await readProfile(new TextEncoder().encode(SAMPLE))).format).toBe('perf-script');
  });
  test.each([
    ['a 7 [000] 1.000001: cycles: ', '{"comm":"a","tid":7}'],
    ['Web Content 7/8 1.000001: cycles:', '{"comm":"Web Content","tgid":7,"tid":8}'],
    ['   :-1   -1 [000] 1.000001: cycles:', '{"comm":":-1","tid":-1}'],
    ['            bash 123 [000]  1.000001:   10 cycles:uH:', '{"comm":"bash","tid":123}'],
    ['7 8 9/10 [003] d... 1.000001: cycles:', '{"comm":"7 8","tgid":9,"tid":10}'],
    ['a 7 cycles:', '{"comm":"a","tid":7}'],
    ['a 1.5: 7 1.000001: cycles:', '{"comm":"a 1.5:","tid":7}'],
    ['7 1.000001: cycles:', undefined],
    ['a 7 1.000001: cycles', undefined],
  ])('the thread of %j', (header, labels) => {
    const text = `${header}\n\t1 f (x)\n`;
    if (labels === undefined)
      expect(() => read(text)).toThrow('perf-script: line 1: neither an event nor a frame');
    else expect(JSON.stringify(read(text)[0]!.labelSets[0])).toBe(labels);
  });
  test('events without call chains stand on a line each, under padded names', () => {
    const text = [
      '            bash   123 [000] 10.000001:     250000 cpu-clock:  ffffffff815ecaf9 clear_page+0x7 ([kernel.kallsyms])',
      '              ab    12 [000] 10.000002:     250000 cpu-clock:      1234 operator()(int) const+0x7 (/tmp/a (x).so (deleted))',
    ].join('\n');
    expect(print(text)).toBe(
      [
        'cpu/nanoseconds, samples/count',
        '"clear_page"[kernel] [["comm","bash"],["tid",123]] = 250000, 1',
        '"operator()(int) const"[a (x).so] [["comm","ab"],["tid",12]] = 250000, 1',
      ].join('\n'),
    );
    expect(read(text)[0]!.sampleAtNs).toEqual([0, 1000]);
  });
  test('events are profiles of their own; tracepoints have text', () => {
    const text = [
      'a 7 [000] 1.000001: sched:sched_switch: prev_comm=a prev_pid=7 ==> next_comm=b',
      '\tffffffff81000001 __schedule+0x1 ([kernel.kallsyms])',
      '',
      'a 7 [000] 1.000002: 3 cycles:u: ',
      '\t1 main+0x1 (/bin/a)',
      '',
      'a 7 [000] 1.000003: PERF_RECORD_COMM: a:7/7',
    ].join('\n');
    expect(print(text)).toBe(
      [
        'samples/count\n"__schedule"[kernel] [["comm","a"],["tid",7]] = 1',
        'cycles/count, samples/count\n"main"[a] [["comm","a"],["tid",7]] = 3, 1',
      ].join('\n\n'),
    );
    expect(read(text).map(({ title }) => title)).toEqual(['test sched:sched_switch', 'test cycles']);
  });
  test('inlined functions lie in the module of their holder; source lines follow their frame', () => {
    const text =
      'a 7 1.000001: 3 cycles:\n\t10 inner (inlined)\n  a b.c:12\n\t10 outer+0x3 (/lib/x.so)\n  x.c:3\n';
    expect(print(text)).toBe(
      'cycles/count, samples/count\n"outer"[x.so x.c:3] > "inner"[x.so a b.c:12] [["comm","a"],["tid",7]] = 3, 1',
    );
  });
  test('kernel modules, BPF programs and vsyscall', () => {
    const text =
      'a 7 1.000001: 3 cycles:\n\tffffffffc0000010 nf_hook+0x3 ([nf_tables])\n\tffffffffc0000020 bpf_prog_1_x+0x3 (bpf_prog_1_x)\n\tffffffffff600000 [unknown] ([vsyscall])\n';
    const roles = read(text)[0]!.frames.map(({ name, role }) => `${name} ${role}`);
    expect(roles).toEqual(['[vsyscall] user', 'bpf_prog_1_x kernel', 'nf_hook kernel']);
  });
  test('a name that looks like a header costs no more than its length', () => {
    const hostile = `${'a 1 '.repeat(200_000)}1.000001: cycles:\n\t${'1 '.repeat(500_000)}\n`;
    const startMs = performance.now();
    expect(() => read(hostile)).toThrow('perf-script: line 1');
    expect(performance.now() - startMs).toBeLessThan(2000);
  });
});
