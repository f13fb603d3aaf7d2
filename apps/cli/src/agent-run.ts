/**
 * Owns running the agent in this process: collector and uplink until it is told to stop. Used by `stallscope agent` and
 * by the agent part of `up`.
 */

import { toMeans } from './doctor/findings.js';
import { readHostSigns } from './doctor/host-signs.js';

export interface AgentRunConfig {
  /** `ws://HOST:PORT` or `wss://…`. */
  hubUrl: string;
  windowMs: number;
  tauNs: number;
  token?: string;
  /** A recording to send instead of tracing. */
  recording?: string;
  /** Processes left out of the views beside the agent itself. */
  excludeTgids: number[];
}

export interface AgentRunEvents {
  /** The probes are attached, or the recording is open. */
  onTracing(): void;
}
