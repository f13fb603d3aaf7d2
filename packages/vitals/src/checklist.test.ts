import { describe, expect, it } from 'vitest';
import { findVitalChart } from './charts.js';
import {
  CHECK_ASPECTS,
  CHECK_RESOURCES,
  type CheckLine,
  type CheckWaits,
  checklistOf,
  countStates,
  type GroupStanding,
} from './checklist.js';
import { VITAL_GROUPS, type VitalGroup } from './groups.js';
import { findVitalMetric } from './metrics.js';
import { VitalSummary } from './vital-summary.js';

const QUIET: CheckWaits = { spanNs: 10e9, queuedNs: 0, uninterruptibleNs: 0, open: [] };

/** `cpu.state idle 0.5` a line; two readings of the same. */
function check(text: string, waits: CheckWaits | undefined = QUIET, standing: Partial<GroupStanding> = {}) {
  const rows = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [metric, ...rest] = line.split(' ');
      expect(findVitalMetric(metric!), metric).toBeDefined();
      return { metric: metric!, label: rest.slice(0, -1).join(' '), value: Number(rest.at(-1)) };
    });
  const vitals = new VitalSummary();
  vitals.add(rows);
  vitals.add([]);
  vitals.add(rows);
  const groups = new Map<VitalGroup, GroupStanding>(
    VITAL_GROUPS.map((group) => [group, { state: 'on', detail: '', ...standing }]),
  );
  const lines = checklistOf({ vitals, groups, waits });
  return (id: string): CheckLine => {
    const line = lines.find((each) => each.id === id);
    if (line === undefined) throw new Error(`no line ${id}`);
    return line;
  };
}

/** `state: reading [threshold]`. */
function said({ state, reading, threshold }: CheckLine): string {
  return `${state}: ${reading} [${threshold}]`;
}

describe('the checklist', () => {
  it('asks for utilisation, saturation and errors of each resource, and leads to something that explains', () => {
    const lines = checklistOf({ vitals: new VitalSummary(), groups: new Map(), waits: undefined });
    for (const resource of CHECK_RESOURCES) {
      for (const aspect of CHECK_ASPECTS) {
        expect(
          lines.some((line) => line.resource === resource && line.aspect === aspect),
          `${resource} ${aspect}`,
        ).toBe(true);
      }
    }
    expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
    for (const { view } of lines) {
      if (view.kind === 'chart') expect(findVitalChart(view.chart), view.chart).toBeDefined();
    }
  });

  it('says of nothing that was not read that it is well', () => {
    const nothing = checklistOf({ vitals: new VitalSummary(), groups: new Map(), waits: undefined });
    expect(countStates(nothing)).toEqual({ bad: 0, look: 0, ok: 0, unknown: nothing.length });
    const why = (standing: Partial<GroupStanding>): string =>
      check('', QUIET, standing)('cpu-pressure').reading;
    expect(why({ state: 'off' })).toBe('not collected: nothing has asked this host for it');
    expect(why({ state: 'refused', detail: 'the kernel was built without PSI' })).toBe(
      'not measured: the kernel was built without PSI',
    );
    expect(why({ state: 'starting' })).toContain('two readings');
    expect(why({ state: 'on' })).toContain('pressure.some');
  });

  it('reads CPUs', () => {
    const line = check(
      'cpu.state idle 0.05\ncpu.state iowait 0.02\ncpu.online 4\ncpu.busy cpu0 1\ncpu.busy cpu1 0.2',
    );
    expect(said(line('cpu-utilisation'))).toBe('bad: 4 CPUs are 93.0 % busy [look from 70 %, bad from 90 %]');
    expect(said(line('cpu-busiest'))).toBe('look: busiest: cpu0 at 100 % [look from 90 %]');
    expect(said(line('cpu-errors'))).toContain('unknown: this host counts no faults');
  });

  it('reads queueing from the exact counters of waits, for each CPU', () => {
    const line = check('cpu.online 2', { ...QUIET, queuedNs: 5e9 });
    expect(said(line('cpu-run-queue'))).toBe(
      'look: threads waited 500 ms a second for a CPU: 250 ms for each of 2 CPUs [look from 0.1 s a second a CPU, bad from 1 s a second a CPU]',
    );
    expect(check('cpu.online 2', { ...QUIET, queuedNs: 20e9 })('cpu-run-queue').state).toBe('bad');
  });

  it('names the container that is throttled most, and says where none can be', () => {
    const line = check(
      'container.cpu a 1\ncontainer.throttled.periods docker 1a 0.02\ncontainer.throttled.periods docker 2b 0.4',
    );
    expect(said(line('cpu-throttling'))).toBe(
      'bad: docker 2b was throttled in 40.0 % of its periods [look from 5 % of periods, bad from 25 % of periods]',
    );
    expect(said(check('container.cpu a 1')('cpu-throttling'))).toContain('ok: no container has a CPU quota');
  });

  it('reads memory, its pressure and who was killed', () => {
    const line = check(
      `memory.available 1073741824
       memory.total 10737418240
       pressure.some memory 0.02
       pressure.full memory 0.01
       swap.traffic in 0
       swap.traffic out 4096
       memory.stalls 20
       memory.oom-kills 0.1
       container.memory x 1
       container.memory.headroom docker 9f 10
       container.memory.limit docker 9f 1000`,
    );
    expect(said(line('memory-utilisation'))).toBe(
      'look: 90.0 % taken: 1.00 GiB available of 10.0 GiB [look from 80 %, bad from 95 %]',
    );
    expect(said(line('memory-pressure'))).toBe(
      'look: some thread stalled for memory 2.0 % of the time, all threads 1.0 % [look from 1 %, bad from 10 %]',
    );
    expect(said(line('memory-swapping'))).toBe(
      'ok: 0 B/s swapped in, 4.00 KiB/s out [look any, bad from 1.00 MiB/s]',
    );
    expect(line('memory-reclaim').state).toBe('bad');
    expect(said(line('memory-errors'))).toBe('bad: processes were killed, 0.1/s [bad any]');
    expect(said(line('memory-headroom'))).toContain(
      'bad: docker 9f has taken 99.0 % of its limit, 10 B are left',
    );
  });

  it('reads disks, with what an operation took', () => {
    const line = check(
      `disk.utilisation vda 0.7
       disk.utilisation vdb 0.1
       disk.queue vda 3
       disk.queue vdb 0.1
       disk.write.latency vda 4000000
       disk.errors.total vda1 ext4 0`,
    );
    expect(said(line('disk-utilisation'))).toBe(
      'look: busiest: vda at 70.0 % [look from 60 %, bad from 90 %]',
    );
    expect(said(line('disk-queue'))).toBe(
      'look: longest: vda with 3 in flight; mean write 4.00 ms [look from 2 in flight, bad from 16 in flight]',
    );
    expect(said(line('disk-errors'))).toBe(
      'ok: none on record (vda1 ext4) [look from 1 on record, bad when there are new ones]',
    );
    expect(line('disk-queue').view).toEqual({ kind: 'heatmap', heatmap: 'biolatency' });
  });

  it('tells errors that are on record from new ones', () => {
    expect(check('disk.errors.total vda1 ext4 2\ndisk.errors vda1 ext4 0')('disk-errors').state).toBe('look');
    const line = check('disk.errors.total vda1 ext4 2\ndisk.errors vda1 ext4 0.5')('disk-errors');
    expect(line.state).toBe('bad');
    expect(line.reading).toBe('new ones; on record: vda1 ext4 2');
  });

  it('reads the network, where speeds are not known too', () => {
    const line = check(
      `net.receive.bytes eth0 1048576
       net.receive.drops eth0 0
       net.receive.drops lo 2
       net.send.drops eth0 0
       net.receive.errors eth0 0
       tcp.retransmits 10
       tcp.segments sent 190
       tcp.trouble listen drops 0`,
    );
    expect(said(line('net-utilisation'))).toContain(
      'unknown: no interface says its speed; most is received by eth0: 1.00 MiB/s',
    );
    expect(said(line('net-drops'))).toBe('look: dropped: lo receiving 2/s [look any, bad from 10/s]');
    expect(said(line('tcp-retransmits'))).toBe(
      'bad: 10/s sent again, 5.0 % of 200/s segments [look from 1 % of segments, bad from 5 % of segments]',
    );
    expect(line('tcp-listen').state).toBe('ok');
    expect(line('net-errors').reading).toBe('none reported');
    expect(check('net.utilisation eth0 0.95')('net-utilisation').state).toBe('bad');
  });

  it('reads waits that are open', () => {
    const open = [
      { comm: 'sleeper', tid: 1, state: 'S', elapsedNs: 500e9 },
      { comm: 'writer', tid: 2, state: 'D', elapsedNs: 3e9 },
      { comm: 'queued', tid: 3, state: '', elapsedNs: 1e6 },
    ];
    const line = check('', { ...QUIET, uninterruptibleNs: 6e9, open });
    expect(said(line('threads-uninterruptible'))).toBe(
      'look: blocked in state D 600 ms a second, all threads together [look from 500 ms a second, bad from 4.00 s a second]',
    );
    expect(said(line('threads-open'))).toBe(
      'look: 2 threads are in state D or waiting for a CPU, longest writer 2 for 3.00 s [look from 1.00 s, bad from 10.0 s]',
    );
    expect(line('threads-hung').state).toBe('ok');
    const hung = check('', { ...QUIET, open: [{ comm: 'nfs', tid: 9, state: 'D', elapsedNs: 200e9 }] });
    expect(said(hung('threads-hung'))).toBe('bad: hung: nfs 9 for 200 s [bad from 120 s]');
  });
});
