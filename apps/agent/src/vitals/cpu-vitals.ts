/**
 * Owns vitals of CPUs: /proc/stat, /proc/loadavg, and thermal limits where a driver counts them.
 *
 *     cpu  user nice system idle iowait irq softirq steal guest guest_nice      ticks of 10 ms
 *
 * Shares are of the ticks that passed, not of the clock: a tickless kernel's ticks do not add up to the clock's exactly.
 * Time of guests is in user and nice already.
 */
import { Counters } from './counters.js';
import { lineNumber, linesOf, numberAt, toNumber, wordsOf } from './proc-text.js';
import type { VitalFiles } from './vital-files.js';
import { type VitalGroupReader, type VitalRows, VitalsRefused } from './vital-rows.js';

/** In the order of the file. */
const STATES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const IDLE = STATES.indexOf('idle');
const IOWAIT = STATES.indexOf('iowait');
/** Lines of CPUs that are read; larger hosts exist, and charts of more lines say nothing. */
const MAX_CPUS = 1024;
const LOAD_MINUTES = ['1', '5', '15'] as const;
const SYS_CPUS = '/sys/devices/system/cpu';

export class CpuVitals implements VitalGroupReader {
  readonly #files: VitalFiles;
  /** A CPU that waits for I/O may be told so no more once its waiter is woken on another. */
  readonly #cpus = new Counters({ falls: [IOWAIT] });
  readonly #host = new Counters();
  readonly #throttles = new Counters();
  #throttleFiles: readonly string[] | undefined;

  constructor(files: VitalFiles) {
    this.#files = files;
  }

  read(nowNs: number, rows: VitalRows): string {
    const stat = this.#files.read('/proc/stat');
    if (stat === undefined) throw new VitalsRefused(this.#files.whyNot('/proc/stat'));
    const cpus = cpuTimesOf(stat);
    this.#cpus.begin(nowNs);
    for (const [name, ticks] of cpus) {
      const growth = this.#cpus.step(name, ticks);
      if (growth !== undefined) addShares(rows, name, growth.grown);
    }
    this.#cpus.end();
    rows.add('cpu.online', '', cpus.size - 1);
    this.#addHost(nowNs, stat, rows);
    this.#addLoad(rows);
    this.#addThrottles(nowNs, rows);
    return '';
  }

  #addHost(nowNs: number, stat: string, rows: VitalRows): void {
    rows.add('cpu.runnable', '', lineNumber(stat, 'procs_running'));
    rows.add('cpu.blocked', '', lineNumber(stat, 'procs_blocked'));
    this.#host.begin(nowNs);
    for (const [metric, field] of [
      ['cpu.switches', 'ctxt'],
      ['cpu.interrupts', 'intr'],
      ['cpu.forks', 'processes'],
    ] as const) {
      const value = lineNumber(stat, field);
      const growth = value === undefined ? undefined : this.#host.step(metric, [value]);
      if (growth !== undefined) rows.add(metric, '', growth.grown[0]! / growth.seconds);
    }
    this.#host.end();
  }

  #addLoad(rows: VitalRows): void {
    const loads = loadsOf(this.#files.read('/proc/loadavg') ?? '');
    for (const [at, minutes] of LOAD_MINUTES.entries()) rows.add('cpu.load', minutes, loads[at]);
  }

  #addThrottles(nowNs: number, rows: VitalRows): void {
    this.#throttleFiles ??= this.#files
      .list(SYS_CPUS)
      .filter((name) => /^cpu\d+$/.test(name))
      .slice(0, MAX_CPUS)
      .map((name) => `${SYS_CPUS}/${name}/thermal_throttle/core_throttle_count`)
      .filter((path) => this.#files.read(path) !== undefined);
    if (this.#throttleFiles.length === 0) return;
    let total = 0;
    for (const path of this.#throttleFiles) total += numberAt(this.#files.read(path) ?? '', 0) ?? 0;
    this.#throttles.begin(nowNs);
    const growth = this.#throttles.step('', [total]);
    if (growth !== undefined) rows.add('cpu.thermal-throttles', '', growth.grown[0]! / growth.seconds);
  }
}

function addShares(rows: VitalRows, name: string, grown: readonly number[]): void {
  const all = grown.reduce((sum, ticks) => sum + ticks, 0);
  // Closer together than a tick, or a CPU that is off.
  if (all === 0) return;
  if (name !== 'cpu') {
    rows.add('cpu.busy', name, Math.max(0, all - grown[IDLE]! - grown[IOWAIT]!) / all);
    return;
  }
  for (const [at, state] of STATES.entries()) rows.add('cpu.state', state, grown[at]! / all);
}

/** Ticks by state of `cpu`, all of them together, and of each `cpuN`. Kernels before 2.6.24 have fewer states. */
export function cpuTimesOf(stat: string): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const line of linesOf(stat, MAX_CPUS + 1)) {
    if (!line.startsWith('cpu')) break;
    const [name, ...words] = wordsOf(line);
    if (!/^cpu\d*$/.test(name!)) break;
    times.set(
      name!,
      STATES.map((_, at) => toNumber(words[at]) ?? 0),
    );
  }
  return times;
}

/** `0.13 1.05 1.92 1/94 19841`. */
export function loadsOf(loadavg: string): (number | undefined)[] {
  return wordsOf(loadavg)
    .slice(0, LOAD_MINUTES.length)
    .map((word) => (/^\d{1,9}\.\d{1,4}$/.test(word) ? Number(word) : undefined));
}
