/** Owns waiting for what a worker makes: each request gets a number, and its promise that of the answer. */
import type { Made, MakeRequest } from './make-messages';

export class MakeClient {
  readonly #post: (id: number, request: MakeRequest) => void;
  readonly #waiting = new Map<number, (made: Made) => void>();
  #nextId = 1;

  constructor(post: (id: number, request: MakeRequest) => void) {
    this.#post = post;
  }

  make(request: MakeRequest): Promise<Made> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.#post(id, request);
    });
  }

  receive(id: number, made: Made): void {
    this.#waiting.get(id)?.(made);
    this.#waiting.delete(id);
  }

  /** The worker is gone: what waits for it ends. */
  fail(message: string): void {
    for (const resolve of this.#waiting.values())
      resolve({ kind: 'failed', message, hint: 'Reload the page.' });
    this.#waiting.clear();
  }
}
