/**
 * Owns the agent's connection to the hub: hello, dictionaries and windows out, control in; reconnects by itself.
 * Invariant: a window is acknowledged by the hub, or kept here (queued, or sent and not acknowledged yet), or counted as
 * dropped. It is sent after every id it uses. A connection begins with an empty dictionary on both sides.
 *
 *     send ──▶ queue ──▶ sent, unacknowledged ──ack──▶ gone
 *                ▲                │
 *                └──disconnected──┘
 */
import type { ProfileTables } from '@stallscope/profile';
import {
  CLOSE_CODES,
  type Collectible,
  DictionaryWriter,
  encodeReset,
  encodeWindow,
  type Hello,
  MAX_FRAME_BYTES,
  readHubToAgent,
  type SourceAnswer,
  type SourceQuestion,
  toText,
  type WindowLengthMs,
} from '@stallscope/protocol';
import WebSocket from 'ws';
import { QUEUE_BOUNDS, type QueueBounds, type QueuedWindow, UplinkQueue } from './uplink-queue.js';

export interface UplinkOptions {
  /** ws:// or wss:// URL of the hub's agent door. Log lines show its origin only: a path may be a secret of a proxy. */
  url: string;
  /** Sent as a header, never in the URL. */
  token?: string;
  hello: () => Hello;
  /** Answers in its own time, and never throws; absent where there is no code to look at. */
  onAskSource?: (question: SourceQuestion) => Promise<SourceAnswer>;
  onWindowLength: (windowMs: WindowLengthMs) => void;
  /** What browsers ask for, all together; nothing when the hub has gone, as nobody looks then. */
  onCollect: (wants: readonly Collectible[]) => void;
  /** Another agent of this host has taken over; this one does not reconnect. */
  onReplaced: (why: string) => void;
  /** The hub has no room for the dictionary: make new tables for the windows to come. */
  onDictionaryFull: () => void;
  /** The hub has acknowledged a window, the first of this link. */
  onFirstDelivered?: () => void;
  /** One line, no secrets. */
  log: (line: string) => void;
  /** 0 to 1. */
  random?: () => number;
  /** What is kept for a hub that does not take it. */
  bounds?: QueueBounds & { unacknowledged: number };
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
/** Without a word or a ping from the hub for this long the connection counts as dead, ms; the hub pings every 10 s. */
const SILENCE_MS = 60_000;

/** Sent and not acknowledged: beyond it windows stay in the queue. A minute at 1 s. */
const MAX_UNACKNOWLEDGED = 60;

/** Close codes with which a hub refuses what it was sent, and would again. */
const REFUSALS: ReadonlySet<number> = new Set(
  (
    [
      'truncated',
      'trailing-bytes',
      'oversized',
      'bad-number',
      'bad-reference',
      'bad-value',
      'bad-text',
      'bad-frame',
    ] as const
  ).map((code) => CLOSE_CODES[code]),
);

/** What a hub, or what stands before it, means by answering the handshake with a status; the same the next time. */
const REFUSED_HANDSHAKES: Readonly<Record<number, string>> = {
  401: 'the hub refuses the token (401): give the one of its --agent-token-file by --token-file',
  403: 'the hub refuses this connection (403): a hub that listens on loopback answers to loopback names and to its --allow-origin only',
  404: 'there is no agent door at this path (404): give --hub the address of a hub, with the path of its proxy if it has one',
  429: 'the hub has had too many wrong tokens from this address (429) and looks at none for a minute',
};

interface Connection {
  socket: WebSocket;
  writer: { tables: ProfileTables; dictionary: DictionaryWriter } | undefined;
  isWelcome: boolean;
}

export class Uplink {
  readonly #options: UplinkOptions;
  readonly #queue: UplinkQueue;
  readonly #maxUnacknowledged: number;
  #unacknowledged: QueuedWindow[] = [];
  #connection: Connection | undefined;
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #drain: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #isClosed = false;
  #hasDelivered = false;
  readonly #origin: string;

  constructor(options: UplinkOptions) {
    const { bounds = { ...QUEUE_BOUNDS, unacknowledged: MAX_UNACKNOWLEDGED } } = options;
    this.#options = options;
    this.#queue = new UplinkQueue(bounds);
    this.#maxUnacknowledged = bounds.unacknowledged;
    this.#origin = new URL(options.url).origin;
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
    let isRefused = false;
    socket.on('unexpected-response', (_, { statusCode = 0 }) => {
      const known = REFUSED_HANDSHAKES[statusCode];
      isRefused = known !== undefined;
      reason = known ?? `an answer of ${statusCode} in place of a connection: is this the address of a hub?`;
      socket.terminate();
    });
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
        this.#options.log(`hub ${this.#origin}: ${error instanceof Error ? error.message : String(error)}`);
        socket.close(1002, 'not understood');
      }
    });
    socket.on('error', (error) => {
      // Ending a refused handshake is an error of its own, which says less.
      reason ||= error.message;
    });
    socket.on('close', (code, text) => {
      clearTimeout(this.#silence);
      if (this.#connection === connection) this.#connection = undefined;
      if (this.#isClosed) return;
      this.#options.onCollect([]);
      this.#takeBack(code);
      const why = reason || `closed with ${code}${text.length > 0 ? ` (${text.toString()})` : ''}`;
      if (code === CLOSE_CODES.replaced) this.#options.onReplaced(why);
      else this.#reconnectLater(why, isRefused);
    });
  }

  #receive(connection: Connection, text: string): void {
    const message = readHubToAgent(text);
    if (message.type === 'set-window') {
      this.#options.onWindowLength(message.windowMs);
      return;
    }
    if (message.type === 'collect') {
      this.#options.onCollect(message.wants);
      return;
    }
    if (message.type === 'ask-source') {
      const { ask, question } = message;
      const answering = this.#options.onAskSource?.(question);
      void answering?.then((answer) => {
        // The connection that asked may have gone meanwhile; the next one's hub knows nothing of the question.
        if (this.#connection === connection) connection.socket.send(toText({ type: 'source', ask, answer }));
      });
      return;
    }
    if (message.type === 'ack') {
      const { sequence } = message;
      this.#unacknowledged = this.#unacknowledged.filter(({ window }) => window.sequence > sequence);
      if (!this.#hasDelivered) this.#options.onFirstDelivered?.();
      this.#hasDelivered = true;
      this.#flush();
      return;
    }
    connection.isWelcome = true;
    this.#failures = 0;
    this.#options.log(`hub ${this.#origin}: connected`);
    this.#flush();
  }

  #flush(): void {
    const connection = this.#connection;
    if (connection === undefined || !connection.isWelcome) return;
    clearTimeout(this.#drain);
    while (this.#queue.length > 0 && this.#unacknowledged.length < this.#maxUnacknowledged) {
      if (connection.socket.bufferedAmount > MAX_UNSENT_BYTES) {
        this.#drain = setTimeout(() => this.#flush(), DRAIN_CHECK_MS);
        return;
      }
      const entry = this.#queue.shift()!;
      for (const frame of this.#framesOf(connection, entry.tables)) connection.socket.send(frame);
      connection.socket.send(encodeWindow(entry.window, 0));
      this.#unacknowledged.push(entry);
    }
  }

  /** Nothing that was on its way is taken for arrived, but what the hub refuses is not sent for ever. */
  #takeBack(closeCode: number): void {
    if (closeCode === CLOSE_CODES['dictionary-full']) {
      this.#options.onDictionaryFull();
      for (const entry of this.#unacknowledged) this.#queue.drop(entry);
    } else if (REFUSALS.has(closeCode)) {
      const [refused, ...rest] = this.#unacknowledged;
      if (refused !== undefined) this.#queue.drop(refused);
      this.#queue.putBack(rest);
    } else {
      this.#queue.putBack(this.#unacknowledged);
    }
    this.#unacknowledged = [];
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

  /** @param isRefused someone has to change something first, so trying soon is of no use */
  #reconnectLater(why: string, isRefused: boolean): void {
    const { random = Math.random, log } = this.#options;
    const grownMs = isRefused ? MAX_BACKOFF_MS : FIRST_BACKOFF_MS * 2 ** this.#failures;
    const backoffMs = Math.min(MAX_BACKOFF_MS, grownMs) * (0.5 + random() / 2);
    this.#failures++;
    log(`hub ${this.#origin}: ${why}; trying again in ${(backoffMs / 1000).toFixed(1)} s`);
    this.#retry = setTimeout(() => this.#connect(), backoffMs);
  }

  #listenForSilence(socket: WebSocket): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => socket.terminate(), SILENCE_MS);
  }
}
