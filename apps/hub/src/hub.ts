/**
 * Owns who is connected to the hub and what it keeps: agents put windows into hosts' histories, browsers read them.
 * No sockets, no timers: the edge gives it wires, and calls `tick` every `TICK_MS`.
 *
 * Invariant: what all hosts keep stays within `retainBytes`, but for the one window that is being handed on. Over it, the host that keeps most gives its oldest
 * window, so that a host which keeps less than its share loses nothing to a louder one.
 */
import type { ProfileTables, ProfileWindow } from '@stallscope/profile';
import {
  type Hello,
  type HostSummary,
  PROTOCOL_VERSION,
  ProtocolError,
  type ProtocolErrorCode,
  toText,
} from '@stallscope/protocol';
import { AgentSession } from './agent-session.js';
import { BrowserSession } from './browser-session.js';
import { HostRecord } from './host-record.js';
import {
  DEFAULT_RETAIN_BYTES,
  DEFAULT_RETAIN_MS,
  HOSTS_INTERVAL_MS,
  HOSTS_INTERVAL_MS_A_HOST,
  MAX_AGENTS,
  MAX_BROWSERS,
  MAX_HOSTS,
} from './limits.js';
import { type Log, type LogFields, toLogLine } from './log.js';
import type { Wire } from './wire.js';

export interface HubCoreOptions {
  /** Wall clock, ms since the epoch. */
  nowMs: () => number;
  log?: Log;
  retainMs?: number;
  retainBytes?: number;
}

export class Hub {
  readonly nowMs: () => number;
  readonly retainMs: number;
  readonly retainBytes: number;
  readonly #log: Log;
  readonly #hosts = new Map<string, HostRecord>();
  readonly #agents = new Set<AgentSession>();
  readonly #browsers = new Set<BrowserSession>();
  #hostsToldAtMs = 0;
  #hasHostsChanged = false;

  constructor(options: HubCoreOptions) {
    this.nowMs = options.nowMs;
    this.retainMs = options.retainMs ?? DEFAULT_RETAIN_MS;
    this.retainBytes = options.retainBytes ?? DEFAULT_RETAIN_BYTES;
    this.#log = options.log ?? (() => undefined);
  }

  acceptAgent(wire: Wire): AgentSession {
    const session = new AgentSession(this, wire);
    this.#agents.add(session);
    if (this.#agents.size > MAX_AGENTS) {
      session.close(new ProtocolError('too-many-agents', `hub: serves at most ${MAX_AGENTS} agents`));
    }
    return session;
  }

  acceptBrowser(wire: Wire): BrowserSession {
    const session = new BrowserSession(this, wire);
    this.#browsers.add(session);
    if (this.#browsers.size > MAX_BROWSERS) {
      session.close(new ProtocolError('too-many-browsers', `hub: serves at most ${MAX_BROWSERS} browsers`));
      return session;
    }
    session.send({
      type: 'welcome',
      protocol: PROTOCOL_VERSION,
      nowMs: this.nowMs(),
      retainMs: this.retainMs,
      retainBytes: this.retainBytes,
    });
    session.send({ type: 'hosts', hosts: this.hosts() });
    return session;
  }

  /** In order of name, then id. */
  hosts(): HostSummary[] {
    const nowMs = this.nowMs();
    return [...this.#hosts.values()]
      .map((host) => host.summary(nowMs))
      .sort((a, b) => compare(a.host.name, b.host.name) || compare(a.host.id, b.host.id));
  }

  /** What all hosts keep, as estimated. */
  get bytes(): number {
    let bytes = 0;
    for (const host of this.#hosts.values()) bytes += host.bytes;
    return bytes;
  }

  findHost(id: string): HostRecord | undefined {
    return this.#hosts.get(id);
  }

  tick(): void {
    const nowMs = this.nowMs();
    for (const agent of this.#agents) agent.tick(nowMs);
    for (const host of this.#hosts.values()) {
      host.history.evictExpired(nowMs);
      const { link } = host;
      if (link.kind === 'disconnected' && host.history.count === 0 && nowMs - link.sinceMs > this.retainMs) {
        this.#forget(host, 'the host has been away for longer than windows are kept');
      }
    }
    for (const browser of this.#browsers) browser.tick(nowMs);
    const intervalMs = Math.max(HOSTS_INTERVAL_MS, this.#hosts.size * HOSTS_INTERVAL_MS_A_HOST);
    if (this.#hasHostsChanged || nowMs - this.#hostsToldAtMs >= intervalMs) this.#tellHosts(nowMs);
  }

  /** Every session is told that the hub closes. */
  close(): void {
    const reason = new ProtocolError('hub-closing', 'hub: is closing; reconnect');
    for (const session of [...this.#agents, ...this.#browsers]) session.close(reason);
  }

  log(event: string, fields?: LogFields): void {
    this.#log(toLogLine(event, fields));
  }

  /** A fault of the hub itself, logged whole; the peer is told no more than that it happened. */
  fault(subject: string, error: unknown): ProtocolError {
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.log('fault', { subject, detail });
    const code: ProtocolErrorCode = 'hub-fault';
    return new ProtocolError(code, `hub: failed to handle this ${subject}; reconnect, its log says more`);
  }

  // What sessions tell the hub.

  findOrMakeHost(hello: Hello, agent: AgentSession): HostRecord {
    const known = this.#hosts.get(hello.host.id);
    if (known !== undefined) return known;
    if (this.#hosts.size >= MAX_HOSTS) this.#forgetLongestAway();
    const host = new HostRecord(hello, agent, this.retainMs, this.nowMs());
    this.#hosts.set(host.id, host);
    return host;
  }

  agentConnected(hello: Hello, host: HostRecord, agent: AgentSession): void {
    const before = host.link.kind === 'connected' ? host.link.agent : undefined;
    host.connect(hello, agent, this.nowMs());
    if (before !== undefined && before !== agent) {
      before.close(new ProtocolError('replaced', 'agent: another agent of the same host id connected'));
    }
    this.log('agent connected', { host: host.id, name: hello.host.name, version: hello.agent.version });
    this.#hasHostsChanged = true;
  }

  agentLeft(agent: AgentSession, host: HostRecord | undefined): void {
    this.#agents.delete(agent);
    if (host === undefined) return;
    // One that was replaced leaves after the newer one has come.
    if (host.link.kind !== 'connected' || host.link.agent !== agent) return;
    host.disconnect(this.nowMs());
    this.log('agent left', { host: host.id });
    this.#hasHostsChanged = true;
  }

  windowReceived(host: HostRecord, window: ProfileWindow, from: ProfileTables): void {
    host.add(window, from, this.nowMs(), this.retainBytes / this.#hosts.size);
    // Before anything is evicted, which may be this very window: who keeps up sees all.
    for (const browser of this.#browsers) browser.pump();
    this.keepWithinBytes();
  }

  keepWithinBytes(): void {
    while (this.bytes > this.retainBytes) {
      const largest = this.#largestHost();
      if (largest === undefined) return;
      if (largest.history.evictOldest(this.nowMs())) continue;
      if (largest.link.kind === 'disconnected') return;
      // Nothing but its connection's dictionary is left, and that is the largest of all.
      largest.link.agent.close(
        new ProtocolError('dictionary-full', 'dictionary: the hub has no room for it; rebuild it and reset'),
      );
    }
  }

  browserLeft(browser: BrowserSession): void {
    this.#browsers.delete(browser);
    for (const host of this.#hosts.values()) {
      host.ask(browser, undefined);
      host.collect(browser, undefined);
    }
  }

  #largestHost(): HostRecord | undefined {
    let largest: HostRecord | undefined;
    let largestBytes = -1;
    for (const host of this.#hosts.values()) {
      const { bytes } = host;
      if (bytes <= largestBytes) continue;
      largest = host;
      largestBytes = bytes;
    }
    return largest;
  }

  #forgetLongestAway(): void {
    let longest: HostRecord | undefined;
    let sinceMs = Number.POSITIVE_INFINITY;
    for (const host of this.#hosts.values()) {
      if (host.link.kind !== 'disconnected' || host.link.sinceMs >= sinceMs) continue;
      longest = host;
      sinceMs = host.link.sinceMs;
    }
    if (longest !== undefined) this.#forget(longest, 'the hub knows too many hosts');
  }

  #forget(host: HostRecord, reason: string): void {
    this.#hosts.delete(host.id);
    for (const browser of this.#browsers) browser.endStreamsOf(host, reason);
    this.log('host forgotten', { host: host.id, reason });
    this.#hasHostsChanged = true;
  }

  #tellHosts(nowMs: number): void {
    this.#hostsToldAtMs = nowMs;
    this.#hasHostsChanged = false;
    if (this.#browsers.size === 0) return;
    // Once for all of them: the list is the same.
    const text = toText({ type: 'hosts', hosts: this.hosts() });
    for (const browser of this.#browsers) if (browser.hasRoom) browser.sendText(text);
  }
}

/** By code unit, so that the order is the same everywhere. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
