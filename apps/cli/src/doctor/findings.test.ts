import { VIEWS, WAIT_VIEWS } from '@stallscope/profile';
import { describe, expect, test } from 'vitest';
import { toDoctorJson, toDoctorText } from './doctor-command.js';
import { runnableHeatmaps, runnableViews, type Trials, toFindings, toMeans } from './findings.js';
import { type HostSigns, parseCapabilities, parseLockdown, parseMemlock, parseMounts } from './host-signs.js';

const ALL = (1n << 41n) - 1n;

const GOOD: HostSigns = {
  platform: 'linux',
  kernel: '6.1.0-18-amd64',
  uid: 0,
  capabilities: ALL,
  btf: true,
  lockdown: 'none',
  kallsyms: 'shown',
  kptrRestrict: 1,
  perfEventParanoid: 2,
  unprivilegedBpfDisabled: 2,
  memlockBytes: 65_536,
  tracefs: '/sys/kernel/tracing',
  cgroup2: '/sys/fs/cgroup',
  cgroup1: undefined,
  pressure: true,
  libdw: true,
};

const WORKED = { ok: true, detail: 'yes' } as const;
const TRIALS: Trials = {
  libbpf: WORKED,
  bpf: WORKED,
  tracepoints: WORKED,
  iterator: WORKED,
  probe: WORKED,
  cpu: WORKED,
  latencies: [
    { name: 'block', status: 'ok', detail: 'tp_btf block_rq_issue' },
    { name: 'dns', status: 'ok', detail: 'uprobes' },
  ],
  clang: WORKED,
};

/** Names of findings that are not ok, with their status. */
function lacks(signs: Partial<HostSigns>, trials: Partial<Trials> = {}): string[] {
  return toFindings({ ...GOOD, ...signs }, { ...TRIALS, ...trials })
    .filter(({ status }) => status !== 'ok')
    .map(({ name, status }) => `${status} ${name}`);
}

describe('doctor', () => {
  test('a host where all is well', () => {
    expect(lacks({})).toEqual([]);
    expect(runnableViews(toFindings(GOOD, TRIALS))).toEqual(VIEWS);
  });
  test.each<[string, Partial<HostSigns>, string[], boolean]>([
    [
      'an ordinary user',
      { uid: 1000, capabilities: 0n },
      ['missing permission', "degraded other processes' mappings"],
      false,
    ],
    [
      'a user with the two capabilities',
      { uid: 1000, capabilities: (1n << 39n) | (1n << 38n) },
      ["degraded other processes' mappings"],
      true,
    ],
    [
      'one of the two is not enough',
      { uid: 1000, capabilities: 1n << 39n },
      ['missing permission', "degraded other processes' mappings"],
      false,
    ],
    [
      'root in a container without them',
      { capabilities: 0n },
      ['missing permission', 'degraded source lines and inlined functions'],
      false,
    ],
    [
      'root that may not become nobody',
      { capabilities: ALL ^ (1n << 7n) },
      ['degraded source lines and inlined functions'],
      true,
    ],
    ['no libdw', { libdw: false }, ['degraded source lines and inlined functions'], true],
    ['no BTF', { btf: false }, ['missing kernel BTF'], false],
    ['lockdown for confidentiality', { lockdown: 'confidentiality' }, ['missing kernel lockdown'], false],
    ['lockdown for integrity', { lockdown: 'integrity' }, [], true],
    ['no lockdown in the kernel', { lockdown: undefined }, [], true],
    [
      'hidden kernel symbols',
      { kallsyms: 'hidden', kptrRestrict: 2 },
      ['degraded kernel symbols (kallsyms)'],
      true,
    ],
    ['no cgroup v2', { cgroup2: undefined, cgroup1: '/sys/fs/cgroup' }, ['degraded cgroup v2'], true],
    [
      'an old kernel with little locked memory',
      { kernel: '5.10.0', capabilities: ALL ^ (1n << 24n) },
      ['degraded locked memory'],
      true,
    ],
    ['a new kernel with little locked memory', { capabilities: ALL ^ (1n << 24n) }, [], true],
    [
      'no tracefs and no pressure',
      { tracefs: undefined, pressure: false },
      ['degraded tracefs', 'degraded pressure (PSI)'],
      true,
    ],
    ['not Linux', { platform: 'darwin' }, ['missing Linux'], false],
  ])('%s', (_name, signs, expected, canRun) => {
    expect(lacks(signs)).toEqual(expected);
    expect(runnableViews(toFindings({ ...GOOD, ...signs }, TRIALS))).toEqual(canRun ? VIEWS : []);
  });
  test('whatever is not ok says what to do, and what is ok says nothing of it', () => {
    const signs: HostSigns = {
      ...GOOD,
      uid: 1000,
      capabilities: 0n,
      btf: false,
      lockdown: 'confidentiality',
      kallsyms: 'hidden',
    };
    for (const finding of toFindings(signs, TRIALS))
      expect(finding.remedy === '').toBe(finding.status === 'ok');
  });
  test('a trial that fails stops its views, with its own words', () => {
    const probe = { ok: false, detail: 'load sched.bpf.o: EACCES', hint: 'see the log' } as const;
    const findings = toFindings(GOOD, { ...TRIALS, probe });
    expect(runnableViews(findings)).toEqual([]);
    const text = toDoctorText(findings, []);
    expect(text).toContain('load sched.bpf.o: EACCES');
    expect(text).toContain('without it no off-cpu, wakeup, off-wake, chain');
    expect(text).toContain('→ see the log');
    expect(text).toContain('No view can run on this host.');
  });
  test('no clang stops no view: only building needs it', () => {
    const clang = { ok: false, detail: 'not found', hint: 'apt-get install clang' } as const;
    expect(lacks({}, { clang })).toEqual(['degraded clang']);
  });
  test('without perf events every view of waits and the wall view run, without the stacks of what ran', () => {
    const findings = toFindings(GOOD, { ...TRIALS, cpu: { ok: false, detail: 'EACCES', hint: '' } });
    expect(runnableViews(findings)).toEqual([...WAIT_VIEWS, 'wall']);
  });
  test('says by which route each heatmap is counted, and which cannot be', () => {
    const missing = { name: 'dns', status: 'missing', detail: 'this kernel has no uprobes' } as const;
    const findings = toFindings(GOOD, { ...TRIALS, latencies: [TRIALS.latencies[0]!, missing] });
    expect(runnableViews(findings)).toEqual(VIEWS);
    const text = toDoctorText(findings, VIEWS);
    expect(text).toContain('✓ ok        heatmap biolatency: tp_btf block_rq_issue');
    expect(text).toContain(
      '✗ missing   heatmap dns: this kernel has no uprobes\n              without it no heatmap dns',
    );
    expect(text).toMatch(/Heatmaps that can be counted: offcpu, wakelat, runqlat, biolatency, .*, futex\n$/);
    expect(text).not.toMatch(/counted: .*dns/);
  });
  test('without the scheduler probe, whose windows they are of, no heatmap is counted', () => {
    const findings = toFindings(GOOD, { ...TRIALS, probe: { ok: false, detail: 'EACCES', hint: 'x' } });
    expect(runnableHeatmaps(findings)).toEqual([]);
  });
  test('JSON says each view and each capability', () => {
    const findings = toFindings(GOOD, TRIALS);
    const json = JSON.parse(toDoctorJson(findings, ['off-cpu']));
    expect(json.heatmaps).toMatchObject({ runqlat: true, biolatency: true, dns: true });
    expect(json.views).toEqual({
      'off-cpu': true,
      wakeup: false,
      'off-wake': false,
      chain: false,
      cpu: false,
      wall: false,
    });
    expect(json.capabilities).toEqual(findings);
  });
  test('what decides at every start is what files alone say', () => {
    expect(toMeans({ ...GOOD, btf: false }).filter(({ status }) => status === 'missing')).toHaveLength(1);
  });
});

describe('files of /proc', () => {
  test('mounts, capabilities, lockdown, limits', () => {
    const mounts = parseMounts(
      'proc /proc proc rw 0 0\ncg /sys/fs/cgroup cgroup2 rw 0 0\ncg /other cgroup2 rw 0 0\n',
    );
    expect(mounts.get('cgroup2')).toBe('/sys/fs/cgroup');
    expect(parseCapabilities('CapPrm:\t0000000000000000\nCapEff:\t000001fffeffffff\n')).toBe(0x1fffeffffffn);
    expect(parseCapabilities('')).toBe(0n);
    expect(parseLockdown('none [integrity] confidentiality\n')).toBe('integrity');
    expect(parseLockdown(undefined)).toBeUndefined();
    expect(parseMemlock('Max locked memory         8388608              8388608              bytes\n')).toBe(
      8_388_608,
    );
    expect(parseMemlock('Max locked memory         unlimited            unlimited            bytes\n')).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
