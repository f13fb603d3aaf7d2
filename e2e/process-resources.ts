/** Owns what /proc tells of a process that must not grow: resident memory, descriptors, BPF maps and what is in them. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { BpfMap } from '@stallscope/libbpf';

export interface Resources {
  rssBytes: number;
  /** Sockets, pipes, BPF objects: all that is not a file. */
  descriptors: number;
  /** Programs and libraries are kept open for their names, within a bound. */
  files: number;
}

export function readResources(tgid: number): Resources {
  const kinds = readdirSync(`/proc/${tgid}/fd`).map((fd) => linkOf(`/proc/${tgid}/fd/${fd}`));
  const files = kinds.filter((link) => link.startsWith('/') && !link.startsWith('/dev/')).length;
  const [, kilobytes] = /^Rss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${tgid}/smaps_rollup`, 'utf8'))!;
  return { rssBytes: Number(kilobytes) * 1024, descriptors: kinds.length - files, files };
}

/** The maps that a process holds, by name; close them. */
export function openMapsOf(tgid: number): Map<string, BpfMap> {
  const maps = new Map<string, BpfMap>();
  for (const fd of readdirSync(`/proc/${tgid}/fdinfo`)) {
    const id = /^map_id:\s+(\d+)/m.exec(readFileSync(`/proc/${tgid}/fdinfo/${fd}`, 'utf8'))?.[1];
    if (id === undefined) continue;
    const map = BpfMap.openById(Number(id));
    if (maps.has(map.name)) map.close();
    else maps.set(map.name, map);
  }
  return maps;
}

/** '' for one that was closed since it was listed. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
