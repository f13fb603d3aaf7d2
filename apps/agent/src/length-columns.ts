/** Owns turning the lengths that the scheduler probe counted by thread into `latencies` of a window. Pure. */
import { LATENCY_PROBES } from '@stallscope/latency';
import { appendLatency, KINDS, type ProfileTables, type ProfileWindow } from '@stallscope/profile';
import type { RawLengths } from './sched-records.js';

const LENGTHS = LATENCY_PROBES.indexOf('lengths');

export function appendLengths(
  window: Pick<ProfileWindow, 'latencies'>,
  tables: Pick<ProfileTables, 'internString'>,
  lengths: readonly RawLengths[],
): void {
  const operations = KINDS.map((kind) => tables.internString(kind));
  const target = tables.internString('');
  for (const { tgid, tid, kind, counts } of lengths) {
    for (let bucket = 0; bucket < counts.length; bucket++) {
      const count = counts[bucket]!;
      if (count === 0) continue;
      appendLatency(window.latencies, {
        ...{ probe: LENGTHS, tgid, tid, operation: operations[kind]!, target, bucket, count },
      });
    }
  }
}
