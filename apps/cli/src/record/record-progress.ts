/**
 * Owns what a recording says on stderr while data goes to stdout: a live line on a terminal, else one line at the
 * start and one at the end. The last line always has the loss and the sampled share of exact.
 *
 *     off-cpu · 5.0 s · 41.2 s waited · sampled 99.6 % ± 0.8 of exact · 0 lost · 3.2 % of frames unnamed
 */
import { cpuSampleWords, LOSSES, lifeWords, rowCount } from '@stallscope/profile';
import { describeFailure } from '../command-error.js';
import { formatNs } from '../duration.js';
import { inlineLine } from './inline-line.js';
import { lossLine } from './loss-words.js';
import type { Recording, RecordOptions } from './record.js';
import { unnamedLines } from './unnamed-lines.js';

export interface Terminal {
  isTTY?: boolean;
  write(text: string): unknown;
}

const CLEAR_LINE = '\r\u001b[K';

export class RecordProgress {
  /** @param isFiltered whether only some threads of the host are recorded, so that not every loss is theirs */
  constructor(
    private readonly terminal: Terminal,
    private readonly isFiltered: boolean,
  ) {}

  started(options: RecordOptions): void {
    const sampling = options.tauNs === 0 ? 'every interval' : `sampled below ${formatNs(options.tauNs)}`;
    const what =
      options.view === 'wall'
        ? `all that threads did; CPUs ${options.cpuHz} times a second, waits ${sampling}`
        : options.view === 'cpu'
          ? `${options.cpuHz} samples a second`
          : `${options.kinds.join(', ')}; ${sampling}`;
    this.terminal.write(
      `recording ${options.view} for ${formatNs(options.durationNs)} (${what}); Ctrl-C ends early and still prints\n`,
    );
  }

  window(recording: Recording): void {
    if (this.terminal.isTTY) this.terminal.write(`${CLEAR_LINE}${summaryLine(recording)}`);
  }

  ended(recording: Recording): void {
    if (this.terminal.isTTY) this.terminal.write(CLEAR_LINE);
    if (recording.failure !== undefined) this.terminal.write(describeFailure(recording.failure));
    const [unnamed, ...reasons] = unnamedLines(recording);
    const parts = [summaryLine(recording), unnamed, recording.wasInterrupted && 'ended early'];
    this.terminal.write(`${parts.filter(Boolean).join(' · ')}\n`);
    for (const loss of LOSSES) {
      const count = recording.losses[loss] ?? 0;
      if (count > 0) this.terminal.write(`  ${lossLine(loss, count, this.isFiltered)}\n`);
    }
    // The governor bounds the capturing of waits, of which this view shows none.
    if (recording.governed && recording.query.view !== 'cpu') {
      this.terminal.write(
        `  the governor raised τ to ${formatNs(recording.tauNs)} to keep the cost of tracing bounded\n`,
      );
    }
    if (recording.inlines !== undefined) this.terminal.write(`  ${inlineLine(recording.inlines)}\n`);
    for (const line of reasons) this.terminal.write(`  ${line}\n`);
    if (rowCount(recording.rows) === 0) this.terminal.write(`  ${nothingSeen(recording)}\n`);
  }
}

export function summaryLine(recording: Recording): string {
  const { totals } = recording;
  const isCpu = recording.query.view === 'cpu';
  const isWall = recording.query.view === 'wall';
  return [
    recording.query.view,
    formatNs(Math.max(0, recording.durationMs) * 1e6),
    ...(isWall
      ? [lifeWords(recording.life, totals.sampledNs)]
      : isCpu
        ? [`${formatNs(totals.sampledNs)} on CPU`, cpuSampleWords(totals), exactOnCpu(recording)]
        : [`${formatNs(totals.exactNs ?? totals.sampledNs)} waited`, sampledShare(recording)]),
    `${lostCount(recording)} lost`,
  ].join(' · ');
}

function sampledShare({ totals }: Recording): string {
  if (totals.exactNs === undefined) return 'no exact count of this selection';
  if (totals.ratio === undefined) return 'nothing to compare yet';
  const percent = (totals.ratio * 100).toFixed(1);
  return `sampled ${percent} % ± ${((totals.ratioError ?? 0) * 100).toFixed(1)} of exact`;
}

/** The control: the scheduler counts what each thread ran, without a sample. */
function exactOnCpu({ totals: { exactNs } }: Recording): string {
  return exactNs === undefined ? 'no exact count of this selection' : `exact ${formatNs(exactNs)}`;
}

function lostCount({ losses }: Recording): number {
  return Object.values(losses).reduce((sum, count) => sum + count, 0);
}

function nothingSeen({ openWaits, query }: Recording): string {
  if (query.view === 'wall') return 'no thread that was asked for lived in this time';
  if (query.view === 'cpu') return 'no sample found what was asked for on a CPU in this time';
  const open = openWaits.tid.length;
  return open === 0
    ? 'nothing that was asked for ended a wait in this time'
    : `no wait ended in this time, but ${open} thread${open === 1 ? ' was' : 's were'} waiting all along: a wait is charged when it ends`;
}
