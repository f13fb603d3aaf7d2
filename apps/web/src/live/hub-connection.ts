/**
 * Owns one connection to the hub: opening it, taking it up again when it breaks, and telling a refused token from a hub
 * that is down. Socket, clock, chance and timers come in as arguments.
 *
 *     connecting ── welcome ──→ connected ── closed ──→ lost ── after a backoff ──→ connecting …
 *                                                         └─ 401 ──→ unauthorized, until `retry`
 */
import { type HubToBrowser, ProtocolError, readHubToBrowser } from '@stallscope/protocol';
import type { Connection } from './live-messages';

export interface LiveSocket {
  send(text: string): void;
  close(): void;
}

export interface LiveSocketEvents {
  onOpen(): void;
  onText(text: string): void;
  onBytes(bytes: Uint8Array): void;
  onClose(code: number, reason: string): void;
}

/** How a worker reaches the hub. */
export interface HubDoor {
  openSocket(events: LiveSocketEvents): LiveSocket;
  /** HTTP status of the hub's REST door; 0 when nothing answers. Tells a refused token from a hub that is down. */
  probe(): Promise<number>;
  /** Wall clock, ms. */
  nowMs(): number;
  /** In [0, 1). */
  random(): number;
  /** Returns what cancels it. */
  after(delayMs: number, run: () => void): () => void;
}

export interface HubListener {
  onConnection(connection: Connection): void;
  /** Every message, a welcome among them; nothing that was asked of an earlier connection holds after one. */
  onMessage(message: HubToBrowser): void;
  onFrame(bytes: Uint8Array): void;
}

/** First wait before reconnecting, ms; doubles to the longest. Half of each wait is chance, so that tabs do not march in step. */
export const FIRST_RETRY_MS = 250;
export const LONGEST_RETRY_MS = 10_000;

const UNAUTHORIZED_STATUS = 401;

export class HubConnection {
  readonly #door: HubDoor;
  readonly #listener: HubListener;
  #socket: LiveSocket | undefined;
  #state: Connection;
  /** Sockets opened before are not listened to any more. */
  #generation = 0;
  #attempts = 0;
  #cancelRetry: (() => void) | undefined;
  #isWelcomed = false;

  constructor(door: HubDoor, listener: HubListener) {
    this.#door = door;
    this.#listener = listener;
    this.#state = { state: 'connecting', sinceMs: door.nowMs() };
    this.#connect();
  }

  /** Between a welcome and the end of its connection: what is sent at other times is not sent. */
  get isWelcomed(): boolean {
    return this.#isWelcomed;
  }

  send(message: object): void {
    if (this.#isWelcomed) this.#socket?.send(JSON.stringify(message));
  }

  /** Connects now, where it is not connected. */
  retry(): void {
    if (this.#state.state === 'connected') return;
    this.#attempts = 0;
    this.#connect();
  }

  close(): void {
    this.#generation++;
    this.#isWelcomed = false;
    this.#cancelRetry?.();
    this.#socket?.close();
  }

  #connect(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#socket?.close();
    const generation = ++this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    this.#isWelcomed = false;
    if (this.#state.state !== 'lost') this.#set({ state: 'connecting', sinceMs: this.#door.nowMs() });
    this.#socket = this.#door.openSocket({
      onOpen: () => {},
      onText: (text) => {
        if (isCurrent()) this.#guard(() => this.#onText(text));
      },
      onBytes: (bytes) => {
        if (isCurrent()) this.#guard(() => this.#listener.onFrame(bytes));
      },
      onClose: (code, reason) => {
        if (isCurrent()) void this.#onClose(generation, code, reason);
      },
    });
  }

  #onText(text: string): void {
    const message = readHubToBrowser(text);
    if (message.type === 'welcome') {
      this.#isWelcomed = true;
      this.#attempts = 0;
      this.#set({ state: 'connected', sinceMs: this.#door.nowMs() });
    }
    this.#listener.onMessage(message);
  }

  async #onClose(generation: number, code: number, reason: string): Promise<void> {
    this.#socket = undefined;
    const neverOpened = !this.#isWelcomed;
    this.#isWelcomed = false;
    const since = this.#state.state === 'lost' ? this.#state.sinceMs : this.#door.nowMs();
    const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempts++);
    const jitteredMs = waitMs / 2 + (waitMs / 2) * this.#door.random();
    this.#set({
      state: 'lost',
      sinceMs: since,
      retryAtMs: this.#door.nowMs() + jitteredMs,
      reason: reason || (neverOpened ? 'the hub does not answer' : `the connection closed (${code})`),
    });
    this.#cancelRetry = this.#door.after(jitteredMs, () => this.#connect());
    // A refused handshake looks to a page like a hub that is down; only the REST door tells them apart.
    if (
      neverOpened &&
      (await this.#door.probe()) === UNAUTHORIZED_STATUS &&
      generation === this.#generation
    ) {
      this.#cancelRetry?.();
      this.#cancelRetry = undefined;
      this.#set({ state: 'unauthorized', sinceMs: since });
    }
  }

  /** What breaks the protocol ends this connection, not the worker; the next one starts with a clean dictionary. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#generation++;
      this.#socket?.close();
      void this.#onClose(this.#generation, error.closeCode, error.message);
    }
  }

  #set(state: Connection): void {
    this.#state = state;
    this.#listener.onConnection(state);
  }
}
