import { describe, expect, it } from 'vitest';
import { NO_OWNER, readCgroupFile, toCgroupOwner } from './cgroup-owner.js';

const A = 'd2f0a8c1e6b94f3a7c5e1d0b9a8f7e6d5c4b3a291807f6e5d4c3b2a190807060';
const B = '5d6f11aa22bb33cc44dd55ee66ff7788990011223344556677889900aabbccdd';
const UID = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9';
const UID_ = UID.replaceAll('-', '_');
const STATIC = '1fda8c6ee2f4c2d3b4a59687f0e1d2c3';

/** Paths as the runtimes write them: their two drivers, both versions of the hierarchy, nested ones. */
const PATHS: readonly [what: string, path: string, owner: Partial<typeof NO_OWNER>][] = [
  ['docker, cgroupfs', `/docker/${A}`, { container: A, runtime: 'docker' }],
  ['docker, systemd', `/system.slice/docker-${A}.scope`, { container: A, runtime: 'docker' }],
  [
    'docker, rootless',
    `/user.slice/user-1000.slice/user@1000.service/user.slice/docker-${A}.scope`,
    { container: A, runtime: 'docker', unit: 'user@1000.service' },
  ],
  ['docker in docker', `/docker/${A}/docker/${B}`, { container: B, runtime: 'docker' }],
  [
    'a service within a container that runs systemd',
    `/docker/${A}/system.slice/nginx.service`,
    { container: A, runtime: 'docker', unit: 'nginx.service' },
  ],
  [
    'seen from within another container',
    `/../../system.slice/docker-${A}.scope`,
    { container: A, runtime: 'docker' },
  ],
  ['docker itself', '/system.slice/docker.service', { unit: 'docker.service' }],
  ['nerdctl', `/system.slice/nerdctl-${A}.scope`, { container: A, runtime: 'containerd' }],
  ['ctr', '/default/redis', { container: 'redis', runtime: 'containerd' }],
  [
    'kubelet and containerd, systemd',
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID_}.slice/cri-containerd-${A}.scope`,
    { container: A, runtime: 'containerd', pod: UID },
  ],
  [
    'kubelet and containerd, guaranteed',
    `/kubepods.slice/kubepods-pod${UID_}.slice/cri-containerd-${A}.scope`,
    { container: A, runtime: 'containerd', pod: UID },
  ],
  [
    'kubelet, cgroupfs',
    `/kubepods/besteffort/pod${UID}/${A}`,
    { container: A, runtime: 'kubernetes', pod: UID },
  ],
  [
    'kubelet, static pod',
    `/kubepods/burstable/pod${STATIC}/${A}`,
    { container: A, runtime: 'kubernetes', pod: STATIC },
  ],
  [
    'kubelet and containerd, drivers that differ',
    `/system.slice/containerd.service/kubepods-burstable-pod${UID_}.slice:cri-containerd:${A}`,
    { container: A, runtime: 'containerd', pod: UID, unit: 'containerd.service' },
  ],
  [
    'kind: a kubelet within docker',
    `/docker/${B}/kubelet/kubepods/burstable/pod${UID}/${A}`,
    { container: A, runtime: 'kubernetes', pod: UID },
  ],
  [
    'kind, systemd',
    `/system.slice/docker-${B}.scope/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod${UID_}.slice/cri-containerd-${A}.scope`,
    { container: A, runtime: 'containerd', pod: UID },
  ],
  [
    'kubelet and docker, systemd',
    `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${UID_}.slice/docker-${A}.scope`,
    { container: A, runtime: 'docker', pod: UID },
  ],
  ['a pod that has no container yet', `/kubepods/burstable/pod${UID}`, { pod: UID }],
  [
    'cri-o, systemd',
    `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${UID_}.slice/crio-${A}.scope/container`,
    { container: A, runtime: 'cri-o', pod: UID },
  ],
  [
    'cri-o, cgroupfs',
    `/kubepods/burstable/pod${UID}/crio-${A}`,
    { container: A, runtime: 'cri-o', pod: UID },
  ],
  [
    'the monitor of cri-o, which is outside',
    `/kubepods.slice/kubepods-pod${UID_}.slice/crio-conmon-${A}.scope`,
    { pod: UID, unit: `crio-conmon-${A}.scope` },
  ],
  ['podman', `/machine.slice/libpod-${A}.scope/container`, { container: A, runtime: 'podman' }],
  ['podman, cgroupfs', `/libpod_parent/libpod-${A}`, { container: A, runtime: 'podman' }],
  [
    'podman, rootless',
    `/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-${A}.scope/container`,
    { container: A, runtime: 'podman', unit: 'user@1000.service' },
  ],
  [
    'podman in a unit of its own',
    `/system.slice/web.service/libpod-payload-${A}`,
    { container: A, runtime: 'podman', unit: 'web.service' },
  ],
  [
    'podman pod',
    `/machine.slice/machine-libpod_pod_${B}.slice/libpod-${A}.scope`,
    { container: A, runtime: 'podman' },
  ],
  ['lxc', '/lxc/web-1/init.scope', { container: 'web-1', runtime: 'lxc', unit: 'init.scope' }],
  [
    'lxc, payload',
    '/lxc.payload.web-1/system.slice/ssh.service',
    { container: 'web-1', runtime: 'lxc', unit: 'ssh.service' },
  ],
  ['lxc, older payload', '/lxc.payload/web-1', { container: 'web-1', runtime: 'lxc' }],
  ['the monitor of lxc', '/lxc.monitor.web-1', {}],
  [
    'nspawn',
    '/machine.slice/systemd-nspawn@bookworm.service/payload/system.slice/cron.service',
    { container: 'bookworm', runtime: 'systemd-nspawn', unit: 'cron.service' },
  ],
  [
    'a machine with a dash',
    '/machine.slice/machine-build\\x2d1.scope/payload',
    { container: 'build-1', runtime: 'systemd-nspawn' },
  ],
  [
    'a virtual machine',
    '/machine.slice/machine-qemu\\x2d3\\x2ddb.scope/libvirt/emulator',
    { container: 'db', runtime: 'libvirt' },
  ],
  ['ecs', `/ecs/0123456789abcdef0123456789abcdef/${A}`, { container: A, runtime: 'ecs' }],
  [
    'fargate',
    '/ecs/0123456789abcdef0123456789abcdef/0123456789abcdef0123456789abcdef-1234567890',
    { container: '0123456789abcdef0123456789abcdef-1234567890', runtime: 'ecs' },
  ],
  ['a service', '/system.slice/nginx.service', { unit: 'nginx.service' }],
  [
    'a service of a template',
    '/system.slice/system-getty.slice/getty@tty1.service',
    { unit: 'getty@tty1.service' },
  ],
  ['a session', '/user.slice/user-1000.slice/session-3.scope', { unit: 'session-3.scope' }],
  [
    "a user's service",
    '/user.slice/user-1000.slice/user@1000.service/app.slice/firefox.service',
    { unit: 'firefox.service' },
  ],
  [
    'a cgroup that a service made below itself',
    '/system.slice/postgres.service/workers/3',
    { unit: 'postgres.service' },
  ],
  ['the root', '/', {}],
  ['a cgroup of nobody known', '/build/jobs/7', {}],
  ['a directory that happens to be called default', '/build/default/x', {}],
];

describe('who owns a cgroup', () => {
  it.each(PATHS)('%s', (_what, path, owner) => {
    expect(toCgroupOwner(path)).toEqual({ ...NO_OWNER, ...owner });
  });
});

describe('/proc/PID/cgroup', () => {
  it.each([
    ['v2 alone', `0::/system.slice/docker-${A}.scope\n`, `/system.slice/docker-${A}.scope`, A],
    [
      'v1, the container in each',
      `12:pids:/docker/${A}\n4:memory:/docker/${A}\n1:name=systemd:/docker/${A}\n0::/system.slice/containerd.service\n`,
      `/docker/${A}`,
      A,
    ],
    [
      'v1 without systemd',
      `3:cpu:/\n4:memory:/kubepods/burstable/pod${UID}/${A}\n0::/\n`,
      `/kubepods/burstable/pod${UID}/${A}`,
      A,
    ],
    [
      'mixed, the unit by systemd',
      '4:memory:/user\n1:name=systemd:/system.slice/cron.service\n0::/\n',
      '/system.slice/cron.service',
      '',
    ],
    ['nothing said but a path', '4:memory:/jobs/7\n1:name=systemd:/\n0::/\n', '/jobs/7', ''],
    ['nothing at all', '0::/\n', '/', ''],
    ['what is no such file', 'hello\n::\n', '/', ''],
    ['a path with colons', `5:memory:/a:b/docker-${A}.scope\n`, `/a:b/docker-${A}.scope`, A],
  ])('%s', (_what, text, path, container) => {
    expect(readCgroupFile(text)).toMatchObject({ path, container });
  });
});
