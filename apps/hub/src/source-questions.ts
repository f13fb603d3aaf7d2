/**
 * Owns the questions about source that an agent has not answered yet: bounded in number and in time, so that an agent which
 * does not answer costs nothing but words.
 */
import type { SourceAnswer } from '@stallscope/protocol';
import { MAX_SOURCE_QUESTIONS, SOURCE_TIMEOUT_MS } from './limits.js';

interface Question {
  untilMs: number;
  resolve: (answer: SourceAnswer) => void;
}

export function noSource(note: string): SourceAnswer {
  return { places: [], addresses: 0, note };
}

export class SourceQuestions {
  readonly #nowMs: () => number;
  readonly #open = new Map<number, Question>();
  #lastAsk = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  ask(send: (ask: number) => void): Promise<SourceAnswer> {
    if (this.#open.size >= MAX_SOURCE_QUESTIONS)
      return Promise.resolve(noSource('the agent has been asked too much at once; ask again later'));
    const ask = ++this.#lastAsk;
    return new Promise((resolve) => {
      this.#open.set(ask, { untilMs: this.#nowMs() + SOURCE_TIMEOUT_MS, resolve });
      send(ask);
    });
  }

  /** One that nobody waits for any more is let go. */
  answered(ask: number, answer: SourceAnswer): void {
    this.#open.get(ask)?.resolve(answer);
    this.#open.delete(ask);
  }

  tick(nowMs: number): void {
    for (const [ask, { untilMs }] of this.#open) {
      if (nowMs >= untilMs) this.answered(ask, noSource('the agent did not answer in time; ask again'));
    }
  }

  giveUp(note: string): void {
    for (const ask of [...this.#open.keys()]) this.answered(ask, noSource(note));
  }
}
