/**
 * Owns the agent's loop: a window every `windowMs`, made by the kernel or a recording, sent up the link.
 * A window that takes longer than its length makes the next one longer; none is skipped, so nothing is lost.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { WAIT_VIEWS } from '@stallscope/profile';
import type { Hello, WindowLengthMs } from '@stallscope/protocol';
import { PROTOCOL_VERSION } from '@stallscope/protocol';
import type { VitalGroup } from '@stallscope/vitals';
import { GoverningLog } from './governing-log.js';
import { readHostIdentity } from './host-facts.js';
import { RecordingSource } from './recording-source.js';
import { SchedCollector } from './sched-collector.js';
import { answerSource } from './source-answer.js';
import { Uplink } from './uplink.js';
import type { CommandLineMode } from './who/command-line.js';
import type { WindowSource } from './window-source.js';

/** Read at all times, so that there is something to look back on. */
const HISTORY_VITALS: readonly VitalGroup[] = [
  'vitals-cpu',
  'vitals-pressure',
  'vitals-memory',
  'vitals-disk',
  'vitals-network',
];

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

/** Runs until the signal. @throws when the probe cannot be loaded or the recording not be read */
export async function runAgent(options: AgentOptions): Promise<void> {
  let windowMs: number = options.windowMs;
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
          vitals: HISTORY_VITALS,
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
    onReplaced: (why) => {
      replaced = why;
      waker.wake();
    },
    onDictionaryFull: () => source.renewTables(),
    ...(options.onFirstDelivered && { onFirstDelivered: options.onFirstDelivered }),
    log: options.log,
  });
  let replaced: string | undefined;
  options.signal.addEventListener('abort', () => waker.wake());
  try {
    let isFirst = true;
    let startedMs = performance.now();
    while (!options.signal.aborted) {
      if (replaced !== undefined) throw new Error(`the hub has another agent of this host: ${replaced}`);
      // A recording keeps the pace it was made at: its windows hold that much time each.
      const lengthMs = recording?.header.windowMs ?? windowMs;
      const leftMs = startedMs + lengthMs - performance.now();
      if (leftMs > 1) {
        await waker.sleep(leftMs);
        continue;
      }
      startedMs = leftMs < -lengthMs ? performance.now() : startedMs + lengthMs;
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
    host: { ...readHostIdentity(), capabilities: collector === undefined ? [] : viewCapabilities(collector) },
    windowMs,
  };
}

/** What a host can show once its probes are attached: the views of waits all come from the same rows. */
function viewCapabilities(collector: SchedCollector): Hello['host']['capabilities'] {
  const stacks = collector.readsSleepers ? 'read when a wait is selected' : 'walked at each switch-out';
  return [
    ...WAIT_VIEWS.map((name) => ({
      name,
      status: 'ok' as const,
      detail: `tp_btf sched_switch, sched_waking and sched_wakeup_new; user stacks ${stacks}`,
    })),
    cpuCapability(collector),
  ];
}

function cpuCapability({
  cpuSampling,
  cpuRefusal,
}: Pick<SchedCollector, 'cpuSampling' | 'cpuRefusal'>): Hello['host']['capabilities'][number] {
  if (cpuSampling !== undefined) {
    const { source, hz, cpus } = cpuSampling;
    const clock = source === 'cycles' ? 'cycles' : 'cpu-clock, as this machine counts no cycles';
    return { name: 'cpu', status: 'ok', detail: `perf event ${clock}; ${hz} Hz on ${cpus.length} CPUs` };
  }
  const detail = cpuRefusal === undefined ? 'switched off: --hz 0' : cpuRefusal.message.split('\n')[0]!;
  return { name: 'cpu', status: 'missing', detail };
}

function agentVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return version;
}
