/**
 * Owns the flags and the help of `convert` and `diff`, which read files of profiles and write other ones.
 * As command-line.ts has it: it runs nothing itself.
 */
import {
  DIFF_FORMATS,
  type DiffFormat,
  FOLDED_UNITS,
  type FoldedUnit,
  OUTPUT_FORMATS,
  type OutputFormat,
} from '@stallscope/formats/names';
import { DIFF_WIDTHS, type DiffWidth } from '@stallscope/profile';
import { type Command, Option } from 'commander';
import { oneOf } from '../flag-values.js';
import {
  commOption,
  kindOption,
  pidOption,
  stateOption,
  tidOption,
  toViewFlags,
  type ViewFlags,
  viewOption,
} from '../view-flags.js';
import { groupByOption, whoOptions } from '../who-flags.js';

/** What is taken of a file. */
export interface InputFlags {
  view: ViewFlags;
  /** Flags of the view that were given: only files of ours have views. */
  viewFlagsGiven: string[];
  /** Name of a value type; absent takes the file's own default. */
  value?: string;
  /** Which of a file's profiles: its number from 1, or its name. */
  profile?: string;
  foldedUnit: FoldedUnit;
}

export interface ConvertFlags extends InputFlags {
  /** A path, or `-` for stdin. */
  file: string;
  format: OutputFormat;
  title?: string;
  output?: string;
  annotated?: boolean;
}

export interface DiffFlags extends InputFlags {
  before: string;
  after: string;
  format: DiffFormat;
  normalise: boolean;
  width: DiffWidth;
  output?: string;
}

const FORMAT_HELP =
  'folded: `frame;frame;… number`. pprof, speedscope, firefox, otlp: for those tools. svg: a picture. html: one page to explore, without a network. json: stacks with roles and numbers. stallscope: our own, which keeps all';

export function formatOption(): Option {
  return new Option('--format <format>', FORMAT_HELP).argParser(oneOf(OUTPUT_FORMATS)).default('folded');
}

export function annotatedOption(): Option {
  return new Option(
    '--annotated',
    'in folded stacks mark frames of the kernel _[k], of a JIT _[j] and inlined ones _[i], which flamegraph.pl --color=java colours by',
  );
}

export function addConvert(program: Command, convert: (flags: ConvertFlags) => Promise<void>): void {
  const command = program
    .command('convert')
    .summary('write a profile file in another format')
    .description(
      'Reads a profile of any tool, whose kind is told by what is in it, and writes it for another. What the format cannot carry is said on stderr. Needs no permission.',
    )
    .argument('<file>', 'the profile; - reads stdin')
    .addOption(formatOption())
    .addOption(annotatedOption())
    .option('-o, --output <file>', 'write to a file, which appears when it is whole (default: stdout)')
    .option('--title <text>', 'what the profile is called (default: what the file says, or its name)');
  for (const option of inputOptions()) command.addOption(option);
  command
    .addHelpText(
      'after',
      `
Reads folded stacks, pprof, perf script, speedscope, Firefox Profiler, Chrome cpuprofile and trace, OTLP profiles and
stallscope files, each also as gzip. A file of ours is written in one view (--view), which the filters narrow.

Examples:
  stallscope convert busy-host.stallscope --view chain --format html -o chain.html
  stallscope convert busy-host.stallscope --format pprof -o waits.pb.gz
  go tool pprof -tagfocus waker=redis-server -top waits.pb.gz
  perf script | stallscope convert - --format speedscope -o cpu.speedscope.json
  stallscope convert cpu.pb.gz --value cpu | flamegraph.pl > cpu.svg`,
    )
    .action((file, options) =>
      convert({
        file,
        format: options.format,
        ...inputFlags(command, options),
        ...(options.title !== undefined && { title: options.title }),
        ...(options.annotated === true && { annotated: true }),
        ...(options.output !== undefined && { output: options.output }),
      }),
    );
}

export function addDiff(program: Command, diff: (flags: DiffFlags) => Promise<void>): void {
  const command = program
    .command('diff')
    .summary('what grew and what shrank between two profiles')
    .description(
      'Compares two profiles of any format, the earlier one first. By default it prints what grew most and what shrank most. Needs no permission.',
    )
    .argument('<before>', 'the profile to compare with; - reads stdin')
    .argument('<after>', 'the profile that is asked about; - reads stdin')
    .addOption(
      new Option(
        '--format <format>',
        'table: functions by change. folded: `stack before after`, as difffolded.pl. json: functions and stacks with both numbers. svg, html: one graph, red what grew, blue what shrank',
      )
        .argParser(oneOf(DIFF_FORMATS))
        .default('table'),
    )
    .option('-o, --output <file>', 'write to a file, which appears when it is whole (default: stdout)')
    .option(
      '--normalise',
      'scale before to the total of after: where the shares moved, of two spans or loads that are not alike',
      false,
    )
    .addOption(
      new Option('--width <whose>', 'of svg and html: boxes as wide as after, before, or the larger of both')
        .argParser(oneOf(DIFF_WIDTHS))
        .default('after'),
    );
  for (const option of inputOptions()) command.addOption(option);
  command
    .addHelpText(
      'after',
      `
Examples:
  stallscope diff monday.stallscope friday.stallscope
  stallscope diff before.folded after.folded --format folded | flamegraph.pl > grew.svg
  stallscope diff a.stallscope b.stallscope --view chain --normalise --format html -o diff.html`,
    )
    .action((before, after, options) =>
      diff({
        before,
        after,
        format: options.format,
        normalise: options.normalise,
        width: options.width,
        ...inputFlags(command, options),
        ...(options.output !== undefined && { output: options.output }),
      }),
    );
}

function inputOptions(): Option[] {
  return [
    viewOption(' (default: off-cpu)'),
    kindOption(' (default: blocked)'),
    stateOption(),
    pidOption(),
    tidOption(),
    commOption(),
    groupByOption(),
    ...whoOptions(),
    new Option(
      '--value <type>',
      'which of the numbers of a profile from elsewhere, by its name, such as alloc_space',
    ),
    new Option(
      '--profile <n|name>',
      'which profile of a file that has several: its number from 1, or its name',
    ),
    new Option(
      '--folded-unit <unit>',
      'what the numbers of folded stacks are, which such a file does not say',
    )
      .argParser(oneOf(FOLDED_UNITS))
      .default('count'),
  ];
}

const VIEW_FLAGS = [
  ...['view', 'kind', 'state', 'pid', 'tid', 'comm'],
  ...['groupBy', 'user', 'container', 'runtime', 'pod', 'unit', 'parent', 'command'],
] as const;

function inputFlags(
  command: Command,
  options: Parameters<typeof toViewFlags>[1] & Record<string, unknown>,
): InputFlags {
  return {
    view: toViewFlags(command, options),
    viewFlagsGiven: VIEW_FLAGS.filter((flag) => options[flag] !== undefined).map(
      (flag) => `--${flag.replace('groupBy', 'group-by')}`,
    ),
    foldedUnit: options.foldedUnit as FoldedUnit,
    ...(options.value !== undefined && { value: options.value as string }),
    ...(options.profile !== undefined && { profile: options.profile as string }),
  };
}
