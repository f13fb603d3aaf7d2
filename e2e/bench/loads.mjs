/**
 * Owns the loads whose slowing is measured. Each does a fixed number of units and says how long one took:
 *
 *     pipe and futex ping-pong    a unit is a round: two blocks, two wakes
 *     redis-server                a unit is a request of one client of redis-benchmark over a UNIX socket: the same, in
 *                                 a real server with its event loop
 *
 * A load is pinned to one CPU, so that each wait is a switch to the other side, or each side to a CPU of its own, so
 * that each wait is a switch to the idle task and back, and each wake goes to another CPU.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startRedis } from '@stallscope/testing';
import { outputOf, TRACER_CPU, WORKLOAD_CPU } from './children.mjs';
import { readSwitches } from './host-counters.mjs';

const workloads = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'probes', 'build');
/** A short run is a hundredth or so of a whole one. */
const SHORT_SHARE = 1 / 40;

/** @typedef {{ nsAUnit: number, switchesAUnit: number }} Reading */
/** @typedef {{ title: string, unit: string, read(): Promise<Reading> }} Load */

/** @returns {Promise<{ loads: Load[], close(): Promise<void> }>} */
export async function openLoads({ isShort }) {
  const scale = isShort ? SHORT_SHARE : 1;
  const redis = await startRedis(WORKLOAD_CPU);
  const pingPong = (title, rounds, run) => ({
    title,
    unit: 'round',
    read: () => counted(Math.ceil(rounds * scale), run),
  });
  const onOneCpu = (program) => (rounds) => runWorkload(program, [rounds], WORKLOAD_CPU);
  const acrossTwoCpus = (rounds) => runWorkload('ping-pong', [rounds, 0, TRACER_CPU, WORKLOAD_CPU]);
  return {
    loads: [
      pingPong('pipe ping-pong on one CPU', 100_000, onOneCpu('ping-pong')),
      pingPong('pipe ping-pong across two CPUs', 12_000, acrossTwoCpus),
      pingPong('futex ping-pong on one CPU', 100_000, onOneCpu('futex-ping-pong')),
      {
        title: 'redis-server under redis-benchmark, on one CPU',
        unit: 'request',
        read: () => counted(Math.ceil(40_000 * scale), (units) => runRedisBenchmark(redis.socket, units)),
      },
    ],
    close: () => redis.close(),
  };
}

/** Switches of the whole host are counted: that of a load which keeps a CPU busy are nearly all of them. */
async function counted(units, run) {
  const before = readSwitches();
  const elapsedNs = await run(units);
  return { nsAUnit: elapsedNs / units, switchesAUnit: (readSwitches() - before) / units };
}

async function runWorkload(program, args, cpu) {
  const hint = 'build it: npm run build:workloads -w @stallscope/probes';
  const truth = JSON.parse(await outputOf(join(workloads, program), args.map(String), { cpu, hint }));
  return truth.elapsedNs;
}

async function runRedisBenchmark(socket, requests) {
  const args = ['-s', socket, '-c', '1', '-n', String(requests), '-t', 'get', '--csv'];
  const text = await outputOf('redis-benchmark', args, { cpu: WORKLOAD_CPU });
  const requestsASecond = Number(/^"GET","([\d.]+)"/m.exec(text)?.[1]);
  if (!(requestsASecond > 0)) throw new Error(`redis-benchmark said no rate: ${text}`);
  return (requests / requestsASecond) * 1e9;
}
