import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldedName, shorterForms } from './frame-name.js';

test.each([
  [
    'std::map<int, Order>::find(int const&) const',
    ['std::map<int, Order>::find', 'std::map<…>::find', 'std::map::find', 'map::find', 'find'],
  ],
  [
    'void ns::run<std::less<>>(ns::Job*)',
    ['void ns::run<std::less<>>', 'void ns::run<…>', 'void ns::run', 'ns::run', 'run'],
  ],
  ['github.com/acme/api/store.(*Table).Scan', ['store.(*Table).Scan', '(*Table).Scan', 'Scan']],
  [
    '<alloc::vec::Vec<T> as core::iter::Extend<T>>::extend::h0123456789abcdef',
    [
      '<alloc::vec::Vec<T> as core::iter::Extend<T>>::extend',
      'alloc::vec::Vec<T>::extend',
      'alloc::vec::Vec::extend',
      'Vec::extend',
      'extend',
    ],
  ],
  ['java.util.concurrent.locks.LockSupport.park', ['LockSupport.park', 'park']],
  ['java/util/concurrent/ThreadPoolExecutor.runWorker', ['ThreadPoolExecutor.runWorker']],
  ['JS:*handle /srv/app/src/server.js:120:7', ['JS:*handle server.js:120:7', 'JS:*handle', 'handle']],
  ['handle (/srv/app/server.js:120:7)', ['handle (server.js:120:7)', 'handle']],
  ['(anonymous namespace)::Pool::take(long)', ['(anonymous namespace)::Pool::take', 'Pool::take', 'take']],
  ['futex_wait.constprop.0', ['futex_wait']],
  ['read@@GLIBC_2.2.5', ['read']],
  ['ns::Set::operator<(ns::Set const&) const', ['ns::Set::operator<', 'Set::operator<', 'operator<']],
  ['ns::Fn::operator()(int)', ['ns::Fn::operator()', 'Fn::operator()', 'operator()']],
  // Nothing can be left out of these.
  ['entry_SYSCALL_64_after_hwframe', []],
  ['libc.so.6+0x8c3f10', []],
  ['libpthread.so.0', []],
  ['server.min.js', []],
  ['[waker not sampled]', []],
  ['--', []],
  ['net/http.(*conn).serve', ['http.(*conn).serve', '(*conn).serve', 'serve']],
  [`ns::${'a'.repeat(1000)}`, []],
  ['', []],
])('%s', (name, forms) => expect(shorterForms(name)).toEqual(forms));

test('each form of any name is shorter, and says something', () => {
  const piece = fc.constantFrom(
    'std',
    '::',
    '<',
    '>',
    '(',
    ')',
    'T',
    ' as ',
    '.',
    '/',
    ' ',
    'fn',
    '->',
    ':12',
    'ж',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      let before = pieces.join('');
      for (const form of shorterForms(before)) {
        expect(form.length).toBeLessThan(before.length);
        expect(form).toMatch(/[\p{L}\p{N}_]/u);
        before = form;
      }
    }),
    { numRuns: 2000 },
  );
});

test.each([
  [
    'void std::vector<int, std::allocator<int> >::emplace_back<int>(int&&)',
    'std::vector<…>::emplace_back<…>',
  ],
  ['std::map<int, Order>::find(int const&) const', 'std::map<…>::find'],
  ['app::Queue<int>::operator<(app::Queue<int> const&) const', 'app::Queue<…>::operator<'],
  ['app::operator<<(std::ostream&, app::Point const&)', 'app::operator<<'],
  ['(anonymous namespace)::run(int)', '(anonymous namespace)::run'],
  ['app::(anonymous namespace)::hidden(int, std::string const&)', 'app::(anonymous namespace)::hidden'],
  ['main::{lambda(int)#1}::operator()(int) const', 'main::{lambda(int)#1}::operator()'],
  ['f(int) [clone .cold]', 'f'],
  ['<alloc::vec::Vec<T> as core::iter::Extend<T>>::extend', 'alloc::vec::Vec<T>::extend'],
  ['program::jobs::each::<program::main::{closure#0}>', 'program::jobs::each::<…>'],
  ['core::fmt::write', 'core::fmt::write'],
  ['main', 'main'],
  ['malloc@plt', 'malloc@plt'],
  ['app+0x1234', 'app+0x1234'],
  ['Foo.<init>', 'Foo.<init>'],
  ['store.(*Table).Scan', 'store.(*Table).Scan'],
])('%s without what templates and generics add', (name, expected) => {
  expect(foldedName(name)).toBe(expected);
});
