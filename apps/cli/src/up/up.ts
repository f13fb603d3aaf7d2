/**
 * Owns the life of `stallscope up`: three processes, each with the least it needs.
 *
 *     up      root, starts and ends the others, reads nothing from the network; has the kernel count what BPF costs
 *     ├ hub    binds the port, loads the web files, gives up root, then reads the network
 *     └ agent  root, the BPF programs; started again when it dies, while hub and UI go on
 *
 * `up` itself cannot be the hub: a process that gave up root could not start an agent again. Pure but for the parts,
 * the clock and the pause, which are handed in.
 */
import type { AgentRunConfig } from '../agent-run.js';
import type { HubRunConfig } from '../hub-run.js';
import { Backoff } from './backoff.js';
import type { Part } from './part.js';

/** Ctrl-C ends all of it within 2 s: this for the parts, the rest for the processes themselves. */
const STOP_GRACE_MS = 1500;
/** A first window takes a window's length and the loading of the probes; longer is worth a word. */
const FIRST_WINDOW_LATE_MS = 15_000;

export interface UpEnvironment {
  startHub(config: HubRunConfig): Part;
  startAgent(config: AgentRunConfig): Part;
  /** The kernel counts how long BPF programs run until the handle is closed. @throws where it refuses */
  countRunTimes(): { close(): void };
  /** Resolves after `ms` or when the signal is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  nowMs(): number;
  say(line: string): void;
  interrupted: AbortSignal;
  /** Own process, left out of the views like the parts. */
  tgid: number;
}

export interface UpConfig {
  hub: HubRunConfig;
  /** All but what the hub's start decides. */
  agent: Omit<AgentRunConfig, 'hubUrl' | 'excludeTgids'>;
}

/** Resolves to whether it ended because it was asked to. */
export async function up(config: UpConfig, environment: UpEnvironment): Promise<boolean> {
  const { say, interrupted } = environment;
  const over = new AbortController();
  const stop = () => over.abort();
  interrupted.addEventListener('abort', stop, { once: true });
  if (interrupted.aborted) stop();

  const hub = environment.startHub(config.hub);
  const hubReady = new Promise<{ url: string; where: string } | undefined>((resolve) => {
    hub.onMessage((message) => {
      if (message.type === 'ready' && message.url !== undefined) {
        resolve({ url: message.url, where: message.where ?? message.url });
      } else if (message.type === 'failed' || message.type === 'notice') say(message.text);
    });
    void hub.ended.then(() => resolve(undefined));
    over.signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const firstWindow = new Promise<boolean>((resolve) => {
    hub.onMessage((message) => {
      if (message.type === 'first-window') resolve(true);
    });
    over.signal.addEventListener('abort', () => resolve(false), { once: true });
  });
  let wellEnded = true;
  let hasSaidWhy = false;
  hub.onMessage((message) => {
    hasSaidWhy ||= message.type === 'failed';
  });
  void hub.ended.then((how) => {
    if (over.signal.aborted) return;
    if (!hasSaidWhy) say(`The hub ended by itself: ${how}`);
    wellEnded = false;
    stop();
  });

  const ready = await hubReady;
  if (ready !== undefined) {
    const { url, where } = ready;
    const agentConfig = { ...config.agent, hubUrl: url, excludeTgids: [environment.tgid, hub.tgid] };
    const agent = keepAgentRunning(agentConfig, environment, over.signal).then((held) => {
      if (held) return;
      wellEnded = false;
      stop();
    });
    const late = environment.pause(FIRST_WINDOW_LATE_MS, over.signal).then(() => false);
    const hasWindows = `Stallscope is at ${where}   (Ctrl-C stops it)`;
    if (await Promise.race([firstWindow, late])) say(hasWindows);
    else if (!over.signal.aborted) {
      say(`Stallscope is at ${where}, but no window has arrived from the agent yet`);
      void firstWindow.then((hasCome) => hasCome && say(`The first window has arrived. ${hasWindows}`));
    }
    await agent;
  }
  await hub.stop(STOP_GRACE_MS);
  interrupted.removeEventListener('abort', stop);
  return wellEnded && interrupted.aborted;
}

/** Runs the agent until `over`. Resolves to false when it never got to trace: then there is nothing to show. */
async function keepAgentRunning(
  config: AgentRunConfig,
  environment: UpEnvironment,
  over: AbortSignal,
): Promise<boolean> {
  const backoff = new Backoff();
  let everReady = false;
  while (!over.aborted) {
    const startedMs = environment.nowMs();
    const agent = environment.startAgent(config);
    let counting: { close(): void } | undefined;
    const stopCounting = () => {
      counting?.close();
      counting = undefined;
    };
    agent.onMessage((message) => {
      if (message.type === 'ready') everReady = true;
      else if (message.type === 'failed') environment.say(message.text);
      else if (message.type === 'costs') {
        stopCounting();
        if (message.isWanted) counting = startCounting(environment);
      }
    });
    // With the agent goes whoever asked it.
    void agent.ended.then(stopCounting);
    const aborted = new Promise<undefined>((resolve) => {
      if (over.aborted) resolve(undefined);
      over.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    const how = await Promise.race([agent.ended, aborted]);
    if (how === undefined) {
      await agent.stop(STOP_GRACE_MS);
      return true;
    }
    if (!everReady) return false;
    const waitMs = backoff.next(environment.nowMs() - startedMs);
    environment.say(
      `The agent ended (${how}); starting it again in ${waitMs / 1000} s. The UI keeps what it has.`,
    );
    await environment.pause(waitMs, over);
  }
  return true;
}

/** What the agent shows without is said by it: costs that were not measured. */
function startCounting(environment: UpEnvironment): { close(): void } | undefined {
  try {
    return environment.countRunTimes();
  } catch (error) {
    environment.say(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}
