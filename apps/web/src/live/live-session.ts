/**
 * Owns one browser tab's live data: the connection to the hub, which host is watched, and when a view of its windows is
 * made. Runs in a worker; clock, socket, timers and posting come in as arguments.
 *
 * Invariant: pausing, filtering and searching change only what is shown. Whatever the hub sends is shelved until it is
 * older than the hub's own retention, so nothing that arrived while paused is missing on resume.
 *
 *     socket → HeldWindows → {view} to the page
 */
import {
  DictionaryReader,
  FRAME_TYPES,
  type HostSummary,
  ProtocolError,
  readFrameHeader,
  readHubToBrowser,
} from '@stallscope/protocol';
import type { Differences } from '../difference/differences';
import { answerMake } from '../make/answer-make';
import type { Made, MakeRequest } from '../make/make-messages';
import { CatchUp } from './catch-up';
import { HeldWindows, type HeldWindowsOptions } from './held-windows';
import type { Connection, FromWorker, LiveSelection, ToWorker, WatchState } from './live-messages';
import type { Epoch } from './window-shelf';

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

export interface LiveDeps extends HeldWindowsOptions {
  openSocket(events: LiveSocketEvents): LiveSocket;
  /** HTTP status of the hub's REST door; 0 when nothing answers. Tells a refused token from a hub that is down. */
  probe(): Promise<number>;
  post(message: FromWorker, transfer: Transferable[]): void;
  /** Wall clock, ms. */
  nowMs(): number;
  /** In [0, 1). */
  random(): number;
  /** Returns what cancels it. */
  after(delayMs: number, run: () => void): () => void;
  /** What makes the differences that selections ask for; it calls back when a base has changed. */
  differences?: (onChange: () => void) => Differences;
  /** In place of views: another session reads what is held. */
  feed?: (held: HeldWindows, watch: WatchState) => void;
}

/** First wait before reconnecting, ms; doubles to the longest. Half of each wait is chance, so that tabs do not march in step. */
export const FIRST_RETRY_MS = 250;
export const LONGEST_RETRY_MS = 10_000;

/** Shortest time between two views, ms: a catch-up of hundreds of windows must not draw hundreds of graphs. */
export const MIN_RENDER_INTERVAL_MS = 100;

/** The same while old windows still come, ms: no one reads these, and each takes time from what is to come. */
export const CATCH_UP_RENDER_INTERVAL_MS = 250;

/** And this many times what the last view took, so that a span of thousands of rows does not hold up the catching up. */
const CATCH_UP_RENDER_COST = 6;

/** Until the hub says how long it keeps windows. */
const DEFAULT_RETAIN_MS = 15 * 60_000;

const UNAUTHORIZED_STATUS = 401;

export class LiveSession {
  readonly #deps: LiveDeps;
  #socket: LiveSocket | undefined;
  #connection: Connection;
  /** Sockets opened before are not listened to any more. */
  #generation = 0;
  #attempts = 0;
  #cancelRetry: (() => void) | undefined;
  #welcomed = false;

  #hosts: HostSummary[] = [];
  #retainMs = DEFAULT_RETAIN_MS;

  #selection: LiveSelection | undefined;
  #watch: Watch | undefined;
  #nextStream = 1;
  #coalescedWindows = 0;

  readonly #held: HeldWindows;
  readonly #differences: Differences | undefined;

  #cancelRender: (() => void) | undefined;
  #renderedAtMs = Number.NEGATIVE_INFINITY;
  #renderTookMs = 0;
  #wantedWindowMs = new Map<string, 250 | 1000>();

  constructor(deps: LiveDeps) {
    this.#deps = deps;
    this.#held = new HeldWindows(deps);
    this.#differences = deps.differences?.(() => this.#scheduleRender());
    this.#connection = { state: 'connecting', sinceMs: deps.nowMs() };
    this.#connect();
  }

  handle(message: ToWorker): void {
    switch (message.type) {
      case 'select':
        this.#select(message.selection);
        break;
      case 'set-window':
        this.#wantedWindowMs.set(message.hostId, message.windowMs);
        this.#send({ type: 'set-window', host: message.hostId, windowMs: message.windowMs });
        break;
      case 'base-file':
        this.#differences?.giveFile(message.name, message.file);
        break;
      case 'retry':
        if (this.#connection.state === 'connected') break;
        this.#attempts = 0;
        this.#connect();
        break;
      case 'make':
        void answerMake(() => this.#make(message.request)).then((made) =>
          this.#deps.post({ type: 'made', id: message.id, made }, []),
        );
        break;
    }
  }

  close(): void {
    this.#generation++;
    this.#cancelRetry?.();
    this.#cancelRender?.();
    this.#socket?.close();
    this.#differences?.close();
  }

  // ——— connection

  #connect(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#socket?.close();
    const generation = ++this.#generation;
    const isCurrent = (): boolean => generation === this.#generation;
    this.#welcomed = false;
    if (this.#connection.state !== 'lost')
      this.#setConnection({ state: 'connecting', sinceMs: this.#deps.nowMs() });
    this.#socket = this.#deps.openSocket({
      onOpen: () => {},
      onText: (text) => {
        if (isCurrent()) this.#guard(() => this.#onControl(text));
      },
      onBytes: (bytes) => {
        if (isCurrent()) this.#guard(() => this.#onFrame(bytes));
      },
      onClose: (code, reason) => {
        if (isCurrent()) void this.#onClose(generation, code, reason);
      },
    });
  }

  async #onClose(generation: number, code: number, reason: string): Promise<void> {
    this.#socket = undefined;
    const neverOpened = !this.#welcomed;
    const since = this.#connection.state === 'lost' ? this.#connection.sinceMs : this.#deps.nowMs();
    const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempts++);
    const jitteredMs = waitMs / 2 + (waitMs / 2) * this.#deps.random();
    this.#setConnection({
      state: 'lost',
      sinceMs: since,
      retryAtMs: this.#deps.nowMs() + jitteredMs,
      reason: reason || (neverOpened ? 'the hub does not answer' : `the connection closed (${code})`),
    });
    this.#cancelRetry = this.#deps.after(jitteredMs, () => this.#connect());
    // A refused handshake looks to a page like a hub that is down; only the REST door tells them apart.
    if (
      neverOpened &&
      (await this.#deps.probe()) === UNAUTHORIZED_STATUS &&
      generation === this.#generation
    ) {
      this.#cancelRetry?.();
      this.#cancelRetry = undefined;
      this.#setConnection({ state: 'unauthorized', sinceMs: since });
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

  #setConnection(connection: Connection): void {
    this.#connection = connection;
    this.#deps.post({ type: 'connection', connection }, []);
  }

  #send(message: object): void {
    if (this.#welcomed) this.#socket?.send(JSON.stringify(message));
  }

  // ——— what the hub says

  #onControl(text: string): void {
    const message = readHubToBrowser(text);
    switch (message.type) {
      case 'welcome':
        this.#welcomed = true;
        this.#attempts = 0;
        this.#retainMs = message.retainMs;
        this.#setConnection({ state: 'connected', sinceMs: this.#deps.nowMs() });
        this.#watch = undefined;
        this.#startWatching();
        for (const [host, windowMs] of this.#wantedWindowMs)
          this.#send({ type: 'set-window', host, windowMs });
        break;
      case 'hosts': {
        this.#hosts = message.hosts;
        this.#deps.post(
          {
            type: 'hosts',
            hosts: message.hosts,
            retainMs: this.#retainMs,
            receivedAtMs: this.#deps.nowMs(),
          },
          [],
        );
        // A host that was unknown when it was asked for may have come.
        const ended = this.#watch?.state.state === 'ended' ? this.#watch.hostId : undefined;
        if (ended !== undefined && this.#hosts.some(({ host }) => host.id === ended)) this.#startWatching();
        // A stream that stands still draws nothing by itself, and must not stand there as live.
        if (this.#behindMs() !== null) this.#scheduleRender();
        break;
      }
      case 'watching':
        if (message.stream === this.#watch?.stream) {
          this.#watch.catchUp.begin(message.windows);
          this.#scheduleRender();
        }
        break;
      case 'coalesced':
        if (message.stream === this.#watch?.stream) {
          this.#coalescedWindows += message.windows;
          this.#watch.catchUp.coalesce(message.windows);
        }
        break;
      case 'ended':
        if (message.stream === this.#watch?.stream) {
          this.#watch.state = { state: 'ended', reason: message.reason };
          this.#scheduleRender();
        }
        break;
    }
  }

  #onFrame(bytes: Uint8Array): void {
    const { type, stream } = readFrameHeader(bytes);
    const watch = this.#watch;
    // Frames of a stream that was left may still be under way.
    if (watch === undefined || stream !== watch.stream) return;
    switch (type) {
      case FRAME_TYPES.dictionaryReset:
        watch.reader = new DictionaryReader();
        watch.epoch = this.#held.newEpoch(watch.reader.tables);
        break;
      case FRAME_TYPES.dictionaryDelta:
        watch.reader.apply(bytes);
        break;
      case FRAME_TYPES.window:
        this.#onWindow(bytes, watch);
        break;
    }
  }

  #onWindow(bytes: Uint8Array, watch: Watch): void {
    const wasBehind = this.#behindMs() !== null;
    const isNew = this.#held.add(bytes, watch.epoch);
    watch.catchUp.receive(this.#held.newest?.endMs ?? null, this.#lastWindowEndMs(watch));
    // The first view that is live does not wait for the interval of those that were not.
    if (wasBehind && this.#behindMs() === null) this.#renderSoon(0);
    if (!isNew) return;
    watch.state = { state: 'receiving' };
    this.#scheduleRender();
  }

  // ——— what the page asks

  #select(selection: LiveSelection): void {
    const previousHost = this.#selection?.hostId ?? null;
    this.#selection = selection;
    this.#differences?.select(selection);
    if (selection.hostId !== previousHost) {
      this.#held.forget();
      this.#coalescedWindows = 0;
      this.#startWatching();
    }
    // The reader waits for this one: not behind the interval of live updates.
    this.#renderSoon(0);
  }

  async #make(request: MakeRequest): Promise<Made> {
    // Other formats are loaded when they are first asked for: a page that only looks needs none of them.
    const [{ makeOfWindows }, { makeOfDifference }] = await Promise.all([
      import('../make/make-of-windows'),
      import('../make/make-of-difference'),
    ]);
    const selection = this.#selection;
    const summary = this.#hosts.find(({ host }) => host.id === selection?.hostId);
    if (selection === undefined || summary === undefined)
      return { kind: 'failed', message: 'Nothing to keep: the hub does not list this host.', hint: '' };
    if (request.kind === 'difference') {
      const { name, id } = summary.host;
      return makeOfDifference(this.#differences, this.#held.comparedOf(selection), name || id, request);
    }
    return makeOfWindows(this.#held, selection, summary.host, request);
  }

  #startWatching(): void {
    if (this.#watch !== undefined) {
      this.#send({ type: 'unwatch', stream: this.#watch.stream });
      this.#watch = undefined;
    }
    const hostId = this.#selection?.hostId ?? null;
    if (hostId === null || !this.#welcomed) return;
    const stream = this.#nextStream++;
    if (this.#nextStream > 60_000) this.#nextStream = 1;
    const reader = new DictionaryReader();
    this.#watch = {
      hostId,
      stream,
      reader,
      epoch: this.#held.newEpoch(reader.tables),
      catchUp: new CatchUp(),
      state: this.#held.newest ? { state: 'receiving' } : { state: 'waiting' },
    };
    const newestMs = this.#held.newest?.endMs;
    this.#send({
      type: 'watch',
      stream,
      host: hostId,
      ...(newestMs === undefined ? {} : { sinceMs: newestMs }),
    });
    this.#scheduleRender();
  }

  // ——— the view

  #scheduleRender(): void {
    const intervalMs =
      this.#behindMs() === null
        ? MIN_RENDER_INTERVAL_MS
        : Math.max(CATCH_UP_RENDER_INTERVAL_MS, CATCH_UP_RENDER_COST * this.#renderTookMs);
    this.#renderSoon(Math.max(0, this.#renderedAtMs + intervalMs - this.#deps.nowMs()));
  }

  #behindMs(): number | null {
    const watch = this.#watch;
    if (watch === undefined || watch.state.state === 'ended') return null;
    return watch.catchUp.behindMs(this.#held.newest?.endMs ?? null, this.#lastWindowEndMs(watch));
  }

  /** Of the newest window that the hub has told of. */
  #lastWindowEndMs({ hostId }: Watch): number | null {
    return this.#hosts.find(({ host }) => host.id === hostId)?.lastWindowEndMs ?? null;
  }

  #renderSoon(delayMs: number): void {
    if (delayMs === 0) {
      this.#cancelRender?.();
      this.#cancelRender = undefined;
    }
    this.#cancelRender ??= this.#deps.after(delayMs, () => {
      this.#cancelRender = undefined;
      const begunMs = this.#deps.nowMs();
      this.#render();
      // From its end: however long a view takes, what arrives has the interval to itself.
      this.#renderedAtMs = this.#deps.nowMs();
      this.#renderTookMs = Math.max(0, this.#renderedAtMs - begunMs);
    });
  }

  #render(): void {
    const selection = this.#selection;
    if (selection === undefined || selection.hostId === null) return;
    const newestMs = this.#held.newest?.endMs;
    if (newestMs !== undefined) this.#held.evict(newestMs - this.#retainMs, selection);
    const watch = this.#watch?.state ?? { state: 'waiting' };
    if (this.#deps.feed !== undefined) this.#deps.feed(this.#held, watch);
    else {
      const facts = {
        hostId: selection.hostId,
        watch,
        behindMs: this.#behindMs(),
        coalescedWindows: this.#coalescedWindows,
      };
      const { message, transfer } = this.#held.toView(selection, facts, this.#differences?.compare);
      this.#deps.post(message, transfer);
    }
    const epochs = this.#held.rebuildIfLarge();
    if (epochs !== undefined && this.#watch !== undefined) {
      this.#watch.epoch = epochs.get(this.#watch.epoch) ?? this.#held.newEpoch(this.#watch.reader.tables);
    }
  }
}

interface Watch {
  hostId: string;
  stream: number;
  reader: DictionaryReader;
  epoch: Epoch;
  catchUp: CatchUp;
  state: WatchState;
}
