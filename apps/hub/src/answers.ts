/**
 * Owns how the hub answers over HTTP: headers that every answer has, JSON, text, and files piece by piece.
 * Invariant: an error is one sentence or two in {"error"}, and holds nothing that the peer may not know.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Blob } from '@stallscope/store';
import type { Verdict } from './access.js';
import { STALLED_DOWNLOAD_MS } from './limits.js';

export const SECURITY_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** Answers that are not pages load and run nothing. */
export const NO_CONTENT_POLICY = "default-src 'none'; frame-ancestors 'none'";

export function answerRefusal(response: ServerResponse, verdict: Extract<Verdict, { ok: false }>): void {
  answerJson(response, verdict.status, { error: verdict.reason });
}

export function answerJson(response: ServerResponse, status: number, value: unknown): void {
  answer(response, status, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`);
}

export function answerText(response: ServerResponse, status: number, text: string): void {
  answer(response, status, 'text/plain; charset=utf-8', text);
}

export function answerEmpty(response: ServerResponse, status: number): void {
  response.setHeader('Cache-Control', 'no-store');
  response.writeHead(status).end();
}

/** @param methods as in the Allow header: `GET, POST` */
export function answerMethods(response: ServerResponse, methods: string): void {
  response.setHeader('Allow', methods);
  answerJson(response, 405, { error: `this address answers to ${methods}` });
}

export interface BlobHeaders {
  contentType: (firstBytes: Uint8Array) => string;
  /** Offered to a browser that saves it. */
  fileName?: string;
  /** Changes with the content; undefined for what must not be kept by the browser. */
  etag?: string;
}

/**
 * Sends a file piece by piece, no faster than the peer takes it. Throws what reading it throws: before the first byte, so
 * that there is still an answer to give, or later, when the connection has been ended.
 */
export async function answerBlob(
  blob: Blob,
  headers: BlobHeaders,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const etag = headers.etag === undefined ? undefined : `"${headers.etag}"`;
  if (etag !== undefined && request.headers['if-none-match'] === etag) {
    response.setHeader('ETag', etag);
    response.setHeader('Cache-Control', 'private, no-cache');
    response.writeHead(304).end();
    return;
  }
  const chunks = blob.chunks[Symbol.asyncIterator]();
  const first = await chunks.next();
  response.setHeader('Cache-Control', etag === undefined ? 'no-store' : 'private, no-cache');
  if (etag !== undefined) response.setHeader('ETag', etag);
  if (headers.fileName !== undefined) {
    response.setHeader('Content-Disposition', `attachment; filename="${headers.fileName}"`);
  }
  response.setHeader('Content-Security-Policy', NO_CONTENT_POLICY);
  response.setHeader('Content-Type', headers.contentType(first.done === true ? NOTHING : first.value));
  response.setHeader('Content-Length', blob.bytes);
  response.writeHead(200);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  try {
    for (let next = first; next.done !== true; next = await chunks.next()) {
      if (response.destroyed) return;
      if (!response.write(next.value)) await drained(response);
    }
    response.end();
  } catch (error) {
    // What was sent is less than was announced: only a broken connection says so.
    response.destroy();
    throw error;
  }
}

const NOTHING = new Uint8Array();

/** Resolves when the peer has taken what it was given or has gone; one that takes nothing for too long is let go. */
async function drained(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  const stalled = setTimeout(() => response.destroy(), STALLED_DOWNLOAD_MS);
  try {
    await Promise.race([
      once(response, 'drain', { signal: over.signal }),
      once(response, 'close', { signal: over.signal }),
    ]);
  } finally {
    clearTimeout(stalled);
    over.abort();
  }
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
