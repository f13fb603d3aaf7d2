/**
 * Owns what counters of a kind of thing (CPUs, disks, interfaces, containers) grew by between two readings.
 *
 *     counters.begin(nowNs);
 *     counters.step('vda', [reads, writes])   →  { seconds: 1.002, grown: [120, 4] }, undefined the first time
 *     counters.end();                             forgets what was not in this reading
 *
 * A thing that went away and came back starts anew, and so does one of whose counters any went back (a device made again
 * under its old name, a counter reset). Counters that the kernel writes with 32 bits may go round once between readings.
 */
export interface Growth {
  /** Since its last reading. */
  seconds: number;
  /** In the order of the values. */
  grown: number[];
}

interface Known {
  atNs: number;
  values: readonly number[];
  reading: number;
}

const U32 = 2 ** 32;
/** A counter that goes round was in the last quarter of its range before and is in the first after: else it was reset. */
const ROUND_FROM = U32 * 0.75;
const ROUND_TO = U32 * 0.25;
/** Closer readings say little: ticks of the kernel's clock are 10 ms, ns. */
const LEAST_APART_NS = 100e6;

export class Counters {
  readonly #known = new Map<string, Known>();
  readonly #wraps: ReadonlySet<number>;
  readonly #falls: ReadonlySet<number>;
  #nowNs = 0;
  #reading = 0;

  /** Positions of values that the kernel writes with 32 bits, and of those that it may take back a little of. */
  constructor({ wraps = [], falls = [] }: { wraps?: readonly number[]; falls?: readonly number[] } = {}) {
    this.#wraps = new Set(wraps);
    this.#falls = new Set(falls);
  }

  begin(nowNs: number): void {
    this.#nowNs = nowNs;
    this.#reading++;
  }

  step(label: string, values: readonly number[]): Growth | undefined {
    const known = this.#known.get(label);
    if (known !== undefined && this.#nowNs - known.atNs < LEAST_APART_NS) {
      known.reading = this.#reading;
      return undefined;
    }
    this.#known.set(label, { atNs: this.#nowNs, values, reading: this.#reading });
    if (known === undefined || known.values.length !== values.length) return undefined;
    const grown: number[] = [];
    for (const [at, value] of values.entries()) {
      const growth = this.#growth(at, known.values[at]!, value);
      if (growth === undefined) return undefined;
      grown.push(growth);
    }
    return { seconds: (this.#nowNs - known.atNs) / 1e9, grown };
  }

  end(): void {
    for (const [label, { reading }] of this.#known) if (reading !== this.#reading) this.#known.delete(label);
  }

  #growth(at: number, before: number, now: number): number | undefined {
    if (now >= before) return now - before;
    if (this.#falls.has(at)) return 0;
    if (!this.#wraps.has(at) || before < ROUND_FROM || before >= U32 || now > ROUND_TO) return undefined;
    return now + U32 - before;
  }
}
