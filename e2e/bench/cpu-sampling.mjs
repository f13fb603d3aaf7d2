/**
 * Owns what sampling CPUs costs while every CPU is busy: the run time of the program a sample, by the kernel's own account,
 * and the CPU time of who collects; perf's beside it, whose cost in the kernel no such account tells.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { enableRunTimeStats } from '@stallscope/libbpf';
import { programsOf } from './bpf-programs.mjs';
import { startChild, stopChild, TRACER_CPU } from './children.mjs';
import { readCpuSeconds } from './host-counters.mjs';
import { startStallscopeOf } from './tracers.mjs';
import { pause, untilTrue } from './waiting.mjs';

const SPINNER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'probes', 'build', 'spinner');
/** The default, and the highest but one that is accepted. */
const RATES_HZ = [99, 999];
/** Names of what runs are read first. */
const SETTLE_MS = 3_000;
const START_MS = 30_000;

export async function measureCpuSampling({ isShort, say }) {
  const seconds = isShort ? 1 : 15;
  const load = startChild(SPINNER, ['600000']);
  const rows = [];
  try {
    for (const hz of RATES_HZ) {
      say(`  every CPU busy, ${hz} samples a second each, ${seconds} s`);
      rows.push({ name: 'Stallscope', hz, ...(await measureOurs(hz, seconds)) });
      rows.push({ name: 'perf record', hz, ...(await measurePerf(hz, seconds)) });
    }
  } finally {
    await stopChild(load);
  }
  return { seconds, cpus: cpus().length, rows };
}

async function measureOurs(hz, seconds) {
  const tracer = await startStallscopeOf(['--view', 'cpu', '--hz', String(hz)]);
  const stats = enableRunTimeStats();
  const program = () => programsOf(tracer.pids).find(({ name }) => name === 'sample_cpu');
  try {
    await untilTrue(() => program() !== undefined, START_MS, 'stallscope record samples CPUs');
    await pause(SETTLE_MS);
    const before = program();
    const { elapsed, share } = await during(tracer.pids[0], seconds);
    const after = program();
    const samples = after.runCount - before.runCount;
    const ns = after.runTimeNs - before.runTimeNs;
    return {
      kernel: {
        samplesASecond: samples / elapsed,
        nsASample: ns / samples,
        shareOfACpu: ns / 1e9 / elapsed / cpus().length,
      },
      collectorShare: share,
    };
  } finally {
    stats.close();
    await tracer.stop();
  }
}

async function measurePerf(hz, seconds) {
  const folder = await mkdtemp(join(tmpdir(), 'stallscope-bench-'));
  const data = join(folder, 'perf.data');
  const args = ['record', '-q', '-a', '-g', '-F', String(hz), '-e', 'cpu-clock', '-o', data];
  const child = startChild('taskset', ['-c', String(TRACER_CPU), 'perf', ...args]);
  try {
    await untilTrue(() => existsSync(data), START_MS, 'perf record writes its file');
    await pause(SETTLE_MS);
    return { kernel: null, collectorShare: (await during(child.pid, seconds)).share };
  } finally {
    await stopChild(child);
    await rm(folder, { recursive: true, force: true });
  }
}

async function during(pid, seconds) {
  const cpuBefore = readCpuSeconds(pid);
  const startedMs = performance.now();
  await pause(seconds * 1000);
  const elapsed = (performance.now() - startedMs) / 1000;
  return { elapsed, share: (readCpuSeconds(pid) - cpuBefore) / elapsed };
}
