/** Owns turning samples of CPUs into rows of a window. Pure. */
import {
  appendRow,
  NONE,
  ON_CPU,
  type ProfileTables,
  type ProfileWindow,
  SLICE_MS,
  STATES,
} from '@stallscope/profile';
import type { RawCpuRow } from './cpu-records.js';
import type { StackResolver } from './stack-resolver.js';

const RUNNING = STATES.indexOf('R');

/** A window has its sampling period and its two ends already. */
export function appendCpuRows(
  window: ProfileWindow,
  tables: ProfileTables,
  stacks: Pick<StackResolver, 'userStack' | 'kernelStack'>,
  samples: readonly RawCpuRow[],
): void {
  const periodNs = window.cpuPeriodNs;
  const first = Math.floor(window.startMs / SLICE_MS);
  const last = Math.floor(window.endMs / SLICE_MS);
  for (const row of samples) {
    // Taken as the window began or ended, or while the wall clock was set: in the window, by the nearest of its slices.
    const slice = Math.min(Math.max(row.slice, first), last) - first;
    appendRow(window.rows, {
      tgid: row.tgid,
      tid: row.tid,
      comm: tables.internString(row.comm),
      cgroup: row.cgroup,
      kind: ON_CPU,
      state: RUNNING,
      userStack: stacks.userStack(row.tgid, row.userStack),
      kernelStack: stacks.kernelStack(row.kernelStack),
      chain: NONE,
      bucket: 0,
      slice,
      captures: row.samples,
      estimatedCount: row.samples,
      estimatedNs: row.samples * periodNs,
      varianceNs2: row.samples * periodNs ** 2,
    });
  }
}
