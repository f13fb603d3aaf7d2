/** The hub without sockets: sentences about agents and browsers on wires in memory. */
import { emptyWindow, NONE, type ProfileTables, type ProfileWindow, toProcesses } from '@stallscope/profile';
import { checkSeeds, type Random } from '@stallscope/profile/fixtures';
import {
  CLOSE_CODES,
  type Collectible,
  MAX_FRAME_BYTES,
  MAX_ROWS,
  PROTOCOL_VERSION,
  toText,
} from '@stallscope/protocol';
import { describe, expect, it, vi } from 'vitest';
import { AgentEnd, BrowserEnd, helloOf, spell, TestClock, TestWire } from './fixtures/peers.js';
import { Hub } from './hub.js';
import {
  BROWSER_HIGH_WATER_BYTES,
  COALESCE_SPAN_MS,
  CONTROL_MESSAGES_BURST,
  DICTIONARY_HARD_BYTES,
  HELLO_TIMEOUT_MS,
  MAX_AGENTS,
  MAX_BROWSERS,
  MAX_STREAMS_A_BROWSER,
  STALLED_BROWSER_MS,
} from './limits.js';

// Megabytes and hundreds of seeds; a busy machine takes its time, and nothing here depends on how much.
vi.setConfig({ testTimeout: 60_000 });

function start(options: { retainMs?: number; retainBytes?: number } = {}): {
  hub: Hub;
  clock: TestClock;
  log: string[];
} {
  const clock = new TestClock();
  const log: string[] = [];
  return { hub: new Hub({ nowMs: clock.read, log: (line) => log.push(line), ...options }), clock, log };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const blockedNs = (windows: readonly ProfileWindow[]): number =>
  sum(windows.map(({ threads }) => sum(threads.blockedNs)));

/** Names of their own for each window, `bytes` long in all: a program that never does the same twice. */
function newNames(tables: ProfileTables, label: string, bytes: number): Partial<ProfileWindow> {
  const names = Array.from({ length: bytes / 1000 }, (_, n) =>
    tables.internString(`${label}/${n}/`.padEnd(1000, 'x')),
  );
  return { processes: toProcesses(names.map((name, n) => ({ tgid: n + 1, name }))) };
}

describe('windows', () => {
  it('reach every browser that watches the host, as they were, and no other', () => {
    checkSeeds(20, (random) => {
      const { hub } = start();
      const a = new AgentEnd(hub, random.seed).hello('a');
      const b = new AgentEnd(hub, random.seed + 1000).hello('b');
      const both = new BrowserEnd(hub).watch('a', 1).watch('b', 2);
      const one = new BrowserEnd(hub).watch('b', 9);
      const none = new BrowserEnd(hub);
      const sentA = [];
      const sentB = [];
      for (let n = 0; n < 3; n++) {
        sentA.push(spell(a.sendRandom(), a.tables));
        sentB.push(spell(b.sendRandom(), b.tables));
      }
      const seen = (browser: BrowserEnd, stream: number): unknown[] =>
        browser.windows
          .filter((received) => received.stream === stream)
          .map(({ window }) => spell(window, browser.tables));
      expect(seen(both, 1)).toEqual(sentA);
      expect(seen(both, 2)).toEqual(sentB);
      expect(seen(one, 9)).toEqual(sentB);
      expect(none.windows).toEqual([]);
    });
  });

  it('that came before a browser did are sent first, then live ones', () => {
    const { hub, clock } = start();
    const agent = new AgentEnd(hub).hello('a');
    for (let n = 0; n < 5; n++) {
      agent.sendRandom();
      clock.pass(1000);
    }
    const all = new BrowserEnd(hub).watch('a');
    const late = new BrowserEnd(hub).watch('a', 1, 3000);
    agent.sendRandom();
    expect(all.sequences).toEqual([0, 1, 2, 3, 4, 5]);
    expect(all.messagesOf('watching')).toEqual([
      { type: 'watching', stream: 1, host: 'a', availableFromMs: 0, windows: 5 },
    ]);
    expect(late.sequences).toEqual([3, 4, 5]);
    expect(late.messagesOf('watching')[0]).toMatchObject({ availableFromMs: 3000, windows: 2 });
    expect(all.messagesOf('coalesced')).toEqual([]);
  });

  it('are acknowledged, and taken once when they are sent again after a reconnect', () => {
    const { hub } = start();
    const run = { agent: { version: '0.1.0', run: 'the same' } };
    const first = new AgentEnd(hub).hello('a', run);
    for (let n = 0; n < 3; n++) first.sendWith(() => ({}));
    expect(first.received.filter(({ type }) => type === 'ack')).toEqual(
      [0, 1, 2].map((sequence) => ({ type: 'ack', sequence })),
    );
    first.session.onClosed();
    const again = new AgentEnd(hub).hello('a', run);
    again.sequence = 1;
    for (let n = 0; n < 3; n++) again.sendWith(() => ({}));
    const browser = new BrowserEnd(hub).watch('a');
    expect(browser.sequences).toEqual([0, 1, 2, 3]);
    expect(again.received.filter(({ type }) => type === 'ack')).toHaveLength(3);
    // Another run counts from the start.
    again.session.onClosed();
    new AgentEnd(hub).hello('a', { agent: { version: '0.1.0', run: 'another' } }).sendWith(() => ({}));
    expect(browser.sequences).toEqual([0, 1, 2, 3, 0]);
  });

  it('are kept for the retention and no longer', () => {
    const { hub, clock } = start({ retainMs: 10_000 });
    const agent = new AgentEnd(hub).hello('a');
    for (let n = 0; n < 30; n++) {
      agent.sendWith(() => ({ losses: { 'row-map-full': 1 } }));
      clock.pass(1000);
      hub.tick();
    }
    expect(hub.hosts()[0]).toMatchObject({
      retained: { windows: 10, fromMs: 20_000 },
      losses: { 'row-map-full': 10 },
    });
  });

  it('outlive their agent until the retention ends, then the host is forgotten and its streams end', () => {
    const { hub, clock } = start({ retainMs: 10_000 });
    const agent = new AgentEnd(hub).hello('a');
    agent.sendRandom();
    agent.session.onClosed();
    const browser = new BrowserEnd(hub).watch('a');
    expect(browser.sequences).toEqual([0]);
    clock.pass(9000);
    hub.tick();
    expect(browser.hosts[0]?.state).toBe('disconnected');
    clock.pass(2000);
    hub.tick();
    expect(browser.hosts).toEqual([]);
    expect(browser.messagesOf('ended')).toMatchObject([{ stream: 1 }]);
  });

  it('go on in the same stream when the agent comes back with tables of its own', () => {
    const { hub } = start();
    const before = new AgentEnd(hub, 5).hello('a');
    const browser = new BrowserEnd(hub).watch('a');
    const first = spell(before.sendRandom(), before.tables);
    before.session.onClosed();
    const after = new AgentEnd(hub, 6).hello('a');
    const second = spell(after.sendRandom(), after.tables);
    expect(browser.windows.map(({ window }) => spell(window, browser.tables))).toEqual([first, second]);
  });
});

describe('memory', () => {
  it('stays within its bound under endless new names, and browsers see every window', () => {
    const retainBytes = 16 * 1024 * 1024;
    const { hub, clock } = start({ retainBytes, retainMs: 60_000 });
    let agent = new AgentEnd(hub).hello('a');
    const browser = new BrowserEnd(hub).watch('a');
    for (let n = 0; n < 150; n++) {
      if (n % 10 === 9) {
        // An agent rebuilds its tables by coming back.
        agent.session.onClosed();
        agent = new AgentEnd(hub).hello('a');
      }
      agent.sequence = n;
      agent.sendWith((tables) => newNames(tables, `w${n}`, 500_000));
      clock.pass(1000);
      hub.tick();
      expect(hub.bytes).toBeLessThanOrEqual(retainBytes);
    }
    expect(browser.sequences).toEqual(Array.from({ length: 150 }, (_, n) => n));
    expect(browser.windows.at(-1)?.window.processes.name).toHaveLength(500);
    expect(browser.messagesOf('coalesced')).toEqual([]);
  });

  it('of an outgrown dictionary is dropped with the last window that needs it', () => {
    const { hub, clock } = start({ retainMs: 20_000 });
    let agent = new AgentEnd(hub).hello('a');
    const browser = new BrowserEnd(hub).watch('a');
    let most = 0;
    for (let n = 0; n < 120; n++) {
      if (n % 10 === 9) {
        agent.session.onClosed();
        agent = new AgentEnd(hub).hello('a');
      }
      agent.sequence = n;
      agent.sendWith((tables) => newNames(tables, `w${n}`, 500_000));
      clock.pass(1000);
      hub.tick();
      most = Math.max(most, hub.hosts()[0]!.retained.bytes);
    }
    // A megabyte a window as estimated, twenty windows retained: a third more for those that wait for their last.
    expect(most).toBeLessThan(2 * DICTIONARY_HARD_BYTES);
    expect(browser.resets).toBeGreaterThan(5);
    expect(browser.sequences).toHaveLength(120);
    const late = new BrowserEnd(hub).watch('a');
    const retained = hub.hosts()[0]!.retained.windows;
    expect(late.windows.map(({ window }) => spell(window, late.tables))).toEqual(
      browser.windows.slice(-retained).map(({ window }) => spell(window, browser.tables)),
    );
  });

  it('is taken from the host that keeps most', () => {
    const { hub, clock } = start({ retainBytes: 4 * 1024 * 1024 });
    const quiet = new AgentEnd(hub, 1).hello('quiet');
    const loud = new AgentEnd(hub, 2).hello('loud');
    for (let n = 0; n < 100; n++) {
      quiet.sendWith(() => ({}));
      loud.sendWith(() => ({
        histograms: {
          tgid: Array.from({ length: 20_000 }, (_, at) => at),
          kind: new Array(20_000).fill(0),
          bucket: new Array(20_000).fill(1),
          count: new Array(20_000).fill(1000),
        },
      }));
      clock.pass(1000);
    }
    const [a, b] = hub.hosts();
    expect(a).toMatchObject({ host: { id: 'loud' } });
    expect(a!.retained.windows).toBeLessThan(50);
    expect(a!.retained.windows).toBeGreaterThan(5);
    expect(b).toMatchObject({ host: { id: 'quiet' }, retained: { windows: 100 } });
  });

  it('that only an agent’s dictionary takes ends with that agent, with what to do', () => {
    const { hub } = start({ retainBytes: 2 * 1024 * 1024 });
    const small = new AgentEnd(hub).hello('small');
    const agent = new AgentEnd(hub).hello('large');
    agent.sendWith((tables) => newNames(tables, 'w', 2_000_000));
    expect(agent.wire.closed).toEqual({
      code: CLOSE_CODES['dictionary-full'],
      reason: expect.stringContaining('rebuild it and reset'),
    });
    small.sendRandom();
    expect(small.wire.closed).toBeUndefined();
    expect(hub.bytes).toBeLessThan(2 * 1024 * 1024);
  });
});

describe('a slow browser', () => {
  it('gets what waited in one window with the same totals, and is told', () => {
    checkSeeds(30, (random) => {
      const { hub, clock } = start();
      const agent = new AgentEnd(hub, random.seed).hello('a');
      const slow = new BrowserEnd(hub).watch('a');
      const fast = new BrowserEnd(hub).watch('a');
      const sent = [agent.sendRandom()];
      slow.wire.isStuck = true;
      slow.wire.bufferedBytes = BROWSER_HIGH_WATER_BYTES;
      const waited = random.integer(2, 20);
      for (let n = 0; n < waited; n++) {
        clock.pass(1000);
        sent.push(agent.sendRandom());
        hub.tick();
      }
      expect(slow.sequences).toEqual([0]);
      expect(fast.sequences).toHaveLength(waited + 1);
      const sentBefore = slow.wire.sent.length;
      expect(slow.wire.sent).toHaveLength(sentBefore);
      slow.wire.isStuck = false;
      slow.drain();
      expect(slow.sequences).toEqual([0, waited]);
      expect(slow.messagesOf('coalesced')).toEqual([{ type: 'coalesced', stream: 1, windows: waited }]);
      expect(blockedNs(slow.windows.map(({ window }) => window))).toBe(blockedNs(sent));
      expect(slow.windows[1]!.window).toMatchObject({ startMs: 1000, endMs: (waited + 1) * 1000 });
      sent.push(agent.sendRandom());
      expect(slow.sequences).toEqual([0, waited, waited + 1]);
    });
  });

  it('that is too slow skips the oldest, and the next window counts them', () => {
    const { hub, clock } = start();
    const agent = new AgentEnd(hub).hello('a');
    const slow = new BrowserEnd(hub).watch('a');
    agent.sendWith(() => ({}));
    slow.wire.bufferedBytes = BROWSER_HIGH_WATER_BYTES;
    const kept = COALESCE_SPAN_MS / 1000 + 1;
    for (let n = 0; n < kept + 39; n++) {
      clock.pass(1000);
      agent.sendWith(() => ({ losses: { 'browser-skipped': 1 } }));
    }
    slow.drain();
    expect(slow.sequences).toEqual([0, kept + 39]);
    expect(slow.messagesOf('coalesced')).toMatchObject([{ windows: kept }]);
    // Those the windows carry already (another hub's), and those skipped here.
    expect(slow.windows[1]!.window.losses['browser-skipped']).toBe(kept + 39);
    agent.sendWith(() => ({}));
    expect(slow.windows[2]!.window.losses).toEqual({});
  });

  it('that missed what was evicted counts it too', () => {
    const { hub, clock } = start({ retainMs: 5000 });
    const agent = new AgentEnd(hub).hello('a');
    const slow = new BrowserEnd(hub).watch('a');
    slow.wire.bufferedBytes = BROWSER_HIGH_WATER_BYTES;
    for (let n = 0; n < 20; n++) {
      agent.sendWith(() => ({}));
      clock.pass(1000);
      hub.tick();
    }
    slow.drain();
    expect(slow.messagesOf('coalesced')).toMatchObject([{ windows: 5 }]);
    expect(slow.windows[0]!.window.losses).toEqual({ 'browser-skipped': 15 });
  });

  it('takes no more of the hub than its full socket, and is closed when that never moves', () => {
    const { hub, clock } = start();
    const agent = new AgentEnd(hub).hello('a');
    const slow = new BrowserEnd(hub).watch('a');
    slow.wire.isStuck = true;
    slow.wire.bufferedBytes = BROWSER_HIGH_WATER_BYTES;
    const before = slow.wire.sent.length;
    for (let n = 0; n * 1000 <= STALLED_BROWSER_MS; n++) {
      agent.sendRandom();
      hub.tick();
      clock.pass(1000);
    }
    expect(slow.wire.sent).toHaveLength(before);
    expect(slow.wire.closed).toBeUndefined();
    clock.pass(1000);
    hub.tick();
    expect(slow.wire.closed?.code).toBe(CLOSE_CODES.unresponsive);
  });

  it('gets a long history in chunks that its socket has room for', () => {
    const { hub } = start();
    const agent = new AgentEnd(hub).hello('a');
    for (let n = 0; n < 60; n++) {
      const tgid = Array.from({ length: 30_000 }, (_, at) => at);
      agent.sendWith(() => ({
        histograms: {
          tgid,
          kind: new Array(30_000).fill(0),
          bucket: new Array(30_000).fill(1),
          count: new Array(30_000).fill(1_000_000),
        },
      }));
    }
    const late = new BrowserEnd(hub);
    late.wire.isStuck = true;
    late.watch('a');
    let drains = 0;
    while (late.windows.length < 60 && drains < 100) {
      // A window more than the mark at most.
      expect(late.wire.bufferedBytes).toBeLessThan(BROWSER_HIGH_WATER_BYTES + 300_000);
      late.drain();
      drains += 1;
    }
    expect(late.sequences).toEqual(Array.from({ length: 60 }, (_, n) => n));
    expect(drains).toBeGreaterThan(5);
    expect(late.messagesOf('coalesced')).toEqual([]);
  });

  it('that drains by chance loses nothing that is not counted', () => {
    checkSeeds(40, (random: Random) => {
      const { hub, clock } = start({ retainMs: 20_000 });
      const agent = new AgentEnd(hub, random.seed).hello('a');
      const slow = new BrowserEnd(hub).watch('a');
      const count = 60;
      for (let n = 0; n < count; n++) {
        agent.sendWith(() => ({ agentCpuNs: 1 }));
        clock.pass(1000);
        if (random.chance(0.3)) slow.wire.bufferedBytes = BROWSER_HIGH_WATER_BYTES;
        if (random.chance(0.2)) slow.drain();
        if (random.chance(0.3)) hub.tick();
      }
      slow.drain();
      const windows = slow.windows.map(({ window }) => window);
      const seen = sum(windows.map(({ agentCpuNs }) => agentCpuNs));
      const skipped = sum(windows.map(({ losses }) => losses['browser-skipped'] ?? 0));
      expect(seen + skipped).toBe(count);
    });
  });
});

describe('agents', () => {
  it('are live, then stale, then disconnected', () => {
    const { hub, clock } = start();
    const agent = new AgentEnd(hub).hello('a');
    const state = (): string | undefined => hub.hosts()[0]?.state;
    expect(state()).toBe('live');
    agent.sendRandom();
    clock.pass(3000);
    expect(state()).toBe('live');
    clock.pass(1);
    expect(state()).toBe('stale');
    agent.sendRandom();
    expect(state()).toBe('live');
    agent.session.onClosed();
    expect(state()).toBe('disconnected');
  });

  it('of one host id: the newest stays', () => {
    const { hub } = start();
    const older = new AgentEnd(hub, 1).hello('a');
    older.sendRandom();
    const newer = new AgentEnd(hub, 2).hello('a');
    expect(older.wire.closed).toEqual({
      code: CLOSE_CODES.replaced,
      reason: 'agent: another agent of the same host id connected',
    });
    older.session.onClosed();
    newer.sendRandom();
    expect(newer.wire.closed).toBeUndefined();
    expect(hub.hosts()).toMatchObject([{ state: 'live', retained: { windows: 2 } }]);
  });

  it('say hello in time', () => {
    const { hub, clock } = start();
    const agent = new AgentEnd(hub);
    clock.pass(HELLO_TIMEOUT_MS);
    hub.tick();
    expect(agent.wire.closed).toBeUndefined();
    clock.pass(1);
    hub.tick();
    expect(agent.wire.closed?.code).toBe(CLOSE_CODES['hello-timeout']);
  });

  it('of another version are told which', () => {
    const { hub } = start();
    const agent = new AgentEnd(hub);
    agent.session.onText(JSON.stringify({ ...helloOf('a'), protocol: 99 }));
    expect(agent.wire.closed).toEqual({
      code: CLOSE_CODES['version-mismatch'],
      reason: `agent message: protocol 99, this side speaks ${PROTOCOL_VERSION}; upgrade the older of the two`,
    });
  });

  it.each([
    ['a window before hello', (agent: AgentEnd) => agent.sendRandom(), 'out-of-turn'],
    ['a second hello', (agent: AgentEnd) => agent.hello('a').hello('a'), 'out-of-turn'],
    [
      'a frame of another stream',
      (agent: AgentEnd) => agent.hello('a').session.onBinary(Uint8Array.of(PROTOCOL_VERSION, 3, 5)),
      'bad-frame',
    ],
    [
      'noise',
      (agent: AgentEnd) => agent.hello('a').session.onBinary(Uint8Array.of(PROTOCOL_VERSION, 2, 0, 0xff)),
      'truncated',
    ],
  ] as const)('are closed for %s', (_, misbehave, code) => {
    const { hub } = start();
    const agent = new AgentEnd(hub);
    misbehave(agent);
    expect(agent.wire.closed?.code).toBe(CLOSE_CODES[code]);
    expect(agent.session.state).toBe('closed');
  });

  it('are no more than the hub serves', () => {
    const { hub } = start();
    for (let n = 0; n < MAX_AGENTS; n++) hub.acceptAgent(new TestWire());
    expect(new AgentEnd(hub).wire.closed?.code).toBe(CLOSE_CODES['too-many-agents']);
  });

  it('show what they are, and that a recording is one', () => {
    const { hub } = start();
    const recording = { title: 'A lock convoy', recordedAtMs: 1000 };
    new AgentEnd(hub).hello('a', { recording }).sendWith((tables) => ({
      tauNs: 5,
      governed: true,
      threads: {
        ...{ tgid: [1, 1], tid: [1, 2], comm: [0, tables.internString('b')], blockedNs: [30, 12] },
        ...{ runqNs: [0, 0], preemptedNs: [0, 0], onCpuNs: [0, 0] },
        ...{ blockedCount: [1, 1], runqCount: [0, 0], preemptedCount: [0, 0] },
        ...{ blockedInWindowNs: [30, 12], runqInWindowNs: [0, 0] },
        ...{ preemptedInWindowNs: [0, 0], onCpuInWindowNs: [0, 0] },
      },
    }));
    expect(hub.hosts()).toMatchObject([
      { recording, tauNs: 5, governed: true, waitedNs: 42, lastWindowEndMs: 1000, host: { name: 'name-a' } },
    ]);
  });
});

describe('window length', () => {
  const asked = (agent: AgentEnd): number[] =>
    agent.received.flatMap((message) => (message.type === 'set-window' ? [message.windowMs] : []));
  const ask = (browser: BrowserEnd, windowMs: 250 | 1000): void =>
    browser.session.onText(toText({ type: 'set-window', host: 'a', windowMs }));

  it('is the shortest that a connected browser asks for, and goes back when it leaves', () => {
    const { hub } = start();
    const agent = new AgentEnd(hub).hello('a');
    const fine = new BrowserEnd(hub).watch('a');
    const coarse = new BrowserEnd(hub).watch('a');
    ask(coarse, 1000);
    expect(asked(agent)).toEqual([]);
    ask(fine, 250);
    ask(coarse, 1000);
    expect(asked(agent)).toEqual([250]);
    expect(hub.hosts()[0]?.windowMs).toBe(250);
    fine.session.onClosed();
    expect(asked(agent)).toEqual([250, 1000]);
  });

  it('goes back when its browser looks away, and is told to an agent that comes back', () => {
    const { hub } = start();
    const agent = new AgentEnd(hub).hello('a');
    const browser = new BrowserEnd(hub).watch('a');
    ask(browser, 250);
    agent.session.onClosed();
    const back = new AgentEnd(hub).hello('a');
    expect(asked(back)).toEqual([250]);
    browser.session.onText(toText({ type: 'unwatch', stream: 1 }));
    expect(asked(back)).toEqual([250, 1000]);
  });

  it('of an agent started at another is left alone until asked', () => {
    const { hub } = start();
    const agent = new AgentEnd(hub).hello('a', { windowMs: 250 });
    const browser = new BrowserEnd(hub).watch('a');
    expect(asked(agent)).toEqual([]);
    ask(browser, 1000);
    browser.session.onClosed();
    expect(asked(agent)).toEqual([1000, 250]);
  });
});

describe('what browsers want collected', () => {
  const told = (agent: AgentEnd): Collectible[][] =>
    agent.received.flatMap((message) => (message.type === 'collect' ? [message.wants] : []));
  const want = (browser: BrowserEnd, wants: Collectible[], host = 'a'): void =>
    browser.session.onText(toText({ type: 'collect', host, wants }));

  it('is told to the agent all together, each once, and only when that changes', () => {
    const { hub } = start();
    const agent = new AgentEnd(hub).hello('a');
    const disk = new BrowserEnd(hub).watch('a');
    const both = new BrowserEnd(hub).watch('a');
    expect(told(agent)).toEqual([]);
    want(disk, ['block']);
    want(both, ['costs', 'block']);
    want(both, ['block', 'costs', 'block']);
    expect(told(agent)).toEqual([['block'], ['block', 'costs']]);
  });

  it('is in place of what the same browser wanted before', () => {
    const { hub } = start();
    const agent = new AgentEnd(hub).hello('a');
    const browser = new BrowserEnd(hub).watch('a');
    want(browser, ['block', 'futex']);
    want(browser, ['tcp']);
    want(browser, []);
    expect(told(agent)).toEqual([['block', 'futex'], ['tcp'], []]);
  });

  it('is taken back when the browser goes, looks away or turns to another host', () => {
    const { hub } = start();
    const a = new AgentEnd(hub, 1).hello('a');
    const b = new AgentEnd(hub, 2).hello('b');
    const stays = new BrowserEnd(hub).watch('a');
    want(stays, ['cpu']);
    const gone = new BrowserEnd(hub).watch('a');
    want(gone, ['dns']);
    gone.session.onClosed();
    const away = new BrowserEnd(hub).watch('a');
    want(away, ['dns']);
    away.session.onText(toText({ type: 'unwatch', stream: 1 }));
    const turned = new BrowserEnd(hub).watch('a');
    want(turned, ['dns']);
    turned.watch('b');
    want(turned, ['tcp'], 'b');
    expect(told(a)).toEqual([
      ['cpu'],
      ['cpu', 'dns'],
      ['cpu'],
      ['cpu', 'dns'],
      ['cpu'],
      ['cpu', 'dns'],
      ['cpu'],
    ]);
    expect(told(b)).toEqual([['tcp']]);
  });

  it('stays while another stream of the browser shows the host', () => {
    const { hub } = start();
    const agent = new AgentEnd(hub).hello('a');
    const browser = new BrowserEnd(hub).watch('a', 1).watch('a', 2);
    want(browser, ['block']);
    browser.session.onText(toText({ type: 'unwatch', stream: 1 }));
    expect(told(agent)).toEqual([['block']]);
    browser.session.onText(toText({ type: 'unwatch', stream: 2 }));
    expect(told(agent)).toEqual([['block'], []]);
  });

  it('is told again to an agent that comes back, and to one that replaces another', () => {
    const { hub } = start();
    const first = new AgentEnd(hub).hello('a');
    want(new BrowserEnd(hub).watch('a'), ['lengths']);
    first.session.onClosed();
    const back = new AgentEnd(hub).hello('a');
    expect(told(back)).toEqual([['lengths']]);
    expect(told(new AgentEnd(hub).hello('a'))).toEqual([['lengths']]);
  });

  it('of a host that has gone is asked of nobody, and of what no agent collects closes the browser', () => {
    const { hub } = start();
    const browser = new BrowserEnd(hub);
    want(browser, ['block'], 'gone');
    expect(browser.wire.closed).toBeUndefined();
    want(browser, ['everything' as Collectible], 'gone');
    expect(browser.wire.closed?.code).toBe(CLOSE_CODES['bad-message']);
  });
});

describe('browsers', () => {
  it('are told the hosts when they come, and when one changes', () => {
    const { hub, clock } = start();
    const browser = new BrowserEnd(hub);
    expect(browser.messages).toEqual([
      {
        type: 'welcome',
        protocol: PROTOCOL_VERSION,
        nowMs: clock.nowMs,
        retainMs: 900_000,
        retainBytes: 201_326_592,
      },
      { type: 'hosts', hosts: [] },
    ]);
    hub.tick();
    new AgentEnd(hub).hello('b');
    new AgentEnd(hub).hello('a');
    hub.tick();
    expect(browser.hosts.map(({ host }) => host.id)).toEqual(['a', 'b']);
  });

  it('that watch a host nobody knows are told so, and go on', () => {
    const { hub } = start();
    const browser = new BrowserEnd(hub).watch('gone', 4);
    expect(browser.messagesOf('ended')).toEqual([
      { type: 'ended', stream: 4, reason: 'the hub knows no such host' },
    ]);
    expect(browser.wire.closed).toBeUndefined();
  });

  it('may turn a stream to another host', () => {
    const { hub } = start();
    const a = new AgentEnd(hub, 1).hello('a');
    const b = new AgentEnd(hub, 2).hello('b');
    a.sendRandom();
    b.sendRandom();
    const browser = new BrowserEnd(hub).watch('a').watch('b');
    a.sendRandom();
    const last = spell(b.sendRandom(), b.tables);
    expect(browser.windows).toHaveLength(3);
    expect(spell(browser.windows.at(-1)!.window, browser.tables)).toEqual(last);
  });

  it.each([
    ['a frame', (browser: BrowserEnd) => browser.session.onBinary(), 'out-of-turn'],
    ['no JSON', (browser: BrowserEnd) => browser.session.onText('hi'), 'bad-message'],
    [
      'too many streams',
      (browser: BrowserEnd) => {
        for (let n = 0; n <= MAX_STREAMS_A_BROWSER; n++) browser.watch('a', n);
      },
      'too-many-streams',
    ],
    [
      'too many messages',
      (browser: BrowserEnd) => {
        for (let n = 0; n <= CONTROL_MESSAGES_BURST; n++)
          browser.session.onText('{"type":"unwatch","stream":1}');
      },
      'too-fast',
    ],
  ] as const)('are closed for %s', (_, misbehave, code) => {
    const { hub } = start();
    new AgentEnd(hub).hello('a');
    const browser = new BrowserEnd(hub);
    misbehave(browser);
    expect(browser.wire.closed?.code).toBe(CLOSE_CODES[code]);
  });

  it('are no more than the hub serves, and a place is free again when one leaves', () => {
    const { hub } = start();
    const first = new BrowserEnd(hub);
    for (let n = 1; n < MAX_BROWSERS; n++) hub.acceptBrowser(new TestWire());
    expect(new BrowserEnd(hub).wire.closed?.code).toBe(CLOSE_CODES['too-many-browsers']);
    first.session.onClosed();
    expect(new BrowserEnd(hub).wire.closed).toBeUndefined();
  });
});

describe('garbage', () => {
  it('closes who sent it with a code and a reason, and nobody else', () => {
    checkSeeds(60, (random) => {
      const { hub, log } = start();
      const agent = new AgentEnd(hub, random.seed).hello('good');
      const browser = new BrowserEnd(hub).watch('good');
      const noise = (): Uint8Array => {
        const bytes = Uint8Array.from({ length: random.integer(0, 60) }, () => random.integer(0, 255));
        if (random.chance(0.7)) bytes.set([1, random.integer(1, 3), 0].slice(0, bytes.length));
        return bytes;
      };
      for (let n = 0; n < 10; n++) {
        const badAgent = new AgentEnd(hub, random.seed + n);
        if (random.chance(0.8)) badAgent.hello(`bad${n}`);
        const damaged = badAgent.toFrames(agent.sendRandom());
        for (const frame of damaged) {
          if (frame.length > 0) frame[random.integer(0, frame.length - 1)] = random.integer(0, 255);
          badAgent.session.onBinary(frame);
        }
        for (let m = 0; m < 20; m++) badAgent.session.onBinary(noise());
        badAgent.session.onText(String.fromCharCode(...noise()));
        const badBrowser = new BrowserEnd(hub);
        badBrowser.session.onText(String.fromCharCode(...noise()));
        for (const { wire } of [badAgent, badBrowser]) {
          expect(wire.closed?.code).toBeGreaterThanOrEqual(4000);
          expect(wire.closed?.code).toBeLessThan(CLOSE_CODES['hub-fault']);
          expect(wire.closed?.reason).toMatch(/^[\x20-\x7e]{5,123}$/);
        }
      }
      expect(browser.sequences).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(agent.wire.closed).toBeUndefined();
      expect(log.filter((line) => line.startsWith('fault'))).toEqual([]);
    });
  });
});

describe('many agents', () => {
  it('two hundred of three windows each arrive whole', () => {
    const { hub, clock } = start();
    const agents = Array.from({ length: 200 }, (_, n) => new AgentEnd(hub, n).hello(`host-${n}`));
    const browser = new BrowserEnd(hub);
    for (let n = 0; n < MAX_STREAMS_A_BROWSER; n++) browser.watch(`host-${n * 20}`, n);
    for (let n = 0; n < 3; n++) {
      for (const agent of agents) agent.sendRandom();
      clock.pass(1000);
      hub.tick();
    }
    const hosts = hub.hosts();
    expect(hosts).toHaveLength(200);
    for (const host of hosts) expect(host).toMatchObject({ state: 'live', retained: { windows: 3 } });
    expect(browser.windows).toHaveLength(3 * MAX_STREAMS_A_BROWSER);
  });
});

describe('a window that only just fits in a frame', () => {
  it('is dropped when it no longer fits with the ids of the hub, and counted in the next', () => {
    const { hub } = start();
    const before = new AgentEnd(hub).hello('a');
    // Takes the short ids of the hub's tables.
    before.sendWith((tables) => newNames(tables, 'old', 2_000_000));
    before.session.onClosed();
    const agent = new AgentEnd(hub).hello('a');
    const browser = new BrowserEnd(hub).watch('a');
    // 51 bytes a row and 19 a thread.
    const rowOf = (value: number): number[] => new Array(MAX_ROWS).fill(value);
    const threadOf = (value: number): number[] => new Array(88_800).fill(value);
    const long = rowOf(Number.MAX_SAFE_INTEGER);
    const name = agent.tables.internString('new');
    const none = rowOf(NONE);
    const frame = agent.toFrames(
      emptyWindow({
        rows: {
          ...{ tgid: rowOf(1), tid: rowOf(1), comm: rowOf(0).map((_, n) => (n % 2) * name), cgroup: long },
          ...{ kind: rowOf(0), state: rowOf(0), userStack: none, kernelStack: none, chain: none },
          ...{
            quarter: rowOf(0),
            bucket: rowOf(0),
            captures: long,
            estimatedCount: long,
            estimatedNs: long,
            varianceNs2: long,
          },
          slice: rowOf(0),
        },
        threads: {
          ...{ tgid: threadOf(1), tid: threadOf(1), comm: threadOf(0), blockedNs: threadOf(2 ** 40) },
          ...{ runqNs: threadOf(1), preemptedNs: threadOf(1), onCpuNs: threadOf(1) },
          ...{ blockedCount: threadOf(1), runqCount: threadOf(1), preemptedCount: threadOf(1) },
          ...{ blockedInWindowNs: threadOf(1), runqInWindowNs: threadOf(1) },
          ...{ preemptedInWindowNs: threadOf(1), onCpuInWindowNs: threadOf(1) },
        },
      }),
    );
    expect(frame.at(-1)!.length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    for (const bytes of frame) agent.session.onBinary(bytes);
    agent.sequence = 1;
    agent.sendWith(() => ({}));
    expect(agent.wire.closed).toBeUndefined();
    expect(browser.windows.map(({ window }) => window.losses).slice(-1)).toEqual([{ 'hub-dropped': 1 }]);
  });
});

describe('closing', () => {
  it('tells all', () => {
    const { hub } = start();
    const agent = new AgentEnd(hub).hello('a');
    const browser = new BrowserEnd(hub).watch('a');
    hub.close();
    for (const { wire } of [agent, browser]) expect(wire.closed?.code).toBe(CLOSE_CODES['hub-closing']);
  });
});

describe('chains and stacks', () => {
  it('survive the way through the hub’s own tables', () => {
    const { hub } = start();
    const agent = new AgentEnd(hub).hello('a');
    const browser = new BrowserEnd(hub).watch('a');
    const window = agent.sendRandom();
    expect(window.rows.chain.some((chain) => chain !== NONE)).toBe(true);
    expect(spell(browser.windows[0]!.window, browser.tables)).toEqual(spell(window, agent.tables));
  });
});

describe('a dictionary', () => {
  it('that a window needs whole is not followed by another, however small the share of its host', () => {
    const { hub, clock } = start({ retainBytes: 8 * 1024 * 1024 });
    const agent = new AgentEnd(hub).hello('a');
    const browser = new BrowserEnd(hub).watch('a');
    for (let n = 0; n < 30; n++) {
      agent.sendWith((tables) => newNames(tables, 'the same', 1_000_000));
      clock.pass(1000);
      hub.tick();
    }
    expect(browser.resets).toBe(1);
    expect(browser.sequences).toHaveLength(30);
  });
});
