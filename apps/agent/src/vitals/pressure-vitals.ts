/**
 * Owns pressure stall information of the host: what share of the time between two readings some, or all, threads stalled.
 * From the totals, so that no stall is damped away:
 *
 *     some avg10=2.82 avg60=2.33 avg300=10.19 total=23325124928        µs since boot
 *     full avg10=0.00 …                                                of cpu not defined for a whole host, so not read
 */
import { Counters } from './counters.js';
import { numberAt } from './proc-text.js';
import type { VitalFiles } from './vital-files.js';
import { type VitalGroupReader, type VitalRows, VitalsRefused } from './vital-rows.js';

const RESOURCES = ['cpu', 'memory', 'io', 'irq'] as const;

export class PressureVitals implements VitalGroupReader {
  readonly #files: VitalFiles;
  readonly #counters = new Counters();

  constructor(files: VitalFiles) {
    this.#files = files;
  }

  read(nowNs: number, rows: VitalRows): string {
    let found = 0;
    this.#counters.begin(nowNs);
    for (const resource of RESOURCES) {
      const text = this.#files.read(`/proc/pressure/${resource}`);
      if (text === undefined) continue;
      found++;
      for (const extent of ['some', 'full'] as const) {
        if (extent === 'full' && resource === 'cpu') continue;
        const total = stallTotalOf(text, extent);
        const growth =
          total === undefined ? undefined : this.#counters.step(`${extent} ${resource}`, [total]);
        // The kernel adds a stall up as it ends or is looked at, so a second may be told some µs more than it has.
        if (growth !== undefined)
          rows.add(`pressure.${extent}`, resource, Math.min(1, growth.grown[0]! / 1e6 / growth.seconds));
      }
    }
    this.#counters.end();
    if (found === 0) throw new VitalsRefused(this.#refusal());
    return '';
  }

  #refusal(): string {
    const why = this.#files.whyNot('/proc/pressure/cpu');
    return `${why}; pressure stall information needs CONFIG_PSI, and psi=1 on the kernel's command line where it is off by default`;
  }
}

/** µs since boot. */
export function stallTotalOf(text: string, extent: 'some' | 'full'): number | undefined {
  const line = text.split('\n', 4).find((each) => each.startsWith(`${extent} `));
  const at = line?.indexOf('total=') ?? -1;
  return at === -1 ? undefined : numberAt(line!, at + 'total='.length);
}
