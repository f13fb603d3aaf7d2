import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { ProfileTables, type ProfileWindow, rowCount } from '@stallscope/profile';
import {
  DictionaryReader,
  decodeWindow,
  FRAME_TYPES,
  type Hello,
  readAgentToHub,
  readFrameHeader,
  toText,
} from '@stallscope/protocol';
import { randomWindow, seededRandom } from '@stallscope/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { Uplink } from './uplink.js';

const HELLO: Hello = {
  type: 'hello',
  protocol: 1,
  agent: { version: '0' },
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
          this.windows.push(decodeWindow(bytes, reader.tables));
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

  function connect(door: Door, token?: string): { uplink: Uplink; lines: string[] } {
    const lines: string[] = [];
    const uplink = new Uplink({
      url: `ws://127.0.0.1:${door.port}/agent`,
      ...(token === undefined ? {} : { token }),
      hello: () => HELLO,
      onWindowLength: () => {},
      log: (line) => lines.push(line),
      random: () => 0,
    });
    closing.push(() => uplink.close());
    return { uplink, lines };
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
    expect(second.windows.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
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

  test('says why it is not connected, and tries again', async () => {
    const door = await open();
    await door.close();
    const lines: string[] = [];
    const logged = new Promise<void>((resolve) => {
      const uplink = new Uplink({
        url: `ws://127.0.0.1:${door.server.options.port || 9}/agent`,
        hello: () => HELLO,
        onWindowLength: () => {},
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
