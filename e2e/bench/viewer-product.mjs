/**
 * Owns what the product's own host page costs its main thread while a graph of many nodes moves once a second: hub, page
 * and worker are the real ones, with every panel; only the agent plays a recording, made here of a generated tree.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generatedTree } from '@stallscope/charts';
import {
  appendProcess,
  appendRow,
  appendThread,
  emptyWindow,
  KINDS,
  NONE,
  ProfileTables,
  ROLES,
  STATES,
} from '@stallscope/profile';
import { WindowFileWriter } from '@stallscope/protocol';
import { PageTrace, TRACE_CATEGORIES } from './browser-trace.mjs';
import { startChild, stopChild } from './children.mjs';
import { spreadOf } from './statistics.mjs';
import { STALLSCOPE } from './tracers.mjs';
import { untilTrue } from './waiting.mjs';

const START_MS = 30_000;
const TGID = 4000;
/** Of all paths, those that wait in one window: the others come in the windows beside it. */
const SHARE_A_WINDOW = 0.12;
const USER = ROLES.indexOf('user');
const KERNEL = ROLES.indexOf('kernel');

/**
 * @param {import('@playwright/test').Browser} browser
 * @param {{ nodes: number, seed: number, warmSeconds: number, seconds: number, screen: { width: number, height: number } }} plan
 */
export async function measureProductPage(browser, { nodes, seed, warmSeconds, seconds, screen }) {
  const folder = mkdtempSync(join(tmpdir(), 'stallscope-page-'));
  const file = join(folder, 'generated.stallscope');
  const children = [];
  try {
    writeFileSync(file, toRecording(generatedTree(nodes, seed), warmSeconds + seconds));
    const hub = start(children, 'hub', '--port', '0', '--no-data');
    const [, url] = await says(hub, /The hub is at (\S+)/);
    const agent = start(children, 'agent', '--hub', url.replace(/^http/, 'ws'), '--recording', file);
    await says(agent, /the hub has the first window/);
    const { hosts } = await (await fetch(`${url}/api/hosts`)).json();
    const page = await browser.newPage({ viewport: screen });
    await page.goto(`${url}/host/?host=${encodeURIComponent(hosts[0].host.id)}`);
    // A span of 30 s has to fill before the tree is as large as it gets.
    await sleep(warmSeconds * 1000);
    await browser.startTracing(page, { categories: TRACE_CATEGORIES });
    await page.evaluate(() => performance.mark('product begin'));
    await sleep(seconds * 1000);
    await page.evaluate(() => performance.mark('product end'));
    const trace = new PageTrace(await browser.stopTracing());
    const { nodeCount, windows } = await page.evaluate(() => ({
      nodeCount: window.__stallscope.tree.nodeCount,
      windows: window.__stallscope.heldWindows.length,
    }));
    const [beginMs] = trace.marks(/^product begin$/).map(({ atMs }) => atMs);
    const each = Array.from({ length: seconds }, (_, second) =>
      trace.tasks(beginMs + second * 1000, beginMs + (second + 1) * 1000),
    );
    const total = (tasks, of) => tasks.reduce((sum, task) => sum + task[of], 0);
    await page.close();
    return {
      nodes: nodeCount,
      windows,
      seconds,
      main: spreadOf(each.map((tasks) => total(tasks, 'lengthMs'))),
      cpu: spreadOf(each.map((tasks) => total(tasks, 'cpuMs'))),
      longestTask: spreadOf(each.map((tasks) => Math.max(0, ...tasks.map(({ lengthMs }) => lengthMs)))),
    };
  } finally {
    for (const child of children.reverse()) await stopChild(child);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A window a second: each time a part of the tree's paths waits, for times of its own. */
function toRecording(tree, windows) {
  const tables = new ProfileTables();
  const { parent, label, role, nodeCount, selfValue, labels } = tree;
  const userStack = new Int32Array(nodeCount).fill(NONE);
  const kernelStack = new Int32Array(nodeCount).fill(NONE);
  const thread = new Int32Array(nodeCount);
  for (let node = 1; node < nodeCount; node++) {
    const above = parent[node];
    userStack[node] = userStack[above];
    kernelStack[node] = kernelStack[above];
    thread[node] = above === 0 ? node : thread[above];
    const frame = (space) =>
      tables.internFrame({
        name: tables.internString(labels[label[node]]),
        module: tables.internString(space === 0 ? 'app' : ''),
        space,
        unnamed: 0,
      });
    if (role[node] === USER) userStack[node] = tables.internStack(userStack[above], frame(0));
    else if (role[node] === KERNEL) kernelStack[node] = tables.internStack(kernelStack[above], frame(1));
  }
  const writer = new WindowFileWriter(tables);
  const host = {
    ...{ id: 'generated', name: 'generated', kernel: 'none', arch: 'none', cpus: 1, memoryBytes: 0 },
    ...{ bootId: 'none', os: 'none', capabilities: [] },
  };
  const startMs = Date.UTC(2025, 0, 1);
  const blocks = [writer.start({ host, title: 'generated', recordedAtMs: startMs, windowMs: 1000 })];
  for (let sequence = 0; sequence < windows; sequence++) {
    const window = emptyWindow({
      sequence,
      startMs: startMs + sequence * 1000,
      endMs: startMs + (sequence + 1) * 1000,
      tauNs: 1e6,
    });
    appendProcess(window.processes, { tgid: TGID, name: tables.internString('app') });
    const waited = new Map();
    for (let node = 1; node < nodeCount; node++) {
      const drawn = hash(node, sequence);
      if (drawn >= SHARE_A_WINDOW) continue;
      const ns = Math.ceil(selfValue[node] * (0.5 + drawn / SHARE_A_WINDOW) * 1e-3) + 1;
      const tid = TGID + thread[node];
      waited.set(thread[node], (waited.get(thread[node]) ?? 0) + ns);
      appendRow(window.rows, {
        tgid: TGID,
        tid,
        comm: tables.internString(labels[label[thread[node]]].slice(0, 15)),
        cgroup: 0,
        kind: KINDS.indexOf('blocked'),
        state: STATES.indexOf('S'),
        userStack: userStack[node],
        kernelStack: kernelStack[node],
        chain: NONE,
        bucket: Math.floor(Math.log2(ns)),
        captures: 1,
        estimatedCount: 1,
        estimatedNs: ns,
        varianceNs2: 0,
      });
    }
    for (const [of, ns] of waited) {
      appendThread(window.threads, {
        tgid: TGID,
        tid: TGID + of,
        comm: tables.internString(labels[label[of]].slice(0, 15)),
        ...{ blockedNs: ns, runqNs: 0, preemptedNs: 0, onCpuNs: 0 },
        ...{ blockedCount: 1, runqCount: 0, preemptedCount: 0 },
      });
    }
    blocks.push(writer.window(window));
  }
  return Buffer.concat(blocks);
}

/** In [0, 1), the same for the same node and window. */
function hash(node, window) {
  let mixed = Math.imul(node ^ Math.imul(window + 1, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}

function start(children, ...args) {
  const child = startChild(process.execPath, [STALLSCOPE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  child.said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      child.said += chunk;
    });
  }
  child.ended.then((code) => {
    child.how = code;
  });
  return child;
}

async function says(child, pattern) {
  await untilTrue(
    () => {
      if (child.how !== undefined) throw new Error(`stallscope ended with ${child.how}: ${child.said}`);
      return pattern.test(child.said);
    },
    START_MS,
    `stallscope says ${pattern}`,
  );
  return pattern.exec(child.said);
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
