import { bucketOf, type HeatmapName, heatmapOf, LATENCY_PROBES } from '@stallscope/latency';
import {
  appendLatency,
  appendProbe,
  emptyWindow,
  PROBE_STATES,
  type ProbeState,
  ProfileTables,
  type ProfileWindow,
  toProcesses,
} from '@stallscope/profile';
import { describe, expect, test } from 'vitest';
import { toHeatmapJson } from './heatmap-json.js';
import { type HeatmapOptions, type LatencyCollector, runHeatmap } from './heatmap-run.js';
import { toHeatmapText } from './heatmap-text.js';

interface Made {
  /** `write vda 4242/4243 35µs ×3`, as [operation, target, tgid, tid, ns, count]. */
  latencies?: [string, string, number, number, number, number][];
  state?: ProbeState;
  detail?: string;
  losses?: ProfileWindow['losses'];
}

/** A collector of made windows, the first of which is the one before the probe is on. */
class MadeCollector implements LatencyCollector {
  readonly tables = new ProfileTables();
  readonly wanted: string[] = [];
  isClosed = false;
  #windows: (Made | Error)[];
  #sequence = 0;

  constructor(
    private readonly name: HeatmapName,
    windows: (Made | Error)[],
  ) {
    this.#windows = [{ state: 'starting' }, ...windows];
  }

  setCollected(wants: ReadonlySet<string>): void {
    this.wanted.push(...wants);
  }

  async collect(): Promise<ProfileWindow> {
    const made = this.#windows.shift() ?? {};
    if (made instanceof Error) throw made;
    const { tables } = this;
    const sequence = this.#sequence++;
    const window = emptyWindow({ sequence, startMs: 1000 * sequence, endMs: 1000 * (sequence + 1) });
    const { probe } = heatmapOf(this.name);
    appendProbe(window.probes, {
      name: tables.internString(probe),
      state: PROBE_STATES.indexOf(made.state ?? 'on'),
      detail: tables.internString(made.detail ?? ''),
    });
    for (const [operation, target, tgid, tid, ns, count] of made.latencies ?? []) {
      appendLatency(window.latencies, {
        probe: LATENCY_PROBES.indexOf(probe),
        tgid,
        tid,
        operation: tables.internString(operation),
        target: tables.internString(target),
        bucket: bucketOf(ns),
        count,
      });
    }
    window.losses = made.losses ?? {};
    window.processes = toProcesses([{ tgid: 42, name: tables.internString('mysqld') } as never]);
    return window;
  }

  finish(): Promise<ProfileWindow> {
    return this.collect();
  }

  close(): void {
    this.isClosed = true;
  }
}

async function run(name: HeatmapName, windows: (Made | Error)[], options: Partial<HeatmapOptions> = {}) {
  const collector = new MadeCollector(name, windows);
  let nowMs = 0;
  const interrupt = new AbortController();
  const result = await runHeatmap(
    {
      kind: heatmapOf(name),
      by: 'operation',
      durationNs: windows.length * 1e9,
      showsOverview: false,
      ...options,
    },
    {
      collector,
      nowMs: () => nowMs,
      async pause(ms) {
        nowMs += ms;
      },
      interrupted: interrupt.signal,
      onStarted: () => {},
    },
  );
  expect(collector.isClosed).toBe(true);
  expect(collector.wanted).toEqual([heatmapOf(name).probe]);
  return result;
}

const WRITES: Made = {
  latencies: [
    ['write', 'vda', 42, 43, 35_000, 3],
    ['write', 'vda', 42, 44, 35_000, 1],
    ['read', 'vdb', 42, 43, 900_000, 1],
  ],
};

describe('heatmap', () => {
  test('prints a table for each disk and operation, the fullest first, and what was lost', async () => {
    const result = await run('biolatency', [
      WRITES,
      { ...WRITES, losses: { 'block-counts-full': 2, 'stack-error': 9 } },
    ]);
    expect(toHeatmapText(result, 'us', 10, false).split('\n')).toEqual([
      'disk = vda, operation = write',
      '     usecs               : count    distribution',
      ...[1, 3, 7, 15, 31].map((to, row) => emptyRow(row === 0 ? 0 : 2 ** row, to)),
      '        32 -> 63         : 8        |****************************************|',
      expect.stringMatching(/^ {5}p50 34\.\d µs · p90 .* · longest below 38\.1 µs$/),
      '',
      'disk = vdb, operation = read',
      ...new Array(10).fill(expect.any(String)),
      '       512 -> 1023       : 2        |****************************************|',
      expect.stringContaining('p99'),
      '',
      'biolatency · 2.00 s · 10 counted · 2 lost',
      expect.stringMatching(/^ {2}lost: 2 × block-counts-full: /),
      '  percentiles are within a bucket, at most 19 % wide',
      '',
    ]);
  });

  test('counts by process and by thread, under the names they have', async () => {
    const text = toHeatmapText(await run('biolatency', [WRITES], { by: 'thread' }), 'us', 1, true);
    expect(text).toMatch(/^pid = 42, tid = 43, mysqld\n/);
    expect(text).toContain('and 1 more with 1 in all; --top 0 shows every one');
    const { groups } = JSON.parse(toHeatmapJson(await run('biolatency', [WRITES], { by: 'process' })));
    expect(groups).toMatchObject([{ tgid: 42, comm: 'mysqld', count: 5 }]);
  });

  test('gives a line an operation where there are dozens', async () => {
    const lines = toHeatmapText(
      await run(
        'syscalls',
        [
          {
            latencies: [
              ['futex', '', 42, 43, 1e6, 9],
              ['read', '', 42, 43, 2e3, 30],
            ],
          },
        ],
        {
          showsOverview: true,
        },
      ),
      'us',
      10,
      false,
    ).split('\n');
    expect(lines[0]).toMatch(/^SYSTEM CALL +COUNT +P50 +P90 +P95 +P99 +MAX BELOW$/);
    expect(lines[1]).toMatch(/^read +30 /);
    expect(lines[2]).toMatch(/^futex +9 +9\d\d µs/);
    expect(lines).toContain('all together');
  });

  test('JSON has the buckets that were counted in, and which of them a percentile is in', async () => {
    const json = JSON.parse(toHeatmapJson(await run('biolatency', [WRITES])));
    expect(json).toMatchObject({
      format: 'stallscope-heatmap',
      heatmap: 'biolatency',
      durationMs: 1000,
      count: 5,
      losses: {},
    });
    expect(json.groups[0]).toMatchObject({ operation: 'write', target: 'vda', count: 4 });
    const [bucket] = json.groups[0].buckets;
    expect(bucket).toMatchObject({ count: 4 });
    expect(bucket.fromNs).toBeLessThanOrEqual(35_000);
    expect(bucket.toNs / bucket.fromNs).toBeLessThan(1.19);
    expect(json.groups[0].percentiles[0]).toMatchObject({
      share: 0.5,
      fromNs: bucket.fromNs,
      toNs: bucket.toNs,
    });
  });

  test('says why where the host cannot, and counts no window before the probe was on', async () => {
    await expect(run('ext4dist', [])).resolves.toMatchObject({ sum: { count: 0 } });
    const refused = new MadeCollector('ext4dist', []);
    refused.collect = async () => {
      const window = await new MadeCollector('ext4dist', []).collect();
      window.probes = { name: [], state: [], detail: [], isMeasured: [], runNs: [], runCount: [] };
      appendProbe(window.probes, {
        name: refused.tables.internString('ext4'),
        state: PROBE_STATES.indexOf('refused'),
        detail: refused.tables.internString('this kernel has no ext4'),
      });
      return window;
    };
    const options = {
      kind: heatmapOf('ext4dist'),
      by: 'none' as const,
      durationNs: 1e9,
      showsOverview: false,
    };
    const environment = {
      collector: refused,
      nowMs: () => 0,
      pause: async () => {},
      interrupted: new AbortController().signal,
      onStarted: () => {},
    };
    await expect(runHeatmap(options, environment)).rejects.toThrow(
      'heatmap ext4dist: this host cannot count it: this kernel has no ext4',
    );
    expect(refused.isClosed).toBe(true);
  });

  test('says what there was where nothing is of the operation that was asked for', async () => {
    const result = await run('biolatency', [WRITES], { operation: 'flush' });
    expect(toHeatmapText(result, 'us', 10, false)).toContain(
      'no flush ended in this time; there were: read, write',
    );
  });

  test('prints what it has when the collector fails on the way', async () => {
    const result = await run('biolatency', [WRITES, new Error('gone'), WRITES]);
    expect(result.failure).toEqual(new Error('gone'));
    expect(result.sum.count).toBe(5);
  });
});

function emptyRow(from: number, to: number): string {
  return `${String(from).padStart(10)} -> ${String(to).padEnd(10)} : 0        |${' '.repeat(40)}|`;
}
