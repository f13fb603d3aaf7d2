import { describe, expect, test } from 'vitest';
import { Backoff } from './backoff.js';
import type { FromPart, Part } from './part.js';
import { type UpConfig, type UpEnvironment, up } from './up.js';

const CONFIG: UpConfig = {
  hub: { host: '127.0.0.1', port: 7070, webRoot: '/web', allowedOrigins: [], agentToken: 't' },
  agent: { windowMs: 1000, tauNs: 1e6, asksJava: true, cpuHz: 99, token: 't' },
};

class FakePart implements Part {
  readonly #listeners: ((message: FromPart) => void)[] = [];
  #end!: (how: string) => void;
  readonly ended = new Promise<string>((resolve) => {
    this.#end = resolve;
  });
  stopped = false;

  constructor(
    readonly tgid: number,
    readonly config: unknown,
  ) {}

  onMessage(listener: (message: FromPart) => void) {
    this.#listeners.push(listener);
  }
  async stop() {
    this.stopped = true;
    this.#end('exit code 0');
  }
  tell(message: FromPart) {
    for (const listener of this.#listeners) listener(message);
  }
  die(how: string) {
    this.#end(how);
  }
}

/** `up` over fake parts; pauses end at once, or never for the one that waits for a late first window. */
function start({ isLate = false } = {}) {
  const parts: { hub?: FakePart; agents: FakePart[] } = { agents: [] };
  const said: string[] = [];
  const waited: number[] = [];
  /** Whether the kernel counts, after each change. */
  const counting: boolean[] = [];
  const interrupt = new AbortController();
  let agentStarted = () => {};
  const environment: UpEnvironment = {
    startHub: (config) => {
      parts.hub = new FakePart(11, config);
      return parts.hub;
    },
    startAgent: (config) => {
      const agent = new FakePart(20 + parts.agents.length, config);
      parts.agents.push(agent);
      agentStarted();
      return agent;
    },
    countRunTimes: () => {
      counting.push(true);
      return { close: () => void counting.push(false) };
    },
    pause: (ms, signal) => {
      if (ms < 15_000 || isLate) {
        waited.push(ms);
        return Promise.resolve();
      }
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
    },
    nowMs: () => 0,
    say: (line) => void said.push(line),
    interrupted: interrupt.signal,
    tgid: 10,
  };
  const ended = up(CONFIG, environment);
  return {
    parts,
    said,
    waited,
    counting,
    interrupt,
    ended,
    /** The n-th agent, once it was started. */
    async agent(n: number): Promise<FakePart> {
      while (parts.agents.length <= n)
        await new Promise<void>((resolve) => {
          agentStarted = resolve;
        });
      return parts.agents[n]!;
    },
  };
}

/** Lets everything that is ready to run, run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('up', () => {
  test('prints the address when the hub listens and the first window is there, not before', async () => {
    const { parts, said, agent, interrupt, ended } = start();
    parts.hub!.tell({ type: 'ready', url: 'http://127.0.0.1:7070' });
    const first = await agent(0);
    expect(first.config).toEqual({
      ...CONFIG.agent,
      hubUrl: 'http://127.0.0.1:7070',
      excludeTgids: [10, 11],
    });
    first.tell({ type: 'ready' });
    await settle();
    expect(said).toEqual([]);
    parts.hub!.tell({ type: 'first-window' });
    await settle();
    expect(said).toEqual(['Stallscope is at http://127.0.0.1:7070   (Ctrl-C stops it)']);
    interrupt.abort();
    expect(await ended).toBe(true);
    expect(first.stopped && parts.hub!.stopped).toBe(true);
  });
  test('says where the hub is in the words of the hub, and sends the agent to its URL', async () => {
    const { parts, said, agent, interrupt, ended } = start();
    parts.hub!.tell({
      type: 'ready',
      url: 'http://127.0.0.1:1',
      where: 'http://127.0.0.1:1, and everywhere',
    });
    expect((await agent(0)).config).toMatchObject({ hubUrl: 'http://127.0.0.1:1' });
    parts.hub!.tell({ type: 'first-window' });
    await settle();
    expect(said).toEqual(['Stallscope is at http://127.0.0.1:1, and everywhere   (Ctrl-C stops it)']);
    interrupt.abort();
    expect(await ended).toBe(true);
  });
  test('a first window that is late is missed aloud, and said when it comes', async () => {
    const { parts, said, agent, interrupt, ended } = start({ isLate: true });
    parts.hub!.tell({ type: 'ready', url: 'http://127.0.0.1:7070' });
    (await agent(0)).tell({ type: 'ready' });
    await settle();
    const late = 'Stallscope is at http://127.0.0.1:7070, but no window has arrived from the agent yet';
    expect(said).toEqual([late]);
    parts.hub!.tell({ type: 'first-window' });
    await settle();
    expect(said).toEqual([
      late,
      'The first window has arrived. Stallscope is at http://127.0.0.1:7070   (Ctrl-C stops it)',
    ]);
    interrupt.abort();
    expect(await ended).toBe(true);
  });
  test('passes on what the hub has to say though it runs', async () => {
    const { parts, said, interrupt, ended } = start();
    parts.hub!.tell({ type: 'notice', text: 'Snapshots are not kept' });
    expect(said).toEqual(['Snapshots are not kept']);
    interrupt.abort();
    expect(await ended).toBe(true);
  });
  test('has the kernel count what BPF costs while the agent wants it, and no longer than it lives', async () => {
    const { parts, counting, agent, interrupt, ended } = start();
    parts.hub!.tell({ type: 'ready', url: 'u' });
    const first = await agent(0);
    first.tell({ type: 'ready' });
    first.tell({ type: 'costs', isWanted: true });
    expect(counting).toEqual([true]);
    first.tell({ type: 'costs', isWanted: false });
    expect(counting).toEqual([true, false]);
    first.tell({ type: 'costs', isWanted: true });
    first.die('SIGSEGV');
    await agent(1);
    expect(counting).toEqual([true, false, true, false]);
    interrupt.abort();
    expect(await ended).toBe(true);
  });
  test('an agent that dies is started again, later each time, and the hub stays', async () => {
    const { parts, said, waited, agent, interrupt, ended } = start();
    parts.hub!.tell({ type: 'ready', url: 'u' });
    for (let n = 0; n < 3; n++) {
      const one = await agent(n);
      one.tell({ type: 'ready' });
      one.die('SIGSEGV');
    }
    await agent(3);
    expect(waited).toEqual([1000, 2000, 4000]);
    expect(said.filter((line) => line.includes('The agent ended (SIGSEGV)'))).toHaveLength(3);
    expect(parts.hub!.stopped).toBe(false);
    interrupt.abort();
    expect(await ended).toBe(true);
  });
  test('an agent that never got to trace ends it all, with its reason', async () => {
    const { parts, said, agent, ended } = start();
    parts.hub!.tell({ type: 'ready', url: 'u' });
    const first = await agent(0);
    first.tell({ type: 'failed', text: 'no BPF here' });
    first.die('exit code 1');
    expect(await ended).toBe(false);
    expect(said).toEqual(['no BPF here']);
    expect(parts.hub!.stopped).toBe(true);
  });
  test('a hub that cannot listen ends it, and no agent is started', async () => {
    const { parts, said, ended } = start();
    parts.hub!.tell({ type: 'failed', text: 'port taken' });
    parts.hub!.die('exit code 1');
    expect(await ended).toBe(false);
    expect(parts.agents).toEqual([]);
    expect(said[0]).toBe('port taken');
  });
  test('interrupted before the hub listens', async () => {
    const { parts, interrupt, ended } = start();
    interrupt.abort();
    expect(await ended).toBe(true);
    expect(parts.hub!.stopped).toBe(true);
    expect(parts.agents).toEqual([]);
  });
});

test('backoff grows to its longest and starts anew after a part that held', () => {
  const backoff = new Backoff();
  expect([1, 2, 3, 4, 5, 6, 7].map(() => backoff.next(0))).toEqual([
    1000, 2000, 4000, 8000, 16_000, 30_000, 30_000,
  ]);
  expect(backoff.next(60_000)).toBe(1000);
  expect(backoff.next(0)).toBe(2000);
});
