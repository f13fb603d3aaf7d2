import {
  appendProbe,
  appendProcess,
  appendRow,
  appendThread,
  appendVital,
  emptyWindow,
  KINDS,
  NONE,
  PROBE_STATES,
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
} from '@stallscope/protocol';
import { describe, expect, it } from 'vitest';
import { NOTHING_SELECTED } from '../dashboards/dash-selection';
import type { LiveSocketEvents } from '../live/hub-connection';
import type { FromPanelsWorker, PanelAsk, PanelsAsk } from './panel-messages';
import { PanelsSession } from './panels-session';
import { type PanelData, PanelsStore } from './panels-store';

/** A hub, a clock and a page around one session; nothing happens but by `advance` and what the hub says. */
function stage() {
  let nowMs = 1_000_000;
  let timers: { atMs: number; run: () => void }[] = [];
  const sockets: { events: LiveSocketEvents; sent: BrowserToHub[] }[] = [];
  const posted: FromPanelsWorker[] = [];
  const store = new PanelsStore((message) => session.handle(message), nowMs);
  const session = new PanelsSession({
    openSocket(events) {
      const socket = { events, sent: [] as BrowserToHub[] };
      sockets.push(socket);
      return { send: (text) => void socket.sent.push(readBrowserToHub(text)), close: () => {} };
    },
    probe: () => Promise.resolve(0),
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
  const at = {
    store,
    posted,
    sockets,
    get sent() {
      return sockets.at(-1)!.sent;
    },
    say(message: HubToBrowser) {
      sockets.at(-1)!.events.onText(JSON.stringify(message));
    },
    welcome(hosts: HostSummary[]) {
      this.say({ type: 'welcome', protocol: PROTOCOL_VERSION, nowMs, retainMs: 900_000, retainBytes: 1e9 });
      this.say({ type: 'hosts', hosts });
    },
    bytes(frames: readonly Uint8Array[]) {
      for (const frame of frames) sockets.at(-1)!.events.onBytes(frame);
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
    panel(id: string): PanelData | undefined {
      this.advance(1000);
      return store.snapshot().panels.get(id);
    },
    watches: () => sockets.at(-1)!.sent.filter((message) => message.type === 'watch'),
    /** Panels of which something came since, by id. */
    changed(run: () => void): string[] {
      this.advance(1000);
      const before = posted.length;
      run();
      this.advance(1000);
      return posted
        .slice(before)
        .flatMap((message) => (message.type === 'update' ? message.panels.map(({ id }) => id) : []));
    },
  };
  return at;
}

function summary(id: string, lastWindowEndMs: number | null = null): HostSummary {
  return {
    host: {
      ...{
        id,
        name: id,
        kernel: '6.18',
        arch: 'x86_64',
        cpus: 2,
        memoryBytes: 2 ** 32,
        bootId: 'b',
        os: 'Linux',
      },
      capabilities: [],
    },
    ...{ state: 'live', recording: null, connectedAtMs: 0, lastWindowEndMs, lagMs: 0, windowMs: 1000 },
    ...{ tauNs: 0, governed: false, waitedNs: 0, losses: {} },
    retained: { windows: 900, bytes: 0, fromMs: 0 },
  };
}

/** An agent's side: windows of 1 s, in which `app` is blocked n + 1 ms, and cpu0 is n % busy. */
function agent(stream: number) {
  const tables = new ProfileTables();
  const writer = new DictionaryWriter(tables, stream);
  const window = (n: number): ProfileWindow => {
    const made = emptyWindow({ sequence: n, startMs: n * 1000, endMs: n * 1000 + 1000 });
    const id = (text: string): number => tables.internString(text);
    const ns = (n + 1) * 1e6;
    const frame = tables.internFrame({ name: id('read'), module: 0, space: 0, unnamed: 0 });
    appendRow(made.rows, {
      ...{ kind: KINDS.indexOf('blocked'), state: STATES.indexOf('S'), tgid: 10, tid: 11, comm: id('app') },
      ...{ cgroup: 0, userStack: tables.internFrames([frame]), kernelStack: NONE, chain: NONE, bucket: 20 },
      ...{ captures: 1, estimatedCount: 1, estimatedNs: ns, varianceNs2: 0 },
    });
    appendThread(made.threads, {
      ...{ tgid: 10, tid: 11, comm: id('app'), blockedNs: ns, runqNs: 5, preemptedNs: 0, onCpuNs: 7 },
      ...{ blockedCount: 1, runqCount: 1, preemptedCount: 0 },
    });
    appendProcess(made.processes, { tgid: 10, name: id('app-main') });
    appendVital(made.vitals, { metric: id('cpu.busy'), label: id('cpu0'), value: n / 100 });
    appendProbe(made.probes, {
      ...{ name: id('vitals-cpu'), state: PROBE_STATES.indexOf('on'), detail: 0 },
      ...{ isMeasured: 1, runNs: 100_000, runCount: 1 },
    });
    return made;
  };
  return (...numbers: number[]): Uint8Array[] =>
    numbers.flatMap((n) => {
      const made = window(n);
      const frames: Uint8Array[] = [];
      for (let delta = writer.delta(); delta !== undefined; delta = writer.delta()) frames.push(delta);
      return [...frames, encodeWindow(made, stream)];
    });
}

const PANELS: readonly PanelAsk[] = [
  { id: 'busy', kind: 'vitals', arg: 'cpu-busy', hostId: 'web-1' },
  { id: 'off', kind: 'flame', arg: 'off-cpu', hostId: 'web-1' },
  { id: 'wake', kind: 'flame', arg: 'wakeup', hostId: 'web-1' },
  { id: 'who', kind: 'processes', arg: '', hostId: 'web-1' },
];
const ASK: PanelsAsk = {
  panels: PANELS,
  spanMs: 60_000,
  pausedAtMs: null,
  windowMs: null,
  selection: NOTHING_SELECTED,
};

/** With web-1 watched, and `send` what gives its windows. */
function watched(ask = ASK) {
  const at = stage();
  at.store.ask(ask);
  at.welcome([summary('web-1'), summary('web-2')]);
  const frames = agent(at.watches()[0]!.stream);
  return { at, send: (...numbers: number[]) => at.bytes(frames(...numbers)) };
}

const contentOf = (data: PanelData | undefined) => {
  expect(data?.state).toBe('ready');
  return (data as Extract<PanelData, { state: 'ready' }>).content;
};
const waitedMs = (data: PanelData | undefined): number => {
  const content = contentOf(data);
  expect(content.kind).toBe('flame');
  return content.kind === 'flame' ? content.tree.totalValue[0]! / 1e6 : Number.NaN;
};
const sumMs = (...numbers: number[]): number => numbers.reduce((sum, n) => sum + n + 1, 0);

describe('PanelsSession', () => {
  it('answers every panel of a host from one stream, with the same stretch of the clock', () => {
    const { at, send } = watched();
    expect(at.panel('off')).toEqual({ state: 'waiting' });
    send(1, 2, 3);
    expect(waitedMs(at.panel('off'))).toBe(sumMs(1, 2, 3));
    expect(waitedMs(at.panel('wake'))).toBe(sumMs(1, 2, 3));
    expect(contentOf(at.panel('who'))).toMatchObject({
      table: { tgid: [10], name: ['app-main'], blockedNs: [9e6] },
      covered: { windows: 3, coveredMs: 3000 },
    });
    const busy = contentOf(at.panel('busy'));
    expect(busy).toMatchObject({ kind: 'vitals', series: [{ name: 'cpu0' }], left: 0 });
    if (busy.kind === 'vitals') expect([...busy.series[0]!.values]).toEqual([0.01, 0.02, 0.03]);
    expect(at.store.snapshot().clock).toMatchObject({ fromMs: -56_000, toMs: 4000, newestMs: 4000 });
    expect(at.sockets).toHaveLength(1);
    expect(at.watches()).toHaveLength(1);
  });

  it('watches each host once over the one connection, and none that no panel is of any more', () => {
    const { at } = watched();
    const other: PanelAsk = { id: 'there', kind: 'flame', arg: 'off-cpu', hostId: 'web-2' };
    at.store.ask({ ...ASK, panels: [...PANELS, other, { ...other, id: 'too', arg: 'chain' }] });
    expect(at.watches().map(({ host }) => host)).toEqual(['web-1', 'web-2']);
    const { stream } = at.watches()[1]!;
    at.bytes(agent(stream)(5));
    expect(waitedMs(at.panel('there'))).toBe(6);
    expect(at.panel('off')).toEqual({ state: 'waiting' });
    at.store.ask(ASK);
    expect(at.sent.at(-1)).toEqual({ type: 'unwatch', stream });
    expect(at.sockets).toHaveLength(1);
  });

  it('asks a host for what its panels need together, and again only when that is another', () => {
    const { at } = watched();
    const asked = () => at.sent.filter((message) => message.type === 'collect');
    expect(asked()).toEqual([{ type: 'collect', host: 'web-1', wants: ['vitals-cpu', 'costs'] }]);
    const heat: PanelAsk = { id: 'heat', kind: 'heatmap', arg: 'biolatency', hostId: 'web-1' };
    at.store.ask({ ...ASK, panels: [...PANELS, heat, { ...heat, id: 'ops', kind: 'events' }] });
    expect(asked()).toHaveLength(2);
    expect(asked()[1]).toMatchObject({ wants: ['block', 'vitals-cpu', 'costs'] });
    at.store.ask({ ...ASK, panels: [...PANELS, heat] });
    expect(asked()).toHaveLength(2);
    at.store.ask({ ...ASK, panels: PANELS.filter(({ kind }) => kind !== 'vitals'), windowMs: 250 });
    expect(asked()[2]).toMatchObject({ wants: ['costs'] });
    expect(at.sent.at(-1)).toEqual({ type: 'set-window', host: 'web-1', windowMs: 250 });
  });

  it('makes again only what changed: nothing while it stands still, one panel where one is another', () => {
    const { at, send } = watched();
    send(1, 2, 3);
    expect(at.changed(() => {})).toEqual([]);
    expect(at.changed(() => send(4)).sort()).toEqual(['busy', 'off', 'wake', 'who']);
    const paused = { ...ASK, pausedAtMs: 5000 };
    at.store.ask(paused);
    expect(at.changed(() => send(5, 6))).toEqual([]);
    const changed = PANELS.map((panel) => (panel.id === 'wake' ? { ...panel, arg: 'chain' } : panel));
    expect(at.changed(() => at.store.ask({ ...paused, panels: changed }))).toEqual(['wake']);
    expect(at.store.snapshot().clock).toMatchObject({ toMs: 5000, newestMs: 7000 });
  });

  it('obeys a stretch that is selected in all but the charts, which are drawn around it', () => {
    const { at, send } = watched();
    send(...Array.from({ length: 20 }, (_, n) => n));
    at.panel('off');
    const selection = { ...NOTHING_SELECTED, stretch: { fromMs: 5000, toMs: 8000 } };
    at.store.ask({ ...ASK, selection });
    expect(waitedMs(at.panel('off'))).toBe(sumMs(5, 6, 7));
    expect(contentOf(at.panel('who'))).toMatchObject({ covered: { fromMs: 5000, toMs: 8000, windows: 3 } });
    const busy = contentOf(at.panel('busy'));
    if (busy.kind === 'vitals') expect(busy.readings.endMs).toHaveLength(20);
    // It stands still while more comes, and though what it is of would be let go.
    expect(at.changed(() => send(20))).toEqual(['busy']);
    send(...Array.from({ length: 200 }, (_, n) => n + 21));
    expect(waitedMs(at.panel('off'))).toBe(sumMs(5, 6, 7));
    expect(waitedMs(at.panel('wake'))).toBe(sumMs(5, 6, 7));
  });

  it('shows a process that is chosen alone, on its own host', () => {
    const { at, send } = watched();
    send(1, 2);
    expect(waitedMs(at.panel('off'))).toBe(5);
    at.store.ask({ ...ASK, selection: { ...NOTHING_SELECTED, process: { hostId: 'web-1', tgid: 99 } } });
    expect(waitedMs(at.panel('off'))).toBe(0);
    at.store.ask({ ...ASK, selection: { ...NOTHING_SELECTED, process: { hostId: 'web-2', tgid: 99 } } });
    expect(waitedMs(at.panel('off'))).toBe(5);
  });

  it('slides: what leaves the span leaves every sum, and is let go', () => {
    const { at, send } = watched({ ...ASK, spanMs: 10_000 });
    for (let n = 0; n < 60; n++) {
      send(n);
      at.advance(300);
    }
    const shown = Array.from({ length: 10 }, (_, n) => 50 + n);
    expect(waitedMs(at.panel('off'))).toBe(sumMs(...shown));
    expect(waitedMs(at.panel('wake'))).toBe(sumMs(...shown));
  });

  it('asks only for the windows of the span, and for older ones when it is made longer', () => {
    const at = stage();
    at.store.ask(ASK);
    at.welcome([summary('web-1', 500_000)]);
    expect(at.watches()[0]).toMatchObject({ sinceMs: 430_000 });
    at.bytes(agent(at.watches()[0]!.stream)(498, 499));
    at.advance(1000);
    at.store.ask({ ...ASK, spanMs: 300_000 });
    expect(at.sent.filter(({ type }) => type === 'unwatch')).toHaveLength(1);
    expect(at.watches()[1]).toMatchObject({ sinceMs: 190_000 });
    // Shorter needs nothing.
    at.bytes(agent(at.watches()[1]!.stream)(498, 499));
    at.advance(1000);
    at.store.ask(ASK);
    expect(at.watches()).toHaveLength(2);
  });

  it('goes on after the connection was lost, without a window twice', () => {
    const { at, send } = watched();
    send(1, 2);
    at.advance(1000);
    at.sockets[0]!.events.onClose(1006, '');
    at.advance(1000);
    expect(at.store.snapshot().connection.state).toBe('lost');
    expect(waitedMs(at.panel('off'))).toBe(5);
    at.welcome([summary('web-1')]);
    expect(at.watches()).toMatchObject([{ host: 'web-1', sinceMs: 3000 }]);
    expect(at.sent.some(({ type }) => type === 'collect')).toBe(true);
    const { stream } = at.watches()[0]!;
    at.bytes([encodeReset(stream), ...agent(stream)(2, 3)]);
    expect(waitedMs(at.panel('off'))).toBe(sumMs(1, 2, 3));
  });

  it('says why there is nothing of a host that the hub does not stream, and shows it when it comes', () => {
    const { at } = watched();
    at.say({ type: 'ended', stream: at.watches()[0]!.stream, reason: 'unknown host' });
    expect(at.panel('off')).toEqual({ state: 'ended', reason: 'unknown host' });
    at.say({ type: 'hosts', hosts: [summary('web-1')] });
    expect(at.watches()).toHaveLength(2);
    at.bytes(agent(at.watches()[1]!.stream)(1));
    expect(waitedMs(at.panel('off'))).toBe(2);
  });

  it('tells what collects on a host, and what it costs over the last seconds', () => {
    const { at, send } = watched();
    send(1, 2, 3);
    at.advance(1000);
    expect(at.store.snapshot().standing.get('web-1')).toEqual([
      { name: 'vitals-cpu', state: 'on', detail: '', cost: { nsPerSecond: 100_000, runsPerSecond: 1 } },
    ]);
  });
});
