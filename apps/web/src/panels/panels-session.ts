/**
 * Owns the live data of a page with panels: one connection to the hub, a stream of each host that a panel is of, and when
 * what is made for a panel. Runs in a worker; clock, socket, timers and posting come in as arguments.
 *
 *     socket ─┬→ stream of web-1 → PanelHost ─┬→ PanelMaker of panel 1 → {data}
 *             │                               └→ PanelMaker of panel 2 → {data}
 *             └→ stream of web-2 → PanelHost ──→ PanelMaker of panel 3 → {data}
 *
 * Invariants: every panel is of the same stretch of the clock. A host is watched, and something asked of it, only while a
 * panel is of it. What is held is bounded over all hosts together.
 */
import {
  type Collectible,
  type HostSummary,
  type HubToBrowser,
  readFrameHeader,
  type WindowLengthMs,
} from '@stallscope/protocol';
import type { SpanEnds } from '../live/held-windows';
import { HostStream } from '../live/host-stream';
import { HubConnection, type HubDoor } from '../live/hub-connection';
import { CATCH_UP_RENDER_INTERVAL_MS, MIN_RENDER_INTERVAL_MS } from '../live/live-session';
import { PanelHost } from './panel-host';
import { PanelMaker } from './panel-maker';
import type { FromPanelsWorker, PanelClock, PanelsAsk, PanelsUpdate, ToPanelsWorker } from './panel-messages';
import { needsOf } from './panel-needs';

export interface PanelsDeps extends HubDoor {
  post(message: FromPanelsWorker, transfer: Transferable[]): void;
}

/** Encoded windows of all hosts together, as much as the page of one host holds. */
export const MAX_PANELS_BYTES = 160 * 1024 * 1024;

/** Windows before the span are held for so long, ms: a reader who pauses or selects at its left edge finds them whole. */
const HELD_BEFORE_MS = 10_000;

/** Shorter stretches at the left edge are not fetched: the span is asked for anew with everything that it has. */
const LEAST_MISSING_MS = 2000;

/** Between two updates passes this many times what the last one took: what arrives has the greater part of the time. */
const RENDER_COST = 4;

/** Until the hub says how long it keeps windows. */
const DEFAULT_RETAIN_MS = 15 * 60_000;

/** Stream numbers begin anew after this many; the wire has room for 65,535. */
const MAX_STREAM_NUMBER = 60_000;

interface WatchedHost {
  held: PanelHost;
  /** Undefined until the hub has listed the host, and while there is no connection. */
  stream: HostStream | undefined;
  /** From when on windows were asked for, ms of the host's clock. */
  heldFromMs: number | null;
  wants: string;
  windowMs: WindowLengthMs | null;
  standing: string;
}

export class PanelsSession {
  readonly #deps: PanelsDeps;
  readonly #connection: HubConnection;
  #retainMs = DEFAULT_RETAIN_MS;
  /** Null until this connection has listed them. */
  #hosts: readonly HostSummary[] | null = null;
  #ask: PanelsAsk | undefined;
  readonly #watched = new Map<string, WatchedHost>();
  readonly #makers = new Map<string, PanelMaker>();
  /** By panel: what was said of it where it has no data. */
  readonly #said = new Map<string, string>();
  #nextStream = 1;
  #clock = '';
  #cancelRender: (() => void) | undefined;
  #renderedAtMs = Number.NEGATIVE_INFINITY;
  #renderTookMs = 0;

  constructor(deps: PanelsDeps) {
    this.#deps = deps;
    this.#connection = new HubConnection(deps, {
      onConnection: (connection) => deps.post({ type: 'connection', connection }, []),
      onMessage: (message) => this.#onMessage(message),
      onFrame: (bytes) => this.#onFrame(bytes),
    });
  }

  handle(message: ToPanelsWorker): void {
    if (message.type === 'retry') this.#connection.retry();
    else this.#onAsk(message.ask);
  }

  close(): void {
    this.#connection.close();
    this.#cancelRender?.();
  }

  // ——— what the hub says

  #onMessage(message: HubToBrowser): void {
    switch (message.type) {
      case 'welcome':
        this.#retainMs = message.retainMs;
        this.#hosts = null;
        for (const watched of this.#watched.values()) {
          watched.stream = undefined;
          watched.wants = '';
          watched.windowMs = null;
        }
        break;
      case 'hosts': {
        const { hosts } = message;
        this.#hosts = hosts;
        this.#deps.post(
          { type: 'hosts', hosts, retainMs: this.#retainMs, receivedAtMs: this.#deps.nowMs() },
          [],
        );
        // A host that was not known, or was stopped, may have come.
        for (const watched of this.#watched.values()) {
          if (watched.stream?.state.state === 'ended' && this.#summaryOf(watched) !== undefined)
            watched.stream = undefined;
        }
        this.#watchAll();
        this.#scheduleRender();
        break;
      }
      default: {
        const watched = this.#ofStream(message.stream);
        watched?.stream?.receive(message);
        if (watched !== undefined && message.type !== 'coalesced') this.#scheduleRender();
      }
    }
  }

  #onFrame(bytes: Uint8Array): void {
    // Frames of a stream that was left may still be under way.
    const watched = this.#ofStream(readFrameHeader(bytes).stream);
    if (watched?.stream === undefined) return;
    const wasBehind = this.#behindMs() !== null;
    const isNew = watched.stream.receiveFrame(bytes, this.#hosts ?? []);
    // The first update that is live does not wait for the interval of those that were not.
    if (wasBehind && this.#behindMs() === null) this.#renderSoon(0);
    else if (isNew) this.#scheduleRender();
  }

  #ofStream(stream: number): WatchedHost | undefined {
    for (const watched of this.#watched.values()) if (watched.stream?.stream === stream) return watched;
    return undefined;
  }

  #summaryOf({ held }: WatchedHost): HostSummary | undefined {
    return this.#hosts?.find(({ host }) => host.id === held.hostId);
  }

  // ——— what the page asks

  #onAsk(ask: PanelsAsk): void {
    this.#ask = ask;
    const panels = ask.panels.filter(({ kind }) => kind !== 'note');
    const hostIds = new Set(panels.map(({ hostId }) => hostId));
    for (const [hostId, watched] of this.#watched) {
      if (hostIds.has(hostId)) continue;
      this.#unwatch(watched);
      this.#watched.delete(hostId);
    }
    for (const hostId of hostIds) {
      if (!this.#watched.has(hostId)) this.#watched.set(hostId, newWatched(hostId));
    }
    const ids = new Set(panels.map(({ id }) => id));
    for (const id of this.#makers.keys()) {
      if (ids.has(id)) continue;
      this.#makers.delete(id);
      this.#said.delete(id);
    }
    for (const panel of panels) {
      const before = this.#makers.get(panel.id)?.ask;
      if (before?.kind === panel.kind && before.arg === panel.arg && before.hostId === panel.hostId) continue;
      this.#makers.set(panel.id, new PanelMaker(panel));
      this.#said.delete(panel.id);
    }
    this.#watchAll();
    // The reader waits for this one: not behind the interval of live updates.
    this.#renderSoon(0);
  }

  /** Streams and asks as the panels need them; what is as it should be is left alone. */
  #watchAll(): void {
    const ask = this.#ask;
    if (ask === undefined || this.#hosts === null) return;
    for (const [hostId, watched] of this.#watched) {
      const fromMs = this.#neededFromMs(ask, watched);
      if (fromMs !== null && this.#hasOlder(watched, fromMs)) {
        // The span was made longer: windows that were let go, or never asked for, are needed now.
        this.#unwatch(watched);
        watched.held = new PanelHost(hostId);
        watched.heldFromMs = null;
      }
      if (watched.stream === undefined) {
        watched.stream = new HostStream(hostId, this.#nextStream, watched.held);
        this.#nextStream = this.#nextStream >= MAX_STREAM_NUMBER ? 1 : this.#nextStream + 1;
        watched.heldFromMs ??= fromMs;
        this.#connection.send(watched.stream.toWatch(fromMs ?? undefined));
      }
      const collect = needsOf(ask.panels.filter((panel) => panel.hostId === hostId));
      this.#collect(watched, collect);
      if (ask.windowMs !== null && ask.windowMs !== watched.windowMs) {
        this.#connection.send({ type: 'set-window', host: hostId, windowMs: ask.windowMs });
      }
      watched.windowMs = ask.windowMs;
    }
  }

  #collect(watched: WatchedHost, wants: readonly Collectible[]): void {
    if (wants.join() === watched.wants) return;
    watched.wants = wants.join();
    this.#connection.send({ type: 'collect', host: watched.held.hostId, wants: [...wants] });
  }

  #unwatch(watched: WatchedHost): void {
    if (watched.stream === undefined) return;
    this.#connection.send({ type: 'unwatch', stream: watched.stream.stream });
    watched.stream = undefined;
    watched.wants = '';
    watched.windowMs = null;
  }

  /** Null where all that the hub keeps is needed, or it is not known what is newest. */
  #neededFromMs(ask: PanelsAsk, watched: WatchedHost): number | null {
    const newestMs = this.#summaryOf(watched)?.lastWindowEndMs ?? null;
    if (newestMs === null) return null;
    const { stretch } = ask.selection;
    const spanFromMs = (ask.pausedAtMs ?? newestMs) - ask.spanMs;
    return Math.min(spanFromMs, stretch?.fromMs ?? spanFromMs) - HELD_BEFORE_MS;
  }

  /** Whether the hub keeps windows after an instant that are not held here. */
  #hasOlder(watched: WatchedHost, fromMs: number): boolean {
    const oldestMs = this.#summaryOf(watched)?.retained.fromMs ?? null;
    if (watched.heldFromMs === null || oldestMs === null) return false;
    return Math.max(fromMs, oldestMs) < watched.heldFromMs - LEAST_MISSING_MS;
  }

  // ——— what panels show

  #scheduleRender(): void {
    const least = this.#behindMs() === null ? MIN_RENDER_INTERVAL_MS : CATCH_UP_RENDER_INTERVAL_MS;
    const intervalMs = Math.max(least, RENDER_COST * this.#renderTookMs);
    this.#renderSoon(Math.max(0, this.#renderedAtMs + intervalMs - this.#deps.nowMs()));
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
      this.#renderedAtMs = this.#deps.nowMs();
      this.#renderTookMs = Math.max(0, this.#renderedAtMs - begunMs);
    });
  }

  /** Of the slowest host. */
  #behindMs(): number | null {
    let most: number | null = null;
    for (const { stream } of this.#watched.values()) {
      const ms = stream?.behindMs(this.#hosts ?? []) ?? null;
      if (ms !== null) most = Math.max(most ?? 0, ms);
    }
    return most;
  }

  #render(): void {
    const ask = this.#ask;
    if (ask === undefined) return;
    const clock = this.#toClock(ask);
    const update: PanelsUpdate = { clock, standing: [], panels: [] };
    const transfer: ArrayBufferLike[] = [];
    for (const maker of this.#makers.values()) this.#renderPanel(maker, ask, update, transfer);
    for (const watched of this.#watched.values()) this.#settle(watched, ask, update);
    const said = JSON.stringify(clock);
    if (said === this.#clock && update.standing.length === 0 && update.panels.length === 0) return;
    this.#clock = said;
    this.#deps.post({ type: 'update', ...update }, transfer as ArrayBuffer[]);
  }

  #renderPanel(
    maker: PanelMaker,
    ask: PanelsAsk,
    { clock, panels }: PanelsUpdate,
    transfer: ArrayBufferLike[],
  ): void {
    const { id, hostId } = maker.ask;
    const watched = this.#watched.get(hostId)!;
    if (watched.held.newest === undefined || clock === null) {
      const state = watched.stream?.state;
      const data =
        state?.state === 'ended'
          ? ({ state: 'ended', reason: state.reason } as const)
          : ({ state: 'waiting' } as const);
      const said = JSON.stringify(data);
      if (this.#said.get(id) === said) return;
      this.#said.set(id, said);
      panels.push({ id, data });
      return;
    }
    if (this.#said.delete(id)) maker.forget();
    const { fromMs, toMs } = clock;
    const made = maker.make(watched.held, { span: { fromMs, toMs }, selection: ask.selection });
    if (made === undefined) return;
    panels.push({ id, data: { state: 'ready', content: made.content } });
    transfer.push(...made.transfer);
  }

  /** While older windows come, the clock is that of the newest there are: what comes fills in and moves nothing. */
  #toClock(ask: PanelsAsk): PanelClock | null {
    let newestMs = Number.NEGATIVE_INFINITY;
    let isAny = false;
    for (const watched of this.#watched.values()) {
      const { newest } = watched.held;
      if (newest === undefined) continue;
      isAny = true;
      newestMs = Math.max(newestMs, newest.endMs);
      if (watched.stream?.behindMs(this.#hosts ?? []) != null)
        newestMs = Math.max(newestMs, this.#summaryOf(watched)?.lastWindowEndMs ?? newestMs);
    }
    if (!isAny) return null;
    const toMs = ask.pausedAtMs ?? newestMs;
    return { fromMs: toMs - ask.spanMs, toMs, newestMs, behindMs: this.#behindMs() };
  }

  #settle(watched: WatchedHost, ask: PanelsAsk, { clock, standing }: PanelsUpdate): void {
    const { held } = watched;
    const probes = held.standing();
    const said = JSON.stringify(probes);
    if (said !== watched.standing) {
      watched.standing = said;
      standing.push({ hostId: held.hostId, probes });
    }
    if (clock === null) return;
    // What stands still is kept for as long as it does.
    const pinned: SpanEnds[] = [];
    if (ask.pausedAtMs !== null) pinned.push(clock);
    if (ask.selection.stretch !== null) pinned.push(ask.selection.stretch);
    const neededFromMs =
      Math.min(clock.newestMs - ask.spanMs, ...pinned.map(({ fromMs }) => fromMs)) - HELD_BEFORE_MS;
    held.settle(
      Math.max(neededFromMs, clock.newestMs - this.#retainMs),
      pinned,
      MAX_PANELS_BYTES / Math.max(1, this.#watched.size),
    );
    if (watched.heldFromMs !== null && held.newest !== undefined)
      watched.heldFromMs = Math.max(watched.heldFromMs, neededFromMs);
    const epochs = held.rebuildIfLarge();
    if (epochs !== undefined) watched.stream?.rebuilt(epochs);
  }
}

function newWatched(hostId: string): WatchedHost {
  return {
    held: new PanelHost(hostId),
    stream: undefined,
    heldFromMs: null,
    wants: '',
    windowMs: null,
    standing: '',
  };
}
