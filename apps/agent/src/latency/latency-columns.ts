/** Owns turning what the latency probes counted into the `latencies` and `probes` of a window. Pure. */
import { LATENCY_PROBES } from '@stallscope/latency';
import { PROBE_STATES, type ProfileTables, type ProfileWindow } from '@stallscope/profile';
import type { LatencyReport } from './latency-probes.js';

/** @param isMeasured whether the kernel kept BPF statistics for all of the window */
export function appendLatencies(
  window: Pick<ProfileWindow, 'latencies' | 'probes'>,
  tables: Pick<ProfileTables, 'internString'>,
  reports: readonly LatencyReport[],
  isMeasured: boolean,
): void {
  const { latencies, probes } = window;
  for (const { name, state, detail, runNs, runCount, route, latencies: counted } of reports) {
    probes.name.push(tables.internString(name));
    probes.state.push(PROBE_STATES.indexOf(state));
    probes.detail.push(tables.internString(detail));
    probes.isMeasured.push(isMeasured ? 1 : 0);
    probes.runNs.push(isMeasured ? runNs : 0);
    probes.runCount.push(isMeasured ? runCount : 0);
    const probe = LATENCY_PROBES.indexOf(name);
    const operationOf = remembered((code) => tables.internString(route.operationOf(code)));
    const targetOf = remembered((code) => tables.internString(route.targetOf(code)));
    for (const row of counted) {
      latencies.probe.push(probe);
      latencies.tgid.push(row.tgid);
      latencies.tid.push(row.tid);
      latencies.operation.push(operationOf(row.operation));
      latencies.target.push(targetOf(row.target));
      latencies.bucket.push(row.bucket);
      latencies.count.push(row.count);
    }
  }
}

/** Codes are few, and a name may be looked up on the host. */
function remembered(of: (code: number) => number): (code: number) => number {
  const known = new Map<number, number>();
  return (code) => {
    let value = known.get(code);
    if (value === undefined) {
      value = of(code);
      known.set(code, value);
    }
    return value;
  };
}
