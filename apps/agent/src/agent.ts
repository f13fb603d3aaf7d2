/**
 * Owns the agent's loop: a window every `windowMs`, made by the kernel or a recording, sent up the link.
 * A window that takes longer than its length makes the next one longer; none is skipped, so nothing is lost.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { WAIT_VIEWS } from '@stallscope/profile';
import type { Collectible, Hello, WindowLengthMs } from '@stallscope/protocol';
import { DEFAULT_HISTORY, PROTOCOL_VERSION } from '@stallscope/protocol';
import { collectibleCapabilities } from './collectible-capabilities.js';
import { GoverningLog } from './governing-log.js';
import { readHostIdentity } from './host-facts.js';
import { RecordingSource } from './recording-source.js';
import type { AskForRunTimes } from './run-statistics.js';
import { SchedCollector } from './sched-collector.js';
import { answerSource } from './source-answer.js';
import { Uplink } from './uplink.js';
import type { CommandLineMode } from './who/command-line.js';
import type { WindowSource } from './window-source.js';

export interface AgentOptions {
  /** ws:// or wss:// URL of the hub's agent door. */
  hubUrl: string;
  token?: string;
  windowMs: WindowLengthMs;
  /** Sampling threshold, ns; 0 is exact. */
  tauNs: number;
  /** False: JVMs are not asked for the names of what they compile. */
  asksJava?: boolean;
  /** Samples a second and CPU of what runs there; 0: none. */
  cpuHz: number;
  /** What is collected whether or not a browser asks; DEFAULT_HISTORY where nothing is said. */
  history?: ReadonlySet<Collectible>;
  /** Has the kernel count how long programs run; by default this process asks it, which takes CAP_SYS_ADMIN. */
  askForRunTimes?: AskForRunTimes;
  /** What of command lines leaves this host; 'redacted' where nothing is said. */
  commandLine?: CommandLineMode;
  /** A window file to play instead of tracing this host. */
  recordingPath?: string;
  /** Processes left out of the views: the tracer's own. */
  excludeTgids: readonly number[];
  log: (line: string) => void;
  /** Ends the agent. */
  signal: AbortSignal;
  /** Called when the first window has been handed to the link: tracing works, whether or not there is a hub. */
  onFirstWindow?: () => void;
  /** Called when the hub has acknowledged the first window. */
  onFirstDelivered?: () => void;
}

/** A window is not cut shorter than this because something new is asked for, ms. */
const MIN_WINDOW_MS = 250;

/** Runs until the signal. @throws when the probe cannot be loaded or the recording not be read */
export async function runAgent(options: AgentOptions): Promise<void> {
  let windowMs: number = options.windowMs;
  const history = options.history ?? new Set(DEFAULT_HISTORY);
  const recording =
    options.recordingPath === undefined ? undefined : new RecordingSource(options.recordingPath);
  const collector =
    recording === undefined
      ? await SchedCollector.open({
          tauNs: options.tauNs,
          asksJava: options.asksJava ?? true,
          ...(options.commandLine !== undefined && { commandLine: options.commandLine }),
          excludeTgids: options.excludeTgids,
          governed: true,
          cpuHz: options.cpuHz,
          collected: history,
          ...(options.askForRunTimes && { askForRunTimes: options.askForRunTimes }),
          // Waits are worth seeing without.
          cpuIsOptional: true,
        })
      : undefined;
  const refusal = collector?.processRefusal;
  if (refusal !== undefined) {
    options.log(`processes are known from /proc alone, so those that end soon may have no names: ${refusal}`);
  }
  const source: WindowSource = (recording ?? collector)!;
  const governingLog = new GoverningLog();
  const waker = new Waker();
  const uplink = new Uplink({
    url: options.hubUrl,
    ...(options.token === undefined ? {} : { token: options.token }),
    hello: () => hello(recording, windowMs, collector),
    onAskSource: (question) => answerSource(source, question),
    onWindowLength: (asked) => {
      windowMs = asked;
      waker.wake();
    },
    onCollect: (wants) => {
      const before = collected;
      collected = new Set([...history, ...wants]);
      source.setCollected(collected);
      // What is new begins with the next window: of a long one that is not waited for.
      if (![...collected].every((name) => before.has(name))) {
        isCut = true;
        waker.wake();
      }
    },
    onReplaced: (why) => {
      replaced = why;
      waker.wake();
    },
    onDictionaryFull: () => source.renewTables(),
    ...(options.onFirstDelivered && { onFirstDelivered: options.onFirstDelivered }),
    log: options.log,
  });
  let replaced: string | undefined;
  let collected: ReadonlySet<Collectible> = history;
  let isCut = false;
  options.signal.addEventListener('abort', () => waker.wake());
  try {
    let isFirst = true;
    let startedMs = performance.now();
    while (!options.signal.aborted) {
      if (replaced !== undefined) throw new Error(`the hub has another agent of this host: ${replaced}`);
      // A recording keeps the pace it was made at: its windows hold that much time each.
      const lengthMs = recording?.header.windowMs ?? (isCut ? Math.min(windowMs, MIN_WINDOW_MS) : windowMs);
      const leftMs = startedMs + lengthMs - performance.now();
      if (leftMs > 1) {
        await waker.sleep(leftMs);
        continue;
      }
      startedMs = isCut || leftMs < -lengthMs ? performance.now() : startedMs + lengthMs;
      isCut = false;
      const window = await source.collect();
      uplink.send(window, source.tables);
      const news = source.governed && governingLog.after(source.governed, performance.now());
      if (news !== undefined) options.log(news);
      if (isFirst) options.onFirstWindow?.();
      isFirst = false;
    }
  } finally {
    uplink.close();
    source.close();
  }
}

/** A sleep that can be cut short. */
class Waker {
  #end: (() => void) | undefined;

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake(): void {
    this.#end?.();
  }
}

const RUN = randomUUID();

function hello(
  recording: RecordingSource | undefined,
  windowMs: number,
  collector: SchedCollector | undefined,
): Hello {
  const agent = { version: agentVersion(), run: RUN };
  if (recording !== undefined) {
    const { host, title, recordedAtMs, windowMs: recordedWindowMs } = recording.header;
    return {
      type: 'hello',
      protocol: PROTOCOL_VERSION,
      agent,
      host,
      windowMs: recordedWindowMs,
      recording: { title, recordedAtMs },
    };
  }
  return {
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    agent,
    host: { ...readHostIdentity(), capabilities: collector === undefined ? [] : capabilitiesOf(collector) },
    windowMs,
  };
}

/** What a host can show once its probes are attached, the views of waits all from the same rows; and what may be asked for. */
function capabilitiesOf(collector: SchedCollector): Hello['host']['capabilities'] {
  const stacks = collector.readsSleepers ? 'read when a wait is selected' : 'walked at each switch-out';
  return [
    ...WAIT_VIEWS.map((name) => ({
      name,
      status: 'ok' as const,
      detail: `tp_btf sched_switch, sched_waking and sched_wakeup_new; user stacks ${stacks}`,
    })),
    ...collectibleCapabilities(collector),
  ];
}

function agentVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
