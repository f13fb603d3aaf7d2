/**
 * Owns the functions that a compiler inlined where stacks were seen: addresses go to the reader of debug information, file
 * by file, and what it answers is kept by file, so that naming a stack later only looks up.
 *
 *     learn([0x1189])  ──▶ reader process ──▶  at(0x1189) = [ jobs::wait_for, jobs::Queue<long>::take ]     innermost first
 *                                              userFrame(0x1189) = jobs::work<long>                         they are in it
 *
 * Invariant: naming never waits. What is not answered in time has no inlined frames yet, is counted, and `epoch` changes
 * when its answer comes after all.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { NamedFile } from './named-file.js';
import type { SourcePlace } from './source-place.js';
import { readSourcePlaces, type SourceReaderOptions } from './source-reader.js';
import type { SymbolicFrame } from './symbolic-frame.js';
import type { Symbolizer } from './symbolizer.js';

/** What a caller waits for answers: a file that is new takes some tenths of a second, a browser's some seconds. */
const MAX_WAIT_MS = 10_000;
/** Addresses of one question, whose answer must fit what is read of one: 4 KiB each. */
const MAX_ADDRESSES_A_QUESTION = 1_024;
/** Addresses kept in all, at some hundred bytes each where something is inlined; beyond it stacks stay as they are. */
const MAX_ADDRESSES = 200_000;
/** Files that are named for having no debug information. */
const MAX_BARE_NAMED = 8;

export interface SeenAddress {
  tgid: number;
  /** As it is to be looked up: for a return address, one less. */
  address: bigint;
}

export interface InlineSummary {
  /** Addresses that debug information was read for, and those of them that are in inlined functions. */
  addresses: number;
  inlined: number;
  /** Addresses of which nothing is known: the reader failed, took too long, or there were too many. */
  unanswered: number;
  /** Files without debug information, a few of them. */
  bareFiles: readonly string[];
  bareFileCount: number;
}

interface FileInlines {
  /** Undefined: asked for, and not answered yet. */
  frames: Map<number, readonly SymbolicFrame[] | undefined>;
  isBare: boolean;
}

const NONE: readonly SymbolicFrame[] = [];

export class InlinedFrames {
  readonly #symbolizer: Symbolizer;
  readonly #reader: SourceReaderOptions;
  readonly #waitMs: number;
  readonly #files = new WeakMap<NamedFile, FileInlines>();
  readonly #bareFiles = new Set<string>();
  #epoch = 0;
  #asked = 0;
  #answered = 0;
  #inlined = 0;
  #refused = 0;
  #turn: Promise<void> = Promise.resolve();

  constructor(symbolizer: Symbolizer, reader: SourceReaderOptions = {}, waitMs = MAX_WAIT_MS) {
    this.#symbolizer = symbolizer;
    this.#reader = reader;
    this.#waitMs = waitMs;
  }

  /** Changes when an answer came too late for those who waited for it: stacks named before have no inlined frames. */
  get epoch(): number {
    return this.#epoch;
  }

  get summary(): InlineSummary {
    return {
      addresses: this.#answered,
      inlined: this.#inlined,
      unanswered: this.#asked - this.#answered + this.#refused,
      bareFiles: [...this.#bareFiles].slice(0, MAX_BARE_NAMED),
      bareFileCount: this.#bareFiles.size,
    };
  }

  /** Resolves when what is inlined at these addresses is known, or MAX_WAIT_MS have passed. */
  async learn(seen: Iterable<SeenAddress>): Promise<void> {
    const questions = this.#newAddresses(seen);
    if (questions.size === 0) return;
    let isLate = false;
    const asking = this.#turn.then(async () => {
      for (const [file, { vaddrs, module }] of questions) await this.#ask(file, vaddrs, module);
      if (isLate) this.#epoch++;
    });
    this.#turn = asking;
    const inTime = new AbortController();
    await Promise.race([
      asking.finally(() => inTime.abort()),
      sleep(this.#waitMs, undefined, { signal: inTime.signal }).catch((error: unknown) => {
        if (!inTime.signal.aborted) throw error;
      }),
    ]);
    isLate = !inTime.signal.aborted;
    inTime.abort();
  }

  /** Functions that are inlined at an address, innermost first, without the one they are in; none where it is not known. */
  at(tgid: number, address: bigint): readonly SymbolicFrame[] {
    const code = this.#symbolizer.codeAt(tgid, address);
    return (code && this.#files.get(code.file)?.frames.get(code.vaddr)) ?? NONE;
  }

  #newAddresses(seen: Iterable<SeenAddress>): Map<NamedFile, { vaddrs: number[]; module: string }> {
    const questions = new Map<NamedFile, { vaddrs: number[]; module: string }>();
    for (const { tgid, address } of seen) {
      const code = this.#symbolizer.codeAt(tgid, address);
      if (code === undefined) continue;
      const { file, vaddr, module } = code;
      const known = this.#inlinesOf(file);
      if (known.isBare || known.frames.has(vaddr)) continue;
      if (this.#asked >= MAX_ADDRESSES) {
        this.#refused++;
        continue;
      }
      known.frames.set(vaddr, undefined);
      this.#asked++;
      const question = questions.get(file) ?? { vaddrs: [], module };
      question.vaddrs.push(vaddr);
      questions.set(file, question);
    }
    return questions;
  }

  #inlinesOf(file: NamedFile): FileInlines {
    const known = this.#files.get(file) ?? { frames: new Map(), isBare: false };
    this.#files.set(file, known);
    return known;
  }

  async #ask(file: NamedFile, vaddrs: readonly number[], module: string): Promise<void> {
    const known = this.#inlinesOf(file);
    for (let from = 0; from < vaddrs.length; from += MAX_ADDRESSES_A_QUESTION) {
      const asked = vaddrs.slice(from, from + MAX_ADDRESSES_A_QUESTION);
      const reading = file.useDebugInfo((fd) => readSourcePlaces(fd, asked, this.#reader));
      if (reading === undefined) {
        known.isBare = true;
        known.frames.clear();
        this.#bareFiles.add(module);
        // Not a loss: there is nothing to be read.
        this.#asked -= vaddrs.length - from;
        return;
      }
      const answer = await reading;
      // Counted as unanswered; asking again would take as long and end the same.
      if ('error' in answer) continue;
      for (const [i, vaddr] of asked.entries()) {
        const frames = toInlinedFrames(answer.places[i]!, module);
        known.frames.set(vaddr, frames);
        this.#answered++;
        if (frames.length > 0) this.#inlined++;
      }
    }
  }
}

/** The last place is in the function itself, whose name is that of the symbol table. */
function toInlinedFrames(places: readonly SourcePlace[], module: string): readonly SymbolicFrame[] {
  if (places.length < 2) return NONE;
  return places.slice(0, -1).map((place) => ({
    name: place.function === '' ? '[inlined]' : place.function,
    module,
    unnamed: 'named',
    kind: 'inlined',
  }));
}
