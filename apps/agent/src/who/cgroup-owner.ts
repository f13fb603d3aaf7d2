/**
 * Owns what a cgroup path says of who runs there: container and its runtime, Kubernetes pod, systemd unit. Pure.
 * Paths are read from the inside out, so that of containers in containers the inner one is named.
 *
 *     /kubepods.slice/…/kubepods-burstable-pod0a1b…_….slice/cri-containerd-5d6f….scope   →  container, containerd, pod
 *     /system.slice/nginx.service                                                        →  unit nginx.service
 */
export interface CgroupOwner {
  /** As the runtime writes it; '' when the path names none. */
  container: string;
  /** docker, containerd, cri-o, podman, lxc, systemd-nspawn, … ; '' without a container. */
  runtime: string;
  /** Kubernetes pod uid, with dashes where it has them. */
  pod: string;
  /** Innermost .service or .scope that is no container's own. */
  unit: string;
}

export const NO_OWNER: CgroupOwner = { container: '', runtime: '', pod: '', unit: '' };

interface ContainerName {
  runtime: string;
  pattern: RegExp;
}

const ID = '([0-9a-f]{64})';
/** Names that say by themselves whose container it is, in one segment of the path. */
const CONTAINER_NAMES: readonly ContainerName[] = [
  { runtime: 'docker', pattern: new RegExp(`^docker-${ID}(?:\\.scope)?$`) },
  {
    runtime: 'containerd',
    pattern: new RegExp(`^(?:cri-containerd|nerdctl|containerd)-${ID}(?:\\.scope)?$`),
  },
  // containerd under systemd whose kubelet expects cgroupfs: the three parts that were meant for systemd, as they came.
  { runtime: 'containerd', pattern: new RegExp(`:(?:cri-containerd|nerdctl):${ID}$`) },
  { runtime: 'cri-o', pattern: new RegExp(`^crio-${ID}(?:\\.scope)?$`) },
  { runtime: 'cri-o', pattern: new RegExp(`:crio:${ID}$`) },
  { runtime: 'podman', pattern: new RegExp(`^libpod(?:-payload)?-${ID}(?:\\.scope)?$`) },
  { runtime: 'lxc', pattern: /^lxc\.payload\.(.+)$/ },
  { runtime: 'systemd-nspawn', pattern: /^systemd-nspawn@(.+)\.service$/ },
  { runtime: 'libvirt', pattern: /^machine-(?:qemu|lxc)-\d+-(.+)\.scope$/ },
  { runtime: 'systemd-nspawn', pattern: /^machine-(.+)\.scope$/ },
];

/** An id alone says nothing; the segment before it does. `default`, `moby`, `k8s.io`: namespaces of containerd. */
const PARENTS: readonly { runtime: string; parent: RegExp; id: RegExp }[] = [
  { runtime: 'docker', parent: /^docker$/, id: new RegExp(`^${ID}$`) },
  { runtime: 'docker', parent: /^actions_job$/, id: new RegExp(`^${ID}$`) },
  { runtime: 'podman', parent: /^libpod_parent$/, id: new RegExp(`^libpod-${ID}$`) },
  { runtime: 'lxc', parent: /^lxc(?:\.payload)?$/, id: /^([A-Za-z0-9][A-Za-z0-9_.-]*)$/ },
  { runtime: 'containerd', parent: /^(?:default|moby|k8s\.io)$/, id: /^([A-Za-z0-9][A-Za-z0-9_.-]*)$/ },
];

/** Two levels: a task, then its containers, named 64 hex digits by Docker and `task-number` on Fargate. */
const ECS_ID = /^([0-9a-f]{64}|[0-9a-f]{32}-\d+)$/;
const BARE_ID = new RegExp(`^${ID}$`);
/** Those that watch a container from outside it are no part of it. */
const MONITORS = /^(?:libpod-conmon-|crio-conmon-|lxc\.monitor)/;
/** With dashes from cgroupfs, underscores from systemd, and of static pods a hash of 32 digits without either. */
const POD =
  /(?:^|-)pod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12}|[0-9a-f]{32})(?:\.slice.*)?$/;
const UNIT = /\.(?:service|scope)$/;

export function toCgroupOwner(path: string): CgroupOwner {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '..');
  const owner = { ...NO_OWNER };
  for (let at = segments.length - 1; at >= 0; at--) {
    const segment = unescaped(segments[at]!);
    if (owner.container === '') {
      const found = containerAt(segments, at, segment);
      if (found !== undefined) {
        owner.container = found.container;
        owner.runtime = found.runtime;
      }
    }
    if (owner.pod === '') owner.pod = POD.exec(segment)?.[1]?.replaceAll('_', '-') ?? '';
    if (owner.unit === '' && UNIT.test(segment) && !isContainer(segment)) owner.unit = segment;
  }
  return owner;
}

function containerAt(
  segments: readonly string[],
  at: number,
  segment: string,
): { container: string; runtime: string } | undefined {
  if (MONITORS.test(segment)) return undefined;
  for (const { runtime, pattern } of CONTAINER_NAMES) {
    const container = pattern.exec(segment)?.[1];
    if (container !== undefined) return { container, runtime };
  }
  if (at === 0) return undefined;
  const parent = segments[at - 1]!;
  for (const { runtime, parent: wanted, id } of PARENTS) {
    if (!wanted.test(parent)) continue;
    // Namespaces of containerd have such plain names that they count at the root of the hierarchy alone.
    if (runtime === 'containerd' && at !== 1) continue;
    const container = id.exec(segment)?.[1];
    if (container !== undefined) return { container, runtime };
  }
  if (segments.includes('ecs') && ECS_ID.test(segment)) return { container: segment, runtime: 'ecs' };
  // kubelet with cgroupfs writes the bare id below its pod, whichever runtime there is.
  if (POD.test(parent) && BARE_ID.test(segment)) return { container: segment, runtime: 'kubernetes' };
  return undefined;
}

function isContainer(segment: string): boolean {
  return CONTAINER_NAMES.some(({ pattern }) => pattern.test(segment));
}

/** systemd writes what may not stand in a unit's name as \x2d. */
function unescaped(segment: string): string {
  return segment.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

export interface ReadCgroup extends CgroupOwner {
  /** The path that tells most: that of the v2 hierarchy, else of a v1 one. '/' where none tells anything. */
  path: string;
}

/** Lines of /proc/PID/cgroup kept: a host has at most a dozen hierarchies. */
const MAX_LINES = 64;

/**
 * Of /proc/PID/cgroup, `id:controllers:path` a line. Mixed hosts have containers in the v1 hierarchies and nothing in v2's,
 * so the first that names a container is taken, then the first that names a unit, then the first that is not the root.
 */
export function readCgroupFile(text: string): ReadCgroup {
  const lines = text
    .split('\n')
    .slice(0, MAX_LINES)
    .map((line) => /^\d+:([^:]*):(\/.*)$/.exec(line))
    .filter((match) => match !== null)
    .map(([, controllers, path]) => ({ rank: rankOf(controllers!), path: path! }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ path }) => ({ ...toCgroupOwner(path), path }));
  return (
    lines.find(({ container, pod }) => container !== '' || pod !== '') ??
    lines.find(({ unit }) => unit !== '') ??
    lines.find(({ path }) => path !== '/') ?? { ...NO_OWNER, path: '/' }
  );
}

function rankOf(controllers: string): number {
  if (controllers === '') return 0;
  return controllers === 'name=systemd' ? 1 : 2;
}
