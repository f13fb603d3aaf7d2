/**
 * Owns whether the CPUs of this host hand received packets over to each other (receive packet steering, RPS). Then a packet
 * that a task receives in a softirq as it sends may be another's, and the probe is not to name the task as a waker.
 *
 * Two signs: a queue of a device is set so, or the kernel has counted packets that were handed over of late. The first is
 * known at once, but only of the agent's own network namespace; the second of all of them, and only afterwards.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the kernel says of it, as text. */
export interface PacketFiles {
  /** /proc/net/softnet_stat: a line of hexadecimal columns for each CPU. */
  softnetStat(): string;
  /** rps_cpus of each receive queue of each device: hexadecimal CPU masks, `00000000,0000000f`. */
  rpsMasks(): string[];
}

/** `received_rps` of softnet_stat: interrupts by which another CPU handed packets over. Linux 2.6.35 and later. */
const RECEIVED_RPS_COLUMN = 9;
/** A host that hands packets over now and then is one that does. */
const HOLD_MS = 60_000;

export class PacketSteering {
  readonly #files: PacketFiles;
  #count: number;
  #steeredUntilMs: number;
  #isSteered: boolean;

  constructor(files: PacketFiles, nowMs: number) {
    this.#files = files;
    this.#count = toHandedOver(files.softnetStat());
    this.#isSteered = files.rpsMasks().some((mask) => /[1-9a-f]/i.test(mask));
    this.#steeredUntilMs = this.#isSteered ? Number.POSITIVE_INFINITY : nowMs;
  }

  get isSteered(): boolean {
    return this.#isSteered;
  }

  /** Once a window. True when `isSteered` has changed. */
  look(nowMs: number): boolean {
    const count = toHandedOver(this.#files.softnetStat());
    if (count !== this.#count) this.#steeredUntilMs = Math.max(this.#steeredUntilMs, nowMs + HOLD_MS);
    this.#count = count;
    const was = this.#isSteered;
    this.#isSteered = nowMs < this.#steeredUntilMs;
    return was !== this.#isSteered;
  }
}

/** Sum over the CPUs; 0 where the kernel has no such column. */
export function toHandedOver(softnetStat: string): number {
  let sum = 0;
  for (const line of softnetStat.split('\n')) {
    const column = line.trim().split(/\s+/)[RECEIVED_RPS_COLUMN];
    if (column !== undefined) sum += Number.parseInt(column, 16);
  }
  return sum;
}

export const HOST_PACKET_FILES: PacketFiles = {
  softnetStat: () => readOr('', '/proc/net/softnet_stat'),
  rpsMasks() {
    const devices = '/sys/class/net';
    return namesIn(devices).flatMap((device) => {
      const queues = join(devices, device, 'queues');
      return namesIn(queues)
        .filter((queue) => queue.startsWith('rx-'))
        .map((queue) => readOr('', join(queues, queue, 'rps_cpus')));
    });
  },
};

/** A kernel without networking, or a device that has just gone: nothing is handed over there. */
function readOr(fallback: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
