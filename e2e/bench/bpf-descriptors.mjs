/** Owns which BPF programs and links a process holds: the kernel tells them by file descriptor. Needs root. */
import { readdirSync, readFileSync } from 'node:fs';
import { listPrograms } from '@stallscope/libbpf';

/** Programs of this process, of all on the host. */
export function programsOf(pids) {
  const ids = new Set(pids.flatMap((pid) => fieldsOf(pid, /^prog_id:\s*(\d+)$/m)));
  return listPrograms().filter(({ id }) => ids.has(id));
}

/** How many programs it has attached. */
export function linkCountOf(pid) {
  return new Set(fieldsOf(pid, /^link_id:\s*(\d+)$/m)).size;
}

function fieldsOf(pid, pattern) {
  const folder = `/proc/${pid}/fdinfo`;
  const found = [];
  for (const fd of readdirSync(folder)) {
    try {
      const id = pattern.exec(readFileSync(`${folder}/${fd}`, 'utf8'))?.[1];
      if (id !== undefined) found.push(Number(id));
    } catch (error) {
      // Closed since it was listed.
      if (error.code !== 'ENOENT') throw error;
    }
  }
  return found;
}
