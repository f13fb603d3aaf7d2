/**
 * Owns how the results of the test runners become one count. Pure: reports in, counts out.
 *
 * A suite that failed to load counts as one failed test, and so does a runner that ends badly without naming one:
 * nothing that went wrong may add up to "0 failed".
 *
 * The names of what failed carry why, so that the end of a long log is enough to know it.
 *
 * @typedef {{ passed: number, failed: number, skipped: number, failedNames: string[], skippedNames: string[] }} Counts
 */

/** @returns {Counts} */
export function noCounts() {
  return { passed: 0, failed: 0, skipped: 0, failedNames: [], skippedNames: [] };
}

/** @param {Counts[]} all @returns {Counts} */
export function sumCounts(all) {
  const sum = noCounts();
  for (const counts of all) {
    sum.passed += counts.passed;
    sum.failed += counts.failed;
    sum.skipped += counts.skipped;
    sum.failedNames.push(...counts.failedNames);
    sum.skippedNames.push(...counts.skippedNames);
  }
  return sum;
}

/** What a check ends with that cannot run on this host, and has said why. */
const CANNOT_RUN = 77;

/** A check that has no tests of its own counts as one. `status` is an exit status or the name of a signal. */
export function countsOfCheck(name, status) {
  const counts = noCounts();
  if (status === 0) counts.passed = 1;
  else if (status === CANNOT_RUN) skip(counts, name);
  else fail(counts, name);
  return counts;
}

/** From Vitest's JSON report; undefined when it wrote none. */
export function countsOfVitest(name, status, report) {
  const counts = noCounts();
  for (const suite of report?.testResults ?? []) {
    for (const test of suite.assertionResults) {
      if (test.status === 'passed') counts.passed += 1;
      else if (test.status === 'failed') fail(counts, withReason(test.fullName, test.failureMessages?.[0]));
      else skip(counts, test.fullName);
    }
    // A suite may fail by itself: it does not load, or a hook of it throws.
    const failedTests = suite.assertionResults.some((test) => test.status === 'failed');
    if (suite.status === 'failed' && !failedTests) fail(counts, `${suite.name} (the file itself)`);
  }
  return endedBadly(counts, name, status);
}

/** From Playwright's JSON report; undefined when it wrote none. A test that passed only on a retry has failed. */
export function countsOfPlaywright(name, status, report) {
  const counts = noCounts();
  const walk = (suite, path) => {
    for (const spec of suite.specs ?? []) {
      const title = [...path, spec.title].join(' › ');
      for (const test of spec.tests) {
        if (test.status === 'expected') counts.passed += 1;
        else if (test.status === 'skipped') skip(counts, title);
        else {
          const why = test.results?.find(({ error }) => error !== undefined)?.error.message;
          fail(
            counts,
            withReason(test.status === 'flaky' ? `${title} (passed only on a retry)` : title, why),
          );
        }
      }
    }
    for (const inner of suite.suites ?? []) walk(inner, [...path, inner.title]);
  };
  for (const suite of report?.suites ?? []) walk(suite, [suite.title]);
  for (const error of report?.errors ?? []) fail(counts, `${name}: ${String(error.message).split('\n')[0]}`);
  return endedBadly(counts, name, status);
}

/** Where nothing may be skipped, what was skipped has failed. */
export function refuseSkips(counts) {
  return {
    ...counts,
    skipped: 0,
    skippedNames: [],
    failed: counts.failed + counts.skipped,
    failedNames: [...counts.failedNames, ...counts.skippedNames.map((name) => `${name} (skipped)`)],
  };
}

/** The line that `npm test` ends with. */
export function closingLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Of a reason, which may be a picture of the whole page. */
const MAX_REASON_LINES = 24;
const MAX_REASON_CHARS = 2_000;

/** @param {string | undefined} reason as the runner prints it, coloured */
function withReason(name, reason) {
  if (reason === undefined) return name;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes by which terminals are coloured begin with one.
  const lines = reason.replaceAll(/\x1b\[[0-9;]*m/g, '').split('\n');
  const stack = lines.findIndex((line) => /^\s+at /.test(line));
  const shown = lines.slice(0, stack === -1 ? undefined : stack).slice(0, MAX_REASON_LINES);
  return [name, ...shown].join('\n    ').slice(0, MAX_REASON_CHARS).trimEnd();
}

function endedBadly(counts, name, status) {
  if (status !== 0 && counts.failed === 0) fail(counts, `${name} (the runner ended with ${status})`);
  else if (counts.passed + counts.failed + counts.skipped === 0) fail(counts, `${name} (no test ran)`);
  return counts;
}

function fail(counts, name) {
  counts.failed += 1;
  counts.failedNames.push(name);
}

function skip(counts, name) {
  counts.skipped += 1;
  counts.skippedNames.push(name);
}
