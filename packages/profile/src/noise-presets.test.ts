import { describe, expect, it } from 'vitest';
import { stacksFromText } from './fixtures/index.js';
import { KINDS, NONE } from './kinds.js';
import { NoiseMatcher, RowNoise } from './noise-matcher.js';
import { IDLE_PRESETS, NOISE_PRESETS } from './noise-presets.js';
import { appendRow, emptyRows } from './rows.js';

const matcher = new NoiseMatcher(NOISE_PRESETS);

/** Frames leaf first, ` < ` apart, kernel frames before `|`; `comm/thread` is not the first thread of its process. */
function presetOf(thread: string, stack: string): string {
  const isLeader = !thread.endsWith('/thread');
  const [kernel = '', user = ''] = stack.split('|');
  const preset = matcher.match({
    comm: thread.replace(/\/thread$/, ''),
    isLeader,
    kernelFrames: frames(kernel),
    userFrames: frames(user),
  });
  return preset === NONE ? 'stays' : NOISE_PRESETS[preset]!.id;
}

function frames(text: string): string[] {
  return text.split(' < ').flatMap((frame) => (frame.trim() === '' ? [] : [frame.trim()]));
}

const SYSCALL = 'do_syscall_64 < entry_SYSCALL_64_after_hwframe';
const FUTEX = `futex_do_wait < __futex_wait < futex_wait < do_futex < __x64_sys_futex < ${SYSCALL}`;
const EPOLL = `do_epoll_wait < __x64_sys_epoll_wait < ${SYSCALL}`;
const POLL = `poll_schedule_timeout.constprop.0 < do_sys_poll < __x64_sys_poll < ${SYSCALL}`;
const KTHREAD = 'kthread < ret_from_fork < ret_from_fork_asm';

/**
 * Those of redis, postgres, java, go, node, python and kernel threads as recorded on Linux 6.18, at rest and under load;
 * nginx, systemd, sshd, mysql and what bears another kernel's number are written from their sources.
 */
describe.each<[what: string, thread: string, stack: string, preset: string]>([
  ['redis at rest', 'redis-server', `${EPOLL} | epoll_wait < [unknown]`, 'event-loops'],
  ['redis, background thread', 'bio_aof_fsync/thread', `${FUTEX} | libc.so.6+0x85f16`, 'worker-pools'],
  [
    'redis, background thread at work',
    'bio_aof_fsync/thread',
    `submit_bio_wait < blkdev_issue_flush < ext4_sync_file < do_fsync < __x64_sys_fdatasync < ${SYSCALL} | fdatasync`,
    'stays',
  ],
  ['jemalloc', 'jemalloc_bg_thd/thread', `${FUTEX} | libc.so.6+0x85f16`, 'worker-pools'],
  [
    'postgres, session at rest',
    'postgres',
    `${EPOLL} | epoll_wait < secure_read < postgres+0x34b406 < pq_getbyte < PostgresMain`,
    'event-loops',
  ],
  [
    'postgres, background writer',
    'postgres',
    `${EPOLL} | epoll_wait < WaitLatch < BackgroundWriterMain`,
    'event-loops',
  ],
  [
    'postgres, waiting for a row lock',
    'postgres',
    `${EPOLL} | epoll_wait < WaitLatch < ProcSleep < postgres+0x45d95c < LockAcquireExtended < XactLockTableWait < heap_update < standard_ExecutorRun < PortalRun < PostgresMain`,
    'stays',
  ],
  [
    'postgres, in a query',
    'postgres',
    `${EPOLL} | epoll_wait < WaitLatch < pg_sleep < standard_ExecutorRun`,
    'stays',
  ],
  [
    'postgres, lightweight lock',
    'postgres',
    `${FUTEX} | libc.so.6+0x8b6a0 < PGSemaphoreLock < LWLockAcquire`,
    'stays',
  ],
  [
    'postgres, flushing its log',
    'postgres',
    `submit_bio_wait < blkdev_issue_flush < ext4_sync_file < do_fsync < __x64_sys_fdatasync < ${SYSCALL} | fdatasync < XLogFlush`,
    'stays',
  ],
  [
    'postmaster',
    'postgres',
    `poll_schedule_timeout.constprop.0 < do_select < core_sys_select < do_pselect.constprop.0 < __x64_sys_pselect6 < ${SYSCALL} | select`,
    'poll-loops',
  ],
  [
    'go, no goroutine to run',
    'gosrv/thread',
    `${FUTEX} | runtime.futex.abi0 < runtime.notesleep < runtime.stopm < runtime.findRunnable < runtime.schedule`,
    'worker-pools',
  ],
  [
    'go, monitor',
    'gosrv/thread',
    `${FUTEX} | runtime.futex.abi0 < runtime.notetsleep_internal < runtime.notetsleep < runtime.sysmon < runtime.mstart1`,
    'worker-pools',
  ],
  [
    'go, network poller',
    'gosrv',
    `do_epoll_wait < do_compat_epoll_pwait.part.0 < __x64_sys_epoll_pwait < ${SYSCALL} | runtime.epollwait.abi0 < runtime.findRunnable`,
    'event-loops',
  ],
  [
    'go, monitor napping',
    'gosrv/thread',
    `hrtimer_nanosleep < __x64_sys_nanosleep < ${SYSCALL} | runtime.usleep.abi0 < runtime.sysmon`,
    'sleeps',
  ],
  [
    'go, lock of its runtime',
    'gosrv/thread',
    `${FUTEX} | runtime.futex.abi0 < runtime.futexsleep < runtime.lock2 < runtime.mheap.alloc`,
    'stays',
  ],
  [
    'go, waiting for a socket lock',
    'gosrv',
    `__lock_sock < lock_sock_nested < tcp_recvmsg < sock_recvmsg < ${SYSCALL} | syscall.Syscall`,
    'stays',
  ],
  [
    'node, event loop',
    'node',
    `do_epoll_wait < do_compat_epoll_pwait.part.0 < __x64_sys_epoll_pwait < ${SYSCALL} | epoll_pwait`,
    'event-loops',
  ],
  ['node, threads of V8 and libuv', 'node/thread', `${FUTEX} | libc.so.6+0x85f16`, 'worker-pools'],
  [
    'node, main thread at a lock',
    'node',
    `${FUTEX} | libc.so.6+0x8612b < uv__work_done < uv__async_io.part.0 < uv__io_poll`,
    'stays',
  ],
  ['node 24, its pool', 'libuv-worker/thread', `${FUTEX} | libc.so.6+0x85f16`, 'worker-pools'],
  ['java, its compiler', 'C2 CompilerThre/thread', `${FUTEX} | libc.so.6+0x85f16`, 'worker-pools'],
  ['java, its monitor deflater', 'Monitor Deflati/thread', `${FUTEX} | libc.so.6+0x85f16`, 'worker-pools'],
  ['java, its ticker', 'VM Periodic Tas/thread', `${FUTEX} | libc.so.6+0x85f16`, 'worker-pools'],
  [
    'java, a program’s pool without Java frames',
    'pool-1-thread-2/thread',
    `${FUTEX} | libc.so.6+0x85f16`,
    'stays',
  ],
  [
    'java, a program’s pool with them',
    'pool-1-thread-2/thread',
    `${FUTEX} | pthread_cond_wait < Unsafe_Park < java/util/concurrent/locks/LockSupport.park < java/util/concurrent/ThreadPoolExecutor.getTask`,
    'worker-pools',
  ],
  [
    'java, a pool’s task at a lock',
    'pool-1-thread-2/thread',
    `${FUTEX} | pthread_cond_wait < Unsafe_Park < java/util/concurrent/locks/ReentrantLock.lock < shop/Cart.add < java/util/concurrent/ThreadPoolExecutor.runWorker`,
    'stays',
  ],
  ['java, main', 'java', `${FUTEX} | libc.so.6+0x85f16`, 'stays'],
  ['java, selector', 'HTTP-Dispatcher/thread', `${EPOLL} | epoll_wait < [anon]`, 'event-loops'],
  ['java, waiting for its database', 'http-nio-8080-e/thread', `${POLL} | poll < NET_Poll < [anon]`, 'polls'],
  ['python, asyncio', 'python3', `${EPOLL} | epoll_wait < [unknown]`, 'event-loops'],
  ['python, a queue or a lock', 'python3/thread', `${FUTEX} | libc.so.6+0x85f16`, 'stays'],
  [
    'python, sleep',
    'python3',
    `hrtimer_nanosleep < common_nsleep_timens < __x64_sys_clock_nanosleep < ${SYSCALL} | clock_nanosleep`,
    'sleeps',
  ],
  ['python, subprocess', 'python3/thread', `do_wait < kernel_wait4 < ${SYSCALL} | wait4`, 'children'],
  [
    'nginx worker',
    'nginx',
    `ep_poll < do_epoll_wait < __x64_sys_epoll_wait < ${SYSCALL} | epoll_wait < ngx_epoll_process_events`,
    'event-loops',
  ],
  [
    'nginx master',
    'nginx',
    `sigsuspend < __x64_sys_rt_sigsuspend < ${SYSCALL} | sigsuspend < ngx_master_process_cycle`,
    'event-loops',
  ],
  [
    'nginx thread pool',
    'nginx/thread',
    `${FUTEX} | pthread_cond_wait < ngx_thread_cond_wait < ngx_thread_pool_cycle`,
    'worker-pools',
  ],
  [
    'nginx at a page that is on disk',
    'nginx',
    'folio_wait_bit_common < filemap_fault < __do_fault < handle_mm_fault < exc_page_fault < asm_exc_page_fault < ep_send_events < ep_poll < do_epoll_wait',
    'stays',
  ],
  [
    'systemd',
    'systemd',
    `ep_poll < do_epoll_wait < __x64_sys_epoll_wait < ${SYSCALL} | epoll_wait < sd_event_wait`,
    'event-loops',
  ],
  [
    '(sd-pam)',
    '(sd-pam)',
    `do_sigtimedwait < __x64_sys_rt_sigtimedwait < ${SYSCALL} | sigtimedwait`,
    'event-loops',
  ],
  ['sshd', 'sshd', `${POLL} | ppoll`, 'poll-loops'],
  ['sshd-session', 'sshd-session', `${POLL} | ppoll`, 'poll-loops'],
  [
    'GLib main loop in any program',
    'fwupd',
    `${POLL} | poll < g_main_context_iterate.isra.0 < g_main_loop_run`,
    'poll-loops',
  ],
  ['psql, waiting for the server', 'psql', `${POLL} | poll < libpq.so.5.15+0x1be17 < PQgetResult`, 'polls'],
  ['curl', 'curl', `${POLL} | [unknown]`, 'polls'],
  ['mysqld, idle housekeeping', 'ib_srv_mon/thread', `${FUTEX} | libc.so.6+0x85f16`, 'worker-pools'],
  [
    'mysqld, purge at a latch',
    'ib_srv_purge/thread',
    `${FUTEX} | pthread_cond_wait < os_event::wait_low < sync_array_wait_event(sync_array_t*, sync_cell_t*&)`,
    'stays',
  ],
  ['mysqld, session', 'connection/thread', `${POLL} | poll < vio_io_wait`, 'polls'],
  [
    'mysqld, row lock',
    'connection/thread',
    `${FUTEX} | pthread_cond_wait < os_event::wait_low < lock_wait_suspend_thread`,
    'stays',
  ],
  [
    'mysqld, AIO',
    'ib_io_rd-1/thread',
    `read_events < do_io_getevents < __x64_sys_io_getevents < ${SYSCALL} | io_getevents`,
    'polls',
  ],
  ['shell', 'sh', `do_wait < kernel_wait4 < ${SYSCALL} | wait4`, 'children'],
  [
    'shell at its prompt',
    'bash',
    `wait_woken < n_tty_read < tty_read < vfs_read < ksys_read < ${SYSCALL} | read`,
    'visitors',
  ],
  ['sleep', 'sleep', `hrtimer_nanosleep < common_nsleep < __x64_sys_clock_nanosleep < ${SYSCALL}`, 'sleeps'],
  ['sleep [5.10]', 'sleep', `do_nanosleep < hrtimer_nanosleep < common_nsleep < ${SYSCALL}`, 'sleeps'],
  ['accept', 'old-server', `inet_csk_accept < inet_accept < do_accept < ${SYSCALL} | accept`, 'visitors'],
  [
    'accept on a local socket',
    'old-server',
    `__skb_wait_for_more_packets < __skb_recv_datagram < skb_recv_datagram < unix_accept < do_accept < ${SYSCALL}`,
    'visitors',
  ],
  [
    'a reply on a socket',
    'redis-cli',
    `wait_woken < sk_wait_data < tcp_recvmsg_locked < tcp_recvmsg < ${SYSCALL} | recv`,
    'stays',
  ],
  ['a pipe', 'psql', `anon_pipe_read < vfs_read < ksys_read < ${SYSCALL} | read`, 'stays'],
  ['io_uring', 'fio', `io_cqring_wait < __do_sys_io_uring_enter < ${SYSCALL}`, 'polls'],
  ['kernel worker', 'kworker/0:2', `worker_thread < ${KTHREAD}`, 'kernel-threads'],
  [
    'kernel worker [4.19]',
    'kworker/0:2',
    'schedule < worker_thread < kthread < ret_from_fork',
    'kernel-threads',
  ],
  [
    'kernel worker writing back',
    'kworker/u8:3',
    `__ext4_get_inode_loc < ext4_write_inode < __writeback_single_inode < wb_writeback < wb_workfn < process_one_work < worker_thread < ${KTHREAD}`,
    'stays',
  ],
  ['ksoftirqd', 'ksoftirqd/0', `smpboot_thread_fn < ${KTHREAD}`, 'kernel-threads'],
  ['a driver’s own thread', 'kdamond.0', `kdamond_fn < ${KTHREAD}`, 'kernel-threads'],
  ['RCU', 'rcu_preempt', `rcu_gp_fqs_loop < rcu_gp_kthread < ${KTHREAD}`, 'kernel-threads'],
  [
    'RCU, synchronising',
    'rcu_tasks_trace',
    `synchronize_rcu_normal < rcu_tasks_wait_gp < rcu_tasks_one_gp < rcu_tasks_kthread < ${KTHREAD}`,
    'stays',
  ],
  ['journal at rest', 'jbd2/vda-8', `kjournald2 < ${KTHREAD}`, 'kernel-threads'],
  [
    'journal committing',
    'jbd2/vda-8',
    `wait_on_bit_io < jbd2_journal_commit_transaction < kjournald2 < ${KTHREAD}`,
    'stays',
  ],
  [
    'khugepaged, draining',
    'khugepaged',
    `__flush_work < __lru_add_drain_all < khugepaged < ${KTHREAD}`,
    'stays',
  ],
  ['a lock', 'shop/thread', `${FUTEX} | __lll_lock_wait < pthread_mutex_lock`, 'stays'],
  [
    'a profile without kernel frames',
    'nginx',
    '| epoll_wait < ngx_epoll_process_events < main',
    'event-loops',
  ],
  ['nothing known', 'kworker/u8:3', '', 'stays'],
])('%s', (_what, thread, stack, preset) => {
  it(`${preset}`, () => {
    expect(presetOf(thread, stack)).toBe(preset);
  });
});

describe('the presets', () => {
  it('have patterns that compile, ids of their own, and words', () => {
    expect(new Set(NOISE_PRESETS.map(({ id }) => id)).size).toBe(NOISE_PRESETS.length);
    for (const { id, name, help } of NOISE_PRESETS) {
      expect(id).toMatch(/^[a-z-]+$/);
      expect(name.length).toBeGreaterThan(3);
      expect(help).toMatch(/\.$/);
    }
  });

  it('take nothing for idle by themselves that is not certain', () => {
    expect(IDLE_PRESETS.map(({ id }) => id)).not.toContain('polls');
    expect(IDLE_PRESETS.length).toBe(NOISE_PRESETS.length - 1);
  });
});

it('takes no wait for a CPU as idle, wherever the thread slept before', () => {
  const { tables, rows } = stacksFromText('nginx: | do_epoll_wait;ep_poll = 1us');
  const noise = new RowNoise(tables, NOISE_PRESETS);
  expect(noise.presetOf(rows, 0)).toBe(0);
  const ready = emptyRows();
  appendRow(ready, {
    ...Object.fromEntries(Object.entries(rows).map(([column, values]) => [column, values[0]])),
    kind: KINDS.indexOf('runq'),
  } as Parameters<typeof appendRow>[1]);
  expect(noise.presetOf(ready, 0)).toBe(NONE);
});

it('tells the first thread of a process from its others', () => {
  const { tables, rows } = stacksFromText(`
    node@1/1: | do_futex;futex_do_wait = 1us
    node@1/2: | do_futex;futex_do_wait = 1us
  `);
  const noise = new RowNoise(tables, NOISE_PRESETS);
  expect([0, 1].map((i) => NOISE_PRESETS[noise.presetOf(rows, i)]?.id)).toEqual([undefined, 'worker-pools']);
});
