/**
 * Owns when JVMs are asked for their perf maps: as soon as code that they made has no name, and again while they make more,
 * ever more seldom; one that refuses for good is not asked again.
 */
import { BoundedCache } from './bounded-cache.js';
import { type AttachRefusal, type AttachResult, askForPerfMap } from './hotspot-attach.js';
import type { JitState } from './symbolizer.js';

export interface JavaPerfMapsOptions {
  /** Has the JVM write its map. */
  ask?: (tgid: number, libjvm: string) => Promise<AttachResult>;
  /** Called when it has. */
  onWritten: (tgid: number) => void;
  /** Monotonic. */
  nowMs?: () => number;
}

/** A JVM writes its map in 10 ms to a second, and most of what it compiles it compiles in its first minutes. */
const FIRST_INTERVAL_MS = 15_000;
const MAX_INTERVAL_MS = 300_000;
/** Of a JVM's time that writing its map may take: whatever that is, a fiftieth at most. */
const COST_FACTOR = 50;
/** JVMs remembered. */
const MAX_PROCESSES = 512;
/** Asked at once; the others wait for the next window. */
const MAX_ASKED = 4;

const FOR_GOOD: ReadonlySet<AttachRefusal> = new Set<AttachRefusal>([
  'too-old',
  'disabled',
  'user-namespace',
]);

interface Jvm {
  identity: string;
  /** While it is being asked. */
  answer: Promise<void> | undefined;
  nextAskMs: number;
  intervalMs: number;
  refusal: { why: AttachRefusal; detail: string } | undefined;
}

export class JavaPerfMaps {
  readonly #jvms = new BoundedCache<number, Jvm>(MAX_PROCESSES);
  readonly #ask: (tgid: number, libjvm: string) => Promise<AttachResult>;
  readonly #onWritten: (tgid: number) => void;
  readonly #nowMs: () => number;
  #asked = 0;

  constructor(options: JavaPerfMapsOptions) {
    this.#ask = options.ask ?? askForPerfMap;
    this.#onWritten = options.onWritten;
    this.#nowMs = options.nowMs ?? (() => performance.now());
  }

  /**
   * Asks, where that is due. @returns what resolves when it has answered or refused, undefined when it is not asked now,
   * or was before: a second map is not waited for
   */
  consider(tgid: number, state: JitState): Promise<void> | undefined {
    if (state.runtime?.name !== 'java' || state.isGone || !state.hasUnnamedJit) return undefined;
    let jvm = this.#jvms.get(tgid);
    const isFirst = jvm?.identity !== state.identity;
    if (this.#asked >= MAX_ASKED) return undefined;
    if (jvm === undefined || isFirst) {
      jvm = {
        identity: state.identity,
        answer: undefined,
        nextAskMs: Number.NEGATIVE_INFINITY,
        intervalMs: FIRST_INTERVAL_MS,
        refusal: undefined,
      };
      this.#jvms.set(tgid, jvm);
    }
    if (jvm.answer !== undefined || this.#nowMs() < jvm.nextAskMs || this.#asked >= MAX_ASKED)
      return undefined;
    const { start, end } = state.runtime.mapping;
    const libjvm = `/proc/${tgid}/map_files/${start.toString(16)}-${end.toString(16)}`;
    jvm.answer = this.#askOne(tgid, libjvm, jvm);
    return isFirst ? jvm.answer : undefined;
  }

  /** Whether this very JVM has been asked, or is being asked. */
  wasAsked(tgid: number, identity: string): boolean {
    return this.#jvms.get(tgid)?.identity === identity;
  }

  /** Why the JVM did not write one when it was last asked. */
  refusal(tgid: number, identity: string): AttachRefusal | undefined {
    const jvm = this.#jvms.get(tgid);
    return jvm?.identity === identity ? jvm.refusal?.why : undefined;
  }

  async #askOne(tgid: number, libjvm: string, jvm: Jvm): Promise<void> {
    const startedMs = this.#nowMs();
    this.#asked++;
    try {
      const result = await this.#ask(tgid, libjvm);
      jvm.refusal = result.done ? undefined : { why: result.refusal, detail: result.detail };
      if (result.done) this.#onWritten(tgid);
    } catch (error) {
      // Whatever a JVM, or what pretends to be one, does to us: it has no names, and the others go on.
      jvm.refusal = { why: 'refused', detail: error instanceof Error ? error.message : String(error) };
    } finally {
      this.#asked--;
      jvm.answer = undefined;
      const tookMs = this.#nowMs() - startedMs;
      const isOver = jvm.refusal !== undefined && FOR_GOOD.has(jvm.refusal.why);
      const waitMs = jvm.refusal === undefined ? jvm.intervalMs : MAX_INTERVAL_MS;
      jvm.nextAskMs = isOver
        ? Number.POSITIVE_INFINITY
        : this.#nowMs() + Math.max(waitMs, COST_FACTOR * tookMs);
      jvm.intervalMs = Math.min(2 * jvm.intervalMs, MAX_INTERVAL_MS);
    }
  }
}
