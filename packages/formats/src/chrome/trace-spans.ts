/**
 * Owns spans of a trace: begins and ends are paired by thread, spans within spans become stacks, and each gets the time that
 * is its own.
 *
 *     A ├──────────────┤          A  its length without B and C
 *     B   ├────┤                  A; B
 *     C              ├─────┤      A; C  as far as A lasts: what reaches past it would lie in two stacks
 *
 * A begin without an end lasts until the thread's last event; an end without a begin is left out. What is not as the format
 * has it is counted, and said in notes.
 */
import { NONE, type SampleProfile } from '@stallscope/profile';
import { BoundedProfileBuilder } from '../bounded-builder.js';
import type { JsonPlace } from '../json-bytes.js';
import type { ReadBudget } from '../read-limits.js';
import { type TraceIds, type TraceNames, toIds } from './trace-names.js';

interface Span {
  name: string;
  category: string;
  beginNs: number;
  endNs: number;
  /** Order in the file, where spans begin and end together. */
  order: number;
  place: string;
}

interface Thread {
  ids: TraceIds;
  spans: Span[];
  /** Begun and not ended; the innermost last. */
  open: Span[];
  lastNs: number;
}

const NS_PER_US = 1000;

export class TraceSpans {
  readonly #budget: ReadBudget;
  readonly #threads = new Map<string, Thread>();
  #count = 0;
  #unbegun = 0;
  #unended = 0;
  #overlapping = 0;
  #overlapNs = 0;
  #firstNs = Number.POSITIVE_INFINITY;

  constructor(budget: ReadBudget) {
    this.#budget = budget;
  }

  /** @throws FormatError */
  add(phase: 'X' | 'B' | 'E', event: JsonPlace): void {
    const ids = toIds(event);
    const key = JSON.stringify([ids.pid, ids.tid]);
    let thread = this.#threads.get(key);
    if (thread === undefined) {
      thread = { ids, spans: [], open: [], lastNs: Number.NEGATIVE_INFINITY };
      this.#threads.set(key, thread);
    }
    const beginNs = Math.round(event.at('ts').number() * NS_PER_US);
    this.#firstNs = Math.min(this.#firstNs, beginNs);
    if (phase === 'E') {
      thread.lastNs = Math.max(thread.lastNs, beginNs);
      const span = thread.open.pop();
      if (span === undefined) this.#unbegun++;
      else span.endNs = Math.max(span.beginNs, beginNs);
      return;
    }
    const length = phase === 'X' && !event.at('dur').isAbsent ? event.at('dur').number() : 0;
    if (length < 0) event.at('dur').refuse('is below zero');
    const { value: category } = event.at('cat');
    const { value: name } = event.at('name');
    const span: Span = {
      name: typeof name === 'string' && name !== '' ? name : '(no name)',
      category: typeof category === 'string' ? category : '',
      beginNs,
      endNs: beginNs + Math.round(length * NS_PER_US),
      order: this.#count++,
      place: event.path,
    };
    this.#budget.sample(event.path);
    thread.lastNs = Math.max(thread.lastNs, span.endNs);
    thread.spans.push(span);
    if (phase === 'B') thread.open.push(span);
  }

  /** Undefined without any span. */
  toProfile(title: string, names: TraceNames): SampleProfile | undefined {
    if (this.#count === 0) return undefined;
    const builder = new BoundedProfileBuilder(
      title,
      [
        { type: 'time', unit: 'nanoseconds' },
        { type: 'events', unit: 'count' },
      ],
      this.#budget,
      'traceEvents',
    );
    for (const thread of this.#threads.values()) this.#addThread(builder, thread, names);
    const { profile } = builder;
    let lastNs = 0;
    for (const thread of this.#threads.values()) lastNs = Math.max(lastNs, thread.lastNs - this.#firstNs);
    profile.durationNs = lastNs;
    return profile;
  }

  /** What is wrong with the spans, in words; after `toProfile`. */
  notes(): string[] {
    const notes: string[] = [];
    if (this.#unbegun > 0) notes.push(`${this.#unbegun} ends of spans have no begin, and are left out.`);
    if (this.#unended > 0)
      notes.push(
        `${this.#unended} spans have no end: they are taken to last until their thread's last event.`,
      );
    if (this.#overlapping > 0) {
      const ms = (this.#overlapNs / 1e6).toFixed(3);
      notes.push(
        `${this.#overlapping} spans reach past the end of the span that they begin in: ${ms} ms past it are left out.`,
      );
    }
    return notes;
  }

  #addThread(builder: BoundedProfileBuilder, { spans, open, lastNs, ids }: Thread, names: TraceNames): void {
    if (spans.length === 0) return;
    this.#unended += open.length;
    for (const span of open) span.endNs = Math.max(span.beginNs, lastNs);
    const labels = builder.labels(names.labels(ids), spans[0]!.place);
    // Outer spans first: those that begin earlier, then those that end later, then those written first.
    spans.sort((a, b) => a.beginNs - b.beginNs || b.endNs - a.endNs || a.order - b.order);
    const inside: { span: Span; stack: number; endNs: number; childrenNs: number }[] = [];
    const close = () => {
      const { span, stack, endNs, childrenNs } = inside.pop()!;
      const ownNs = endNs - span.beginNs - childrenNs;
      builder.sample(stack, [ownNs, 1], labels, span.place, span.beginNs - this.#firstNs);
    };
    for (const span of spans) {
      while (
        inside.length > 0 &&
        inside.at(-1)!.endNs <= span.beginNs &&
        !isInstantWithin(span, inside.at(-1)!)
      )
        close();
      const outer = inside.at(-1);
      const endNs = outer === undefined ? span.endNs : Math.min(span.endNs, outer.endNs);
      if (outer !== undefined) outer.childrenNs += endNs - span.beginNs;
      if (endNs < span.endNs) {
        this.#overlapping++;
        this.#overlapNs += span.endNs - endNs;
      }
      const { name, category, place } = span;
      const frame = builder.frame(
        { name, module: category, file: '', line: 0, role: 'user', unnamed: 0 },
        place,
      );
      inside.push({ span, stack: builder.stack(outer?.stack ?? NONE, frame, place), endNs, childrenNs: 0 });
      this.#budget.depth(inside.length, place);
    }
    while (inside.length > 0) close();
  }
}

/** Spans without a length lie in the one that begins with them, not behind it. */
function isInstantWithin(span: Span, outer: { span: Span; endNs: number }): boolean {
  return span.beginNs === span.endNs && outer.span.beginNs === span.beginNs && outer.endNs > span.beginNs;
}
