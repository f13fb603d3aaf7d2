/**
 * Owns trying on this host what cannot be known from files: every trial does the real thing and takes it back.
 * A trial never throws; why it did not work is its detail.
 */
import { spawnSync } from 'node:child_process';
import type { BpfAccess } from '@stallscope/libbpf';
import type { Trial, Trials } from './findings.js';

const TRACEPOINTS = ['sched_switch', 'sched_waking', 'sched_wakeup_new'];

export async function runTrials(): Promise<Trials> {
  const libbpf = await trial(async () => {
    const { libbpfVersion } = await import('@stallscope/libbpf');
    return libbpfVersion();
  });
  // Without libbpf nothing that follows can be tried; the reader is told once, not four times over.
  const needsLibbpf = (attempt: () => Promise<string>): Promise<Trial> =>
    libbpf.ok
      ? trial(attempt)
      : Promise.resolve({ ok: false, detail: 'not tried: libbpf is missing', hint: '' });
  const bpf = await needsLibbpf(tryBpf);
  const tracepoints = await needsLibbpf(tryTracepoints);
  const iterator = await needsLibbpf(tryIterator);
  const untried: Trial = { ok: false, detail: 'not tried: what it needs is missing, see above', hint: '' };
  const probe = bpf.ok && tracepoints.ok && iterator.ok ? await trial(tryProbe) : untried;
  return {
    libbpf,
    bpf,
    tracepoints,
    iterator,
    // Each needs all before it: its own failure would only repeat theirs.
    probe,
    cpu: probe.ok ? await trial(tryCpus) : untried,
    latencies: libbpf.ok ? await assessLatencies() : [],
    clang: tryClang(),
  };
}

async function tryBpf(): Promise<string> {
  const { probeBpf } = await import('@stallscope/libbpf');
  assertAccess('a map', probeBpf());
  return 'made a map and closed it';
}

async function tryTracepoints(): Promise<string> {
  const { probeTracing } = await import('@stallscope/libbpf');
  for (const name of TRACEPOINTS) assertAccess(name, probeTracing('tp_btf', name));
  return `${TRACEPOINTS.join(', ')}: loaded and attached a program that does nothing`;
}

async function tryIterator(): Promise<string> {
  const { probeTracing } = await import('@stallscope/libbpf');
  assertAccess('task', probeTracing('iter', 'task'));
  return 'loaded a program that does nothing';
}

async function tryProbe(): Promise<string> {
  const { SchedCollector } = await import('@stallscope/agent');
  const startedMs = performance.now();
  const collector = await SchedCollector.open({ tauNs: 1_000_000, excludeTgids: [process.pid] });
  collector.close();
  return `loaded, attached and detached in ${Math.round(performance.now() - startedMs)} ms`;
}

async function tryCpus(): Promise<string> {
  const { DEFAULT_CPU_HZ, SchedCollector } = await import('@stallscope/agent');
  const collector = await SchedCollector.open({
    tauNs: 1_000_000,
    excludeTgids: [process.pid],
    cpuHz: DEFAULT_CPU_HZ,
  });
  const { source, cpus } = collector.cpuSampling!;
  collector.close();
  const clock = source === 'cycles' ? 'cycles' : 'cpu-clock (this machine counts no cycles)';
  return `attached to ${clock} on ${cpus.length} CPUs and detached`;
}

async function assessLatencies(): Promise<Trials['latencies']> {
  const { assessLatencyProbes } = await import('@stallscope/agent');
  return assessLatencyProbes();
}

function tryClang(): Trial {
  const version = spawnSync('clang', ['--version'], { encoding: 'utf8' });
  if (version.status === 0) {
    return { ok: true, detail: `${version.stdout.split('\n')[0]}; only building needs it` };
  }
  return { ok: false, detail: 'not found; only building needs it', hint: 'apt-get install clang' };
}

function assertAccess(what: string, access: BpfAccess): void {
  if (!access.ok) throw Object.assign(new Error(`${what}: ${access.cause}`), { hint: access.hint });
}

async function trial(attempt: () => Promise<string>): Promise<Trial> {
  try {
    return { ok: true, detail: await attempt() };
  } catch (error) {
    const hint =
      error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : '';
    return { ok: false, detail: error instanceof Error ? error.message : String(error), hint };
  }
}
