import { describe, expect, test } from 'vitest';
import { judgeKernel, kernelSuites } from './kernel-gate.js';

const ABLE = { isRoot: true, hasBtf: true, bpfRefusal: undefined, isCi: false };

describe('judgeKernel', () => {
  test.each([
    ['a host that can', {}, { run: true }],
    ['CI that can', { isCi: true }, { run: true }],
    ['no root', { isRoot: false }, { run: false, fails: false, reason: 'not root' }],
    ['no root in CI', { isRoot: false, isCi: true }, { run: false, fails: false, reason: 'not root' }],
    [
      'no BTF in CI as root',
      { hasBtf: false, isCi: true },
      { run: false, fails: true, reason: 'the kernel has no BTF (/sys/kernel/btf/vmlinux)' },
    ],
    ['BPF refused', { bpfRefusal: 'EPERM' }, { run: false, fails: false, reason: 'EPERM' }],
    ['BPF refused in CI', { bpfRefusal: 'EPERM', isCi: true }, { run: false, fails: true, reason: 'EPERM' }],
  ])('%s', (_name, change, verdict) => {
    expect(judgeKernel({ ...ABLE, ...change })).toEqual(verdict);
  });
});

test('a suite that runs is described, one that cannot is one test that says so', () => {
  const calls: string[] = [];
  const record = Object.assign((name: string) => void calls.push(`test ${name}`), {
    skip: (name: string) => void calls.push(`skip ${name}`),
  });
  const suite = kernelSuites(
    { describe: (name) => void calls.push(`describe ${name}`), test: record },
    () => 'refused',
  );
  suite('maps', () => {});
  expect(calls).toHaveLength(1);
  expect(calls[0]).toMatch(/^(skip maps \(skipped: |test maps: needs the kernel$)/);
});
