/**
 * Owns the one file that a hub was started to show, as `stallscope open` does. Who knows the key may read it, once or
 * many times; nobody else learns more than that there is one.
 *
 *     GET /api/opened   with `Authorization: Key KEY` → 200 the bytes, X-File-Name: its name percent-encoded
 *                       403 without the key, 404 where nothing was opened
 *
 * Invariant: the key is in the fragment of the page's address and in this header, in no path, query or log.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MIN_TOKEN_CHARS } from './limits.js';

export interface OpenedFileOptions {
  /** Without the folder; the page shows it. */
  name: string;
  bytes: Uint8Array;
  /** At least `MIN_TOKEN_CHARS` long. */
  key: string;
}

export class OpenedFile {
  readonly #name: string;
  readonly #bytes: Uint8Array;
  readonly #keyDigest: Buffer;

  constructor({ name, bytes, key }: OpenedFileOptions) {
    if (key.length < MIN_TOKEN_CHARS) {
      throw new Error(
        `hub: the key of the opened file has ${key.length} characters, it needs ${MIN_TOKEN_CHARS}`,
      );
    }
    this.#name = encodeURIComponent(name.replace(/\p{Cs}/gu, ' '));
    this.#bytes = bytes;
    this.#keyDigest = sha256(key);
  }

  /** Why it is refused; undefined when it was answered. */
  answer(request: IncomingMessage, response: ServerResponse): string | undefined {
    const key = /^Key +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (key === undefined || !timingSafeEqual(sha256(key), this.#keyDigest)) {
      return 'the address has not the key of the file that is open here';
    }
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    response.setHeader('Content-Type', 'application/octet-stream');
    response.setHeader('Content-Length', this.#bytes.length);
    response.setHeader('X-File-Name', this.#name);
    response.writeHead(200);
    response.end(request.method === 'HEAD' ? undefined : this.#bytes);
    return undefined;
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
