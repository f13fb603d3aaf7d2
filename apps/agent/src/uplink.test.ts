import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ProfileTables, type ProfileWindow, rowCount } from '@stallscope/profile';
import {
  CLOSE_CODES,
  type Collectible,
  DictionaryReader,
  decodeWindow,
  FRAME_TYPES,
  type Hello,
  PROTOCOL_VERSION,
  readAgentToHub,
  readFrameHeader,
  toText,
} from '@stallscope/protocol';
import { randomWindow, seededRandom } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { Uplink, type UplinkOptions } from './uplink.js';

const HELLO: Hello = {
  type: 'hello',
  protocol: PROTOCOL_VERSION,
  agent: { version: '0', run: 'r' },
  host: {
    id: 'h',
    name: 'h',
    kernel: '6',
    arch: 'x64',
    cpus: 2,
    memoryBytes: 1,
    bootId: 'b',
    os: 'Linux',
    capabilities: [],
  },
  windowMs: 1000,
};

/** A hub's agent door that keeps what it is told, one entry a connection. */
class Door {
  readonly server: WebSocketServer;
  readonly windows: ProfileWindow[] = [];
  readonly authorizations: (string | undefined)[] = [];
  sockets: WebSocket[] = [];
  /** Takes windows and acknowledges none. */
  isMute = false;
  /** The latest window of each connection is acknowledged, and with it all before. */
  acknowledge(): void {
    const newest = this.windows.at(-1);
    this.isMute = false;
    for (const socket of this.sockets)
      if (newest !== undefined) socket.send(toText({ type: 'ack', sequence: newest.sequence }));
  }

  /** Windows that are refused before any is taken. */
  refusals = 0;
  #waiting: { count: number; resolve: () => void }[] = [];

  constructor(port: number) {
    this.server = new WebSocketServer({ host: '127.0.0.1', port });
    this.server.on('connection', (socket, request) => {
      this.sockets.push(socket);
      this.authorizations.push(request.headers.authorization);
      const reader = new DictionaryReader();
      socket.on('message', (data, isBinary) => {
        if (!isBinary) {
          readAgentToHub(String(data));
          socket.send(toText({ type: 'welcome' }));
          return;
        }
        const bytes = new Uint8Array(data as Buffer);
        if (readFrameHeader(bytes).type === FRAME_TYPES.window) {
          const window = decodeWindow(bytes, reader.tables);
          if (socket.readyState !== socket.OPEN) return;
          if (this.refusals > 0) {
            this.refusals--;
            socket.close(CLOSE_CODES['bad-value'], 'refused');
            return;
          }
          this.windows.push(window);
          if (!this.isMute) socket.send(toText({ type: 'ack', sequence: window.sequence }));
          this.#waiting = this.#waiting.filter(
            ({ count, resolve }) => this.windows.length < count || resolve(),
          );
        } else {
          reader.apply(bytes);
        }
      });
    });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  received(count: number): Promise<void> {
    if (this.windows.length >= count) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ count, resolve }));
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.terminate();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

describe('the uplink', () => {
  const closing: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function open(port = 0): Promise<Door> {
    const door = new Door(port);
    await once(door.server, 'listening');
    closing.push(() => door.close());
    return door;
  }

  function connect(
    door: Door,
    token?: string,
    bounds?: UplinkOptions['bounds'],
  ): { uplink: Uplink; lines: string[]; asked: (readonly Collectible[])[] } {
    const lines: string[] = [];
    const asked: (readonly Collectible[])[] = [];
    const uplink = new Uplink({
      url: `ws://127.0.0.1:${door.port}/agent`,
      ...(token === undefined ? {} : { token }),
      hello: () => HELLO,
      onWindowLength: () => {},
      onCollect: (wants) => asked.push(wants),
      onReplaced: () => {},
      onDictionaryFull: () => {},
      log: (line) => lines.push(line),
      random: () => 0,
      ...(bounds === undefined ? {} : { bounds }),
    });
    closing.push(() => uplink.close());
    return { uplink, lines, asked };
  }

  test('sends each window after the dictionary it needs', async () => {
    const door = await open();
    const { uplink } = connect(door);
    const tables = new ProfileTables();
    const random = seededRandom(1);
    const sent = [0, 1, 2].map((sequence) => ({ ...randomWindow(random, tables), sequence }));
    for (const window of sent) uplink.send(window, tables);
    await door.received(3);
    expect(door.windows.map(({ rows }) => rowCount(rows))).toEqual(sent.map(({ rows }) => rowCount(rows)));
  });

  test('carries its token in a header and never in a log line', async () => {
    const door = await open();
    const { uplink, lines } = connect(door, 'hush-hush');
    const tables = new ProfileTables();
    uplink.send(randomWindow(seededRandom(1), tables), tables);
    await door.received(1);
    expect(door.authorizations).toEqual(['Bearer hush-hush']);
    expect(lines.join('\n')).not.toContain('hush');
  });

  test('passes on what browsers ask for, and that nobody asks once the hub has gone', async () => {
    const door = await open();
    const { uplink, asked } = connect(door);
    const tables = new ProfileTables();
    uplink.send(randomWindow(seededRandom(1), tables), tables);
    await door.received(1);
    door.sockets[0]!.send(toText({ type: 'collect', wants: ['block', 'costs'] }));
    await expect.poll(() => asked).toEqual([['block', 'costs']]);
    await door.close();
    await expect.poll(() => asked.slice(0, 2)).toEqual([['block', 'costs'], []]);
  });

  test('keeps windows while the hub is away and sends them, with a whole dictionary, when it is back', async () => {
    const first = await open();
    const { port } = first;
    const { uplink } = connect(first);
    const tables = new ProfileTables();
    const random = seededRandom(2);
    uplink.send({ ...randomWindow(random, tables), sequence: 0 }, tables);
    await first.received(1);
    await first.close();
    for (const sequence of [1, 2, 3]) uplink.send({ ...randomWindow(random, tables), sequence }, tables);
    const second = await open(port);
    await second.received(3);
    // The first may come again, if its acknowledgement went down with the connection; the hub knows it by its number.
    const sequences = second.windows.map(({ sequence }) => sequence).filter((sequence) => sequence > 0);
    expect(sequences.slice(0, 2)).toEqual([1, 2]);
  });

  test('sends again what was sent and not acknowledged', async () => {
    const first = await open();
    first.isMute = true;
    const { port } = first;
    const { uplink } = connect(first);
    const tables = new ProfileTables();
    const random = seededRandom(4);
    for (const sequence of [0, 1]) uplink.send({ ...randomWindow(random, tables), sequence }, tables);
    await first.received(2);
    await first.close();
    const second = await open(port);
    await second.received(2);
    expect(second.windows.map(({ sequence }) => sequence)).toEqual([0, 1]);
  });

  test('a hub that stalls for longer than there is room for: each window arrives once, or is counted as dropped', async () => {
    const door = await open();
    door.isMute = true;
    const bounds = { windows: 3, rows: 1_000_000, mergedMs: 0, unacknowledged: 2 };
    const { uplink } = connect(door, undefined, bounds);
    const tables = new ProfileTables();
    const random = seededRandom(6);
    const COUNT = 12;
    const sent = Array.from({ length: COUNT }, (_, sequence) => ({
      ...randomWindow(random, tables),
      losses: {},
      sequence,
      startMs: sequence * 1000,
      endMs: (sequence + 1) * 1000,
    }));
    uplink.send(sent[0]!, tables);
    await door.received(1);
    for (const window of sent.slice(1)) uplink.send(window, tables);
    await door.received(2);
    door.acknowledge();
    await door.received(5);
    expect(door.windows.map(({ sequence }) => sequence)).toEqual([0, 1, 9, 10, 11]);
    expect(door.windows.map(({ losses }) => losses['uplink-dropped'] ?? 0)).toEqual([0, 0, COUNT - 5, 0, 0]);
    // What is shown is right.
    for (const { sequence, threads } of door.windows) expect(threads).toEqual(sent[sequence]!.threads);
  });

  test('does not send for ever what the hub refuses: it is dropped and the next one counts it', async () => {
    const door = await open();
    door.refusals = 1;
    const { uplink } = connect(door);
    const tables = new ProfileTables();
    const random = seededRandom(5);
    for (const sequence of [0, 1])
      uplink.send({ ...randomWindow(random, tables), losses: {}, sequence }, tables);
    await door.received(1);
    expect(door.windows[0]!.sequence).toBe(1);
    expect(door.windows[0]!.losses).toEqual({ 'uplink-dropped': 1 });
  });

  test('starts the dictionary anew when the tables are replaced', async () => {
    const door = await open();
    const { uplink } = connect(door);
    const random = seededRandom(3);
    for (const sequence of [0, 1]) {
      const tables = new ProfileTables();
      uplink.send({ ...randomWindow(random, tables), sequence }, tables);
    }
    await door.received(2);
    expect(door.windows.map(({ sequence }) => sequence)).toEqual([0, 1]);
  });

  test('tells of the first window that the hub has, once', async () => {
    const door = await open();
    let delivered = 0;
    const acknowledged = new Promise<void>((resolve) => {
      const uplink = new Uplink({
        url: `ws://127.0.0.1:${door.port}/agent`,
        hello: () => HELLO,
        onWindowLength: () => {},
        onCollect: () => {},
        onReplaced: () => {},
        onDictionaryFull: () => {},
        onFirstDelivered: () => {
          delivered++;
          resolve();
        },
        log: () => {},
      });
      closing.push(() => uplink.close());
      const tables = new ProfileTables();
      const random = seededRandom(6);
      for (const sequence of [0, 1]) uplink.send({ ...randomWindow(random, tables), sequence }, tables);
    });
    await acknowledged;
    await door.received(2);
    expect(delivered).toBe(1);
  });

  test.each([
    [401, /refuses the token \(401\): give the one of its --agent-token-file by --token-file/],
    [403, /refuses this connection \(403\).*loopback/],
    [404, /no agent door at this path \(404\)/],
    [429, /too many wrong tokens from this address \(429\)/],
  ])(
    'a handshake answered with %i is told in words, and tried again at the longest backoff',
    async (status, words) => {
      const line = await firstLineOf(status);
      expect(line).toMatch(words);
      expect(line).toMatch(/; trying again in 10\.0 s$/);
    },
  );

  test('another answer in place of a connection is named, and tried again soon', async () => {
    expect(await firstLineOf(502)).toMatch(
      /an answer of 502 in place of a connection.*; trying again in 0\.3 s$/,
    );
  });

  test('no log line shows more of the address than its origin', async () => {
    expect(await firstLineOf(401)).toMatch(/^hub ws:\/\/127\.0\.0\.1:\d+: the hub refuses/);
  });

  /** What an agent says whose handshake is answered with a status. */
  async function firstLineOf(status: number): Promise<string> {
    const server = createServer();
    server.on('upgrade', (_, socket) => {
      socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    return new Promise((resolve) => {
      const uplink = new Uplink({
        url: `ws://user:hush@127.0.0.1:${(server.address() as AddressInfo).port}/hush/agent?hush`,
        hello: () => HELLO,
        onWindowLength: () => {},
        onCollect: () => {},
        onReplaced: () => {},
        onDictionaryFull: () => {},
        log: resolve,
        random: () => 1,
      });
      closing.push(() => uplink.close());
    });
  }

  test('says why it is not connected, and tries again', async () => {
    const door = await open();
    await door.close();
    const lines: string[] = [];
    const logged = new Promise<void>((resolve) => {
      const uplink = new Uplink({
        url: `ws://127.0.0.1:${door.server.options.port || 9}/agent`,
        hello: () => HELLO,
        onWindowLength: () => {},
        onCollect: () => {},
        onReplaced: () => {},
        onDictionaryFull: () => {},
        log: (line) => {
          lines.push(line);
          resolve();
        },
      });
      closing.push(() => uplink.close());
    });
    await logged;
    expect(lines[0]).toMatch(/ECONNREFUSED.*trying again in/);
  });
});
