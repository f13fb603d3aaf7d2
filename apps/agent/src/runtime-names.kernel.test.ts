/**
 * Code that real run-times make, by its names in windows: JVMs that are asked for their maps, node in a pid and mount
 * namespace of its own, and processes whose run-times write nothing, with what would help.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probeBpf } from '@stallscope/libbpf';
import { FRAME_KINDS, ON_CPU, type ProfileTables, type ProfileWindow, rowCount } from '@stallscope/profile';
import { kernelSuites, RuntimeProcess } from '@stallscope/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CollectorOptions, SchedCollector } from './sched-collector.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

const JAVA = `
public class Busy {
  static volatile long sink;
  static long spinHot(long n) { long s = 0; for (long i = 0; i < n; i++) s += i * 31 ^ s; return s; }
  public static void main(String[] arguments) {
    System.out.println("ready");
    while (true) sink += spinHot(5_000_000);
  }
}
`;
const NODE = `
function hotLoop(n) { let s = 0; for (let i = 0; i < n; i++) s += Math.sqrt(i) * 3; return s; }
console.log('ready');
for (;;) hotLoop(1e6);
`;
const PYTHON = `
import sys
print("ready", flush=True)
n = 0
while True:
    n += 1
`;
/** 'nobody', in whose name a JVM is another user's than the agent's. */
const NOBODY = 65_534;

/** Not in /tmp, which a namespace of the test's own hides. */
let directory: string;
let collector: SchedCollector | undefined;
const processes: RuntimeProcess[] = [];
const mapsBefore = new Set(readdirSync('/tmp').filter((name) => name.startsWith('perf-')));

beforeAll(() => {
  directory = mkdtempSync('/var/tmp/stallscope-runtimes-');
  chmodSync(directory, 0o755);
  writeFileSync(join(directory, 'Busy.java'), JAVA);
  writeFileSync(join(directory, 'busy.js'), NODE);
  writeFileSync(join(directory, 'busy.py'), PYTHON);
  execFileSync('javac', ['Busy.java'], { cwd: directory });
});
afterEach(async () => {
  collector?.close();
  collector = undefined;
  for (const process of processes.splice(0)) await process.end();
});
afterAll(() => {
  rmSync(directory, { recursive: true });
  for (const name of readdirSync('/tmp')) {
    if (/^perf-\d+\.map$/.test(name) && !mapsBefore.has(name)) rmSync(join('/tmp', name));
  }
});

async function start(
  command: string,
  args: readonly string[],
  user: { uid?: number; gid?: number } = {},
): Promise<RuntimeProcess> {
  const process = new RuntimeProcess(command, args, { cwd: directory, ...user });
  processes.push(process);
  expect(await process.line()).toBe('ready');
  return process;
}

async function sample(tgid: number, options: Partial<CollectorOptions> = {}): Promise<SchedCollector> {
  collector = await SchedCollector.open({ tauNs: 1e6, cpuHz: 499, filter: { tgids: [tgid] }, ...options });
  return collector;
}

interface SeenFrame {
  name: string;
  kind: string;
  module: string;
}

/** On-CPU stacks of a window, root first. */
function stacksOf(window: ProfileWindow, tables: ProfileTables, tgid: number): SeenFrame[][] {
  const { rows } = window;
  return Array.from({ length: rowCount(rows) }, (_, i) => i)
    .filter((i) => rows.kind[i] === ON_CPU && rows.tgid[i] === tgid)
    .map((i) =>
      tables
        .framesLeafFirst(rows.userStack[i]!)
        .map((frame) => ({
          name: tables.frameLabel(frame),
          kind: FRAME_KINDS[tables.frameKind[frame]!]!,
          module: tables.strings[tables.frameModule[frame]!]!,
        }))
        .reverse(),
    );
}

/** A window once the process has run for a while. @param until which, of at most 40 */
async function windowWith(
  from: SchedCollector,
  tgid: number,
  until: (stacks: SeenFrame[][]) => boolean = (stacks) => stacks.length > 0,
): Promise<{ stacks: SeenFrame[][]; hint: string }> {
  let stacks: SeenFrame[][] = [];
  let hint = '';
  for (let turn = 0; turn < 40; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const window = await from.collect();
    stacks = stacksOf(window, from.tables, tgid);
    const place = window.processes.tgid.indexOf(tgid);
    hint = place < 0 ? '' : from.tables.strings[window.processes.hint[place]!]!;
    if (until(stacks)) break;
  }
  return { stacks, hint };
}

function has(stacks: readonly SeenFrame[][], frame: SeenFrame): boolean {
  return stacks.some((stack) =>
    stack.some((f) => f.name === frame.name && f.kind === frame.kind && f.module === frame.module),
  );
}

/** Not in every first window: a JIT compiles what has run for a while. */
function hasUnnamedJit(stacks: readonly SeenFrame[][]): boolean {
  return stacks.flat().some(({ name, kind }) => name === '[anon]' && kind === 'jit');
}

const SPIN_HOT = { name: 'long Busy.spinHot(long)', kind: 'jit', module: '' };

onKernel('code that a JVM compiles', () => {
  test.each([
    ['root’s', {}],
    ['another user’s', { uid: NOBODY, gid: NOBODY }],
  ])('has names without anybody asking for them: %s', async (_whose, user) => {
    const java = await start('java', ['-XX:+PreserveFramePointer', '-cp', directory, 'Busy'], user);
    const from = await sample(java.tgid);
    const { stacks, hint } = await windowWith(from, java.tgid, (seen) => has(seen, SPIN_HOT));
    expect(has(stacks, SPIN_HOT)).toBe(true);
    expect(hint).toBe('');
    // Whole, from where the JVM begins threads, through its interpreter, to what it compiled.
    const whole = stacks.find(
      (stack) => stack.at(-1)?.name === SPIN_HOT.name && stack[0]?.name !== '[stack broken]',
    );
    expect(whole?.map(({ name }) => name)).toContain('Interpreter');
    expect(whole?.find(({ name }) => name === 'Interpreter')?.kind).toBe('interpreted');
    expect(readdirSync('/tmp')).not.toContain(`.attach_pid${java.tgid}`);
  });

  test('is said to break stacks where it keeps no frame pointers', async () => {
    const java = await start('java', ['-cp', directory, 'Busy']);
    const { hint } = await windowWith(await sample(java.tgid), java.tgid);
    expect(hint).toBe('java-frame-pointers');
  });

  test.each([
    ['lets nobody attach', ['-XX:+DisableAttachMechanism'], {}, 'java-attach-disabled'],
    ['handles no signals', ['-Xrs'], {}, 'java-attach-disabled'],
    ['is to be left alone', [], { asksJava: false }, 'java-perfmap-off'],
  ] as const)(
    'has none where the JVM %s: it is not disturbed, and that is said',
    async (_what, flags, options, expected) => {
      const java = await start('java', ['-XX:+PreserveFramePointer', ...flags, '-cp', directory, 'Busy']);
      const from = await sample(java.tgid, options);
      const { stacks, hint } = await windowWith(from, java.tgid, hasUnnamedJit);
      expect(hasUnnamedJit(stacks)).toBe(true);
      expect(hint).toBe(expected);
      // SIGQUIT would have ended it, or made it print its threads.
      expect(java.child.exitCode ?? java.child.signalCode).toBeNull();
      expect(readdirSync('/tmp')).not.toContain(`perf-${java.tgid}.map`);
      await java.end();
      await expect(java.line()).rejects.toThrow('ended');
    },
  );
});

onKernel('code that node compiles', () => {
  test('has names in a pid and mount namespace of its own, from the /tmp in there', async () => {
    const script = join(directory, 'busy.js');
    const launcher = await start('unshare', [
      ...['--pid', '--fork', '--mount', '--kill-child', 'sh', '-c'],
      'mount -t tmpfs none /tmp && cd /tmp && exec "$0" --perf-basic-prof "$1"',
      ...[process.execPath, script],
    ]);
    const tgid = launcher.launchedTgid();
    const hotLoop = { name: 'hotLoop busy.js:2', kind: 'jit', module: script };
    const { stacks, hint } = await windowWith(await sample(tgid), tgid, (seen) => has(seen, hotLoop));
    expect(has(stacks, hotLoop)).toBe(true);
    expect(hint).toBe('');
    expect(readdirSync('/tmp')).not.toContain('perf-1.map');
  });

  test('has none where node does not write a map, and it is said how it would', async () => {
    const node = await start(process.execPath, ['busy.js']);
    const { stacks, hint } = await windowWith(await sample(node.tgid), node.tgid, hasUnnamedJit);
    expect(hasUnnamedJit(stacks)).toBe(true);
    expect(hint).toBe('node-perf-basic-prof');
  });
});

onKernel('what Python interprets', () => {
  test('is the interpreter’s by name, and it is said what would tell more', async () => {
    const python = await start('python3', ['busy.py']);
    const isInterpreted = (seen: readonly SeenFrame[][]): boolean =>
      seen.flat().some(({ kind }) => kind === 'interpreted');
    const { stacks, hint } = await windowWith(await sample(python.tgid), python.tgid, isInterpreted);
    const minor = Number(
      execFileSync('python3', ['-c', 'import sys; print(sys.version_info.minor)'], {
        encoding: 'utf8',
      }),
    );
    expect(hint).toBe(minor < 12 ? 'python-before-3.12' : 'python-perf');
    expect(isInterpreted(stacks)).toBe(true);
  });
});
