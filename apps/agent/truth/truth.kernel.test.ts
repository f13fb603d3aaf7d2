/**
 * The scheduler probe on this kernel against workloads that know their own waits, wakers and chains: each case exact and
 * sampled. STALLSCOPE_SEED repeats a run; STALLSCOPE_TRUTH_REPORT=FILE writes what was found, see report.ts.
 */
import { probeBpf } from '@stallscope/libbpf';
import { kernelSuites, startWorkloadIn } from '@stallscope/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HOST_PACKET_FILES, PacketSteering } from '../src/packet-steering.js';
import { BEGINNING_AND_END_CASES } from './cases/beginnings-and-ends.js';
import { BUSY_CPU_CASES } from './cases/busy-cpus.js';
import { DISK_CASES, removeFile } from './cases/disk.js';
import { HANDING_ON_CASES } from './cases/handing-on.js';
import { TIMER_CASES } from './cases/timers.js';
import { failuresOf, judge } from './judge.js';
import type { Known } from './known.js';
import { TruthReport } from './report.js';
import { drawsOf, readSeed } from './seed.js';
import { toSeen } from './seen.js';
import { TestCgroup } from './test-cgroup.js';
import { allLosses, closeTraced, trace } from './trace.js';

const CASES = [
  ...TIMER_CASES,
  ...HANDING_ON_CASES,
  ...BEGINNING_AND_END_CASES,
  ...BUSY_CPU_CASES,
  ...DISK_CASES,
];

const seed = readSeed(process.env, Date.now);
const report = new TruthReport(seed);

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

onKernel(`truth, STALLSCOPE_SEED=${seed}`, () => {
  let cgroup: TestCgroup;

  beforeAll(() => {
    cgroup = new TestCgroup();
  });
  afterEach(closeTraced);
  afterAll(async () => {
    removeFile();
    await cgroup.remove();
    report.write(process.env);
  });

  for (const known of CASES) {
    for (const mode of ['exact', 'sampled'] as const) {
      test(`${known.name}: ${mode}`, async () => {
        const steering = new PacketSteering(HOST_PACKET_FILES, Date.now());
        const traced = await trace<Known>(
          {
            ...known.options,
            tauNs: mode === 'exact' ? 0 : known.sampledTauNs,
            filter: { cgroupPath: cgroup.path },
          },
          known.workload(drawsOf(seed, known.name)),
          {
            windowMs: known.windowMs ?? 200,
            before: known.before,
            start: (command) => startWorkloadIn<Known>(cgroup.path, ...command),
          },
        );
        steering.look(Date.now());
        const seen = toSeen(traced.tables, traced.windows, allLosses(traced.windows));
        const findings = judge(
          known.expect(traced.truth, { packetsAreSteered: steering.isSteered }),
          traced.truth,
          seen,
        );
        report.add(known.name, mode, seen, findings);
        expect(failuresOf(findings)).toEqual([]);
      });
    }
  }
});
