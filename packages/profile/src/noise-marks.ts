/**
 * Owns what a hidden name still says of the wait it stands in: which of the presets' published lists it was on, in words
 * behind its token, so that a reduced copy takes the same waits for idle as the original does.
 *
 *     sshd          → process-3f9a (poll loops)                    a name in the list of that preset
 *     node          → process-77c1 (worker pools beside the first) in it for threads that are not the first
 *     curl_multi_ha → process-0e5d_multi_ha (not poll loops)       what keeps a wait out of it
 *     io_getevents  → process-b210_getevents (in any poll or …)    what a thread waits in
 *
 * Invariant: a label with marks is judged by them alone, so a mark is said for everything that the label was.
 */
import { BESIDE_FIRST, MARKS, NO_MARK, readMarks, SCHEDULER_MARK } from './label-marks.js';
import { NOISE_PRESETS } from './noise-presets.js';
import { isScheduler } from './wait-site.js';

/** One pattern of a preset, over labels; each is tried once, as they repeat far more often than not. */
export class LabelPattern {
  readonly #pattern: RegExp;
  /** Undefined: of no published list. */
  readonly #mark: string | undefined;
  readonly #verdicts = new Map<string, boolean>();

  /** @throws SyntaxError where `source` is no RegExp. */
  constructor(source: string) {
    this.#pattern = new RegExp(source);
    this.#mark = MARKS.get(source);
  }

  test(label: string): boolean {
    return this.#once(label, () => this.#judge(label, ''));
  }

  /** Of a thread's name, for one that is not the first of its process: patterns say `/thread` for it. */
  testBesideFirst(comm: string): boolean {
    return this.#once(`${comm}/thread`, () => this.#judge(comm, BESIDE_FIRST, '/thread'));
  }

  /** What a thread waits in, with its caller behind it. */
  testWait(site: string, caller: string | undefined): boolean {
    const text = caller === undefined ? site : `${site} < ${caller}`;
    return this.#once(text, () => {
      const marks = this.#mark === undefined ? undefined : readMarks(site);
      if (marks === undefined) return this.#pattern.test(text);
      // A few are told by the caller alone, which says so itself.
      return marks.has(this.#mark!) || (caller !== undefined && this.#pattern.test(`hidden < ${caller}`));
    });
  }

  #judge(label: string, markEnd: string, labelEnd = ''): boolean {
    const marks = this.#mark === undefined ? undefined : readMarks(label);
    return marks === undefined ? this.#pattern.test(label + labelEnd) : marks.has(this.#mark + markEnd);
  }

  #once(key: string, judge: () => boolean): boolean {
    let verdict = this.#verdicts.get(key);
    if (verdict === undefined) {
      verdict = judge();
      this.#verdicts.set(key, verdict);
    }
    return verdict;
  }
}

/** Sets the marks of one copy. */
export class NoiseMarks {
  /** By which a label is known to the stock presets. */
  readonly #lists = NOISE_PRESETS.flatMap(({ on, pattern, and, unless }) =>
    [pattern, and, unless]
      .filter((source) => source !== undefined)
      .map((source) => ({
        mark: MARKS.get(source)!,
        isSite: on === 'wait' && source === pattern,
        pattern: new LabelPattern(source),
      })),
  );

  /** `hidden`, with marks where the presets would take it for something else than `original`. */
  mark(hidden: string, original: string, of: 'thread' | 'function'): string {
    if (hidden === original) return hidden;
    const before = this.#marksOf(original, of);
    const after = this.#marksOf(hidden, of);
    if (before.length === after.length && before.every((mark, n) => mark === after[n])) return hidden;
    return `${hidden} (${before.length === 0 ? NO_MARK : before.join(', ')})`;
  }

  #marksOf(label: string, of: 'thread' | 'function'): string[] {
    const marks: string[] = of === 'function' && isScheduler(label) ? [SCHEDULER_MARK] : [];
    for (const { mark, isSite, pattern } of this.#lists) {
      if (of === 'thread' && isSite) continue;
      if (pattern.test(label)) marks.push(mark);
      if (of === 'thread' && pattern.testBesideFirst(label)) marks.push(mark + BESIDE_FIRST);
    }
    return marks;
  }
}
