/**
 * Owns made-up flame graphs that hold what breaks drawings: nothing, one frame, depth, width, long and foreign names,
 * every role, and size. They are what the gallery shows and what drawing is measured on; no kernel was asked.
 */

import {
  type DiffWidth,
  type FlameTree,
  NONE,
  ROLES,
  type Role,
  UNNAMED,
  type Unnamed,
  unfilledFlameTree,
} from '@stallscope/profile';
import type { FlameDiff } from './flame-diff.js';

export interface FlameFixture {
  name: string;
  /** What to look for. */
  note: string;
  make(): FlameTree;
}

export interface FixtureFrame {
  label: string;
  role: Role;
  unnamed?: Unnamed;
}

export interface FixtureStack {
  /** Root first, without the root. */
  frames: readonly FixtureFrame[];
  ns: number;
  count?: number;
}

const MS = 1e6;

export const FLAME_FIXTURES: readonly FlameFixture[] = [
  { name: 'empty', note: 'The root alone, no time.', make: () => treeOfStacks([]) },
  {
    name: 'one frame',
    note: 'One frame as wide as the root.',
    make: () => treeOfStacks([{ frames: [frame('sleeper', 'comm')], ns: 1000 * MS }]),
  },
  {
    name: 'off-cpu',
    note: 'User and kernel frames of a service: two blues, a bar at the kernel’s left, own time as empty ends.',
    make: () => treeOfStacks(offCpuStacks()),
  },
  {
    name: 'chain with wakers',
    note: 'Blue waits, then wakers from aqua to green with a line along the top, and hatched ends.',
    make: () => treeOfStacks(chainStacks()),
  },
  {
    name: 'unnamed frames',
    note: 'Frames without a name are dull and italic beside named ones.',
    make: () => treeOfStacks(unnamedStacks()),
  },
  {
    name: 'unicode and very long names',
    note: 'Wide scripts, emoji, controls, right-to-left and 400 letters stay in their boxes.',
    make: () => treeOfStacks(foreignStacks()),
  },
  {
    name: 'names of many languages',
    note: 'The narrower the box, the less of path, arguments, templates and namespaces; the function’s name last.',
    make: () => treeOfStacks(namedStacks()),
  },
  { name: 'deep', note: '1000 frames on one stack: scrolls, root in its place.', make: () => deepTree(1000) },
  {
    name: 'wide',
    note: '2000 siblings: what is narrower than half a pixel is one hatched run.',
    make: () => wideTree(2000),
  },
  {
    name: '100,000 nodes',
    note: 'Generated; drawing it is held to 16 ms.',
    make: () => generatedTree(100_000, 1),
  },
];

/** A tree from stacks; frames of the same label and role under one parent are one node. */
export function treeOfStacks(stacks: readonly FixtureStack[]): FlameTree {
  const root = newSketch({ label: '', role: 'root' });
  for (const { frames, ns, count = 1 } of stacks) {
    let at = root;
    for (const step of frames) {
      const key = `${step.label}\0${step.role}`;
      let child = at.children.get(key);
      if (child === undefined) {
        child = newSketch(step);
        at.children.set(key, child);
      }
      at = child;
    }
    at.selfValue += ns;
    at.selfCount += count;
  }
  return columnsOf(root);
}

/** A difference with all that one can have: what grew and shrank by every step, is new, is gone, or stayed. */
export function diffFixture(width: DiffWidth): { tree: FlameTree; diff: FlameDiff } {
  const [after, before] = [1, 0].map((isAfter) =>
    treeOfStacks(
      offCpuStacks().flatMap(({ frames, ns }, index) => {
        const factor =
          isAfter === 1 ? [1, 2.4, 0.3, 1, 1.004, 1.2, 0][index]! : [1, 1, 1, 0, 1, 0, 1][index]!;
        return [{ frames, ns: ns * factor }];
      }),
    ),
  ) as [FlameTree, FlameTree];
  // Stacks without time are in both, so both have the same nodes in the same order.
  return {
    tree: after,
    diff: { baseSelfValue: before.selfValue, baseTotalValue: before.totalValue, baseScale: 1, width },
  };
}

/** One thread whose stack has as many frames, each with a little time of its own. */
export function deepTree(frames: number): FlameTree {
  const stack = [frame('recursion', 'comm')];
  const stacks: FixtureStack[] = [];
  for (let depth = 1; depth < frames; depth++) {
    stack.push(
      frame(
        depth % 7 === 0 ? `visit_node_${depth}` : `walk_${depth % 13}_${depth}`,
        depth < frames - 20 ? 'user' : 'kernel',
      ),
    );
    if (depth % 25 === 0) stacks.push({ frames: stack.slice(), ns: 2 * MS });
  }
  stacks.push({ frames: stack, ns: 800 * MS });
  return treeOfStacks(stacks);
}

/** One thread that calls as many functions, a few of them long. */
export function wideTree(siblings: number): FlameTree {
  const random = randomFrom(7);
  return treeOfStacks(
    Array.from({ length: siblings }, (_, index) => ({
      frames: [
        frame('dispatcher', 'comm'),
        frame(`handle_request_${String(index).padStart(4, '0')}`, 'user'),
        frame('futex_wait', 'kernel'),
      ],
      ns: (index % 200 === 0 ? 60 : 0.2 + random()) * MS,
    })),
  );
}

/** As many functions as a large program has on its stacks; fewer names than nodes, as in any real profile. */
const GENERATED_FUNCTIONS = 20_000;

/** A tree of exactly that many nodes, the same for the same seed: threads, user stacks, kernel ends, skewed times. */
export function generatedTree(nodeCount: number, seed: number): FlameTree {
  const random = randomFrom(seed);
  const root = newSketch({ label: '', role: 'root' });
  const open = [{ sketch: root, depth: 0 }];
  for (let made = 1; made < nodeCount; made++) {
    // The newest are extended most, so that stacks grow deep; any may fork.
    const at = open[random() < 0.72 ? open.length - 1 : Math.floor(random() * open.length)]!;
    const depth = at.depth + 1;
    const role: Role = depth === 1 ? 'comm' : depth > 24 ? 'kernel' : 'user';
    const name = () =>
      depth === 1
        ? `worker-${made}`
        : `${role === 'kernel' ? 'k' : 'fn'}_${Math.floor(random() * GENERATED_FUNCTIONS).toString(36)}_step`;
    let label = name();
    while (at.sketch.children.has(label)) label = name();
    const child = newSketch({ label, role, ...(random() < 0.03 ? { unnamed: 'no-symbol' as const } : {}) });
    child.selfValue = random() ** 6 * 400 * MS;
    child.selfCount = 1;
    at.sketch.children.set(label, child);
    if (depth < 40) open.push({ sketch: child, depth });
  }
  return columnsOf(root);
}

interface Sketch {
  frame: FixtureFrame;
  children: Map<string, Sketch>;
  selfValue: number;
  selfCount: number;
}

function newSketch(step: FixtureFrame): Sketch {
  return { frame: step, children: new Map(), selfValue: 0, selfCount: 0 };
}

function columnsOf(root: Sketch): FlameTree {
  const sketches: { sketch: Sketch; parent: number }[] = [];
  const pending = [{ sketch: root, parent: NONE }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const node = sketches.length;
    sketches.push(next);
    // Popped from the end: the last in order is pushed first.
    for (const child of [...next.sketch.children.values()].sort(byLabel).reverse()) {
      pending.push({ sketch: child, parent: node });
    }
  }
  const nodeCount = sketches.length;
  const labels: string[] = [''];
  const labelIds = new Map([['', 0]]);
  const tree = unfilledFlameTree(labels, nodeCount);
  for (const [node, { sketch, parent }] of sketches.entries()) {
    const { label, role, unnamed } = sketch.frame;
    let id = labelIds.get(label);
    if (id === undefined) {
      id = labels.push(label) - 1;
      labelIds.set(label, id);
    }
    tree.parent[node] = parent;
    tree.label[node] = id;
    tree.role[node] = ROLES.indexOf(role);
    tree.unnamed[node] = UNNAMED.indexOf(unnamed ?? 'named');
    tree.selfValue[node] = sketch.selfValue;
    tree.totalValue[node] = sketch.selfValue;
    tree.totalCount[node] = sketch.selfCount;
  }
  for (let node = nodeCount - 1; node > 0; node--) {
    const parent = tree.parent[node]!;
    tree.totalValue[parent]! += tree.totalValue[node]!;
    tree.totalCount[parent]! += tree.totalCount[node]!;
    // Later siblings come first in this loop, so the list ends in order.
    tree.nextSibling[node] = tree.firstChild[parent]!;
    tree.firstChild[parent] = node;
  }
  return tree;
}

function byLabel(one: Sketch, other: Sketch): number {
  if (one.frame.label !== other.frame.label) return one.frame.label < other.frame.label ? -1 : 1;
  return ROLES.indexOf(one.frame.role) - ROLES.indexOf(other.frame.role);
}

function frame(label: string, role: Role, unnamed?: Unnamed): FixtureFrame {
  return unnamed === undefined ? { label, role } : { label, role, unnamed };
}

const SEPARATOR = frame('-', 'separator');
const WAKER_SEPARATOR = frame('--', 'separator');

function users(...labels: string[]): FixtureFrame[] {
  return labels.map((label) => frame(label, 'user'));
}

function kernels(...labels: string[]): FixtureFrame[] {
  return labels.map((label) => frame(label, 'kernel'));
}

const SYSCALL = ['entry_SYSCALL_64_after_hwframe', 'do_syscall_64'];
const SLEEP = ['schedule', '__schedule'];

function offCpuStacks(): FixtureStack[] {
  const futex = [
    SEPARATOR,
    ...kernels(...SYSCALL, '__x64_sys_futex', 'do_futex', 'futex_wait', 'futex_wait_queue', ...SLEEP),
  ];
  const epoll = [
    SEPARATOR,
    ...kernels(...SYSCALL, '__x64_sys_epoll_wait', 'do_epoll_wait', 'schedule_hrtimeout_range', ...SLEEP),
  ];
  const fsync = [
    SEPARATOR,
    ...kernels(...SYSCALL, '__x64_sys_fsync', 'ext4_sync_file', 'jbd2_log_wait_commit', ...SLEEP),
  ];
  const server = frame('api-server', 'comm');
  return [
    { frames: [server, ...users('_start', 'main', 'event_loop', 'epoll_wait'), ...epoll], ns: 9200 * MS },
    {
      frames: [
        server,
        ...users('_start', 'main', 'event_loop', 'handle_request', 'lock_table', 'pthread_mutex_lock'),
        ...futex,
      ],
      ns: 14_100 * MS,
    },
    {
      frames: [
        server,
        ...users('_start', 'main', 'event_loop', 'handle_request', 'write_log', 'fsync'),
        ...fsync,
      ],
      ns: 4800 * MS,
    },
    { frames: [server, ...users('_start', 'main', 'event_loop', 'handle_request')], ns: 350 * MS },
    {
      frames: [
        frame('pool-1', 'comm'),
        ...users('clone3', 'start_thread', 'worker_main', 'take_job', 'pthread_cond_wait'),
        ...futex,
      ],
      ns: 11_000 * MS,
    },
    {
      frames: [
        frame('kworker/u8:1', 'comm'),
        ...kernels('ret_from_fork_asm', 'ret_from_fork', 'kthread', 'worker_thread', ...SLEEP),
      ],
      ns: 2900 * MS,
    },
    {
      frames: [
        frame('jbd2/vda1-8', 'comm'),
        ...kernels('ret_from_fork_asm', 'ret_from_fork', 'kthread', 'kjournald2', ...SLEEP),
      ],
      ns: 1600 * MS,
    },
  ];
}

function chainStacks(): FixtureStack[] {
  const waits = [
    frame('stage-3', 'comm'),
    ...users('main', 'read_pipe'),
    SEPARATOR,
    ...kernels(...SYSCALL, 'ksys_read', 'pipe_read', ...SLEEP),
  ];
  const stage2 = [
    WAKER_SEPARATOR,
    ...['pipe_write', 'ksys_write', 'do_syscall_64'].map((label) => frame(label, 'waker-kernel')),
    SEPARATOR,
    ...['write_pipe', 'main'].map((label) => frame(label, 'waker-user')),
    frame('stage-2', 'waker-comm'),
  ];
  const stage1 = [
    WAKER_SEPARATOR,
    ...['pipe_write', 'ksys_write', 'do_syscall_64'].map((label) => frame(label, 'waker-kernel')),
    SEPARATOR,
    ...['write_pipe', 'main'].map((label) => frame(label, 'waker-user')),
    frame('stage-1', 'waker-comm'),
  ];
  const timer = [
    WAKER_SEPARATOR,
    ...['hrtimer_wakeup', '__hrtimer_run_queues', 'hrtimer_interrupt'].map((label) =>
      frame(label, 'waker-kernel'),
    ),
    frame('[timer]', 'marker'),
  ];
  return [
    { frames: [...waits, ...stage2, ...stage1, ...timer], ns: 3000 * MS },
    { frames: [...waits, ...stage2, frame('[chain cut]', 'marker')], ns: 420 * MS },
    { frames: [...waits, ...stage2, frame('[waker not sampled]', 'marker')], ns: 900 * MS },
    { frames: [...waits, WAKER_SEPARATOR, frame('[no stack]', 'marker')], ns: 260 * MS },
  ];
}

function unnamedStacks(): FixtureStack[] {
  const comm = frame('node', 'comm');
  return [
    {
      frames: [
        comm,
        frame('node+0x8c3f10', 'user', 'no-symbol'),
        frame('node+0x8c4122', 'user', 'no-symbol'),
        ...kernels('futex_wait'),
      ],
      ns: 900 * MS,
    },
    {
      frames: [
        comm,
        frame('[unknown]', 'user', 'no-mapping'),
        frame('uv_run', 'user'),
        SEPARATOR,
        frame('[module]+0x12', 'kernel', 'no-symbol'),
      ],
      ns: 700 * MS,
    },
    { frames: [comm, frame('[exited]', 'user', 'process-gone'), ...kernels('do_exit')], ns: 400 * MS },
    { frames: [comm, frame('[stack missing]', 'user', 'stack-missing')], ns: 200 * MS },
  ];
}

/** One function a row, ever narrower, with the names that compilers and runtimes give. */
function namedStacks(): FixtureStack[] {
  const names = [
    'std::__1::map<std::string, std::vector<Order>, std::less<>>::find(std::string const&) const',
    'void tbb::detail::run<acme::Pool::Worker>(acme::Pool::Worker&, std::chrono::nanoseconds)',
    'github.com/acme/api/internal/store.(*Table).Scan',
    '<alloc::vec::Vec<T> as core::iter::traits::Extend<T>>::extend_desugared::h0123456789abcdef',
    'java.util.concurrent.locks.AbstractQueuedSynchronizer.acquire',
    'JS:*handleRequest /srv/app/node_modules/router/lib/layer.js:120:7',
    'entry_SYSCALL_64_after_hwframe',
    'futex_wait_queue.constprop.0',
  ];
  return [320, 160, 90, 60, 40, 26, 18, 12].map((ns, column) => ({
    frames: [frame(`pool-${column}`, 'comm'), ...users(...names.slice(0, 6)), ...kernels(...names.slice(6))],
    ns: ns * MS,
  }));
}

function foreignStacks(): FixtureStack[] {
  const template = `std::__1::map<std::string, ${'std::vector<std::pair<int, long>>, '.repeat(10)}std::less<>>::find(std::string const&)`;
  const names = [
    '数据库连接池工作线程',
    'обработчик_запросов',
    'مؤشر_الترابط',
    '👩‍👩‍👧‍👦 family worker 🔥🔥🔥',
    'name\u202ereversed\nbroken',
    'a'.repeat(400),
    template,
    'ﾊﾝｶｸ カナ',
    '-',
  ];
  return names.flatMap((name, index) => [
    {
      frames: [
        frame(name, 'comm'),
        frame(template, 'user'),
        frame(names[(index + 4) % names.length]!, 'kernel'),
      ],
      ns: (300 + index * 40) * MS,
    },
    { frames: [frame(name, 'comm'), frame(names[(index + 1) % names.length]!, 'user')], ns: 90 * MS },
  ]);
}

/** mulberry32: small, seeded, the same everywhere. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
