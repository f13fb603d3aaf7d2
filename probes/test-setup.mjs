/** Builds the probes and the workloads before tests that run them. Vitest and Playwright call the default export. */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

export default function setup() {
  for (const what of [[], ['workloads']]) {
    execFileSync(process.execPath, [join(here, 'build.mjs'), ...what], { stdio: 'inherit' });
  }
}
