/**
 * Owns running the agent in this process until it is told to stop. Used by `stallscope agent` and by the agent part of
 * `up`.
 */
import { type AskForRunTimes, runAgent as run } from '@stallscope/agent';
import type { Collectible } from '@stallscope/protocol';
import type { WindowMs } from './command-line.js';
import type { CommandLineMode } from './who-flags.js';

export interface AgentRunConfig {
  /** The hub: `http://…` as it prints itself, or `ws://…` or `wss://…`. */
  hubUrl: string;
  windowMs: WindowMs;
  /** Sampling threshold; 0 is exact. */
  tauNs: number;
  /** JVMs are asked for the names of what they compile. */
  asksJava: boolean;
  /** Samples a second and CPU; 0: none. */
  cpuHz: number;
  /** What is collected whether or not a browser asks. */
  history?: readonly Collectible[];
  /** What of command lines leaves this host; 'redacted' where nothing is said. */
  commandLine?: CommandLineMode;
  token?: string;
  /** A recording to send instead of tracing. */
  recording?: string;
  /** Processes left out of the views beside the agent itself. */
  excludeTgids: number[];
}

export interface AgentRunEvents {
  /** There is a first window: the probes are attached, or the recording is open. The hub may not be there. */
  onFirstWindow?(): void;
  /** The hub has the first window. */
  onFirstDelivered?(): void;
  /** Has the kernel count how long BPF programs run, where this process may not ask it itself. */
  askForRunTimes?: AskForRunTimes;
}

export async function runAgent(
  config: AgentRunConfig,
  stopped: AbortSignal,
  events: AgentRunEvents,
): Promise<void> {
  const { hubUrl, windowMs, tauNs, asksJava, cpuHz, history, commandLine, token, recording, excludeTgids } =
    config;
  const { askForRunTimes } = events;
  await run({
    hubUrl: toAgentDoor(hubUrl),
    windowMs,
    tauNs,
    asksJava,
    cpuHz,
    ...(history !== undefined && { history: new Set(history) }),
    ...(askForRunTimes !== undefined && { askForRunTimes }),
    ...(commandLine !== undefined && { commandLine }),
    ...(token !== undefined && { token }),
    ...(recording !== undefined && { recordingPath: recording }),
    excludeTgids: [process.pid, ...excludeTgids],
    log: (line) => process.stderr.write(`agent: ${line}\n`),
    signal: stopped,
    onFirstWindow: () => events.onFirstWindow?.(),
    onFirstDelivered: () => events.onFirstDelivered?.(),
  });
}

/** Where a hub takes agents: its address with the scheme of sockets, and /agent after the path that a proxy gives it, if any. */
export function toAgentDoor(hubUrl: string): string {
  const url = new URL(hubUrl);
  url.protocol = url.protocol.replace(/^http/, 'ws');
  if (!url.pathname.endsWith('/agent')) url.pathname = `${url.pathname.replace(/\/+$/, '')}/agent`;
  return url.href;
}
