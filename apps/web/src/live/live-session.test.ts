import {
  appendOpenWait,
  appendProcess,
  appendRow,
  appendThread,
  emptyWindow,
  KINDS,
  NONE,
  PLAIN_SHAPE,
  ProfileTables,
  type ProfileWindow,
  STATES,
} from '@stallscope/profile';
import {
  type BrowserToHub,
  DictionaryWriter,
  encodeReset,
  encodeWindow,
  type HostSummary,
  type HubToBrowser,
  PROTOCOL_VERSION,
  readBrowserToHub,
  readWindowFile,
} from '@stallscope/protocol';
import { describe, expect, it } from 'vitest';
import { FIRST_RETRY_MS, type LiveSocketEvents, LONGEST_RETRY_MS } from './hub-connection';
import { type FromWorker, type LiveSelection, NOTHING_BESIDE } from './live-messages';
import { CATCH_UP_RENDER_INTERVAL_MS, LiveSession } from './live-session';
import { LiveStore, type LiveView } from './live-store';

/** A hub, a clock and a page around one session; nothing happens but by `advance` and what the hub says. */
function stage({
  probeStatus = 0,
  ...limits
}: {
  probeStatus?: number;
  maxTableStacks?: number;
  maxDecodedRows?: number;
} = {}) {
  let nowMs = 1_000_000;
  let timers: { atMs: number; run: () => void }[] = [];
  const sockets: { events: LiveSocketEvents; sent: BrowserToHub[]; isClosed: boolean }[] = [];
  const posted: FromWorker[] = [];
  const store = new LiveStore({ post: (message) => session.handle(message) }, nowMs);
  const session = new LiveSession({
    ...limits,
    openSocket(events) {
      const socket = { events, sent: [] as BrowserToHub[], isClosed: false };
      sockets.push(socket);
      return {
        send: (text) => void socket.sent.push(readBrowserToHub(text)),
        close: () => {
          socket.isClosed = true;
        },
      };
    },
    probe: () => Promise.resolve(probeStatus),
    post(message, transfer) {
      // As postMessage does: what is transferred twice or shared by mistake fails here.
      const received = structuredClone(message, { transfer });
      posted.push(received);
      store.receive(received);
    },
    nowMs: () => nowMs,
    random: () => 1,
    after(delayMs, run) {
      const timer = { atMs: nowMs + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  });
  return {
    store,
    posted,
    sockets,
    get socket() {
      return sockets.at(-1)!;
    },
    say(message: HubToBrowser) {
      this.socket.events.onText(JSON.stringify(message));
    },
    welcome() {
      this.socket.events.onOpen();
      this.say({ type: 'welcome', protocol: PROTOCOL_VERSION, nowMs, retainMs: 60_000, retainBytes: 1e9 });
    },
    advance(ms: number) {
      const untilMs = nowMs + ms;
      for (;;) {
        const due = timers.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        timers = timers.filter((timer) => timer !== due);
        nowMs = Math.max(nowMs, due.atMs);
        due.run();
      }
      nowMs = untilMs;
    },
    view(): LiveView {
      this.advance(1000);
      const { view } = store.snapshot();
      expect(view).not.toBeNull();
      return view!;
    },
    watches() {
      return this.socket.sent.filter((message) => message.type === 'watch');
    },
  };
}

/** An agent's side: windows of 1 s, window n from n to n + 1 s, in which `app` waits n + 1 ms in `read`. */
function agent(stream: number) {
  const tables = new ProfileTables();
  const writer = new DictionaryWriter(tables, stream);
  return {
    tables,
    frames(window: ProfileWindow): Uint8Array[] {
      const frames: Uint8Array[] = [];
      for (let delta = writer.delta(); delta !== undefined; delta = writer.delta()) frames.push(delta);
      frames.push(encodeWindow(window, stream));
      return frames;
    },
    window(n: number, leaf = 'read'): ProfileWindow {
      const window = emptyWindow({ sequence: n, startMs: n * 1000, endMs: n * 1000 + 1000, tauNs: 1000 });
      const frame = (name: string, space: 0 | 1) =>
        tables.internFrame({ name: tables.internString(name), module: 0, space, unnamed: 0 });
      const ns = (n + 1) * 1_000_000;
      const comm = tables.internString('app');
      const userStack = tables.internFrames([frame('main', 0), frame(leaf, 0)]);
      const kernelStack = tables.internFrames([frame('vfs_read', 1), frame('schedule', 1)]);
      const states = { kind: KINDS.indexOf('blocked'), state: STATES.indexOf('S') };
      appendRow(window.rows, {
        ...states,
        tgid: 10,
        tid: 11,
        comm,
        cgroup: 0,
        userStack,
        kernelStack,
        chain: NONE,
        bucket: 20,
        captures: 1,
        estimatedCount: 1,
        estimatedNs: ns,
        varianceNs2: 0,
      });
      appendThread(window.threads, {
        tgid: 10,
        tid: 11,
        comm,
        blockedNs: ns,
        runqNs: 5,
        preemptedNs: 0,
        onCpuNs: 7,
        blockedCount: 1,
        runqCount: 1,
        preemptedCount: 0,
      });
      appendProcess(window.processes, { tgid: 10, name: tables.internString('app-main') });
      appendOpenWait(window.openWaits, {
        ...states,
        tgid: 10,
        tid: 12,
        comm,
        elapsedNs: 3e9,
        sinceBeforeTracing: 1,
        userStack,
        kernelStack,
      });
      return window;
    },
  };
}

const SELECTION: LiveSelection = {
  hostId: 'web-1',
  query: { view: 'off-cpu', kinds: ['blocked'] },
  span: { kind: 'last', lengthMs: 10_000 },
  pausedAtMs: null,
  search: null,
  shape: PLAIN_SHAPE,
  wants: NOTHING_BESIDE,
};

function watched(limits: Parameters<typeof stage>[0] = {}) {
  const at = stage(limits);
  at.store.select(SELECTION);
  at.welcome();
  const { stream } = at.watches()[0]!;
  const from = agent(stream);
  return {
    ...at,
    at,
    from,
    stream,
    send(...numbers: number[]) {
      for (const n of numbers) {
        for (const frame of from.frames(from.window(n))) at.socket.events.onBytes(frame);
      }
    },
  };
}

const labelsOf = (view: LiveView): string[] =>
  Array.from({ length: view.tree!.nodeCount }, (_, node) => view.tree!.labels[view.tree!.label[node]!]!);
const sumMs = (...numbers: number[]): number => numbers.reduce((sum, n) => sum + n + 1, 0);

describe('LiveSession', () => {
  it('shows the windows of the span, summed, with who waited and what waits still', () => {
    const { at, send } = watched();
    expect(at.view()).toMatchObject({ tree: null, watch: { state: 'waiting' }, shown: { windows: 0 } });
    send(1, 2, 3);
    const view = at.view();
    expect(labelsOf(view)).toEqual(['', 'app', 'main', 'read', '-', 'vfs_read', 'schedule']);
    expect(view.tree!.totalValue[0]).toBe(sumMs(1, 2, 3) * 1e6);
    expect(view.totals).toMatchObject({ sampledNs: 9e6, exactNs: 9e6, tauNs: 1000, unnamed: { share: 0 } });
    expect(view.processes).toMatchObject({ total: 1, tgid: [10], name: ['app-main'], blockedNs: [9e6] });
    expect(view.threads).toMatchObject({ tid: [11], name: ['app'], runqNs: [15] });
    expect(view.openWaits).toMatchObject({
      tid: [12],
      process: ['app-main'],
      isLowerBound: [true],
      inFunction: ['vfs_read'],
      stack: [['schedule', 'vfs_read', 'read', 'main']],
    });
    expect(view.answer?.top).toMatchObject({ process: 'app-main', inFunction: 'vfs_read', ns: 9e6 });
    expect(view.shown).toMatchObject({
      fromMs: -6000,
      toMs: 4000,
      windows: 3,
      newestMs: 4000,
      windowMs: 1000,
    });
  });

  it('slides: what leaves the span leaves every sum', () => {
    const { at, send } = watched();
    for (let n = 0; n < 40; n++) {
      send(n);
      at.advance(200);
    }
    const view = at.view();
    const expected = sumMs(...Array.from({ length: 10 }, (_, index) => 30 + index));
    expect(view.tree!.totalValue[0]).toBe(expected * 1e6);
    expect(view.processes.blockedNs).toEqual([expected * 1e6]);
    expect(view.shown.windows).toBe(10);
    expect(view.strip.endMs).toHaveLength(40);
  });

  it('takes a fixed stretch, another view and a search without asking the hub again', () => {
    const { at, send } = watched();
    send(...Array.from({ length: 30 }, (_, n) => n));
    at.view();
    at.store.select({
      ...SELECTION,
      query: { view: 'wakeup', kinds: ['blocked'] },
      span: { kind: 'fixed', fromMs: 5000, toMs: 8000 },
      search: '^app$',
    });
    const view = at.view();
    expect(view.tree!.totalValue[0]).toBe(sumMs(5, 6, 7) * 1e6);
    expect(labelsOf(view)).toContain('[waker unknown]');
    expect([...view.matched!].filter((is) => is === 1)).toHaveLength(1);
    expect(view.matchedValue).toBe(view.tree!.totalValue[0]);
    expect(at.socket.sent).toHaveLength(1);
  });

  it('freezes while paused, loses nothing, and tells what came meanwhile', () => {
    const { at, send } = watched();
    send(1, 2);
    at.view();
    at.store.select({ ...SELECTION, pausedAtMs: 3000 });
    send(3, 4, 5);
    const paused = at.view();
    expect(paused.tree!.totalValue[0]).toBe(sumMs(1, 2) * 1e6);
    expect(paused.newer).toEqual({ windows: 3, lengthMs: 3000 });
    at.store.select(SELECTION);
    const resumed = at.view();
    expect(resumed.tree!.totalValue[0]).toBe(sumMs(1, 2, 3, 4, 5) * 1e6);
    expect(resumed.newer).toBeNull();
  });

  it('keeps what a paused view shows beyond the retention, and drops the rest', () => {
    const { at, send } = watched();
    send(1, 2);
    at.view();
    at.store.select({ ...SELECTION, pausedAtMs: 3000 });
    // The hub of this stage keeps 60 s.
    send(...Array.from({ length: 100 }, (_, n) => 3 + n));
    const paused = at.view();
    expect(paused.tree!.totalValue[0]).toBe(sumMs(1, 2) * 1e6);
    at.store.select(SELECTION);
    const { strip } = at.view();
    expect(strip.startMs[0]).toBe(42_000);
    expect(strip.endMs.at(-1)).toBe(103_000);
  });

  it('reconnects with growing waits, asks for what it lacks, and reads the new dictionary into the old names', () => {
    const { at, send } = watched();
    send(1, 2);
    at.view();
    for (const waitMs of [FIRST_RETRY_MS, FIRST_RETRY_MS * 2, FIRST_RETRY_MS * 4]) {
      const opened = at.sockets.length;
      at.socket.events.onClose(1006, '');
      expect(at.store.snapshot().connection).toMatchObject({ state: 'lost' });
      at.advance(waitMs - 1);
      expect(at.sockets).toHaveLength(opened);
      at.advance(1);
      expect(at.sockets).toHaveLength(opened + 1);
    }
    at.welcome();
    const { stream, sinceMs } = at.watches()[0]!;
    expect(sinceMs).toBe(3000);
    const again = agent(stream);
    again.tables.internString('ids are others now');
    at.socket.events.onBytes(encodeReset(stream));
    // Window 2 comes again: it is known.
    for (const window of [again.window(2), again.window(3, 'write')]) {
      for (const frame of again.frames(window)) at.socket.events.onBytes(frame);
    }
    const view = at.view();
    expect(view.tree!.totalValue[0]).toBe(sumMs(1, 2, 3) * 1e6);
    expect(labelsOf(view).filter((label) => label === 'main')).toHaveLength(1);
    expect(labelsOf(view)).toContain('write');
  });

  it('waits no longer than the longest wait, and not at all when asked', () => {
    const at = stage();
    for (let attempt = 0; attempt < 12; attempt++) {
      at.socket.events.onClose(1006, '');
      at.advance(LONGEST_RETRY_MS);
    }
    expect(at.sockets).toHaveLength(13);
    at.socket.events.onClose(1006, '');
    at.store.retry();
    expect(at.sockets).toHaveLength(14);
  });

  it('tells a refused token from a hub that is down, and stops trying until there is one', async () => {
    const at = stage({ probeStatus: 401 });
    at.socket.events.onClose(1006, '');
    await Promise.resolve();
    await Promise.resolve();
    expect(at.store.snapshot().connection.state).toBe('unauthorized');
    at.advance(60_000);
    expect(at.sockets).toHaveLength(1);
    at.store.retry();
    expect(at.sockets).toHaveLength(2);
  });

  it('leaves a connection that breaks the protocol and keeps what it has', () => {
    const { at, send } = watched();
    send(1);
    at.view();
    const broken = at.socket;
    broken.events.onBytes(new Uint8Array([9, 9, 9]));
    expect(broken.isClosed).toBe(true);
    expect(at.store.snapshot().connection).toMatchObject({
      state: 'lost',
      reason: expect.stringContaining('protocol 9') as string,
    });
    at.advance(FIRST_RETRY_MS);
    at.welcome();
    expect(at.view().tree!.totalValue[0]).toBe(sumMs(1) * 1e6);
  });

  it('forgets one host on the way to another, and drops frames of the stream it left', () => {
    const { at, send, stream } = watched();
    send(1);
    at.view();
    at.store.select({ ...SELECTION, hostId: 'web-2' });
    expect(at.store.snapshot().view).toBeNull();
    send(2);
    expect(at.view()).toMatchObject({ hostId: 'web-2', tree: null });
    expect(at.socket.sent.slice(1)).toEqual([
      { type: 'unwatch', stream },
      { type: 'watch', stream: stream + 1, host: 'web-2' },
    ]);
  });

  it('watches again when a host that was not there appears', () => {
    const { at, stream } = watched();
    at.say({ type: 'ended', stream, reason: 'no such host' });
    expect(at.view().watch).toEqual({ state: 'ended', reason: 'no such host' });
    at.say({ type: 'hosts', hosts: [summaryOf('other')] });
    expect(at.watches()).toHaveLength(1);
    at.say({ type: 'hosts', hosts: [summaryOf('web-1')] });
    expect(at.watches()).toHaveLength(2);
  });

  it('says how many windows the hub merged, and asks for the window length again after a reconnect', () => {
    const { at, send, stream } = watched();
    at.say({ type: 'coalesced', stream, windows: 4 });
    at.store.setWindow('web-1', 250);
    send(1);
    expect(at.view().totals.coalescedWindows).toBe(4);
    at.socket.events.onClose(1006, '');
    at.advance(FIRST_RETRY_MS);
    at.welcome();
    expect(at.socket.sent).toContainEqual({ type: 'set-window', host: 'web-1', windowMs: 250 });
  });

  it('asks a host to collect what the page shows, again after a reconnect', () => {
    const { at } = watched();
    at.store.setCollected('web-1', ['block', 'costs']);
    const asked = { type: 'collect', host: 'web-1', wants: ['block', 'costs'] };
    expect(at.socket.sent).toContainEqual(asked);
    at.socket.events.onClose(1006, '');
    at.advance(FIRST_RETRY_MS);
    expect(at.socket.sent).not.toContainEqual(asked);
    at.welcome();
    expect(at.socket.sent).toContainEqual(asked);
    at.store.setCollected('web-1', []);
    expect(at.socket.sent).toContainEqual({ type: 'collect', host: 'web-1', wants: [] });
  });

  it.each([
    ['tables are rebuilt all the time', { maxTableStacks: 1 }],
    ['no window is kept decoded', { maxDecodedRows: -1 }],
  ])('shows the same when %s', (_name, limits) => {
    const { at, send, from } = watched(limits);
    for (let n = 0; n < 90; n++) {
      send(n);
      for (const frame of from.frames({ ...from.window(n, `read_${n}`), sequence: 1000 + n })) {
        at.socket.events.onBytes(frame);
      }
      at.advance(200);
    }
    const view = at.view();
    const expected = sumMs(...Array.from({ length: 10 }, (_, index) => 80 + index));
    expect(view.tree!.totalValue[0]).toBe(2 * expected * 1e6);
    expect(labelsOf(view).filter((label) => label.startsWith('read'))).toEqual([
      'read',
      ...Array.from({ length: 10 }, (_, index) => `read_${80 + index}`),
    ]);
    expect(view.processes.name).toEqual(['app-main']);
  });

  it('makes a file of the windows shown, of every process, with no name that only others knew', async () => {
    const { at, from } = watched();
    at.say({ type: 'hosts', hosts: [summaryOf('web-1')] });
    for (let n = 0; n < 5; n++) {
      for (const frame of from.frames(from.window(n, `read_${n}`))) at.socket.events.onBytes(frame);
    }
    const query = { view: 'off-cpu', kinds: ['blocked'], tgids: [999] } as const;
    at.store.select({ ...SELECTION, query, span: { kind: 'fixed', fromMs: 1000, toMs: 3000 } });
    at.view();
    const note = { title: 'kept', notes: '', tags: [], author: '', view: '', createdAtMs: 1 };
    const made = await at.store.make({ kind: 'kept', note });
    if (made.kind !== 'kept') throw new Error(JSON.stringify(made));
    expect(made).toMatchObject({
      host: { id: 'web-1' },
      fromMs: 1000,
      toMs: 3000,
      windows: 2,
      waitedNs: 5e6,
    });
    const tables = new ProfileTables();
    const { header, windows } = readWindowFile(made.bytes, tables);
    expect(header).toMatchObject({ title: 'kept', snapshot: note });
    expect(windows.map(({ rows }) => rows.estimatedNs)).toEqual([[2e6], [3e6]]);
    expect(tables.strings.filter((name) => name.startsWith('read'))).toEqual(['read_1', 'read_2']);
  });

  it('says what is missing where there is nothing to keep', async () => {
    const { at, send } = watched();
    at.say({ type: 'hosts', hosts: [summaryOf('web-1')] });
    send(0);
    at.store.select({ ...SELECTION, span: { kind: 'fixed', fromMs: 50_000, toMs: 60_000 } });
    at.view();
    const note = { title: 'kept', notes: '', tags: [], author: '', view: '', createdAtMs: 1 };
    expect(await at.store.make({ kind: 'kept', note })).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('no window lies in the span'),
    });
  });

  it('draws a catch-up of many windows a few times, not once each', () => {
    const { at, send } = watched();
    at.view();
    const before = at.posted.length;
    for (let n = 0; n < 300; n++) send(n);
    at.advance(1000);
    expect(at.posted.length - before).toBe(1);
  });

  it('is behind while what the hub kept comes, draws little of it, and then shows the newest at once', () => {
    const { at, send, stream } = watched();
    at.say({ type: 'hosts', hosts: [{ ...summaryOf('web-1'), lastWindowEndMs: 40_000 }] });
    at.say({ type: 'watching', stream, host: 'web-1', availableFromMs: 0, windows: 40 });
    expect(at.view().behindMs).toBe(0);
    const before = at.posted.length;
    for (let n = 0; n < 39; n++) {
      send(n);
      at.advance(50);
    }
    expect(at.posted.length - before).toBeLessThanOrEqual(1 + (39 * 50) / CATCH_UP_RENDER_INTERVAL_MS);
    expect(at.store.snapshot().view!.behindMs).toBeGreaterThan(0);
    send(39);
    at.advance(0);
    expect(at.store.snapshot().view).toMatchObject({ behindMs: null, shown: { newestMs: 40_000 } });
  });
});

function summaryOf(id: string): HostSummary {
  return {
    host: {
      id,
      name: id,
      kernel: '6.1',
      arch: 'x86_64',
      cpus: 2,
      memoryBytes: 1,
      bootId: 'b',
      os: 'Debian',
      capabilities: [],
    },
    state: 'live',
    recording: null,
    connectedAtMs: 1,
    lastWindowEndMs: null,
    lagMs: null,
    windowMs: 1000,
    tauNs: null,
    governed: false,
    waitedNs: 0,
    losses: {},
    retained: { windows: 0, bytes: 0, fromMs: null },
  };
}
