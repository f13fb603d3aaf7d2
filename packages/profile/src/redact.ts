/**
 * Owns reduced copies of what was measured, for those who may see some of it: windows with their tables, or a profile from
 * elsewhere, with names replaced as redactor.ts says.
 *
 * Invariant: the copy holds no text but what its rows use, each passed through the redactor; numbers stay as they are, but
 * for rows that become the same row, which are summed. What was given is not changed; columns of numbers are shared.
 */
import { CHAIN_ENDS, type ChainEndCode, NONE, SPACES } from './kinds.js';
import { mergeRows } from './merge-windows.js';
import { type OwnerKind, Redactor, type Reduction } from './redactor.js';
import type { SampleFrame, SampleLabels, SampleProfile } from './sample-profile.js';
import { ProfileTables } from './tables.js';
import type { ProfileWindow } from './window.js';

export interface RedactedWindows {
  tables: ProfileTables;
  windows: ProfileWindow[];
}

/** A redactor that knows the names of the processes in these windows. */
export function redactorOf(
  tables: ProfileTables,
  windows: readonly ProfileWindow[],
  hostNames: Iterable<string>,
  reduction: Reduction,
  key: Uint8Array,
): Redactor {
  return new Redactor(reduction, key, hostNames, processNamesOf(tables, windows), ownersOf(tables, windows));
}

/** As `redactorOf`, of the profiles of a file from elsewhere: what one of them calls a process is hidden in all. */
export function redactorOfSamples(
  profiles: readonly SampleProfile[],
  hostNames: Iterable<string>,
  reduction: Reduction,
  key: Uint8Array,
): Redactor {
  const names = new Set<string>();
  const owners = new Map<string, [OwnerKind, string]>();
  for (const { labelSets, frames } of profiles) {
    for (const { process, comm, ...labels } of labelSets) {
      for (const name of [process, comm]) if (name !== undefined) names.add(String(name));
      for (const kind of ['user', 'container', 'pod', 'unit'] as const) {
        const name = String(labels[kind] ?? '');
        if (name !== '') owners.set(`${kind} ${name}`, [kind, name]);
      }
    }
    for (const { name, role } of frames) if (role === 'comm') names.add(name);
  }
  return new Redactor(reduction, key, hostNames, names, owners.values());
}

export function redactWindows(
  tables: ProfileTables,
  windows: readonly ProfileWindow[],
  redactor: Redactor,
): RedactedWindows {
  const copy = new TablesCopy(tables, redactor);
  return { tables: copy.tables, windows: windows.map((window) => copyWindow(window, copy)) };
}

export function redactSamples(profile: SampleProfile, redactor: Redactor): SampleProfile {
  return {
    ...profile,
    title: redactor.text(profile.title),
    frames: profile.frames.map((frame) => redactFrame(frame, redactor)),
    labelSets: profile.labelSets.map((labels) => redactLabels(labels, redactor)),
  };
}

export interface Renamed {
  before: string;
  after: string;
}

/** What a reader of the copy will find, by kind; distinct names, in order of `before`. */
export interface ReductionPreview {
  processes: Renamed[];
  threads: Renamed[];
  modules: Renamed[];
  functions: { total: number; changed: Renamed[] };
}

export function reductionPreview(
  tables: ProfileTables,
  windows: readonly ProfileWindow[],
  redactor: Redactor,
): ReductionPreview {
  const copy = new TablesCopy(tables, redactor);
  const processes = processNamesOf(tables, windows);
  for (const window of windows) copyWindow(window, copy);
  const functions = copy.functions();
  return {
    processes: renamed(processes, (name) => redactor.threadName(name)),
    threads: renamed(
      [...copy.threadNames].filter((name) => !processes.has(name)),
      (name) => redactor.threadName(name),
    ),
    modules: renamed(copy.userModules, (name) => redactor.module(name)),
    functions: {
      total: functions.length,
      changed: functions.filter(({ before, after }) => before !== after),
    },
  };
}

/** The preview of the profiles of a file from elsewhere. */
export function samplesReductionPreview(
  profiles: readonly SampleProfile[],
  redactor: Redactor,
): ReductionPreview {
  const processes = new Set<string>();
  const threads = new Set<string>();
  for (const { process, comm } of profiles.flatMap(({ labelSets }) => labelSets)) {
    if (process !== undefined) processes.add(String(process));
    if (comm !== undefined) threads.add(String(comm));
  }
  const functions = new Map<string, string>();
  const modules = new Set<string>();
  for (const frame of profiles.flatMap(({ frames }) => frames)) {
    if (frame.role === 'comm' || frame.role === 'waker-comm') threads.add(frame.name);
    else functions.set(frame.name, redactFrame(frame, redactor).name);
    if (frame.module !== '' && !isKernelRole(frame.role)) modules.add(frame.module);
  }
  const ofFunctions = renamed(functions.keys(), (name) => functions.get(name)!);
  return {
    processes: renamed(processes, (name) => redactor.threadName(name)),
    threads: renamed(
      [...threads].filter((name) => !processes.has(name)),
      (name) => redactor.threadName(name),
    ),
    modules: renamed(modules, (name) => redactor.module(name)),
    functions: {
      total: ofFunctions.length,
      changed: ofFunctions.filter(({ before, after }) => before !== after),
    },
  };
}

/** Names that windows call their processes; a process that none named is called by its leader's or its only thread's. */
function processNamesOf(tables: ProfileTables, windows: readonly ProfileWindow[]): Set<string> {
  const names = new Set<string>();
  const add = (tgid: readonly number[], tid: readonly number[], comm: readonly number[]): void => {
    for (let i = 0; i < tid.length; i++) if (tid[i] === tgid[i]) names.add(tables.strings[comm[i]!]!);
  };
  for (const { processes, rows, threads, openWaits } of windows) {
    for (const name of processes.name) names.add(tables.strings[name]!);
    add(rows.tgid, rows.tid, rows.comm);
    add(threads.tgid, threads.tid, threads.comm);
    add(openWaits.tgid, openWaits.tid, openWaits.comm);
  }
  names.delete('');
  return names;
}

/** Users, containers, pods and units that windows tell of; paths of cgroups are made of these. */
function ownersOf(tables: ProfileTables, windows: readonly ProfileWindow[]): [OwnerKind, string][] {
  const owners = new Map<string, [OwnerKind, string]>();
  for (const { processes } of windows) {
    for (const kind of ['user', 'container', 'pod', 'unit'] as const) {
      for (const id of processes[kind]) {
        const name = tables.strings[id] ?? '';
        if (name !== '') owners.set(`${kind} ${name}`, [kind, name]);
      }
    }
  }
  return [...owners.values()];
}

function renamed(names: Iterable<string>, rename: (name: string) => string): Renamed[] {
  return [...names].sort().map((before) => ({ before, after: rename(before) }));
}

/** Copies ids as they are used, so that nothing else of the tables gets into the copy. */
class TablesCopy {
  readonly tables = new ProfileTables();
  readonly threadNames = new Set<string>();
  readonly userModules = new Set<string>();
  readonly #from: ProfileTables;
  readonly #redactor: Redactor;
  readonly #names = new Map<number, number>();
  readonly #frames = new Map<number, number>();
  readonly #stacks = new Map<number, number>();
  readonly #chains = new Map<number, number>();

  constructor(from: ProfileTables, redactor: Redactor) {
    this.#from = from;
    this.#redactor = redactor;
  }

  threadName = (name: number): number => {
    let copied = this.#names.get(name);
    if (copied === undefined) {
      const text = this.#from.strings[name]!;
      if (text !== '') this.threadNames.add(text);
      copied = this.tables.internString(this.#redactor.threadName(text));
      this.#names.set(name, copied);
    }
    return copied;
  };

  get hidesNames(): boolean {
    return this.#redactor.reduction.processNames;
  }

  owner(kind: OwnerKind, name: number): number {
    return this.tables.internString(this.#redactor.owner(kind, this.#from.strings[name] ?? ''));
  }

  command = (line: number): number =>
    this.tables.internString(this.#redactor.command(this.#from.strings[line] ?? ''));

  /** A disk, an interface, a container: where it is known as somebody's it is hidden as that. */
  device = (label: number): number =>
    this.tables.internString(this.#redactor.text(this.#from.strings[label] ?? ''));

  /** Containers and units are somebody's, whether or not a process of theirs was seen; what others are of is the host's. */
  vitalLabel = (metric: number, label: number): number =>
    this.#from.strings[metric]?.startsWith(CONTAINER_METRICS)
      ? this.owner('container', label)
      : this.device(label);

  /** What names nothing of anybody's: which runtime it is. */
  asItIs = (text: number): number => this.tables.internString(this.#from.strings[text] ?? '');

  stack = (stack: number): number => {
    // From the nearest prefix that is known down to the leaf; stacks may be deeper than calls can nest.
    const missing: number[] = [];
    let at = stack;
    while (at !== NONE && !this.#stacks.has(at)) {
      missing.push(at);
      at = this.#from.stackPrefix[at]!;
    }
    let copied = at === NONE ? NONE : this.#stacks.get(at)!;
    for (let n = missing.length - 1; n >= 0; n--) {
      copied = this.tables.internStack(copied, this.#frame(this.#from.stackFrame[missing[n]!]!));
      this.#stacks.set(missing[n]!, copied);
    }
    return copied;
  };

  chain = (chain: number): number => {
    const missing: number[] = [];
    let at = chain;
    while (at !== NONE && !this.#chains.has(at)) {
      missing.push(at);
      at = this.#from.chains[at]!.parent;
    }
    let copied = at === NONE ? NONE : this.#chains.get(at)!;
    for (let n = missing.length - 1; n >= 0; n--) {
      const { tgid, tid, comm, userStack, kernelStack, end } = this.#from.chains[missing[n]!]!;
      copied = this.tables.internChain({
        tgid,
        tid,
        comm: end === INTERRUPT ? this.tables.internString(this.#from.strings[comm]!) : this.threadName(comm),
        userStack: this.stack(userStack),
        kernelStack: this.stack(kernelStack),
        parent: copied,
        end,
      });
      this.#chains.set(missing[n]!, copied);
    }
    return copied;
  };

  /** Distinct names of the functions copied so far. */
  functions(): Renamed[] {
    const names = new Map<string, string>();
    for (const [from, to] of this.#frames) {
      names.set(this.#from.frameLabel(from), this.tables.frameLabel(to));
    }
    return renamed(names.keys(), (name) => names.get(name)!);
  }

  #frame(frame: number): number {
    let copied = this.#frames.get(frame);
    if (copied === undefined) {
      const from = this.#from;
      const name = from.frameLabel(frame);
      const module = from.strings[from.frameModule[frame]!]!;
      const space = from.frameSpace[frame]!;
      const isUser = SPACES[space] === 'user';
      if (isUser && module !== '') this.userModules.add(module);
      copied = this.tables.internFrame({
        name: this.tables.internString(isUser ? this.#redactor.functionName(name, module) : name),
        module: this.tables.internString(isUser ? this.#redactor.module(module) : module),
        space,
        unnamed: from.frameUnnamed[frame]!,
        kind: from.frameKind[frame]!,
      });
      this.#frames.set(frame, copied);
    }
    return copied;
  }
}

/** How the names of metrics begin that are of one container or unit. */
const CONTAINER_METRICS = 'container.';

function copyWindow(window: ProfileWindow, copy: TablesCopy): ProfileWindow {
  const { rows, threads, openWaits, processes, latencies, vitals, probes } = window;
  const renamed = {
    ...rows,
    comm: rows.comm.map(copy.threadName),
    userStack: rows.userStack.map(copy.stack),
    kernelStack: rows.kernelStack.map(copy.stack),
    chain: rows.chain.map(copy.chain),
  };
  const unsaid = new Array<number>(processes.tgid.length).fill(0);
  const owner = (kind: OwnerKind) => (name: number) => copy.owner(kind, name);
  return {
    ...window,
    rows: mergeRows([{ ...window, rows: renamed }]),
    threads: { ...threads, comm: threads.comm.map(copy.threadName) },
    openWaits: {
      ...openWaits,
      comm: openWaits.comm.map(copy.threadName),
      userStack: openWaits.userStack.map(copy.stack),
      kernelStack: openWaits.kernelStack.map(copy.stack),
    },
    processes: {
      ...processes,
      name: processes.name.map(copy.threadName),
      // The number of a user tells as much as the name.
      uid: copy.hidesNames ? unsaid : processes.uid,
      user: processes.user.map(owner('user')),
      command: processes.command.map(copy.command),
      cgroupPath: processes.cgroupPath.map(owner('cgroup')),
      container: processes.container.map(owner('container')),
      runtime: processes.runtime.map(copy.asItIs),
      pod: processes.pod.map(owner('pod')),
      unit: processes.unit.map(owner('unit')),
      hint: unsaid,
    },
    latencies: {
      ...latencies,
      operation: latencies.operation.map(copy.asItIs),
      target: latencies.target.map(copy.device),
    },
    vitals: {
      ...vitals,
      metric: vitals.metric.map(copy.asItIs),
      label: vitals.label.map((label, at) => copy.vitalLabel(vitals.metric[at]!, label)),
    },
    // Why something was refused may name files of the host.
    probes: {
      ...probes,
      name: probes.name.map(copy.asItIs),
      detail: probes.detail.map(copy.hidesNames ? () => 0 : copy.asItIs),
    },
    losses: { ...window.losses },
  };
}

function redactFrame(frame: SampleFrame, redactor: Redactor): SampleFrame {
  const { name, module, role } = frame;
  if (role === 'comm' || role === 'waker-comm' || role === 'group') {
    return { ...frame, name: redactor.threadName(name) };
  }
  if (role !== 'user' && role !== 'waker-user') return { ...frame };
  return {
    ...frame,
    name: redactor.functionName(name, module),
    module: redactor.module(module),
    file: redactor.text(frame.file),
  };
}

function isKernelRole(role: SampleFrame['role']): boolean {
  return role === 'kernel' || role === 'waker-kernel';
}

/** Separates the names of a chain of wakers in the label `wakers`. */
const WAKER_ARROW = ' <- ';

/** What labels say of whose a process is. */
const OWNER_LABELS: ReadonlySet<string> = new Set<OwnerKind>(['user', 'container', 'pod', 'unit', 'cgroup']);

/** Words of ours, and of runtimes. */
const AS_THEY_ARE: ReadonlySet<string> = new Set(['kind', 'state', 'runtime']);

function redactLabels(labels: SampleLabels, redactor: Redactor): SampleLabels {
  const reduced: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(labels)) {
    if (typeof value === 'number' || AS_THEY_ARE.has(key)) reduced[key] = value;
    else if (key === 'command') {
      const command = redactor.command(value);
      if (command !== '') reduced[key] = command;
    } else if (OWNER_LABELS.has(key)) reduced[key] = redactor.owner(key as OwnerKind, value);
    else if (key === 'comm' || key === 'process' || key === 'waker')
      reduced[key] = redactor.threadName(value);
    else if (key === 'wakers')
      reduced[key] = value
        .split(WAKER_ARROW)
        .map((name) => redactor.threadName(name))
        .join(WAKER_ARROW);
    else if (key === 'host' || key === 'hostname') reduced[key] = redactor.host(value);
    else reduced[key] = redactor.text(value);
  }
  return reduced;
}

const INTERRUPT = CHAIN_ENDS.indexOf('interrupt') as ChainEndCode;
