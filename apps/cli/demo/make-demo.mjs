/**
 * Makes demo.stallscope, the recording that `stallscope up --demo` plays: runs the workloads of probes/ and records
 * them, and nothing else of the host that it runs on. Needs root, and a build:
 *
 *     npm run build && npm run build:workloads --workspace @stallscope/probes
 *     sudo node apps/cli/demo/make-demo.mjs
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SchedCollector } from '@stallscope/agent';
import { WindowFileWriter } from '@stallscope/protocol';

const WINDOWS = 30;
const WINDOW_MS = 1000;
/** Rounds that outlast the recording; the workloads are stopped when it is done. */
const MANY = '1000000';

const built = (name) => fileURLToPath(new URL(`../../../probes/build/${name}`, import.meta.url));
const file = (name) => fileURLToPath(new URL(name, import.meta.url));
// /var/tmp rather than /tmp: the latter is often in memory, where nothing waits for a disk.
const folder = mkdtempSync(join('/var', tmpdir(), 'stallscope-demo-'));
const workloads = [
  spawn(built('chain'), [MANY, '20000']),
  spawn(built('convoy'), ['4', MANY, '5000']),
  spawn(built('ping-pong'), [MANY, '2000']),
  spawn(built('sleeper'), [MANY, '10000', 'cron-like']),
  spawn(built('fsyncer'), [join(folder, 'journal'), MANY]),
];

try {
  await sleep(500);
  const tgids = workloads.flatMap(({ pid }) => familyOf(pid));
  const collector = await SchedCollector.open({ tauNs: 1_000_000, filter: { tgids } });
  const writer = new WindowFileWriter(collector.tables);
  const parts = [
    writer.start({
      host: {
        id: 'recorded-demo',
        name: 'demo',
        kernel: 'recorded',
        arch: process.arch,
        cpus: 2,
        memoryBytes: 4 * 1024 ** 3,
        bootId: 'recorded-demo',
        os: 'Debian GNU/Linux',
        capabilities: [],
      },
      title: 'a lock convoy, a pipe ping-pong, a chain of three stages, a sleeper and a disk fsync',
      recordedAtMs: Date.now(),
      windowMs: WINDOW_MS,
    }),
  ];
  for (let window = 0; window < WINDOWS; window++) {
    await sleep(WINDOW_MS);
    parts.push(writer.window(await collector.collect()));
  }
  collector.close();
  writeFileSync(file('demo.stallscope'), Buffer.concat(parts));
} finally {
  for (const workload of workloads) for (const tgid of familyOf(workload.pid)) process.kill(tgid, 'SIGKILL');
  rmSync(folder, { recursive: true });
}

/** A process and all that came of it. */
function familyOf(tgid) {
  const children = readFileSync(`/proc/${tgid}/task/${tgid}/children`, 'utf8').trim();
  return [tgid, ...(children === '' ? [] : children.split(' ').map(Number)).flatMap(familyOf)];
}
