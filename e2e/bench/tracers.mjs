/**
 * Owns starting and stopping what is measured: Stallscope's probe and the peers of libbpf-tools, each confined to the CPU
 * that the workload does not use, so that what is measured is what the kernel side adds to the workload.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const STALLSCOPE = join(root, 'apps', 'cli', 'bin', 'stallscope.mjs');
/** The CPU of the tracers' own work. Workloads of one CPU run on the other. */
export const TRACER_CPU = 0;
export const WORKLOAD_CPU = 1;

/** A peer says nothing when it has attached; its object takes well under this to load. */
const PEER_ATTACH_MS = 1500;
const START_TIMEOUT_MS = 30_000;

export function peerPath(name) {
  return ['/usr/sbin', '/usr/bin', '/usr/share/libbpf-tools']
    .map((folder) => join(folder, name))
    .find(existsSync);
}

/** @param {string[]} flags beyond view and duration @returns {Promise<() => Promise<void>>} stops it */
export async function startStallscope(flags) {
  const args = [STALLSCOPE, 'record', '--view', 'chain', '--kind', 'all', '--duration', '600', ...flags];
  const child = spawn('taskset', ['-c', String(TRACER_CPU), process.execPath, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await firstOutput(child, child.stderr, `stallscope ${flags.join(' ')}`);
  return () => stop(child);
}

/** @param {string} name of a libbpf-tool */
export async function startPeer(name) {
  const path = peerPath(name);
  if (path === undefined) throw new Error(`${name} is not installed; run: apt-get install libbpf-tools`);
  const child = spawn('taskset', ['-c', String(TRACER_CPU), path, '600'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let failure;
  child.once('exit', (code, signal) => {
    failure = signal ?? `exit code ${code}`;
  });
  await new Promise((resolve) => setTimeout(resolve, PEER_ATTACH_MS));
  if (failure !== undefined) throw new Error(`${name} ended by itself: ${failure}`);
  return () => stop(child);
}

function firstOutput(child, stream, what) {
  return new Promise((resolve, reject) => {
    let text = '';
    const timer = setTimeout(
      () => reject(new Error(`${what}: said nothing in ${START_TIMEOUT_MS} ms`)),
      START_TIMEOUT_MS,
    );
    stream.on('data', (chunk) => {
      text += chunk;
      clearTimeout(timer);
      resolve();
    });
    child.once('exit', (code) => reject(new Error(`${what}: ended with ${code}: ${text}`)));
  });
}

async function stop(child) {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGINT');
  const kill = setTimeout(() => child.kill('SIGKILL'), 5000);
  await ended;
  clearTimeout(kill);
}
