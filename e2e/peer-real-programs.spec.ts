/**
 * Users of libbpf-tools compare: on the same waits of a real program under load our numbers are theirs, and each difference
 * is one that is known.
 *
 * What is known of the peers, from their sources:
 * - they count whole microseconds and round each wait down, so up to 1 µs a wait is not in their sums;
 * - at a switch the programs of all tracers run one after another, and what is attached first runs first. A tracer that
 *   starts its clock before another has run counts what that one takes, and its own rest, as waiting: a microsecond or two
 *   a wait. The kernel's run time statistics say how much it is at the most;
 * - wakeuptime ends and runqlat begins a wait at sched_wakeup, which follows the sched_waking that we use: by the flight
 *   of an interrupt when the woken runs on another CPU;
 * - its --pid chooses a thread with wakeuptime, a process with the other two.
 */
import { spawnSync } from 'node:child_process';
import { expect, test } from '@playwright/test';
import {
  OurRecording,
  PeerTool,
  ProgramTime,
  readHistogram,
  stoppedWhile,
  sumOfStacksNs,
  sumOfThreadNs,
  sumOfWaits,
} from './peer-tools.js';
import {
  findPostgres,
  type RealProgram,
  startPostgresUnderLoad,
  startRedisOfLongWaits,
  startRedisOfShortWaits,
} from './real-programs.js';
import { onKernel } from './running-product.js';

const TRACED_MS = 3_000;
/** Of our sum. */
const TOLERANCE = 0.02;
/** What rounding down takes from a wait at the most. */
const ROUNDED_NS = 1_000;
const hasPeers =
  spawnSync('offcputime', ['--version'], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin:/sbin` },
  }).error === undefined;

onKernel('libbpf-tools on real programs', () => {
  // In CI a peer that is missing is a failure: there the set-up installs it.
  test.skip(!hasPeers && process.env.CI !== 'true', 'libbpf-tools is not installed');

  const postgres = findPostgres();
  if (postgres === undefined) {
    console.log('postgres is not installed here: offcputime is compared on redis alone');
  }
  for (const [subject, start] of [
    ['redis-server under redis-benchmark', startRedisOfLongWaits],
    ...(postgres === undefined
      ? []
      : [['a backend of postgres under pgbench', () => startPostgresUnderLoad(postgres)] as const]),
  ] as const) {
    test(`offcputime agrees within 2 % about ${subject}`, async () => {
      await withProgram(start, async ({ tgid }) => {
        const { theirs, ours } = await stoppedWhile(tgid, TRACED_MS, () => offcputimeAndOurs(tgid));
        const theirNs = sumOfThreadNs(await theirs.finish(), tgid);
        const { ns, count } = sumOfWaits(await ours.finish());
        expect(count).toBeGreaterThan(300);
        say(subject, ns, theirNs, count, theirs.stderr);
        expectWithin(theirNs, ns * (1 - TOLERANCE), ns * (1 + TOLERANCE));
      });
    });
  }

  test('where waits are so short that tracers see each other, offcputime has what its own programs take on top', async () => {
    await withProgram(startRedisOfShortWaits, async ({ tgid }) => {
      const programTime = new ProgramTime();
      try {
        const { theirs, ours } = await stoppedWhile(tgid, TRACED_MS, () => offcputimeAndOurs(tgid));
        const inTheirProgramNs = programTime.of(theirs);
        const theirNs = sumOfThreadNs(await theirs.finish(), tgid);
        const { ns, count } = sumOfWaits(await ours.finish());
        expect(count).toBeGreaterThan(5000);
        say('redis-server, short waits', ns, theirNs, count, theirs.stderr);
        console.log(`  offcputime’s program ran ${(inTheirProgramNs / count).toFixed(0)} ns a wait`);
        expectWithin(
          theirNs,
          ns * (1 - TOLERANCE) - count * ROUNDED_NS,
          // Attached first, its program runs after its own clock has started and before ours does.
          ns * (1 + TOLERANCE) + inTheirProgramNs,
        );
      } finally {
        programTime.close();
      }
    });
  });

  test('wakeuptime and runqlat cut each wait in two and have together what we have', async () => {
    await withProgram(startRedisOfShortWaits, async ({ tgid }) => {
      const tracers = await stoppedWhile(tgid, TRACED_MS, async () => ({
        all: await OurRecording.start('--kind', 'all', '--tid', String(tgid)),
        blocked: await OurRecording.start('--kind', 'blocked', '--tid', String(tgid)),
        wakeuptime: await PeerTool.start('wakeuptime', 2, '-p', String(tgid)),
        // Interrupted before its interval ends, it prints what it has.
        runqlat: await PeerTool.start('runqlat', 3, '-p', String(tgid), '100'),
      }));
      const untilWokenNs = sumOfStacksNs(await tracers.wakeuptime.finish());
      const queued = readHistogram(await tracers.runqlat.finish());
      const recordings = [await tracers.all.finish(), await tracers.blocked.finish()] as const;
      const [all, blocked] = [sumOfWaits(recordings[0]), sumOfWaits(recordings[1])];
      const lost = recordings[0].lost + recordings[1].lost;
      const count = all.count - blocked.count;
      console.log(
        `redis-server, ours: ${toSeconds(blocked.ns)} blocked in ${blocked.count} waits, ${toSeconds(all.ns - blocked.ns)} for a CPU in ${count}, ${lost} lost; theirs: wakeuptime ${toSeconds(untilWokenNs)}, runqlat ${toSeconds(queued.leastNs)} to ${toSeconds(queued.mostNs)} in ${queued.count}`,
      );
      expect(blocked.count).toBeGreaterThan(500);
      // The few waits of threads that do nothing here are in runqlat's, which counts the process.
      expectWithin(queued.count, count * 0.999 - 20 - lost, count * 1.001 + 20 + lost);
      // A wait ends for wakeuptime a little after the waker began to wake, and before the woken runs.
      expectWithin(
        untilWokenNs,
        blocked.ns * (1 - TOLERANCE) - blocked.count * ROUNDED_NS,
        all.ns * (1 + TOLERANCE),
      );
      expectWithin(
        all.ns,
        (untilWokenNs + queued.leastNs) * (1 - TOLERANCE),
        (untilWokenNs + queued.mostNs + blocked.count * ROUNDED_NS) * (1 + TOLERANCE),
      );
    });
  });
});

async function offcputimeAndOurs(tgid: number): Promise<{ theirs: PeerTool; ours: OurRecording }> {
  return {
    theirs: await PeerTool.start('offcputime', 1, '-p', String(tgid)),
    // The thread that does the work; others of a server only wait for it to have something for them.
    ours: await OurRecording.start('--kind', 'all', '--tid', String(tgid)),
  };
}

function toSeconds(ns: number): string {
  return `${(ns / 1e9).toFixed(3)} s`;
}

async function withProgram(
  start: () => Promise<RealProgram>,
  use: (program: RealProgram) => Promise<void>,
): Promise<void> {
  const program = await start();
  try {
    await use(program);
  } finally {
    await program.close();
  }
}

function say(subject: string, oursNs: number, theirsNs: number, count: number, stderr: string): void {
  const missed = [...stderr.matchAll(/\[Missed/g)].length;
  const words = `ours ${toSeconds(oursNs)} in ${count} waits, offcputime ${toSeconds(theirsNs)} (${(100 * (theirsNs / oursNs - 1)).toFixed(2)} %, ${((theirsNs - oursNs) / count).toFixed(0)} ns a wait), ${missed} stacks that it says it missed`;
  test.info().annotations.push({ type: subject, description: words });
  console.log(`${subject}: ${words}`);
}

function expectWithin(value: number, least: number, most: number): void {
  expect(value).toBeGreaterThanOrEqual(least);
  expect(value).toBeLessThanOrEqual(most);
}
