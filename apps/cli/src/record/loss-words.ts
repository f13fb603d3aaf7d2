/**
 * Owns what `record` says of a loss: one line with its name, what it means and whose it is.
 *
 *     lost: 3 × link-map-full, of the whole host: more wakers than the link map holds; these chains have no wakers
 */
import type { Loss } from '@stallscope/profile';

/** @param isFiltered whether only some threads of the host are recorded */
export function lossLine(loss: Loss, count: number, isFiltered: boolean): string {
  const whose = isFiltered && !OF_THE_SELECTION.has(loss) ? ', of the whole host' : '';
  return `lost: ${count} × ${loss}${whose}: ${LOSS_HINTS[loss]}`;
}

/** Counted only where a thread that was asked for is concerned. The others cannot be told apart by thread. */
const OF_THE_SELECTION: ReadonlySet<Loss> = new Set<Loss>([
  'task-storage-refused',
  'row-map-full',
  'stack-error',
  'stack-truncated',
  'wake-missed',
  'switch-missed',
  'stack-paged-out',
  'stack-unknown',
  'chain-unknown',
  'cpu-row-map-full',
  'cpu-sample-lost',
  'block-counts-full',
  'ext4-counts-full',
  'ext4-start-missed',
  'ext4-in-flight-full',
  'ext4-end-missed',
  'syscalls-counts-full',
  'syscalls-start-missed',
  'syscalls-in-flight-full',
  'syscalls-end-missed',
  'futex-counts-full',
  'futex-start-missed',
  'futex-in-flight-full',
  'futex-end-missed',
  'tcp-counts-full',
  'dns-counts-full',
  'dns-return-missed',
  'dns-in-flight-full',
]);

const LOSS_HINTS: Readonly<Record<Loss, string>> = {
  'task-storage-refused':
    'the kernel refused memory for a thread’s times; its waits are missing until it gets some',
  'row-map-full':
    'more distinct waits in one window than the row map holds; these are in the exact count only. Choose fewer threads, or raise --tau',
  'stack-map-full':
    'more distinct stacks than the stack map holds; the time is counted, without frames. Choose fewer threads, or raise --tau',
  'link-map-full': 'more wakers than the link map holds; these chains have no wakers',
  'chain-map-full': 'more chains than the chain map holds; the time is counted, without its wakers',
  'exited-map-full': 'more threads exited in one window than fit; the exact count of some is missing',
  'stack-error': 'the kernel could not walk a stack; the time is counted, without frames',
  'stack-truncated': 'a stack had more frames than are taken; its root end is cut off',
  'wake-missed':
    'a blocked thread ran though no wake was seen; all of the wait counts as blocked, by no known waker',
  'stack-unknown': 'a wait names a stack that was no longer in the map when it was read',
  'chain-unknown': 'a wait names a chain that was no longer in the map when it was read',
  'open-waits-cut': 'more threads waiting at the end than are listed; no total is affected',
  'program-recursion':
    'the probe was not run because it was already running on that CPU; switches were missed',
  'uplink-dropped': 'the agent could not reach the hub for long, and dropped its oldest windows',
  'hub-dropped': 'the hub dropped windows to stay within its memory',
  'browser-skipped': 'the browser could not keep up, and windows were skipped',
  'switch-missed':
    'a thread left the CPU that was not seen coming onto it; the wait before is counted nowhere',
  'stack-paged-out':
    'part of a sleeping thread’s stack was not in memory when it was read; frames nearest the root are missing',
  'cpu-row-map-full':
    'more distinct CPU samples in one window than their map holds; these are missing. Choose fewer threads, or a lower --hz',
  'cpu-sample-lost':
    'times at which a CPU could not be sampled; what it ran then is missing, unless it was Stallscope itself, which is left out',
  'process-events-lost': 'starts of processes were not seen; short-lived ones may lack names',
  'symbol-refused': 'a file could not be read for names within its bounds of size and time',
  'latency-recursion':
    'a latency probe was not run because it was already running on that CPU; operations are missing',
  ...latencyLosses('block', 'block requests'),
  ...latencyLosses('ext4', 'ext4 operations'),
  ...latencyLosses('syscalls', 'system calls'),
  ...latencyLosses('futex', 'futex waits'),
  'tcp-counts-full':
    'more threads, outcomes and lengths of TCP connects in one window than their map holds; these are missing. Choose fewer threads',
  'tcp-in-flight-full': 'more TCP connects going on at once than there is room for; these are missing',
  'tcp-end-missed': 'the start of TCP connects was seen and not what came of them; these are missing',
  'dns-counts-full':
    'more threads, functions and lengths of look-ups in one window than their map holds; these are missing. Choose fewer threads',
  'dns-return-missed':
    'look-ups never returned, as their program jumped out of them; how long they took is not known',
  'dns-in-flight-full':
    'look-ups within look-ups deeper than are followed, or no memory for them; these are missing',
  'lengths-counts-full':
    'waits of more threads in one window than the map of lengths holds; these are missing in the heatmaps of lengths alone. Choose fewer threads',
};

/** Each latency probe has the same four. @param operations what it counts, in the plural */
function latencyLosses<Probe extends string>(
  probe: Probe,
  operations: string,
): Record<
  `${Probe}-counts-full` | `${Probe}-start-missed` | `${Probe}-in-flight-full` | `${Probe}-end-missed`,
  string
> {
  return {
    [`${probe}-counts-full`]: `more threads, operations and lengths of ${operations} in one window than their map holds; these are missing. Choose fewer threads`,
    [`${probe}-start-missed`]: `the end of ${operations} was seen and not their start, so that their length is not known; these are missing`,
    [`${probe}-in-flight-full`]: `more ${operations} going on at once than there is room for; these are missing`,
    [`${probe}-end-missed`]: `the start of ${operations} was seen and not their end; these are missing`,
  } as Record<
    `${Probe}-counts-full` | `${Probe}-start-missed` | `${Probe}-in-flight-full` | `${Probe}-end-missed`,
    string
  >;
}
