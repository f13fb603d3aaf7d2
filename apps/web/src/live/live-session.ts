/**
 * Owns one browser tab's live data: the connection to the hub, the windows of the watched host, and the view made of
 * them. Runs in a worker; clock, socket, timers and posting come in as arguments.
 *
 * Invariant: pausing, filtering and searching change only what is shown. Whatever the hub sends is shelved until it is
 * older than the hub's own retention, so nothing that arrived while paused is missing on resume.
 *
 *     socket → shelf (bytes) → WindowSpan (slides) → FlameBuilder → {view} to the page
 */
import { FlameBuilder, ProfileTables, type ProfileWindow, WindowSpan } from '@stallscope/profile';
import {
  DictionaryReader,
  FRAME_TYPES,
  type HostSummary,
  ProtocolError,
  readFrameHeader,
  readHubToBrowser,
} from '@stallscope/protocol';
import { CatchUp } from './catch-up';
import { HistogramSum } from './histogram-sum';
import type { Connection, FromWorker, LiveSelection, ToWorker, WatchState } from './live-messages';
import { toViewUpdate } from './view-update';
import { type Epoch, type ShelvedWindow, WindowShelf } from './window-shelf';

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

export interface LiveDeps {
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
  /** Default `MAX_TABLE_STACKS`. */
  maxTableStacks?: number;
  /** Default `MAX_DECODED_ROWS`. */
  maxDecodedRows?: number;
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

/** Rows of shown windows kept decoded, about 45 MB; above it a window is decoded again when it slides out. */
const MAX_DECODED_ROWS = 400_000;

/** Stacks in one set of tables before they are rebuilt from the windows still held: a tab may stay open for weeks. */
export const MAX_TABLE_STACKS = 1_500_000;

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

  #shelf = new WindowShelf(new ProfileTables());
  #builder = new FlameBuilder(this.#shelf.tables);
  #span = new WindowSpan(this.#shelf.tables);
  #histograms = new HistogramSum();
  #agentCpuNs = 0;
  /** What `#span` holds, in order of the shelf. */
  #shown = new Set<ShelvedWindow>();
  #decodedRows = 0;
  /** tgid → name, of every process that a window of this host has named. */
  #processNames = new Map<number, string>();
  #labelEpoch = 0;
  #labelsPosted = 0;

  /** Stacks at which the tables are rebuilt: twice what was live at the last time, so that a host that needs many is not rebuilt each time. */
  #rebuildAbove: number;
  readonly #maxDecodedRows: number;

  #cancelRender: (() => void) | undefined;
  #renderedAtMs = Number.NEGATIVE_INFINITY;
  #renderTookMs = 0;
  #wantedWindowMs = new Map<string, 250 | 1000>();

  constructor(deps: LiveDeps) {
    this.#deps = deps;
    this.#rebuildAbove = deps.maxTableStacks ?? MAX_TABLE_STACKS;
    this.#maxDecodedRows = deps.maxDecodedRows ?? MAX_DECODED_ROWS;
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
      case 'retry':
        if (this.#connection.state === 'connected') break;
        this.#attempts = 0;
        this.#connect();
        break;
    }
  }

  close(): void {
    this.#generation++;
    this.#cancelRetry?.();
    this.#cancelRender?.();
    this.#socket?.close();
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
        watch.epoch = this.#shelf.newEpoch(watch.reader.tables);
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
    const window = this.#shelf.add(bytes, watch.epoch);
    watch.catchUp.receive(this.#shelf.newest?.endMs ?? null, this.#lastWindowEndMs(watch));
    // The first view that is live does not wait for the interval of those that were not.
    if (wasBehind && this.#behindMs() === null) this.#renderSoon(0);
    if (window === undefined) return;
    watch.state = { state: 'receiving' };
    const { tgid, name } = window.processes;
    for (let index = 0; index < tgid.length; index++) {
      this.#processNames.set(tgid[index]!, this.#shelf.tables.strings[name[index]!]!);
    }
    this.#keepDecoded(this.#shelf.newest!, window);
    this.#scheduleRender();
  }

  // ——— what the page asks

  #select(selection: LiveSelection): void {
    const previousHost = this.#selection?.hostId ?? null;
    this.#selection = selection;
    if (selection.hostId !== previousHost) {
      this.#forgetHost();
      this.#startWatching();
    }
    // The reader waits for this one: not behind the interval of live updates.
    this.#renderSoon(0);
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
      epoch: this.#shelf.newEpoch(reader.tables),
      catchUp: new CatchUp(),
      state: this.#shelf.newest ? { state: 'receiving' } : { state: 'waiting' },
    };
    const newestMs = this.#shelf.newest?.endMs;
    this.#send({
      type: 'watch',
      stream,
      host: hostId,
      ...(newestMs === undefined ? {} : { sinceMs: newestMs }),
    });
    this.#scheduleRender();
  }

  #forgetHost(): void {
    this.#startTables(new ProfileTables());
    this.#processNames = new Map();
    this.#coalescedWindows = 0;
  }

  #startTables(tables: ProfileTables): void {
    this.#shelf = new WindowShelf(tables);
    this.#builder = new FlameBuilder(tables);
    this.#emptySpan();
    this.#decodedRows = 0;
    this.#labelEpoch++;
    this.#labelsPosted = 0;
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
    return watch.catchUp.behindMs(this.#shelf.newest?.endMs ?? null, this.#lastWindowEndMs(watch));
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
    const newestMs = this.#shelf.newest?.endMs ?? null;
    const { fromMs, toMs } = spanEnds(selection, newestMs);
    const isWanted = (window: ShelvedWindow): boolean => {
      // By its middle: a window belongs to one side of any edge, so adjacent spans share none.
      const middleMs = (window.startMs + window.endMs) / 2;
      return middleMs > fromMs && middleMs <= toMs;
    };
    const isFrozen = selection.pausedAtMs !== null || selection.span.kind === 'fixed';
    if (newestMs !== null)
      this.#shelf.evict(newestMs - this.#retainMs, (window) => isFrozen && isWanted(window));
    const shown = this.#shelf.windows.filter(isWanted);
    this.#slideTo(shown);
    const lastShown = shown.at(-1);
    const { message, transfer } = toViewUpdate({
      hostId: selection.hostId,
      selection,
      watch: this.#watch?.state ?? { state: 'waiting' },
      behindMs: this.#behindMs(),
      span: this.#span,
      histograms: this.#histograms,
      builder: this.#builder,
      held: this.#shelf.windows,
      shown,
      lastShown: lastShown && this.#shelf.decode(lastShown),
      processNames: this.#processNames,
      fromMs,
      toMs,
      agentCpuNs: this.#agentCpuNs,
      coalescedWindows: this.#coalescedWindows,
      labelEpoch: this.#labelEpoch,
      labelsFrom: this.#labelsPosted,
    });
    this.#labelsPosted += message.newLabels.length;
    this.#deps.post(message, transfer);
    if (this.#shelf.tables.stackCount > this.#rebuildAbove) this.#rebuildTables();
  }

  /** Makes the span hold exactly `wanted`, by whichever way is less work. */
  #slideTo(wanted: ShelvedWindow[]): void {
    const keep = new Set(wanted);
    const leaving = [...this.#shown].filter((window) => !keep.has(window));
    if (leaving.length > wanted.length) {
      this.#emptySpan();
    } else {
      for (const shelved of leaving) {
        const window = this.#shelf.decode(shelved);
        this.#span.remove(window);
        this.#histograms.remove(window);
        this.#agentCpuNs -= window.agentCpuNs;
      }
    }
    for (const shelved of leaving) this.#dropDecoded(shelved);
    for (const shelved of wanted) {
      if (this.#shown.has(shelved)) continue;
      const window = this.#shelf.decode(shelved);
      this.#span.add(window);
      this.#histograms.add(window);
      this.#agentCpuNs += window.agentCpuNs;
      this.#keepDecoded(shelved, window);
    }
    this.#shown = keep;
    // A window that came but is not shown would otherwise keep a shown one from being kept.
    for (const shelved of this.#shelf.windows) if (!keep.has(shelved)) this.#dropDecoded(shelved);
  }

  #emptySpan(): void {
    this.#span = new WindowSpan(this.#shelf.tables);
    this.#histograms = new HistogramSum();
    this.#agentCpuNs = 0;
    this.#shown = new Set();
  }

  #keepDecoded(shelved: ShelvedWindow, window: ProfileWindow): void {
    if (shelved.decoded !== undefined || this.#decodedRows > this.#maxDecodedRows) return;
    shelved.decoded = window;
    this.#decodedRows += window.rows.tgid.length;
  }

  #dropDecoded(shelved: ShelvedWindow): void {
    if (shelved.decoded === undefined) return;
    this.#decodedRows -= shelved.decoded.rows.tgid.length;
    shelved.decoded = undefined;
  }

  /** Leaves behind the stacks that only evicted windows knew. */
  #rebuildTables(): void {
    const held = this.#shelf.windows;
    const epochs = new Map<Epoch, Epoch>();
    this.#startTables(new ProfileTables());
    for (const { bytes, epoch: from } of held) {
      let epoch = epochs.get(from);
      if (epoch === undefined) {
        epoch = this.#shelf.newEpoch(from.tables);
        epochs.set(from, epoch);
      }
      this.#shelf.add(bytes, epoch);
    }
    this.#rebuildAbove = Math.max(
      this.#deps.maxTableStacks ?? MAX_TABLE_STACKS,
      this.#shelf.tables.stackCount * 2,
    );
    if (this.#watch !== undefined) {
      this.#watch.epoch = epochs.get(this.#watch.epoch) ?? this.#shelf.newEpoch(this.#watch.reader.tables);
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

function spanEnds(selection: LiveSelection, newestMs: number | null): { fromMs: number; toMs: number } {
  const { span, pausedAtMs } = selection;
  if (span.kind === 'fixed') return { fromMs: span.fromMs, toMs: span.toMs };
  const toMs = pausedAtMs ?? newestMs ?? 0;
  return { fromMs: toMs - span.lengthMs, toMs };
}
