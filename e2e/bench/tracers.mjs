/**
 * Owns starting what is measured: Stallscope's probe and the peers of libbpf-tools, each confined to the CPU that the
 * workload does not use, so that what is measured is what the kernel side adds to the workload.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBpfDescriptors } from '@stallscope/testing';
import { startChildOn, stopChild, TRACER_CPU } from './children.mjs';
import { untilTrue } from './waiting.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const STALLSCOPE = join(root, 'apps', 'cli', 'bin', 'stallscope.mjs');

/** Programs that a peer attaches; it says nothing when it has, but its links can be seen. */
const PEER_LINKS = { offcputime: 1, wakeuptime: 2 };
const START_MS = 30_000;
/** Longer than any measurement: tracers are interrupted. */
const TRACE_SECONDS = '3600';

/** One running tracer. @typedef {{ pids: number[], stop(): Promise<void> }} Tracer */
/** @typedef {{ name: string, start(): Promise<Tracer[]> }} Condition */

/** @returns {Condition[]} all that are measured against nothing */
export function tracerConditions() {
  return [
    { name: 'offcputime', start: async () => [await startPeer('offcputime')] },
    { name: 'wakeuptime', start: async () => [await startPeer('wakeuptime')] },
    {
      name: 'offcputime and wakeuptime',
      start: () => startAll(['offcputime', 'wakeuptime']),
    },
    { name: 'Stallscope, default τ', start: async () => [await startStallscope([])] },
    { name: 'Stallscope, exact', start: async () => [await startStallscope(['--exact'])] },
  ];
}

export function peerPath(name) {
  return ['/usr/sbin', '/usr/bin', '/usr/share/libbpf-tools']
    .map((folder) => join(folder, name))
    .find(existsSync);
}

/** All four views at once. @param {string[]} flags beyond them @returns {Promise<Tracer>} */
export function startStallscope(flags) {
  return startStallscopeOf(['--view', 'chain', '--kind', 'all', ...flags]);
}

/** @param {string[]} flags that say what is recorded @returns {Promise<Tracer>} */
export async function startStallscopeOf(flags) {
  const args = [STALLSCOPE, 'record', '--duration', TRACE_SECONDS, ...flags];
  const child = startChildOn(TRACER_CPU, process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await firstWords(child, `stallscope record ${flags.join(' ')}`);
  return { pids: [child.pid], stop: () => stopChild(child) };
}

/** @param {keyof typeof PEER_LINKS} name @returns {Promise<Tracer>} */
export async function startPeer(name) {
  const path = peerPath(name);
  if (path === undefined) throw new Error(`${name} is not installed; run: apt-get install libbpf-tools`);
  const child = startChildOn(TRACER_CPU, path, [TRACE_SECONDS]);
  let how;
  child.ended.then((code) => {
    how = code;
  });
  await untilTrue(
    () => {
      if (how !== undefined) throw new Error(`${name} ended by itself: ${how}`);
      return readBpfDescriptors(child.pid).linkIds.length >= PEER_LINKS[name];
    },
    START_MS,
    `${name} attaches its programs`,
  );
  return { pids: [child.pid], stop: () => stopChild(child) };
}

async function startAll(names) {
  const tracers = [];
  for (const name of names) tracers.push(await startPeer(name));
  return tracers;
}

function firstWords(child, what) {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(() => reject(new Error(`${what}: said nothing in ${START_MS} ms`)), START_MS);
    child.stderr.on('data', (chunk) => {
      text += chunk;
      clearTimeout(timer);
      resolve();
    });
    child.ended.then((how) => reject(new Error(`${what}: ended with ${how}: ${text}`)), reject);
  });
}
