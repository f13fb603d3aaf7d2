/**
 * Owns reading profiles of the Firefox Profiler: what profiler.firefox.com saves (also what samply and other importers
 * write), and what Firefox hands out itself.
 *
 * A profile is read as one SampleProfile for each kind of weight: samples are counted, waits and traces have
 * milliseconds, sizes have bytes. Threads are labels. A frame's role is that of its category where we know it; `Kernel`
 * is the kernel's in everyone's files.
 */
import { NONE, type Role, type SampleLabels, type SampleProfile, type ValueType } from '@stallscope/profile';
import { BoundedProfileBuilder } from '../bounded-builder.js';
import { JsonPlace, readJson } from '../json-bytes.js';
import type { ReadContext } from '../read.js';
import type { ReadBudget } from '../read-limits.js';
import {
  kindOfCategory,
  NO_ID,
  NO_NAME,
  readOwnFacts,
  roleOfCategory,
  unnamedOfPart,
} from './firefox-conventions.js';
import type { FirefoxFrame, FirefoxSamples, FirefoxTables, FirefoxThread } from './firefox-tables.js';
import { GeckoSamples, GeckoTables, readGeckoLibs } from './gecko-tables.js';
import { ProcessedSamples, ProcessedTables, readCategories, readLibs } from './processed-tables.js';

/** @throws FormatError with the path in the JSON text */
export function readFirefox(bytes: Uint8Array, { name, budget, notes }: ReadContext): SampleProfile[] {
  const root = new JsonPlace(readJson(bytes, 'firefox', budget.limits), '', 'firefox');
  const meta = root.at('meta');
  const isProcessed = !meta.at('preprocessedProfileVersion').isAbsent;
  // Tools that do not know when a profile was recorded write 0.
  const startMs = meta.at('startTime').isAbsent ? null : meta.at('startTime').number() || null;
  const threads = isProcessed ? readProcessedThreads(root) : readGeckoThreads(root, startMs ?? 0, 0);
  const own = readOwnFacts(meta);
  const product = meta.at('product').isAbsent ? '' : meta.at('product').string();
  if (own.isUnnamed) for (const thread of threads) thread.processName = '';
  const title = own.title ?? (product === '' ? name : `${name} (${product})`);
  const profiles: SampleProfile[] = [];
  const groups = (['tracing-ms', 'samples', 'bytes'] as const)
    .map((weightType) => ({
      valueType: own.valueType ?? VALUE_TYPES[weightType],
      group: threads.filter(({ samples }) => samples.weightType === weightType && samples.count > 0),
    }))
    .filter(({ group }) => group.length > 0);
  // One of ours says what it would count; another's without samples may have markers, and looks empty here.
  if (groups.length === 0 && own.valueType !== undefined)
    groups.push({ valueType: own.valueType, group: [] });
  for (const { valueType, group } of groups) {
    const profile = readThreads(group, title, [valueType], budget);
    profile.startMs = startMs;
    const endMs = meta.at('profilingEndTime');
    const beginMs = meta.at('profilingStartTime');
    if (!endMs.isAbsent && !beginMs.isAbsent) {
      profile.durationNs = Math.max(0, Math.round((endMs.number() - beginMs.number()) * NS_PER_MS));
    }
    if (own.isUntimed) profile.sampleAtNs = null;
    profiles.push(profile);
  }
  if (profiles.length === 0) budget.refuse('threads', 'have no samples');
  notes.push(...describeLeftOut(root));
  return profiles;
}

const NS_PER_MS = 1e6;

/** What a viewer of stacks has no place for. */
function describeLeftOut(root: JsonPlace): string[] {
  const threads = root.at('threads');
  const has = (name: string): boolean =>
    threads.array().some((_, at) => {
      const table = threads.element(at).at(name);
      if (table.isAbsent) return false;
      const rows = table.at('data').value;
      return (table.at('length').value ?? (Array.isArray(rows) ? rows.length : 0)) !== 0;
    });
  const parts = [
    has('markers') ? 'markers' : '',
    has('jsAllocations') || has('nativeAllocations') ? 'allocations' : '',
    root.at('counters').isAbsent ? '' : 'counters',
  ].filter((part) => part !== '');
  return parts.length === 0 ? [] : [`Left out, as they are no samples: ${parts.join(', ')}.`];
}

const VALUE_TYPES: Readonly<Record<FirefoxSamples['weightType'], ValueType>> = {
  samples: { type: 'samples', unit: 'count' },
  'tracing-ms': { type: 'time', unit: 'nanoseconds' },
  bytes: { type: 'size', unit: 'bytes' },
};

function readProcessedThreads(root: JsonPlace): FirefoxThread[] {
  const shared = root.at('shared');
  const threads = root.at('threads');
  const libs = readLibs(root);
  const categories = readCategories(root.at('meta'));
  // One object for all threads where they share all tables, so that a stack is read once.
  const isShared = !shared.isAbsent && !shared.at('stackTable').isAbsent;
  const tables = isShared ? new ProcessedTables([shared], libs, categories) : undefined;
  return threads.array().map((_, at) => {
    const thread = threads.element(at);
    const ownLibs = readLibs(thread);
    const holders = shared.isAbsent ? [thread] : [thread, shared];
    return {
      ...readThreadNames(thread),
      tables: tables ?? new ProcessedTables(holders, ownLibs.length > 0 ? ownLibs : libs, categories),
      samples: new ProcessedSamples(thread.at('samples')),
    };
  });
}

/** A profile of Gecko holds those of its child processes, each with a beginning of its own. */
function readGeckoThreads(profile: JsonPlace, parentStartMs: number, level: number): FirefoxThread[] {
  if (level > MAX_PROCESS_LEVELS)
    profile.refuse(`processes within processes, more than ${MAX_PROCESS_LEVELS} deep`);
  const meta = profile.at('meta');
  const libs = readGeckoLibs(profile);
  const categories = readCategories(meta);
  const start = meta.at('startTime');
  const offsetMs = start.isAbsent ? 0 : start.number() - parentStartMs;
  const list = profile.at('threads');
  const threads = list.array().map((_, at): FirefoxThread => {
    const thread = list.element(at);
    return {
      ...readThreadNames(thread),
      tables: new GeckoTables(thread, libs, categories),
      samples: new GeckoSamples(thread.at('samples'), offsetMs),
    };
  });
  const processes = profile.at('processes');
  if (processes.isAbsent) return threads;
  for (const at of processes.array().keys()) {
    for (const thread of readGeckoThreads(processes.element(at), parentStartMs, level + 1))
      threads.push(thread);
  }
  return threads;
}

/** Firefox nests one level: its main process holds all others. */
const MAX_PROCESS_LEVELS = 4;

function readThreadNames(thread: JsonPlace): Omit<FirefoxThread, 'tables' | 'samples'> {
  const text = (name: string): string => {
    const { value } = thread.at(name);
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  return {
    path: thread.path,
    name: text('name'),
    processName: text('processName'),
    pid: text('pid'),
    tid: text('tid'),
  };
}

function readThreads(
  threads: readonly FirefoxThread[],
  title: string,
  valueTypes: ValueType[],
  budget: ReadBudget,
): SampleProfile {
  const builder = new BoundedProfileBuilder(title, valueTypes, budget, 'threads');
  const readers = new Map<FirefoxTables, StackReader>();
  const scale = valueTypes[0]!.unit === 'nanoseconds' ? NS_PER_MS : 1;
  let isTimed = true;
  for (const { path, tables, samples, ...names } of threads) {
    const labels = builder.labels(toLabels(names), path);
    let reader = readers.get(tables);
    if (reader === undefined) {
      reader = new StackReader(tables, builder, budget);
      readers.set(tables, reader);
    }
    for (let sample = 0; sample < samples.count; sample++) {
      const place = `${path}.samples.stack[${sample}]`;
      const stack = reader.stack(samples.stackOf(sample, tables.stackCount), place);
      const timeMs = samples.timeOf(sample);
      if (timeMs === undefined) isTimed = false;
      const weight = samples.weightOf(sample);
      const value = scale === 1 ? weight : toNanoseconds(weight);
      builder.sample(stack, [value], labels, place, Math.round((timeMs ?? 0) * NS_PER_MS));
    }
  }
  const { profile } = builder;
  if (!isTimed) profile.sampleAtNs = null;
  return profile;
}

/** Milliseconds as written by `ns / 10^6`: exact, and to a thousandth of a nanosecond below 18 minutes. */
function toNanoseconds(ms: number): number {
  const ns = ms * NS_PER_MS;
  return ns < 2 ** 40 ? Math.round(ns * 1000) / 1000 : Math.round(ns);
}

function toLabels({
  name,
  processName,
  pid,
  tid,
}: Omit<FirefoxThread, 'tables' | 'samples' | 'path'>): SampleLabels {
  const labels: Record<string, string | number> = {};
  if (name !== '' && name !== NO_NAME) labels.comm = name;
  if (pid !== '' && !pid.startsWith(NO_ID)) labels.tgid = toId(pid);
  if (tid !== '' && !tid.startsWith(NO_ID)) labels.tid = toId(tid);
  if (processName !== '') labels.process = processName;
  return labels;
}

function toId(text: string): string | number {
  return /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/** Turns the stacks of one set of tables into those of one profile; each once. */
class StackReader {
  readonly #tables: FirefoxTables;
  readonly #builder: BoundedProfileBuilder;
  readonly #budget: ReadBudget;
  /** Ours by theirs, and the role of its last frame, which a frame without a category takes over. */
  readonly #stacks = new Map<number, { stack: number; role: Role }>();
  readonly #frames = new Map<number, { frame: FirefoxFrame; role: Role | undefined }>();
  /** Ours by their frame and its role. */
  readonly #ids = new Map<string, number>();

  constructor(tables: FirefoxTables, builder: BoundedProfileBuilder, budget: ReadBudget) {
    this.#tables = tables;
    this.#builder = builder;
    this.#budget = budget;
  }

  stack(theirs: number, place: string): number {
    if (theirs === NONE) return NONE;
    const missing: number[] = [];
    // A prefix is smaller than its stack, so that this ends.
    for (let at = theirs; at !== NONE && !this.#stacks.has(at); at = this.#tables.prefixOf(at)) {
      missing.push(at);
      this.#budget.depth(missing.length, place);
    }
    for (let at = missing.pop(); at !== undefined; at = missing.pop()) {
      const prefix = this.#tables.prefixOf(at);
      const caller = prefix === NONE ? undefined : this.#stacks.get(prefix)!;
      const { id, role } = this.#frame(this.#tables.frameOf(at), caller?.role ?? 'user', place);
      this.#stacks.set(at, { stack: this.#builder.stack(caller?.stack ?? NONE, id, place), role });
    }
    return this.#stacks.get(theirs)!.stack;
  }

  #frame(theirs: number, callerRole: Role, place: string): { id: number; role: Role } {
    let known = this.#frames.get(theirs);
    if (known === undefined) {
      const frame = this.#tables.frame(theirs);
      known = { frame, role: frame.category && roleOfCategory(frame.category.name) };
      this.#frames.set(theirs, known);
    }
    const role = known.role ?? callerRole;
    const key = `${theirs} ${role}`;
    let id = this.#ids.get(key);
    if (id === undefined) {
      const { name, module, file, line, unnamed, category } = known.frame;
      const reason = (category === undefined ? 0 : unnamedOfPart(category.part)) || unnamed;
      const kind = category === undefined ? 0 : kindOfCategory(category.name);
      id = this.#builder.frame({ name, module, file, line, role, unnamed: reason, kind }, place);
      this.#ids.set(key, id);
    }
    return { id, role };
  }
}
