/** Owns the command line of `heatmap`: its flags, what they mean, and what cannot be meant. */
import { HEATMAP_NAMES, type HeatmapName } from '@stallscope/latency';
import { type Command, Option } from 'commander';
import { durationNs, oneOf, wholeNumber } from '../flag-values.js';
import { findNearest } from '../nearest.js';
import { commOption, pidOption } from '../view-flags.js';
import { GROUPINGS, type Grouping } from './latency-sum.js';

export interface HeatmapFlags {
  /** undefined with `list`. */
  name?: HeatmapName;
  list: boolean;
  durationNs: number;
  tgids?: number[];
  comm?: string;
  /** undefined: what suits the heatmap. */
  by?: Grouping;
  operation?: string;
  milliseconds: boolean;
  /** Tables shown; 0: all. */
  top: number;
  json: boolean;
}

const MIN_NS = 50e6;
/** A night. */
const MAX_NS = 12 * 3600e9;
const DEFAULT_TOP = 10;
const MAX_TOP = 100_000;

export function addHeatmap(program: Command, run: (flags: HeatmapFlags) => Promise<void>): void {
  const command = program
    .command('heatmap')
    .summary('count how long operations take: run queue, disks, system calls, DNS, …')
    .description(
      'Counts in the kernel how long operations take, every one of them, and prints the histogram as the bcc tool of that kind does, with percentiles. The data goes to stdout. --list says what can be counted.',
    )
    .argument('[name]', `${HEATMAP_NAMES.join(', ')}`)
    .option('--list', 'print what can be counted, and stop; needs no permission', false)
    .addOption(
      new Option('--duration <time>', 'how long; a bare number is seconds')
        .argParser(durationNs(MIN_NS, MAX_NS, true))
        .default(10e9, '10'),
    )
    .addOption(pidOption())
    .addOption(commOption())
    .addOption(
      new Option(
        '--by <what>',
        'a histogram each: operation (with its disk), process, thread; none: one for all (default: none of offcpu, wakelat and runqlat, a line an operation of syscalls, operation of the others)',
      ).argParser(oneOf(GROUPINGS)),
    )
    .option('--operation <name>', 'only this: write, openat, refused, getaddrinfo, …')
    .option('-m, --milliseconds', 'tables in milliseconds instead of microseconds', false)
    .addOption(
      new Option('--top <count>', 'how many histograms or lines at most, the fullest first; 0: all')
        .argParser(wholeNumber(0, MAX_TOP, 'a number of histograms'))
        .default(DEFAULT_TOP),
    )
    .option('--json', 'one JSON object, with buckets of a quarter octave', false)
    .addHelpText(
      'after',
      `
Rows of a table are powers of two, as those of runqlat, biolatency and ext4dist. What is counted has four buckets in each,
19 % wide: percentiles are of those. Ctrl-C ends early and prints what there is.

JSON is one object:
  { format, version, heatmap, startedAt, durationMs, endedEarly, count, route, losses: { name: count },
    groups: [ { operation, target, tgid, tid, comm,            as grouped
                count,
                percentiles: [ { share, aboutNs, fromNs, toNs } ],
                buckets: [ { fromNs, toNs, count } ] } ] }      toNs null: it has no end

Examples:
  sudo stallscope heatmap runqlat --duration 10
  sudo stallscope heatmap biolatency                          by disk and operation
  sudo stallscope heatmap syscalls --pid 4242 --operation fsync
  sudo stallscope heatmap tcpconnect --by process
  sudo stallscope heatmap dns --json | jq '.groups[].percentiles'`,
    );
  command.action((name: string | undefined, options) => {
    const known = HEATMAP_NAMES.find((one) => one === name);
    if (known === undefined && (name !== undefined || !options.list)) command.error(nameFault(name));
    return run({
      ...(known !== undefined && { name: known }),
      list: options.list,
      durationNs: options.duration,
      ...(options.pid && { tgids: options.pid }),
      ...(options.comm !== undefined && { comm: options.comm }),
      ...(options.by !== undefined && { by: options.by }),
      ...(options.operation !== undefined && { operation: options.operation }),
      milliseconds: options.milliseconds,
      top: options.top,
      json: options.json,
    });
  });
}

function nameFault(name: string | undefined): string {
  const accepted = `Accepted: ${HEATMAP_NAMES.join(', ')}.`;
  if (name === undefined) return `error: heatmap needs a name. ${accepted}`;
  const nearest = findNearest(name, HEATMAP_NAMES);
  const guess = nearest === undefined ? '' : ` (Did you mean ${nearest}?)`;
  return `error: there is no heatmap ${name}. ${accepted}${guess}`;
}
