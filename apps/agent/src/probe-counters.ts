/** Owns reading a probe's running totals: a slot for each counter and CPU, which only grow. */
import { BatchBuffer, type BpfMap, possibleCpuCount } from '@stallscope/libbpf';

export class ProbeCounters {
  readonly #map: BpfMap;
  readonly #count: number;
  readonly #buffer = new BatchBuffer();

  /** @param count of the probe's enum counter, COUNTER_COUNT */
  constructor(map: BpfMap, count: number) {
    this.#map = map;
    this.#count = count;
  }

  /** By counter, all CPUs together. */
  totals(): number[] {
    return this.byCpu().map(sum);
  }

  /** By counter, then by CPU number. */
  byCpu(): number[][] {
    const cpus = possibleCpuCount();
    const { count, values } = this.#map.lookupBatch(this.#buffer);
    if (count !== this.#count) {
      throw new Error(`reading the counters of a probe: ${count} of ${this.#count}`);
    }
    // In the order of their keys, as the map is an array; a slot for each CPU.
    const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
    return Array.from({ length: count }, (_, counter) =>
      Array.from({ length: cpus }, (_, cpu) => Number(view.getBigUint64(8 * (counter * cpus + cpu), true))),
    );
  }
}

export function sum(totals: readonly number[]): number {
  let sum = 0;
  for (const total of totals) sum += total;
  return sum;
}
