import { describe, expect, test } from 'vitest';
import { nodeVersionProblem } from './node-version.mjs';
import { missingNeeds, NEEDS, planInstall } from './system-packages.mjs';
import {
  closingLine,
  countsOfCheck,
  countsOfPlaywright,
  countsOfVitest,
  refuseSkips,
  sumCounts,
} from './test-counts.mjs';

const line = (counts) => closingLine(counts);

describe('counts of Vitest', () => {
  const suite = (status, ...statuses) => ({
    name: '/a.test.ts',
    status,
    assertionResults: statuses.map((state, i) => ({ status: state, fullName: `test ${i}` })),
  });

  test('each test counts once', () => {
    const report = {
      testResults: [suite('failed', 'passed', 'failed', 'skipped'), suite('passed', 'passed')],
    };
    const counts = countsOfVitest('unit', 1, report);
    expect(line(counts)).toBe('2 passed, 1 failed, 1 skipped');
    expect(counts.failedNames).toEqual(['test 1']);
  });
  test('a suite that does not load has failed', () => {
    expect(
      line(countsOfVitest('unit', 1, { testResults: [suite('failed'), suite('passed', 'passed')] })),
    ).toBe('1 passed, 1 failed');
  });
  test('a runner that crashes without a report has failed', () => {
    expect(line(countsOfVitest('unit', 'SIGSEGV', undefined))).toBe('0 passed, 1 failed');
  });
  test('a runner that ends badly after tests that all passed has failed', () => {
    expect(line(countsOfVitest('unit', 1, { testResults: [suite('passed', 'passed')] }))).toBe(
      '1 passed, 1 failed',
    );
  });
  test('no test at all has failed', () => {
    expect(line(countsOfVitest('unit', 0, { testResults: [] }))).toBe('0 passed, 1 failed');
  });
});

describe('counts of Playwright', () => {
  const spec = (title, status) => ({ title, tests: [{ status }] });

  test('nested suites are walked, a retry is no pass', () => {
    const report = {
      suites: [
        {
          title: 'live.spec.ts',
          specs: [spec('shows', 'expected')],
          suites: [
            {
              title: 'zoom',
              specs: [spec('in', 'unexpected'), spec('out', 'flaky'), spec('far', 'skipped')],
            },
          ],
        },
      ],
      errors: [],
    };
    const counts = countsOfPlaywright('browser', 1, report);
    expect(line(counts)).toBe('1 passed, 2 failed, 1 skipped');
    expect(counts.failedNames).toEqual([
      'live.spec.ts › zoom › in',
      'live.spec.ts › zoom › out (passed only on a retry)',
    ]);
  });
  test('an error outside of tests has failed', () => {
    expect(
      line(countsOfPlaywright('browser', 1, { suites: [], errors: [{ message: 'no config\nat x' }] })),
    ).toBe('0 passed, 1 failed');
  });
});

test('what failed says why, without colours and stack', () => {
  const failureMessages = ['\u001b[31mError: saw 3, known 2\u001b[39m\n    at judge (x.ts:1)'];
  const vitest = {
    testResults: [
      {
        name: 'a',
        status: 'failed',
        assertionResults: [{ status: 'failed', fullName: 'truth', failureMessages }],
      },
    ],
  };
  expect(countsOfVitest('kernel', 1, vitest).failedNames).toEqual(['truth\n    Error: saw 3, known 2']);
  const results = [{ error: { message: 'Error: not seen' } }];
  const spec = { title: 'zoom', tests: [{ status: 'unexpected', results }] };
  const playwright = { suites: [{ title: 'live.spec.ts', specs: [spec] }], errors: [] };
  expect(countsOfPlaywright('browser', 1, playwright).failedNames).toEqual([
    'live.spec.ts › zoom\n    Error: not seen',
  ]);
});

test('sums, and skips that are refused', () => {
  const sum = sumCounts([
    countsOfCheck('format', 0),
    countsOfCheck('types', 2),
    countsOfCheck('bench', 77),
    refuseSkips({ passed: 3, failed: 0, skipped: 1, failedNames: [], skippedNames: ['convoy'] }),
  ]);
  expect(line(sum)).toBe('4 passed, 2 failed, 1 skipped');
  expect(sum.skippedNames).toEqual(['bench']);
  expect(sum.failedNames).toEqual(['types', 'convoy (skipped)']);
});

describe('set-up', () => {
  test('the oldest Node', () => {
    expect(nodeVersionProblem('20.19.0')).toBeUndefined();
    expect(nodeVersionProblem('24.1.0')).toBeUndefined();
    expect(nodeVersionProblem('20.18.9')).toContain('20.19 or later');
    expect(nodeVersionProblem('18.20.0')).toContain('too old');
  });
  test('only what is missing is installed, from the first alternative that exists', () => {
    const host = {
      exists: (path) => /lib(bpf|dw)\.so\.1$/.test(path) || path.endsWith('bpf_helpers.h'),
      command: (name) => (name === 'bpftool' ? undefined : `/usr/bin/${name}`),
      runs: () => false,
    };
    const missing = missingNeeds(NEEDS, host);
    expect(missing.map((need) => need.name)).toEqual([
      'kernel headers for user space',
      'C compiler',
      'bpftool',
      'perf',
    ]);
    const ubuntu = (name) => name !== 'bpftool' && name !== 'linux-perf';
    expect(planInstall(missing, ubuntu)).toEqual({
      packages: ['linux-libc-dev', 'gcc', 'libc6-dev', 'linux-tools-common', 'linux-tools-generic'],
      unmet: [],
    });
    expect(planInstall(missing, () => false).unmet).toEqual(missing);
  });
});
