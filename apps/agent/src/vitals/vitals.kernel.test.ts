/** Vitals of this host, against loads that know what they did. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { kernelSuites } from '@stallscope/testing';
import { VITAL_GROUPS, type VitalGroup } from '@stallscope/vitals';
import { afterEach, describe, expect, test } from 'vitest';
import { hostMounts, TestContainer } from './test-container.js';
import { HostFiles, type VitalFiles } from './vital-files.js';
import { VitalsReader, type VitalsReaderOptions, type VitalsReading } from './vitals-reader.js';

const onKernel = kernelSuites({ describe, test });
const MIB = 1 << 20;
/** A tick of /proc/PID/stat, ns. */
const TICK_NS = 10e6;

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

function reading(groups: readonly VitalGroup[], options: VitalsReaderOptions = {}): VitalsReader {
  const reader = new VitalsReader(options);
  undo.push(() => reader.close());
  reader.setGroups(new Set(groups), 0);
  return reader;
}

/**
 * What happened since the reader began, as if it had taken a second: rates are then what counters grew by, exactly.
 */
function grown(reader: VitalsReader): VitalsReading {
  return reader.read(1e9);
}

function vital({ rows }: VitalsReading, metric: string, label = ''): number | undefined {
  return rows.find((row) => row.metric === metric && row.label === label)?.value;
}

/** A script that prints what it knows, line by line. */
function start(script: string, command: readonly string[] = ['sh', '-c']): Load {
  const load = new Load(
    spawn(command[0]!, [...command.slice(1), script], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  undo.push(() => load.end());
  return load;
}

class Load {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  get tgid(): number {
    return this.#child.pid!;
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the load ended before it said what was expected');
    return value;
  }

  tell(line: string): void {
    this.#child.stdin!.write(`${line}\n`);
  }

  /** CPU time that the kernel knows of it, ns. */
  cpuNs(): number {
    const fields = readFileSync(`/proc/${this.tgid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_NS;
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }
}

/** Between what something is, however long a busy machine took to look. */
interface Bounds {
  least: number;
  most: number;
}

/**
 * Two readings, this far apart, and what the load's own account says of the time between them: the least from the end of
 * the first to the begin of the second, the most from the begin of the first to the end of the second.
 */
async function during(
  ms: number,
  groups: readonly VitalGroup[],
  load: Load,
  files: VitalFiles = new HostFiles(),
): Promise<{ result: VitalsReading; ran: Bounds; ns: Bounds & { told: number } }> {
  const reader = new VitalsReader({ files });
  undo.push(() => reader.close());
  const first = { ns: nowNs(), ran: load.cpuNs() };
  reader.setGroups(new Set(groups), first.ns);
  const firstEnd = { ns: nowNs(), ran: load.cpuNs() };
  await setTimeout(ms);
  const second = { ns: nowNs(), ran: load.cpuNs() };
  const result = reader.read(second.ns);
  const secondEnd = { ns: nowNs(), ran: load.cpuNs() };
  return {
    result,
    // Its account is of user and of kernel time, each in ticks and rounded down.
    ran: { least: second.ran - firstEnd.ran - 2 * TICK_NS, most: secondEnd.ran - first.ran + 2 * TICK_NS },
    ns: { least: second.ns - firstEnd.ns, most: secondEnd.ns - first.ns, told: second.ns - first.ns },
  };
}

function nowNs(): number {
  return Number(process.hrtime.bigint());
}

onKernel('vitals of this host', () => {
  test('have in every group something, and say what they do not see', () => {
    const reader = reading(VITAL_GROUPS);
    const { groups, rows } = grown(reader);
    for (const { name, state, detail, cpuNs, readings } of groups) {
      if (state === 'refused') console.warn(`${name}: ${detail}`);
      else expect(readings, name).toBe(2);
      expect(cpuNs, name).toBeGreaterThanOrEqual(0);
    }
    const states = rows.filter(({ metric }) => metric === 'cpu.state');
    if (states.length > 0) expect(states.reduce((sum, { value }) => sum + value, 0)).toBeCloseTo(1, 6);
    const uses = rows.filter(({ metric }) => metric === 'memory.use');
    const total = vital({ rows, groups }, 'memory.total')!;
    // What meminfo names may overlap by what changes while it is written.
    expect(uses.reduce((sum, { value }) => sum + value, 0) / total).toBeCloseTo(1, 2);
    expect(vital({ rows, groups }, 'cpu.online')).toBe(availableParallelism());
  });

  test('see the CPU that one spinner keeps', async () => {
    const load = start('echo begun; exec taskset -c 0 sh -c "while :; do :; done"');
    await load.line();
    const { result, ran, ns } = await during(2000, ['vitals-cpu'], load);
    const share = ran.least / ns.most;
    // Others may keep the rest of that CPU busy; nobody can take what the spinner had.
    expect(vital(result, 'cpu.busy', 'cpu0')).toBeGreaterThan(share - 0.03);
    const busy = 1 - vital(result, 'cpu.state', 'idle')! - vital(result, 'cpu.state', 'iowait')!;
    expect(busy * availableParallelism()).toBeGreaterThan(share - 0.06);
    expect(vital(result, 'cpu.runnable')).toBeGreaterThanOrEqual(1);
  });

  test('see threads queue as pressure of CPU', async (context) => {
    const load = start(
      `for cpu in $(seq 0 ${availableParallelism() - 1}); do for n in 1 2; do taskset -c $cpu sh -c "while :; do :; done" & done; done; echo begun; wait`,
      ['setsid', 'sh', '-c'],
    );
    await load.line();
    undo.push(() => process.kill(-load.tgid, 'SIGKILL'));
    await setTimeout(500);
    const { result, ns } = await during(2000, ['vitals-pressure', 'vitals-cpu'], load);
    const refused = result.groups.find(({ state }) => state === 'refused');
    if (refused !== undefined) return context.skip(refused.detail);
    // Two on each CPU: one of them waits at all times. The kernel weighs CPUs by how busy they are.
    expect(vital(result, 'pressure.some', 'cpu')! * ns.most).toBeGreaterThan(0.95 * ns.least);
    expect(vital(result, 'pressure.some', 'cpu')).toBeLessThanOrEqual(1);
    expect(vital(result, 'pressure.full', 'cpu')).toBeUndefined();
    expect(vital(result, 'cpu.runnable')).toBeGreaterThanOrEqual(2 * availableParallelism());
  });

  test('count the bytes that were written past the page cache, on the disk they went to', () => {
    const disk = loopDisk(64 * MIB);
    const reader = reading(['vitals-disk']);
    execFileSync('dd', ['if=/dev/zero', `of=${disk.path}`, 'bs=64K', 'count=320', 'oflag=direct'], {
      stdio: 'ignore',
    });
    execFileSync('dd', [`if=${disk.path}`, 'of=/dev/zero', 'bs=64K', 'count=80', 'iflag=direct'], {
      stdio: 'ignore',
    });
    const result = grown(reader);
    expect(vital(result, 'disk.write.bytes', disk.name)).toBe(20 * MIB);
    expect(vital(result, 'disk.writes', disk.name)).toBe(320);
    expect(vital(result, 'disk.read.bytes', disk.name)).toBe(5 * MIB);
    expect(vital(result, 'disk.reads', disk.name)).toBe(80);
    expect(vital(result, 'disk.write.latency', disk.name)).toBeGreaterThanOrEqual(0);
    expect(vital(result, 'disk.utilisation', disk.name)).toBeLessThanOrEqual(1);
  });

  test('count packets, connections and sockets of a network namespace', async () => {
    const load = start(NETWORK_LOAD, ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec node -e "$0"']);
    expect(await load.line()).toBe('ready');
    // No cost: sockets by state are counted at each reading.
    const reader = reading(['vitals-network'], { files: new OtherNetwork(load.tgid), costNs: () => 0 });
    load.tell('go');
    const sent = JSON.parse(await load.line()) as { datagrams: number; bytes: number; connections: number };
    const result = grown(reader);
    expect(vital(result, 'udp.datagrams', 'sent')).toBe(sent.datagrams);
    expect(vital(result, 'udp.datagrams', 'received')).toBe(sent.datagrams);
    expect(vital(result, 'tcp.connections', 'opened')).toBe(sent.connections);
    expect(vital(result, 'tcp.connections', 'accepted')).toBe(sent.connections);
    const segments = vital(result, 'tcp.segments', 'sent')!;
    // What crosses the wire: datagrams and segments, each once sent and once received, in frames of their headers.
    expect(vital(result, 'net.send.packets', 'lo')).toBe(sent.datagrams + segments);
    expect(vital(result, 'net.receive.packets', 'lo')).toBe(sent.datagrams + segments);
    // lo counts from the IP header on: 28 bytes a datagram, 52 to 60 a segment without data.
    const headers = vital(result, 'net.send.bytes', 'lo')! - sent.bytes - sent.datagrams * 28;
    expect(headers / segments).toBeGreaterThanOrEqual(52);
    expect(headers / segments).toBeLessThanOrEqual(60);
    expect(vital(result, 'tcp.states', 'listen')).toBe(1);
    expect(vital(result, 'tcp.states', 'established')).toBe(2 * sent.connections);
    expect(vital(result, 'tcp.sockets', 'established')).toBe(2 * sent.connections);
    expect(vital(result, 'tcp.retransmits')).toBe(0);
  });
});

onKernel('vitals of a container', () => {
  test('see its CPU, and how it is held back by its quota', async () => {
    const container = contained();
    container.limitCpus(0.2);
    const load = start(`${container.enterScript}\necho begun\nwhile :; do :; done`);
    await load.line();
    const { result, ran, ns } = await during(2000, ['vitals-containers'], load);
    const usedNs = vital(result, 'container.cpu', container.label)! * ns.told;
    expect(usedNs).toBeGreaterThanOrEqual(ran.least);
    expect(usedNs).toBeLessThanOrEqual(ran.most);
    expect(vital(result, 'container.cpu.limit', container.label)).toBeCloseTo(0.2);
    expect(vital(result, 'container.cpu', container.label)).toBeLessThan(0.26);
    // Where others want the CPUs too it does not come to its quota in every period.
    expect(vital(result, 'container.throttled.periods', container.label)).toBeGreaterThan(0.3);
    expect(vital(result, 'container.throttled.periods', container.label)).toBeLessThanOrEqual(1);
    expect(vital(result, 'container.throttled.time', container.label)).toBeGreaterThan(0.1);
  });

  test('see the memory it holds and what is left to its limit', async () => {
    const container = contained();
    container.limitMemory(256 * MIB);
    const load = start(
      `${container.enterScript}\nexec node -e "const held = Buffer.alloc(128 << 20, 1); console.log(held.length); setInterval(() => held, 1e6)"`,
    );
    expect(Number(await load.line())).toBe(128 * MIB);
    const reader = reading(['vitals-containers']);
    const result = grown(reader);
    const memory = vital(result, 'container.memory', container.label)!;
    const limit = vital(result, 'container.memory.limit', container.label)!;
    const headroom = vital(result, 'container.memory.headroom', container.label)!;
    expect(memory).toBeGreaterThan(128 * MIB);
    // Node itself beside it.
    expect(memory).toBeLessThan(220 * MIB);
    expect(limit).toBe(256 * MIB);
    expect(headroom).toBeGreaterThanOrEqual(limit - memory);
    expect(headroom).toBeLessThanOrEqual(limit - 128 * MIB);
  });

  test('see what it writes to a disk', () => {
    const container = contained();
    const disk = loopDisk(64 * MIB);
    container.countIo(readFileSync(`/sys/block/${disk.name}/dev`, 'utf8').trim());
    const write = (): void => {
      execFileSync(
        'sh',
        ['-c', `${container.enterScript}\nexec dd if=/dev/zero of=${disk.path} bs=1M count=8 oflag=direct`],
        { stdio: 'ignore' },
      );
    };
    // The first operation makes the line of the disk.
    write();
    const reader = reading(['vitals-containers']);
    write();
    const result = grown(reader);
    expect(vital(result, 'container.write.bytes', container.label)).toBe(8 * MIB);
    expect(vital(result, 'container.writes', container.label)).toBeGreaterThanOrEqual(8);
    expect(vital(result, 'container.read.bytes', container.label)).toBe(0);
  });

  test('see CPU on the v2 hierarchy, beside v1 ones too', async (context) => {
    const v2 = readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .find((line) => line.includes(' - cgroup2 '));
    if (v2 === undefined) return context.skip('no v2 hierarchy is mounted');
    const directory = v2.split(' ')[4]!;
    const container = contained(new Map([['cpuacct', { version: 2, directory, root: '/' }]]));
    const load = start(`${container.enterScript}\necho begun\nwhile :; do :; done`);
    await load.line();
    const { result, ran, ns } = await during(1500, ['vitals-containers'], load, new OnlyMount(v2));
    const usedNs = vital(result, 'container.cpu', container.label)! * ns.told;
    expect(usedNs).toBeGreaterThanOrEqual(ran.least);
    expect(usedNs).toBeLessThanOrEqual(ran.most);
  });
});

function contained(mounts = hostMounts()): TestContainer {
  const container = new TestContainer(mounts);
  undo.push(() => container.remove());
  return container;
}

/** A disk that nobody else writes to. */
function loopDisk(bytes: number): { path: string; name: string } {
  const directory = mkdtempSync(join(tmpdir(), 'stallscope-vitals-'));
  undo.push(() => rmSync(directory, { recursive: true }));
  const image = join(directory, 'disk');
  writeFileSync(image, '');
  truncateSync(image, bytes);
  const path = execFileSync('losetup', ['-f', '--show', image], { encoding: 'utf8' }).trim();
  undo.push(() => execFileSync('losetup', ['-d', path]));
  return { path, name: path.slice('/dev/'.length) };
}

/** Files of the host, but of the network as another process sees it. */
class OtherNetwork implements VitalFiles {
  readonly #files = new HostFiles();
  readonly #tgid: number;

  constructor(tgid: number) {
    this.#tgid = tgid;
  }

  read(path: string): string | undefined {
    return this.#files.read(path.replace(/^\/proc\/net\//, `/proc/${this.#tgid}/net/`));
  }

  whyNot(path: string): string {
    return this.#files.whyNot(path);
  }

  list(path: string): string[] {
    return this.#files.list(path);
  }

  forget(path: string): void {
    this.#files.forget(path);
  }

  close(): void {
    this.#files.close();
  }
}

/** Files of a host on which this is the only mount. */
class OnlyMount extends HostFiles {
  readonly #line: string;

  constructor(line: string) {
    super();
    this.#line = line;
  }

  override read(path: string): string | undefined {
    return path === '/proc/self/mountinfo' ? this.#line : super.read(path);
  }
}

/** Sends datagrams to itself, and holds connections to itself open. */
const NETWORK_LOAD = `
const dgram = require('node:dgram');
const net = require('node:net');
const DATAGRAMS = 500, BYTES = 100, CONNECTIONS = 4;
const receiver = dgram.createSocket('udp4');
const server = net.createServer(() => {});
receiver.bind(0, '127.0.0.1', () => server.listen(0, '127.0.0.1', () => console.log('ready')));
process.stdin.once('data', async () => {
  const sender = dgram.createSocket('udp4');
  // One at a time: more would fill the receiver's buffer.
  for (let n = 0; n < DATAGRAMS; n++) {
    const received = new Promise((resolve) => receiver.once('message', resolve));
    sender.send(Buffer.alloc(BYTES), receiver.address().port, '127.0.0.1');
    await received;
  }
  const accepted = new Promise((resolve) => { let n = 0; server.on('connection', () => ++n === CONNECTIONS && resolve()); });
  for (let n = 0; n < CONNECTIONS; n++) {
    const socket = net.connect(server.address().port, '127.0.0.1');
    await new Promise((resolve) => socket.on('connect', resolve));
  }
  await accepted;
  console.log(JSON.stringify({ datagrams: DATAGRAMS, bytes: DATAGRAMS * BYTES, connections: CONNECTIONS }));
});
`;
