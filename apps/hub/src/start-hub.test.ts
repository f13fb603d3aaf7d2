/** The hub on a real port, through real sockets: its doors, and garbage at them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyWindow, ProfileTables } from '@stallscope/profile';
import { randomWindow, seededRandom } from '@stallscope/profile/fixtures';
import {
  CLOSE_CODES,
  DictionaryReader,
  DictionaryWriter,
  decodeWindow,
  encodeWindow,
  FRAME_TYPES,
  type HubToBrowser,
  readFrameHeader,
  readHubToBrowser,
  toText,
} from '@stallscope/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { helloOf } from './fixtures/peers.js';
import { MAX_FAILED_ATTEMPTS, MAX_SOURCE_QUESTIONS } from './limits.js';
import { type RunningHub, type StartHubOptions, startHub } from './start-hub.js';

const AGENT_TOKEN = 'agent-token-of-tests';
const BROWSER_TOKEN = 'browser-token-of-tests';
const TOKENS = { agentToken: AGENT_TOKEN, browserToken: BROWSER_TOKEN };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: StartHubOptions = {}): Promise<RunningHub & { lines: string[] }> {
  const lines: string[] = [];
  const hub = await startHub({ port: 0, log: (line) => lines.push(line), ...options });
  cleanups.push(() => hub.close());
  return { ...hub, lines };
}

/** Resolves with what happened first. */
function open(
  hub: RunningHub,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ socket: WebSocket } | { refused: number; reason: string }> {
  const socket = new WebSocket(`${hub.url.replace('http', 'ws')}${path}`, { headers });
  cleanups.push(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve({ socket }));
    socket.on('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => resolve({ refused: response.statusCode ?? 0, reason: body }));
    });
    socket.on('error', reject);
  });
}

async function connected(...args: Parameters<typeof open>): Promise<WebSocket> {
  const result = await open(...args);
  if ('refused' in result) throw new Error(`refused: ${result.refused} ${result.reason}`);
  return result.socket;
}

async function statusOf(...args: Parameters<typeof open>): Promise<number> {
  const result = await open(...args);
  return 'refused' in result ? result.refused : 101;
}

/** Sends headers as they are given, which fetch would not. */
function get(
  hub: RunningHub,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; headers: IncomingHttpHeaders; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: '127.0.0.1',
        port: hub.port,
        path,
        method: options.method ?? 'GET',
        headers: options.headers ?? {},
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    request.on('error', reject);
    request.end(options.body);
  });
}

/** A browser that reads its stream, and can be awaited. */
class Reader {
  readonly sequences: number[] = [];
  readonly messages: HubToBrowser[] = [];
  readonly #reader = new DictionaryReader();
  #wake: () => void = () => undefined;

  constructor(readonly socket: WebSocket) {
    socket.on('message', (data: Buffer, isBinary) => {
      if (!isBinary) this.messages.push(readHubToBrowser(data.toString()));
      else if (readFrameHeader(data).type === FRAME_TYPES.window) {
        this.sequences.push(decodeWindow(data, this.#reader.tables).sequence);
      } else this.#reader.apply(data);
      this.#wake();
    });
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

class Sender {
  readonly #tables = new ProfileTables();
  readonly #writer = new DictionaryWriter(this.#tables);
  readonly #random = seededRandom(7);
  #sequence = 0;

  constructor(
    readonly socket: WebSocket,
    id: string,
  ) {
    socket.send(toText(helloOf(id)));
  }

  window(): void {
    const sequence = this.#sequence++;
    const window = randomWindow(this.#random, this.#tables, { sequence, startMs: sequence * 1000 });
    for (let delta = this.#writer.delta(); delta !== undefined; delta = this.#writer.delta()) {
      this.socket.send(delta);
    }
    this.socket.send(encodeWindow(window, 0));
  }
}

function closeOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  return new Promise((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
}

describe('from agent to browser', () => {
  it('windows arrive live, and the list of hosts with them', async () => {
    const hub = await start();
    const agent = new Sender(await connected(hub, '/agent'), 'a');
    agent.window();
    const reader = new Reader(await connected(hub, '/live', { origin: hub.url }));
    await reader.until(() => reader.messages.some((m) => m.type === 'hosts' && m.hosts.length === 1));
    reader.socket.send('{"type":"watch","stream":1,"host":"a"}');
    await reader.until(() => reader.sequences.length === 1);
    agent.window();
    await reader.until(() => reader.sequences.length === 2);
    expect(reader.sequences).toEqual([0, 1]);
    const hosts = JSON.parse((await get(hub, '/api/hosts')).body);
    expect(hosts).toMatchObject({ hosts: [{ host: { id: 'a' }, state: 'live', retained: { windows: 2 } }] });
  });

  it('a browser that stops reading slows nobody, and gets what it missed in one', async () => {
    const hub = await start();
    const socket = await connected(hub, '/agent');
    socket.send(toText(helloOf('a')));
    const fast = new Reader(await connected(hub, '/live', { origin: hub.url }));
    const slow = new Reader(await connected(hub, '/live', { origin: hub.url }));
    for (const reader of [fast, slow]) {
      await reader.until(() => reader.messages.some((m) => m.type === 'hosts' && m.hosts.length === 1));
      reader.socket.send('{"type":"watch","stream":1,"host":"a"}');
      await reader.until(() => reader.messages.some((m) => m.type === 'watching'));
    }
    slow.socket.pause();
    const count = 120;
    const entries = 60_000;
    // More in all than the kernel buffers of a socket hold.
    const window = emptyWindow({
      histograms: {
        tgid: Array.from({ length: entries }, (_, n) => n),
        kind: new Array(entries).fill(0),
        bucket: new Array(entries).fill(1),
        count: new Array(entries).fill(2 ** 20),
      },
    });
    for (let sequence = 0; sequence < count; sequence++) {
      socket.send(encodeWindow({ ...window, sequence }, 0));
      await fast.until(() => fast.sequences.length === sequence + 1);
    }
    expect(slow.sequences.length).toBeLessThan(count);
    slow.socket.resume();
    await slow.until(() => slow.sequences.at(-1) === count - 1);
    const coalesced = slow.messages.flatMap((m) => (m.type === 'coalesced' ? [m.windows] : []));
    expect(coalesced.length).toBeGreaterThan(0);
    expect(slow.sequences.length).toBeLessThan(count);
  }, 20_000);

  it('goes on while others send garbage, who are told what was wrong', async () => {
    const hub = await start();
    const agent = new Sender(await connected(hub, '/agent'), 'good');
    agent.window();
    const reader = new Reader(await connected(hub, '/live', { origin: hub.url }));
    await reader.until(() => reader.messages.some((m) => m.type === 'hosts' && m.hosts.length === 1));
    reader.socket.send('{"type":"watch","stream":1,"host":"good"}');
    const seed = 20_261_122;
    const random = seededRandom(seed);
    for (let n = 0; n < 30; n++) {
      const isAgent = random.chance(0.5);
      const socket = isAgent
        ? await connected(hub, '/agent')
        : await connected(hub, '/live', { origin: hub.url });
      const closed = closeOf(socket);
      if (isAgent && random.chance(0.7)) socket.send(toText(helloOf(`bad${n}`)));
      const bytes = Buffer.from(
        Uint8Array.from({ length: random.integer(0, 300) }, () => random.integer(0, 255)),
      );
      if (random.chance(0.7)) bytes.set([1, random.integer(1, 3), 0].slice(0, bytes.length));
      if (random.chance(0.3)) socket.send(bytes.toString('latin1'));
      else socket.send(bytes);
      // A reset is the one thing that noise of three bytes may rightly say.
      socket.send('end');
      const { code, reason } = await closed;
      expect(code, `seed ${seed}, peer ${n}`).toBeGreaterThanOrEqual(4000);
      expect(reason, `seed ${seed}, peer ${n}`).toMatch(/^[\x20-\x7e]{5,123}$/);
      agent.window();
      await reader.until(() => reader.sequences.length === n + 2);
    }
    expect(reader.sequences).toEqual(Array.from({ length: 31 }, (_, n) => n));
    expect(hub.lines.filter((line) => line.startsWith('fault'))).toEqual([]);
  });

  it('survives bytes that are no WebSocket at all', async () => {
    const hub = await start();
    for (const bytes of [
      '\x00\xff\x16\x03',
      'GET / HTTP/9.9\r\n\r\n',
      'GET /live HTTP/1.1\r\nUpgrade: websocket\r\n',
    ]) {
      await new Promise<void>((resolve) => {
        const socket = connect(hub.port, '127.0.0.1', () => socket.end(bytes, 'latin1'));
        socket.on('close', () => resolve());
        socket.on('error', () => undefined);
        socket.resume();
      });
    }
    const socket = await connected(hub, '/agent');
    const closed = closeOf(socket);
    socket.on('error', () => undefined);
    // A frame with reserved bits and no mask, after a good handshake.
    (socket as unknown as { _socket: { write(data: Buffer): void } })._socket.write(
      Buffer.from([0xf3, 0x05, 1, 2]),
    );
    expect((await closed).code).toBe(1002);
    expect((await get(hub, '/healthz')).body).toBe('{"status":"ok"}\n');
  });

  it.each([
    ['/agent', 'a frame a little too long', 8 * 1024 * 1024 + 1],
    ['/agent', 'a frame of a terabyte', 2 ** 40],
    ['/agent', 'a frame longer than a number can tell', 2 ** 63],
    ['/live', 'a frame a little too long', 8 * 1024 * 1024 + 1],
    ['/live', 'a frame of a terabyte', 2 ** 40],
  ])('closes %s on %s, which it reads only the length of, and says why', async (path, _, bytes) => {
    const hub = await start();
    const socket = await connected(hub, path, path === '/live' ? { origin: hub.url } : {});
    const closed = closeOf(socket);
    socket.on('error', () => undefined);
    const header = Buffer.alloc(14);
    // A last binary frame, masked, with a length of 64 bits.
    header.writeUInt16BE(0x82ff);
    header.writeBigUInt64BE(BigInt(bytes), 2);
    (socket as unknown as { _socket: { write(data: Buffer): void } })._socket.write(header);
    expect(await closed).toEqual({
      code: CLOSE_CODES.oversized,
      reason: 'message: longer than 8388608 bytes, the most that the hub takes',
    });
    expect(hub.lines).toContain(
      `socket failed path=${path} error="a message longer than 8388608 bytes, refused unread"`,
    );
  });

  it('tells an agent that sends a whole frame of 9 MiB why it is closed', async () => {
    const hub = await start();
    const socket = await connected(hub, '/agent');
    const closed = closeOf(socket);
    socket.on('error', () => undefined);
    socket.send(toText(helloOf('a')));
    socket.send(new Uint8Array(9 * 1024 * 1024));
    expect(await closed).toMatchObject({
      code: CLOSE_CODES.oversized,
      reason: expect.stringContaining('longer than'),
    });
  });
});

describe('where a function comes from', () => {
  const question = { host: 'a', name: 'app::push', module: 'app' };
  const ask = (
    hub: RunningHub,
    body: unknown,
    headers: Record<string, string> = {},
  ): ReturnType<typeof get> =>
    get(hub, '/api/source', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: hub.url, ...headers },
      body: JSON.stringify(body),
    });

  it('is asked of the agent of that host, and its answer handed on', async () => {
    const hub = await start();
    const socket = await connected(hub, '/agent');
    const answer = {
      places: [[{ function: 'push', file: '/src/app.cc', line: 7, column: 3 }]],
      addresses: 2,
      note: '',
    };
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.type !== 'ask-source') return;
      expect(message.question).toEqual({ name: 'app::push', module: 'app' });
      socket.send(JSON.stringify({ type: 'source', ask: message.ask, answer }));
    });
    socket.send(toText(helloOf('a')));
    const reader = new Reader(await connected(hub, '/live', { origin: hub.url }));
    await reader.until(() => reader.messages.some((m) => m.type === 'hosts' && m.hosts.length === 1));
    const answered = await ask(hub, question);
    expect(answered.status).toBe(200);
    expect(JSON.parse(answered.body)).toEqual(answer);
    expect(JSON.parse((await ask(hub, { ...question, host: 'b' })).body)).toMatchObject({
      places: [],
      note: expect.stringMatching(/not connected/),
    });
    // Of those that an agent owes an answer to there are only so many, and none outlives it.
    socket.removeAllListeners('message');
    const waiting = Array.from({ length: MAX_SOURCE_QUESTIONS + 1 }, () => ask(hub, question));
    expect(JSON.parse((await Promise.race(waiting)).body).note).toMatch(/too much at once/);
    socket.close();
    const notes = (await Promise.all(waiting)).map(({ body }) => String(JSON.parse(body).note));
    expect(notes.filter((note) => /the agent went/.test(note))).toHaveLength(MAX_SOURCE_QUESTIONS);
  });

  it('is told to pages of the hub alone, and only for a question', async () => {
    const hub = await start();
    expect((await ask(hub, question, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await ask(hub, question, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await ask(hub, { ...question, path: '/etc/shadow' })).status).toBe(400);
    expect((await ask(hub, { ...question, name: 'x'.repeat(10_000) })).status).toBe(400);
    expect((await ask(hub, 'x'.repeat(100_000))).status).toBe(413);
    expect((await get(hub, '/api/source')).status).toBe(405);
    const guarded = await start(TOKENS);
    expect((await ask(guarded, question)).status).toBe(401);
  });

  it('an answer before hello ends the connection', async () => {
    const hub = await start();
    const socket = await connected(hub, '/agent');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.send(JSON.stringify({ type: 'source', ask: 1, answer: { places: [], addresses: 0, note: '' } }));
    expect(await closed).toBe(CLOSE_CODES['out-of-turn']);
  });
});

describe('on loopback', () => {
  it('a page of another site gets nothing, by its own name or a rebound one', async () => {
    const hub = await start();
    const foreign = { origin: 'https://evil.example' };
    const rebound = { host: `evil.example:${hub.port}`, origin: `http://evil.example:${hub.port}` };
    expect(await statusOf(hub, '/live', foreign)).toBe(403);
    expect(await statusOf(hub, '/live', rebound)).toBe(403);
    expect(await statusOf(hub, '/live', { origin: 'null' })).toBe(403);
    expect(await statusOf(hub, '/live')).toBe(403);
    expect(await statusOf(hub, '/agent', { origin: hub.url })).toBe(403);
    expect(await statusOf(hub, '/agent', { host: rebound.host })).toBe(403);
    expect((await get(hub, '/api/hosts', { headers: foreign })).status).toBe(403);
    expect((await get(hub, '/api/hosts', { headers: rebound })).status).toBe(403);
    expect((await get(hub, '/', { headers: { host: 'evil.example' } })).status).toBe(403);
    expect(await statusOf(hub, '/elsewhere', { origin: hub.url })).toBe(404);
  });

  it('its own page is at home by any name of loopback and any forwarded port', async () => {
    const hub = await start();
    expect(await statusOf(hub, '/live', { origin: hub.url })).toBe(101);
    expect(await statusOf(hub, '/live', { host: 'localhost:9999', origin: 'http://localhost:9999' })).toBe(
      101,
    );
    expect(await statusOf(hub, '/live', { host: 'localhost:9999', origin: 'http://localhost:1' })).toBe(403);
  });

  it('an allowed origin may come through its proxy', async () => {
    const hub = await start({ allowedOrigins: ['https://stalls.example.org'] });
    const proxied = { host: 'stalls.example.org', origin: 'https://stalls.example.org' };
    expect(await statusOf(hub, '/live', proxied)).toBe(101);
    await expect(startHub({ port: 0, allowedOrigins: ['*'] })).rejects.toThrow(/allowed origin \* is none/);
  });
});

describe('tokens', () => {
  it('may not be one and the same', async () => {
    await expect(startHub({ port: 0, agentToken: AGENT_TOKEN, browserToken: AGENT_TOKEN })).rejects.toThrow(
      /agents and browsers have the same token/,
    );
  });

  it('let it listen on all addresses, which it tells beside the URL of this host', async () => {
    const hub = await start({ host: '0.0.0.0', ...TOKENS });
    expect(hub).toMatchObject({ url: `http://127.0.0.1:${hub.port}`, address: '0.0.0.0' });
  });

  it('are needed to listen beyond loopback', async () => {
    const open = (options: StartHubOptions): Promise<unknown> =>
      startHub({ host: '0.0.0.0', port: 0, ...options });
    await expect(open({})).rejects.toThrow(
      /0\.0\.0\.0 opens it .* an agent token and a browser token is not set/,
    );
    await expect(open({ agentToken: AGENT_TOKEN })).rejects.toThrow(
      /a browser token is not set.*127\.0\.0\.1/,
    );
    await expect(open({ ...TOKENS, agentToken: 'short' })).rejects.toThrow(
      /agent token has 5 characters.*openssl/,
    );
  });

  it('let agents in, and programs', async () => {
    const hub = await start({ host: '0.0.0.0', ...TOKENS });
    expect(hub.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await statusOf(hub, '/agent')).toBe(401);
    expect(await statusOf(hub, '/agent', { authorization: `Bearer ${BROWSER_TOKEN}` })).toBe(401);
    expect(await statusOf(hub, '/agent', { authorization: `Bearer ${AGENT_TOKEN}` })).toBe(101);
    expect(await statusOf(hub, '/live', { origin: hub.url })).toBe(401);
    expect(await statusOf(hub, '/live', { authorization: `Bearer ${BROWSER_TOKEN}` })).toBe(101);
    expect((await get(hub, '/api/hosts')).status).toBe(401);
    expect(hub.lines.join('\n')).not.toMatch(/token-of-tests/);
  });

  it('open a session for a browser, which ends when told', async () => {
    const hub = await start(TOKENS);
    const session = (options: Parameters<typeof get>[2]): ReturnType<typeof get> =>
      get(hub, '/api/session', options);
    expect(JSON.parse((await session({})).body)).toEqual({ tokenNeeded: true, authenticated: false });
    const post = (token: unknown, headers: Record<string, string> = {}): ReturnType<typeof get> =>
      session({
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: hub.url, ...headers },
        body: JSON.stringify({ token }),
      });
    expect((await post('a-wrong-one-of-tests')).status).toBe(401);
    expect((await post(7)).status).toBe(400);
    expect((await post(BROWSER_TOKEN, { 'content-type': 'text/plain' })).status).toBe(400);
    expect((await post(BROWSER_TOKEN, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await post('x'.repeat(10_000))).status).toBe(400);
    const opened = await post(BROWSER_TOKEN);
    expect(opened.status).toBe(204);
    const [setCookie] = opened.headers['set-cookie'] ?? [];
    expect(setCookie).toMatch(
      /^stallscope_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43200$/,
    );
    const cookie = setCookie!.split(';')[0]!;
    expect(await statusOf(hub, '/live', { origin: hub.url, cookie })).toBe(101);
    expect(await statusOf(hub, '/live', { cookie })).toBe(403);
    expect(await statusOf(hub, '/live', { origin: 'https://evil.example', cookie })).toBe(403);
    expect((await get(hub, '/api/hosts', { headers: { cookie } })).status).toBe(200);
    expect((await session({ method: 'DELETE', headers: { cookie } })).headers['set-cookie']?.[0]).toContain(
      'Max-Age=0',
    );
    expect((await get(hub, '/api/hosts', { headers: { cookie } })).status).toBe(401);
    expect(hub.lines.join('\n')).not.toContain(cookie.split('=')[1]);
  });

  it('cannot be guessed at speed', async () => {
    const hub = await start(TOKENS);
    for (let n = 0; n < MAX_FAILED_ATTEMPTS; n++) {
      expect(await statusOf(hub, '/agent', { authorization: `Bearer guess-${n}` })).toBe(401);
    }
    expect(await statusOf(hub, '/agent', { authorization: `Bearer ${AGENT_TOKEN}` })).toBe(429);
  });
});

describe('pages', () => {
  it('say how to build them when they are not', async () => {
    const hub = await start();
    const page = await get(hub, '/');
    expect(page.status).toBe(503);
    expect(page.body).toContain('npm start');
    expect(page.headers['x-content-type-options']).toBe('nosniff');
  });

  it('come with their policy, compressed, and not twice', async () => {
    const webRoot = await mkdtemp(join(tmpdir(), 'stallscope-web-'));
    cleanups.push(() => rm(webRoot, { recursive: true }));
    await writeFile(
      join(webRoot, 'index.html'),
      `<!doctype html><script>1</script>${'<p>hosts</p>'.repeat(200)}`,
    );
    await writeFile(join(webRoot, '404.html'), '<!doctype html>no such page');
    const hub = await start({ webRoot });
    const page = await get(hub, '/?host=a', { headers: { 'accept-encoding': 'gzip, br' } });
    expect(page.status).toBe(200);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-encoding': 'br',
      'cache-control': 'no-cache',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("script-src 'self' 'sha256-"),
    });
    const again = await get(hub, '/', {
      headers: { 'accept-encoding': 'gzip, br', 'if-none-match': String(page.headers.etag) },
    });
    expect(again.status).toBe(304);
    expect((await get(hub, '/', { method: 'HEAD' })).body).toBe('');
    expect(await get(hub, '/nothing')).toMatchObject({ status: 404, body: '<!doctype html>no such page' });
    expect((await get(hub, '/', { method: 'POST' })).status).toBe(405);
    expect((await get(hub, '/api/nothing')).status).toBe(404);
    expect((await get(hub, '/live')).status).toBe(426);
  });
});

describe('starting and ending', () => {
  it('names a port that is in use and what to do', async () => {
    const hub = await start();
    await expect(startHub({ port: hub.port })).rejects.toThrow(
      new RegExp(
        `cannot listen on 127\\.0\\.0\\.1:${hub.port} \\(EADDRINUSE\\)\\. Another program has this port`,
      ),
    );
  });

  it('tells every peer, and frees the port', async () => {
    const hub = await start();
    const agent = await connected(hub, '/agent');
    const browser = await connected(hub, '/live', { origin: hub.url });
    const closes = [closeOf(agent), closeOf(browser)];
    await hub.close();
    for (const { code } of await Promise.all(closes)) expect(code).toBe(CLOSE_CODES['hub-closing']);
    await expect(get(hub, '/healthz')).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe('the file that a hub was started to show', () => {
  const key = 'k'.repeat(43);
  const opened = { name: 'wütend {1}.folded', bytes: new TextEncoder().encode('app;read 7\n'), key };

  it('is given to who has its key, with its name', async () => {
    const hub = await start({ opened });
    const response = await get(hub, '/api/opened', { headers: { authorization: `Key ${key}` } });
    expect(response).toMatchObject({ status: 200, body: 'app;read 7\n' });
    expect(decodeURIComponent(String(response.headers['x-file-name']))).toBe(opened.name);
    expect(response.headers['cache-control']).toBe('no-store');
  });

  it('is given to nobody else, and its key is in no log', async () => {
    const hub = await start({ opened });
    for (const authorization of ['', 'Key', `Key ${key}x`, `Bearer ${key}`, `Key ${key.slice(1)}`]) {
      const { status, body } = await get(hub, '/api/opened', { headers: { authorization } });
      expect(status).toBe(403);
      expect(body).not.toContain('read 7');
    }
    const host = { authorization: `Key ${key}`, host: 'evil.example' };
    expect((await get(hub, '/api/opened', { headers: host })).status).toBe(403);
    expect(
      (await get(hub, '/api/opened', { method: 'POST', headers: { authorization: `Key ${key}` } })).status,
    ).toBe(405);
    expect(hub.lines.join('\n')).not.toContain(key);
  });

  it('is not there in a hub that shows hosts', async () => {
    const { status, body } = await get(await start(), '/api/opened', {
      headers: { authorization: `Key ${key}` },
    });
    expect(status).toBe(404);
    expect(body).toContain('not started to show one');
  });
});
