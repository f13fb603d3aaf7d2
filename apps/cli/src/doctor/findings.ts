/**
 * Owns the judgement of `doctor`: from what a host says and what was tried on it to a list of capabilities, each with
 * the views that it matters for. Pure.
 *
 * Invariant: a view can run when no finding that is `missing` names it. `degraded` means that the view runs and shows
 * less, and the detail says what less is.
 */
import type { LatencyCapability } from '@stallscope/agent';
import { HEATMAP_NAMES, HEATMAPS, type HeatmapName, type LatencyProbe } from '@stallscope/latency';
import { VIEWS, type View } from '@stallscope/profile';
import { type HostSigns, hasCapability } from './host-signs.js';

/** Something that was really tried on this host. */
export type Trial = { ok: true; detail: string } | { ok: false; detail: string; hint: string };

export interface Trials {
  /** libbpf.so.1 loads. */
  libbpf: Trial;
  /** bpf(2) makes a map. */
  bpf: Trial;
  /** The scheduler tracepoints can be followed with their types (tp_btf). */
  tracepoints: Trial;
  /** Programs can walk all threads (iter/task). */
  iterator: Trial;
  /** The scheduler probe itself loads and attaches: task storage and all of the above. */
  probe: Trial;
  /** Samples the CPUs. */
  cpu: Trial;
  /** How each heatmap's probe would be collected; empty where that could not be asked. */
  latencies: readonly LatencyCapability[];
  clang: Trial;
}

export interface Finding {
  name: string;
  status: 'ok' | 'degraded' | 'missing';
  detail: string;
  /** Views that it matters for; empty when it matters for none of them. */
  views: readonly View[];
  /** Heatmaps that it matters for; absent when it matters for none. */
  heatmaps?: readonly HeatmapName[];
  /** What to do; '' when nothing is to be done. */
  remedy: string;
}

/** Bytes; kernels before 5.11 charge BPF maps to it. The probe's maps take about 60 MB. */
const ENOUGH_MEMLOCK_BYTES = 128 * 1024 * 1024;

/** What decides by itself, from files alone, whether anything can be traced: quick enough for every start. */
export function toMeans(signs: HostSigns): Finding[] {
  return [system(signs), permission(signs), btf(signs), lockdown(signs)];
}

export function toFindings(signs: HostSigns, trials: Trials): Finding[] {
  const { tracepoints, iterator, probe, cpu, bpf, libbpf } = trials;
  return [
    ...toMeans(signs),
    tried('libbpf', libbpf, VIEWS),
    tried('bpf system call', bpf, VIEWS),
    tried('scheduler tracepoints (tp_btf)', tracepoints, VIEWS),
    tried('task iterator (iter/task)', iterator, VIEWS),
    tried('scheduler probe (with task storage)', probe, VIEWS),
    tried('CPU probe (perf events)', cpu, ['cpu']),
    lengths(probe),
    ...trials.latencies.map(latency),
    kallsyms(signs),
    otherProcesses(signs),
    sourceLines(signs),
    memlock(signs),
    cgroups(signs),
    noMatter('clang', trials.clang.ok, trials.clang.detail, trials.clang.ok ? '' : trials.clang.hint),
    noMatter(
      'tracefs',
      signs.tracefs !== undefined,
      signs.tracefs === undefined
        ? 'not mounted; no view needs it, tools to compare with do'
        : `mounted at ${signs.tracefs}; no view needs it`,
      'mount -t tracefs tracefs /sys/kernel/tracing',
    ),
    noMatter(
      'pressure (PSI)',
      signs.pressure,
      signs.pressure ? '/proc/pressure is there' : 'the kernel has no /proc/pressure; no view needs it',
      'boot with psi=1',
    ),
    noMatter(
      'perf_event_paranoid',
      true,
      `${signs.perfEventParanoid ?? 'unknown'}; the CPU view uses perf events, with the permission that tracing needs anyway`,
      '',
    ),
    noMatter(
      'unprivileged_bpf_disabled',
      true,
      `${signs.unprivilegedBpfDisabled ?? 'unknown'}; tracing needs a permission whatever it says`,
      '',
    ),
  ];
}

export function runnableViews(findings: readonly Finding[]): View[] {
  return VIEWS.filter(
    (view) => !findings.some(({ status, views }) => status === 'missing' && views.includes(view)),
  );
}

/** Those that nothing which is missing stands in the way of. All are of windows, which the scheduler probe makes. */
export function runnableHeatmaps(findings: readonly Finding[]): HeatmapName[] {
  if (!runnableViews(findings).some((view) => view !== 'cpu')) return [];
  return HEATMAP_NAMES.filter(
    (name) => !findings.some(({ status, heatmaps }) => status === 'missing' && heatmaps?.includes(name)),
  );
}

/** The scheduler probe counts them itself. */
function lengths(probe: Trial): Finding {
  return {
    name: 'lengths of waits',
    status: probe.ok ? 'ok' : 'missing',
    detail: probe.ok
      ? 'counted by the scheduler probe, exactly, while they are asked for'
      : 'the scheduler probe counts them, and cannot run: see above',
    views: [],
    heatmaps: heatmapsOf('lengths'),
    remedy: probe.ok ? '' : 'What helps the scheduler probe helps here.',
  };
}

function latency({ name, status, detail }: LatencyCapability): Finding {
  const heatmaps = heatmapsOf(name);
  return {
    name: `heatmap ${heatmaps.join(', ')}`,
    status,
    detail,
    views: [],
    heatmaps,
    remedy: LATENCY_REMEDIES[status],
  };
}

const LATENCY_REMEDIES: Readonly<Record<Finding['status'], string>> = {
  ok: '',
  degraded: 'Nothing is to be done: this is the best route that Stallscope has. All else is counted exactly.',
  missing:
    'All else goes on without it. Distributions’ kernels of 5.11 and later have these hooks, for root.',
};

function heatmapsOf(probe: LatencyProbe): HeatmapName[] {
  return HEATMAPS.filter((kind) => kind.probe === probe).map(({ name }) => name);
}

function system(signs: HostSigns): Finding {
  const isLinux = signs.platform === 'linux';
  return {
    name: 'Linux',
    status: isLinux ? 'ok' : 'missing',
    detail: isLinux ? signs.kernel : `this is ${signs.platform}; only Linux has BPF`,
    views: VIEWS,
    remedy: isLinux ? '' : 'Run it on the Linux host that you want to look at.',
  };
}

function permission(signs: HostSigns): Finding {
  const can =
    hasCapability(signs, 'sysAdmin') || (hasCapability(signs, 'bpf') && hasCapability(signs, 'perfmon'));
  return {
    name: 'permission',
    status: can ? 'ok' : 'missing',
    detail: can
      ? signs.uid === 0
        ? 'root'
        : 'CAP_BPF and CAP_PERFMON, or CAP_SYS_ADMIN'
      : signs.uid === 0
        ? 'root without CAP_BPF and CAP_PERFMON: a container that was not given them'
        : `user ${signs.uid} has neither CAP_BPF and CAP_PERFMON nor CAP_SYS_ADMIN`,
    views: VIEWS,
    remedy: can
      ? ''
      : signs.uid === 0
        ? 'Start the container with --privileged, or with --cap-add BPF --cap-add PERFMON --cap-add SYS_PTRACE --cap-add SYSLOG --pid host.'
        : 'Run it as root: sudo npm start, or sudo npx stallscope …',
  };
}

function btf(signs: HostSigns): Finding {
  return {
    name: 'kernel BTF',
    status: signs.btf ? 'ok' : 'missing',
    detail: signs.btf
      ? '/sys/kernel/btf/vmlinux'
      : 'no /sys/kernel/btf/vmlinux: the kernel was built without its types',
    views: VIEWS,
    remedy: signs.btf
      ? ''
      : 'Boot a kernel with CONFIG_DEBUG_INFO_BTF=y; those of Debian 11, Ubuntu 20.10 and later have it.',
  };
}

function lockdown(signs: HostSigns): Finding {
  const refuses = signs.lockdown === 'confidentiality';
  return {
    name: 'kernel lockdown',
    status: refuses ? 'missing' : 'ok',
    detail: refuses
      ? 'confidentiality: BPF programs may not read kernel memory'
      : (signs.lockdown ?? 'the kernel has none'),
    views: VIEWS,
    remedy: refuses ? 'Boot with lockdown=integrity, or without lockdown.' : '',
  };
}

function kallsyms(signs: HostSigns): Finding {
  const shown = signs.kallsyms === 'shown';
  return {
    name: 'kernel symbols (kallsyms)',
    status: shown ? 'ok' : 'degraded',
    detail: shown
      ? `readable; kptr_restrict ${signs.kptrRestrict ?? 'unknown'}`
      : `${signs.kallsyms}; kptr_restrict ${signs.kptrRestrict ?? 'unknown'}: kernel frames have no names, and interrupts cannot be told from the tasks they hit`,
    views: VIEWS,
    remedy: shown ? '' : 'Run it as root or with CAP_SYSLOG, and: sysctl kernel.kptr_restrict=1',
  };
}

function otherProcesses(signs: HostSigns): Finding {
  const can = signs.uid === 0 || hasCapability(signs, 'sysPtrace') || hasCapability(signs, 'sysAdmin');
  return {
    name: "other processes' mappings",
    status: can ? 'ok' : 'degraded',
    detail: can ? '/proc/PID/maps of all users' : "other users' user frames have no names",
    views: VIEWS,
    remedy: can ? '' : 'Run it as root or with CAP_SYS_PTRACE.',
  };
}

/** The reader of debug information becomes nobody: it takes the two capabilities where the agent is root. */
function sourceLines(signs: HostSigns): Finding {
  const mayRead = signs.uid !== 0 || (hasCapability(signs, 'setuid') && hasCapability(signs, 'setgid'));
  const lacks = !signs.libdw
    ? 'no libdw.so.1: frames have names, but no lines and no inlined functions'
    : !mayRead
      ? 'root without CAP_SETUID and CAP_SETGID: debug information is read by a process that becomes nobody, so it is not read'
      : undefined;
  return noMatter(
    'source lines and inlined functions',
    lacks === undefined,
    lacks ?? 'read from debug information, when asked, by a process that may do nothing else',
    signs.libdw
      ? 'Start the container with --cap-add SETUID --cap-add SETGID.'
      : 'Install libdw1 (Debian, Ubuntu) or elfutils-libs (Fedora).',
  );
}

function memlock(signs: HostSigns): Finding {
  const [major = 0, minor = 0] = signs.kernel.split('.').map(Number);
  const matters = major < 5 || (major === 5 && minor < 11);
  const enough = (signs.memlockBytes ?? 0) >= ENOUGH_MEMLOCK_BYTES || hasCapability(signs, 'sysResource');
  const limit =
    signs.memlockBytes === Number.POSITIVE_INFINITY
      ? 'unlimited'
      : `${signs.memlockBytes ?? 'unknown'} bytes`;
  return {
    name: 'locked memory',
    status: matters && !enough ? 'degraded' : 'ok',
    detail: matters
      ? `limit ${limit}; kernels before 5.11 charge BPF maps to it`
      : `limit ${limit}; this kernel does not charge BPF maps to it`,
    views: matters ? VIEWS : [],
    remedy: matters && !enough ? 'ulimit -l unlimited' : '',
  };
}

function cgroups(signs: HostSigns): Finding {
  const there = signs.cgroup2 !== undefined;
  return {
    name: 'cgroup v2',
    status: there ? 'ok' : 'degraded',
    detail: there
      ? `mounted at ${signs.cgroup2}`
      : `${signs.cgroup1 === undefined ? 'no cgroups mounted' : 'only cgroup v1'}: the --cgroup filter cannot be used`,
    views: [],
    remedy: there
      ? ''
      : 'Boot with systemd.unified_cgroup_hierarchy=1, or mount -t cgroup2 none /sys/fs/cgroup/unified',
  };
}

function tried(name: string, trial: Trial, views: readonly View[]): Finding {
  return {
    name,
    status: trial.ok ? 'ok' : 'missing',
    detail: trial.detail,
    views,
    remedy: trial.ok ? '' : trial.hint,
  };
}

/** Something to know that no view depends on. */
function noMatter(name: string, good: boolean, detail: string, remedy: string): Finding {
  return { name, status: good ? 'ok' : 'degraded', detail, views: [], remedy: good ? '' : remedy };
}
