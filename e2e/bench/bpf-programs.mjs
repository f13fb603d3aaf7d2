/** Owns which BPF programs of the host are those of a process. */
import { listPrograms } from '@stallscope/libbpf';
import { readBpfDescriptors } from '@stallscope/testing';

/** As the kernel tells of them now. */
export function programsOf(pids) {
  const ids = new Set(pids.flatMap((pid) => readBpfDescriptors(pid).programIds));
  return listPrograms().filter(({ id }) => ids.has(id));
}

/** Those of a process that run: loaded is not yet attached. */
export function attachedProgramsOf(pid) {
  const ids = new Set(readBpfDescriptors(pid).attachedProgramIds);
  return listPrograms().filter(({ id }) => ids.has(id));
}
