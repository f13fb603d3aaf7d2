import { describe, expect, test } from 'vitest';
import { assertSucceeded, BpfError, bpfErrorOfErrno } from './bpf-error.js';
import { LIBBPF_HINT, loadNative } from './native.js';

describe('BpfError', () => {
  test('its message is enough to act on', () => {
    const error = bpfErrorOfErrno('load', 'x.bpf.o', -1, 'libbpf: no\n');
    expect(error.message).toMatch(
      /^load x\.bpf\.o: EPERM \(operation not permitted\)\nhint: loading BPF needs root.*\nlibbpf: no$/,
    );
    expect(error).toMatchObject({
      operation: 'load',
      subject: 'x.bpf.o',
      code: 'EPERM',
      errno: 1,
      log: 'libbpf: no\n',
    });
  });
  test('a verifier log has its own hint', () => {
    expect(bpfErrorOfErrno('load', 'x', -13, '-- BEGIN PROG LOAD LOG --').hint).toMatch(/verifier refused/);
  });
  test('one without a system call has no code', () => {
    expect(new BpfError({ operation: 'use', subject: 'map rows', cause: 'it is closed' })).toMatchObject({
      message: 'use map rows: it is closed',
      code: '',
      hint: '',
    });
  });
  test('a result that is none passes', () => {
    expect(assertSucceeded('use', 'x', 7)).toBe(7);
    expect(() => assertSucceeded('use', 'x', -2)).toThrow('use x: ENOENT');
  });
});

test('without libbpf the error says how to get it, and importing this package was no problem', () => {
  expect(() => loadNative('libbpf-that-is-not-there.so.1')).toThrow(
    expect.objectContaining({
      name: 'BpfError',
      subject: 'libbpf-that-is-not-there.so.1',
      hint: LIBBPF_HINT,
      message: expect.stringContaining('apt-get install libbpf1'),
    }),
  );
});
