import { describe, expect, test } from 'vitest';
import { kindOfFunction, toJitName } from './jit-names.js';

describe('names in perf maps', () => {
  test.each([
    // V8, newer and older.
    ['JS:*hotLoop /tmp/rt/busy.js:2:17', 'jit', 'hotLoop busy.js:2', '/tmp/rt/busy.js'],
    ['JS:^coldOnce /tmp/rt/busy.js:4:18', 'jit', 'coldOnce busy.js:4', '/tmp/rt/busy.js'],
    ['JS:+mid /tmp/rt/busy.js:4:18', 'jit', 'mid busy.js:4', '/tmp/rt/busy.js'],
    ["JS:*'osr /tmp/rt/busy.js:4:18", 'jit', 'osr busy.js:4', '/tmp/rt/busy.js'],
    ['JS:~tick /tmp/rt/busy.js:5:26', 'interpreted', 'tick busy.js:5', '/tmp/rt/busy.js'],
    ['LazyCompile:~tick /a b/x y.js:5:26', 'interpreted', 'tick x y.js:5', '/a b/x y.js'],
    ['LazyCompile:*tick /srv/app.js:5:26', 'jit', 'tick app.js:5', '/srv/app.js'],
    ['LazyCompile:* /srv/app.js:5:26', 'jit', '(anonymous) app.js:5', '/srv/app.js'],
    ['JS:~ node:internal/main:1:1', 'interpreted', '(anonymous) main:1', 'node:internal/main'],
    ['JS:~get size node:internal/url:1:2', 'interpreted', 'get size url:1', 'node:internal/url'],
    ['JS:*f file:///srv/a.mjs?v=2:7:1', 'jit', 'f a.mjs:7', 'file:///srv/a.mjs?v=2'],
    ['JS:*f [eval]:7:1', 'jit', 'f [eval]:7', '[eval]'],
    ['Script:~/srv/app.js:1:1', 'interpreted', '(script) app.js:1', '/srv/app.js'],
    ['InterpretedFunction:tick /srv/app.js:5:1', 'interpreted', 'tick app.js:5', '/srv/app.js'],
    ['Function:wasm-function[12]', 'jit', 'wasm-function[12]', ''],
    ['JS:*', 'jit', '(anonymous)', ''],
    ['Builtin:ArrayMap', 'stub', 'ArrayMap', ''],
    ['Builtin:InterpreterEntryTrampoline', 'interpreted', 'InterpreterEntryTrampoline', ''],
    ['BytecodeHandler:Ldar', 'interpreted', 'Ldar', ''],
    ['RegExp:^a(b)', 'jit', 'RegExp:^a(b)', ''],
    // Python.
    ['py::hot:/tmp/rt/busy.py', 'interpreted', 'hot busy.py', '/tmp/rt/busy.py'],
    ['py::Shop.<locals>.f:/srv/a:b.py', 'interpreted', 'Shop.<locals>.f a:b.py', '/srv/a:b.py'],
    ['py::<module>:<frozen runpy>', 'interpreted', '<module> <frozen runpy>', '<frozen runpy>'],
    // The JVM.
    ['Interpreter', 'interpreted', 'Interpreter', ''],
    ['long Busy.spinHot(long)', 'jit', 'long Busy.spinHot(long)', ''],
    ['void java.lang.Object.<init>()', 'jit', 'void java.lang.Object.<init>()', ''],
    [
      'java.lang.Stub com.a.Blob.adapters(int, java.lang.String)',
      'jit',
      'java.lang.Stub com.a.Blob.adapters(int, java.lang.String)',
      '',
    ],
    ['I2C/C2I adapters', 'stub', 'I2C/C2I adapters', ''],
    ['StubRoutines (1)', 'stub', 'StubRoutines (1)', ''],
    ['vtable stub', 'stub', 'vtable stub', ''],
    ['flush_icache_stub', 'stub', 'flush_icache_stub', ''],
    // Whoever else writes one.
    ['$lists:map/2', 'jit', '$lists:map/2', ''],
    ['int32 [app] Program::Main(string[])[Tier0]', 'jit', 'int32 [app] Program::Main(string[])[Tier0]', ''],
  ] as const)('%s is %s code', (raw, kind, name, module) => {
    expect(toJitName(raw)).toEqual({ name, module, kind });
  });

  test('a hostile name takes no time to speak of', () => {
    for (const raw of [
      `JS:*${'a '.repeat(500)}`,
      `JS:*${'a:1:'.repeat(250)}`,
      `JS:~${' /'.repeat(500)}:1:x`,
    ]) {
      const before = performance.now();
      for (let i = 0; i < 10; i++) toJitName(raw);
      expect(performance.now() - before).toBeLessThan(200);
    }
  });
});

describe('functions of files', () => {
  test.each([
    ['Builtins_InterpreterEntryTrampoline', 'interpreted'],
    ['Builtins_CallUndefinedReceiver0Handler', 'interpreted'],
    ['Builtins_ArrayMap', 'native'],
    ['_PyEval_EvalFrameDefault', 'interpreted'],
    ['_PyEval_EvalFrameDefault.cold', 'interpreted'],
    ['clock_nanosleep', 'native'],
  ])('%s is %s', (name, kind) => {
    expect(kindOfFunction(name)).toBe(kind);
  });
});
