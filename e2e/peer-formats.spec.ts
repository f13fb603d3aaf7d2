/** What a user's other tools make of our files, and we of theirs: the tools themselves read what we write, and agree. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, type Page, test } from '@playwright/test';
import { type FoldedStack, foldedSumNs, readFolded } from './folded-output.js';
import { stallscope } from './stallscope-process.js';

const DEMO = fileURLToPath(new URL('../apps/cli/demo/demo.stallscope', import.meta.url));
const SPEEDSCOPE = fileURLToPath(new URL('../node_modules/speedscope/dist/release/', import.meta.url));

/** In CI a tool that is missing is a failure: there the set-up installs it. */
function skipWithout(tool: string, ...args: string[]): void {
  const isMissing = spawnSync(tool, args, { stdio: 'ignore' }).error !== undefined;
  test.skip(isMissing && process.env.CI !== 'true', `${tool} is not installed`);
}

function run(tool: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(tool, args, { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (error !== undefined) throw error;
  expect(status, `${tool} ${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout;
}

async function convert(input: string, output: string, ...flags: string[]): Promise<string> {
  const { code, stderr } = await stallscope('convert', input, '-o', output, ...flags);
  expect(code, stderr).toBe(0);
  return output;
}

async function foldedOf(input: string, output: string, ...flags: string[]): Promise<FoldedStack[]> {
  return readFolded(readFileSync(await convert(input, output, '--format', 'folded', ...flags), 'utf8'));
}

/** Half a microsecond a line is what folded stacks round. */
function roundingNs(stacks: readonly FoldedStack[]): number {
  return stacks.length * 500;
}

test.describe('go tool pprof', () => {
  test.beforeEach(() => skipWithout('go', 'version'));

  for (const view of ['off-cpu', 'wakeup', 'off-wake', 'chain']) {
    test(`reads ${view} waits to the same total`, async () => {
      const stacks = await foldedOf(DEMO, test.info().outputPath('demo.folded'), '--view', view);
      const file = await convert(
        DEMO,
        test.info().outputPath('demo.pb.gz'),
        '--format',
        'pprof',
        '--view',
        view,
      );
      const top = run('go', 'tool', 'pprof', '-top', '-sample_index=off_cpu', '-unit=ns', file);
      const totalNs = Number(/ of (\d+)ns total/.exec(top)?.[1]);
      expect(Math.abs(totalNs - foldedSumNs(stacks)), top.slice(0, 400)).toBeLessThanOrEqual(
        roundingNs(stacks),
      );
    });
  }

  test('can be asked who woke: labels are tags of its own', async () => {
    const file = await convert(
      DEMO,
      test.info().outputPath('demo.pb.gz'),
      '--format',
      'pprof',
      '--view',
      'off-cpu',
    );
    const wakeups = await foldedOf(DEMO, test.info().outputPath('demo.folded'), '--view', 'wakeup');
    const ofHolders = wakeups.filter(({ frames }) => frames[0] === 'holder-1');
    const top = run(
      'go',
      'tool',
      'pprof',
      '-top',
      '-sample_index=off_cpu',
      '-unit=ns',
      '-tagfocus=waker=^holder-1$',
      file,
    );
    const shownNs = Number(/for (\d+)ns/.exec(top.replace(/Showing nodes accounting /, ''))?.[1]);
    expect(ofHolders.length, 'the demo has a convoy').toBeGreaterThan(0);
    expect(Math.abs(shownNs - foldedSumNs(ofHolders)), top.slice(0, 400)).toBeLessThanOrEqual(
      roundingNs(ofHolders),
    );
  });
});

test('what perf recorded and printed is shown as perf itself counts it', async () => {
  skipWithout('perf', '--version');
  const data = test.info().outputPath('perf.data');
  const script = test.info().outputPath('perf.txt');
  const busy = 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done';
  const recorded = spawnSync(
    'perf',
    ['record', '-q', '-e', 'cpu-clock', '-g', '-o', data, '--', 'sh', '-c', busy],
    {
      encoding: 'utf8',
    },
  );
  test.skip(
    recorded.status !== 0 && process.env.CI !== 'true',
    `perf may not record here: ${recorded.stderr}`,
  );
  expect(recorded.status, recorded.stderr).toBe(0);
  writeFileSync(script, run('perf', 'script', '-i', data));

  const stacks = await foldedOf(script, test.info().outputPath('perf.folded'), '--value', 'cpu');
  const bySymbol = new Map<string, number>();
  // perf's own account: of each sample the period and the function that it was in.
  for (const line of run('perf', 'script', '-i', data, '-G', '-F', 'period,ip,sym').split('\n')) {
    const match = /^\s*(\d+)\s+[0-9a-f]+ (.+)$/.exec(line);
    if (match !== null) bySymbol.set(match[2]!, (bySymbol.get(match[2]!) ?? 0) + Number(match[1]));
  }
  const totalNs = [...bySymbol.values()].reduce((sum, ns) => sum + ns, 0);
  expect(totalNs, 'perf saw samples').toBeGreaterThan(0);
  expect(foldedSumNs(stacks)).toBe(totalNs);
  for (const [symbol, ns] of bySymbol) {
    // What perf cannot name is named by its module here.
    if (symbol === '[unknown]') continue;
    const own = stacks.filter(({ frames }) => frames.at(-1)!.replace(/_\[k\]$/, '') === symbol);
    expect(foldedSumNs(own), symbol).toBe(ns);
  }
});

test.describe('speedscope', () => {
  for (const [format, extension] of [
    ['speedscope', '.speedscope.json'],
    ['pprof', '.pb.gz'],
    ['folded', '.folded'],
  ] as const) {
    test(`imports waits as ${format} and shows the same functions at the same shares`, async ({ page }) => {
      const file = await convert(
        DEMO,
        test.info().outputPath(`demo${extension}`),
        '--format',
        format,
        '--view',
        'off-cpu',
      );
      const stacks = await foldedOf(DEMO, test.info().outputPath('own.folded'), '--view', 'off-cpu');
      const errors: string[] = [];
      page.on('pageerror', ({ message }) => errors.push(message));
      const server = createServer((request, response) => {
        const { pathname } = new URL(request.url!, 'http://speedscope');
        const path =
          pathname === '/profile'
            ? file
            : join(SPEEDSCOPE, normalize(pathname === '/' ? '/index.html' : pathname));
        response.setHeader('content-type', MEDIA_TYPES[extname(path)] ?? 'application/octet-stream');
        response.end(readFileSync(path));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      try {
        const { port } = server.address() as AddressInfo;
        await page.goto(`http://127.0.0.1:${port}/#profileURL=${encodeURIComponent('/profile')}&title=demo`);
        await expect(page).toHaveTitle(/demo/);
        await page.keyboard.press('3');
        const shown = await readSandwich(page);
        for (const [name, share] of topSelf(stacks, 4)) {
          expect(shown.get(name), `self share of ${name}`).toBeDefined();
          expect(Math.abs(shown.get(name)! - share), `self share of ${name}`).toBeLessThan(1);
        }
        expect(errors).toEqual([]);
      } finally {
        server.closeAllConnections();
        server.close();
      }
    });
  }
});

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** Self share in percent by function, as its sandwich view lists them. */
async function readSandwich(page: Page): Promise<Map<string, number>> {
  await expect(page.getByText('Symbol Name')).toBeVisible();
  const rows = page.locator('tr', { hasText: '%)' });
  await expect(rows.nth(5)).toBeAttached();
  const shown = new Map<string, number>();
  const cells = await rows.evaluateAll((list) =>
    list.map((row) => [...row.children].map(({ textContent }) => textContent ?? '')),
  );
  for (const [, self, name] of cells) {
    const percent = /\(<?([\d.]+)%\)/.exec(self ?? '')?.[1];
    if (name !== undefined && percent !== undefined) shown.set(name, Number(percent));
  }
  return shown;
}

function topSelf(stacks: readonly FoldedStack[], count: number): [name: string, percent: number][] {
  const totalNs = foldedSumNs(stacks);
  const self = new Map<string, number>();
  for (const { frames, us } of stacks) self.set(frames.at(-1)!, (self.get(frames.at(-1)!) ?? 0) + us * 1000);
  return [...self]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, ns]) => [name, (100 * ns) / totalNs]);
}
