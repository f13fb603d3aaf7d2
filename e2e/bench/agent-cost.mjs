/** Owns the second question: what do the agent and the wire cost at a given rate of switches? Measured on `stallscope up`. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const CLOCK_TICKS_A_SECOND = 100;
/** Switches a second; 0 is an idle host. */
const RATES = [0, 1_000, 10_000, 100_000];
const STACKS = 500;

export async function measureAgentCost({ isShort, say }) {
  const seconds = isShort ? 3 : 20;
  const rows = [];
  for (const rate of RATES) {
    say(`agent at ${rate} switches a second, ${STACKS} stacks, ${seconds} s`);
    rows.push({ rate, ...(await measureOnce(rate, seconds)) });
  }
  return { seconds, stacks: STACKS, rows };
}

async function measureOnce(rate, seconds) {
  const port = await freePort();
  const up = spawn(
    process.execPath,
    [join(root, 'apps/cli/bin/stallscope.mjs'), 'up', '--port', String(port)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    await urlPrinted(up);
    const agent = partOf(up.pid, 'agent-part.js');
    const hub = partOf(up.pid, 'hub-part.js');
    let load;
    if (rate > 0) {
      load = spawn(join(root, 'probes/build/switcher'), [rate, seconds + 8, STACKS].map(String), {
        stdio: 'ignore',
      });
    }
    // Names of new stacks and the governor settle first.
    await pause(5000);
    const cpuBefore = cpuSeconds(agent);
    const before = await host(port);
    await pause(seconds * 1000);
    const after = await host(port);
    const cpu = cpuSeconds(agent) - cpuBefore;
    load?.kill();
    return {
      cpuPercent: (100 * cpu) / seconds,
      agentRssMb: rssBytes(agent) / 1e6,
      hubRssMb: rssBytes(hub) / 1e6,
      upRssMb: rssBytes(up.pid) / 1e6,
      bytesAWindow:
        (after.retained.bytes - before.retained.bytes) / (after.retained.windows - before.retained.windows),
      tauMs: after.tauNs / 1e6,
      governed: after.governed,
    };
  } finally {
    const ended = new Promise((resolve) => up.once('exit', resolve));
    up.kill('SIGINT');
    await ended;
  }
}

async function host(port) {
  const { hosts } = await (await fetch(`http://127.0.0.1:${port}/api/hosts`)).json();
  return hosts[0];
}

function urlPrinted(up) {
  return new Promise((resolve, reject) => {
    let text = '';
    up.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('Stallscope is at')) resolve();
    });
    up.once('exit', (code) => reject(new Error(`stallscope up ended with ${code}: ${text}`)));
  });
}

function partOf(parent, script) {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const ppid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      if (ppid === parent && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(script))
        return Number(pid);
    } catch (error) {
      // A process that has gone since it was listed is not the one.
      if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
    }
  }
  throw new Error(`stallscope up has no ${script}`);
}

function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS_A_SECOND;
}

function rssBytes(pid) {
  return Number(/^Rss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) * 1024;
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
