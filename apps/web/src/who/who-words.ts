/** Owns how keys of who are put in words. */
import type { GroupKey } from '@stallscope/profile';

export const WHO_WORDS: Readonly<Record<GroupKey, { name: string; help: string }>> = {
  process: { name: 'process', help: 'each process by itself' },
  command: { name: 'command', help: 'the command line, with what looks like a secret replaced by ***' },
  parent: { name: 'parent', help: 'the process that began it, also one that has gone' },
  user: { name: 'user', help: 'the user whose rights it has' },
  container: { name: 'container', help: 'runtime and id of the container that it runs in' },
  pod: { name: 'pod', help: 'the Kubernetes pod, by its uid' },
  unit: { name: 'unit', help: 'the systemd service or scope' },
  cgroup: { name: 'cgroup', help: 'the path of its cgroup' },
  thread: { name: 'thread', help: 'each thread by itself' },
};
