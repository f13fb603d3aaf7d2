/**
 * Owns every process that a bench starts: none outlives it, however it ends. Nothing else of the host is changed: run time
 * statistics of BPF are held by a file descriptor, which the kernel takes back with the process.
 */
import { spawn } from 'node:child_process';

/** Pinned, so that what a tracer does by itself is not on the CPU of the workload. */
export const TRACER_CPU = 0;
export const WORKLOAD_CPU = 1;

const STOP_GRACE_MS = 10_000;
const running = new Set();
/** Set when the bench is to end: what is under way must not start more. */
let isOver = false;
process.once('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL');
});

/** @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions} [options] */
export function startChild(command, args, options = {}) {
  if (isOver) throw new Error(`${command} is not started: the bench is ending`);
  // A group of its own: Ctrl-C reaches the bench alone, which ends its children in order.
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore'], ...options, detached: true });
  running.add(child);
  child.ended = new Promise((resolve, reject) => {
    child.once('error', (error) => {
      running.delete(child);
      reject(new Error(`cannot run ${command}: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      running.delete(child);
      resolve(signal ?? code);
    });
  });
  // Whoever stops it may not wait for how it ended.
  child.ended.catch(() => {});
  return child;
}

/** On one CPU only, or where the scheduler likes when that is undefined. */
export function startChildOn(cpu, command, args, options) {
  return cpu === undefined
    ? startChild(command, args, options)
    : startChild('taskset', ['-c', String(cpu), command, ...args], options);
}

/** Runs to its end. @returns what it wrote to stdout @throws with its last words when it failed */
export async function outputOf(command, args, { cpu, hint = '' } = {}) {
  const child = startChildOn(cpu, command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const how = await child.ended;
  if (how !== 0)
    throw new Error(`${command} ${args.join(' ')}: ended by ${how}: ${stderr.trim()}${hint && `; ${hint}`}`);
  return stdout;
}

/** Asks as Ctrl-C does, kills what has not ended after a while. Resolves when it is gone. */
export async function stopChild(child) {
  if (!running.has(child)) return;
  signalGroup(child, 'SIGINT');
  const kill = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_GRACE_MS);
  await child.ended;
  clearTimeout(kill);
}

/** For the end of the bench, whatever ends it: none starts after it. */
export async function stopAllChildren() {
  isOver = true;
  await Promise.all([...running].map(stopChild));
}

function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}
