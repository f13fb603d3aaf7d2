/**
 * Owns vitals of the network, of the agent's network namespace: /proc/net/{dev,snmp,snmp6,netstat,sockstat,sockstat6},
 * the receive backlog of the host's CPUs, and TCP sockets by state (`TcpStates`).
 *
 * Interfaces that have never carried anything are left out. Names of fields come with the values in snmp and netstat:
 *
 *     Tcp: RtoAlgorithm … InSegs OutSegs RetransSegs
 *     Tcp: 1 … 25377210 25284646 4907
 */
import { Counters } from './counters.js';
import { lineNumber, linesOf, numberAt, toNumber, wordsOf } from './proc-text.js';
import { TcpStates } from './tcp-states.js';
import type { VitalFiles } from './vital-files.js';
import { type VitalGroupReader, type VitalRows, VitalsRefused } from './vital-rows.js';

/** A host of containers has one interface for each; more lines than these nobody reads in a chart. */
const MAX_INTERFACES = 64;
const MAX_LINES = 4096;
/** Mbit/s, as the driver says it; looked up again as links come up at another speed. */
const SPEED_READINGS = 30;
const MBIT_BYTES = 1e6 / 8;

/** Positions in a line of /proc/net/dev, after the name. */
const RECEIVED_BYTES = 0;
const RECEIVED_PACKETS = 1;
const RECEIVE_ERRORS = 2;
const RECEIVE_DROPS = 3;
const SENT_BYTES = 8;
const SENT_PACKETS = 9;
const SEND_ERRORS = 10;
const SEND_DROPS = 11;
const DEVICE_FIELDS = 16;

const DEVICE_METRICS: readonly (readonly [metric: string, field: number])[] = [
  ['net.receive.bytes', RECEIVED_BYTES],
  ['net.receive.packets', RECEIVED_PACKETS],
  ['net.receive.errors', RECEIVE_ERRORS],
  ['net.receive.drops', RECEIVE_DROPS],
  ['net.send.bytes', SENT_BYTES],
  ['net.send.packets', SENT_PACKETS],
  ['net.send.errors', SEND_ERRORS],
  ['net.send.drops', SEND_DROPS],
];

/** Metric, label, and the fields that it sums. */
type Counted = readonly [metric: string, label: string, ...fields: string[]];

const SNMP_METRICS: readonly Counted[] = [
  ['tcp.segments', 'received', 'Tcp.InSegs'],
  ['tcp.segments', 'sent', 'Tcp.OutSegs'],
  ['tcp.retransmits', '', 'Tcp.RetransSegs'],
  ['tcp.connections', 'opened', 'Tcp.ActiveOpens'],
  ['tcp.connections', 'accepted', 'Tcp.PassiveOpens'],
  ['tcp.connections', 'failed', 'Tcp.AttemptFails'],
  ['tcp.connections', 'reset', 'Tcp.EstabResets'],
  ['tcp.trouble', 'timeouts', 'TcpExt.TCPTimeouts'],
  ['tcp.trouble', 'listen overflows', 'TcpExt.ListenOverflows'],
  ['tcp.trouble', 'listen drops', 'TcpExt.ListenDrops'],
  ['tcp.trouble', 'bad segments', 'Tcp.InErrs'],
  ['tcp.trouble', 'resets sent', 'Tcp.OutRsts'],
  ['udp.datagrams', 'received', 'Udp.InDatagrams', 'Udp6InDatagrams'],
  ['udp.datagrams', 'sent', 'Udp.OutDatagrams', 'Udp6OutDatagrams'],
  ['udp.trouble', 'no port', 'Udp.NoPorts', 'Udp6NoPorts'],
  ['udp.trouble', 'bad', 'Udp.InCsumErrors', 'Udp6InCsumErrors'],
  ['udp.trouble', 'receive buffer full', 'Udp.RcvbufErrors', 'Udp6RcvbufErrors'],
  ['udp.trouble', 'send buffer full', 'Udp.SndbufErrors', 'Udp6SndbufErrors'],
];

/** What is read of /proc/net/snmp and /proc/net/netstat, by protocol. */
const SNMP_FIELDS: ReadonlyMap<string, readonly string[]> = new Map([
  ['Tcp', [...fieldsOf('Tcp'), 'CurrEstab']],
  ['Udp', fieldsOf('Udp')],
]);
const NETSTAT_FIELDS: ReadonlyMap<string, readonly string[]> = new Map([['TcpExt', fieldsOf('TcpExt')]]);

function fieldsOf(protocol: string): string[] {
  return SNMP_METRICS.flatMap(([, , ...names]) => names)
    .filter((name) => name.startsWith(`${protocol}.`))
    .map((name) => name.slice(protocol.length + 1));
}

export class NetworkVitals implements VitalGroupReader {
  readonly #files: VitalFiles;
  readonly #devices = new Counters();
  readonly #protocols = new Counters();
  readonly #backlog = new Counters();
  readonly #states: TcpStates;
  #speeds = new Map<string, number>();
  #readings = 0;

  /** @param costNs CPU time so far, by which the dear part of this reading is rationed */
  constructor(files: VitalFiles, costNs: () => number) {
    this.#files = files;
    this.#states = new TcpStates(files, costNs);
  }

  read(nowNs: number, rows: VitalRows): string {
    const dev = this.#files.read('/proc/net/dev');
    if (dev === undefined) throw new VitalsRefused(this.#files.whyNot('/proc/net/dev'));
    const notes: string[] = [];
    const devices = devicesOf(dev);
    const used = devices.filter(({ fields }) => fields.some((field) => field > 0));
    const shown = new Set(used.slice(0, MAX_INTERFACES).map(({ name }) => name));
    if (this.#readings++ % SPEED_READINGS === 0) this.#lookAtSpeeds(shown);
    this.#devices.begin(nowNs);
    for (const { name, fields } of devices) {
      // Also of those not used so far: their first packets are to count.
      const growth = this.#devices.step(name, fields);
      if (growth !== undefined && shown.has(name)) this.#addDevice(rows, name, growth.grown, growth.seconds);
    }
    this.#devices.end();
    const left = used.length - shown.size;
    if (left > 0) notes.push(`${left} of ${used.length} interfaces are left out`);
    const snmp = this.#addProtocols(nowNs, rows);
    this.#addBacklog(nowNs, rows);
    notes.push(this.#addSockets(nowNs, rows, snmp));
    return notes.filter((note) => note !== '').join('; ');
  }

  #addDevice(rows: VitalRows, name: string, grown: readonly number[], seconds: number): void {
    for (const [metric, field] of DEVICE_METRICS) rows.add(metric, name, grown[field]! / seconds);
    const speed = this.#speeds.get(name);
    if (speed === undefined) return;
    const bytes = Math.max(grown[RECEIVED_BYTES]!, grown[SENT_BYTES]!) / seconds;
    rows.add('net.utilisation', name, Math.min(1, bytes / (speed * MBIT_BYTES)));
  }

  #lookAtSpeeds(names: ReadonlySet<string>): void {
    this.#speeds = new Map();
    for (const name of names) {
      // Names come from the kernel, but a dot or a slash in one would leave the directory.
      if (!/^[A-Za-z0-9_.:@-]+$/.test(name) || /^\.+$/.test(name)) continue;
      const path = `/sys/class/net/${name}/speed`;
      const speed = numberAt(this.#files.read(path) ?? '', 0);
      this.#files.forget(path);
      if (speed !== undefined && speed > 0) this.#speeds.set(name, speed);
    }
  }

  #addProtocols(nowNs: number, rows: VitalRows): ReadonlyMap<string, number> {
    const fields = snmpFieldsOf(this.#files.read('/proc/net/snmp') ?? '', SNMP_FIELDS);
    const netstat = snmpFieldsOf(this.#files.read('/proc/net/netstat') ?? '', NETSTAT_FIELDS);
    for (const [name, value] of netstat) fields.set(name, value);
    const snmp6 = this.#files.read('/proc/net/snmp6') ?? '';
    let grownSent: number | undefined;
    let grownAgain: number | undefined;
    this.#protocols.begin(nowNs);
    for (const [metric, label, ...names] of SNMP_METRICS) {
      let total: number | undefined;
      for (const name of names) {
        const value = name.includes('.') ? fields.get(name) : lineNumber(snmp6, name);
        if (value !== undefined) total = (total ?? 0) + value;
      }
      const growth = total === undefined ? undefined : this.#protocols.step(`${metric} ${label}`, [total]);
      if (growth === undefined) continue;
      rows.add(metric, label, growth.grown[0]! / growth.seconds);
      if (metric === 'tcp.segments' && label === 'sent') grownSent = growth.grown[0]!;
      if (metric === 'tcp.retransmits') grownAgain = growth.grown[0]!;
    }
    this.#protocols.end();
    if (grownSent !== undefined && grownAgain !== undefined && grownSent + grownAgain > 0)
      rows.add('tcp.retransmit-share', '', grownAgain / (grownSent + grownAgain));
    return fields;
  }

  #addBacklog(nowNs: number, rows: VitalRows): void {
    const text = this.#files.read('/proc/net/softnet_stat');
    if (text === undefined) return;
    const { dropped, squeezed } = backlogOf(text);
    this.#backlog.begin(nowNs);
    const growth = this.#backlog.step('', [dropped, squeezed]);
    this.#backlog.end();
    if (growth === undefined) return;
    rows.add('net.backlog', 'dropped', growth.grown[0]! / growth.seconds);
    rows.add('net.backlog', 'squeezed', growth.grown[1]! / growth.seconds);
  }

  #addSockets(nowNs: number, rows: VitalRows, snmp: ReadonlyMap<string, number>): string {
    const four = this.#files.read('/proc/net/sockstat');
    if (four === undefined) return `no sockets: ${this.#files.whyNot('/proc/net/sockstat')}`;
    const six = this.#files.read('/proc/net/sockstat6') ?? '';
    const sockets = socketsOf(four, six);
    rows.add('tcp.sockets', 'in use', sockets.inUse4 + sockets.inUse6);
    rows.add('tcp.sockets', 'orphaned', sockets.orphaned);
    rows.add('tcp.sockets', 'time wait', sockets.timeWait);
    rows.add('tcp.sockets', 'established', snmp.get('Tcp.CurrEstab'));
    return this.#states.read(nowNs, rows, sockets);
  }
}

export interface DeviceCounts {
  name: string;
  /** 16, in the order of the file. */
  fields: number[];
}

/** Those of hardware before virtual pairs of containers. */
export function devicesOf(dev: string): DeviceCounts[] {
  const devices: DeviceCounts[] = [];
  for (const line of linesOf(dev, MAX_LINES)) {
    const colon = line.lastIndexOf(':');
    if (colon === -1) continue;
    const name = line.slice(0, colon).trim();
    const words = wordsOf(line.slice(colon + 1));
    if (name === '' || words.length < DEVICE_FIELDS) continue;
    const fields = words.slice(0, DEVICE_FIELDS).map(toNumber);
    if (!isWhole(fields)) continue;
    devices.push({ name, fields });
  }
  return devices.sort((a, b) => Number(isPair(a.name)) - Number(isPair(b.name)));
}

function isPair(name: string): boolean {
  return /^(?:veth|cali|lxc|cni|tap|vnet)/.test(name);
}

function isWhole(fields: readonly (number | undefined)[]): fields is number[] {
  return fields.every((field) => field !== undefined);
}

/**
 * `Tcp.OutSegs` → value, of the fields that are asked for. Values that are no counts (MaxConn is -1) are left out.
 * @param wanted by protocol: the files have hundreds of fields
 */
export function snmpFieldsOf(
  text: string,
  wanted: ReadonlyMap<string, readonly string[]>,
): Map<string, number> {
  const fields = new Map<string, number>();
  const lines = linesOf(text, MAX_LINES);
  for (let at = 0; at + 1 < lines.length; at += 2) {
    const protocol = lines[at]!.slice(0, Math.max(0, lines[at]!.indexOf(':')));
    const names = wanted.get(protocol);
    if (names === undefined || !lines[at + 1]!.startsWith(`${protocol}:`)) continue;
    const heads = lines[at]!.split(' ');
    const values = lines[at + 1]!.split(' ');
    for (const name of names) {
      const value = toNumber(values[heads.indexOf(name)]);
      if (value !== undefined) fields.set(`${protocol}.${name}`, value);
    }
  }
  return fields;
}

/** Of all CPUs: hexadecimal columns, the second what the backlog dropped, the third how often it ran out of its turn. */
export function backlogOf(softnetStat: string): { dropped: number; squeezed: number } {
  const sum = { dropped: 0, squeezed: 0 };
  for (const line of linesOf(softnetStat, MAX_LINES)) {
    const [, dropped, squeezed] = wordsOf(line);
    sum.dropped += fromHex(dropped);
    sum.squeezed += fromHex(squeezed);
  }
  return sum;
}

function fromHex(word: string | undefined): number {
  return word !== undefined && /^[0-9a-f]{1,12}$/.test(word) ? Number.parseInt(word, 16) : 0;
}

export interface SocketCounts {
  /** Of IPv4: those bound, listening or connected; not those in time wait. */
  inUse4: number;
  inUse6: number;
  orphaned: number;
  /** Of both. */
  timeWait: number;
}

/** `TCP: inuse 1 orphan 0 tw 0 alloc 1 mem 0`, and `TCP6: inuse 0`. */
export function socketsOf(sockstat: string, sockstat6: string): SocketCounts {
  const four = sockstat.split('\n', 16).find((line) => line.startsWith('TCP:')) ?? '';
  const six = sockstat6.split('\n', 16).find((line) => line.startsWith('TCP6:')) ?? '';
  const after = (line: string, name: string): number => {
    const at = line.indexOf(` ${name} `);
    return at === -1 ? 0 : (numberAt(line, at + name.length + 2) ?? 0);
  };
  return {
    inUse4: after(four, 'inuse'),
    inUse6: after(six, 'inuse'),
    orphaned: after(four, 'orphan'),
    timeWait: after(four, 'tw'),
  };
}
