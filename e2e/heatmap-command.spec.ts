/** A user counts from the command line how long operations take: as the bcc tools print it, and an orderly end however it comes. */
import { spawn } from 'node:child_process';
import { expect, test } from '@playwright/test';
import { startWorkload } from '@stallscope/testing';
import { onKernel } from './running-product.js';
import { COMMAND, StallscopeProcess, stallscope } from './stallscope-process.js';

interface Truth {
  tgid: number;
  latencies: { of: string; ns: number }[];
}

interface Edges {
  fromNs: number;
  toNs: number;
}

interface HeatmapJson {
  heatmap: string;
  count: number;
  endedEarly: boolean;
  losses: Record<string, number>;
  groups: {
    operation?: string;
    target?: string;
    tgid?: number;
    comm?: string;
    count: number;
    percentiles: ({ share: number } & Edges)[];
    buckets: ({ count: number } & Edges)[];
  }[];
}

onKernel('heatmap', () => {
  test('Look-ups that a program measured itself are in the buckets and percentiles that are printed', async () => {
    const counting = new StallscopeProcess(['heatmap', 'dns', '--duration', '600', '--json']);
    await counting.says(/^counting dns/m);
    const truth = await startWorkload<Truth>('lookups', 10).ended;
    const { code, stdout, stderr } = await counting.interrupt();
    expect(code, stderr).toBe(0);
    const json = JSON.parse(stdout) as HeatmapJson;
    expect(json).toMatchObject({ heatmap: 'dns', endedEarly: true, losses: {} });
    for (const operation of ['getaddrinfo', 'gethostbyname', 'gethostbyname2']) {
      const own = truth.latencies.filter(({ of }) => of === operation).map(({ ns }) => ns);
      const group = json.groups.find((each) => each.operation === operation)!;
      // Others of this host may look up names too.
      expect(group.count, operation).toBeGreaterThanOrEqual(own.length);
      for (const ms of [3, 20]) {
        const measured = own.filter((ns) => ns >= ms * 1e6 && ns < ms * 1.5e6);
        const counted = group.buckets
          .filter(({ fromNs, toNs }) => toNs > ms * 0.95e6 && fromNs < ms * 1.5e6)
          .reduce((sum, { count }) => sum + count, 0);
        expect(counted, `${operation} of ${ms} ms`).toBeGreaterThanOrEqual(measured.length);
      }
    }
  });

  test('Connects are told apart by what came of them, for one process alone', async () => {
    const counting = new StallscopeProcess([
      'heatmap',
      'tcpconnect',
      '--duration',
      '600',
      '--by',
      'process',
      '--json',
    ]);
    await counting.says(/^counting tcpconnect/m);
    const truth = await startWorkload<Truth>('connects', 40).ended;
    const { code, stdout } = await counting.interrupt();
    expect(code).toBe(0);
    const group = (JSON.parse(stdout) as HeatmapJson).groups.find(({ tgid }) => tgid === truth.tgid)!;
    expect(group).toMatchObject({ comm: 'connects', count: truth.latencies.length });
    // One timed out after seconds, one waited for a retransmission.
    const longest = Math.max(...truth.latencies.map(({ ns }) => ns));
    const last = group.buckets.at(-1)!;
    expect(longest).toBeGreaterThan(last.fromNs * 0.99);
    expect(longest).toBeLessThan(last.toNs * 1.19);
  });

  test('A table reads as that of the bcc tools, and ends early in order', async () => {
    const counting = new StallscopeProcess([
      'heatmap',
      'syscalls',
      '--duration',
      '600',
      '--operation',
      'read',
    ]);
    await counting.says(/^counting syscalls/m);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { code, stdout } = await counting.interrupt();
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^system call = read\n {5}usecs {15}: count {4}distribution\n {9}0 -> 1 {10}: \d+/,
    );
    expect(stdout).toMatch(/p50 \S+ \S+ · p90 .* · p99 .*/);
    expect(stdout).toMatch(/^syscalls · \S+ \S+ · \d+ counted · \d+ lost · ended early$/m);
  });

  test('Waits of each kind are counted, though no stack of one is taken', async () => {
    for (const name of ['offcpu', 'runqlat']) {
      const { code, stdout } = await stallscope('heatmap', name, '--duration', '0.5', '--json');
      expect(code, name).toBe(0);
      expect((JSON.parse(stdout) as HeatmapJson).count, name).toBeGreaterThan(0);
    }
  });

  test('It ends quietly when its reader goes away', async () => {
    const script = `"$1" "$2" heatmap syscalls --by operation --duration 1 | head -n 1; exit "\${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['-c', script, 'bash', process.execPath, COMMAND], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
    });
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(stderr).not.toMatch(/EPIPE|Error|at .*\.js:/);
    expect(code).toBe(0);
  });

  test('Without root it says what is missing and how to get it; the list needs none', async () => {
    const { code, stderr } = await new StallscopeProcess(['heatmap', 'dns', '--duration', '1'], 'nobody')
      .ended;
    expect(code).toBe(1);
    expect(stderr).toContain('heatmap: this host does not let it trace');
    expect(stderr).toMatch(/sudo|root/);
    const list = await new StallscopeProcess(['heatmap', '--list'], 'nobody').ended;
    expect(list.code).toBe(0);
    for (const name of ['runqlat', 'biolatency', 'ext4dist', 'tcpconnect', 'dns'])
      expect(list.stdout).toContain(name);
  });

  test('A heatmap and a process that are not there are errors that say what there is', async () => {
    const name = await stallscope('heatmap', 'biolatncy');
    expect(name.code).toBe(2);
    expect(name.stderr).toContain('(Did you mean biolatency?)');
    const tgid = await stallscope('heatmap', 'dns', '--pid', '4194300');
    expect(tgid.code).toBe(1);
    expect(tgid.stderr).toContain('4194300');
  });
});
