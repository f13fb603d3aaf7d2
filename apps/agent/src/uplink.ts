/**
 * Owns the agent's connection to the hub: hello, dictionaries and windows out, control in; reconnects by itself.
 * Invariant: a window is either sent on the current connection after every id it uses, or still in the queue, or counted
 * as dropped. A connection begins with an empty dictionary on both sides.
 */
import type { ProfileTables } from '@stallscope/profile';
import {
  DictionaryWriter,
  encodeReset,
  encodeWindow,
  type Hello,
  MAX_FRAME_BYTES,
  readHubToAgent,
  toText,
  type WindowLengthMs,
} from '@stallscope/protocol';
import WebSocket from 'ws';
import { UplinkQueue } from './uplink-queue.js';

export interface UplinkOptions {
  /** ws:// or wss:// URL of the hub's agent door. */
  url: string;
  /** Sent as a header, never in the URL. */
  token?: string;
  hello: () => Hello;
  onWindowLength: (windowMs: WindowLengthMs) => void;
  /** One line, no secrets. */
  log: (line: string) => void;
  /** 0 to 1. */
  random?: () => number;
}

/** First wait before connecting again, ms; doubles up to the last. */
const FIRST_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 10_000;
/** A hub that takes longer than this to answer is tried again. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Bytes that the socket may hold unsent before windows stay in the queue, where they can be merged. */
const MAX_UNSENT_BYTES = 4 << 20;
/** How often a full socket is looked at again, ms. */
const DRAIN_CHECK_MS = 100;
/** Without a word or a ping from the hub for this long the connection counts as dead, ms; the hub pings every 15 s. */
const SILENCE_MS = 60_000;

interface Connection {
  socket: WebSocket;
  writer: { tables: ProfileTables; dictionary: DictionaryWriter } | undefined;
  isWelcome: boolean;
}

export class Uplink {
  readonly #options: UplinkOptions;
  readonly #queue = new UplinkQueue();
  #connection: Connection | undefined;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #drain: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: UplinkOptions) {
    this.#options = options;
    this.#connect();
  }

  get isConnected(): boolean {
    return this.#connection?.isWelcome ?? false;
  }

  /** Takes the window over: it is sent now, or when the hub is there again. */
  send(window: Parameters<UplinkQueue['push']>[0]['window'], tables: ProfileTables): void {
    this.#queue.push({ window, tables });
    this.#flush();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#drain);
    clearTimeout(this.#silence);
    this.#connection?.socket.close(1001, 'agent stops');
    this.#connection = undefined;
  }

  #connect(): void {
    const { url, token, hello } = this.#options;
    const socket = new WebSocket(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      maxPayload: MAX_FRAME_BYTES,
      perMessageDeflate: false,
    });
    const connection: Connection = { socket, writer: undefined, isWelcome: false };
    this.#connection = connection;
    let reason = '';
    socket.on('open', () => {
      socket.send(toText(hello()));
      this.#listenForSilence(socket);
    });
    socket.on('ping', () => this.#listenForSilence(socket));
    socket.on('message', (data, isBinary) => {
      this.#listenForSilence(socket);
      try {
        if (isBinary) throw new Error('a binary message from the hub');
        this.#receive(connection, String(data));
      } catch (error) {
        this.#options.log(`hub ${url}: ${error instanceof Error ? error.message : String(error)}`);
        socket.close(1002, 'not understood');
      }
    });
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', (code, text) => {
      clearTimeout(this.#silence);
      if (this.#connection === connection) this.#connection = undefined;
      if (this.#isClosed) return;
      const why = reason || `closed with ${code}${text.length > 0 ? ` (${text.toString()})` : ''}`;
      this.#reconnectLater(why);
    });
  }

  #receive(connection: Connection, text: string): void {
    const message = readHubToAgent(text);
    if (message.type === 'set-window') {
      this.#options.onWindowLength(message.windowMs);
      return;
    }
    connection.isWelcome = true;
    this.#failures = 0;
    this.#options.log(`hub ${this.#options.url}: connected`);
    this.#flush();
  }

  #flush(): void {
    const connection = this.#connection;
    if (connection === undefined || !connection.isWelcome) return;
    clearTimeout(this.#drain);
    while (this.#queue.length > 0) {
      if (connection.socket.bufferedAmount > MAX_UNSENT_BYTES) {
        this.#drain = setTimeout(() => this.#flush(), DRAIN_CHECK_MS);
        return;
      }
      const { tables, window } = this.#queue.shift()!;
      for (const frame of this.#framesOf(connection, tables)) connection.socket.send(frame);
      connection.socket.send(encodeWindow(window, 0));
    }
  }

  /** What the hub has to know before a window of these tables. */
  *#framesOf(connection: Connection, tables: ProfileTables): Generator<Uint8Array> {
    if (connection.writer?.tables !== tables) {
      if (connection.writer !== undefined) yield encodeReset(0);
      connection.writer = { tables, dictionary: new DictionaryWriter(tables) };
    }
    const { dictionary } = connection.writer;
    for (let delta = dictionary.delta(); delta !== undefined; delta = dictionary.delta()) yield delta;
  }

  #reconnectLater(why: string): void {
    const { random = Math.random, log, url } = this.#options;
    const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures) * (0.5 + random() / 2);
    this.#failures++;
    log(`hub ${url}: ${why}; trying again in ${(backoffMs / 1000).toFixed(1)} s`);
    this.#retry = setTimeout(() => this.#connect(), backoffMs);
  }

  #listenForSilence(socket: WebSocket): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => socket.terminate(), SILENCE_MS);
  }
}
