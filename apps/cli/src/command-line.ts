/**
 * Owns the command line: every command, flag and help text, and how flags become typed options. It runs nothing
 * itself: `Actions` are handed in, so that all of it can be tested without a kernel or a socket.
 *
 * A flag's help says its unit, its default and what the number means; every refusal names flag, value and what is
 * accepted.
 */
import type { OutputFormat } from '@stallscope/formats/names';
import type { WindowLengthMs } from '@stallscope/protocol';
import { COLLECTIBLES, type Collectible, DEFAULT_HISTORY } from '@stallscope/protocol/collectibles';
import { Command, Option } from 'commander';
import {
  addConvert,
  addDiff,
  annotatedOption,
  type ConvertFlags,
  type DiffFlags,
  formatOption,
} from './convert/convert-line.js';
import { addDataOptions, type DataFlags, toDataFlags } from './data-flags.js';
import { EXIT } from './exit-codes.js';
import { durationNs, hubUrl, hubUrlFault, listOf, oneOf, wholeNumber } from './flag-values.js';
import { addHeatmap, type HeatmapFlags } from './heatmap/heatmap-line.js';
import { WITH_NAMES, withNames } from './record/with-names.js';
import {
  commOption,
  kindOption,
  pidOption,
  stateOption,
  tidOption,
  toViewFlags,
  type ViewFlags,
  viewOption,
} from './view-flags.js';
import { type CommandLineMode, commandLineOption, groupByOption, whoOptions } from './who-flags.js';

/** Window lengths that can be asked for. */
export type WindowMs = WindowLengthMs;

export interface UpFlags extends DataFlags {
  port: number;
  host: string;
  windowMs: WindowMs;
  tauNs: number;
  asksJava: boolean;
  /** Samples a second and CPU; 0: none. */
  cpuHz: number;
  /** What is collected whether or not a browser asks. */
  history: readonly Collectible[];
  commandLine: CommandLineMode;
  demo: boolean;
  agentTokenFile?: string;
  browserTokenFile?: string;
}

export interface AgentFlags {
  hub: string;
  windowMs: WindowMs;
  tauNs: number;
  asksJava: boolean;
  /** Samples a second and CPU; 0: none. */
  cpuHz: number;
  /** What is collected whether or not a browser asks. */
  history: readonly Collectible[];
  commandLine: CommandLineMode;
  tokenFile?: string;
  recording?: string;
}

export interface HubFlags extends DataFlags {
  port: number;
  host: string;
  retainMs: number;
  retainBytes: number;
  agentTokenFile?: string;
  browserTokenFile?: string;
  allowedOrigins: string[];
}

export interface RecordFlags extends ViewFlags {
  durationNs: number;
  tauNs: number;
  /** JVMs are asked for the names of what they compile. */
  asksJava: boolean;
  showsInlined: boolean;
  /** Samples a second and CPU, where what is recorded needs them. */
  cpuHz: number;
  commandLine: CommandLineMode;
  format: OutputFormat;
  /** Of folded stacks: marks behind the names of kernel, JIT and inlined frames. */
  annotated?: boolean;
  cgroupPath?: string;
  minIntervalNs?: number;
  /** Latencies and vitals that are recorded beside the waits. */
  with?: Collectible[];
  output?: string;
}

export interface OpenFlags {
  /** A path, or `-` for stdin. */
  file: string;
  port: number;
  browser: boolean;
}

export interface DoctorFlags {
  json: boolean;
}

export interface Actions {
  up(flags: UpFlags): Promise<void>;
  agent(flags: AgentFlags): Promise<void>;
  hub(flags: HubFlags): Promise<void>;
  record(flags: RecordFlags): Promise<void>;
  heatmap(flags: HeatmapFlags): Promise<void>;
  open(flags: OpenFlags): Promise<void>;
  convert(flags: ConvertFlags): Promise<void>;
  diff(flags: DiffFlags): Promise<void>;
  doctor(flags: DoctorFlags): Promise<void>;
}

/** Every block at least this long is captured, shorter ones in proportion: about 1 ms is what a reader can act on. */
export const DEFAULT_TAU_NS = 1_000_000;
/** MAX_TAU_NS of probes/sched/sched.h: above it the sums of variance could overflow. */
const MAX_TAU_NS = 100_000_000;
/** DEFAULT_CPU_HZ and MAX_CPU_HZ of the agent, which is not loaded for help and mistyped flags. */
export const DEFAULT_CPU_HZ = 99;
export const MAX_CPU_HZ = 1_000;
const DEFAULT_PORT = 7070;
const DEFAULT_RETAIN_MS = 15 * 60_000;
/** DEFAULT_RETAIN_BYTES of the hub, which is not loaded for help and mistyped flags. */
export const DEFAULT_RETAIN_MIB = 192;
/** Less does not hold one dictionary and a minute of windows of a busy host; more than the largest hosts have to spare. */
const MIN_RETAIN_MIB = 16;
const MAX_RETAIN_MIB = 65_536;
/** Long enough for a night; a recording's stacks are kept in memory until it ends. */
const MAX_RECORD_NS = 12 * 3600e9;
const MIN_RECORD_NS = 50e6;
/** WINDOW_LENGTHS_MS of packages/protocol, shortest first. */
const WINDOWS = { '250ms': 250, '500ms': 500, '1s': 1000, '2s': 2000, '5s': 5000 } as const;

export function buildProgram(version: string, actions: Actions): Command {
  const program = new Command('stallscope')
    .description(
      'Shows why hosts stall: CPU, off-CPU, wakeup, off-wake and chain flame graphs from the kernel, live or recorded.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help; also after a command')
    .helpCommand('help [command]', 'print the help of a command')
    .showHelpAfterError('(--help explains every flag)')
    .addHelpText(
      'after',
      `
Examples:
  sudo stallscope up                                    live UI of this host on http://127.0.0.1:${DEFAULT_PORT}
  stallscope up --demo                                  the same UI on a recording; needs no permission
  sudo stallscope record --comm mysqld --duration 10    folded stacks of what mysqld's threads waited for
  sudo stallscope record --view chain --pid 4242        who woke it, who woke the waker, and so on
  sudo stallscope heatmap biolatency --duration 10      how long the disks took, every request
  stallscope open profile.pb.gz                         any profile, of ours or of another tool, in the same UI
  stallscope convert a.stallscope --format pprof        the same for another tool
  stallscope diff monday.stallscope friday.stallscope   what grew most
  stallscope doctor                                     what this host allows, and what to do about the rest

Exit codes:
  ${EXIT.ok}    done, also when ended early by Ctrl-C
  ${EXIT.failed}    failed; the message says why and what to do
  ${EXIT.usage}    the command line was not understood
  ${EXIT.interruptedTwice}  interrupted twice, without an orderly end`,
    );

  addUp(program, actions);
  addRecord(program, actions);
  addHeatmap(program, actions.heatmap);
  addOpen(program, actions);
  addConvert(program, actions.convert);
  addDiff(program, actions.diff);
  addDoctor(program, actions);
  addAgent(program, actions);
  addHub(program, actions);
  return program;
}

function addUp(program: Command, actions: Actions): void {
  const command = program
    .command('up')
    .summary('agent, hub and UI of this host, with one command')
    .description(
      'Starts the agent, the hub and the UI of this host and prints the address to open. Only the agent stays root: the part that reads the network gives it up.',
    )
    .addOption(portOption())
    .addOption(hostOption())
    .addOption(windowOption())
    .addOption(tauOption())
    .addOption(exactOption())
    .addOption(noJavaPerfmapOption())
    .addOption(hzOption())
    .addOption(historyOption())
    .addOption(commandLineOption())
    .option('--demo', 'show a recording instead of this host; needs no permission', false);
  addDataOptions(command)
    .addOption(
      tokenFileOption('--agent-token-file <file>', 'agents of other hosts', 'STALLSCOPE_AGENT_TOKEN'),
    )
    .addOption(tokenFileOption('--browser-token-file <file>', 'browsers', 'STALLSCOPE_BROWSER_TOKEN'))
    .addHelpText(
      'after',
      `
An address other than loopback needs a browser token, and an agent token if agents of other hosts are to come.
A good token is 32 random bytes in hex: (umask 077; openssl rand -hex 32 > browser.token)

Examples:
  sudo stallscope up
  sudo stallscope up --port 8080 --window 250ms
  sudo stallscope up --host 0.0.0.0 --browser-token-file browser.token`,
    )
    .action((options) =>
      actions.up({
        port: options.port,
        host: options.host,
        windowMs: options.window,
        tauNs: options.exact ? 0 : options.tau,
        asksJava: options.javaPerfmap,
        cpuHz: options.hz,
        history: options.history,
        commandLine: options.cmdline,
        demo: options.demo,
        ...toDataFlags(options),
        ...tokens(options),
      }),
    );
}

function addRecord(program: Command, actions: Actions): void {
  const command = program
    .command('record')
    .summary('write what threads waited for, what they ran, or both, in any of the formats that tools read')
    .description(
      'Collects for a while and writes what was waited for, with --view cpu what ran, or with --view wall both; by default one line a stack: frames root first, then microseconds. Data goes to stdout or a file, progress to stderr. The filters choose whose waits are shown.',
    )
    .addOption(viewOption().default('off-cpu'))
    .addOption(
      new Option('--duration <time>', 'how long; a bare number is seconds')
        .argParser(durationNs(MIN_RECORD_NS, MAX_RECORD_NS, true))
        .default(5e9, '5'),
    )
    .addOption(pidOption())
    .addOption(tidOption())
    .addOption(commOption())
    .option('--cgroup <path>', 'only threads in this cgroup v2 folder or below it')
    .addOption(kindOption().default('blocked'))
    .addOption(stateOption())
    .addOption(
      new Option('--min-block <time>', 'leave out waits shorter than this, such as 1ms').argParser(
        durationNs(0, MAX_RECORD_NS, false),
      ),
    )
    .addOption(tauOption())
    .addOption(exactOption())
    .addOption(noJavaPerfmapOption())
    .option(
      '--inlines',
      'show functions that the compiler inlined as frames of their own, where there is debug information (-g, or a debug package)',
      false,
    )
    .addOption(hzOption(1, ', for the cpu view and for stallscope files'))
    .addOption(groupByOption())
    .addOption(commandLineOption())
    .addOption(formatOption())
    .addOption(annotatedOption())
    .addOption(
      new Option(
        '--with <names>',
        `record latencies and vitals too, for --format stallscope: ${WITH_NAMES.join(', ')}; several with commas`,
      ).argParser(withNames),
    )
    .option('-o, --output <file>', 'write to a file, which appears when it is whole (default: stdout)')
    .addHelpText(
      'after',
      `
The number on a line is microseconds of waiting summed over the threads that were chosen, so it can exceed the duration.
Only waits that ended in the time count, each with its whole length since tracing began.
With --view cpu it is microseconds on a CPU, samples × their period; waits and their flags do not matter there.
With --view wall it is microseconds of life within the time, whatever the thread was at: the kinds of a thread add up to it.
In a line \`-\` separates user from kernel frames, \`--\` a waker from what it woke.

JSON is one object:
  { format, version, view, startedAt, durationMs, tauNs, governed, kinds,
    totals: { sampledNs, standardErrorNs, exactNs,
              ratio, ratioError },                            sampledNs / exactNs ± one standard error, null without an exact count
    losses: { name: count },                                  empty when nothing was lost
    unnamed: { share, reasons: [ { reason, share, files,
                                   why, remedy } ] },         of the time in frames, how much has no function name
    hints: [ { tgid, name, hint, what, remedy } ],            processes whose frames could have better names
    stacks: [ { frames: [ { name, role, module, unnamed, kind } ], ns, count } ] }

Examples:
  sudo stallscope record --comm mysqld --duration 10 | flamegraph.pl --countname us > waits.svg
  sudo stallscope record --pid 4242 4243 --state D --min-block 1ms
  sudo stallscope record --kind all --exact --duration 10       comparable with offcputime
  sudo stallscope record --view chain --format html -o chain.html
  sudo stallscope record --view cpu --annotated | flamegraph.pl --color=java > cpu.svg
  sudo stallscope record --group-by unit --user postgres
  sudo stallscope record --view cpu --pid 4242 --inlines --format html -o cpu.html
  sudo stallscope record --format pprof -o waits.pb.gz       each wait with its wakers as labels
  sudo stallscope record --format stallscope -o busy-host.stallscope
                                                             every view of it, for stallscope open, convert and diff
  sudo stallscope record --format stallscope --with biolatency,vitals -o disk.stallscope
                                                             its latency heatmaps and vitals too`,
    );
  for (const option of whoOptions()) command.addOption(option);
  command.action((options) => {
    if (options.with !== undefined && options.format !== 'stallscope') {
      command.error(
        `error: --with: a file of format ${options.format} cannot hold latencies or vitals. Accepted with it: --format stallscope.`,
      );
    }
    return actions.record({
      ...toViewFlags(command, options),
      durationNs: options.duration,
      tauNs: options.exact ? 0 : options.tau,
      asksJava: options.javaPerfmap,
      showsInlined: options.inlines,
      cpuHz: options.hz,
      commandLine: options.cmdline,
      format: options.format,
      ...(options.annotated === true && { annotated: true }),
      ...(options.cgroup !== undefined && { cgroupPath: options.cgroup }),
      ...(options.with !== undefined && { with: options.with }),
      ...(options.minBlock !== undefined && { minIntervalNs: options.minBlock }),
      ...(options.output !== undefined && { output: options.output }),
    });
  });
}

function addOpen(program: Command, actions: Actions): void {
  program
    .command('open')
    .summary('show a profile file in the UI')
    .description(
      'Serves one file to one page on a loopback port and prints its address; opens it where there is a screen. The kind is told by what is in it: stallscope files and snapshots, folded stacks, pprof, perf script, speedscope, Firefox Profiler, Chrome cpuprofile and trace, OTLP profiles, each also as gzip. Needs no permission.',
    )
    .argument('<file>', 'the profile; - reads stdin')
    .addOption(
      new Option('--port <port>', 'TCP port; 0 takes a free one')
        .argParser(wholeNumber(0, 65_535, 'a TCP port'))
        .default(0),
    )
    .option('--no-browser', 'only print the address')
    .addHelpText(
      'after',
      `
The address ends with a key that is made anew each time: who has not the key cannot read the file.

Examples:
  stallscope open busy-host.stallscope
  perf script | stallscope open -
  curl -s http://localhost:6060/debug/pprof/block | stallscope open -`,
    )
    .action((file, options) => actions.open({ file, port: options.port, browser: options.browser }));
}

function addDoctor(program: Command, actions: Actions): void {
  program
    .command('doctor')
    .summary('what this host allows, and what each lack means')
    .description(
      'Lists every capability with ok, degraded or missing, the views that it matters for, and what to do. What can be tried is tried, not guessed. Exits with 1 when no view can run.',
    )
    .option('--json', 'one JSON object instead of text', false)
    .addHelpText(
      'after',
      '\nExamples:\n  sudo stallscope doctor\n  sudo stallscope doctor --json | jq .views',
    )
    .action((options) => actions.doctor({ json: options.json }));
}

function addAgent(program: Command, actions: Actions): void {
  const command = program
    .command('agent')
    .summary('trace this host and send windows to a hub')
    .description(
      'Loads the probes and sends a window of waits after another to a hub; reconnects when the hub goes away.',
    )
    .addOption(
      new Option(
        '--hub <url>',
        'the hub, ws:// or wss://; a path is that of a proxy before it, and /agent is added to it',
      )
        .argParser(hubUrl)
        .default(`ws://127.0.0.1:${DEFAULT_PORT}`),
    )
    .addOption(windowOption())
    .addOption(tauOption())
    .addOption(exactOption())
    .addOption(noJavaPerfmapOption())
    .addOption(hzOption())
    .addOption(historyOption())
    .addOption(commandLineOption())
    .addOption(tokenFileOption('--token-file <file>', 'this agent', 'STALLSCOPE_AGENT_TOKEN'))
    .option(
      '--recording <file>',
      'send a recording, again and again, instead of tracing; needs no permission',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  sudo stallscope agent --hub wss://hub.example:7070 --token-file agent.token\n  stallscope agent --recording busy-host.stallscope',
    );
  command.action((options) => {
    const fault = hubUrlFault(options.hub);
    if (fault !== undefined) command.error(`error: ${fault}`);
    return actions.agent({
      hub: options.hub,
      windowMs: options.window,
      tauNs: options.exact ? 0 : options.tau,
      asksJava: options.javaPerfmap,
      cpuHz: options.hz,
      history: options.history,
      commandLine: options.cmdline,
      ...(options.tokenFile !== undefined && { tokenFile: options.tokenFile }),
      ...(options.recording !== undefined && { recording: options.recording }),
    });
  });
}

function addHub(program: Command, actions: Actions): void {
  const command = program
    .command('hub')
    .summary('receive agents, serve the UI')
    .description(
      'Takes windows of many agents, keeps the last while in memory and snapshots on disk, and serves the UI, all on one port. Needs no permission.',
    )
    .addOption(portOption())
    .addOption(hostOption())
    .addOption(
      new Option('--retain <time>', 'how long windows are kept in memory')
        .argParser(durationNs(10e9, 24 * 3600e9, false))
        .default(DEFAULT_RETAIN_MS * 1e6, '15m'),
    )
    .addOption(
      new Option(
        '--retain-mib <n>',
        'memory for the windows of all hosts, MiB; beyond it the oldest go first. A busy host writes about 0.1 MiB a second, 15 minutes of it are 96 MiB, which is what up keeps',
      )
        .argParser(wholeNumber(MIN_RETAIN_MIB, MAX_RETAIN_MIB, 'MiB'))
        .default(DEFAULT_RETAIN_MIB),
    );
  addDataOptions(command)
    .addOption(tokenFileOption('--agent-token-file <file>', 'agents', 'STALLSCOPE_AGENT_TOKEN'))
    .addOption(tokenFileOption('--browser-token-file <file>', 'browsers', 'STALLSCOPE_BROWSER_TOKEN'))
    .option(
      '--allow-origin <origin...>',
      'further origins that browsers may come from, such as https://stalls.example',
    )
    .addHelpText(
      'after',
      '\nAn address other than loopback needs both tokens.\n\nExamples:\n  stallscope hub\n  stallscope hub --host 0.0.0.0 --agent-token-file agent.token --browser-token-file browser.token',
    )
    .action((options) =>
      actions.hub({
        port: options.port,
        host: options.host,
        retainMs: options.retain / 1e6,
        retainBytes: options.retainMib * 1024 * 1024,
        allowedOrigins: options.allowOrigin ?? [],
        ...toDataFlags(options),
        ...tokens(options),
      }),
    );
}

function portOption(): Option {
  return new Option('--port <port>', 'TCP port; 0 takes a free one')
    .argParser(wholeNumber(0, 65_535, 'a TCP port'))
    .default(DEFAULT_PORT);
}

function hostOption(): Option {
  return new Option('--host <address>', 'address to listen on; any but loopback needs a token').default(
    '127.0.0.1',
  );
}

function windowOption(): Option {
  return new Option(
    '--window <time>',
    'how often the graph moves: 250ms, 500ms, 1s, 2s or 5s; shorter ones cost more',
  )
    .argParser((text) => WINDOWS[oneOf(Object.keys(WINDOWS) as (keyof typeof WINDOWS)[])(text)])
    .default(1000, '1s');
}

function tauOption(): Option {
  return new Option(
    '--tau <time>',
    'waits of this length or longer are always captured, shorter ones with a chance in proportion, weighted so that totals stay right; at most 100ms',
  )
    .argParser(durationNs(0, MAX_TAU_NS, false))
    .default(DEFAULT_TAU_NS, '1ms');
}

function noJavaPerfmapOption(): Option {
  return new Option(
    '--no-java-perfmap',
    'do not ask JVMs for the names of the code that they compile (jcmd PID Compiler.perfmap, which writes /tmp/perf-PID.map where the JVM lives)',
  );
}

/** @param least 0 where sampling may be switched off */
function hzOption(least = 0, when = ''): Option {
  const off = least === 0 ? '; 0: CPUs are not sampled' : '';
  return new Option(
    '--hz <n>',
    `samples a second and CPU of what runs there${when}${off}. Not a round number: programs that do something every 10 ms would be seen at it each time`,
  )
    .argParser(wholeNumber(least, MAX_CPU_HZ, 'samples a second'))
    .default(DEFAULT_CPU_HZ);
}

function historyOption(): Option {
  return new Option(
    '--history <names>',
    `what is collected though no page asks for it, so that a page finds the minutes before: names with commas between, or none. Of ${COLLECTIBLES.join(', ')}`,
  )
    .argParser(listOf(COLLECTIBLES))
    .default(DEFAULT_HISTORY, DEFAULT_HISTORY.join());
}

function exactOption(): Option {
  return new Option('--exact', 'capture every wait (τ = 0): no estimate, at a higher cost')
    .default(false)
    .conflicts('tau');
}

function tokenFileOption(flags: string, whose: string, variable: string): Option {
  return new Option(flags, `file with the token of ${whose} (or in the environment: ${variable})`);
}

function tokens(options: {
  agentTokenFile?: string;
  browserTokenFile?: string;
}): Pick<HubFlags, 'agentTokenFile' | 'browserTokenFile'> {
  return {
    ...(options.agentTokenFile !== undefined && { agentTokenFile: options.agentTokenFile }),
    ...(options.browserTokenFile !== undefined && { browserTokenFile: options.browserTokenFile }),
  };
}
