/**
 * Owns running the tools of libbpf-tools beside ours on the same waits of one real process.
 *
 * The process is stopped while tracers attach and again before they end, so all of them see the same waits whole: the
 * one that they find it in began before any of them, the one that they leave it in has not ended, and neither is counted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { enableRunTimeStats, listPrograms } from '@stallscope/libbpf';
import { readBpfDescriptors } from '@stallscope/testing';
import { StallscopeProcess } from './stallscope-process.js';

const ENVIRONMENT = { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` };
const WAIT_MS = 15_000;
const POLL_MS = 10;

/** A tool of libbpf-tools with its programs attached. */
export class PeerTool {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #stdout = '';
  stderr = '';

  private constructor(
    readonly name: string,
    args: readonly string[],
  ) {
    this.#child = spawn(name, args, { env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.on('data', (text: Buffer) => {
      this.#stdout += text;
    });
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.stderr += text;
    });
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', resolve);
    });
    this.#ended.catch(() => {});
  }

  /** Resolves when it has attached `links` programs. */
  static async start(name: string, links: number, ...args: string[]): Promise<PeerTool> {
    const tool = new PeerTool(name, args);
    const isAttached = () => readBpfDescriptors(tool.tgid).linkIds.length >= links;
    await Promise.race([
      untilTrue(isAttached, `${name} attaches ${links} programs`),
      tool.#ended.then((code) => {
        throw new Error(`${name} ended with ${code}: ${tool.stderr}`);
      }),
    ]);
    return tool;
  }

  get tgid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.name} did not start`);
    return this.#child.pid;
  }

  /** Interrupts it. @returns what it printed */
  async finish(): Promise<string> {
    this.#child.kill('SIGINT');
    await this.#ended;
    return this.#stdout;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Ours: `record` to JSON of every wait. */
export class OurRecording {
  private constructor(readonly process: StallscopeProcess) {}

  static async start(...flags: string[]): Promise<OurRecording> {
    const args = ['record', '--exact', '--format', 'json', '--duration', '60', ...flags];
    const started = new OurRecording(new StallscopeProcess(args));
    await started.process.says(/^recording /m);
    return started;
  }

  get tgid(): number {
    return this.process.tgid;
  }

  async finish(): Promise<OurWaits> {
    this.process.signal('SIGINT');
    const { code, stdout, stderr } = await this.process.ended;
    if (code !== 0) throw new Error(`record ended with ${code}: ${stderr}`);
    const profile = JSON.parse(stdout) as OurProfile;
    const lost = (profile.losses['wake-missed'] ?? 0) + (profile.losses['switch-missed'] ?? 0);
    return { stacks: profile.stacks, lost };
  }

  kill(): void {
    this.process.signal('SIGKILL');
  }
}

interface OurProfile {
  losses: Record<string, number>;
  stacks: OurWaits['stacks'];
}

export interface OurWaits {
  stacks: { ns: number; count: number }[];
  /** Of the whole host, in these seconds: wakes and switches in the context of a process that the kernel protects. */
  lost: number;
}

export function sumOfWaits({ stacks }: OurWaits): { ns: number; count: number } {
  return stacks.reduce((sum, { ns, count }) => ({ ns: sum.ns + ns, count: sum.count + count }), {
    ns: 0,
    count: 0,
  });
}

/** offcputime and wakeuptime end each stack with a line of whole microseconds. */
export function sumOfStacksNs(stdout: string): number {
  return [...stdout.matchAll(/^\s+(\d+)$/gm)].reduce((sum, [, us]) => sum + Number(us) * 1000, 0);
}

/** As offcputime ends a stack: `- NAME (TID)`, then its microseconds. */
export function sumOfThreadNs(stdout: string, tid: number): number {
  return [...stdout.matchAll(/^\s+-\s+.*\((\d+)\)\n\s+(\d+)$/gm)]
    .filter(([, of]) => Number(of) === tid)
    .reduce((sum, [, , us]) => sum + Number(us) * 1000, 0);
}

/** runqlat's `LOW -> HIGH : COUNT` in microseconds: what the waits add up to at the least and at the most. */
export function readHistogram(stdout: string): { count: number; leastNs: number; mostNs: number } {
  const sum = { count: 0, leastNs: 0, mostNs: 0 };
  for (const [, low, high, count] of stdout.matchAll(/^\s*(\d+) -> (\d+)\s*: (\d+)/gm)) {
    sum.count += Number(count);
    sum.leastNs += Number(low) * 1000 * Number(count);
    sum.mostNs += (Number(high) + 1) * 1000 * Number(count);
  }
  return sum;
}

/** Stops the process, starts the tracers, and lets it run for `ms` between. Tracers that are started run on. */
export async function stoppedWhile<T>(tgid: number, ms: number, start: () => Promise<T>): Promise<T> {
  await stop(tgid);
  const tracers = await start();
  process.kill(tgid, 'SIGCONT');
  await new Promise((resolve) => setTimeout(resolve, ms));
  await stop(tgid);
  return tracers;
}

/** How long the programs of these processes ran while `run` did, ns, by the kernel's own statistics. */
export class ProgramTime {
  readonly #stats = enableRunTimeStats();

  of(tracer: { tgid: number }): number {
    const ids = new Set(readBpfDescriptors(tracer.tgid).programIds);
    return listPrograms()
      .filter(({ id }) => ids.has(id))
      .reduce((sum, { runTimeNs }) => sum + runTimeNs, 0);
  }

  close(): void {
    this.#stats.close();
  }
}

async function stop(tgid: number): Promise<void> {
  process.kill(tgid, 'SIGSTOP');
  const isStopped = () =>
    readdirSync(`/proc/${tgid}/task`).every((tid) => {
      const stat = readFileSync(`/proc/${tgid}/task/${tid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).startsWith('T');
    });
  await untilTrue(isStopped, `process ${tgid} stops`);
}

async function untilTrue(condition: () => boolean, what: string): Promise<void> {
  const untilMs = performance.now() + WAIT_MS;
  while (!condition()) {
    if (performance.now() > untilMs) throw new Error(`not within ${WAIT_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
