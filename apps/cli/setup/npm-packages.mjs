/**
 * Owns that node_modules is what the lock file says. The hash of the lock file that was installed last is kept in
 * node_modules/.stallscope-lock-sha: equal means nothing to do.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asOwner, CLONE } from './clone.mjs';
import { runQuietly, say } from './steps.mjs';

const STAMP = join(CLONE, 'node_modules', '.stallscope-lock-sha');

export async function ensureNpmPackages() {
  const sha = createHash('sha256')
    .update(readFileSync(join(CLONE, 'package-lock.json')))
    .digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === sha) {
    say('npm packages: as the lock file says');
    return;
  }
  say('npm packages: installing from package-lock.json');
  // Under `npm start` this is the npm that was called; else the one that comes with Node.
  const [command, ...before] = process.env.npm_execpath
    ? [process.execPath, process.env.npm_execpath]
    : ['npm'];
  await runQuietly(
    'installing npm packages',
    command,
    [...before, 'ci', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      ...asOwner(),
      hint: 'If a package.json and the lock file disagree: npm install. Otherwise see to the network, or to the registry that `npm config get registry` names, then try again.',
    },
  );
  writeFileSync(STAMP, sha);
  say('npm packages: installed');
}
