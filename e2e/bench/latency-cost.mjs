/**
 * Owns what the latency probes add to an operation. Of calls by the clock of who makes them: calls that do next to nothing,
 * with nothing attached, with a probe, and with nothing again. Of block requests, which are far longer than what is added,
 * by the kernel's own account of the programs.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { enableRunTimeStats } from '@stallscope/libbpf';
import { attachedProgramsOf, programsOf } from './bpf-programs.mjs';
import { outputOf, startChildOn, stopChild, TRACER_CPU, WORKLOAD_CPU } from './children.mjs';
import { STALLSCOPE } from './tracers.mjs';
import { untilTrue } from './waiting.mjs';

const builds = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'probes', 'build');
/** What is called, and what a reader calls it; `own` is what the probe is there to count. */
const CALLS = [
  { key: 'getppid', title: 'getppid', own: 'syscalls' },
  { key: 'futexWait', title: 'FUTEX_WAIT that need not wait', own: 'futex' },
  { key: 'readFile', title: 'read of a byte of an ext4 file', own: 'ext4' },
  { key: 'readOther', title: 'read of a byte of /dev/zero', own: undefined },
];
/** The heatmap that asks for each, and a program that is among the last that it attaches. */
const PROBES = {
  syscalls: { heatmap: 'syscalls', program: 'sys_exit' },
  futex: { heatmap: 'futex', program: 'sys_exit' },
  ext4: { heatmap: 'ext4dist', program: 'ext4_sync_file' },
};
const START_MS = 30_000;

export async function measureLatencyCost({ isShort, say }) {
  const folder = await mkdtemp(join(tmpdir(), 'stallscope-bench-'));
  try {
    const calls = () => readCalls(join(folder, 'calls'), isShort ? 1_000 : 100_000);
    const rows = [];
    for (const [probe, { heatmap, program }] of Object.entries(PROBES)) {
      say(`  ${probe}`);
      const before = await calls();
      const tracer = await startProbe(heatmap, program);
      const loaded = await calls().finally(() => stopChild(tracer));
      const after = await calls();
      for (const { key, title, own } of CALLS) {
        const nothing = Math.min(before[key], after[key]);
        rows.push({
          probe,
          call: title,
          isCounted: probe === 'syscalls' || own === probe,
          nothing,
          addedNs: loaded[key] - nothing,
        });
      }
    }
    say('  block');
    return { rows, block: await measureBlock(join(folder, 'block'), isShort ? 10 : 2_000) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readCalls(file, count) {
  return JSON.parse(await outputOf(join(builds, 'call-costs'), [file, String(count)], { cpu: WORKLOAD_CPU }));
}

async function startProbe(heatmap, program) {
  const args = [STALLSCOPE, 'heatmap', heatmap, '--duration', '600'];
  const child = startChildOn(TRACER_CPU, process.execPath, args);
  const isOn = () => attachedProgramsOf(child.pid).some(({ name }) => name.startsWith(program.slice(0, 15)));
  await untilTrue(isOn, START_MS, `stallscope heatmap ${heatmap} attaches`);
  return child;
}

async function measureBlock(file, times) {
  const tracer = await startProbe('biolatency', 'block_rq_comple');
  const stats = enableRunTimeStats();
  try {
    const programs = () => programsOf([tracer.pid]).filter(({ name }) => name.startsWith('block_'));
    const before = new Map(programs().map((program) => [program.id, program]));
    await outputOf(join(builds, 'direct-io'), [file, '1', String(times), '4'], { cpu: WORKLOAD_CPU });
    const after = programs();
    const ns = after.reduce((sum, { id, runTimeNs }) => sum + runTimeNs - before.get(id).runTimeNs, 0);
    const completed = after.find(({ name }) => name.startsWith('block_rq_comple'));
    const requests = completed.runCount - before.get(completed.id).runCount;
    return { requests, nsARequest: ns / requests };
  } finally {
    stats.close();
    await stopChild(tracer);
  }
}
