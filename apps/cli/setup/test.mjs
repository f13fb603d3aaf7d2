/**
 * `npm test`: sets up what is missing, builds, runs every check and test, and ends with the line `N passed, N failed`.
 * `npm test -- unit kernel` runs only the steps that are named.
 */
import { nodeVersionProblem } from './node-version.mjs';

const problem = nodeVersionProblem(process.versions.node);
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}

const { mkdtempSync, readFileSync, rmSync } = await import('node:fs');
const { tmpdir } = await import('node:os');
const { join } = await import('node:path');
const { say, sayFailure, runShown } = await import('./steps.mjs');
const { CLONE } = await import('./clone.mjs');
const counting = await import('./test-counts.mjs');

/** A step that hangs must not hang CI: several times what the slowest takes on two cores. */
const STEP_LIMIT_MS = 20 * 60_000;

const reports = mkdtempSync(join(tmpdir(), 'stallscope-test-'));
const bin = (name) => join(CLONE, 'node_modules', '.bin', name);
const vitest = (name, config) => ({
  name,
  run: () => [
    bin('vitest'),
    [
      'run',
      '--config',
      config,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportOf(name)}`,
    ],
  ],
  counts: (status) => counting.countsOfVitest(name, status, readReport(name)),
});
const check = (name, command, args) => ({
  name,
  run: () => [command, args],
  counts: (status) => counting.countsOfCheck(name, status),
});

const STEPS = [
  check('format', bin('biome'), ['check', '--error-on-warnings', '.']),
  check('types', bin('turbo'), ['run', 'check:types', '--output-logs=errors-only']),
  check('rooms', process.execPath, [join('packages', 'testing', 'rooms', 'check-rooms.mjs')]),
  check('generated', 'npm', ['run', '--silent', 'check:generated']),
  vitest('unit', 'vitest.config.ts'),
  { ...vitest('kernel', 'vitest.kernel.config.ts'), usesWorkloads: true },
  {
    name: 'browser',
    usesWorkloads: true,
    run: () => [
      bin('playwright'),
      ['test', '--config', join('e2e', 'playwright.config.ts'), '--reporter=list,json'],
    ],
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: join(reports, 'browser.json') },
    counts: (status) => counting.countsOfPlaywright('browser', status, readReport('browser')),
  },
  {
    ...check('bench', process.execPath, [join('e2e', 'bench', 'bench.mjs'), '--short']),
    usesWorkloads: true,
  },
];

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(
    `npm test: no step is called ${unknown.join(', ')}; there are ${STEPS.map((step) => step.name).join(', ')}`,
  );
  process.exit(2);
}

const total = await setUpAndTest();
rmSync(reports, { recursive: true, force: true });
for (const name of total.failedNames) process.stdout.write(`failed: ${name}\n`);
for (const name of total.skippedNames) process.stdout.write(`skipped: ${name}\n`);
process.stdout.write(`${counting.closingLine(total)}\n`);
process.exitCode = total.failed === 0 ? 0 : 1;

async function setUpAndTest() {
  say(`Node ${process.versions.node}`);
  try {
    const { ensureSystemPackages, ensureTracefs } = await import('./system-packages.mjs');
    await ensureSystemPackages({ forTests: true });
    ensureTracefs();
    await (await import('./npm-packages.mjs')).ensureNpmPackages();
    const { buildWorkloads, ensureBuilt } = await import('./build.mjs');
    await ensureBuilt();
    if (STEPS.some((step) => step.usesWorkloads && isChosen(step))) await buildWorkloads();
  } catch (error) {
    sayFailure(error);
    return counting.countsOfCheck('set-up', 1);
  }
  const all = [];
  for (const step of STEPS) {
    if (isChosen(step)) all.push(await runStep(step));
  }
  return counting.sumCounts(all);
}

function isChosen(step) {
  return chosen.length === 0 || chosen.includes(step.name);
}

async function runStep(step) {
  say(`${step.name}: running`);
  const [command, args] = step.run();
  const { asOwner } = await import('./clone.mjs');
  const env = { ...asOwner().env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin`, ...step.env };
  let counts;
  try {
    const status = await runShown(command, args, { cwd: CLONE, env, timeout: STEP_LIMIT_MS });
    counts = step.counts(status);
  } catch (error) {
    sayFailure(error);
    counts = counting.countsOfCheck(step.name, 1);
  }
  // In CI, as root, there is no good reason for a kernel or browser test not to run.
  const strict = process.env.CI === 'true' && process.getuid?.() === 0;
  if (strict) counts = counting.refuseSkips(counts);
  say(`${step.name}: ${counting.closingLine(counts)}`);
  return counts;
}

function reportOf(name) {
  return join(reports, `${name}.json`);
}

function readReport(name) {
  try {
    return JSON.parse(readFileSync(reportOf(name), 'utf8'));
  } catch (error) {
    say(`${name}: no readable report (${error.message})`);
    return undefined;
  }
}
