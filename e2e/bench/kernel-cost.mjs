/** Owns the first question of the bench: what does the kernel side add to each round of a workload that only switches? */
import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alternate } from './alternate.mjs';
import { peerPath, startPeer, startStallscope, WORKLOAD_CPU } from './tracers.mjs';

const workloads = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'probes', 'build');

/** Each: ns a round of the workload, whose JSON says rounds and elapsedNs. A round is two blocks, two wakes, two switches. */
const WORKLOADS = [
  { title: 'pipe ping-pong, one CPU', program: 'ping-pong', rounds: 60_000, cpus: String(WORKLOAD_CPU) },
  { title: 'pipe ping-pong, two CPUs', program: 'ping-pong', rounds: 20_000, cpus: undefined },
  {
    title: 'futex ping-pong, one CPU',
    program: 'futex-ping-pong',
    rounds: 60_000,
    cpus: String(WORKLOAD_CPU),
  },
];

export async function measureKernelCost({ isShort, say }) {
  const results = [];
  for (const { title, program, rounds, cpus } of WORKLOADS) {
    say(`${title}: ns a round`);
    const once = () => runWorkload(program, isShort ? rounds / 20 : rounds, cpus);
    const spreads = await alternate(conditionsOf(once), isShort ? 1 : 7, say);
    results.push({ title, spreads });
  }
  return results;
}

function conditionsOf(once) {
  const hasPeers = peerPath('offcputime') !== undefined && peerPath('wakeuptime') !== undefined;
  return {
    nothing: once,
    ...(hasPeers && {
      offcputime: () => under([() => startPeer('offcputime')], once),
      wakeuptime: () => under([() => startPeer('wakeuptime')], once),
      'offcputime and wakeuptime': () =>
        under([() => startPeer('offcputime'), () => startPeer('wakeuptime')], once),
    }),
    'stallscope, default τ': () => under([() => startStallscope([])], once),
    'stallscope, exact': () => under([() => startStallscope(['--exact'])], once),
  };
}

async function under(starts, once) {
  const stops = [];
  try {
    for (const start of starts) stops.push(await start());
    return await once();
  } finally {
    for (const stop of stops) await stop();
  }
}

function runWorkload(program, rounds, cpus) {
  const path = join(workloads, program);
  const [command, args] =
    cpus === undefined ? [path, [String(rounds)]] : ['taskset', ['-c', cpus, path, String(rounds)]];
  return new Promise((resolve, reject) => {
    execFile(command, args, (error, stdout) => {
      if (error)
        return reject(
          new Error(
            `workload ${program}: ${error.message}; build it: npm run build:workloads -w @stallscope/probes`,
          ),
        );
      const truth = JSON.parse(stdout);
      resolve(truth.elapsedNs / truth.rounds);
    });
  });
}
