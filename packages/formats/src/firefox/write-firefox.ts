/**
 * Owns writing a profile for the Firefox Profiler, as processed profile of version 60: the first whose threads share
 * their tables. profiler.firefox.com reads it and every later version.
 *
 *     threads   one a thread (tgid, tid, comm), most value first
 *     weight    nanoseconds as `tracing-ms`, in milliseconds; counts as `samples`; bytes as `bytes`
 *     time      as recorded; else samples lie end to end, and the profile says so
 */
import { NONE, type SampleLabels, type SampleProfile, type ValueUnit } from '@stallscope/profile';
import { factLines } from '../fact-lines.js';
import { gzip } from '../inflate.js';
import { describeOtherValues } from '../lost-words.js';
import { chosenValue } from '../sample-paths.js';
import { TextBytes } from '../text-bytes.js';
import type { WriteOptions, WrittenProfile } from '../write.js';
import {
  CATEGORIES,
  CATEGORY_PARTS,
  categoryOf,
  type ExtraEntry,
  NO_ID,
  NO_NAME,
  toExtra,
} from './firefox-conventions.js';

export async function writeFirefox(
  profile: SampleProfile,
  options: WriteOptions = {},
): Promise<WrittenProfile> {
  const value = chosenValue(profile, options.value);
  const text = new TextBytes('a Firefox profile');
  const threads = toThreads(profile, value);
  const title = options.title ?? profile.title;
  const valueType = profile.valueTypes[value]!;
  const isUntimed = profile.sampleAtNs === null;
  const isUnnamed = threads.every(({ process }) => process === '');
  if (isUnnamed) nameProcesses(threads);
  const own = toExtra({ title, valueType, isUntimed, isUnnamed }, describeFacts(profile, value, options));
  const meta = {
    interval: 1,
    startTime: profile.startMs ?? 0,
    ...(profile.durationNs === null
      ? {}
      : { profilingStartTime: 0, profilingEndTime: profile.durationNs / NS_PER_MS }),
    processType: 0,
    product: 'Stallscope',
    importedFrom: 'Stallscope',
    stackwalk: 1,
    version: GECKO_VERSION,
    preprocessedProfileVersion: PROCESSED_VERSION,
    symbolicated: true,
    symbolicationNotSupported: true,
    usesOnlyOneStackType: true,
    sourceCodeIsNotOnSearchfox: true,
    keepProfileThreadOrder: true,
    initialVisibleThreads: threads.slice(0, SHOWN_THREADS).map((_, at) => at),
    initialSelectedThreads: threads.length === 0 ? [] : [0],
    categories: CATEGORIES.map(({ name, color }) => ({ name, color, subcategories: CATEGORY_PARTS })),
    markerSchema: [],
    extra: own,
  };
  const { libs, shared } = toShared(profile);
  text.add(`{"meta":${JSON.stringify(meta)},"libs":${JSON.stringify(libs)},"pages":[],"shared":{`);
  addMembers(text, shared);
  text.add('},"threads":[');
  for (const [at, thread] of threads.entries()) {
    if (at > 0) text.add(',');
    addThread(text, profile, value, thread);
  }
  text.add(']}');
  return {
    bytes: await gzip(text.finish()),
    mediaType: 'application/gzip',
    extension: '.json.gz',
    lost: [
      ...describeOtherValues(profile, value),
      ...describeLostLabels(profile),
      ...(profile.startMs === null
        ? ['When it was recorded is not known; the Firefox Profiler shows 1970.']
        : []),
      ...(isUntimed ? ['Waits were summed, not timed: on the timeline they lie end to end.'] : []),
    ],
  };
}

const PROCESSED_VERSION = 60;
/** Of the raw format that Firefox had when processed profiles were at 60. */
const GECKO_VERSION = 33;
const NS_PER_MS = 1e6;
/** Tracks that are open at first: more fill the screen before any graph is seen. */
const SHOWN_THREADS = 15;

const WEIGHT_TYPES: Readonly<Record<ValueUnit, string>> = {
  nanoseconds: 'tracing-ms',
  count: 'samples',
  bytes: 'bytes',
};

interface Thread {
  name: string;
  process: string;
  pid: string;
  tid: string | number;
  isMain: boolean;
  samples: number[];
  total: number;
}

const THREAD_LABELS: ReadonlySet<string> = new Set(['comm', 'tgid', 'tid', 'process']);

function toThreads(profile: SampleProfile, value: number): Thread[] {
  const threads = new Map<string, Thread>();
  const ofLabels = profile.labelSets.map((labels) => {
    const key = JSON.stringify([labels.tgid, labels.tid, labels.comm, labels.process]);
    let thread = threads.get(key);
    if (thread === undefined) {
      thread = toThread(labels, threads.size);
      threads.set(key, thread);
    }
    return thread;
  });
  const column = profile.sampleValues[value]!;
  for (let sample = 0; sample < profile.sampleStack.length; sample++) {
    const thread = ofLabels[profile.sampleLabels[sample]!]!;
    thread.samples.push(sample);
    thread.total += column[sample]!;
  }
  // A profile with labels that no sample has keeps no track for them.
  return [...threads.values()].filter(({ samples }) => samples.length > 0).sort((a, b) => b.total - a.total);
}

function toThread(labels: SampleLabels, at: number): Thread {
  const { comm, tgid, tid, process } = labels;
  return {
    name: comm === undefined ? '' : String(comm),
    process: process === undefined ? '' : String(process),
    pid: tgid === undefined ? NO_ID : String(tgid),
    tid: tid ?? `${NO_ID}-${at}`,
    isMain: tgid !== undefined && tgid === tid,
    samples: [],
    total: 0,
  };
}

/** By the main thread, or the busiest: a process without a name is called `Parent Process` by the Firefox Profiler. */
function nameProcesses(threads: readonly Thread[]): void {
  const names = new Map<string, string>();
  for (const { pid, name, isMain } of threads) if (isMain || !names.has(pid)) names.set(pid, name);
  for (const thread of threads) thread.process = names.get(thread.pid)!;
}

function toShared(profile: SampleProfile): { libs: unknown[]; shared: Record<string, unknown> } {
  const strings = new Interned();
  const libs = new Interned();
  const files = new Interned();
  const funcs = new Interned();
  const func = { name: [] as number[], resource: [] as number[], source: [] as (number | null)[] };
  const frameFunc: number[] = [];
  for (const { name, module, file } of profile.frames) {
    const key = JSON.stringify([name, module, file]);
    const before = funcs.values.length;
    const id = funcs.id(key);
    frameFunc.push(id);
    if (id < before) continue;
    func.name.push(strings.id(name));
    func.resource.push(module === '' ? -1 : libs.id(module));
    func.source.push(file === '' ? null : files.id(file));
  }
  const frameCount = profile.frames.length;
  const funcCount = func.name.length;
  const fill = (count: number, what: unknown): unknown[] => Array.from({ length: count }, () => what);
  const shared = {
    stackTable: {
      length: profile.stackPrefix.length,
      prefix: profile.stackPrefix.map((prefix) => (prefix === NONE ? null : prefix)),
      frame: profile.stackFrame,
    },
    frameTable: {
      length: frameCount,
      address: fill(frameCount, -1),
      inlineDepth: fill(frameCount, 0),
      category: profile.frames.map(categoryOf),
      subcategory: profile.frames.map(({ unnamed }) => unnamed),
      func: frameFunc,
      nativeSymbol: fill(frameCount, null),
      innerWindowID: fill(frameCount, 0),
      line: profile.frames.map(({ line }) => (line === 0 ? null : line)),
      column: fill(frameCount, null),
    },
    funcTable: {
      length: funcCount,
      ...func,
      isJS: fill(funcCount, false),
      relevantForJS: fill(funcCount, false),
      lineNumber: fill(funcCount, null),
      columnNumber: fill(funcCount, null),
    },
    resourceTable: {
      length: libs.values.length,
      lib: libs.values.map((_, at) => at),
      name: libs.values.map((lib) => strings.id(lib)),
      host: fill(libs.values.length, null),
      type: fill(libs.values.length, RESOURCE_LIBRARY),
    },
    nativeSymbols: { length: 0, libIndex: [], address: [], name: [], functionSize: [] },
    sources: {
      length: files.values.length,
      uuid: fill(files.values.length, null),
      filename: files.values.map((file) => strings.id(file)),
    },
    stringArray: strings.values,
  };
  return { libs: libs.values.map(toLib), shared };
}

const RESOURCE_LIBRARY = 1;

function toLib(name: string): unknown {
  return { arch: '', name, path: name, debugName: name, debugPath: name, breakpadId: '', codeId: null };
}

class Interned {
  readonly values: string[] = [];
  readonly #ids = new Map<string, number>();

  id(text: string): number {
    const known = this.#ids.get(text);
    if (known !== undefined) return known;
    const id = this.values.push(text) - 1;
    this.#ids.set(text, id);
    return id;
  }
}

/** Column by column: the whole as one string may be longer than a string can be. */
function addMembers(text: TextBytes, members: Record<string, unknown>): void {
  for (const [at, [name, member]] of Object.entries(members).entries()) {
    text.add(`${at === 0 ? '' : ','}${JSON.stringify(name)}:`);
    if (typeof member === 'object' && member !== null && !Array.isArray(member)) {
      text.add('{');
      addMembers(text, member as Record<string, unknown>);
      text.add('}');
    } else text.add(JSON.stringify(member));
  }
}

function addThread(text: TextBytes, profile: SampleProfile, value: number, thread: Thread): void {
  const { samples, name, process, pid, tid, isMain } = thread;
  const unit = profile.valueTypes[value]!.unit;
  const scale = unit === 'nanoseconds' ? NS_PER_MS : 1;
  const column = profile.sampleValues[value]!;
  const { sampleAtNs } = profile;
  // Viewers expect times in order.
  if (sampleAtNs !== null) samples.sort((a, b) => sampleAtNs[a]! - sampleAtNs[b]!);
  let endMs = 0;
  const time = samples.map((sample) => {
    const timeMs = sampleAtNs === null ? endMs : sampleAtNs[sample]! / NS_PER_MS;
    endMs += column[sample]! / scale;
    return timeMs;
  });
  text.add('{');
  addMembers(text, {
    ...(process === '' ? {} : { processName: process }),
    processType: 'default',
    processStartupTime: 0,
    processShutdownTime: null,
    registerTime: 0,
    unregisterTime: null,
    pausedRanges: [],
    name: name === '' ? NO_NAME : name,
    isMainThread: isMain,
    pid,
    tid,
    markers: { length: 0, data: [], name: [], startTime: [], endTime: [], phase: [], category: [] },
    samples: {
      length: samples.length,
      weightType: WEIGHT_TYPES[unit],
      weight: samples.map((sample) => column[sample]! / scale),
      stack: samples.map((sample) =>
        profile.sampleStack[sample]! === NONE ? null : profile.sampleStack[sample]!,
      ),
      time,
    },
  });
  text.add('}');
}

function describeLostLabels(profile: SampleProfile): string[] {
  const keys = new Set(
    profile.labelSets.flatMap((labels) => Object.keys(labels)).filter((key) => !THREAD_LABELS.has(key)),
  );
  return keys.size === 0 ? [] : [`Labels of samples are left out: ${[...keys].join(', ')}.`];
}

/** For the reader of the Firefox Profiler, in its window `Profile Info`: how it was sampled, what was lost. */
function describeFacts(profile: SampleProfile, value: number, { facts }: WriteOptions): ExtraEntry[] {
  if (facts === undefined) return [];
  const total = profile.sampleValues[value]!.reduce((sum, one) => sum + one, 0);
  const [what = '', sampling = '', recorded = ''] = factLines(profile, value, total, facts);
  return [
    { label: 'Shown', format: 'string', value: what },
    { label: 'Sampling and losses', format: 'string', value: sampling },
    { label: 'Recorded', format: 'string', value: recorded },
  ];
}
