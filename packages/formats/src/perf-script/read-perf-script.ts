/**
 * Owns reading what `perf script` prints: a line for each event, then its frames, leaf first, then an empty line.
 *
 *     redis-server 812/815 [001] 24253.129891:     250000 cpu-clock:ppp:
 *     	ffffffff815ecaf9 handle_mm_fault+0x1f9 ([kernel.kallsyms])
 *     	          16a640 __strrchr_evex+0x3 (/usr/lib/x86_64-linux-gnu/libc.so.6)
 *       strrchr-evex.S:78
 *
 * - pid, CPU, time and period may be absent, as perf's `--fields` has them; a single number before the CPU is the tid.
 * - Each event is a profile of its own: they are counted in different units. With a period its sum comes first
 *   (nanoseconds for the clocks), then the number of samples.
 * - Frames are named without their offset. `[unknown]` in a module that is known becomes `[libc.so.6]`.
 * - The first event's time is the beginning: perf counts from boot, so the wall clock is not known.
 */
import { NONE, type SampleLabels, type SampleProfile, type ValueType } from '@stallscope/profile';
import { BoundedProfileBuilder } from '../bounded-builder.js';
import type { ReadContext } from '../read.js';
import type { ReadBudget } from '../read-limits.js';
import { readLines } from '../text-lines.js';
import { type PerfFrame, toPerfFrame } from './perf-frame.js';
import { type PerfHeader, toPerfHeader } from './perf-header.js';

/** @throws FormatError with the line */
export function readPerfScript(bytes: Uint8Array, { name, budget }: ReadContext): SampleProfile[] {
  const events = new Map<string, EventProfile>();
  let header: PerfHeader | undefined;
  let headerLine = 0;
  let frames: PerfFrame[] = [];
  const finish = () => {
    if (header === undefined) return;
    // Whether periods are printed is one for all events of a name: perf prints by attribute.
    const key = `${header.event}\n${header.period === undefined}`;
    let profile = events.get(key);
    if (profile === undefined) {
      profile = new EventProfile(name, header, budget, `line ${headerLine}`);
      events.set(key, profile);
    }
    profile.add(header, frames, `line ${headerLine}`);
    header = undefined;
    frames = [];
  };
  readLines(bytes, 'perf-script', (line, number) => {
    budget.tick(() => `line ${number}`);
    if (line.trim() === '') return finish();
    if (line.startsWith('#')) return;
    // Frames are indented by a tab; the name of a thread is padded with spaces, and so may begin an event.
    const next = line.startsWith('\t') ? undefined : toPerfHeader(line);
    if (next !== undefined) {
      finish();
      if (next.event === RECORD) return;
      header = next;
      headerLine = number;
      if (next.frame !== undefined) frames.push(next.frame);
      return;
    }
    if (header === undefined || !/^[\t ]/.test(line)) {
      budget.refuse(
        `line ${number}`,
        `neither an event nor a frame: ${JSON.stringify(line.trim().slice(0, SHOWN_CHARACTERS))}`,
        'Expected what perf script prints: `comm pid/tid [cpu] time: period event:`, then frames, then an empty line.',
      );
    }
    // What `--fields +srcline` prints below its frame.
    const source = line.startsWith('\t') ? null : /^ +(\S.*):(\d{1,9})$/.exec(line);
    const last = frames.at(-1);
    if (source !== null && last !== undefined) {
      last.file = source[1]!;
      last.line = Number(source[2]);
      return;
    }
    // Other lines are the text of a tracepoint that has line ends in it.
    const frame = toPerfFrame(line);
    if (frame === undefined) return;
    frames.push(frame);
    budget.depth(frames.length, `line ${number}`);
  });
  finish();
  const profiles = [...events.values()].map((event) => event.finish());
  if (profiles.length === 0) budget.refuse('', 'has no event in it');
  return profiles;
}

/** Stands for lines of `--show-task-events` and alike, which are no samples. */
const RECORD = 'PERF_RECORD';
/** Of a faulty line in an error. */
const SHOWN_CHARACTERS = 80;

class EventProfile {
  readonly #builder: BoundedProfileBuilder;
  readonly #hasPeriod: boolean;
  readonly #frames = new Map<string, number>();
  readonly #labels = new Map<string, number>();
  #firstNs: number | undefined;
  #lastNs = 0;

  constructor(name: string, { event, period }: PerfHeader, budget: ReadBudget, place: string) {
    this.#hasPeriod = period !== undefined;
    const types: ValueType[] = [{ type: 'samples', unit: 'count' }];
    if (period !== undefined) {
      const isClock = /^(cpu-clock|task-clock)\b/.test(event);
      types.unshift(isClock ? { type: 'cpu', unit: 'nanoseconds' } : { type: event, unit: 'count' });
    }
    this.#builder = new BoundedProfileBuilder(`${name} ${event}`, types, budget, place);
  }

  add(header: PerfHeader, framesLeafFirst: readonly PerfFrame[], place: string): void {
    let stack = NONE;
    for (let at = framesLeafFirst.length - 1; at >= 0; at--) {
      stack = this.#builder.stack(stack, this.#frame(framesLeafFirst, at, place), place);
    }
    const values = this.#hasPeriod ? [header.period!, 1] : [1];
    const { timeNs } = header;
    if (timeNs !== undefined) {
      this.#firstNs = Math.min(this.#firstNs ?? timeNs, timeNs);
      this.#lastNs = Math.max(this.#lastNs, timeNs);
    }
    this.#builder.sample(stack, values, this.#label(header, place), place, timeNs);
  }

  finish(): SampleProfile {
    const { profile } = this.#builder;
    const first = this.#firstNs;
    // Times of some events and not of others cannot be told from those of the wrong event.
    if (first === undefined || profile.sampleAtNs?.length !== profile.sampleStack.length) {
      profile.sampleAtNs = null;
      return profile;
    }
    profile.sampleAtNs = profile.sampleAtNs.map((atNs) => atNs - first);
    profile.durationNs = this.#lastNs - first;
    return profile;
  }

  #frame(framesLeafFirst: readonly PerfFrame[], at: number, place: string): number {
    const frame = framesLeafFirst[at]!;
    // A function that was inlined lies in the module of the one that holds its code, which is the next that is none.
    let holder = at;
    while (framesLeafFirst[holder]?.isInlined && holder + 1 < framesLeafFirst.length) holder++;
    const { module, role } = framesLeafFirst[holder]!;
    const key = `${frame.name}\n${module}\n${role}\n${frame.file}\n${frame.line}`;
    let id = this.#frames.get(key);
    if (id === undefined) {
      const { name, file, line, unnamed } = frame;
      id = this.#builder.frame({ name, module, file, line, role, unnamed }, place);
      this.#frames.set(key, id);
    }
    return id;
  }

  #label({ comm, tgid, tid }: PerfHeader, place: string): number {
    const key = `${tgid} ${tid} ${comm}`;
    let id = this.#labels.get(key);
    if (id === undefined) {
      const labels: Record<string, string | number> = { comm };
      if (tgid !== undefined) labels.tgid = tgid;
      if (tid !== undefined) labels.tid = tid;
      id = this.#builder.labels(labels satisfies SampleLabels, place);
      this.#labels.set(key, id);
    }
    return id;
  }
}
