/**
 * Owns how the product is driven from outside: one test at a time, as each traces the whole host, and none a second time,
 * as a test that passes at the second try has found something.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { defineConfig } from '@playwright/test';

/** As the set-up looks for them. */
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

export default defineConfig({
  testDir: '.',
  testMatch: '*.spec.ts',
  workers: 1,
  retries: 0,
  forbidOnly: process.env.CI === 'true',
  /** A start of the product, some tens of windows, and as much again on a busy machine. */
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  outputDir: 'test-results',
  use: {
    viewport: { width: 1280, height: 900 },
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: findBrowser(),
      // Root has no sandbox, and a headless host no GPU.
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    },
  },
});

/** The distribution's own: no browser is downloaded. */
function findBrowser(): string {
  for (const name of BROWSERS) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not in this folder.
      }
    }
  }
  throw new Error(`no browser: none of ${BROWSERS.join(', ')} is on the PATH. Run: apt-get install chromium`);
}
