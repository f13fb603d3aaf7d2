/** Owns which directory the hub keeps snapshots in, and going on without one where only the default cannot be had. */
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { prepareDataDirectory, StoreError } from '@stallscope/hub';
import type { DataFlags } from './data-flags.js';
import type { Identity } from './up/give-up-root.js';

export interface DataConfig {
  directory: string;
  /** Nobody asked for this one: a hub that cannot have it runs all the same. */
  isDefault: boolean;
  maxBytes: number;
  maxAgeMs: number;
}

/** undefined for `--no-data`. */
export function toDataConfig(
  { data, snapshotBytes, snapshotAgeMs }: DataFlags,
  environment: NodeJS.ProcessEnv = process.env,
): DataConfig | undefined {
  if (data === false) return undefined;
  return {
    directory: data ?? defaultDataDirectory(environment, process.getuid?.() === 0, homedir()),
    isDefault: data === undefined,
    maxBytes: snapshotBytes,
    maxAgeMs: snapshotAgeMs,
  };
}

/** Where the FHS has the state of a service, and the XDG base directories that of a user. */
export function defaultDataDirectory(environment: NodeJS.ProcessEnv, isRoot: boolean, home: string): string {
  if (isRoot) return '/var/lib/stallscope';
  const { XDG_STATE_HOME } = environment;
  // The specification has relative paths ignored.
  const state =
    XDG_STATE_HOME !== undefined && isAbsolute(XDG_STATE_HOME)
      ? XDG_STATE_HOME
      : join(home, '.local', 'state');
  return join(state, 'stallscope');
}

/** Why there are no snapshots, where the default directory cannot be had; undefined when all is well. Throws StoreError. */
export function prepareData(data: DataConfig, owner: Identity | undefined): string | undefined {
  try {
    prepareDataDirectory(data.directory, owner);
    return undefined;
  } catch (error) {
    if (!(data.isDefault && error instanceof StoreError && error.code === 'directory')) throw error;
    return `Snapshots are not kept: ${error.message}. --data DIR names another directory.`;
  }
}
