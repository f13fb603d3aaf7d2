/**
 * Owns the kernel's own account: how long each BPF program of a tracer runs, by run time statistics. They cost some tens
 * of nanoseconds a run themselves, so they are on in this section only, and held by a descriptor that ends with the bench.
 */
import { enableRunTimeStats } from '@stallscope/libbpf';
import { programsOf } from './bpf-programs.mjs';
import { readCpuSeconds, readSwitches } from './host-counters.mjs';
import { openLoads } from './loads.mjs';
import { tracerConditions } from './tracers.mjs';
import { pause } from './waiting.mjs';

const IDLE_SECONDS = 15;
const SHORT_IDLE_SECONDS = 1;

export async function measureProgramTime({ isShort, say }) {
  const { loads, close } = await openLoads({ isShort });
  const pingPong = loads[0];
  const idleSeconds = isShort ? SHORT_IDLE_SECONDS : IDLE_SECONDS;
  const stats = enableRunTimeStats();
  const conditions = [];
  try {
    for (const { name, start } of tracerConditions()) {
      say(`  ${name}`);
      const tracers = await start();
      try {
        const own = () => programsOf(tracers.flatMap(({ pids }) => pids));
        const busy = await during(own, async () => void (await pingPong.read()));
        const cpuBefore = tracers.map(({ pids }) => sumOf(pids, readCpuSeconds));
        const idle = await during(own, () => pause(idleSeconds * 1000));
        const cpuSeconds = tracers.reduce(
          (sum, { pids }, i) => sum + sumOf(pids, readCpuSeconds) - cpuBefore[i],
          0,
        );
        conditions.push({
          name,
          // One that did not run has no time a run.
          programs: busy.programs
            .filter(({ runs }) => runs > 0)
            .map(({ name, runs, ns }) => ({
              name,
              runsASwitch: runs / busy.switches,
              nsARun: ns / runs,
              nsASwitch: ns / busy.switches,
            })),
          idle: {
            switchesASecond: idle.switches / idle.seconds,
            programsShare: idle.programs.reduce((sum, { ns }) => sum + ns, 0) / 1e9 / idle.seconds,
            tracerShare: cpuSeconds / idle.seconds,
          },
        });
      } finally {
        for (const tracer of tracers) await tracer.stop();
      }
    }
  } finally {
    stats.close();
    await close();
  }
  return { load: pingPong.title, idleSeconds, conditions };
}

/** What the programs ran while `run` did. */
async function during(programs, run) {
  const before = new Map(programs().map((program) => [program.id, program]));
  const switchesBefore = readSwitches();
  const startedMs = performance.now();
  await run();
  const seconds = (performance.now() - startedMs) / 1000;
  const switches = readSwitches() - switchesBefore;
  return {
    seconds,
    switches,
    programs: programs().map(({ id, name, runCount, runTimeNs }) => ({
      name,
      runs: runCount - (before.get(id)?.runCount ?? 0),
      ns: runTimeNs - (before.get(id)?.runTimeNs ?? 0),
    })),
  };
}

function sumOf(items, read) {
  return items.reduce((sum, item) => sum + read(item), 0);
}
