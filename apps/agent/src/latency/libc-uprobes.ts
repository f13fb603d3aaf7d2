/**
 * Owns uprobes on functions of every C library that is in use: attached as processes map them, detached when nobody has
 * them mapped, so that no file system of a container is kept from going.
 *
 * What cannot be attached to is said with the reason: see `words`.
 */
import type { BpfLink, BpfObject } from '@stallscope/libbpf';
import { SymbolError } from '@stallscope/symbols';
import { readFunctionOffsets } from './libc-functions.js';
import { MAX_LIBCS, type MappedCode, type UsedLibc, UsedLibcs } from './used-libcs.js';

/** Programs NAME_called and NAME_returned of the object are attached to the function NAME. */
export type FollowedFunctions = readonly string[];

/** Where nobody tells of new mappings: a process takes some 50 µs to ask, so that a thousand are 1 % of a CPU. */
const READ_ALL_MS = 5_000;
/** Libraries told of by their path: a reader's line. */
const MAX_LISTED = 4;

type Attached =
  | { links: BpfLink[] }
  /** `isFinal`: it will not get better by being tried again. */
  | { refusal: string; isFinal: boolean };

export class LibcUprobes {
  readonly #object: BpfObject;
  readonly #functions: FollowedFunctions;
  readonly #libcs: UsedLibcs;
  readonly #attached = new Map<UsedLibc, Attached>();
  readonly #unwatch: (() => void) | undefined;
  #readAllMs = performance.now();
  /** A detachment that failed, for who looks next. */
  #failure: unknown;

  /** Attached to all that are in use when it returns. */
  constructor(object: BpfObject, functions: FollowedFunctions, mapped: MappedCode, libcs = new UsedLibcs()) {
    this.#object = object;
    this.#functions = functions;
    this.#libcs = libcs;
    // First, so that none that comes meanwhile is missed.
    this.#unwatch = mapped.watchMapped((tgid, mapping) => {
      const libc = libcs.told(tgid, mapping);
      if (libc !== undefined) this.#attach(libc);
    });
    for (const libc of libcs.readAll()) this.#attach(libc);
  }

  /** Detaches from what nobody uses any more; once a window. */
  look(): void {
    if (this.#failure !== undefined) throw this.#failure;
    const { come, gone } = this.#libcs.look();
    if (this.#unwatch === undefined && performance.now() - this.#readAllMs >= READ_ALL_MS) {
      this.#readAllMs = performance.now();
      come.push(...this.#libcs.readAll());
    }
    for (const libc of gone) this.#detach(libc);
    for (const [libc, attached] of this.#attached) {
      if ('refusal' in attached && !attached.isFinal) this.#attach(libc);
    }
    for (const libc of come) this.#attach(libc);
  }

  /** What it is attached to and what not, for a reader; libraries of one path are told together. */
  get words(): string {
    const counts = new Map<string, number>();
    const refusals = new Map<string, number>();
    for (const [{ path }, attached] of this.#attached) {
      if ('refusal' in attached) add(refusals, `not of ${path}: ${attached.refusal}`);
      else add(counts, path);
    }
    const beyond = this.#libcs.beyondCount;
    return [
      counts.size === 0 ? 'no C library, as none is in use' : listed(counts).join(', '),
      ...listed(refusals),
      ...(beyond === 0 ? [] : [`not of ${beyond} more, as at most ${MAX_LIBCS} are followed`]),
    ].join('; ');
  }

  get attachedCount(): number {
    return [...this.#attached.values()].filter((attached) => !('refusal' in attached)).length;
  }

  /** Idempotent. */
  close(): void {
    this.#unwatch?.();
    for (const libc of [...this.#attached.keys()]) this.#detach(libc);
  }

  #attach(libc: UsedLibc): void {
    let refusal = 'the process that had it mapped has gone';
    let isFinal = false;
    for (const path of libc.places()) {
      const links: BpfLink[] = [];
      try {
        const offsets = readFunctionOffsets(path, this.#functions);
        if (offsets.size === 0) {
          refusal = `it has no ${this.#functions.join(', ')}`;
          isFinal = true;
          break;
        }
        for (const [name, fileOffset] of offsets) {
          // The return first: a call that is seen is one whose return will be seen.
          for (const isReturn of [true, false]) {
            const program = this.#object.program(`${name}_${isReturn ? 'returned' : 'called'}`);
            links.push(program.attachUprobe({ path, fileOffset, isReturn }));
          }
        }
        this.#attached.set(libc, { links });
        return;
      } catch (error) {
        for (const link of links) link.close();
        refusal = firstLine(error);
        isFinal = error instanceof SymbolError;
        if (isFinal) break;
      }
    }
    this.#attached.set(libc, { refusal, isFinal });
  }

  #detach(libc: UsedLibc): void {
    const attached = this.#attached.get(libc);
    this.#attached.delete(libc);
    if (attached === undefined || 'refusal' in attached) return;
    // Calls first, for the reason they attach last.
    for (const link of attached.links.reverse()) {
      link.closeAsync().catch((error: unknown) => {
        this.#failure = error;
      });
    }
  }
}

function add(counts: Map<string, number>, words: string): void {
  counts.set(words, (counts.get(words) ?? 0) + 1);
}

/** At most MAX_LISTED, and how many more there are. */
function listed(counts: ReadonlyMap<string, number>): string[] {
  const lines = [...counts].map(([words, count]) => (count === 1 ? words : `${words} (${count} files)`));
  return lines.length <= MAX_LISTED
    ? lines
    : [...lines.slice(0, MAX_LISTED), `${lines.length - MAX_LISTED} more`];
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
