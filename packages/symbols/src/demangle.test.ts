import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { demangle } from './demangle.js';

describe('names', () => {
  test.each([
    ['main', 'main'],
    ['_start', '_start'],
    ['', ''],
    ['_Z', '_Z'],
    ['_R', '_R'],
    ['__libc_start_main@@GLIBC_2.34', '__libc_start_main'],
    ['memcpy@GLIBC_2.2.5', 'memcpy'],
    ['_Z1fv', 'f()'],
    ['_ZN3foo3barEi@@V_1', 'foo::bar(int)'],
    ['_Z1fi.cold', 'f(int) [clone .cold]'],
    ['_Z1fi.llvm.123456', 'f(int)'],
    ['_ZNSt6vectorIiSaIiEE9push_backERKi', 'std::vector<int, std::allocator<int> >::push_back(int const&)'],
    ['_Znot a name', '_Znot a name'],
    ['_ZN4core3fmt5write17h0123456789abcdefE', 'core::fmt::write'],
    ['_ZN4core3fmt5write17h0123456789abcdefE.llvm.99', 'core::fmt::write'],
    ['_ZN37_$LT$app..Job$u20$as$u20$app..Run$GT$3run17h0123456789abcdefE', '<app::Job as app::Run>::run'],
    ['_ZN3app9g$uf6$del17h0123456789abcdefE', 'app::gödel'],
    // Vectors of RFC 2603 and of rustc-demangle.
    ['_RNvC6_123foo3bar', '123foo::bar'],
    [
      '_RNqCs4fqI2P2rA04_11utf8_identsu30____7hkackfecea1cbdathfdh9hlq6y',
      'utf8_idents::საჭმელად_გემრიელი_სადილი',
    ],
    ['_RNCNCNgCs6DXkGYLi8lr_2cc5spawn00B5_', 'cc::spawn::{closure#0}::{closure#0}'],
    [
      '_RINkXs25_NgCsbDqzXfLQacH_4core5sliceINtB8_4IterhENtNtNtNtBa_4iter6traits8iterator8Iterator8positionNCNvNtCs11S2bnWKnB_3std3sys6memchr0EBb_',
      '_RINkXs25_NgCsbDqzXfLQacH_4core5sliceINtB8_4IterhENtNtNtNtBa_4iter6traits8iterator8Iterator8positionNCNvNtCs11S2bnWKnB_3std3sys6memchr0EBb_',
    ],
    [
      '_RINbNbCskIICzLVDPPb_5alloc5alloc8box_freeDINbNiB4_5boxed5FnBoxuEp6OutputuEL_ECs1iopQbuBiw2_3std',
      'alloc::alloc::box_free::<dyn alloc::boxed::FnBox<(), Output = ()>>',
    ],
    ['_RNvMC0TFG_RL0_hEE1m', '_RNvMC0TFG_RL0_hEE1m'],
    ['_RIC0Kb1_E', '::<true>'],
    ['_RIC0Kc76_E', "::<'v'>"],
    ['_RIC0Kin7b_E', '::<-123>'],
    ['_RIC0Kp_E', '_RIC0Kp_E'],
    ['_RNvC4main3fooILL_E', '_RNvC4main3fooILL_E'],
  ])('%s', (mangled, expected) => {
    expect(demangle(mangled)).toBe(expected);
  });
});

describe('names that are made to hurt', () => {
  const reference = (n: number): string => (n === 0 ? 'S_' : `S${(n - 1).toString(36).toUpperCase()}_`);
  /** Each step names the one before twice. */
  function doubling(steps: number): string {
    let name = '_Z1f1aIiiE';
    for (let i = 1; i <= steps; i++) name += `S_I${reference(i)}${reference(i)}E`;
    return name;
  }
  test('C++: what would print gigabytes is not asked for, what prints little is', () => {
    expect(demangle(doubling(2))).toMatch(/^f\(a<int, int>, a<a<int, int>, a<int, int> >/);
    for (const steps of [20, 30, 60]) expect(demangle(doubling(steps))).toBe(doubling(steps));
  });
  test.each([
    ['pointers', (n: number) => `_Z1f${'P'.repeat(n)}i`],
    ['templates', (n: number) => `_Z1f${'1aI'.repeat(n)}i${'E'.repeat(n)}`],
    ['packs', (n: number) => `_Z1fI${'J'.repeat(n)}i${'E'.repeat(n)}Evv`],
    ['functions', (n: number) => `_Z1f${'PFv'.repeat(n)}i${'E'.repeat(n)}`],
    ['scopes', (n: number) => `_Z1fIiEvN1a${'IRT_E1b'.repeat(n)}E`],
    ['Rust: slices', (n: number) => `_RIC0${'S'.repeat(n)}uE`],
    [
      'Rust: tuples that double',
      (n: number) => `_RIC0${Array.from({ length: n }, (_, i) => `TB${i}_B${i}_E`).join('')}E`,
    ],
  ])('%s: deep or long, they end at once', (_what, make) => {
    for (const n of [10, 100, 140, 145, 200, 300, 1_000, 5_000])
      expect(demangle(make(n)).length).toBeLessThanOrEqual(Math.max(make(n).length, 8_192));
  });
  test('anything is answered, in bounds', () => {
    const seed = Number(process.env.STALLSCOPE_SEED ?? 3);
    console.info(`STALLSCOPE_SEED=${seed}`);
    const piece = fc.constantFrom(
      ...[
        '_Z',
        '_R',
        '_ZN',
        'N',
        'I',
        'E',
        'S_',
        'S0_',
        'T_',
        'T0_',
        'P',
        'R',
        'O',
        'K',
        '1a',
        '3foo',
        'i',
        'v',
        'St',
        'D0',
        'C1',
      ],
      ...[
        'Ul',
        'Lb1',
        'X',
        'cv',
        'dl',
        'Y',
        'M',
        'B_',
        'B3_',
        'C',
        'Nv',
        'Nt',
        's_',
        'L_',
        'K',
        'p',
        'u',
        '17h0123456789abcdefE',
        '$LT$',
        '..',
        '0',
        '9',
      ],
    );
    fc.assert(
      fc.property(
        fc.constantFrom('_Z', '_ZN', '_R', '_RI', '_RNv'),
        fc.array(piece, { maxLength: 120 }),
        (start, pieces) => {
          expect(demangle(start + pieces.join('')).length).toBeLessThanOrEqual(8_192);
        },
      ),
      { seed, numRuns: 5_000 },
    );
  });
});
