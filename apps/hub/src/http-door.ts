/**
 * Owns the hub's answers over HTTP.
 *
 *     GET    /healthz       200 {"status":"ok"}                        to anyone
 *     GET    /api/session   200 {"tokenNeeded","authenticated"}        to pages of the hub's own
 *     POST   /api/session   {"token"} → 204 and a cookie, 401, 429
 *     DELETE /api/session   204, the session is over
 *     GET    /api/hosts     200 {"hosts": HostSummary[]}               to those with a session
 *     POST   /api/source                                             source-door.ts
 *     GET    /api/opened    200 the file that the hub was started to show, to those with its key
 *     …      /api/dashboards                                         dashboard-door.ts
 *     …      /api/snapshots, /api/shares, /api/shared                  snapshot-door.ts
 *     GET    anything else  the web build
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Access } from './access.js';
import {
  answerEmpty,
  answerJson,
  answerMethods,
  answerRefusal,
  answerText,
  NO_CONTENT_POLICY,
  SECURITY_HEADERS,
} from './answers.js';
import type { DashboardDoor } from './dashboard-door.js';
import type { Hub } from './hub.js';
import { MAX_REQUEST_BODY_BYTES } from './limits.js';
import type { OpenedFile } from './opened-file.js';
import { BodyError, readJsonBody } from './request-body.js';
import type { SnapshotDoor } from './snapshot-door.js';
import { answerSource } from './source-door.js';
import type { Asset, Encoding, WebExport } from './web-export.js';

export interface HttpDoorOptions {
  hub: Hub;
  access: Access;
  snapshots: SnapshotDoor;
  dashboards: DashboardDoor;
  /** Undefined when there is no build. */
  web: WebExport | undefined;
  /** Undefined where the hub was not started to show a file. */
  opened: OpenedFile | undefined;
}

export async function answerRequest(
  { hub, access, snapshots, dashboards, web, opened }: HttpDoorOptions,
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
    case '/api/source':
      return answerSource(hub, access, request, response);
    case '/api/session':
      return answerSession(hub, access, request, response);
    default:
      if (target.pathname.startsWith('/api/')) {
        if (await snapshots.answer(target, request, response)) return;
        if (await dashboards.answer(target, request, response)) return;
        return answerJson(response, 404, { error: 'no such resource' });
      }
      if (target.pathname === '/agent' || target.pathname === '/live') {
        return answerText(response, 426, 'This address speaks WebSocket.\n');
      }
      return isRead(request, response) ? answerFile(web, target, request, response) : undefined;
  }
}

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
      const token = await readToken(request);
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
      return answerMethods(response, 'GET, POST, DELETE');
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

/** Undefined when what was sent is no token: what to send is the answer to all that can be wrong with it. */
async function readToken(request: IncomingMessage): Promise<string | undefined> {
  try {
    const message = await readJsonBody(request, MAX_REQUEST_BODY_BYTES);
    if (typeof message !== 'object' || message === null || !('token' in message)) return undefined;
    return typeof message.token === 'string' ? message.token : undefined;
  } catch (error) {
    if (error instanceof BodyError) return undefined;
    throw error;
  }
}
