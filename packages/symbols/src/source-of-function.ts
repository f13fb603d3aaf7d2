/**
 * Owns where a function that has been seen running comes from: its addresses go to the reader of debug information, one
 * question at a time, and what that tells is gathered, each place once.
 */
import { missingDebugInfo } from './missing-debug-info.js';
import { MAX_SOURCE_VADDRS, type SourcePlace } from './source-place.js';
import { readSourcePlaces, type SourceReaderOptions } from './source-reader.js';
import type { Symbolizer } from './symbolizer.js';

export interface SourceOfFunction {
  /** Distinct, by address; each from the innermost function that the compiler expanded to the function itself. */
  places: SourcePlace[][];
  /** Addresses that were looked at. */
  addresses: number;
  /** Why there are no places, or not all; '' when there is nothing to say. */
  note: string;
}

/** Waiting for the reader: each takes some tenths of a second, of a browser's file some seconds. */
const MAX_WAITING = 8;

export class FunctionSources {
  readonly #symbolizer: Symbolizer;
  readonly #reader: SourceReaderOptions;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(symbolizer: Symbolizer, reader: SourceReaderOptions = {}) {
    this.#symbolizer = symbolizer;
    this.#reader = reader;
  }

  async find(name: string, module: string): Promise<SourceOfFunction> {
    if (this.#waiting >= MAX_WAITING) return nothing('too many are being looked for; ask again later');
    this.#waiting++;
    const found = this.#turn.then(() => this.#find(name, module));
    this.#turn = found.catch(() => undefined);
    try {
      return await found;
    } finally {
      this.#waiting--;
    }
  }

  async #find(name: string, module: string): Promise<SourceOfFunction> {
    const seen = this.#symbolizer.seenCode(name, module);
    if (seen.length === 0) return nothing('the agent no longer knows where it ran; ask while it runs');
    const places = new Map<string, SourcePlace[]>();
    let addresses = 0;
    let note = '';
    for (const { file, vaddrs } of seen) {
      const looked = vaddrs.slice(0, MAX_SOURCE_VADDRS);
      const reading = file.useDebugInfo((fd) => readSourcePlaces(fd, looked, this.#reader));
      if (reading === undefined) {
        note = missingDebugInfo(module, file.whereDebugInfoWouldBe());
        continue;
      }
      const answer = await reading;
      if ('error' in answer) {
        note = answer.error;
        continue;
      }
      addresses += looked.length;
      for (const list of answer.places) if (list.length > 0) places.set(JSON.stringify(list), list);
    }
    if (places.size === 0 && note === '') note = 'the debug information says nothing of its addresses';
    return { places: [...places.values()], addresses, note };
  }
}

function nothing(note: string): SourceOfFunction {
  return { places: [], addresses: 0, note };
}
