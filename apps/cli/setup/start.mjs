/**
 * `npm start`: sets up what is missing, builds, then becomes `stallscope up` with the arguments that were given.
 * It goes on in this same process, so signals and the exit code are those of the command itself.
 */
import { fileURLToPath } from 'node:url';
import { nodeVersionProblem } from './node-version.mjs';

const problem = nodeVersionProblem(process.versions.node);
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}

const { say, sayFailure } = await import('./steps.mjs');
const { ensureSystemPackages } = await import('./system-packages.mjs');
const { ensureNpmPackages } = await import('./npm-packages.mjs');
const { ensureBuilt } = await import('./build.mjs');

say(`Node ${process.versions.node}`);
let ready = false;
try {
  await ensureSystemPackages({ forTests: false });
  await ensureNpmPackages();
  await ensureBuilt();
  ready = true;
} catch (error) {
  sayFailure(error);
  process.exitCode = 1;
}
if (ready) {
  process.argv.splice(1, 1, fileURLToPath(new URL('../bin/stallscope.mjs', import.meta.url)), 'up');
  await import('../bin/stallscope.mjs');
}
