/** `stallscope record`: from flags to data on stdout or in a file. */
import { hostname } from 'node:os';
import type { WrittenProfile } from '@stallscope/formats';
import type { OutputFormat, SampleOutputFormat } from '@stallscope/formats/names';
import { selectedKinds, toFolded, type View } from '@stallscope/profile';
import type { Collectible } from '@stallscope/protocol';
import { CommandError } from '../command-error.js';
import type { RecordFlags } from '../command-line.js';
import { assertShowable, deliver } from '../convert/written-output.js';
import { missingMeans } from '../doctor/means.js';
import { formatNs } from '../duration.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { Interrupts, pause } from '../interrupts.js';
import { openDataOutput } from './data-output.js';
import { type Collector, type Recording, type RecordOptions, record } from './record.js';
import { RecordProgress } from './record-progress.js';
import { assertTargetsExist } from './record-targets.js';
import { RecordedWindows } from './recorded-windows.js';

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
  // Before anything is measured: an hour of tracing must not end in a refusal.
  if (!isText(flags.format)) assertShowable(BINARY, flags.output, process);
  const output = await openDataOutput(flags.output, process.stdout);
  const progress = new RecordProgress(process.stderr, choosesThreads(options));
  const interrupts = new Interrupts();
  const windows = flags.format === 'stallscope' ? new RecordedWindows() : undefined;
  try {
    const collector = await openCollector(options, flags.format, flags.with ?? []);
    progress.started(options);
    const recording = await record(options, {
      collector,
      nowMs: Date.now,
      pause,
      interrupted:
        windows === undefined ? interrupts.first : AbortSignal.any([interrupts.first, windows.full]),
      ...(windows !== undefined && { onWindow: windows.add.bind(windows) }),
      onProgress: (sofar) => progress.window(sofar),
    });
    const written =
      windows === undefined
        ? await toWritten(recording, flags.format as SampleOutputFormat, {
            annotated: flags.annotated === true,
          })
        : await windows.toWritten(recording);
    await deliver(written, flags.output, output, process);
    progress.ended(recording);
    return recording.failure === undefined ? EXIT.ok : EXIT.failed;
  } catch (error) {
    await output.discard();
    throw error;
  } finally {
    interrupts.close();
  }
}

/** What a terminal is told of formats that it cannot show. */
const BINARY = { mediaType: 'application/octet-stream', extension: '' };

function isText(format: OutputFormat): boolean {
  return format === 'folded' || format === 'json';
}

/** Flags to what they mean. `--min-block` and `--state` leave out in the kernel, `--exact` is τ = 0. */
export function toRecordOptions(flags: RecordFlags): RecordOptions {
  const { tgids, tids, comm, cgroupPath, states, minIntervalNs, kinds } = flags;
  return {
    view: flags.view,
    kinds,
    durationNs: flags.durationNs,
    tauNs: flags.tauNs,
    asksJava: flags.asksJava,
    showsInlined: flags.showsInlined,
    commandLine: flags.commandLine,
    ...(flags.groupBy !== undefined && { groupBy: flags.groupBy }),
    ...(flags.who !== undefined && { who: flags.who }),
    cpuHz: flags.view === 'cpu' || flags.view === 'wall' || flags.format === 'stallscope' ? flags.cpuHz : 0,
    filter: {
      // The exact counters go on; no stack of a wait is taken that nobody looks at.
      kinds: flags.view === 'cpu' && flags.format !== 'stallscope' ? [] : kinds,
      ...(tgids && { tgids }),
      ...(tids && { tids }),
      ...(comm !== undefined && { comm }),
      ...(cgroupPath !== undefined && { cgroupPath }),
      ...(states && { states }),
      ...(minIntervalNs !== undefined && { minIntervalNs }),
    },
  };
}

/** Whoever asks for folded stacks knows what they are; only time that is in none of the lines is news. */
function toFoldedFile({ tables, rows, query }: Recording): WrittenProfile {
  const { lines, droppedNs } = toFolded(tables, rows, query);
  return {
    bytes: new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')),
    mediaType: 'text/plain; charset=utf-8',
    extension: '.folded',
    lost: droppedNs > 0 ? [`Stacks below half a microsecond, ${formatNs(droppedNs)} together.`] : [],
  };
}

/** Formats in which each wait has its wakers, whatever the view. */
const NAMES_WAKERS: ReadonlySet<OutputFormat> = new Set<OutputFormat>([
  'pprof',
  'firefox',
  'otlp',
  'stallscope',
]);

function choosesThreads({ filter: { tgids, tids, comm, cgroupPath }, who }: RecordOptions): boolean {
  return [tgids, tids, comm, cgroupPath, who].some((choice) => choice !== undefined);
}

/** The view of a recording in a format of one view. */
export async function toWritten(
  recording: Recording,
  format: SampleOutputFormat,
  { hostName = hostname(), annotated = false } = {},
): Promise<WrittenProfile> {
  const { tables, rows, query, totals, losses, hints, tauNs, governed, startedAtMs, durationMs } = recording;
  if (format === 'folded' && !annotated) return toFoldedFile(recording);
  const { rowsToSamples, writeProfile } = await import('@stallscope/formats');
  const samples = rowsToSamples(tables, rows, query, {
    title: `${hostName} ${query.view}`,
    startMs: startedAtMs,
    durationNs: durationMs * 1e6,
  });
  const { view } = query;
  const facts = { hostName, view, kinds: selectedKinds(query), tauNs, governed, totals, losses, hints };
  return writeProfile(samples, format, { facts, annotated });
}

/** A file of ours has all views, whichever is asked for now. */
function showsWakers(view: View, format: OutputFormat): boolean {
  if (format === 'stallscope') return true;
  return view !== 'cpu' && view !== 'wall' && (view !== 'off-cpu' || NAMES_WAKERS.has(format));
}

async function openCollector(
  options: RecordOptions,
  format: OutputFormat,
  wants: readonly Collectible[],
): Promise<Collector> {
  // Loaded here, so that help and mistyped flags do not wait for libbpf.
  const { SchedCollector } = await import('@stallscope/agent');
  return SchedCollector.open({
    tauNs: options.tauNs,
    asksJava: options.asksJava,
    showsInlined: options.showsInlined,
    ...(options.commandLine !== undefined && { commandLine: options.commandLine }),
    filter: options.filter,
    excludeTgids: [process.pid],
    // Who woke whom costs a stack a wake; this view does not show it, but some formats have it beside each wait.
    collectWakers: showsWakers(options.view, format),
    collectChains:
      options.view === 'chain' || (showsWakers(options.view, format) && NAMES_WAKERS.has(format)),
    cpuHz: options.cpuHz,
    collected: new Set<Collectible>(options.cpuHz > 0 ? ['cpu', ...wants] : wants),
  });
}
