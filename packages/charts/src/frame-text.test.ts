import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellsOf, fitFrame, fitLabel } from './frame-text.js';

const LONE_SURROGATE = /\p{Surrogate}/u;

describe('fitLabel', () => {
  test.each([
    ['futex_wait', 10, 'futex_wait'],
    ['futex_wait', 9, 'futex_wa…'],
    ['futex_wait', 6, 'futex…'],
    ['futex_wait', 3, 'fu…'],
    ['futex_wait', 2, ''],
    ['--', 2, '--'],
    ['-', 0, ''],
    ['entry_SYSCALL_64_after_hwframe', 16, 'entry_SYSC…frame'],
    ['数据库连接池工作线程名称', 9, '数据库连…'],
    ['👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 5, '👩‍👩‍👧‍👦👩‍👩‍👧‍👦…'],
    ['a\u202eevil\nname', 20, 'a·evil·name'],
  ])('%s in %d cells is %s', (label, cells, text) => expect(fitLabel(label, cells)).toBe(text));

  test('never takes more cells than there are, nor cuts a character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.nat(50), (label, cells) => {
        const text = fitLabel(label, cells);
        expect(cellsOf(text)).toBeLessThanOrEqual(cells);
        if (text.includes('…') && !LONE_SURROGATE.test(label)) expect(text).not.toMatch(LONE_SURROGATE);
      }),
    );
  });
});

describe('fitFrame', () => {
  const find = 'std::map<int, Order>::find(int const&) const';
  test.each([
    [find, 50, find],
    [find, 30, 'std::map<int, Order>::find'],
    [find, 20, 'std::map<…>::find'],
    [find, 9, 'map::find'],
    [find, 5, 'find'],
    [find, 3, 'fi…'],
    [find, 2, ''],
    ['entry_SYSCALL_64_after_hwframe', 16, 'entry_SYSC…frame'],
    ['a\u202eevil::name', 20, 'a·evil::name'],
  ])('%s in %d cells is %s', (name, cells, text) => expect(fitFrame(name, cells)).toBe(text));

  test('never takes more cells than there are', () => {
    const piece = fc.constantFrom('std::', '<', '>', '(', ')', ' as ', '数据', '👩‍👩‍👧‍👦', 'read', '/', '.');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), fc.nat(50), (pieces, cells) => {
        expect(cellsOf(fitFrame(pieces.join(''), cells))).toBeLessThanOrEqual(cells);
      }),
    );
  });
});
