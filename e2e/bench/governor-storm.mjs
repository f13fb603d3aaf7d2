/**
 * Owns the third question: what does the governor do in a storm of switches? Two storms, each on a `stallscope up` of its
 * own: one whose waits are so long that the default τ captures them all, one of short waits when all were asked for.
 */

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { enableRunTimeStats } from '@stallscope/libbpf';
import { capturesOf } from './agent-cost.mjs';
import { programsOf } from './bpf-programs.mjs';
import { startChildOn, stopChild, WORKLOAD_CPU } from './children.mjs';
import { readSwitches } from './host-counters.mjs';
import { startProduct, watchWindows } from './live-product.mjs';
import { pause, untilTrue } from './waiting.mjs';

const workloads = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'probes', 'build');
/** From 100 ms, the highest τ, by halves to nothing takes 27 windows of a second. */
const FALL_MS = 60_000;
const QUIET_SECONDS = 3;

const STORMS = [
  {
    title: '400 threads that each wait 8 ms, 50,000 waits a second, at default τ',
    flags: [],
    start: () => startChildOn(undefined, join(workloads, 'storm'), ['400', '8000', '3600']),
  },
  {
    title: 'a ping-pong of 100,000 switches a second from 500 stacks, at exact',
    flags: ['--exact'],
    start: () => startChildOn(WORKLOAD_CPU, join(workloads, 'switcher'), ['100000', '3600', '500']),
  },
];

export async function measureGovernor({ isShort, say }) {
  const stormSeconds = isShort ? 4 : 20;
  const storms = [];
  for (const storm of isShort ? STORMS.slice(0, 1) : STORMS) {
    say(`  ${storm.title}, ${stormSeconds} s`);
    storms.push({ title: storm.title, ...(await ride(storm, { stormSeconds, isShort, say })) });
  }
  return { stormSeconds, storms };
}

async function ride({ flags, start }, { stormSeconds, isShort, say }) {
  const product = await startProduct(flags);
  const stats = enableRunTimeStats();
  const programNs = () => programsOf([product.pids.agent]).reduce((sum, { runTimeNs }) => sum + runTimeNs, 0);
  const seconds = [];
  let before = { ms: Date.now(), switches: readSwitches(), programNs: programNs() };
  let stormStartedMs;
  let watching;
  let load;
  try {
    watching = await watchWindows(product.url, (window) => {
      const now = { ms: Date.now(), switches: readSwitches(), programNs: programNs() };
      const lengthS = (window.endMs - window.startMs) / 1000;
      const elapsedS = (now.ms - before.ms) / 1000;
      seconds.push({
        startMs: window.startMs,
        tauNs: window.tauNs,
        governed: window.governed,
        capturesASecond: capturesOf(window) / lengthS,
        agentShare: window.agentCpuNs / 1e9 / lengthS,
        probeShare: (now.programNs - before.programNs) / 1e9 / elapsedS,
        switchesASecond: (now.switches - before.switches) / elapsedS,
      });
      before = now;
    });
    await pause(QUIET_SECONDS * 1000);
    stormStartedMs = Date.now();
    load = start();
    await pause(stormSeconds * 1000);
    await stopChild(load);
    const stormEndedMs = Date.now();
    const isBack = () => {
      const { startMs, tauNs, governed } = seconds.at(-1);
      // A short run is content with the first fall: others may keep the host too busy for the last.
      const hasFallen = isShort ? tauNs < Math.max(...seconds.map((second) => second.tauNs)) : !governed;
      return startMs > stormEndedMs && hasFallen;
    };
    await untilTrue(isBack, FALL_MS, 'τ falls after the storm');
    const endedMs = seconds.at(-1).startMs;
    // The first window was under way when the watching began.
    const timeline = seconds
      .slice(1)
      .map(({ startMs, ...second }) => ({ atSecond: (startMs - stormStartedMs) / 1000, ...second }));
    const governed = timeline.filter((row) => row.governed);
    if (governed.length === 0) {
      throw new Error(`the governor did not raise τ in the storm: ${JSON.stringify(timeline)}`);
    }
    say(`  τ up to ${Math.max(...governed.map(({ tauNs }) => tauNs)) / 1e6} ms`);
    return { timeline, backAfterSeconds: (endedMs - stormEndedMs) / 1000 };
  } finally {
    if (load !== undefined) await stopChild(load);
    stats.close();
    try {
      watching?.close();
    } finally {
      await product.stop();
    }
  }
}
