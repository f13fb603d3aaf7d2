import { describe, expect, it } from 'vitest';
import { checkSeeds, type Random, stacksFromText, type TextStacks } from './fixtures/index.js';
import { FlameBuilder } from './flame-builder.js';
import { KINDS, NONE, STATES } from './kinds.js';
import { NOISE_PRESETS } from './noise-presets.js';
import { redactorOf, redactorOfSamples, redactSamples, redactWindows } from './redact.js';
import type { Reduction } from './redactor.js';
import { appendRow, emptyRows, emptyWindow } from './rows.js';
import { SampleFlameBuilder } from './sample-flame-builder.js';
import { SampleProfileBuilder } from './sample-profile.js';
import { ProfileTables } from './tables.js';

const KEY = Uint8Array.from({ length: 16 }, (_, n) => n * 7);
const NAMES: Reduction = { hostNames: false, processNames: true, addresses: false, arguments: false };
const QUERY = { view: 'off-cpu', kinds: KINDS } as const;

/** What presets hide of rows and of their reduced copy, and the names in the copy, without digits. */
function reduced(text: string) {
  return reducedRows(stacksFromText(text), NAMES);
}

function reducedRows({ tables, rows }: TextStacks, reduction: Reduction) {
  const windows = [emptyWindow({ rows })];
  const copy = redactWindows(tables, windows, redactorOf(tables, windows, [], reduction, KEY));
  return {
    original: new FlameBuilder(tables).noiseOf(rows, QUERY, NOISE_PRESETS),
    copy: new FlameBuilder(copy.tables).noiseOf(copy.windows[0]!.rows, QUERY, NOISE_PRESETS),
    strings: copy.tables.strings.map((name) => name.replace(/-[0-9a-f]{4,16}/g, '-*')),
  };
}

describe('a copy without names', () => {
  it.each<[what: string, text: string, preset: string, shown: string]>([
    ['a program of a list', 'sshd: main | do_sys_poll = 5us', 'poll-loops', 'process-* (poll loops)'],
    [
      'a thread of a list that is not the first of its process',
      'node@7/8: | futex_do_wait = 5us',
      'worker-pools',
      'thread-* (worker pools beside the first)',
    ],
    [
      'one that is the first',
      'node@7/7: | futex_do_wait = 5us',
      '',
      'process-* (worker pools beside the first)',
    ],
    ['a thread by its name', 'bio_aof@7/8: | futex_do_wait = 5us', 'worker-pools', 'thread-* (worker pools)'],
    [
      'a function with the name of a process in it that keeps a wait in sight',
      'curl@7/7: curl_easy_perform | do_sys_poll = 1us\n bash@7/8: curl_easy_perform | do_sys_poll = 5us',
      'polls',
      'process-*_easy_perform (not poll loops)',
    ],
    ['what no list knows', 'shopd: main | do_sys_poll = 5us', 'polls', 'process-*'],
  ])('hides as much of %s', (_, text, preset, shown) => {
    const { original, copy, strings } = reduced(text);
    expect(copy).toEqual(original);
    expect(original.filter(({ value }) => value > 0).map((hidden) => hidden.preset)).toEqual(
      preset === '' ? [] : [preset],
    );
    expect(strings).toContain(shown);
  });

  it('has no name of a list either', () => {
    const { strings } = reduced('sshd: main | do_sys_poll = 5us\n postgres@2/3: main | do_sys_poll = 5us');
    expect(strings.join()).not.toMatch(/sshd|postgres/);
  });

  it('of a copy that names are hidden in once more says the same', () => {
    const { tables, rows } = stacksFromText('sshd: main | do_sys_poll = 5us');
    const first = redactWindows(
      tables,
      [emptyWindow({ rows })],
      redactorOf(tables, [emptyWindow({ rows })], [], NAMES, KEY),
    );
    const again = redactWindows(
      first.tables,
      first.windows,
      redactorOf(first.tables, first.windows, [], NAMES, KEY),
    );
    const hidden = new FlameBuilder(again.tables).noiseOf(again.windows[0]!.rows, QUERY, NOISE_PRESETS);
    expect(hidden.find(({ preset }) => preset === 'poll-loops')?.value).toBe(5_000);
  });

  it('hides the same time by each preset, whoever waits, in what, and whatever is hidden', () => {
    const hidden = new Set<string>();
    checkSeeds(150, (random) => {
      const { original, copy } = reducedRows(randomWaits(random), randomReduction(random));
      expect(copy).toEqual(original);
      for (const { preset, value } of original) if (value > 0) hidden.add(preset);
    });
    expect([...hidden].sort(), 'presets that hid something').toEqual(
      NOISE_PRESETS.map(({ id }) => id).sort(),
    );
  });

  it('does so for profiles from elsewhere, where user frames tell what a thread waits in', () => {
    const hidden = new Set<string>();
    checkSeeds(150, (random) => {
      const builder = new SampleProfileBuilder('app', [{ type: 'off_cpu', unit: 'nanoseconds' }]);
      for (let n = 0; n < 30; n++) {
        const frames = [...randomUserFrames(random), random.pick(USER_SITES)].map((name) =>
          builder.frame({ name, module: 'app', file: '', line: 0, role: 'user', unnamed: 0 }),
        );
        const [tgid, tid] = [random.integer(1, 3), random.integer(1, 3)];
        builder.sample(
          builder.stackOf(frames),
          [random.integer(1, 1e6)],
          builder.labels({ comm: random.pick(COMMS), tgid, tid }),
        );
      }
      const { profile } = builder;
      const copy = redactSamples(profile, redactorOfSamples([profile], [], randomReduction(random), KEY));
      const of = (samples: typeof profile) =>
        new SampleFlameBuilder(samples).noiseOf({ value: 0 }, NOISE_PRESETS);
      expect(of(copy)).toEqual(of(profile));
      for (const { preset, value } of of(profile)) if (value > 0) hidden.add(preset);
    });
    expect([...hidden]).toEqual(
      expect.arrayContaining(['event-loops', 'poll-loops', 'worker-pools', 'sleeps', 'polls']),
    );
  });
});

/** Names that lists have, and names like parts of what functions are called. */
const COMMS = [
  ...['sshd', 'node', 'postgres', 'bash', 'gmain', 'bio_aof', 'in:imuxsock', 'rs:main Q:Reg', 'tmux: server'],
  ...[
    'shopd',
    'curl',
    'epoll',
    'poll',
    'sleep',
    'futex',
    'PQ',
    'runtime',
    'io',
    'pthread',
    'process',
    'schedule',
  ],
  ...['GC Thread#3', 'V8Worker', 'pool-spawner', 'mysql', 'g', 'wait', 'sync'],
];
const USER_FRAMES = [
  ...[
    'main',
    'curl_easy_perform',
    'PQexec',
    'mysql_real_query',
    'SSL_read',
    'g_main_loop_run',
    'runtime.stopm',
  ],
  ...['pthread_mutex_lock', 'runtime.lock2', 'PortalRun', 'LockAcquireExtended', 'shm_mq_receive', 's_lock'],
  ...['app::RawMutex::lock_slow(int)', 'node::PlatformWorkerThread(void*)', 'tokio::runtime::park(Driver&)'],
  ...['ngx_thread_cond_wait', 'sync_array_wait_event', 'os/signal.signal_recv', 'a(b)', '/srv/shop/run.js:5'],
];
const KERNEL_SITES = [
  ...['ep_poll', 'do_sys_poll;poll_schedule_timeout', 'futex_do_wait;schedule', 'do_nanosleep', 'do_wait'],
  ...[
    'inet_csk_accept',
    'io_cqring_wait',
    'ret_from_fork;kthread;rcu_gp_fqs_loop',
    'ext4_sync_file;io_schedule',
  ],
];
const USER_SITES = [
  ...['epoll_wait', 'poll', 'select', 'pthread_cond_wait', 'syscall', 'clock_nanosleep', 'sleep', 'waitpid'],
  ...['io_getevents', 'read_events', 'schedule_timeout', 'io_schedule', 'runtime.futex', 'read', 'pause'],
];

function randomUserFrames(random: Random): string[] {
  return Array.from({ length: random.integer(0, 3) }, () => random.pick(USER_FRAMES));
}

function randomWaits(random: Random): TextStacks {
  const tables = new ProfileTables();
  const rows = emptyRows();
  const stackOf = (names: readonly string[], space: 0 | 1): number =>
    tables.internFrames(
      names.map((name) =>
        tables.internFrame({ name: tables.internString(name), module: 0, space, unnamed: 0 }),
      ),
    );
  for (let n = 0; n < 30; n++) {
    const tgid = random.integer(1, 4);
    appendRow(rows, {
      tgid,
      tid: random.integer(tgid, tgid + 2),
      comm: tables.internString(random.pick(COMMS)),
      cgroup: 0,
      kind: KINDS.indexOf('blocked'),
      state: STATES.indexOf('S'),
      userStack: stackOf(randomUserFrames(random), 0),
      kernelStack: stackOf(random.pick(KERNEL_SITES).split(';'), 1),
      chain: NONE,
      bucket: 0,
      captures: 1,
      estimatedCount: 1,
      estimatedNs: random.integer(1, 1e9),
      varianceNs2: 0,
    });
  }
  return { tables, rows };
}

function randomReduction(random: Random): Reduction {
  return {
    hostNames: random.chance(0.5),
    processNames: random.chance(0.8),
    addresses: random.chance(0.5),
    arguments: random.chance(0.5),
  };
}
