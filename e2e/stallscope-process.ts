/**
 * Owns the `stallscope` command as a user has it: runs it, reads what it says, ends it, and shows that nothing is left.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chownSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What `npx stallscope` runs. */
export const COMMAND = fileURLToPath(new URL('../node_modules/.bin/stallscope', import.meta.url));

/**
 * As whom a command runs: as the tests do, as one who may do nothing but read the clone, wherever it lies, or on a host
 * that is called otherwise.
 */
export type RunAs = 'self' | 'nobody' | { hostName: string };

/** `nobody` and `nogroup` on Debian and Ubuntu, and the kernel's overflow ids everywhere. */
export const NOBODY = 65_534;

const AS_NOBODY = [
  ...['setpriv', '--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups'],
  ...['--inh-caps', '-all,+dac_read_search', '--ambient-caps', '-all,+dac_read_search'],
  '--bounding-set=-all,+dac_read_search',
] as const;

/** Commands that keep snapshots: each run has a directory of its own, so that no test writes to the host's. */
const WITH_DATA: readonly string[] = ['up', 'hub'];

/** Loading the probes takes one to two seconds; a busy machine several times that. */
const START_MS = 30_000;
/** `up` gives its parts 1.5 s. */
const STOP_MS = 10_000;

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Groups that run: a test that fails before it ends its commands leaves none of them on the host. */
const running = new Set<number>();
process.once('exit', () => {
  for (const group of running) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch (error) {
      // It ended by itself meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
});

export class StallscopeProcess {
  readonly #child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], runAs: RunAs = 'self') {
    const data = needsData(args) ? newDataDirectory(runAs) : undefined;
    const [program, ...rest] = [
      ...prefixOf(runAs),
      process.execPath,
      COMMAND,
      ...args,
      ...(data === undefined ? [] : ['--data', data]),
    ];
    // A group of its own, so that what it leaves behind can be found.
    this.#child = spawn(program!, rest, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const { pid } = this.#child;
    if (pid !== undefined) running.add(pid);
    this.#child.stdout?.on('data', (text: Buffer) => {
      this.stdout += text;
    });
    this.#child.stderr?.on('data', (text: Buffer) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject);
      this.#child.once('close', (code, signal) => {
        if (pid !== undefined) running.delete(pid);
        // A part may live on for a moment after a kill.
        if (data !== undefined) rmSync(data, { recursive: true, force: true, maxRetries: 5 });
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  get tgid(): number {
    return this.#child.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves to the match once it was said, on stdout or stderr. @throws what was said instead */
  async says(pattern: RegExp, withinMs = START_MS): Promise<RegExpExecArray> {
    const untilMs = performance.now() + withinMs;
    let hasEnded = false;
    void this.ended.finally(() => {
      hasEnded = true;
    });
    for (;;) {
      const match = pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
      if (match !== null) return match;
      if (hasEnded || performance.now() > untilMs) {
        throw new Error(
          `stallscope did not say ${pattern}${hasEnded ? ' before it ended' : ''}; it said:\n${this.stdout}${this.stderr}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** As Ctrl-C on a terminal: the whole group hears it. @throws when any process of it is left afterwards */
  async interrupt(): Promise<Ended> {
    const group = this.tgid;
    process.kill(-group, 'SIGINT');
    const late = setTimeout(() => process.kill(-group, 'SIGKILL'), STOP_MS);
    const ended = await this.ended;
    clearTimeout(late);
    const left = processesOfGroup(group);
    if (left.length > 0) {
      process.kill(-group, 'SIGKILL');
      throw new Error(`stallscope ended and left behind: ${left.join(', ')}`);
    }
    return ended;
  }

  /** Its child process that runs this part of it. */
  partTgid(part: 'agent' | 'hub'): number {
    const found = childrenOf(this.tgid).find((tgid) => commandLineOf(tgid).includes(`${part}-part.js`));
    if (found === undefined) throw new Error(`stallscope ${this.tgid} has no ${part} now`);
    return found;
  }
}

function prefixOf(runAs: RunAs): readonly string[] {
  if (runAs === 'self') return [];
  if (runAs === 'nobody') return process.getuid?.() === 0 ? AS_NOBODY : [];
  return ['unshare', '--uts', 'sh', '-c', 'hostname "$0" && exec "$@"', runAs.hostName];
}

function needsData([command = '', ...flags]: readonly string[]): boolean {
  return WITH_DATA.includes(command) && !flags.some((flag) => /^--(?:no-data|data|help)$/.test(flag));
}

function newDataDirectory(runAs: RunAs): string {
  const directory = mkdtempSync(join(tmpdir(), 'stallscope-data-'));
  if (runAs === 'nobody' && process.getuid?.() === 0) chownSync(directory, NOBODY, NOBODY);
  return directory;
}

/** Runs a command to its end. */
export function stallscope(...args: string[]): Promise<Ended> {
  return new StallscopeProcess(args).ended;
}

function childrenOf(tgid: number): number[] {
  return readFileSync(`/proc/${tgid}/task/${tgid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

function processesOfGroup(group: number): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && groupOf(Number(name)) === group)
    .map((name) => `${name} ${commandLineOf(Number(name))}`);
}

/** undefined for a process that is gone, or that nobody has waited for yet. */
function groupOf(tgid: number): number | undefined {
  const stat = readProc(tgid, 'stat');
  const [state, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' ? undefined : Number(group);
}

function commandLineOf(tgid: number): string {
  return readProc(tgid, 'cmdline').replaceAll('\0', ' ');
}

/** '' for a process that is gone: they come and go while they are listed. */
function readProc(tgid: number, file: string): string {
  try {
    return readFileSync(`/proc/${tgid}/${file}`, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
