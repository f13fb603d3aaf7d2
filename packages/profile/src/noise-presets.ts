/**
 * Owns what counts as an idle wait: a thread that waits for work, a timer, a child or a person, so that nobody is held
 * up. The one source of it for what a graph may leave out and for what the answer line and the list of open waits set apart.
 *
 * A preset hides a wait only where the stack shows that it is idle; what looks the same as a thread that is held up
 * stays, or is in a preset of its own that is not certain. Where the likeness is:
 *
 * - `worker_thread` is in the stack of every kernel worker, also of one that waits for a disk, and `ep_poll` in that of
 *   a page fault while events are copied out. Only in what a thread waits in, the first function below the scheduler's
 *   own, do they mean idle.
 * - A session of PostgreSQL waits for a lock in epoll, as it does for its next query; the functions above tell.
 * - A futex is a lock, a join or a queue without work. Without frame pointers in libc, often one frame is all that there
 *   is of a user stack, so a thread's name has to do where a program's own threads have one; where they do not (Python's,
 *   Java's pools without Java frames) the wait stays.
 * - poll is what sshd waits for its clients in, and what a client waits for its database in.
 */
export interface NoisePreset {
  id: string;
  /** A few words for a chip. */
  name: string;
  /** A sentence for the reader: what is hidden, and what is not. */
  help: string;
  /**
   * Source of a RegExp over one text. `wait`: what the thread waits in, its caller behind it: `ep_poll < do_epoll_wait`.
   * `frame`: any of its own user or kernel frames; frames of wakers never count. `comm`: the thread's name, and for
   * threads that are not the first of their process also the name with `/thread` behind it: `node/thread`.
   */
  on: 'wait' | 'frame' | 'comm';
  pattern: string;
  /** Source of a RegExp that one of the thread's own frames, or its name as for `comm`, has to match too. */
  and?: string;
  /** Source of a RegExp that none of the thread's own frames may match. */
  unless?: string;
  /** Absent: certain. False: the same stack may be that of a thread that is held up, so this is for who has looked. */
  isCertain?: boolean;
}

/** Frames of each space, from the leaf, that presets look at: what a thread waits in and for lies far nearer. */
export const MAX_NOISE_FRAMES = 512;

/** Symbols that compilers split off a function: `do_poll.constprop.0`, `ep_poll.cold`. */
const SPLIT = String.raw`(?:\.\w+)*`;

function waitsIn(...functions: readonly string[]): string {
  return `^(?:${functions.join('|')})${SPLIT}(?: <|$)`;
}

function oneOf(...names: readonly string[]): string {
  return `^(?:${names.join('|')})${SPLIT}$`;
}

/** Of Linux 4.4 to 6.18, and of libc where there are no kernel frames. */
const FUTEX = waitsIn(
  'futex_do_wait',
  'futex_wait_queue(?:_me)?',
  '__futex_wait',
  'futex_wait(?:_multiple)?',
  'syscall',
  '__futex_abstimed_wait_\\w+',
  '(?:__)?pthread_cond_\\w*wait\\w*',
  'runtime\\.futex(?:\\.abi0)?',
);

const POLL = waitsIn(
  'do_sys_poll',
  'do_poll',
  'do_select',
  'core_sys_select',
  '(?:__)?p?poll',
  '(?:__)?p?select\\d*',
);

/** Of C libraries, Go, Rust and Java: who is here waits for a lock that another holds. */
const LOCKS = [
  '(?:__)?lll_lock_wait\\w*',
  '(?:___?)?pthread_(?:mutex|rwlock)_\\w*lock\\w*',
  'uv_mutex_lock',
  'runtime\\.(?:lock2|semacquire\\w*|gcstopm)',
  '.*(?:RawMutex|sync.{1,20}[Mm]utex.{1,20}|RwLock).*(?:lock_slow|lock_contended|contended).*',
  '.*ObjectMonitor.*enter.*',
];

export const NOISE_PRESETS: readonly NoisePreset[] = [
  {
    id: 'event-loops',
    name: 'Event loops',
    help: 'Threads that wait for any event: epoll, kevent, signals, watched files. Sessions of PostgreSQL that wait in the middle of a query stay.',
    on: 'wait',
    pattern: waitsIn(
      'ep_poll',
      '(?:do_)?(?:compat_)?epoll_p?wait2?',
      'runtime\\.epollwait(?:\\.abi0)?',
      'kevent\\w*',
      'do_sigtimedwait',
      '(?:__)?sigsuspend',
      '(?:__do_sys_|__\\w+_sys_|sys_)?pause',
      'signalfd_(?:read|dequeue)\\w*',
      'timerfd_read\\w*',
      'inotify_read',
      'fanotify_read',
      'do_syslog',
      'syslog_print',
      'devkmsg_read',
    ),
    unless: oneOf(
      'PortalRun',
      'standard_ExecutorRun',
      'ProcSleep',
      'LockAcquire\\w*',
      'CommitTransaction\\w*',
      'SyncRep\\w+',
      'ConditionVariable\\w*Sleep',
      'shm_mq_\\w+',
    ),
  },
  {
    id: 'poll-loops',
    name: 'Poll loops',
    help: 'Programs known to wait for any event in poll or select: sshd, GLib, system loggers, terminals. A client that polls for one reply stays.',
    on: 'wait',
    pattern: POLL,
    and: oneOf(
      'g_main_(?:loop_run|context_iterat\\w+)',
      '_?XtAppMainLoop',
      // The postmaster; its sessions wait in epoll.
      'postgres',
      'sshd(?:-session|-auth)?',
      'gmain',
      'gdbus',
      'dconf worker',
      'in:\\w+',
      'rsyslogd',
      'syslog-ng',
      'chronyd',
      'ntpd',
      'dhclient',
      'dhcpcd',
      'dnsmasq',
      'wpa_supplicant',
      'NetworkManager',
      'polkitd',
      'dbus-daemon',
      'avahi-daemon',
      'supervisord',
      'cupsd',
      'acpid',
      'haveged',
      'irqbalance',
      'Xorg',
      'tmux: (?:server|client)',
      'screen',
      'bash',
      'zsh',
      'top',
      'less',
      'vim?',
      'nano',
    ),
    unless: oneOf(
      'PQ\\w+',
      'pq\\w+',
      'mysql_\\w+',
      'Curl_\\w+',
      'curl_\\w+',
      'SSL_(?:read|connect)\\w*',
      'res_n?send',
      's_lock',
      'perform_spin_delay',
    ),
  },
  {
    id: 'worker-pools',
    name: 'Worker pools',
    help: 'Threads that wait for their pool to have work, where their stack or their name shows it: Go, Node, the JVM’s own, Redis, MySQL, Chromium and others. Futex waits that may be for a lock stay.',
    on: 'wait',
    pattern: FUTEX,
    and: oneOf(
      // Go: a thread without a goroutine to run, the monitor, and the one that takes signals.
      'runtime\\.(?:stopm|mPark|sysmon|templateThread)',
      'os/signal\\.signal_recv',
      // Java and Scala pools, however a profiler writes the class.
      '.*(?:ThreadPoolExecutor|ForkJoinPool|DelayedWorkQueue)[;:.]+(?:getTask|awaitWork|take)',
      // C, C++ and Rust.
      '.*(?:PlatformWorkerThread|WorkerThreadsTaskRunner).*',
      'ngx_thread_cond_wait',
      'g_thread_pool_wait_for_new_task',
      '.*block_until_new_connection.*',
      '.*tokio.*runtime.*(?:[Pp]ark|blocking.*pool).*',
      '.*rayon_core.*sleep.*',
      // Node's threads beside the first: V8's and libuv's. Its workers wait in epoll.
      'node/thread',
      'libuv-worker',
      'V8Worker',
      'DelayedTaskSche',
      'SignalInspector',
      'V8 DefaultWorke',
      // The JVM's own; pools of programs are named by programs.
      'GC Thread#\\d+',
      'G1 (?:Main Marker|Conc#\\d+|Refine#\\d+|Service|Young RemSet)',
      '(?:Z|Shenandoah)\\w* ?\\w*#\\d+',
      'VM (?:Thread|Periodic Tas\\w*)',
      'C[12] Compiler\\w*',
      'Sweeper thread',
      'Monitor Deflati\\w*',
      '(?:Service|Notification) Th\\w*',
      'Signal Dispatch\\w*',
      'Attach Listener',
      'Finalizer',
      'Reference Handl\\w*',
      'Common-Cleaner',
      // Redis, jemalloc, MySQL, rsyslog, GLib, Chromium.
      'bio_\\w+',
      'io_thd_\\d+',
      'jemalloc_bg_thd',
      'ib_(?:buf_dump|buf_resize|clone_gtid|dict_stats|fts_opt|srv_\\w+|src_main|log_\\w+|pg_flush\\w*|srv_wkr)(?:-\\d+)?',
      'evt_sched',
      'gtid_zip',
      'xpl_worker\\d+',
      'rs:\\S+ Q:\\w+',
      'pool-spawner',
      'ThreadPool(?:Foreg|Servi|Singl|Sched)\\w*',
      'CompositorTileW',
    ),
    unless: oneOf(...LOCKS, '.*sync_array_wait_event.*', '.*rw_lock_\\w+_wait.*'),
  },
  {
    id: 'sleeps',
    name: 'Sleeps',
    help: 'Threads that sleep for a time they asked for. Pauses between tries for a lock stay.',
    on: 'wait',
    pattern: waitsIn(
      'do_nanosleep',
      'hrtimer_nanosleep',
      'common_nsleep\\w*',
      '(?:__)?(?:clock_)?nanosleep',
      'u?sleep',
      'runtime\\.usleep(?:\\.abi0)?',
    ),
    unless: oneOf('s_lock', 'perform_spin_delay', 'runtime\\.(?:lock2|runqgrab)', 'sync_array_\\w+'),
  },
  {
    id: 'children',
    name: 'Waits for children',
    help: 'Shells and supervisors that wait for a child process to end. What the child waits for is shown with the child.',
    on: 'wait',
    pattern: waitsIn('do_wait', 'kernel_wait(?:4|id)', '(?:__)?wait(?:4|3|id|pid)?'),
  },
  {
    id: 'visitors',
    name: 'Waits for a visitor',
    help: 'Threads that wait for the next connection in accept, or for a key at a terminal.',
    on: 'frame',
    pattern: oneOf('inet_csk_accept', 'unix_accept', 'vsock_accept', 'n_tty_read', 'evdev_read'),
  },
  {
    id: 'kernel-threads',
    name: 'Kernel threads',
    help: 'Threads of the kernel that wait for work in their own main function. Those that wait in the middle of work, for a disk say, stay.',
    on: 'wait',
    pattern: `^(?:[^<]+ < (?:kthread|ret_from_fork)${SPLIT}$|(?:rcu_gp_fqs_loop|rcu_tasks_one_gp|rcu_nocb_gp_wait|nocb_cb_wait|kswapd_try_to_sleep|kcompactd_\\w*sleep\\w*|khugepaged_wait_work|kdamond_\\w*wait\\w*|kdamond_\\w*sleep\\w*|irq_wait_for_interrupt|svc_recv|svc_thread_wait_for_work|svc_get_next_xprt|taskq_thread\\w*|cv_\\w*wait\\w*_idle|txg_thread_wait|io_wq_worker|io_sq_thread|kernel_init|rescuer_thread|worker_thread|smpboot_thread_fn|kthreadd|kthread_worker_fn)${SPLIT}(?: <|$))`,
  },
  {
    id: 'polls',
    name: 'Any poll or completion',
    help: 'All other threads in poll or select, and those that wait for completions (io_uring, AIO). Some are loops without work, others clients that wait for a reply or programs that wait for their disk: see who ends these waits before you hide them.',
    on: 'wait',
    pattern: `${POLL}|${waitsIn('io_cqring_wait', 'io_cqring_schedule\\w*', '__io_cqring_\\w+', 'read_events', 'do_io_getevents', 'io_getevents', 'io_uring_\\w+')}`,
    isCertain: false,
  },
];

/** What is taken for idle where nobody chose: by the answer line, and in the list of threads that wait now. */
export const IDLE_PRESETS: readonly NoisePreset[] = NOISE_PRESETS.filter(
  ({ isCertain }) => isCertain !== false,
);
