/** `stallscope record`: from flags to data on stdout or in a file. */
import { toFolded } from '@stallscope/profile';
import { CommandError } from '../command-error.js';
import type { RecordFlags } from '../command-line.js';
import { missingMeans } from '../doctor/means.js';
import { formatNs } from '../duration.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { Interrupts, pause } from '../interrupts.js';
import { openDataOutput } from './data-output.js';
import { toProfileJson } from './profile-json.js';
import { type Collector, type Recording, type RecordOptions, record } from './record.js';
import { RecordProgress } from './record-progress.js';
import { assertTargetsExist } from './record-targets.js';

export async function recordCommand(flags: RecordFlags): Promise<ExitCode> {
  const options = toRecordOptions(flags);
  const missing = missingMeans();
  if (missing.length > 0) {
    throw new CommandError(
      `record: this host does not let it trace\n${missing.map(({ name, detail }) => `  ${name}: ${detail}`).join('\n')}`,
      `${missing.map(({ remedy }) => remedy).join('\n')}\nstallscope doctor shows all that matters.`,
    );
  }
  await assertTargetsExist(options.filter);
  const output = await openDataOutput(flags.output, process.stdout);
  const progress = new RecordProgress(process.stderr, choosesThreads(options));
  const interrupts = new Interrupts();
  try {
    const collector = await openCollector(options);
    progress.started(options);
    const recording = await record(options, {
      collector,
      nowMs: Date.now,
      pause,
      interrupted: interrupts.first,
      onProgress: (sofar) => progress.window(sofar),
    });
    await output.write(toText(recording, flags.format));
    progress.ended(recording);
    return recording.failure === undefined ? EXIT.ok : EXIT.failed;
  } catch (error) {
    await output.discard();
    throw error;
  } finally {
    interrupts.close();
  }
}

/** Flags to what they mean. `--min-block` and `--state` leave out in the kernel, `--exact` is τ = 0. */
export function toRecordOptions(flags: RecordFlags): RecordOptions {
  const { tgids, tids, comm, cgroupPath, states, minIntervalNs, kinds } = flags;
  return {
    view: flags.view,
    kinds,
    durationNs: flags.durationNs,
    tauNs: flags.tauNs,
    filter: {
      kinds,
      ...(tgids && { tgids }),
      ...(tids && { tids }),
      ...(comm !== undefined && { comm }),
      ...(cgroupPath !== undefined && { cgroupPath }),
      ...(states && { states }),
      ...(minIntervalNs !== undefined && { minIntervalNs }),
    },
  };
}

function choosesThreads({ filter: { tgids, tids, comm, cgroupPath } }: RecordOptions): boolean {
  return [tgids, tids, comm, cgroupPath].some((choice) => choice !== undefined);
}

export function toText(recording: Recording, format: RecordFlags['format']): string {
  if (format === 'json') return `${JSON.stringify(toProfileJson(recording))}\n`;
  const { lines, droppedNs } = toFolded(recording.tables, recording.rows, recording.query);
  if (droppedNs > 0) {
    process.stderr.write(`  left out: stacks below half a microsecond, ${formatNs(droppedNs)} together\n`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

async function openCollector(options: RecordOptions): Promise<Collector> {
  // Loaded here, so that help and mistyped flags do not wait for libbpf.
  const { SchedCollector } = await import('@stallscope/agent');
  return SchedCollector.open({
    tauNs: options.tauNs,
    filter: options.filter,
    excludeTgids: [process.pid],
    // Who woke whom costs a stack a wake, and this view does not show it.
    collectWakers: options.view !== 'off-cpu',
    collectChains: options.view === 'chain',
  });
}
