/**
 * Owns running the hub in this process until it is told to stop. Used by `stallscope hub` and by the hub part of `up`.
 * Root is given up as soon as the port is bound and the web files are in memory, before the first request is answered.
 */
import { networkInterfaces } from 'node:os';
import { type OpenedFileOptions, type StartHubOptions, startHub } from '@stallscope/hub';
import { type DataConfig, prepareData } from './data-directory.js';
import { whereHubIs } from './hub-address.js';
import { aborted, pause } from './interrupts.js';
import { giveUpRoot, type Identity } from './up/give-up-root.js';

export interface HubRunConfig {
  host: string;
  port: number;
  webRoot: string;
  allowedOrigins: string[];
  retainMs?: number;
  /** Of windows and dictionaries together; the hub's own default is for many hosts. */
  retainBytes?: number;
  agentToken?: string;
  browserToken?: string;
  /** A file to show, as `stallscope open` does. */
  opened?: OpenedFileOptions;
  /** Where snapshots are kept; none are without. */
  data?: DataConfig;
  /** Whom to become once root is not needed any more. */
  identity?: Identity;
}

export interface HubRunEvents {
  onListening(at: { url: string; where: string }): void;
  /** A window of any agent is there. */
  onFirstWindow?(): void;
  /** Something that the user should know, though the hub runs: a sentence. */
  onNotice?(text: string): void;
  /** One line an event, without secrets. */
  onLog?(line: string): void;
}

/** A start is felt as quick below a tenth of a second. */
const FIRST_WINDOW_POLL_MS = 50;

export async function runHub(
  config: HubRunConfig,
  stopped: AbortSignal,
  events: HubRunEvents,
): Promise<void> {
  const { identity, data, ...options } = config;
  const lacks = data === undefined ? undefined : prepareData(data, identity);
  if (lacks !== undefined) events.onNotice?.(lacks);
  const running = await startHub({
    ...options,
    ...(data !== undefined && lacks === undefined && { data: toDataOptions(data, identity) }),
    ...(identity !== undefined && { onBound: () => giveUpRoot(identity) }),
    ...(events.onLog && { log: events.onLog }),
  });
  try {
    events.onListening({ url: running.url, where: whereHubIs(running, networkInterfaces()) });
    if (events.onFirstWindow !== undefined) {
      while (
        !stopped.aborted &&
        !running.hub.hosts().some(({ lastWindowEndMs }) => lastWindowEndMs !== null)
      ) {
        await pause(FIRST_WINDOW_POLL_MS, stopped);
      }
      if (!stopped.aborted) events.onFirstWindow();
    }
    await aborted(stopped);
  } finally {
    await running.close();
  }
}

function toDataOptions(
  { directory, maxBytes, maxAgeMs }: DataConfig,
  owner: Identity | undefined,
): NonNullable<StartHubOptions['data']> {
  return { directory, bounds: { maxBytes, maxAgeMs }, ...(owner !== undefined && { owner }) };
}
