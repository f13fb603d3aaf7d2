/**
 * Owns who may talk to the hub: loopback or tokens, the Host and Origin of requests, sessions of browsers.
 *
 *     agent     Authorization: Bearer AGENT-TOKEN, where one is set. Never with an Origin: no page is an agent.
 *     browser   an Origin that is the hub's own (or allowed), and a session cookie where a token is set;
 *               or Authorization: Bearer BROWSER-TOKEN, for programs.
 *
 * On loopback the Host header must name loopback: a page of another site that rebinds its name to 127.0.0.1 would
 * otherwise have an Origin equal to its Host.
 *
 * Invariant: tokens and session ids leave this file only in the Set-Cookie of the session's own browser.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  FAILED_ATTEMPTS_SPAN_MS,
  MAX_FAILED_ATTEMPTS,
  MAX_FAILED_ATTEMPTS_ALL,
  MAX_SESSIONS,
  MIN_TOKEN_CHARS,
  SESSION_MS,
} from './limits.js';

export interface AccessOptions {
  /** The address listened on. */
  host: string;
  agentToken?: string | undefined;
  browserToken?: string | undefined;
  /** Origins beside the hub's own, `https://stallscope.example.org`: those of a proxy before it. */
  allowedOrigins?: readonly string[] | undefined;
  nowMs: () => number;
}

export type Verdict = { ok: true } | { ok: false; status: 401 | 403 | 429; reason: string };

export class Access {
  readonly #isLoopback: boolean;
  readonly #agentToken: Buffer | undefined;
  readonly #browserToken: Buffer | undefined;
  readonly #allowedOrigins: ReadonlySet<string>;
  readonly #allowedHosts: ReadonlySet<string>;
  readonly #nowMs: () => number;
  /** Session id → when it ends, in order of age. */
  readonly #sessions = new Map<string, number>();
  #failures: { sinceMs: number; all: number; byAddress: Map<string, number> };

  /** Throws when the address is open to others and a token is missing, or an option makes no sense. */
  constructor(options: AccessOptions) {
    this.#isLoopback = isLoopback(options.host);
    if (!this.#isLoopback && (options.agentToken === undefined || options.browserToken === undefined)) {
      const missing = [
        options.agentToken === undefined ? 'an agent token' : [],
        options.browserToken === undefined ? 'a browser token' : [],
      ].flat();
      throw new Error(
        `hub: listening on ${options.host} opens it to the network, and ${missing.join(' and ')} is not set. ` +
          'Set both (a long random text each), or listen on 127.0.0.1.',
      );
    }
    if (options.agentToken !== undefined && options.agentToken === options.browserToken) {
      throw new Error(
        'hub: agents and browsers have the same token, so that a reader could pose as an agent. Set one for each.',
      );
    }
    this.#agentToken = toDigest(options.agentToken, 'agent');
    this.#browserToken = toDigest(options.browserToken, 'browser');
    const origins = (options.allowedOrigins ?? []).map(readAllowedOrigin);
    this.#allowedOrigins = new Set(origins.map(({ origin }) => origin));
    this.#allowedHosts = new Set(origins.map(({ hostname }) => hostname));
    this.#nowMs = options.nowMs;
    this.#failures = { sinceMs: options.nowMs(), all: 0, byAddress: new Map() };
  }

  get needsBrowserToken(): boolean {
    return this.#browserToken !== undefined;
  }

  /** For every request, before anything else. */
  checkHost(request: IncomingMessage): Verdict {
    if (!this.#isLoopback) return OK;
    const hostname = readHostname(request.headers.host);
    if (hostname !== undefined && (isLoopback(hostname) || this.#allowedHosts.has(hostname))) return OK;
    return refuse(403, 'this hub answers to loopback names only; add the origin to its allowed origins');
  }

  checkAgent(request: IncomingMessage): Verdict {
    if (request.headers.origin !== undefined)
      return refuse(403, 'agents send no Origin: pages are not agents');
    if (this.#agentToken === undefined) return OK;
    return this.#checkToken(request, readBearer(request), this.#agentToken, 'agent token');
  }

  /**
   * For live sockets, and for requests that change something: a page of the hub's own with its session, or a program with
   * the token. Browsers say the Origin of both, so that one without it is no page.
   */
  checkLive(request: IncomingMessage): Verdict {
    const bearer = readBearer(request);
    if (bearer !== undefined && this.#browserToken !== undefined) {
      return this.#checkToken(request, bearer, this.#browserToken, 'browser token');
    }
    if (request.headers.origin === undefined) {
      return refuse(403, 'no Origin: programs send the browser token as a bearer token');
    }
    const origin = this.checkOrigin(request);
    return origin.ok ? this.#checkSession(request) : origin;
  }

  /** For requests of data. Absent Origin is a navigation or a program: neither hands the answer to another site. */
  checkRead(request: IncomingMessage): Verdict {
    const bearer = readBearer(request);
    if (bearer !== undefined && this.#browserToken !== undefined) {
      return this.#checkToken(request, bearer, this.#browserToken, 'browser token');
    }
    const origin = this.checkOrigin(request);
    return origin.ok ? this.#checkSession(request) : origin;
  }

  checkOrigin(request: IncomingMessage): Verdict {
    const { origin, host } = request.headers;
    if (origin === undefined) return OK;
    if (this.#allowedOrigins.has(origin)) return OK;
    if (host !== undefined && (origin === `http://${host}` || origin === `https://${host}`)) return OK;
    return refuse(403, 'the Origin is not this hub; add it to the allowed origins if it should be');
  }

  hasSession(request: IncomingMessage): boolean {
    return this.#checkSession(request).ok;
  }

  /** The cookie of a new session. */
  openSession(request: IncomingMessage, token: string): { verdict: Verdict; cookie?: string } {
    if (this.#browserToken === undefined) return { verdict: OK };
    const verdict = this.#checkToken(request, token, this.#browserToken, 'browser token');
    if (!verdict.ok) return { verdict };
    const id = randomBytes(32).toString('base64url');
    for (const [known, endsAtMs] of this.#sessions) {
      if (endsAtMs > this.#nowMs() && this.#sessions.size < MAX_SESSIONS) break;
      this.#sessions.delete(known);
    }
    this.#sessions.set(id, this.#nowMs() + SESSION_MS);
    return { verdict, cookie: toCookie(request, id, SESSION_MS / 1000) };
  }

  /** The cookie that takes a session's place. */
  endSession(request: IncomingMessage): string {
    for (const id of readSessionIds(request)) this.#sessions.delete(id);
    return toCookie(request, '', 0);
  }

  #checkSession(request: IncomingMessage): Verdict {
    if (this.#browserToken === undefined) return OK;
    for (const id of readSessionIds(request)) {
      const endsAtMs = this.#sessions.get(id);
      if (endsAtMs === undefined) continue;
      if (endsAtMs > this.#nowMs()) return OK;
      this.#sessions.delete(id);
    }
    return refuse(401, 'no session: send the browser token to /api/session');
  }

  /** Wrong tokens are counted by address and in all; past the bound even a right one waits. */
  #checkToken(request: IncomingMessage, token: string | undefined, digest: Buffer, subject: string): Verdict {
    const address = request.socket.remoteAddress ?? '';
    const nowMs = this.#nowMs();
    if (nowMs - this.#failures.sinceMs > FAILED_ATTEMPTS_SPAN_MS) {
      this.#failures = { sinceMs: nowMs, all: 0, byAddress: new Map() };
    }
    const failed = this.#failures.byAddress.get(address) ?? 0;
    if (failed >= MAX_FAILED_ATTEMPTS || this.#failures.all >= MAX_FAILED_ATTEMPTS_ALL) {
      return refuse(429, `too many wrong tokens; try again in ${FAILED_ATTEMPTS_SPAN_MS / 1000} s`);
    }
    if (token !== undefined && timingSafeEqual(sha256(token), digest)) return OK;
    if (token === undefined) return refuse(401, `${subject}: none was sent`);
    this.#failures.all += 1;
    this.#failures.byAddress.set(address, failed + 1);
    return refuse(401, `${subject}: wrong`);
  }
}

/** Names and addresses that only this host can reach. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

const SESSION_COOKIE = 'stallscope_session';

const OK: Verdict = { ok: true };

function refuse(status: 401 | 403 | 429, reason: string): Verdict {
  return { ok: false, status, reason };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Digests have one length, which a comparison in constant time needs, and are no token when memory is dumped. */
function toDigest(token: string | undefined, subject: string): Buffer | undefined {
  if (token === undefined) return undefined;
  if (token.length < MIN_TOKEN_CHARS) {
    throw new Error(
      `hub: the ${subject} token has ${token.length} characters, it needs ${MIN_TOKEN_CHARS}. ` +
        'Make one with: openssl rand -hex 24',
    );
  }
  return sha256(token);
}

function readAllowedOrigin(text: string): { origin: string; hostname: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.origin !== text.replace(/\/$/, '')) {
    throw new Error(`hub: allowed origin ${text} is none; write it as https://host or https://host:port`);
  }
  return { origin: url.origin, hostname: url.hostname };
}

/** Of a Host header, without its port; undefined when it is no host. */
function readHostname(host: string | undefined): string | undefined {
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host) || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname;
}

function readBearer(request: IncomingMessage): string | undefined {
  return /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

function readSessionIds(request: IncomingMessage): string[] {
  return (request.headers.cookie ?? '').split(';').flatMap((pair) => {
    const [name, value] = pair.trim().split('=');
    return name === SESSION_COOKIE && value !== undefined && value !== '' ? [value] : [];
  });
}

function toCookie(request: IncomingMessage, id: string, maxAgeSeconds: number): string {
  // Behind a proxy that speaks TLS the browser's Origin says so; plain HTTP would drop a Secure cookie.
  const secure = request.headers.origin?.startsWith('https://') === true ? '; Secure' : '';
  return `${SESSION_COOKIE}=${id}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${maxAgeSeconds}${secure}`;
}
