/**
 * `npm run bench`: measures the probe, the agent, the viewer and their peers side by side in one run, and writes BENCHMARKS.md.
 *
 *     npm run bench                    all of it, about 20 minutes
 *     npm run bench -- kernel agent    these sections only: prints them, writes nothing
 *     npm run bench -- --short         everything once and small, to see that it works: writes nothing
 *
 * Every number is checked to be one before it is published; a section that fails fails the bench. Ctrl-C ends all that
 * was started; nothing of the host is changed that would have to be put back.
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { probeBpf } from '@stallscope/libbpf';
import { measureAccuracy } from './accuracy.mjs';
import { measureAgentCost } from './agent-cost.mjs';
import { stopAllChildren } from './children.mjs';
import { measureCpuSampling } from './cpu-sampling.mjs';
import { measureGovernor } from './governor-storm.mjs';
import { measureKernelCost } from './kernel-cost.mjs';
import { measureLatencyCost } from './latency-cost.mjs';
import { measureNames } from './names.mjs';
import { measureProgramTime } from './program-time.mjs';
import { toMarkdown } from './report.mjs';
import { complaintsAbout } from './soundness.mjs';
import { measureViewer } from './viewer.mjs';

const SECTIONS = {
  kernel: measureKernelCost,
  programs: measureProgramTime,
  sampling: measureCpuSampling,
  latency: measureLatencyCost,
  agent: measureAgentCost,
  governor: measureGovernor,
  accuracy: measureAccuracy,
  names: measureNames,
  viewer: measureViewer,
};
/** As test runners have it that may skip: apps/cli/setup/test.mjs counts it as skipped. */
const CANNOT_MEASURE = 77;
/** As a shell has it: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const args = process.argv.slice(2);
const isShort = args.includes('--short');
const chosen = args.filter((arg) => arg !== '--short');
const say = (line) => console.log(line);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    say(`bench: ${signal}, stopping what was started`);
    void stopAllChildren().finally(() => process.exit(INTERRUPTED));
  });
}
process.exitCode = await bench();

async function bench() {
  const unknown = chosen.filter((name) => !Object.hasOwn(SECTIONS, name));
  if (unknown.length > 0) {
    console.error(
      `bench: nothing is called ${unknown.join(', ')}; there are ${Object.keys(SECTIONS).join(', ')} and --short`,
    );
    return 2;
  }
  const access = probeBpf();
  if (process.getuid?.() !== 0 || !access.ok) {
    const cause = access.ok ? 'it needs root; run: sudo npm run bench' : access.cause;
    console.error(`bench: cannot measure here: ${cause}`);
    return CANNOT_MEASURE;
  }
  const results = {};
  try {
    for (const [name, measure] of Object.entries(SECTIONS)) {
      if (chosen.length > 0 && !chosen.includes(name)) continue;
      say(`${name}:`);
      results[name] = await measure({ isShort, say });
    }
  } catch (error) {
    console.error(`bench: ${error.stack}`);
    return 1;
  } finally {
    await stopAllChildren();
  }
  const complaints = complaintsAbout(results);
  const text = toMarkdown(results);
  say(`\n${text}`);
  for (const complaint of complaints) console.error(`bench: ${complaint}`);
  if (complaints.length > 0) return 1;
  if (isShort) say('bench: a short run says nothing of cost; BENCHMARKS.md is left as it is');
  else if (chosen.length > 0) say('bench: a part only; BENCHMARKS.md is left as it is');
  else writeFileSync(join(root, 'BENCHMARKS.md'), text);
  say(`bench: ${Object.keys(results).join(', ')} complete`);
  return 0;
}
