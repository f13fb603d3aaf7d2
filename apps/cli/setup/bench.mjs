/**
 * `npm run bench`: sets up what is missing, builds, then measures. `npm run bench -- --short` tries everything once.
 */
import { nodeVersionProblem } from './node-version.mjs';

const problem = nodeVersionProblem(process.versions.node);
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}

const { say, sayFailure } = await import('./steps.mjs');
const { ensureSystemPackages } = await import('./system-packages.mjs');
const { ensureNpmPackages } = await import('./npm-packages.mjs');
const { buildWorkloads, ensureBuilt } = await import('./build.mjs');

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
if (ready) await import('../../../e2e/bench/bench.mjs');
