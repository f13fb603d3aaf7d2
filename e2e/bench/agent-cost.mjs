/** Owns the second question: what do the agent and the wire cost at a given rate of switches? Measured on `stallscope up`. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChildOn, stopChild, WORKLOAD_CPU } from './children.mjs';
import { readCpuSeconds, readRssBytes, readSwitches } from './host-counters.mjs';
import { startProduct, watchWindows } from './live-product.mjs';
import { spreadOf } from './statistics.mjs';
import { pause } from './waiting.mjs';

const SWITCHER = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'probes', 'build', 'switcher');
/** Switches a second; 0 is an idle host. */
const RATES = [0, 1_000, 10_000, 100_000];
const STACKS = 500;
/** Names of new stacks and the governor settle first. */
const SETTLE_SECONDS = 6;

export async function measureAgentCost({ isShort, say }) {
  const seconds = isShort ? 2 : 20;
  const settleSeconds = isShort ? 2 : SETTLE_SECONDS;
  const rows = [];
  for (const rate of RATES) {
    say(`  ${rate} switches a second, ${STACKS} stacks, ${seconds} s`);
    rows.push({ rate, ...(await measureAt(rate, settleSeconds, seconds)) });
  }
  return { seconds, stacks: STACKS, rows };
}

async function measureAt(rate, settleSeconds, seconds) {
  const product = await startProduct([]);
  // On one CPU each of its waits is a switch, no more and no fewer.
  const load =
    rate === 0
      ? undefined
      : startChildOn(WORKLOAD_CPU, SWITCHER, [rate, settleSeconds + seconds + 60, STACKS].map(String));
  const windows = [];
  let watching;
  try {
    await pause(settleSeconds * 1000);
    watching = await watchWindows(product.url, (window, wireBytes) => windows.push({ window, wireBytes }));
    const { agent, hub, up } = product.pids;
    const cpuBefore = readCpuSeconds(agent);
    const switchesBefore = readSwitches();
    const startedMs = performance.now();
    await pause(seconds * 1000);
    const elapsed = (performance.now() - startedMs) / 1000;
    const agentShare = (readCpuSeconds(agent) - cpuBefore) / elapsed;
    const switchesASecond = (readSwitches() - switchesBefore) / elapsed;
    // With the first comes the whole dictionary so far.
    const steady = windows.slice(1);
    if (steady.length === 0) throw new Error(`no window came in ${seconds} s`);
    return {
      switchesASecond,
      agentShare,
      agentRssBytes: readRssBytes(agent),
      hubRssBytes: readRssBytes(hub),
      upRssBytes: readRssBytes(up),
      wireBytes: spreadOf(steady.map(({ wireBytes }) => wireBytes)),
      stacks: spreadOf(steady.map(({ window }) => new Set(window.rows.userStack).size)),
      captures: spreadOf(
        steady.map(({ window }) => capturesOf(window) / ((window.endMs - window.startMs) / 1000)),
      ),
      tauNs: steady.at(-1).window.tauNs,
      governed: steady.some(({ window }) => window.governed),
    };
  } finally {
    if (load !== undefined) await stopChild(load);
    try {
      watching?.close();
    } finally {
      await product.stop();
    }
  }
}

/** Intervals whose stacks were captured in a window. */
export function capturesOf(window) {
  return window.rows.captures.reduce((sum, count) => sum + count, 0);
}
