/** Owns what the hub knows of one host: who it is, its agent if connected, its windows, and what browsers ask of it. */
import type { ProfileTables, ProfileWindow } from '@stallscope/profile';
import {
  COLLECTIBLES,
  type Collectible,
  type Hello,
  type HostFacts,
  type HostState,
  type HostSummary,
  ProtocolError,
  type RecordingFacts,
  WINDOW_LENGTHS_MS,
  type WindowLengthMs,
} from '@stallscope/protocol';
import type { AgentSession } from './agent-session.js';
import type { BrowserSession } from './browser-session.js';
import { HostHistory } from './host-history.js';
import { STALE_MS, STALE_WINDOWS } from './limits.js';

/** A host has an agent, or has had one until an instant. */
type Link = { kind: 'connected'; agent: AgentSession } | { kind: 'disconnected'; sinceMs: number };

export class HostRecord {
  readonly id: string;
  readonly history: HostHistory;
  facts: HostFacts;
  recording: RecordingFacts | null = null;
  link: Link;
  connectedAtMs: number;
  /** What the agent runs at, as far as the hub knows: what it said, then what it was told. */
  windowMs: number;
  /** What it goes back to when no browser asks for another. */
  #ownWindowMs: number;
  /** Windows dropped since the last one kept, which the next one tells. */
  #dropped = 0;
  /** The newest window of the agent's present run. */
  #received: { run: string; sequence: number } | undefined;
  readonly #asks = new Map<BrowserSession, WindowLengthMs>();
  readonly #wants = new Map<BrowserSession, readonly Collectible[]>();
  /** What the agent of the present connection was told to collect for browsers. */
  #toldWants: readonly Collectible[] = [];
  #newest: {
    endMs: number;
    receivedAtMs: number;
    tauNs: number;
    governed: boolean;
    waitedNs: number;
  } | null = null;

  constructor(hello: Hello, agent: AgentSession, retainMs: number, nowMs: number) {
    this.id = hello.host.id;
    this.history = new HostHistory(retainMs, nowMs);
    this.facts = hello.host;
    this.link = { kind: 'connected', agent };
    this.connectedAtMs = nowMs;
    this.windowMs = hello.windowMs;
    this.#ownWindowMs = hello.windowMs;
    this.recording = hello.recording ?? null;
  }

  connect(hello: Hello, agent: AgentSession, nowMs: number): void {
    this.facts = hello.host;
    this.link = { kind: 'connected', agent };
    this.connectedAtMs = nowMs;
    this.windowMs = hello.windowMs;
    this.#ownWindowMs = hello.windowMs;
    this.recording = hello.recording ?? null;
    this.history.forgetSource();
    this.tellWindow();
    // Another connection, of an agent that was told nothing.
    this.#toldWants = [];
    this.#tellWants();
  }

  disconnect(nowMs: number): void {
    this.link = { kind: 'disconnected', sinceMs: nowMs };
    this.history.forgetSource();
  }

  /** True once for each window of a run; sequence numbers of a run only grow. */
  isNew(run: string, sequence: number): boolean {
    if (this.#received?.run === run && sequence <= this.#received.sequence) return false;
    this.#received = { run, sequence };
    return true;
  }

  add(window: ProfileWindow, from: ProfileTables, nowMs: number, shareBytes: number): void {
    try {
      this.history.add(this.#withDropped(window), from, nowMs, shareBytes);
      this.#dropped = 0;
    } catch (error) {
      // Ids of the hub's tables may be longer than the agent's, and a window that just fitted no longer does.
      if (!(error instanceof ProtocolError && error.code === 'oversized')) throw error;
      this.#dropped += 1;
    }
    this.#newest = {
      endMs: window.endMs,
      receivedAtMs: nowMs,
      tauNs: window.tauNs,
      governed: window.governed,
      waitedNs: window.threads.blockedNs.reduce((sum, ns) => sum + ns, 0),
    };
  }

  #withDropped(window: ProfileWindow): ProfileWindow {
    if (this.#dropped === 0) return window;
    const before = window.losses['hub-dropped'] ?? 0;
    return { ...window, losses: { ...window.losses, 'hub-dropped': before + this.#dropped } };
  }

  /** The shortest window that a browser asks for is what the agent runs at; undefined takes an ask back. */
  ask(browser: BrowserSession, windowMs: WindowLengthMs | undefined): void {
    if (windowMs === undefined) this.#asks.delete(browser);
    else this.#asks.set(browser, windowMs);
    this.tellWindow();
  }

  /** What a browser wants collected, in place of what it wanted before; undefined takes its ask back. */
  collect(browser: BrowserSession, wants: readonly Collectible[] | undefined): void {
    if (wants === undefined) this.#wants.delete(browser);
    else this.#wants.set(browser, wants);
    this.#tellWants();
  }

  #tellWants(): void {
    if (this.link.kind !== 'connected') return;
    const wanted = new Set([...this.#wants.values()].flat());
    const union = COLLECTIBLES.filter((name) => wanted.has(name));
    if (union.join() === this.#toldWants.join()) return;
    this.#toldWants = union;
    this.link.agent.collect(union);
  }

  tellWindow(): void {
    const wanted =
      this.#asks.size === 0 ? toOffered(this.#ownWindowMs) : toOffered(Math.min(...this.#asks.values()));
    if (this.link.kind !== 'connected' || wanted === this.windowMs) return;
    // A recording that runs at a length nobody offers is left alone until a browser asks.
    if (this.#asks.size === 0 && this.windowMs === this.#ownWindowMs) return;
    this.windowMs = wanted;
    this.link.agent.setWindow(wanted);
  }

  state(nowMs: number): HostState {
    if (this.link.kind === 'disconnected') return 'disconnected';
    const sinceMs = Math.max(this.connectedAtMs, this.#newest?.receivedAtMs ?? 0);
    return nowMs - sinceMs > Math.max(STALE_WINDOWS * this.windowMs, STALE_MS) ? 'stale' : 'live';
  }

  /** Windows and dictionaries, those of the agent's connection with them. */
  get bytes(): number {
    return this.history.bytes + (this.link.kind === 'connected' ? this.link.agent.dictionaryBytes : 0);
  }

  summary(nowMs: number): HostSummary {
    const { history } = this;
    const newest = this.#newest;
    return {
      host: this.facts,
      state: this.state(nowMs),
      recording: this.recording,
      connectedAtMs: this.connectedAtMs,
      lastWindowEndMs: newest?.endMs ?? null,
      lagMs: newest === null ? null : newest.receivedAtMs - newest.endMs,
      windowMs: this.windowMs,
      tauNs: newest?.tauNs ?? null,
      governed: newest?.governed ?? false,
      waitedNs: newest?.waitedNs ?? 0,
      losses: history.losses,
      retained: { windows: history.count, bytes: history.bytes, fromMs: history.oldest?.startMs ?? null },
    };
  }
}

function toOffered(windowMs: number): WindowLengthMs {
  return WINDOW_LENGTHS_MS.find((offered) => offered === windowMs) ?? WINDOW_LENGTHS_MS[0];
}
