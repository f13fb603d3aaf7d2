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
  type Collectible,
  type HostSummary,
  type HubToBrowser,
  readFrameHeader,
  type WindowLengthMs,
} from '@stallscope/protocol';
import type { Differences } from '../difference/differences';
import { answerMake } from '../make/answer-make';
import type { Made, MakeRequest } from '../make/make-messages';
import { HeldWindows, type HeldWindowsOptions } from './held-windows';
import { HostStream } from './host-stream';
import { HubConnection, type HubDoor } from './hub-connection';
import type { FromWorker, LiveSelection, ToWorker, WatchState } from './live-messages';

export interface LiveDeps extends HeldWindowsOptions, HubDoor {
  post(message: FromWorker, transfer: Transferable[]): void;
  /** What makes the differences that selections ask for; it calls back when a base has changed. */
  differences?: (onChange: () => void) => Differences;
  /** In place of views: another session reads what is held. */
  feed?: (held: HeldWindows, watch: WatchState) => void;
}

/** Shortest time between two views, ms: a catch-up of hundreds of windows must not draw hundreds of graphs. */
export const MIN_RENDER_INTERVAL_MS = 100;

/** The same while old windows still come, ms: no one reads these, and each takes time from what is to come. */
export const CATCH_UP_RENDER_INTERVAL_MS = 250;

/** And this many times what the last view took, so that a span of thousands of rows does not hold up the catching up. */
const CATCH_UP_RENDER_COST = 6;

/** Until the hub says how long it keeps windows. */
const DEFAULT_RETAIN_MS = 15 * 60_000;

export class LiveSession {
  readonly #deps: LiveDeps;
  readonly #connection: HubConnection;

  #hosts: HostSummary[] = [];
  #retainMs = DEFAULT_RETAIN_MS;

  #selection: LiveSelection | undefined;
  #watch: HostStream | undefined;
  #nextStream = 1;
  #coalescedWindows = 0;

  readonly #held: HeldWindows;
  readonly #differences: Differences | undefined;

  #cancelRender: (() => void) | undefined;
  #renderedAtMs = Number.NEGATIVE_INFINITY;
  #renderTookMs = 0;
  #wantedWindowMs = new Map<string, WindowLengthMs>();
  #wants = new Map<string, readonly Collectible[]>();

  constructor(deps: LiveDeps) {
    this.#deps = deps;
    this.#held = new HeldWindows(deps);
    this.#differences = deps.differences?.(() => this.#scheduleRender());
    this.#connection = new HubConnection(deps, {
      onConnection: (connection) => deps.post({ type: 'connection', connection }, []),
      onMessage: (message) => this.#onMessage(message),
      onFrame: (bytes) => this.#onFrame(bytes),
    });
  }

  handle(message: ToWorker): void {
    switch (message.type) {
      case 'select':
        this.#select(message.selection);
        break;
      case 'set-window':
        this.#wantedWindowMs.set(message.hostId, message.windowMs);
        this.#connection.send({ type: 'set-window', host: message.hostId, windowMs: message.windowMs });
        break;
      case 'collect':
        this.#wants.set(message.hostId, message.wants);
        this.#connection.send({ type: 'collect', host: message.hostId, wants: [...message.wants] });
        break;
      case 'base-file':
        this.#differences?.giveFile(message.name, message.file);
        break;
      case 'retry':
        this.#connection.retry();
        break;
      case 'make':
        void answerMake(() => this.#make(message.request)).then((made) =>
          this.#deps.post({ type: 'made', id: message.id, made }, []),
        );
        break;
    }
  }

  close(): void {
    this.#connection.close();
    this.#cancelRender?.();
    this.#differences?.close();
  }

  // ——— what the hub says

  #onMessage(message: HubToBrowser): void {
    switch (message.type) {
      case 'welcome':
        this.#retainMs = message.retainMs;
        this.#watch = undefined;
        this.#startWatching();
        for (const [host, windowMs] of this.#wantedWindowMs)
          this.#connection.send({ type: 'set-window', host, windowMs });
        for (const [host, wants] of this.#wants)
          this.#connection.send({ type: 'collect', host, wants: [...wants] });
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
      default:
        if (message.stream !== this.#watch?.stream) break;
        this.#coalescedWindows += this.#watch.receive(message);
        if (message.type !== 'coalesced') this.#scheduleRender();
    }
  }

  #onFrame(bytes: Uint8Array): void {
    const watch = this.#watch;
    // Frames of a stream that was left may still be under way.
    if (watch === undefined || readFrameHeader(bytes).stream !== watch.stream) return;
    const wasBehind = this.#behindMs() !== null;
    const isNew = watch.receiveFrame(bytes, this.#hosts);
    // The first view that is live does not wait for the interval of those that were not.
    if (wasBehind && this.#behindMs() === null) this.#renderSoon(0);
    if (isNew) this.#scheduleRender();
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
      this.#connection.send({ type: 'unwatch', stream: this.#watch.stream });
      this.#watch = undefined;
    }
    const hostId = this.#selection?.hostId ?? null;
    if (hostId === null || !this.#connection.isWelcomed) return;
    const stream = this.#nextStream++;
    if (this.#nextStream > 60_000) this.#nextStream = 1;
    this.#watch = new HostStream(hostId, stream, this.#held);
    this.#connection.send(this.#watch.toWatch());
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
    return this.#watch?.behindMs(this.#hosts) ?? null;
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
    if (epochs !== undefined) this.#watch?.rebuilt(epochs);
  }
}
