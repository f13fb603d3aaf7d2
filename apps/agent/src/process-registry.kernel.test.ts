/** Processes that come and go faster than /proc can be asked: their frames are named all the same, and who they were is known. */
import { execFile, execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { probeBpf } from '@stallscope/libbpf';
import { type ProfileTables, type ProfileWindow, UNNAMED } from '@stallscope/profile';
import { kernelSuites, workloadPath } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { TestCgroup } from '../truth/test-cgroup.js';
import { closeTraced, keepOpen } from '../truth/trace.js';
import { ProcessRegistry } from './process-registry.js';
import { type CollectorOptions, SchedCollector } from './sched-collector.js';

const onKernel = kernelSuites({ describe, test }, () => {
  const access = probeBpf();
  return access.ok ? undefined : access.cause;
});

const SLEEPER = workloadPath('sleeper');
const directories: string[] = [];
const registries: ProcessRegistry[] = [];
afterEach(async () => {
  await closeTraced();
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
  for (const registry of registries.splice(0)) registry.close();
});

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'stallscope-brief-'));
  directories.push(directory);
  return directory;
}

interface Seen {
  window: ProfileWindow;
  tables: ProfileTables;
}

/** One window, in which `run` ran to its end. */
async function during(options: Partial<CollectorOptions>, run: () => Promise<void>): Promise<Seen> {
  const collector = keepOpen(await SchedCollector.open({ tauNs: 0, ...options }));
  await run();
  const window = await collector.collect();
  return { window, tables: collector.tables };
}

/** Beside the event loop, in which processes are followed. */
async function shell(script: string, ...args: string[]): Promise<void> {
  await promisify(execFile)('/bin/sh', ['-c', script, 'sh', ...args]);
}

/** What calls main is in no table of a stripped C library, whoever asks: it is told as the place in its file. */
const STRIPPED = /^libc\.so\.6\+0x[0-9a-f]+ no-symbol$/;

/** Of rows of threads called `comm`: labels of each user stack, root first, and frames without a name. */
function stacksOf(
  { window, tables }: Seen,
  comm: string,
): { tgid: number; labels: string[]; unnamed: string[] }[] {
  const { rows } = window;
  return rows.tgid.flatMap((tgid, i) => {
    if (tables.strings[rows.comm[i]!] !== comm || rows.userStack[i] === -1) return [];
    const frames = tables.framesLeafFirst(rows.userStack[i]!).reverse();
    const labels = frames.map((frame) => tables.frameLabel(frame));
    const unnamed = frames
      .filter((frame) => tables.frameUnnamed[frame] !== 0)
      .map((frame) => `${tables.frameLabel(frame)} ${UNNAMED[tables.frameUnnamed[frame]!]}`)
      .filter((frame) => !STRIPPED.test(frame));
    return [{ tgid, labels, unnamed }];
  });
}

function whoOf({ window, tables }: Seen, tgid: number): Record<string, string | number> | undefined {
  const { processes } = window;
  const at = processes.tgid.indexOf(tgid);
  if (at < 0) return undefined;
  const text = (column: readonly number[]): string => tables.strings[column[at]!]!;
  return {
    name: text(processes.name),
    parentTgid: processes.parentTgid[at]!,
    uid: processes.uid[at]!,
    user: text(processes.user),
    command: text(processes.command),
    cgroupPath: text(processes.cgroupPath),
  };
}

onKernel('programs that live 5 ms', () => {
  test('every frame of 100 of them has its name, though all have gone when the window ends', async () => {
    const seen = await during({ filter: { comm: 'brief' } }, () =>
      shell('for i in $(seq 100); do "$1" 1 5000 brief; done', SLEEPER),
    );
    const stacks = stacksOf(seen, 'brief').filter(({ labels }) => labels.includes('nap_here'));
    // A nap whose beginning or end the kernel kept from the probe is no wait, and is counted as missed.
    const { losses } = seen.window;
    const missed = (losses['switch-missed'] ?? 0) + (losses['wake-missed'] ?? 0);
    const { size } = new Set(stacks.map(({ tgid }) => tgid));
    expect(size + missed, `${size} seen, ${missed} missed`).toBeGreaterThanOrEqual(100);
    expect(size).toBeGreaterThan(90);
    for (const { labels, unnamed } of stacks) {
      expect(unnamed).toEqual([]);
      expect(labels.indexOf('main')).toBeGreaterThanOrEqual(0);
      expect(labels.indexOf('nap_here')).toBe(labels.indexOf('main') + 1);
    }
    expect(seen.window.losses['process-events-lost'] ?? 0).toBe(0);
  });

  test('it is known whose they were, what they were called with, and who began them', async () => {
    const cgroup = new TestCgroup();
    try {
      const seen = await during({ filter: { comm: 'brief' } }, () =>
        shell(
          'echo $$ > "$1/cgroup.procs"; for i in 1 2 3; do setpriv --reuid 65534 --clear-groups "$2" 1 5000 brief --password=hunter2; done',
          cgroup.path,
          SLEEPER,
        ),
      );
      const tgids = [...new Set(stacksOf(seen, 'brief').map(({ tgid }) => tgid))];
      expect(tgids).toHaveLength(3);
      for (const tgid of tgids) {
        const who = whoOf(seen, tgid)!;
        expect(who).toMatchObject({
          name: 'brief',
          uid: 65534,
          user: 'nobody',
          command: `${SLEEPER} 1 5000 brief --password=***`,
        });
        expect(String(who.cgroupPath)).toContain(cgroup.path.split('/').at(-1));
        const parent = whoOf(seen, Number(who.parentTgid));
        expect(parent?.name).toBe('sh');
        expect(parent?.command).toContain('/bin/sh -c echo');
      }
    } finally {
      await cgroup.remove();
    }
  });

  test('a program that was deleted as soon as it ran, and one in a mount namespace that went with it', async () => {
    const directory = temporary();
    copyFileSync(SLEEPER, join(directory, 'deleted'));
    const seen = await during({ filter: { comm: 'brief' } }, async () => {
      await shell('cd "$1" && { ./deleted 1 200000 brief & sleep 0.1; rm deleted; wait; }', directory);
      await shell(
        'unshare --mount --pid --fork /bin/sh -c \'mount -t tmpfs none "$1" && cp "$2" "$1/hidden" && "$1/hidden" 1 200000 brief; :\' sh "$1" "$2"',
        directory,
        SLEEPER,
      );
    });
    const stacks = stacksOf(seen, 'brief').filter(({ labels }) => labels.includes('main'));
    const commands = stacks.map(({ tgid }) => String(whoOf(seen, tgid)?.command));
    expect(new Set(commands)).toEqual(
      new Set(['./deleted 1 200000 brief', `${join(directory, 'hidden')} 1 200000 brief`]),
    );
    for (const { labels, unnamed } of stacks) {
      expect(unnamed).toEqual([]);
      expect(labels).toContain('nap_here');
    }
  });

  test('a file that was replaced while its program ran names nothing of it', async () => {
    const directory = temporary();
    const program = join(directory, 'program');
    copyFileSync(SLEEPER, program);
    const source = join(directory, 'other.c');
    writeFileSync(source, 'int wrong_name(int x) { return x; } int main(void) { return wrong_name(0); }\n');
    execFileSync('gcc', ['-o', join(directory, 'other'), source]);
    const seen = await during({ filter: { comm: 'brief' } }, () =>
      shell('cd "$1" && { ./program 1 200000 brief & sleep 0.1; mv other program; wait; }', directory),
    );
    const stacks = stacksOf(seen, 'brief').filter(({ labels }) => labels.includes('main'));
    expect(stacks.length).toBeGreaterThan(0);
    for (const { labels, unnamed } of stacks) expect([labels.at(-1), unnamed]).toEqual(['nap_here', []]);
  });
});

onKernel('the registry of processes', () => {
  test('stays within its bounds while 3,000 processes come and go', async () => {
    const registry = ProcessRegistry.open();
    registries.push(registry);
    for (let round = 0; round < 10; round++) {
      await shell('i=0; while [ $i -lt 300 ]; do /bin/true; i=$((i+1)); done');
      registry.follow();
    }
    expect(registry.takeLost()).toBe(0);
    expect(registry.size).toBeLessThan(4_096 + 1_000);
    expect(registry.size).toBeGreaterThan(2_000);
  });

  test('what had no room is counted, and living processes are known again from /proc', async () => {
    const registry = ProcessRegistry.open();
    registries.push(registry);
    // More than a ring holds, and nobody reads meanwhile.
    execFileSync('/bin/sh', ['-c', 'for i in $(seq 3000); do /bin/true; done']);
    registry.follow();
    execFileSync('/bin/true');
    registry.follow();
    expect(registry.takeLost()).toBeGreaterThan(0);
    expect(registry.who(process.pid)).toMatchObject({ parentTgid: process.ppid, uid: process.geteuid?.() });
  });
});
