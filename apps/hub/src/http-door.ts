/**
 * Owns the hub's answers over HTTP.
 *
 *     GET    /healthz       200 {"status":"ok"}                        to anyone
 *     GET    /api/session   200 {"tokenNeeded","authenticated"}        to pages of the hub's own
 *     POST   /api/session   {"token"} → 204 and a cookie, 401, 429
 *     DELETE /api/session   204, the session is over
 *     GET    /api/hosts     200 {"hosts": HostSummary[]}               to those with a session
 *     GET    /api/opened    200 the file that the hub was started to show, to those with its key
 *     GET    anything else  the web build
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access, Verdict } from './access.js';
import type { Hub } from './hub.js';
import { MAX_REQUEST_BODY_BYTES } from './limits.js';
import type { OpenedFile } from './opened-file.js';
import type { Asset, Encoding, WebExport } from './web-export.js';

export interface HttpDoorOptions {
  hub: Hub;
  access: Access;
  /** Undefined when there is no build. */
  web: WebExport | undefined;
  /** Undefined where the hub was not started to show a file. */
  opened: OpenedFile | undefined;
}

export async function answerRequest(
  { hub, access, web, opened }: HttpDoorOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  const verdict = access.checkHost(request);
  if (!verdict.ok) return answerRefusal(response, verdict);
  const target = readTarget(request.url);
  if (target === undefined) return answerText(response, 400, 'The address of this request cannot be read.\n');
  switch (target.pathname) {
    case '/healthz':
      return isRead(request, response) ? answerJson(response, 200, { status: 'ok' }) : undefined;
    case '/api/hosts': {
      if (!isRead(request, response)) return;
      const allowed = access.checkRead(request);
      return allowed.ok
        ? answerJson(response, 200, { hosts: hub.hosts() })
        : answerRefusal(response, allowed);
    }
    case '/api/opened': {
      if (!isRead(request, response)) return;
      if (opened === undefined) {
        return answerJson(response, 404, {
          error: 'no file is open here: this hub was not started to show one',
        });
      }
      const refused = opened.answer(request, response);
      return refused === undefined ? undefined : answerJson(response, 403, { error: refused });
    }
    case '/api/session':
      return answerSession(hub, access, request, response);
    default:
      if (target.pathname.startsWith('/api/'))
        return answerJson(response, 404, { error: 'no such resource' });
      if (target.pathname === '/agent' || target.pathname === '/live') {
        return answerText(response, 426, 'This address speaks WebSocket.\n');
      }
      return isRead(request, response) ? answerFile(web, target, request, response) : undefined;
  }
}

const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** Answers that are not pages load and run nothing. */
const NO_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'";

const NOT_BUILT =
  'Stallscope: the hub runs, but its web UI is not built.\n\n' +
  'In the clone, run:   npm start\n' +
  'or build it alone:   npm run build --workspace @stallscope/web\n' +
  'and start the hub again.\n';

async function answerSession(
  hub: Hub,
  access: Access,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const origin = access.checkOrigin(request);
  if (!origin.ok) return answerRefusal(response, origin);
  switch (request.method) {
    case 'GET':
      return answerJson(response, 200, {
        tokenNeeded: access.needsBrowserToken,
        authenticated: access.hasSession(request),
      });
    case 'DELETE':
      response.setHeader('Set-Cookie', access.endSession(request));
      return answerEmpty(response, 204);
    case 'POST': {
      const token = readToken(await readBody(request));
      if (token === undefined) {
        return answerJson(response, 400, { error: 'send {"token": "…"} as application/json' });
      }
      const { verdict, cookie } = access.openSession(request, token);
      hub.log('session asked for', { ok: verdict.ok, address: request.socket.remoteAddress ?? null });
      if (!verdict.ok) return answerRefusal(response, verdict);
      if (cookie !== undefined) response.setHeader('Set-Cookie', cookie);
      return answerEmpty(response, 204);
    }
    default:
      response.setHeader('Allow', 'GET, POST, DELETE');
      return answerJson(response, 405, { error: 'GET, POST or DELETE' });
  }
}

async function answerFile(
  web: WebExport | undefined,
  target: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (web === undefined) return answerText(response, 503, NOT_BUILT);
  const found = web.find(target.pathname);
  switch (found.kind) {
    case 'redirect':
      response.setHeader('Location', `${found.to}${target.search}`);
      return answerEmpty(response, 308);
    case 'asset':
      return answerAsset(found.asset, 200, request, response);
    case 'missing':
      return web.notFound === undefined
        ? answerText(response, 404, 'There is no such page.\n')
        : answerAsset(web.notFound, 404, request, response);
  }
}

async function answerAsset(
  asset: Asset,
  status: 200 | 404,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const encoding = asset.isCompressible ? chooseEncoding(request.headers['accept-encoding']) : 'identity';
  // Each encoding is a representation of its own.
  const etag = encoding === 'identity' ? asset.etag : `${asset.etag.slice(0, -1)}-${encoding}"`;
  response.setHeader('ETag', etag);
  response.setHeader('Cache-Control', asset.cacheControl);
  response.setHeader('Content-Security-Policy', asset.contentSecurityPolicy ?? NO_CONTENT_POLICY);
  if (asset.isCompressible) response.setHeader('Vary', 'Accept-Encoding');
  if (status === 200 && request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  const body = await asset.body(encoding);
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding);
  response.setHeader('Content-Type', asset.contentType);
  response.setHeader('Content-Length', body.length);
  response.writeHead(status);
  response.end(request.method === 'HEAD' ? undefined : body);
}

function chooseEncoding(accepted: string | undefined): Encoding {
  const offers = (accepted ?? '').split(',').flatMap((part) => {
    const [name, ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/);
    return parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter)) ? [] : [name];
  });
  if (offers.includes('br')) return 'br';
  return offers.includes('gzip') ? 'gzip' : 'identity';
}

/** Only the path and the query of a request count; where it says it goes to was checked with the Host header. */
function readTarget(url: string | undefined): URL | undefined {
  const text = `http://hub${url ?? ''}`;
  return url?.startsWith('/') === true && URL.canParse(text) ? new URL(text) : undefined;
}

function isRead(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  response.setHeader('Allow', 'GET, HEAD');
  answerText(response, 405, 'This address can only be read.\n');
  return false;
}

/** Undefined when it is longer than any token, or not of the type that only a script of the same origin may send. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) return undefined;
  // Left unread where the length says enough: the answer then still reaches the peer.
  if (Number(request.headers['content-length'] ?? 0) > MAX_REQUEST_BODY_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readToken(body: string | undefined): string | undefined {
  if (body === undefined) return undefined;
  try {
    const message: unknown = JSON.parse(body);
    if (typeof message !== 'object' || message === null || !('token' in message)) return undefined;
    return typeof message.token === 'string' ? message.token : undefined;
  } catch {
    // What is not JSON has no token; the answer says what to send.
    return undefined;
  }
}

function answerRefusal(response: ServerResponse, verdict: Extract<Verdict, { ok: false }>): void {
  answerJson(response, verdict.status, { error: verdict.reason });
}

function answerJson(response: ServerResponse, status: number, value: unknown): void {
  answer(response, status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`);
}

function answerText(response: ServerResponse, status: number, text: string): void {
  answer(response, status, 'text/plain; charset=utf-8', text);
}

function answerEmpty(response: ServerResponse, status: number): void {
  response.setHeader('Cache-Control', 'no-store');
  response.writeHead(status).end();
}

function answer(response: ServerResponse, status: number, contentType: string, text: string): void {
  const body = Buffer.from(text);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Security-Policy', NO_CONTENT_POLICY);
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', body.length);
  response.writeHead(status);
  // Node leaves the body out of an answer to HEAD.
  response.end(body);
}
