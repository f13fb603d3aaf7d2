/** Owns which BPF programs and links a process holds, as the kernel tells by file descriptor. Needs root. */
import { readdirSync, readFileSync } from 'node:fs';

export interface BpfDescriptors {
  /** Ids of programs: loaded by it, or attached by it. */
  programIds: number[];
  /** Ids of links: what it has attached. */
  linkIds: number[];
}

/** @throws Error when there is no such process */
export function readBpfDescriptors(tgid: number): BpfDescriptors {
  const folder = `/proc/${tgid}/fdinfo`;
  const texts: string[] = [];
  for (const fd of readdirSync(folder)) {
    try {
      texts.push(readFileSync(`${folder}/${fd}`, 'utf8'));
    } catch (error) {
      // Closed since it was listed.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  const ids = (pattern: RegExp): number[] => [
    ...new Set(texts.flatMap((text) => pattern.exec(text)?.[1] ?? []).map(Number)),
  ];
  return { programIds: ids(/^prog_id:\s*(\d+)$/m), linkIds: ids(/^link_id:\s*(\d+)$/m) };
}
