/**
 * `npm run bench`: sets up what is missing, builds, then measures; e2e/bench/bench.mjs has the arguments.
 */
import { nodeVersionProblem } from './node-version.mjs';

const problem = nodeVersionProblem(process.versions.node);
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}

if (process.getuid?.() !== 0) {
  console.error('bench: loads BPF programs, so it needs root; run: sudo npm run bench');
  process.exit(1);
}

const { join } = await import('node:path');
const { CLONE } = await import('./clone.mjs');
const { runShown, say, sayFailure } = await import('./steps.mjs');
const { ensureSystemPackages } = await import('./system-packages.mjs');
const { ensureNpmPackages } = await import('./npm-packages.mjs');
const { buildWorkloads, ensureBuilt } = await import('./build.mjs');

/** Several times what a whole run takes on two cores. */
const BENCH_LIMIT_MS = 60 * 60_000;

say(`Node ${process.versions.node}`);
let ready = false;
try {
  await ensureSystemPackages({ forTests: true });
  await ensureNpmPackages();
  await ensureBuilt();
  await buildWorkloads();
  ready = true;
} catch (error) {
  sayFailure(error);
  process.exitCode = 1;
}
if (ready) {
  // Ctrl-C is for the bench, which ends what it started; this process waits for it.
  process.on('SIGINT', () => {});
  const bench = join(CLONE, 'e2e', 'bench', 'bench.mjs');
  process.exitCode = await runShown(process.execPath, [bench, ...process.argv.slice(2)], {
    cwd: CLONE,
    timeout: BENCH_LIMIT_MS,
  });
}
