/**
 * Owns the names of Kubernetes pods by uid, as the kubelet's own directories of logs have them on its node, which needs
 * no door to the kubelet and no token:
 *
 *     /var/log/pods/kube-system_coredns-5d78c9869d-abcde_0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9
 *         →  kube-system/coredns-5d78c9869d-abcde
 *
 * What such a directory is called is checked against what Kubernetes allows; nothing in it is opened.
 */
import { opendirSync, statSync } from 'node:fs';

const POD_LOGS = '/var/log/pods';
/** Names read at most: a node has 110 pods by default, and those that ended stay a while. */
const MAX_PODS = 4_096;
/** A pod that is made is named within this. */
const RECHECK_MS = 5_000;
/** Namespaces are labels, names of pods subdomains of RFC 1123; neither may hold `_`. Static pods have a hash for a uid. */
const DIRECTORY =
  /^([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)_([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)_([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})$/;

export interface PodLogs {
  /** Changes when a pod's directory comes or goes; undefined where there are none. */
  version(): string | undefined;
  /** At most `max` of them, in no order. */
  names(max: number): string[];
}

export const HOST_POD_LOGS: PodLogs = {
  version: () => {
    try {
      const stat = statSync(POD_LOGS, { throwIfNoEntry: false });
      return stat?.isDirectory() ? `${stat.ino}:${stat.mtimeMs}` : undefined;
    } catch (error) {
      if (isRefused(error)) return undefined;
      throw error;
    }
  },
  names: (max) => {
    const names: string[] = [];
    try {
      const directory = opendirSync(POD_LOGS);
      try {
        for (
          let entry = directory.readSync();
          entry !== null && names.length < max;
          entry = directory.readSync()
        ) {
          if (entry.isDirectory()) names.push(entry.name);
        }
      } finally {
        directory.closeSync();
      }
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
    return names;
  },
};

/** No node of Kubernetes, or not for this agent to look: then pods are called by their uid. */
function isRefused(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'EACCES' || code === 'EPERM' || code === 'ENOTDIR';
}

export class PodNames {
  readonly #logs: PodLogs;
  readonly #nowMs: () => number;
  #version: string | undefined;
  #checkedMs = Number.NEGATIVE_INFINITY;
  #names: ReadonlyMap<string, string> = new Map();

  constructor(logs: PodLogs = HOST_POD_LOGS, nowMs: () => number = () => performance.now()) {
    this.#logs = logs;
    this.#nowMs = nowMs;
  }

  /** `namespace/name uid`; the uid alone where its name is not known, '' for none. */
  wordsOf(uid: string): string {
    if (uid === '') return '';
    if (this.#nowMs() - this.#checkedMs >= RECHECK_MS) this.#reread();
    const name = this.#names.get(uid);
    return name === undefined ? uid : `${name} ${uid}`;
  }

  #reread(): void {
    this.#checkedMs = this.#nowMs();
    const version = this.#logs.version();
    if (version === this.#version) return;
    this.#version = version;
    this.#names = version === undefined ? new Map() : readPodDirectories(this.#logs.names(MAX_PODS));
  }
}

/** By uid. What the kubelet does not call its directories so is left out. */
export function readPodDirectories(directories: readonly string[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const directory of directories.slice(0, MAX_PODS)) {
    const match = DIRECTORY.exec(directory);
    if (match !== null) names.set(match[3]!, `${match[1]}/${match[2]}`);
  }
  return names;
}
