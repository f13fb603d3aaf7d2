/** `stallscope heatmap`: from flags to a histogram on stdout. */
import { type HeatmapKind, heatmapOf } from '@stallscope/latency';
import { KINDS } from '@stallscope/profile';
import { CommandError, describeFailure } from '../command-error.js';
import { missingMeans } from '../doctor/means.js';
import { formatNs } from '../duration.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { Interrupts, pause } from '../interrupts.js';
import { openDataOutput } from '../record/data-output.js';
import { assertTargetsExist } from '../record/record-targets.js';
import { toHeatmapJson } from './heatmap-json.js';
import type { HeatmapFlags } from './heatmap-line.js';
import { toHeatmapList } from './heatmap-list.js';
import { runHeatmap } from './heatmap-run.js';
import { toHeatmapText } from './heatmap-text.js';
import type { Grouping } from './latency-sum.js';

/** The highest that the probe takes: MAX_TAU_NS of probes/sched/sched.h. */
const MAX_TAU_NS = 100_000_000;

export async function heatmapCommand(flags: HeatmapFlags): Promise<ExitCode> {
  const output = await openDataOutput(undefined, process.stdout);
  if (flags.list || flags.name === undefined) {
    await output.write(toHeatmapList());
    return EXIT.ok;
  }
  const kind = heatmapOf(flags.name);
  const missing = missingMeans();
  if (missing.length > 0) {
    throw new CommandError(
      `heatmap: this host does not let it trace\n${missing.map(({ name, detail }) => `  ${name}: ${detail}`).join('\n')}`,
      `${missing.map(({ remedy }) => remedy).join('\n')}\nstallscope doctor shows all that matters.`,
    );
  }
  const filter = {
    // Of other kinds no wait is looked at; lengths are counted of those that are.
    kinds: KINDS.filter((name) => kind.probe === 'lengths' && kind.operations?.includes(name)),
    ...(flags.tgids && { tgids: flags.tgids }),
    ...(flags.comm !== undefined && { comm: flags.comm }),
  };
  await assertTargetsExist(filter);
  const interrupts = new Interrupts();
  try {
    const { SchedCollector } = await import('@stallscope/agent');
    const collector = await SchedCollector.open({
      // Lengths are exact whatever it is; nobody looks at a stack, so as few are taken as can be.
      tauNs: MAX_TAU_NS,
      filter,
      excludeTgids: [process.pid],
      collectWakers: false,
      collectChains: false,
      asksJava: false,
    });
    const result = await runHeatmap(
      {
        kind,
        by: flags.by ?? defaultGrouping(kind),
        ...(flags.operation !== undefined && { operation: flags.operation }),
        durationNs: flags.durationNs,
        showsOverview: flags.by === undefined && flags.operation === undefined && hasManyOperations(kind),
      },
      {
        collector,
        nowMs: Date.now,
        pause,
        interrupted: interrupts.first,
        onStarted: () =>
          process.stderr.write(
            `counting ${kind.name} for ${formatNs(flags.durationNs)}; Ctrl-C ends early and still prints\n`,
          ),
      },
    );
    const isFiltered = flags.tgids !== undefined || flags.comm !== undefined;
    await output.write(
      flags.json
        ? toHeatmapJson(result)
        : toHeatmapText(result, flags.milliseconds ? 'ms' : 'us', flags.top, isFiltered),
    );
    if (result.failure === undefined) return EXIT.ok;
    process.stderr.write(describeFailure(result.failure));
    return EXIT.failed;
  } finally {
    interrupts.close();
  }
}

/** As the bcc tool of that kind prints it without a flag; biolatency by disk and operation. */
function defaultGrouping(kind: HeatmapKind): Grouping {
  return kind.probe === 'lengths' ? 'none' : 'operation';
}

function hasManyOperations(kind: HeatmapKind): boolean {
  return kind.name === 'syscalls';
}
