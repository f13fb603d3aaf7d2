/**
 * Owns that what a recording is asked to watch exists: a typing slip must not become an empty recording. Cgroups
 * are looked up by the agent, which knows where their hierarchy is.
 */
import { readFile } from 'node:fs/promises';
import type { CollectorFilter } from '@stallscope/agent';
import { CommandError } from '../command-error.js';

/** The files it looks at, injected for tests. */
export interface TargetFiles {
  /** Contents of a file of /proc; undefined when there is none. */
  readProc(path: string): Promise<string | undefined>;
}

export const hostFiles: TargetFiles = {
  readProc: (path) => readFile(path, 'utf8').catch(() => undefined),
};

export async function assertTargetsExist(
  filter: CollectorFilter,
  files: TargetFiles = hostFiles,
): Promise<void> {
  for (const tgid of filter.tgids ?? []) {
    const status = await files.readProc(`/proc/${tgid}/status`);
    if (status === undefined) {
      throw new CommandError(
        `--pid ${tgid}: there is no such process`,
        'List processes with: ps -e -o pid,comm',
      );
    }
    const leader = Number(/^Tgid:\s*(\d+)$/m.exec(status)?.[1]);
    if (leader !== tgid) {
      throw new CommandError(
        `--pid ${tgid}: that is a thread of process ${leader}`,
        `For the whole process: --pid ${leader}. For this thread alone: --tid ${tgid}`,
      );
    }
  }
  for (const tid of filter.tids ?? []) {
    if ((await files.readProc(`/proc/${tid}/status`)) === undefined) {
      throw new CommandError(
        `--tid ${tid}: there is no such thread`,
        'List threads with: ps -eL -o pid,tid,comm',
      );
    }
  }
}
