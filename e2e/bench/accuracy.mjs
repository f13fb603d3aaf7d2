/**
 * Owns the fourth question: how near to the truth are the numbers? The suite of workloads with known waits is run as the
 * tests run it, with a seed of its own, and its report published: see apps/agent/truth.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from './children.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** The cases of a short run: a filter of test names. */
const SHORT_CASES = 'sleepers';

export async function measureAccuracy({ isShort, say }) {
  const folder = mkdtempSync(join(tmpdir(), 'stallscope-truth-'));
  const path = join(folder, 'report.json');
  try {
    const child = startChild(
      join(root, 'node_modules', '.bin', 'vitest'),
      [
        ...[
          'run',
          '--config',
          'vitest.kernel.config.ts',
          'apps/agent/truth/truth.kernel.test.ts',
          '--reporter=dot',
        ],
        ...(isShort ? ['-t', SHORT_CASES] : []),
      ],
      {
        cwd: root,
        env: { ...process.env, STALLSCOPE_TRUTH_REPORT: path },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk;
      });
    }
    const how = await child.ended;
    if (!existsSync(path)) throw new Error(`the suite of known waits ended with ${how}, no report:\n${said}`);
    // What failed there is published here: a table of what passed alone would say nothing.
    const report = JSON.parse(readFileSync(path, 'utf8'));
    say(`  seed ${report.seed}, ${report.runs.length} runs`);
    return { seed: report.seed, runs: report.runs.map(toRow) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Of a run: its totals beside what is known of them, and its wakers. */
function toRow({ case: name, mode, findings, losses }) {
  const find = (what) => findings.find((finding) => finding.what === what);
  const sum = (prefix) =>
    findings.filter(({ what }) => what.startsWith(prefix)).reduce((total, { seen }) => total + seen, 0);
  const total =
    mode === 'exact'
      ? findings.find(({ what }) => /^off CPU.*, all threads$/.test(what))
      : find('sampled total beside the exact counters');
  const truth = total?.accounted ?? total?.truth;
  return {
    name,
    mode,
    // A case that states no account of its threads has none.
    total:
      total === undefined
        ? null
        : { ns: truth, error: total.seen / truth - 1, standardErrors: total.standardErrors },
    wholeChains: sum('whole chains of '),
    wrongWakers: sum('wrong wakers of ') + sum('innocent threads blamed'),
    unknownWakers: sum('unknown wakers of '),
    failed: findings.filter(({ passed }) => !passed).length,
    lost: Object.values(losses).reduce((total, count) => total + count, 0),
  };
}
