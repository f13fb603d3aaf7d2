/**
 * Owns Ctrl-C and SIGTERM: the first asks a command to end early and in order, a second ends it at once.
 */
import { EXIT } from './exit-codes.js';

/** The part of `process` that it needs. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
  off(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: () => void): unknown;
  exit(code: number): void;
}

/** A terminal that closes (SIGHUP) is a request to end like the others. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export class Interrupts {
  readonly #source: SignalSource;
  readonly #controller = new AbortController();
  readonly #listener = () => {
    if (this.#controller.signal.aborted) this.#source.exit(EXIT.interruptedTwice);
    else this.#controller.abort();
  };

  constructor(source: SignalSource = process) {
    this.#source = source;
    for (const signal of SIGNALS) source.on(signal, this.#listener);
  }

  /** Aborted by the first interrupt. */
  get first(): AbortSignal {
    return this.#controller.signal;
  }

  /** Gives the signals back to their defaults. */
  close(): void {
    for (const signal of SIGNALS) this.#source.off(signal, this.#listener);
  }
}

/** Resolves after `ms`, or at once when the signal is or becomes aborted. Never rejects. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
