/**
 * Owns the hub's end of one browser's connection.
 *
 * A stream is a cursor into its host's history, so what waits for a slow browser is kept once for all of them:
 *
 *     history   4 5 6 7 8 9        cursor 6: 6…9 wait
 *
 * `pump` sends from the cursor on while the socket holds little. Windows that came while it was full are merged to
 * one; beyond `COALESCE_SPAN_MS` or `COALESCE_BYTES`, or evicted meanwhile, they are skipped, and the next window
 * sent counts them as `browser-skipped`. A late browser gets the retained windows first, one by one.
 *
 * Invariant: every window of a watched host is sent, part of a merged one, or counted; memory here does not grow
 * with how slow the browser is.
 */
import { mergeWindows, type ProfileWindow } from '@stallscope/profile';
import {
  type BrowserToHub,
  DictionaryWriter,
  decodeWindowBody,
  encodeReset,
  encodeWindow,
  FRAME_TYPES,
  type HubToBrowser,
  ProtocolError,
  readBrowserToHub,
  toFrame,
  toText,
} from '@stallscope/protocol';
import type { Dictionary, RetainedWindow } from './host-history.js';
import type { HostRecord } from './host-record.js';
import type { Hub } from './hub.js';
import {
  BROWSER_HIGH_WATER_BYTES,
  CATCH_UP_WINDOWS,
  COALESCE_BYTES,
  COALESCE_SPAN_MS,
  CONTROL_MESSAGES_A_SECOND,
  CONTROL_MESSAGES_BURST,
  MAX_STREAMS_A_BROWSER,
  STALLED_BROWSER_MS,
} from './limits.js';
import { RateLimit } from './rate-limit.js';
import type { Wire } from './wire.js';

interface Stream {
  readonly number: number;
  readonly host: HostRecord;
  /** Index of the next window to send. */
  cursor: number;
  /** Windows before this are sent one by one; undefined once the stream is live. */
  historyUntil: number | undefined;
  /** What the browser has of the dictionary that its next windows point into. */
  dictionary: { of: Dictionary; writer: DictionaryWriter } | undefined;
  /** Windows skipped since the last one sent. */
  skipped: number;
}

type State = { kind: 'open'; streams: Map<number, Stream> } | { kind: 'closed' };

export class BrowserSession {
  readonly #hub: Hub;
  readonly #wire: Wire;
  readonly #controlRate: RateLimit;
  #state: State = { kind: 'open', streams: new Map() };
  #isPumping = false;
  /** When the socket was last seen to take something, or to be below its mark. */
  #progress: { atMs: number; bufferedBytes: number };

  constructor(hub: Hub, wire: Wire) {
    const nowMs = hub.nowMs();
    this.#hub = hub;
    this.#wire = wire;
    this.#controlRate = new RateLimit(CONTROL_MESSAGES_A_SECOND, CONTROL_MESSAGES_BURST, nowMs);
    this.#progress = { atMs: nowMs, bufferedBytes: 0 };
  }

  get state(): State['kind'] {
    return this.#state.kind;
  }

  send(message: HubToBrowser): void {
    this.sendText(toText(message));
  }

  sendText(text: string): void {
    if (this.#state.kind === 'open') this.#wire.send(text);
  }

  /** False while the socket is so full that only what was asked for should be added. */
  get hasRoom(): boolean {
    return this.#wire.bufferedBytes < BROWSER_HIGH_WATER_BYTES;
  }

  onText(received: string): void {
    this.#guard(() => {
      if (!this.#controlRate.take(this.#hub.nowMs())) {
        throw new ProtocolError('too-fast', 'control messages: more than the hub takes');
      }
      this.#handle(readBrowserToHub(received));
    });
  }

  onBinary(): void {
    this.close(new ProtocolError('out-of-turn', 'frame: browsers send none'));
  }

  /** The socket took something of what it held. */
  onDrain(): void {
    this.pump();
  }

  onClosed(): void {
    this.#leave();
  }

  tick(nowMs: number): void {
    if (this.#state.kind === 'closed') return;
    for (const stream of this.#state.streams.values()) {
      // A dictionary that no window points into any more would live on in the writer.
      if (stream.dictionary !== undefined && !stream.host.history.isRetained(stream.dictionary.of)) {
        stream.dictionary = undefined;
      }
    }
    const { bufferedBytes } = this.#wire;
    if (this.hasRoom || bufferedBytes < this.#progress.bufferedBytes) {
      this.#progress = { atMs: nowMs, bufferedBytes };
    } else if (nowMs - this.#progress.atMs > STALLED_BROWSER_MS) {
      this.close(
        new ProtocolError(
          'unresponsive',
          `browser: took nothing for ${STALLED_BROWSER_MS / 1000} s; reconnect`,
        ),
      );
      return;
    } else {
      this.#progress.bufferedBytes = bufferedBytes;
    }
    this.pump();
  }

  /** Sends what waits, a frame of each stream in turn, until the socket is full. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      this.#guard(() => {
        for (let hasSent = true; hasSent; ) {
          hasSent = false;
          if (this.#state.kind === 'closed') return;
          for (const stream of this.#state.streams.values()) {
            if (!this.hasRoom) return;
            if (this.#sendNext(stream)) hasSent = true;
          }
        }
      });
    } finally {
      this.#isPumping = false;
    }
  }

  endStreamsOf(host: HostRecord, reason: string): void {
    if (this.#state.kind === 'closed') return;
    for (const stream of this.#state.streams.values()) {
      if (stream.host !== host) continue;
      this.#state.streams.delete(stream.number);
      this.send({ type: 'ended', stream: stream.number, reason });
    }
    host.ask(this, undefined);
    host.collect(this, undefined);
  }

  close(error: ProtocolError): void {
    if (this.#state.kind === 'closed') return;
    this.#hub.log('browser closed', { code: error.code, reason: error.message });
    this.#wire.close(error.closeCode, error.message);
    this.#leave();
  }

  #handle(message: BrowserToHub): void {
    if (this.#state.kind === 'closed') return;
    const { streams } = this.#state;
    switch (message.type) {
      case 'watch':
        this.#watch(streams, message);
        return;
      case 'unwatch': {
        const host = streams.get(message.stream)?.host;
        streams.delete(message.stream);
        if (host !== undefined) this.#takeBackAsk(streams, host);
        return;
      }
      case 'set-window': {
        const host = this.#hub.findHost(message.host);
        // The host may have gone since the browser was told of it; the next list of hosts says so.
        if (host === undefined) this.#hub.log('set-window for no host', { host: message.host });
        else host.ask(this, message.windowMs);
        return;
      }
      case 'collect': {
        const host = this.#hub.findHost(message.host);
        if (host === undefined) this.#hub.log('collect for no host', { host: message.host });
        else host.collect(this, message.wants);
        return;
      }
    }
  }

  #watch(streams: Map<number, Stream>, message: Extract<BrowserToHub, { type: 'watch' }>): void {
    const before = streams.get(message.stream);
    if (before === undefined && streams.size >= MAX_STREAMS_A_BROWSER) {
      throw new ProtocolError('too-many-streams', `watch: at most ${MAX_STREAMS_A_BROWSER} streams at once`);
    }
    streams.delete(message.stream);
    const host = this.#hub.findHost(message.host);
    if (before !== undefined && before.host !== host) this.#takeBackAsk(streams, before.host);
    if (host === undefined) {
      this.send({ type: 'ended', stream: message.stream, reason: 'the hub knows no such host' });
      return;
    }
    const { history } = host;
    const cursor =
      message.sinceMs === undefined ? history.oldestIndex : history.firstEndingAfter(message.sinceMs);
    streams.set(message.stream, {
      number: message.stream,
      host,
      cursor,
      historyUntil: history.nextIndex,
      dictionary: undefined,
      skipped: 0,
    });
    this.send({
      type: 'watching',
      stream: message.stream,
      host: host.id,
      availableFromMs: history.at(cursor)?.startMs ?? this.#hub.nowMs(),
      windows: history.nextIndex - cursor,
    });
    this.pump();
  }

  /** Whoever no longer looks at a host asks nothing of it. */
  #takeBackAsk(streams: Map<number, Stream>, host: HostRecord): void {
    for (const stream of streams.values()) if (stream.host === host) return;
    host.ask(this, undefined);
    host.collect(this, undefined);
  }

  /** One frame, so that streams take turns and the socket is looked at in between. False when nothing waits. */
  #sendNext(stream: Stream): boolean {
    const batch = this.#nextBatch(stream);
    const first = batch[0];
    if (first === undefined) return false;
    if (stream.dictionary?.of !== first.dictionary) {
      const { dictionary } = first;
      stream.dictionary = {
        of: dictionary,
        writer: new DictionaryWriter(dictionary.tables, stream.number),
      };
      this.#wire.send(encodeReset(stream.number));
      return true;
    }
    const delta = stream.dictionary.writer.delta();
    if (delta !== undefined) {
      this.#wire.send(delta);
      return true;
    }
    if (batch.length === 1 && stream.skipped === 0) {
      this.#wire.send(toFrame(FRAME_TYPES.window, stream.number, first.body));
      stream.cursor += 1;
      return true;
    }
    const { frame, windows } = toCoalesced(batch, stream);
    if (windows > 1) this.send({ type: 'coalesced', stream: stream.number, windows });
    this.#wire.send(frame);
    stream.cursor += windows;
    stream.skipped = 0;
    return true;
  }

  /** The windows that the next frame is made of: one of history, else all that wait and share a dictionary. */
  #nextBatch(stream: Stream): RetainedWindow[] {
    const { history } = stream.host;
    if (stream.cursor < history.oldestIndex) {
      stream.skipped += history.oldestIndex - stream.cursor;
      stream.cursor = history.oldestIndex;
    }
    const waiting = history.nextIndex - stream.cursor;
    if (waiting === 0) {
      stream.historyUntil = undefined;
      return [];
    }
    if (stream.historyUntil !== undefined && stream.cursor >= stream.historyUntil) {
      stream.historyUntil = waiting <= CATCH_UP_WINDOWS ? history.nextIndex : undefined;
    }
    if (stream.historyUntil !== undefined || waiting === 1) return [history.at(stream.cursor)!];

    const newest = history.newest!;
    let from = history.nextIndex;
    let bytes = 0;
    while (from > stream.cursor) {
      const older = history.at(from - 1)!;
      bytes += older.body.length;
      const isWithin =
        newest.receivedAtMs - older.receivedAtMs <= COALESCE_SPAN_MS && bytes <= COALESCE_BYTES;
      if (!isWithin && older !== newest) break;
      from -= 1;
    }
    stream.skipped += from - stream.cursor;
    stream.cursor = from;
    const batch: RetainedWindow[] = [];
    const { dictionary } = history.at(from)!;
    for (let index = from; index < history.nextIndex; index++) {
      const window = history.at(index)!;
      if (window.dictionary !== dictionary) break;
      batch.push(window);
    }
    return batch;
  }

  #leave(): void {
    if (this.#state.kind === 'closed') return;
    this.#state = { kind: 'closed' };
    this.#hub.browserLeft(this);
  }

  #guard(handle: () => void): void {
    if (this.#state.kind === 'closed') return;
    try {
      handle();
    } catch (error) {
      this.close(error instanceof ProtocolError ? error : this.#hub.fault('browser', error));
    }
  }
}

/** As many windows of the batch as fit in one frame, merged, with what was skipped before them. */
function toCoalesced(
  batch: readonly RetainedWindow[],
  stream: Stream,
): { frame: Uint8Array; windows: number } {
  const decoded = batch.map(({ body, dictionary }) => decodeWindowBody(body, dictionary.tables));
  for (let windows = decoded.length; ; windows = Math.ceil(windows / 2)) {
    const merged = countSkipped(mergeWindows(decoded.slice(0, windows)), stream.skipped);
    try {
      return { frame: encodeWindow(merged, stream.number), windows };
    } catch (error) {
      if (!(error instanceof ProtocolError && error.code === 'oversized') || windows === 1) throw error;
    }
  }
}

function countSkipped(window: ProfileWindow, skipped: number): ProfileWindow {
  if (skipped === 0) return window;
  const before = window.losses['browser-skipped'] ?? 0;
  return { ...window, losses: { ...window.losses, 'browser-skipped': before + skipped } };
}
