/**
 * Owns naming frames on this host for the collector: symbols of kernel and processes, and what the probe has to know of
 * the kernel's text before it is loaded.
 */
import { readFileSync } from 'node:fs';
import {
  type AddressRange,
  backlogRanges,
  FunctionSources,
  InlinedFrames,
  interruptEntryRanges,
  interruptName,
  type ProcessImages,
  type SourceOfFunction,
  type StackEnd,
  Symbolizer,
  sendRanges,
  softirqActionRanges,
  stackEnd,
  taskResumeRanges,
  trimMeasuringFrames,
} from '@stallscope/symbols';
import { RuntimeNames } from './runtime-names.js';
import type { FrameNames, NamedFrame } from './stack-resolver.js';

/** MAX_ENTRY_RANGES of probes/sched/sched.h, and one place that stays free. */
const MAX_ENTRY_RANGES = 64;

/** More than generations that there ever are: a number of both is another whenever one of them is. */
const EPOCH = 2 ** 32;

/** What a range says of the waker; order is that of enum range_kind in probes/sched/sched.h, which says what each is. */
const RANGE_KINDS = ['interrupt', 'task', 'softirq', 'backlog', 'send'] as const;
export type RangeKind = (typeof RANGE_KINDS)[number];

/** Values of the probe's constants of the same names. */
export interface EntryRangeGlobals extends Record<string, Uint8Array> {
  entry_range_start: Uint8Array;
  entry_range_end: Uint8Array;
  entry_range_kind: Uint8Array;
}

export class HostFrameNames implements FrameNames {
  readonly #symbolizer: Symbolizer;
  readonly #sources: FunctionSources;
  /** Of code that is made at run time. */
  readonly runtimes: RuntimeNames;
  /** Absent where nobody asked for them. */
  readonly inlines: InlinedFrames | undefined;
  readonly inlinedFrames?: (tgid: number, address: bigint) => readonly NamedFrame[];

  /**
   * @param images of processes that are followed from their first instant; of the others /proc tells
   * @param asksJava whether JVMs are asked for the names of what they compile
   * @param showsInlined whether what is inlined has frames of its own
   */
  constructor(images?: ProcessImages, asksJava = true, showsInlined = false) {
    this.#symbolizer = new Symbolizer(images === undefined ? {} : { images });
    this.#sources = new FunctionSources(this.#symbolizer);
    this.runtimes = new RuntimeNames(this.#symbolizer, asksJava);
    if (!showsInlined) return;
    const inlines = new InlinedFrames(this.#symbolizer);
    this.inlines = inlines;
    this.inlinedFrames = (tgid, address) => inlines.at(tgid, address);
  }

  /**
   * Where interrupts enter, and where a task resumes below such an entry. ksoftirqd counts as an entry: it works for
   * whoever raised the softirq, not for itself.
   */
  entryRangeGlobals(): EntryRangeGlobals {
    const kallsyms = this.#symbolizer.kallsyms();
    const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
    const entries = interruptEntryRanges(kallsyms, { arch, usesFred: cpuHasFred() });
    const softirqThread = kallsyms.find('run_ksoftirqd');
    if (softirqThread !== undefined) entries.push([softirqThread.start, softirqThread.end]);
    return toEntryRangeGlobals({
      interrupt: entries,
      task: taskResumeRanges(kallsyms),
      softirq: softirqActionRanges(kallsyms),
      backlog: backlogRanges(kallsyms),
      send: sendRanges(kallsyms),
    });
  }

  kernelFrame(address: bigint): NamedFrame {
    return this.#symbolizer.kernelFrame(address);
  }

  userFrame(tgid: number, address: bigint): NamedFrame {
    return this.#symbolizer.userFrame(tgid, address);
  }

  /** The probe's own programs are younger than the table that was read, and so nameless; the frames around them tell. */
  trimMeasuringFrames(namesLeafFirst: readonly string[]): number {
    return trimMeasuringFrames(namesLeafFirst);
  }

  stackEnd(framesLeafFirst: readonly NamedFrame[]): StackEnd {
    return stackEnd(framesLeafFirst);
  }

  interruptName(namesLeafFirst: readonly string[]): string {
    return interruptName(namesLeafFirst);
  }

  processGeneration(tgid: number): number {
    return this.#symbolizer.processGeneration(tgid) + (this.inlines?.epoch ?? 0) * EPOCH;
  }

  /** Where a user function's code comes from, by the debug information of its file. */
  sourceOf(name: string, module: string): Promise<SourceOfFunction> {
    return this.#sources.find(name, module);
  }

  close(): void {
    this.#symbolizer.close();
  }
}

/** @throws Error when there are more ranges than the probe has room for: then it could not tell interrupts from tasks */
export function toEntryRangeGlobals(
  rangesByKind: Readonly<Record<RangeKind, readonly AddressRange[]>>,
): EntryRangeGlobals {
  const ranges = RANGE_KINDS.flatMap((kind, code) =>
    rangesByKind[kind].map((range) => ({ range, code })),
  ).sort((a, b) => (a.range[0] < b.range[0] ? -1 : 1));
  if (ranges.length >= MAX_ENTRY_RANGES) {
    throw new Error(
      `preparing the scheduler probe: this kernel has ${ranges.length} ranges of interrupt entry code, the probe has room for ${MAX_ENTRY_RANGES - 1}; raise MAX_ENTRY_RANGES in probes/sched/sched.h`,
    );
  }
  const start = new BigUint64Array(MAX_ENTRY_RANGES).fill(2n ** 64n - 1n);
  const end = new BigUint64Array(MAX_ENTRY_RANGES);
  const kind = new Uint8Array(MAX_ENTRY_RANGES);
  for (const [i, { range, code }] of ranges.entries()) {
    start[i] = range[0];
    end[i] = range[1];
    kind[i] = code;
  }
  return {
    entry_range_start: new Uint8Array(start.buffer),
    entry_range_end: new Uint8Array(end.buffer),
    entry_range_kind: kind,
  };
}

/** FRED CPUs enter the kernel through one stub for everything; the kernel lists the flag only when it uses it. */
function cpuHasFred(): boolean {
  return /^flags\s*:.*\bfred\b/m.test(readFileSync('/proc/cpuinfo', 'utf8'));
}
