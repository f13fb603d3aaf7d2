/** A user records from the command line: right numbers, in a form that others read, and an orderly end however it comes. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { startWorkload } from '@stallscope/testing';
import { foldedSumNs, readFolded } from './folded-output.js';
import { onKernel } from './running-product.js';
import { COMMAND, StallscopeProcess, stallscope } from './stallscope-process.js';

const FOR_EVER = 1_000_000;
const NAP_NS = 50e6;

onKernel('record', () => {
  test('The blocked time of a sleeper is within 1 % of what it slept', async () => {
    const flags = [
      '--view',
      'off-cpu',
      '--duration',
      '5',
      '--comm',
      'e2e-truth',
      '--exact',
      '--format',
      'folded',
    ];
    const recording = new StallscopeProcess(['record', ...flags]);
    await recording.says(/^recording off-cpu for 5/m);
    const truth = await startWorkload('sleeper', 60, NAP_NS / 1000, 'e2e-truth').ended;
    const { code, stdout, stderr } = await recording.ended;
    expect(code).toBe(0);
    const stacks = readFolded(stdout);
    for (const { frames } of stacks) expect(frames[0]).toBe('e2e-truth');
    // By its own clock it slept, then queued for a CPU: the kernel keeps an account of that part.
    const blockedNs = truth.asleepNs! - truth.queuedNs!;
    const shownNs = foldedSumNs(stacks);
    // Of a nap whose beginning or end the kernel kept from the probe nothing is shown, and that is counted.
    const missed = missedIn(stderr);
    expect(missed, stderr).toBeLessThan(6);
    const ratio = (shownNs + missed * NAP_NS) / blockedNs;
    expect(ratio, `shown ${shownNs}, ${missed} missed, truth ${JSON.stringify(truth)}`).toBeGreaterThan(0.99);
    expect(ratio, `shown ${shownNs}, ${missed} missed, truth ${JSON.stringify(truth)}`).toBeLessThan(1.01);
    const napping = stacks.filter(({ frames }) => frames.includes('nap_here'));
    expect(foldedSumNs(napping) / shownNs, 'share that names the function').toBeGreaterThan(0.7);
    expect(stderr).toMatch(/off-cpu · 5\.\d+ s · \S+ s waited · sampled 100\.0 % ± 0\.0 of exact · \d+ lost/);
  });

  test('The chain view names each stage in order, ending in the timer', async () => {
    const chain = startWorkload('chain', FOR_EVER, 10_000);
    try {
      const { code, stdout } = await stallscope(
        'record',
        '--view',
        'chain',
        '--duration',
        '2',
        '--comm',
        'stage-a',
        '--exact',
      );
      expect(code).toBe(0);
      const stacks = readFolded(stdout);
      const whole = stacks.filter(({ frames }) =>
        /^stage-a;.*;stage_a_wait;-;.*;--;.*;stage_b_pass_on;.*;stage-b;--;.*;stage_c_start;.*;stage-c;--;.*;\[timer\]$/.test(
          frames.join(';'),
        ),
      );
      expect(foldedSumNs(whole) / foldedSumNs(stacks), stdout).toBeGreaterThan(0.9);
    } finally {
      await chain.stop();
    }
  });

  test('A file of ours keeps every view of what was recorded, and pprof has the wakers beside each wait', async () => {
    const chain = startWorkload('chain', FOR_EVER, 10_000);
    const folder = mkdtempSync(join(tmpdir(), 'stallscope-record-'));
    try {
      const file = join(folder, 'chain.stallscope');
      const flags = ['--duration', '1', '--comm', 'stage-a', '--exact', '--format', 'stallscope', '-o', file];
      expect((await stallscope('record', ...flags)).code).toBe(0);
      const offCpu = readFolded((await stallscope('convert', file)).stdout);
      const chains = readFolded((await stallscope('convert', file, '--view', 'chain')).stdout);
      expect(foldedSumNs(offCpu)).toBeGreaterThan(0);
      // A line is rounded to microseconds, and there is one for each of a few paths.
      expect(Math.abs(foldedSumNs(chains) / foldedSumNs(offCpu) - 1)).toBeLessThan(1e-4);
      const whole = chains.filter(({ frames }) =>
        /;stage-b;--;.*;stage-c;--;.*;\[timer\]$/.test(frames.join(';')),
      );
      expect(foldedSumNs(whole) / foldedSumNs(chains)).toBeGreaterThan(0.9);
      const pprof = join(folder, 'waits.pb.gz');
      expect((await stallscope('convert', file, '--format', 'pprof', '-o', pprof)).code).toBe(0);
      const { stdout } = await stallscope('convert', pprof, '--format', 'json');
      const { samples }: { samples: { labels: Record<string, string>; values: number[] }[] } =
        JSON.parse(stdout);
      const woken = samples.filter(
        ({ labels }) =>
          labels.waker === 'stage-b' && /^stage-b <- stage-c <- \[timer\]$/.test(labels.wakers ?? ''),
      );
      const sum = (list: typeof samples) => list.reduce((all, { values }) => all + values[0]!, 0);
      expect(sum(woken) / sum(samples)).toBeGreaterThan(0.9);
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await chain.stop();
    }
  });

  test('JSON has the same numbers, the sampled share and the losses', async () => {
    const sleeper = startWorkload('sleeper', FOR_EVER, 10_000);
    try {
      const { code, stdout } = await stallscope(
        'record',
        '--duration',
        '1',
        '--pid',
        String(sleeper.tgid),
        '--format',
        'json',
      );
      expect(code).toBe(0);
      const profile = JSON.parse(stdout);
      expect(profile).toMatchObject({
        view: 'off-cpu',
        kinds: ['blocked'],
        totals: { sampledNs: expect.any(Number), exactNs: expect.any(Number), ratio: expect.any(Number) },
        losses: expect.any(Object),
      });
      const sumNs = profile.stacks.reduce((sum: number, { ns }: { ns: number }) => sum + ns, 0);
      expect(sumNs).toBeCloseTo(profile.totals.sampledNs, -1);
      const names = profile.stacks.flatMap(({ frames }: { frames: { name: string }[] }) =>
        frames.map(({ name }) => name),
      );
      expect(names).toContain('nap_here');
    } finally {
      await sleeper.stop();
    }
  });

  test('Ctrl-C ends it early, and what was seen is printed', async () => {
    const sleeper = startWorkload('sleeper', FOR_EVER, 10_000, 'cut-short');
    try {
      const recording = new StallscopeProcess(['record', '--duration', '600', '--comm', 'cut-short']);
      await recording.says(/^recording off-cpu/m);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const { code, stdout, stderr } = await recording.interrupt();
      expect(code).toBe(0);
      expect(foldedSumNs(readFolded(stdout))).toBeGreaterThan(0.5e9);
      expect(stderr).toContain('ended early');
    } finally {
      await sleeper.stop();
    }
  });

  test('It ends quietly when its reader goes away', async () => {
    const { code, stdout, stderr } = await shell(
      `"$1" "$2" record --duration 1 | head -n 1; exit "\${PIPESTATUS[0]}"`,
    );
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/EPIPE|Error|at .*\.js:/);
    expect(code).toBe(0);
  });

  test('A file appears whole, in place of what was there before', async () => {
    const folder = test.info().outputPath();
    const file = join(folder, 'waits.folded');
    writeFileSync(file, 'before\n');
    const recording = new StallscopeProcess(['record', '--duration', '1', '-o', file]);
    await recording.says(/^recording off-cpu/m);
    expect(readFileSync(file, 'utf8')).toBe('before\n');
    const { code, stdout } = await recording.ended;
    expect(code).toBe(0);
    expect(stdout).toBe('');
    expect(foldedSumNs(readFolded(readFileSync(file, 'utf8')))).toBeGreaterThan(0);
    expect(readdirSync(folder), 'nothing else is left').toEqual(['waits.folded']);
  });

  test('A process that is not there is an error, and no file is made', async () => {
    const file = join(test.info().outputPath(), 'waits.folded');
    const { code, stderr } = await stallscope('record', '--pid', '4194300', '-o', file);
    expect(code).toBe(1);
    expect(stderr).toContain('4194300');
    expect(existsSync(file)).toBe(false);
  });

  test('Without root it says what is missing and how to get it', async () => {
    const { code, stderr } = await new StallscopeProcess(['record', '--duration', '1'], 'nobody').ended;
    expect(code).toBe(1);
    expect(stderr).toContain('this host does not let it trace');
    expect(stderr).toMatch(/permission: .*\n/);
    expect(stderr).toMatch(/sudo|root/);
    expect(stderr).not.toMatch(/at .*\.js:/);
  });

  test('doctor lists what this host allows, and that it can', async () => {
    const { code, stdout } = await stallscope('doctor');
    expect(code).toBe(0);
    for (const name of ['kernel BTF', 'libbpf', 'scheduler probe', 'kernel symbols', 'tracepoints'])
      expect(stdout).toContain(name);
    expect(stdout).toContain('Views that can run: off-cpu, wakeup, off-wake, chain');
  });
});

test.describe('a command line that is not understood', () => {
  test('An unknown flag is refused with the nearest right one', async () => {
    const { code, stderr } = await stallscope('record', '--durration', '5');
    expect(code).toBe(2);
    expect(stderr).toContain("unknown option '--durration'");
    expect(stderr).toContain('--duration');
  });

  test('So is an unknown command', async () => {
    const { code, stderr } = await stallscope('recrod');
    expect(code).toBe(2);
    expect(stderr).toContain('record');
  });

  test('A value that cannot be is refused by name', async () => {
    const { code, stderr } = await stallscope('record', '--view', 'cpus');
    expect(code).toBe(2);
    expect(stderr).toMatch(/--view.*cpus.*off-cpu/s);
  });

  test('Help is everywhere, on stdout', async () => {
    for (const command of [[], ['up'], ['agent'], ['hub'], ['record'], ['doctor']]) {
      const { code, stdout } = await stallscope(...command, '--help');
      expect(code, command.join()).toBe(0);
      expect(stdout, command.join()).toMatch(/^Usage: stallscope/);
    }
  });
});

/** bash with node as `$1` and the command as `$2`. */
function shell(script: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn('bash', ['-c', script, 'bash', process.execPath, COMMAND], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: Buffer) => {
    stdout += text;
  });
  child.stderr.on('data', (text: Buffer) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** Switches and wakes in whose context the kernel ran no program, as the losses say it. */
function missedIn(stderr: string): number {
  const counts = [...stderr.matchAll(/^ +lost: (\d+) × (?:switch|wake)-missed/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}
