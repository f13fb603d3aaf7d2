/**
 * `npm run bench`: measures the probe, the agent and the peers side by side in one run, and writes BENCHMARKS.md.
 * `--short` runs everything once and small, to see that it works, and writes nothing.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureAgentCost } from './agent-cost.mjs';
import { measureKernelCost } from './kernel-cost.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const isShort = process.argv.includes('--short');
const say = (line) => console.log(line);

if (process.getuid?.() !== 0) {
  console.error('bench: loads BPF programs, so it needs root; run: sudo npm run bench');
  process.exit(1);
}
const kernel = await measureKernelCost({ isShort, say });
const agent = await measureAgentCost({ isShort, say });
const text = toMarkdown(kernel, agent);
say(`\n${text}`);
if (isShort) say('bench: a short run says nothing of cost; BENCHMARKS.md is left as it is');
else writeFileSync(join(root, 'BENCHMARKS.md'), text);

function toMarkdown(kernelResults, agentResults) {
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`: all conditions of a table in one run, alternating; medians, with the smallest and largest reading in brackets. The machine is shared and noisy: read ratios, not nanoseconds.',
    '',
    `Machine: ${machine()}.`,
    '',
    '## What tracing adds to a workload that only switches',
    '',
    'A round is two blocks, two wakes and two switches. Tracers run on another CPU, so this is the kernel side alone. Stallscope collects for all four views at once; offcputime and wakeuptime together collect for two.',
    '',
    ...kernelResults.flatMap(kernelTable),
    '## The agent, live, at a rate of switches',
    '',
    `\`stallscope up\` with one host, ${agentResults.seconds} s each, ${agentResults.stacks} distinct stacks. CPU is the agent process, of one core.`,
    '',
    '| switches a second | agent CPU | agent RSS | hub RSS | up RSS | bytes a window, with dictionary | τ |',
    '|---:|---:|---:|---:|---:|---:|---:|',
    ...agentResults.rows.map(
      (row) =>
        `| ${row.rate === 0 ? 'idle host' : row.rate.toLocaleString('en')} | ${row.cpuPercent.toFixed(1)} % | ${row.agentRssMb.toFixed(0)} MB | ${row.hubRssMb.toFixed(0)} MB | ${row.upRssMb.toFixed(0)} MB | ${(row.bytesAWindow / 1000).toFixed(1)} kB | ${row.tauMs} ms${row.governed ? ', governed' : ''} |`,
    ),
    '',
  ].join('\n');
}

function kernelTable({ title, spreads }) {
  const { nothing } = spreads;
  const both = spreads['offcputime and wakeuptime'];
  const addedByBoth = both === undefined ? undefined : both.median - nothing.median;
  return [
    `### ${title}`,
    '',
    '| condition | ns a round | added | of what both peers add |',
    '|---|---:|---:|---:|',
    ...Object.entries(spreads).map(([name, { median, min, max }]) => {
      const added = median - nothing.median;
      const share = name === 'nothing' || !addedByBoth ? '' : (added / addedByBoth).toFixed(2);
      return `| ${name} | ${median.toFixed(0)} (${min.toFixed(0)}–${max.toFixed(0)}) | ${name === 'nothing' ? '' : added.toFixed(0)} | ${share} |`;
    }),
    '',
  ];
}

function machine() {
  const model = /^model name\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? process.arch;
  const tools = version('dpkg-query', ['--show', 'libbpf-tools'])?.split('\t')[1];
  return `${cpus().length} × ${model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}, Node ${process.versions.node}, libbpf-tools ${tools ?? 'not installed'}; ${new Date().toISOString().slice(0, 10)}`;
}

function version(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // Not a Debian, or not installed: said so in the table's heading.
    return undefined;
  }
}
