import { readFileSync } from 'node:fs';
import { findVitalMetric, VITAL_GROUPS, VITAL_METRICS, type VitalGroup } from '@stallscope/vitals';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecordedFiles } from './recorded-files.js';
import { VitalsReader, type VitalsReading } from './vitals-reader.js';

const V1 = readFileSync(new URL('./fixtures/v1-host.txt', import.meta.url), 'utf8');
const V2 = readFileSync(new URL('./fixtures/v2-host.txt', import.meta.url), 'utf8');
const DOCKER = '5d6f11aa22bb33cc44dd55ee66ff778899aabbccddeeff001122334455667788';
const POD =
  '/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod0a1b2c3d_0000_4444_8888_0123456789ab.slice';
const C1 = `${POD}/cri-containerd-${DOCKER}.scope`;
const SEED = Number(process.env.STALLSCOPE_SEED ?? Math.floor(Math.random() * 2 ** 31));

function readerOf(files: RecordedFiles, groups: readonly VitalGroup[] = VITAL_GROUPS): VitalsReader {
  const reader = new VitalsReader({ files, costNs: () => 0, pageBytes: 4096 });
  reader.setGroups(new Set(groups), 0);
  return reader;
}

/** What a host says whose files change like this in a second. */
function secondOf(recording: string, change: (files: RecordedFiles) => void = () => {}): VitalsReading {
  const files = new RecordedFiles(recording);
  const reader = readerOf(files);
  change(files);
  return reader.read(1e9);
}

function vital({ rows }: VitalsReading, metric: string, label = ''): number | undefined {
  return rows.find((row) => row.metric === metric && row.label === label)?.value;
}

function isSound({ metric, label, value }: VitalsReading['rows'][number]): boolean {
  return findVitalMetric(metric) !== undefined && Number.isFinite(value) && value >= 0 && label.length <= 128;
}

describe('vitals of a recorded host', () => {
  it('have rates from the second reading on, gauges and rates of the catalogue alone', () => {
    const files = new RecordedFiles(V1);
    const reader = readerOf(files);
    const first = reader.read(0);
    expect(first.groups.every(({ readings }) => readings === 2)).toBe(true);
    for (const { metric } of first.rows) expect(findVitalMetric(metric)?.kind, metric).toBe('gauge');
    const second = reader.read(1e9);
    expect(second.groups.map(({ name, state }) => `${name} ${state}`)).toEqual(
      VITAL_GROUPS.map((name) => `${name} on`),
    );
    for (const { metric, value } of second.rows) {
      expect(findVitalMetric(metric), metric).toBeDefined();
      expect(value).toBeGreaterThanOrEqual(0);
    }
  });

  it('have every metric that this host has a file for', () => {
    const { rows } = secondOf(V1, (files) => {
      files.edit('/proc/stat', 'cpu  ', 'cpu  9');
      for (const cpu of ['cpu0 ', 'cpu1 ']) files.edit('/proc/stat', cpu, `${cpu}9`);
    });
    const missing = VITAL_METRICS.map(({ name }) => name).filter(
      (name) => !rows.some(({ metric }) => metric === name),
    );
    expect(missing).toEqual([
      'cpu.thermal-throttles',
      'memory.ecc-errors',
      'disk.read.latency',
      'disk.write.latency',
      'disk.flush.latency',
      'net.utilisation',
      'tcp.retransmit-share',
      'container.throttled.periods',
    ]);
  });

  it('are read about once a second, however short windows are', () => {
    const reader = readerOf(new RecordedFiles(V1), ['vitals-cpu']);
    const counts = [];
    for (let ms = 0; ms <= 3000; ms += 250) counts.push(reader.read(ms * 1e6 + 3e6).rows.length > 0);
    expect(counts.filter(Boolean)).toHaveLength(4);
    // Windows of a second end a little early now and then.
    expect(reader.read(4e9 - 20e6).rows.length).toBeGreaterThan(0);
    expect(reader.read(4.98e9).rows.length).toBeGreaterThan(0);
  });

  it('of a group begin when it is asked for and end when nobody asks', () => {
    const reader = readerOf(new RecordedFiles(V1), []);
    expect(reader.read(1e9)).toEqual({ rows: [], groups: [] });
    reader.setGroups(new Set(['vitals-memory']), 1.5e9);
    expect(reader.read(1.6e9).groups).toMatchObject([{ name: 'vitals-memory', state: 'on' }]);
    reader.setGroups(new Set(['vitals-memory', 'vitals-disk']), 2e9);
    expect(reader.read(2.1e9).groups.map(({ state }) => state)).toEqual(['on', 'starting']);
    reader.setGroups(new Set(), 2.2e9);
    expect(reader.read(3.5e9)).toEqual({ rows: [], groups: [] });
  });

  it('say why where a host has nothing of a group, and leave the others alone', () => {
    const reading = secondOf(V1, (files) => files.set('/proc/pressure', undefined));
    expect(reading.groups.find(({ name }) => name === 'vitals-pressure')).toMatchObject({
      state: 'refused',
      detail: expect.stringContaining('psi=1'),
    });
    expect(reading.groups.filter(({ state }) => state === 'on')).toHaveLength(VITAL_GROUPS.length - 1);
    const nothing = readerOf(new RecordedFiles('')).read(1e9);
    expect(nothing.rows).toEqual([]);
    for (const { name, state, detail } of nothing.groups) {
      expect(state, name).toBe('refused');
      expect(detail.length, name).toBeGreaterThan(10);
    }
  });
});

describe('vitals of CPUs', () => {
  const STAT = '== /proc/stat\ncpu  100 0 100 1000 50 0 0 0 0 0\ncpu0 100 0 100 1000 50 0 0 0 0 0\nctxt 10\n';

  it('are shares of the ticks that passed', () => {
    const reading = secondOf(STAT, (files) =>
      files.set(
        '/proc/stat',
        'cpu  140 0 110 1040 60 0 0 0 0 0\ncpu0 140 0 110 1040 60 0 0 0 0 0\nctxt 1234\nprocs_running 3\n',
      ),
    );
    expect(vital(reading, 'cpu.state', 'user')).toBeCloseTo(0.4);
    expect(vital(reading, 'cpu.state', 'idle')).toBeCloseTo(0.4);
    expect(vital(reading, 'cpu.busy', 'cpu0')).toBeCloseTo(0.5);
    expect(vital(reading, 'cpu.switches')).toBe(1224);
    expect(vital(reading, 'cpu.runnable')).toBe(3);
    expect(vital(reading, 'cpu.online')).toBe(1);
  });

  it('go on when the kernel takes time of waiting for I/O back', () => {
    const reading = secondOf(STAT, (files) =>
      files.set('/proc/stat', 'cpu  150 0 100 1050 45 0 0 0\ncpu0 150 0 100 1050 45 0 0 0\n'),
    );
    expect(vital(reading, 'cpu.state', 'user')).toBeCloseTo(0.5);
    expect(vital(reading, 'cpu.state', 'iowait')).toBe(0);
  });

  it('go on when a CPU is taken away and comes back', () => {
    const files = new RecordedFiles(V1);
    const reader = readerOf(files, ['vitals-cpu']);
    const stat = files.read('/proc/stat')!;
    files.set('/proc/stat', stat.replace(/^cpu1 .*\n/m, ''));
    expect(vital(reader.read(1e9), 'cpu.online')).toBe(1);
    files.set('/proc/stat', stat);
    const back = reader.read(2e9);
    expect(vital(back, 'cpu.online')).toBe(2);
    expect(vital(back, 'cpu.busy', 'cpu1')).toBeUndefined();
  });
});

describe('vitals of disks', () => {
  const line = (fields: string) => `== /proc/diskstats\n 254 0 vda ${fields}\n== /sys/block/vda/size\n1\n`;

  it('are of whole disks that have done something', () => {
    const reading = secondOf(V1, (files) => {
      const text = files.read('/proc/diskstats')!;
      files.set('/proc/diskstats', `${text} 254 1 vda1 5 0 5 5 5 0 5 5 0 5 5 0 0 0 0 0 0\n`);
    });
    const disks = reading.rows.filter(({ metric }) => metric === 'disk.reads').map(({ label }) => label);
    expect(disks).toContain('vda');
    expect(disks).not.toContain('vda1');
    expect(disks).not.toContain('loop7');
  });

  it('are of loop devices only while they have done something of late', () => {
    const idle = ' 7 0 loop0 5 0 5 5 5 0 5 5 0 5 5 0 0 0 0 0 0\n';
    const files = new RecordedFiles(`== /proc/diskstats\n${idle}== /sys/block/loop0/size\n1\n`);
    const reader = readerOf(files, ['vitals-disk']);
    expect(vital(reader.read(1e9), 'disk.reads', 'loop0')).toBeUndefined();
    files.set('/proc/diskstats', idle.replace('loop0 5', 'loop0 7'));
    expect(vital(reader.read(2e9), 'disk.reads', 'loop0')).toBe(2);
    expect(vital(reader.read(3e9), 'disk.reads', 'loop0')).toBe(0);
    expect(vital(reader.read(903e9), 'disk.reads', 'loop0')).toBeUndefined();
  });

  it('count operations, bytes, mean times, utilisation and queue', () => {
    const reading = secondOf(line('10 0 80 20 100 0 800 300 0 1000 2000 0 0 0 0 5 10'), (files) =>
      files.set('/proc/diskstats', ' 254 0 vda 10 0 80 20 150 0 4896 500 3 1250 2500 0 0 0 0 7 30\n'),
    );
    expect(vital(reading, 'disk.writes', 'vda')).toBe(50);
    expect(vital(reading, 'disk.write.bytes', 'vda')).toBe(4096 * 512);
    expect(vital(reading, 'disk.write.latency', 'vda')).toBe(4e6);
    expect(vital(reading, 'disk.read.latency', 'vda')).toBeUndefined();
    expect(vital(reading, 'disk.flush.latency', 'vda')).toBe(10e6);
    expect(vital(reading, 'disk.utilisation', 'vda')).toBe(0.25);
    expect(vital(reading, 'disk.queue', 'vda')).toBe(0.5);
  });

  it('go round with their clocks of 32 bits, and start anew with a disk that was made again', () => {
    const round = secondOf(line(`10 0 80 20 100 0 800 ${2 ** 32 - 100} 0 1000 2000`), (files) =>
      files.set('/proc/diskstats', ' 254 0 vda 10 0 80 20 150 0 900 100 0 1250 2500\n'),
    );
    expect(vital(round, 'disk.write.latency', 'vda')).toBe(4e6);
    expect(vital(round, 'disk.flushes', 'vda')).toBeUndefined();
    const anew = secondOf(line('10 0 80 20 100 0 800 300 0 1000 2000'), (files) =>
      files.set('/proc/diskstats', ' 254 0 vda 2 0 80 20 150 0 900 400 0 1250 2500\n'),
    );
    expect(vital(anew, 'disk.writes', 'vda')).toBeUndefined();
  });
});

describe('vitals of the network', () => {
  it('are of interfaces that carried something, with retransmits as a share of what was sent', () => {
    const reading = secondOf(V1, (files) => {
      const snmp = files.read('/proc/net/snmp')!;
      const tcp = snmp
        .split('\n')
        .filter((each) => each.startsWith('Tcp:'))[1]!
        .split(' ');
      tcp[11] = String(Number(tcp[11]) + 95);
      tcp[12] = String(Number(tcp[12]) + 5);
      files.set('/proc/net/snmp', snmp.replace(/^Tcp: \d.*$/m, tcp.join(' ')));
    });
    expect(vital(reading, 'tcp.retransmits')).toBe(5);
    expect(vital(reading, 'tcp.retransmit-share')).toBeCloseTo(0.05);
    const interfaces = reading.rows
      .filter(({ metric }) => metric === 'net.receive.bytes')
      .map(({ label }) => label);
    expect(interfaces.sort()).toEqual(['eth0', 'lo']);
  });

  it('know utilisation where the interface says its speed', () => {
    const reading = secondOf(
      `${V1}== /sys/class/net/eth0/speed\n1000\n== /sys/class/net/lo/speed\n-1\n`,
      (files) => {
        const dev = files.read('/proc/net/dev')!;
        files.set(
          '/proc/net/dev',
          dev.replace(/eth0:\s*(\d+)/, (_, bytes: string) => `eth0: ${Number(bytes) + 62_500_000}`),
        );
      },
    );
    expect(vital(reading, 'net.receive.bytes', 'eth0')).toBe(62_500_000);
    expect(vital(reading, 'net.utilisation', 'eth0')).toBeCloseTo(0.5);
    expect(vital(reading, 'net.utilisation', 'lo')).toBeUndefined();
  });

  it('count sockets by state as often as their share of a core allows, and keep the counts between', () => {
    let costNs = 0;
    const files = new RecordedFiles(V1);
    const read = files.read.bind(files);
    let reads = 0;
    files.read = (path) => {
      if (path === '/proc/net/tcp') {
        reads++;
        costNs += 2.5e6;
      }
      return read(path);
    };
    const header = '  sl  local_address rem_address   st\n';
    files.set('/proc/net/sockstat', 'TCP: inuse 3 orphan 0 tw 7 alloc 3 mem 0\n');
    files.set(
      '/proc/net/tcp',
      `${header}   0: 0100007F:0016 00000000:0000 0A 0\n   1: 0100007F:0016 0100007F:1111 01 0\n`,
    );
    const reader = new VitalsReader({ files, costNs: () => costNs, pageBytes: 4096 });
    reader.setGroups(new Set(['vitals-network']), 0);
    for (let second = 1; second <= 10; second++) {
      const reading = reader.read(second * 1e9);
      expect(vital(reading, 'tcp.states', 'listen')).toBe(1);
      expect(vital(reading, 'tcp.states', 'established')).toBe(1);
      expect(vital(reading, 'tcp.states', 'time wait')).toBe(7);
      expect(reading.groups[0]!.detail).toContain('every 5 s');
    }
    expect(reads).toBe(3);
    files.set('/proc/net/sockstat', 'TCP: inuse 90000 orphan 0 tw 7 alloc 3 mem 0\n');
    const many = reader.read(20e9);
    expect(vital(many, 'tcp.states', 'listen')).toBeUndefined();
    expect(vital(many, 'tcp.sockets', 'in use')).toBe(90000);
    expect(many.groups[0]!.detail).toContain('not counted above');
    expect(reads).toBe(3);
  });
});

describe('vitals of containers', () => {
  it('are read from cgroups v1', () => {
    const label = 'docker 5d6f11aa22bb';
    const cgroup = (name: string, file: string) => `/sys/fs/cgroup/${name}/docker/${DOCKER}/${file}`;
    const reading = secondOf(V1, (files) => {
      const usage = Number(files.read(cgroup('cpuacct', 'cpuacct.usage')));
      files.set(cgroup('cpuacct', 'cpuacct.usage'), String(usage + 500e6));
      files.set(cgroup('cpu', 'cpu.stat'), 'nr_periods 1000\nnr_throttled 1000\nthrottled_time 9248509414\n');
      files.edit(
        cgroup('blkio', 'blkio.throttle.io_service_bytes_recursive'),
        'Write 20971520',
        'Write 21971520',
      );
    });
    expect(vital(reading, 'container.cpu', label)).toBeCloseTo(0.5);
    expect(vital(reading, 'container.cpu.limit', label)).toBe(0.5);
    expect(vital(reading, 'container.throttled.periods', label)).toBeGreaterThan(0.9);
    expect(vital(reading, 'container.memory.limit', label)).toBe(256 << 20);
    expect(vital(reading, 'container.memory.headroom', label)).toBeLessThan(256 << 20);
    expect(vital(reading, 'container.write.bytes', label)).toBe(1_000_000);
    expect(vital(reading, 'container.read.bytes', label)).toBe(0);
    expect(vital(reading, 'container.oom-kills', label)).toBe(0);
  });

  it('say so where v1 counts no I/O', () => {
    const files = new RecordedFiles(V1);
    for (const path of files.paths().filter((each) => each.includes('blkio.throttle')))
      files.set(path, 'Total 0\n');
    const reader = readerOf(files, ['vitals-containers']);
    const reading = reader.read(1e9);
    expect(vital(reading, 'container.write.bytes', 'docker 5d6f11aa22bb')).toBeUndefined();
    expect(reading.groups[0]!.detail).toContain('blkio.throttle');
  });

  it('are read from cgroups v2, headroom by the tightest limit around', () => {
    const C2 = `${POD}/cri-containerd-aa00bb11cc22dd33ee44ff5566778899aabbccddeeff00112233445566778899.scope`;
    const recorded = new RecordedFiles(V2);
    const number = (path: string, name = ''): number =>
      Number(new RegExp(`^${name}\\s*(\\d+)`, 'm').exec(recorded.read(path)!)![1]);
    /** A field that has grown by this. */
    const grow = (files: RecordedFiles, path: string, name: string, by: number): void =>
      files.set(
        path,
        files
          .read(path)!
          .replace(
            new RegExp(`(\\b${name}[ =])(\\d+)`),
            (_, head: string, value: string) => `${head}${Number(value) + by}`,
          ),
      );
    const reading = secondOf(V2, (files) => {
      grow(files, `${C1}/cpu.stat`, 'usage_usec', 250_000);
      grow(files, `${C1}/cpu.stat`, 'nr_periods', 10);
      grow(files, `${C1}/cpu.stat`, 'nr_throttled', 4);
      grow(files, `${C1}/cpu.stat`, 'throttled_usec', 100_000);
      grow(files, `${C1}/io.stat`, 'wbytes', 1_000_000);
      grow(files, `${C1}/memory.events`, 'oom_kill', 1);
    });
    const label = 'containerd 5d6f11aa22bb';
    expect(vital(reading, 'container.cpu', label)).toBeCloseTo(0.25);
    expect(vital(reading, 'container.cpu.limit', label)).toBe(0.5);
    expect(vital(reading, 'container.throttled.periods', label)).toBeCloseTo(0.4);
    expect(vital(reading, 'container.throttled.time', label)).toBeCloseTo(0.1);
    expect(vital(reading, 'container.write.bytes', label)).toBe(1_000_000);
    expect(vital(reading, 'container.oom-kills', label)).toBe(1);
    const taken = (directory: string): number =>
      number(`${directory}/memory.current`) - number(`${directory}/memory.stat`, 'inactive_file');
    const own = number(`${C1}/memory.max`) - taken(C1);
    const ofPod = number(`${POD}/memory.max`) - taken(POD);
    expect(own).toBeLessThan(ofPod);
    expect(vital(reading, 'container.memory.limit', label)).toBe(64 << 20);
    expect(vital(reading, 'container.memory.headroom', label)).toBe(own);
    // The other has no limit of its own, but its pod has.
    expect(recorded.read(`${C2}/memory.max`)).toBe('max\n');
    expect(vital(reading, 'container.memory.limit', 'containerd aa00bb11cc22')).toBe(128 << 20);
    expect(vital(reading, 'container.memory.headroom', 'containerd aa00bb11cc22')).toBe(ofPod);
    expect(vital(reading, 'container.memory.limit', 'nginx.service')).toBeUndefined();
    expect(vital(reading, 'container.memory', 'nginx.service')).toBeGreaterThan(0);
    // What a container divides itself into is not listed.
    expect(recorded.read(`${C2}/nested/cpu.stat`)).toContain('usage_usec');
    expect(
      new Set(reading.rows.filter(({ metric }) => metric === 'container.cpu').map(({ label: at }) => at)),
    ).toEqual(new Set([label, 'containerd aa00bb11cc22', 'nginx.service']));
  });

  it('come and go', () => {
    const files = new RecordedFiles(V2);
    const reader = readerOf(files, ['vitals-containers']);
    reader.read(1e9);
    files.set(C1, undefined);
    expect(vital(reader.read(2e9), 'container.cpu', 'containerd 5d6f11aa22bb')).toBeUndefined();
    files.set('/sys/fs/cgroup/system.slice/new.service/cpu.stat', 'usage_usec 5\n');
    let seen = false;
    for (let second = 3; second <= 13; second++)
      seen ||= vital(reader.read(second * 1e9), 'container.cpu', 'new.service') !== undefined;
    expect(seen).toBe(true);
  });

  it('are bounded, containers before units', () => {
    let recording = V2;
    for (let n = 0; n < 150; n++)
      recording += `== /sys/fs/cgroup/system.slice/unit${n}.service/cpu.stat\nusage_usec 5\n`;
    const reading = secondOf(recording);
    expect(reading.rows.filter(({ metric }) => metric === 'container.cpu')).toHaveLength(100);
    expect(vital(reading, 'container.cpu', 'containerd 5d6f11aa22bb')).toBe(0);
    expect(reading.groups.find(({ name }) => name === 'vitals-containers')!.detail).toContain('53 of 153');
  });
});

describe('readers of vitals', () => {
  it(`take any text for a file without an exception, and make no row of it that is no number (seed ${SEED})`, () => {
    const paths = [...new Set([...new RecordedFiles(V1).paths(), ...new RecordedFiles(V2).paths()])];
    const whole = new Map(
      [V1, V2].flatMap((each) => {
        const files = new RecordedFiles(each);
        return files.paths().map((path) => [path, files.read(path)!] as const);
      }),
    );
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.constantFrom(
        '',
        '\n',
        ' \n \n',
        '-1',
        ':',
        '= =',
        'cpu\ncpu0',
        '9'.repeat(400),
        'NaN Infinity 1e400',
      ),
      // The file itself, cut or with something put into its middle.
      fc
        .record({ path: fc.constantFrom(...paths), cut: fc.nat(), put: fc.string({ maxLength: 8 }) })
        .map(({ path, cut, put }) => {
          const text = whole.get(path)!;
          const at = text.length === 0 ? 0 : cut % text.length;
          return cut % 3 === 0 ? text.slice(0, at) : text.slice(0, at) + put + text.slice(at);
        }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(V1, V2),
        fc.array(
          fc.record({ path: fc.constantFrom(...paths), text: fc.option(hostile, { nil: undefined }) }),
          { maxLength: 6 },
        ),
        (recording, changes) => {
          const files = new RecordedFiles(recording);
          const reader = readerOf(files);
          for (const [at, { path, text }] of changes.entries()) {
            files.set(path, text);
            const { rows } = reader.read((at + 1) * 11e9);
            expect(rows.filter((row) => !isSound(row))).toEqual([]);
          }
        },
      ),
      { seed: SEED, numRuns: 50 },
    );
  });
});
