/**
 * Owns TCP sockets by state, from /proc/net/tcp and tcp6: the one dear file of all vitals. The kernel walks its whole
 * table of connections for it, which is sized by memory, not by use: 2.5 ms a file on a host of 24 GiB with no
 * connection at all, and 1 to 2 µs for each. So it is rationed: read as often as a share of a core allows, at most
 * once a reading, and not at all beyond a number of sockets. Between two such readings the counts are those of the last.
 *
 * NETLINK_SOCK_DIAG would walk the same table; the counts that the kernel keeps anyway (`tcp.sockets`: in use, orphaned,
 * time wait, established) are read at every reading, however many sockets there are.
 */
import type { SocketCounts } from './network-vitals.js';
import type { VitalFiles } from './vital-files.js';
import type { VitalRows } from './vital-rows.js';

/** Share of a core that these two files may take. */
const CPU_SHARE = 0.0005;
/** Beyond it a reading is 15 MB and holds the agent up for 150 ms. */
const MAX_SOCKETS = 20_000;
/** Counts older than that are not shown as if they were of now, ns. */
const MAX_AGE_NS = 60e9;

/** By their number in the file's column `st`, hexadecimal. */
const STATE_NAMES = [
  'established',
  'syn sent',
  'syn received',
  'fin wait 1',
  'fin wait 2',
  'time wait',
  'closed',
  'close wait',
  'last ack',
  'listen',
  'closing',
  'syn received',
] as const;

export class TcpStates {
  readonly #files: VitalFiles;
  readonly #costNs: () => number;
  #counts: readonly number[] | undefined;
  #readNs = Number.NEGATIVE_INFINITY;
  #nextNs = Number.NEGATIVE_INFINITY;
  #lastCostNs = 0;

  constructor(files: VitalFiles, costNs: () => number) {
    this.#files = files;
    this.#costNs = costNs;
  }

  /** @returns what is not seen, in words, or '' */
  read(nowNs: number, rows: VitalRows, sockets: SocketCounts): string {
    const total = sockets.inUse4 + sockets.inUse6 + sockets.timeWait;
    if (total > MAX_SOCKETS) {
      this.#counts = undefined;
      return `TCP sockets by state are not counted above ${MAX_SOCKETS} of them: there are ${total}`;
    }
    if (nowNs >= this.#nextNs) this.#count(nowNs, sockets);
    if (this.#counts === undefined || nowNs - this.#readNs > MAX_AGE_NS) return '';
    for (const [name, count] of this.#named(sockets)) rows.add('tcp.states', name, count);
    const everySeconds = this.#lastCostNs / CPU_SHARE / 1e9;
    if (everySeconds < 1.5) return '';
    return `TCP sockets by state are counted every ${Math.ceil(everySeconds)} s: it takes the kernel ${(this.#lastCostNs / 1e6).toFixed(1)} ms`;
  }

  #count(nowNs: number, sockets: SocketCounts): void {
    const before = this.#costNs();
    const counts = STATE_NAMES.map(() => 0);
    const known = sockets.inUse4 + sockets.inUse6;
    // A listener for both families takes connections of either, so IPv4 is left out only where there are none at all.
    if (known > 0) countStates(this.#files.read('/proc/net/tcp') ?? '', counts);
    if (sockets.inUse6 > 0) countStates(this.#files.read('/proc/net/tcp6') ?? '', counts);
    this.#counts = counts;
    this.#readNs = nowNs;
    this.#lastCostNs = Math.max(0, this.#costNs() - before);
    this.#nextNs = nowNs + this.#lastCostNs / CPU_SHARE;
  }

  #named(sockets: SocketCounts): Map<string, number> {
    const named = new Map<string, number>();
    for (const [state, name] of STATE_NAMES.entries())
      named.set(name, (named.get(name) ?? 0) + this.#counts![state]!);
    // The kernel keeps this count by itself, so that it is of now.
    named.set('time wait', sockets.timeWait);
    return named;
  }
}

/** Adds the sockets of one file to counts by state; lines that are no socket's are left out. */
export function countStates(text: string, counts: number[]): void {
  for (let at = text.indexOf('\n'); at !== -1 && at + 1 < text.length; at = text.indexOf('\n', at + 1)) {
    // `   0: 0100007F:0016 00000000:0000 0A …`: the state follows the second address, whose lengths differ by family.
    const first = text.indexOf(': ', at);
    if (first === -1) return;
    const second = text.indexOf(' ', first + 2);
    const state = text.indexOf(' ', second + 1);
    if (second === -1 || state === -1) return;
    const number = Number.parseInt(text.slice(state + 1, state + 3), 16);
    if (number >= 1 && number <= counts.length) counts[number - 1]!++;
  }
}
