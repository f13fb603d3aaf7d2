/** Owns BENCHMARKS.md: results in, Markdown out. Pure but for what the machine is. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { libbpfVersion } from '@stallscope/libbpf';
import { BOTH_PEERS, OFFCPUTIME } from './kernel-cost.mjs';

/** @param {Record<string, object>} results by section; those that were not measured are left out */
export function toMarkdown(results) {
  return [
    '# Benchmarks',
    '',
    'Written by `sudo npm run bench`, which measures everything in one run; `npm run bench -- kernel`, `programs`, `sampling`, `latency`, `agent`, `governor`, `accuracy`, `names` or `viewer` repeats a part and prints it. Numbers are medians with the quartiles in brackets. The machine is shared and noisy: read differences and ratios, which are taken pair by pair, rather than absolute times.',
    '',
    ...machineLines(),
    '',
    ...(results.kernel ? kernelLines(results.kernel) : []),
    ...(results.programs ? programLines(results.programs) : []),
    ...(results.sampling ? samplingLines(results.sampling) : []),
    ...(results.latency ? latencyLines(results.latency) : []),
    ...(results.agent ? agentLines(results.agent) : []),
    ...(results.governor ? governorLines(results.governor) : []),
    ...(results.accuracy ? accuracyLines(results.accuracy) : []),
    ...(results.names ? namesLines(results.names) : []),
    ...(results.viewer ? viewerLines(results.viewer) : []),
  ].join('\n');
}

function kernelLines({ rounds, loads }) {
  return [
    '## What tracing adds to a program that switches',
    '',
    `${rounds} rounds. In each, every condition was read beside its own reading with nothing, before or after by turns. Tracers run on another CPU than the loads that have one, so this is what the kernel side adds. Stallscope collects for all four views at once; offcputime and wakeuptime together collect for two.`,
    '',
    'Added is a switch: the time added to a round or request, divided by the switches of the host in it. A round of a ping-pong is two blocks and two wakes; on one CPU these are two switches, across two CPUs each block goes to the idle task and back.',
    '',
    ...loads.flatMap(loadLines),
  ];
}

function loadLines({ title, unit, switchesAUnit, nothing, conditions }) {
  return [
    `### ${capital(title)}`,
    '',
    `With nothing ${spread(nothing, 0)} ns a ${unit}, of ${switchesAUnit.toFixed(1)} switches.`,
    '',
    `| condition | ns a ${unit} | added, ns a switch | of both peers’ | of offcputime’s |`,
    '|---|---:|---:|---:|---:|',
    ...conditions.map(({ name, loaded, addedNs, ofBoth, ofOffcputime }) =>
      row(
        name,
        spread(loaded, 0),
        spread(addedNs, 0),
        name === BOTH_PEERS ? '1' : spread(ofBoth, 2),
        name === OFFCPUTIME ? '1' : spread(ofOffcputime, 2),
      ),
    ),
    '',
  ];
}

function programLines({ load, idleSeconds, conditions }) {
  return [
    '## What each BPF program runs',
    '',
    `By the kernel’s own run time statistics, which were on for this table only, during the ${load}. They leave out what the tracepoint itself costs, and what a program does to the caches of others.`,
    '',
    '| condition | program | runs a switch | ns a run | ns a switch |',
    '|---|---|---:|---:|---:|',
    ...conditions.flatMap(({ name, programs }) =>
      programs.map((program) =>
        row(
          name,
          `\`${program.name}\``,
          program.runsASwitch.toFixed(2),
          program.nsARun.toFixed(0),
          program.nsASwitch.toFixed(0),
        ),
      ),
    ),
    '',
    '## An idle host',
    '',
    `${idleSeconds} s each with nothing to do but what the host does by itself. Both columns are shares of one CPU: the BPF programs by run time statistics, the tracer by its CPU time.`,
    '',
    '| condition | switches a second | BPF programs | tracer |',
    '|---|---:|---:|---:|',
    ...conditions.map(({ name, idle }) =>
      row(name, whole(idle.switchesASecond), percent(idle.programsShare, 3), percent(idle.tracerShare, 2)),
    ),
    '',
  ];
}

function latencyLines({ rows, block }) {
  return [
    '## What latency probes add to an operation',
    '',
    `Only while they are asked for; detached they add nothing. Of calls by the clock of who makes them: calls that do next to nothing, the least of nine rounds, with and without the probe. The tracepoints of system calls make the kernel take its slower way in and out of each, whatever the probe does there. Of block requests by the kernel’s own account of the programs, ${whole(block.requests)} direct reads and writes of 4 KiB: ${whole(block.nsARequest)} ns each, in all five programs together.`,
    '',
    '| probe | call | with nothing, ns | added, ns | counted |',
    '|---|---|---:|---:|---|',
    ...rows.map(({ probe, call, nothing, addedNs, isCounted }) =>
      row(probe, call, whole(nothing), whole(addedNs), isCounted ? 'yes' : 'no'),
    ),
    '',
  ];
}

function samplingLines({ seconds, cpus, rows }) {
  return [
    '## What sampling CPUs costs',
    '',
    `${cpus} CPUs, all busy all the time, so that each sample finds somebody; ${seconds} s each. The time of the program is the kernel’s own account; how much of each CPU it takes is what the sampling adds to what runs there, beside the interrupt itself. The collector is \`record --view cpu\`, which names stacks and keeps the exact counters too, and \`perf record -a -g\`, which writes them to a file; of one core.`,
    '',
    '| | samples a second and CPU | samples a second | program, ns a sample | program, of each CPU | collector |',
    '|---|---:|---:|---:|---:|---:|',
    ...rows.map(({ name, hz, kernel, collectorShare }) =>
      row(
        name,
        whole(hz),
        ...(kernel === null
          ? ['', '', '']
          : [whole(kernel.samplesASecond), whole(kernel.nsASample), percent(kernel.shareOfACpu, 3)]),
        percent(collectorShare, 1),
      ),
    ),
    '',
  ];
}

function agentLines({ seconds, stacks, rows }) {
  return [
    '## The agent, live, at a rate of switches',
    '',
    `\`stallscope up\` with one host and one browser’s worth of watching, ${seconds} s each, a load of ${stacks} distinct stacks pinned to one CPU. The first column is what was asked of the load, the second what the kernel counted on the host. CPU is of the agent process, of one core; a window is a second, with what it adds to the dictionary.`,
    '',
    '| asked | switches a second | captures a second | user stacks a window | agent CPU | agent RSS | hub RSS | up RSS | bytes a window | τ |',
    '|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...rows.map((at) =>
      row(
        at.rate === 0 ? 'idle host' : whole(at.rate),
        whole(at.switchesASecond),
        whole(at.captures.median),
        whole(at.stacks.median),
        percent(at.agentShare, 1),
        megabytes(at.agentRssBytes),
        megabytes(at.hubRssBytes),
        megabytes(at.upRssBytes),
        `${(at.wireBytes.median / 1000).toFixed(1)} kB (${(at.wireBytes.q1 / 1000).toFixed(1)}–${(at.wireBytes.q3 / 1000).toFixed(1)})`,
        `${duration(at.tauNs)}${at.governed ? ', governed' : ''}`,
      ),
    ),
    '',
  ];
}

function governorLines({ stormSeconds, storms }) {
  return [
    '## The governor in a storm of switches',
    '',
    `${stormSeconds} s each on a \`stallscope up\` of its own, a window a second; a row where τ or the load changed, else every fifth second. Agent and probe are shares of one CPU; the probe’s is by run time statistics, with all that it does at each switch, which does not follow τ.`,
    '',
    ...storms.flatMap(({ title, timeline, backAfterSeconds }) => [
      `### ${capital(title)}`,
      '',
      '| second of the storm | switches a second | τ | captures a second | agent CPU | probe |',
      '|---:|---:|---:|---:|---:|---:|',
      ...thinned(timeline).map((at) =>
        row(
          at.atSecond.toFixed(1),
          whole(at.switchesASecond),
          `${duration(at.tauNs)}${at.governed ? ', governed' : ''}`,
          whole(at.capturesASecond),
          percent(at.agentShare, 1),
          percent(at.probeShare, 1),
        ),
      ),
      '',
      `τ was back at what was asked for ${backAfterSeconds.toFixed(0)} s after the storm.`,
      '',
    ]),
  ];
}

/** Rows where τ differs from the one before or after, and each fifth. */
function thinned(timeline) {
  return timeline.filter(({ tauNs }, i) => {
    const isStep = [timeline[i - 1], timeline[i + 1]].some(
      (other) => other !== undefined && other.tauNs !== tauNs,
    );
    return isStep || i % 5 === 0 || i === timeline.length - 1;
  });
}

function accuracyLines({ seed, runs }) {
  return [
    '## Accuracy against known waits',
    '',
    `Workloads whose waits and wakers are known by construction, by their own clocks and by the kernel’s accounting of each thread (apps/agent/truth); seed ${seed}, repeated by STALLSCOPE_SEED=${seed}. An exact total is judged against the kernel’s accounting, a sampled one against the exact counters: its error beside the standard error that the run itself states. Where waits are as short as those of a fast disk, the microseconds between the kernel’s stamp of a switch and its tracepoint show in the error of exact totals. Unknown wakers are those of waits that were counted as lost.`,
    '',
    '| case | mode | off-CPU time | error | in standard errors | whole chains | wrong wakers | unknown | counted as lost | checks failed |',
    '|---|---|---:|---:|---:|---:|---:|---:|---:|---:|',
    ...runs.map(({ name, mode, total, wholeChains, wrongWakers, unknownWakers, lost, failed }) =>
      row(
        name,
        mode,
        total ? `${(total.ns / 1e9).toFixed(2)} s` : '–',
        total ? `${(100 * total.error).toFixed(2)} %` : '–',
        total?.standardErrors == null ? '–' : total.standardErrors.toFixed(1),
        whole(wholeChains),
        whole(wrongWakers),
        whole(unknownWakers),
        whole(lost),
        whole(failed),
      ),
    ),
    '',
  ];
}

function namesLines({ addresses, cxx, freshMs, freshCpuMs, againUs, againCpuUs, churn }) {
  return [
    '## Names',
    '',
    `${whole(addresses)} functions of a running program (node), ${whole(cxx)} of them with C++ names, one address in each. New: nothing is known of process or file, tables are read and names demangled. Again: the same addresses once more.`,
    '',
    '| addresses | by the clock | on CPU |',
    '|---|---:|---:|',
    row(`${whole(addresses)} new ones, ms`, spread(freshMs, 0), spread(freshCpuMs, 0)),
    row('again, µs each', spread(againUs, 3), spread(againCpuUs, 3)),
    '',
    `${whole(churn.processes)} processes, each of a file of its own, came, had some of their addresses named and went. Memory in use after each quarter, MiB: ${churn.quarters.map((bytes) => (bytes / 2 ** 20).toFixed(1)).join(', ')}.`,
    '',
  ];
}

function viewerLines({ browser, screen, everyMs, updates, stills, motion, product }) {
  return [
    '## The viewer: what drawing costs a browser',
    '',
    `Chromium ${browser} without a GPU, so that canvas and WebGL alike are drawn by the CPU; ${screen.width} × ${screen.height}, pixels as they are. The same generated trees, up to 40 frames deep, beside d3-flame-graph (told to leave out frames below half a pixel, as we do) and speedscope’s released page. All by the browser’s own trace: the tasks of the page’s main thread, and the frames that it drew and dropped. Ours is the graph alone, with worker, transfer, React, layout and canvas, but for the last table; the page is built for the bench from the same sources and is no part of the product.`,
    '',
    '### An update of a live graph',
    '',
    `A worker sends a whole tree with other values every ${everyMs} ms. Main thread is all that it did from one update to the next, in ms of the clock; on a busy machine that is more than its time on a CPU, beside it. Speedscope takes no updates.`,
    '',
    '| nodes | viewer | updates | main thread, ms | on CPU, ms | worst, ms | longest task, ms |',
    '|---:|---|---:|---:|---:|---:|---:|',
    ...updates.map((at) =>
      row(
        whole(at.nodes),
        at.renderer,
        at.updates,
        spread(at.main, 1),
        spread(at.cpu, 1),
        at.worstMs.toFixed(1),
        spread(at.longestTask, 1),
      ),
    ),
    '',
    '### A still, opened',
    '',
    'From the data being there to the graph on the screen. Ours and d3-flame-graph are sent columns, of which objects are made for d3-flame-graph; speedscope is given a file of its own format, and what it does with it is import too.',
    '',
    '| nodes | viewer | to the screen, ms | main thread, ms | longest task, ms |',
    '|---:|---|---:|---:|---:|',
    ...stills.map((at) =>
      row(
        whole(at.nodes),
        at.renderer,
        at.paintedMs.toFixed(0),
        at.mainMs.toFixed(0),
        at.longestMs.toFixed(0),
      ),
    ),
    '',
    '### Zoom and pan',
    '',
    `A step of the wheel each frame: in and out again, then along the stretched graph. d3-flame-graph zooms by a click, in an animation of its own, and does not pan. Speedscope draws by WebGL.`,
    '',
    '| nodes | viewer | movement | frames drawn | dropped | main thread | longest task, ms |',
    '|---:|---|---|---:|---:|---:|---:|',
    ...motion.map((at) =>
      row(
        whole(at.nodes),
        at.renderer,
        at.act,
        at.drawn,
        at.dropped,
        percent(at.mainShare, 0),
        at.longestMs.toFixed(1),
      ),
    ),
    '',
    '### The product’s own page, live',
    '',
    `The host page of a hub whose agent plays a recording of a generated tree: a window a second, of which the last 30 s are summed to ${whole(product.nodes)} nodes. All panels are on it: answer, strip, tables, graph, details. Main thread is all that it did in each of ${product.seconds} s.`,
    '',
    '| main thread, ms a second | on CPU, ms | longest task, ms |',
    '|---:|---:|---:|',
    row(spread(product.main, 1), spread(product.cpu, 1), spread(product.longestTask, 1)),
    '',
  ];
}

function machineLines() {
  const model = /^model name\s*:\s*(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? process.arch;
  return [
    `Machine: ${cpus().length} × ${model}, ${(totalmem() / 2 ** 30).toFixed(0)} GiB, Linux ${release()}; ${new Date().toISOString().slice(0, 10)}.`,
    '',
    `Versions: Node ${process.versions.node}, libbpf ${libbpfVersion()}, clang ${clangVersion()}, libbpf-tools ${packageVersion('libbpf-tools')}, redis ${packageVersion('redis-server')}.`,
  ];
}

function clangVersion() {
  return /version (\S+)/.exec(outputOf('clang', ['--version']) ?? '')?.[1] ?? 'unknown';
}

function packageVersion(name) {
  // NAME, a tab, VERSION
  return outputOf('dpkg-query', ['--show', name])?.split('\t')[1] ?? 'of unknown version';
}

function outputOf(command, args) {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // Not a Debian, or not from a package: the table says so.
    return undefined;
  }
}

function row(...cells) {
  return `| ${cells.join(' | ')} |`;
}

function spread({ median, q1, q3 }, digits) {
  return `${median.toFixed(digits)} (${q1.toFixed(digits)}–${q3.toFixed(digits)})`;
}

function percent(share, digits) {
  return `${(100 * share).toFixed(digits)} %`;
}

function whole(count) {
  return Math.round(count).toLocaleString('en');
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function duration(ns) {
  if (ns === 0) return '0';
  const [scale, unit] = ns >= 1e6 ? [1e6, 'ms'] : [1e3, 'µs'];
  return `${Number((ns / scale).toPrecision(3))} ${unit}`;
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}
