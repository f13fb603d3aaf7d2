import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { MAX_STACK_FRAMES, stackEnd } from './stack-end.js';
import { type FrameKind, offsetName, type SymbolicFrame, type UnnamedReason } from './symbolic-frame.js';

/** `name@module`, `module+0x…` for one without a name, `?` for one of no mapping, `jit:name`, `[anon]`, `gone`. */
function frame(text: string): SymbolicFrame {
  const of = (name: string, module: string, unnamed: UnnamedReason, kind: FrameKind = 'native') => ({
    name,
    module,
    unnamed,
    kind,
  });
  if (text === '?') return of('[unknown]', '', 'no-mapping');
  if (text === '[anon]') return of('[anon]', '', 'no-perf-map', 'jit');
  if (text === 'gone') return of('[unknown]', '', 'process-gone');
  if (text.startsWith('jit:')) return of(text.slice(4), '', 'named', 'jit');
  const [name, module] = text.split('@') as [string, string?];
  if (module !== undefined) return of(name, module, 'named');
  const file = name.slice(0, name.indexOf('+'));
  return of(offsetName(file, 0x10), file, 'no-symbol');
}

describe('where a user stack ends', () => {
  test.each([
    ['main@app libc.so.6+', 'whole'],
    ['work@app __libc_start_call_main@libc.so.6', 'whole'],
    ['futex_wait@libc.so.6 worker@app start_thread@libc.so.6', 'whole'],
    ['futex_wait@libc.so.6 worker@app clone3@libc.so.6', 'whole'],
    ['read@app main@app', 'whole'],
    ['_start@app', 'whole'],
    ['_start@ld-linux-x86-64.so.2', 'whole'],
    ['syscall@server runtime.goexit.abi0@server', 'whole'],
    ['syscall@server runtime.systemstack_switch@server', 'whole'],
    ['pause@ld-musl-x86_64.so.1 main@app libc.musl-x86_64.so.1+', 'whole'],
    ['clock_nanosleep@libc.so.6', 'broken'],
    ['libc.so.6+', 'broken'],
    ['compare@app qsort@libc.so.6', 'broken'],
    ['read@libc.so.6 SSL_read@libssl.so.3', 'broken'],
    ['read@libc.so.6 libssl.so.3+', 'broken'],
    ['read@libc.so.6 handle@app', 'broken'],
    ['read@libc.so.6 ?', 'broken'],
    ['read@libc.so.6 [anon]', 'broken'],
    ['read@libc.so.6 jit:A.b()', 'broken'],
    ['__vdso_gettimeofday@[vdso]', 'broken'],
    ['read@libc.so.6 app+', 'unknown'],
    ['app+', 'broken'],
    ['gone', 'unknown'],
    ['', 'unknown'],
  ])('%s: %s', (frames, expected) => {
    expect(stackEnd(frames.split(' ').filter(Boolean).map(frame))).toBe(expected);
  });

  test('as deep as the probes keep: cut, whatever the last frame is', () => {
    const deep = Array.from({ length: MAX_STACK_FRAMES }, () => frame('recurse@app'));
    expect(stackEnd(deep)).toBe('truncated');
    const header = readFileSync(new URL('../../../probes/include/stack.h', import.meta.url), 'utf8');
    expect(header).toContain(`#define MAX_STACK_FRAMES ${MAX_STACK_FRAMES}\n`);
  });
});
