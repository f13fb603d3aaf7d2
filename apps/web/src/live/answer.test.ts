import {
  appendRow,
  emptyRows,
  emptyWindow,
  KINDS,
  NONE,
  ProfileTables,
  type Query,
  ROW_KINDS,
  type RowKind,
  redactorOf,
  redactWindows,
  STATES,
} from '@stallscope/profile';
import { describe, expect, it } from 'vitest';
import { toAnswer, toFunctionWaitedIn } from './answer';

const QUERY: Query = { view: 'off-cpu', kinds: ['blocked', 'runq'] };
const tables = new ProfileTables();

/** Kernel frames root first, as in `do_futex futex_wait_queue schedule`. */
function stackOf(frames: string, space: 0 | 1 = 1): number {
  return tables.internFrames(
    frames
      .split(' ')
      .map((name) => tables.internFrame({ name: tables.internString(name), module: 0, space, unnamed: 0 })),
  );
}

function userStackOf(frames: string): number {
  return stackOf(frames, 0);
}

function wakerOf(name: string): number {
  const waker = { tgid: 9, tid: 9, userStack: NONE, kernelStack: NONE, parent: NONE, end: 1 } as const;
  return tables.internChain({ ...waker, comm: tables.internString(name) });
}

/** Lines of `tgid comm kind ms stack by waker`. */
function answerOf(
  lines: [tgid: number, comm: string, kind: 'blocked' | 'runq', ms: number, stack: string, waker?: string][],
) {
  const rows = emptyRows();
  for (const [index, [tgid, comm, kind, ms, stack, waker]] of lines.entries()) {
    appendRow(rows, {
      tgid,
      tid: tgid * 100 + index,
      comm: tables.internString(comm),
      cgroup: 0,
      kind: KINDS.indexOf(kind),
      state: STATES.indexOf(kind === 'blocked' ? 'S' : 'R'),
      userStack: NONE,
      kernelStack: stackOf(stack),
      chain: waker === undefined ? NONE : wakerOf(waker),
      bucket: 0,
      captures: 1,
      estimatedCount: 1,
      estimatedNs: ms * 1e6,
      varianceNs2: 0,
    });
  }
  return toAnswer(tables, rows, QUERY, new Map([[1, 'shop']]));
}

describe('answer', () => {
  it('names the process that waits most, in what, and who ends it; idle waits are set apart', () => {
    expect(
      answerOf([
        [1, 'worker-1', 'blocked', 30, 'do_futex futex_wait_queue schedule __schedule', 'worker-9'],
        [1, 'worker-2', 'blocked', 20, 'do_futex futex_wait_queue schedule __schedule', 'cron'],
        [2, 'db', 'blocked', 40, 'ext4_sync_file folio_wait_bit io_schedule schedule', '[block completion]'],
        [3, 'nginx', 'blocked', 900, 'do_epoll_wait ep_poll schedule_hrtimeout_range schedule'],
      ]),
    ).toEqual({
      waitedNs: 990e6,
      idleNs: 900e6,
      top: {
        tgid: 1,
        process: 'shop',
        threads: 2,
        kind: 'blocked',
        inFunction: 'futex_wait_queue',
        ns: 50e6,
        waker: { comm: 'worker-9', ns: 30e6 },
      },
    });
  });

  it('does not take a wait for a CPU as idle, wherever the thread slept before', () => {
    const { idleNs, top } = answerOf([[3, 'nginx', 'runq', 5, 'do_epoll_wait ep_poll schedule']]);
    expect(idleNs).toBe(0);
    expect(top).toMatchObject({ process: 'nginx', kind: 'runq', inFunction: 'ep_poll', waker: null });
  });

  it('says nothing where nothing waited, or all of it was idle', () => {
    expect(answerOf([])).toEqual({ waitedNs: 0, idleNs: 0, top: null });
    expect(answerOf([[4, 'kworker/0:1', 'blocked', 7, 'kthread worker_thread schedule']])).toEqual({
      waitedNs: 7e6,
      idleNs: 7e6,
      top: null,
    });
  });

  it.each([
    ['do_nanosleep schedule __schedule', 'do_nanosleep'],
    ['pipe_read schedule', 'pipe_read'],
    ['tcp_recvmsg sk_wait_data wait_woken schedule_timeout schedule', 'sk_wait_data'],
    ['futex_wait.isra.0 futex_wait_queue.constprop.0 schedule', 'futex_wait_queue.constprop.0'],
  ])('reads %s as a wait in %s', (stack, inFunction) => {
    expect(toFunctionWaitedIn(tables, stackOf(stack))).toBe(inFunction);
  });

  it('says in the CPU view what runs, and in the wall view leaves that to the graph', () => {
    const ran = emptyRows();
    const add = (kind: RowKind, ms: number, userStack: number, kernelStack: number): void =>
      appendRow(ran, {
        ...{ tgid: 1, tid: 100, comm: tables.internString('worker'), cgroup: 0, bucket: 0 },
        ...{ kind: ROW_KINDS.indexOf(kind), state: STATES.indexOf('R'), chain: NONE, userStack, kernelStack },
        ...{ captures: 1, estimatedCount: 1, estimatedNs: ms * 1e6, varianceNs2: 0 },
      });
    add('on-cpu', 30, userStackOf('main burn'), NONE);
    add('on-cpu', 20, userStackOf('main read'), stackOf('ksys_read read_zero'));
    const names = new Map([[1, 'shop']]);
    const cpu: Query = { view: 'cpu', kinds: ['blocked'] };
    expect(toAnswer(tables, ran, cpu, names)).toEqual({
      waitedNs: 50e6,
      idleNs: 0,
      top: {
        tgid: 1,
        process: 'shop',
        threads: 1,
        kind: 'on-cpu',
        inFunction: 'burn',
        ns: 30e6,
        waker: null,
      },
    });
    add('blocked', 10, NONE, stackOf('pipe_read schedule'));
    const { waitedNs, top } = toAnswer(tables, ran, { view: 'wall', kinds: ['blocked'] }, names);
    expect(waitedNs).toBe(10e6);
    expect(top).toMatchObject({ kind: 'blocked', inFunction: 'pipe_read', ns: 10e6 });
  });

  it('says so where the stack is missing', () => {
    expect(toFunctionWaitedIn(tables, NONE)).toContain('missing');
  });
});

it('says the same of a copy without names, but for the names', () => {
  const of = new ProfileTables();
  const rows = emptyRows();
  const add = (tgid: number, tid: number, comm: string, ms: number, site: string): void => {
    const frame = { name: of.internString(site), module: 0, space: 1, unnamed: 0 } as const;
    appendRow(rows, {
      ...{ tgid, tid, comm: of.internString(comm), cgroup: 0, kind: 0, state: STATES.indexOf('S') },
      ...{ userStack: NONE, kernelStack: of.internFrames([of.internFrame(frame)]), chain: NONE, bucket: 0 },
      ...{ captures: 1, estimatedCount: 1, estimatedNs: ms * 1e6, varianceNs2: 0 },
    });
  };
  add(1, 1, 'sshd', 900, 'do_sys_poll');
  add(2, 3, 'node', 800, 'futex_do_wait');
  add(4, 5, 'bio_close_file', 700, 'futex_do_wait');
  add(6, 6, 'shopd', 30, 'do_sys_poll');
  const windows = [emptyWindow({ rows })];
  const reduction = { hostNames: true, processNames: true, addresses: true, arguments: true };
  const copy = redactWindows(of, windows, redactorOf(of, windows, [], reduction, new Uint8Array(16)));
  const original = toAnswer(of, rows, QUERY, new Map());
  const reduced = toAnswer(copy.tables, copy.windows[0]!.rows, QUERY, new Map());
  expect(original).toMatchObject({ waitedNs: 2430e6, idleNs: 2400e6, top: { process: 'shopd' } });
  expect(reduced.top?.process).toMatch(/^process-[0-9a-f]{4}$/);
  expect({ ...reduced, top: { ...reduced.top, process: 'shopd' } }).toEqual(original);
});
