/**
 * Owns running the hub in this process until it is told to stop. Used by `stallscope hub` and by the hub part of `up`,
 * where it gives up root as soon as the port is bound and the web files are in memory.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startHub } from '@stallscope/hub';
import { CommandError, systemCause } from './command-error.js';
import { aborted, pause } from './interrupts.js';
import { giveUpRoot, type Identity } from './up/give-up-root.js';

export interface HubRunConfig {
  host: string;
  port: number;
  webRoot: string;
  allowedOrigins: string[];
  retainMs?: number;
  agentToken?: string;
  browserToken?: string;
  /** Whom to become once root is not needed any more. */
  identity?: Identity;
}

export interface HubRunEvents {
  onListening(url: string): void;
  onFirstWindow?(): void;
}
