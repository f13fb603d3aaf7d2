/** Owns which BPF programs and links a process holds, as the kernel tells by file descriptor. Needs root. */
import { readdirSync, readFileSync } from 'node:fs';

export interface BpfDescriptors {
  /** Ids of programs: loaded by it, or attached by it. */
  programIds: number[];
  /** Ids of links: what it has attached. */
  linkIds: number[];
  /** Ids of the programs that it has attached by links. */
  attachedProgramIds: number[];
}

const PROGRAM_ID = /^prog_id:\s*(\d+)$/m;
const LINK_ID = /^link_id:\s*(\d+)$/m;

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
  const ids = (pattern: RegExp, of = texts): number[] => [
    ...new Set(of.flatMap((text) => pattern.exec(text)?.[1] ?? []).map(Number)),
  ];
  return {
    programIds: ids(PROGRAM_ID),
    linkIds: ids(LINK_ID),
    attachedProgramIds: ids(
      PROGRAM_ID,
      texts.filter((text) => LINK_ID.test(text)),
    ),
  };
}
