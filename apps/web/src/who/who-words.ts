/** Owns how keys of who are put in words. */
import type { GroupKey } from '@stallscope/profile';

export const WHO_WORDS: Readonly<Record<GroupKey, { name: string; plural: string; help: string }>> = {
  process: { name: 'process', plural: 'processes', help: 'each process by itself' },
  command: {
    name: 'command',
    plural: 'commands',
    help: 'the command line, with what looks like a secret replaced by ***',
  },
  parent: { name: 'parent', plural: 'parents', help: 'the process that began it, also one that has gone' },
  user: { name: 'user', plural: 'users', help: 'the user whose rights it has' },
  container: {
    name: 'container',
    plural: 'containers',
    help: 'runtime and id of the container that it runs in',
  },
  runtime: {
    name: 'runtime',
    plural: 'runtimes',
    help: 'what runs its container: docker, containerd, podman and so on',
  },
  pod: { name: 'pod', plural: 'pods', help: 'the Kubernetes pod, by name and uid' },
  unit: { name: 'unit', plural: 'units', help: 'the systemd service or scope' },
  cgroup: { name: 'cgroup', plural: 'cgroups', help: 'the path of its cgroup' },
  thread: { name: 'thread', plural: 'threads', help: 'each thread by itself' },
  'thread-name': {
    name: 'thread name',
    plural: 'thread names',
    help: 'the name of the thread, all of one name together',
  },
};
