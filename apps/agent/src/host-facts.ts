/** Owns what this host says of itself in its hello: read once, from /proc and the OS. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { arch, cpus, hostname, release, totalmem } from 'node:os';

export interface HostIdentity {
  /** Stable across restarts of the agent and of the host, and unlike the machine id not a secret. */
  id: string;
  name: string;
  kernel: string;
  arch: string;
  cpus: number;
  memoryBytes: number;
  bootId: string;
  os: string;
}

export function readHostIdentity(): HostIdentity {
  const name = hostname();
  return {
    id: hostId(readFirst(['/etc/machine-id', '/var/lib/dbus/machine-id']), name),
    name,
    kernel: release(),
    arch: arch(),
    cpus: cpus().length,
    memoryBytes: totalmem(),
    bootId: readFirst(['/proc/sys/kernel/random/boot_id']) ?? 'unknown',
    os: osName(readFirst(['/etc/os-release', '/usr/lib/os-release'])),
  };
}

/** machine-id(5) asks not to show the machine id itself: a keyed hash of it stands in. Hosts without one go by name. */
function hostId(machineId: string | undefined, name: string): string {
  const source =
    machineId === undefined || machineId === '' ? `name:${name}` : `machine:${machineId}:${name}`;
  return createHash('sha256').update(`stallscope host ${source}`).digest('hex').slice(0, 16);
}

function osName(release: string | undefined): string {
  const match = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release ?? '');
  return match?.[1] ?? 'Linux';
}

/** The first of these files that can be read, trimmed; a host may lack any of them. */
function readFirst(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error;
    }
  }
  return undefined;
}
