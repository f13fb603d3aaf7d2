/** Owns where /proc is read for naming; tests give their own. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { ProcessMaps } from './process-maps.js';

export interface FilePlace {
  path: string;
  /** What is there is the mapped file for certain; elsewhere its inode has to tell. */
  isCertain: boolean;
  /** Where the file system begins in which its debug file may lie; '' for this process's own. */
  root: string;
}

export interface ProcFiles {
  /** /proc/PID/stat; undefined when there is no such process. */
  stat(tgid: number): string | undefined;
  /** /proc/PID/maps; undefined when there is no such process or it may not be read. */
  maps(tgid: number): string | undefined;
  /** Where the file of a mapping may be opened, best first. */
  mappedFilePlaces(tgid: number, start: number, end: number, path: string): FilePlace[];
  /** The bytes of the kernel's [vdso]; undefined when there is none. */
  vdso(): Buffer | undefined;
}

/** The kernel's is one or two pages of code; 64 KiB on arm64 with large pages. */
const MAX_VDSO_BYTES = 1 << 20;

export const HOST_PROC_FILES: ProcFiles = {
  stat: (tgid) => readIfThere(`/proc/${tgid}/stat`),
  maps: (tgid) => readIfThere(`/proc/${tgid}/maps`),
  mappedFilePlaces: (tgid, start, end, path) => [
    // The very file, also when its name is gone, and on overlays, whose inode numbers differ by the way one looks. Needs
    // CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE.
    {
      path: `/proc/${tgid}/map_files/${start.toString(16)}-${end.toString(16)}`,
      isCertain: true,
      root: `/proc/${tgid}/root`,
    },
    // As the process sees the path, in whatever mount namespace it lives.
    { path: `/proc/${tgid}/root${path}`, isCertain: false, root: `/proc/${tgid}/root` },
    // When the process has gone.
    { path, isCertain: false, root: '' },
  ],
  vdso: readOwnVdso,
};

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return undefined;
    throw error;
  }
}

function readOwnVdso(): Buffer | undefined {
  const mapping = new ProcessMaps(readFileSync('/proc/self/maps', 'utf8')).mappings.find(
    (m) => m.path === '[vdso]',
  );
  if (mapping === undefined) return undefined;
  const bytes = Buffer.alloc(Math.min(mapping.end - mapping.start, MAX_VDSO_BYTES));
  const fd = openSync('/proc/self/mem', 'r');
  try {
    const read = readSync(fd, bytes, 0, bytes.length, mapping.start);
    return bytes.subarray(0, read);
  } finally {
    closeSync(fd);
  }
}
