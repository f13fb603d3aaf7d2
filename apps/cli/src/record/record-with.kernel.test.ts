import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LATENCY_PROBES } from '@stallscope/latency';
import { probeBpf } from '@stallscope/libbpf';
import { ProfileTables } from '@stallscope/profile';
import { readWindowFile } from '@stallscope/protocol';
import { kernelSuites, startWorkload } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { EXIT } from '../exit-codes.js';
import { recordCommand } from './record-command.js';
import { withNames } from './with-names.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : `BPF is refused: ${access.cause}`;
});

onKernel('record --with', () => {
  let folder = '';
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('keeps latencies and vitals of its time in the recording, and what collected them', async () => {
    folder = mkdtempSync(join(tmpdir(), 'stallscope-with-'));
    const output = join(folder, 'with.stallscope');
    const recording = recordCommand({
      view: 'off-cpu',
      kinds: ['blocked'],
      durationNs: 6e9,
      tauNs: 1e6,
      asksJava: false,
      showsInlined: false,
      cpuHz: 0,
      commandLine: 'redacted',
      format: 'stallscope',
      with: withNames('tcpconnect,vitals-cpu'),
      output,
    });
    // A run takes three seconds, and its quick connects come first: one begins in the time that the probe is on.
    let isOver = false;
    const ended = recording.finally(() => {
      isOver = true;
    });
    while (!isOver) await startWorkload('connects', 20).ended;
    expect(await ended).toBe(EXIT.ok);
    const tables = new ProfileTables();
    const { windows, cut } = readWindowFile(new Uint8Array(readFileSync(output)), tables);
    expect(cut).toBe(false);
    const counts: Record<string, number> = {};
    const probes = new Set<string>();
    let vitals = 0;
    for (const window of windows) {
      const { probe, operation, count } = window.latencies;
      for (const [i, operationId] of operation.entries()) {
        expect(LATENCY_PROBES[probe[i]!]).toBe('tcp');
        const name = tables.strings[operationId]!;
        counts[name] = (counts[name] ?? 0) + count[i]!;
      }
      for (const name of window.probes.name) probes.add(tables.strings[name]!);
      vitals += window.vitals.metric.length;
    }
    // By IPv4 and by IPv6.
    expect(counts.refused).toBeGreaterThanOrEqual(40);
    expect(counts.connected).toBeGreaterThanOrEqual(40);
    expect(probes).toContain('tcp');
    expect(probes).toContain('vitals-cpu');
    expect(vitals).toBeGreaterThan(0);
  });
});
