/**
 * Owns what the product needs from the operating system, how each need is recognised, and how it is met.
 * Needs are probed by file and command, which takes milliseconds; the package database is asked only when one is missing.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runQuietly, SetupError, say } from './steps.mjs';

/** Tools of the administrator live in sbin, which an ordinary user's PATH often lacks. */
const EXTRA_PATH = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

const LIBRARY_FOLDERS = [
  '/usr/local/lib',
  '/usr/local/lib64',
  '/usr/lib',
  '/usr/lib64',
  '/lib',
  '/lib64',
  ...['x86_64', 'aarch64', 'riscv64', 'powerpc64le', 's390x'].map((arch) => `/usr/lib/${arch}-linux-gnu`),
];

const HEADER_FOLDERS = [
  '/usr/include',
  '/usr/local/include',
  ...['x86_64', 'aarch64', 'riscv64', 'powerpc64le', 's390x'].map((arch) => `/usr/include/${arch}-linux-gnu`),
];

/**
 * One thing that must be there. `packages` lists alternatives in order of preference, each a list of Debian packages
 * that together meet the need; `otherwise` says what to do where none of them exists.
 * @typedef {{ name: string, why: string, tests: boolean, present(host: Host): boolean, packages: string[][], otherwise: string }} Need
 * @typedef {{ exists(path: string): boolean, command(name: string): string | undefined, runs(command: string, args: string[]): boolean }} Host
 */

/** @type {Need[]} */
export const NEEDS = [
  {
    name: 'clang',
    why: 'compiles the BPF programs',
    tests: false,
    present: (host) => host.command('clang') !== undefined,
    packages: [['clang']],
    otherwise: 'install clang 12 or later, with its BPF target',
  },
  {
    name: 'libbpf headers',
    why: 'what the BPF programs include (bpf/bpf_helpers.h)',
    tests: false,
    present: (host) => HEADER_FOLDERS.some((folder) => host.exists(`${folder}/bpf/bpf_helpers.h`)),
    packages: [['libbpf-dev']],
    otherwise: 'install the headers of libbpf 1.0 or later',
  },
  {
    name: 'kernel headers for user space',
    why: 'what the BPF programs include (linux/bpf.h, asm/types.h)',
    tests: false,
    present: (host) =>
      ['linux/bpf.h', 'asm/types.h'].every((header) =>
        HEADER_FOLDERS.some((folder) => host.exists(`${folder}/${header}`)),
      ),
    packages: [['linux-libc-dev']],
    otherwise: 'install the user-space headers of the kernel (linux/bpf.h)',
  },
  {
    name: 'libbpf.so.1',
    why: 'loads the BPF programs',
    tests: false,
    present: (host) => LIBRARY_FOLDERS.some((folder) => host.exists(`${folder}/libbpf.so.1`)),
    packages: [['libbpf1']],
    otherwise:
      'install libbpf 1.0 or later (Debian 12, Ubuntu 24.04 and later have it; on older ones build it: https://github.com/libbpf/libbpf)',
  },
  {
    name: 'libdw.so.1',
    why: 'reads source lines and inlined functions from debug information',
    tests: false,
    present: (host) => LIBRARY_FOLDERS.some((folder) => host.exists(`${folder}/libdw.so.1`)),
    packages: [['libdw1'], ['libdw1t64']],
    otherwise: 'install elfutils’ libdw',
  },
  {
    name: 'C compiler',
    why: 'builds the workloads that the kernel tests measure',
    tests: true,
    present: (host) => host.command('gcc') !== undefined && host.exists('/usr/include/stdio.h'),
    packages: [['gcc', 'libc6-dev']],
    otherwise: 'install gcc and the headers of the C library',
  },
  {
    name: 'C++ compiler',
    why: 'builds a program whose names tests compare with what gdb prints',
    tests: true,
    present: (host) => host.command('g++') !== undefined,
    packages: [['g++']],
    otherwise: 'install g++',
  },
  {
    name: 'Rust compiler',
    why: 'builds a program whose names tests compare with what gdb prints',
    tests: true,
    present: (host) => host.command('rustc') !== undefined,
    packages: [['rustc']],
    otherwise: 'install rustc 1.59 or later',
  },
  {
    name: 'musl',
    why: 'the other C library whose name look-ups tests measure',
    tests: true,
    present: (host) => host.command('musl-gcc') !== undefined,
    packages: [['musl-tools']],
    otherwise: 'install musl with its compiler wrapper (musl-gcc)',
  },
  {
    name: 'gdb',
    why: 'says what tests hold the names of addresses to',
    tests: true,
    present: (host) => host.command('gdb') !== undefined,
    packages: [['gdb']],
    otherwise: 'install gdb',
  },
  {
    name: 'elfutils and xz',
    why: 'make the debug files and compressed tables that tests read',
    tests: true,
    present: (host) => host.command('eu-strip') !== undefined && host.command('xz') !== undefined,
    packages: [['elfutils', 'xz-utils']],
    otherwise: 'install elfutils (eu-strip, eu-addr2line) and xz',
  },
  {
    name: 'Java',
    why: 'the JVM whose compiled code tests name',
    tests: true,
    present: (host) => host.command('javac') !== undefined && host.command('java') !== undefined,
    packages: [['openjdk-17-jdk-headless'], ['default-jdk-headless']],
    otherwise: 'install a JDK of 17 or later (javac and java)',
  },
  {
    name: 'Python',
    why: 'an interpreter whose frames tests name',
    tests: true,
    present: (host) => host.command('python3') !== undefined,
    packages: [['python3-minimal']],
    otherwise: 'install Python 3',
  },
  {
    name: 'bpftool',
    why: 'shows whether the generated record layouts are fresh',
    tests: true,
    // Ubuntu's bpftool is a script that works only beside the tools of the running kernel.
    present: (host) => host.runs('bpftool', ['version']),
    packages: [['bpftool'], ['linux-tools-common', 'linux-tools-generic']],
    otherwise: 'install bpftool (on Ubuntu: linux-tools-common and linux-tools-$(uname -r))',
  },
  {
    name: 'libbpf-tools',
    why: 'the peer whose offcputime a test compares with',
    tests: true,
    present: (host) => host.command('offcputime') !== undefined,
    packages: [['libbpf-tools']],
    otherwise: 'install libbpf-tools (offcputime)',
  },
  {
    name: 'redis',
    why: 'the real server under load that tests and the bench trace; only run from a temporary folder, never as a service',
    tests: true,
    // Debian's server is the same program as this tool under another name; its own package would start a service.
    present: (host) =>
      host.command('redis-benchmark') !== undefined &&
      (host.command('redis-server') !== undefined || host.command('redis-check-rdb') !== undefined),
    packages: [['redis-tools'], ['valkey-redis-compat']],
    otherwise: 'install redis (redis-server and redis-benchmark)',
  },
  {
    name: 'Go',
    why: 'its pprof reads the profiles that we write',
    tests: true,
    present: (host) => host.command('go') !== undefined,
    packages: [['golang-go']],
    otherwise: 'install Go (go tool pprof)',
  },
  {
    name: 'perf',
    why: 'records and prints a profile that we read',
    tests: true,
    // Ubuntu's perf is a script that works only beside the tools of the running kernel.
    present: (host) => host.runs('perf', ['--version']),
    packages: [['linux-perf'], ['linux-tools-common', 'linux-tools-generic']],
    otherwise: 'install perf (on Ubuntu: linux-tools-common and linux-tools-$(uname -r))',
  },
  {
    name: 'Chromium',
    why: 'the browser of the browser tests',
    tests: true,
    present: (host) =>
      ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].some(
        (name) => host.command(name) !== undefined,
      ),
    packages: [['chromium']],
    otherwise: 'install Chromium or Chrome (Ubuntu has it as a snap only: sudo snap install chromium)',
  },
];

/** Needs that are not met. Pure given `host`. */
export function missingNeeds(needs, host) {
  return needs.filter((need) => !need.present(host));
}

/**
 * What to install for `missing`, and what no package of this host gives.
 * @param {(name: string) => boolean} hasPackage
 */
export function planInstall(missing, hasPackage) {
  const packages = new Set();
  const unmet = [];
  for (const need of missing) {
    const alternative = need.packages.find((names) => names.every(hasPackage));
    if (alternative === undefined) unmet.push(need);
    else for (const name of alternative) packages.add(name);
  }
  return { packages: [...packages], unmet };
}

/** Sees to it that everything needed is installed, or throws a SetupError that says what is not and what to run. */
export async function ensureSystemPackages({ forTests }) {
  const needs = NEEDS.filter((need) => forTests || !need.tests);
  const missing = missingNeeds(needs, thisHost);
  if (missing.length === 0) {
    say('system packages: all there');
    return;
  }
  for (const need of missing) say(`system packages: ${need.name} is missing (${need.why})`);
  if (thisHost.command('apt-get') === undefined) throw new SetupError(notDebian(missing));

  const right = rightToInstall();
  const debian = missing.flatMap((need) => need.packages[0]);
  if (right === undefined) {
    throw new SetupError(
      'Installing system packages needs root, and sudo asks for a password here.',
      `Run this, then try again:\n\n  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${debian.join(' ')}`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (what, args, hint) => {
    const [command, ...rest] = [...right, 'apt-get', ...args];
    return runQuietly(what, command, rest, { env, hint });
  };
  say('system packages: apt-get update');
  await apt(
    'updating the package lists',
    ['update', '-q'],
    'The package lists could not be read: see to the network and to /etc/apt/sources.list, then try again.',
  );
  const { packages, unmet } = planInstall(missing, hasAptPackage);
  if (packages.length > 0) {
    say(`system packages: installing ${packages.join(' ')}`);
    await apt(
      'installing system packages',
      ['install', '-y', '-q', '--no-install-recommends', ...packages],
      `Mend what apt-get says above, then try again. By hand it is:\n\n  sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`,
    );
  }
  const still = [
    ...unmet,
    ...missingNeeds(
      missing.filter((need) => !unmet.includes(need)),
      thisHost,
    ),
  ];
  if (still.length > 0)
    throw new SetupError(`This system has no package for all of it:\n${needLines(still)}`);
  say('system packages: all there');
}

function notDebian(missing) {
  return `This is no Debian or Ubuntu, so set-up cannot install what is missing:\n${needLines(missing)}`;
}

function needLines(needs) {
  return needs.map((need) => `  - ${need.name}, which ${need.why}: ${need.otherwise}`).join('\n');
}

/** The command prefix that makes apt-get run as root without asking; undefined when there is none. */
function rightToInstall() {
  if (process.getuid?.() === 0) return [];
  const sudo = thisHost.command('sudo');
  if (sudo !== undefined && spawnSync(sudo, ['-n', 'true'], { stdio: 'ignore' }).status === 0) {
    return [sudo, '-n', 'env', 'DEBIAN_FRONTEND=noninteractive'];
  }
  return undefined;
}

function hasAptPackage(name) {
  const policy = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8' });
  const candidate = /^ {2}Candidate: (.*)$/m.exec(policy.stdout ?? '')?.[1];
  return candidate !== undefined && candidate !== '(none)';
}

/** @type {Host} */
const thisHost = {
  exists: existsSync,
  command(name) {
    const folders = [...(process.env.PATH ?? '').split(delimiter), ...EXTRA_PATH];
    return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  },
  runs(command, args) {
    const path = this.command(command);
    return path !== undefined && spawnSync(path, args, { stdio: 'ignore' }).status === 0;
  },
};

/** The tests' peers read tracepoint formats; a minimal system does not mount tracefs by itself. */
export function ensureTracefs() {
  if (process.getuid?.() !== 0) return;
  const mounts = readFileSync('/proc/self/mounts', 'utf8');
  if (/^\S+ \/sys\/kernel\/tracing tracefs /m.test(mounts) || !existsSync('/sys/kernel/tracing')) return;
  const mount = spawnSync('mount', ['-t', 'tracefs', 'tracefs', '/sys/kernel/tracing'], { encoding: 'utf8' });
  if (mount.status === 0) say('tracefs: mounted at /sys/kernel/tracing');
  else say(`tracefs: cannot mount it at /sys/kernel/tracing: ${(mount.stderr ?? '').trim()}`);
}
