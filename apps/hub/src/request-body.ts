/**
 * Owns reading what a peer sends over HTTP: small JSON whole, uploads piece by piece, each within its bound.
 * Throws `BodyError`, whose status and words are the answer.
 */
import type { IncomingMessage } from 'node:http';
import {
  MAX_PREVIEW_BYTES,
  MAX_SNAPSHOT_FACTS_BYTES,
  readSnapshotDraft,
  SNAPSHOT_UPLOAD_TYPE,
  type SnapshotDraft,
} from '@stallscope/protocol';
import { UPLOAD_IDLE_MS } from './limits.js';

export class BodyError extends Error {
  override readonly name = 'BodyError';

  constructor(
    readonly status: 400 | 408 | 413 | 415 | 422,
    message: string,
  ) {
    super(message);
  }
}

/** A type that a page of another site cannot send without asking first. */
export async function readJsonBody(request: IncomingMessage, maximumBytes: number): Promise<unknown> {
  assertType(request, 'application/json');
  // Left unread where the length says enough: the answer then still reaches the peer.
  assertLength(request, maximumBytes);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maximumBytes) throw tooLarge(maximumBytes);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new BodyError(400, 'the body is not JSON');
  }
}

export interface SnapshotUpload {
  draft: SnapshotDraft;
  preview: Buffer;
  /** The file, as it arrives. Throws BodyError when it breaks off or comes too slowly. */
  data: AsyncIterable<Uint8Array>;
}

/**
 * Hands facts, image and file to `take`. Throws BodyError, ProtocolError for facts that are none, and what `take` throws;
 * what is left of the upload has been read then, as a peer that is still sending may not look at an answer.
 */
export async function takeSnapshotUpload<Result>(
  request: IncomingMessage,
  maximumDataBytes: number,
  take: (upload: SnapshotUpload) => Promise<Result>,
): Promise<Result> {
  const maximumBytes = 8 + MAX_SNAPSHOT_FACTS_BYTES + MAX_PREVIEW_BYTES + maximumDataBytes;
  assertType(request, SNAPSHOT_UPLOAD_TYPE);
  assertLength(request, maximumBytes);
  const body = new Body(request);
  try {
    const draft = await readFacts(body);
    const preview = await body.take(await body.length('image', MAX_PREVIEW_BYTES), 'image');
    if (preview.length > 0 && toImageType(preview) === undefined) {
      throw new BodyError(400, 'the image is neither PNG, WebP nor JPEG');
    }
    return await take({ draft, preview, data: body.rest() });
  } catch (error) {
    await body.discard(maximumBytes);
    throw error;
  } finally {
    request.setTimeout(0);
  }
}

async function readFacts(body: Body): Promise<SnapshotDraft> {
  const facts = await body.take(await body.length('facts', MAX_SNAPSHOT_FACTS_BYTES), 'facts');
  let received: unknown;
  try {
    received = JSON.parse(facts.toString('utf8'));
  } catch {
    throw new BodyError(400, 'the facts of the snapshot are not JSON');
  }
  return readSnapshotDraft(received);
}

/** By the first bytes; undefined for what a browser should not be shown as an image. */
export function toImageType(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 16)).toString('latin1');
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'image/webp';
  return head.startsWith('\xff\xd8\xff') ? 'image/jpeg' : undefined;
}

class Body {
  readonly #request: IncomingMessage;
  readonly #received: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(request: IncomingMessage) {
    request.setTimeout(UPLOAD_IDLE_MS, () =>
      request.destroy(
        new BodyError(408, `the upload stood still for ${UPLOAD_IDLE_MS / 1000} s; send it again`),
      ),
    );
    this.#request = request;
    this.#received = (request as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  async length(subject: string, maximumBytes: number): Promise<number> {
    const length = (await this.take(4, `length of the ${subject}`)).readUInt32LE();
    if (length > maximumBytes) {
      throw new BodyError(413, `the ${subject} of the snapshot has ${length} bytes, at most ${maximumBytes}`);
    }
    return length;
  }

  async take(length: number, subject: string): Promise<Buffer> {
    const parts = [this.#rest];
    let bytes = this.#rest.length;
    while (bytes < length) {
      const next = await this.#next();
      if (next === undefined) {
        throw new BodyError(
          400,
          `the upload ends inside the ${subject}; see SNAPSHOT_UPLOAD_TYPE for its layout`,
        );
      }
      parts.push(next);
      bytes += next.length;
    }
    const taken = Buffer.concat(parts);
    this.#rest = taken.subarray(length);
    return taken.subarray(0, length);
  }

  async *rest(): AsyncGenerator<Uint8Array, void> {
    let bytes = this.#rest.length;
    if (bytes > 0) yield this.#rest;
    for (let next = await this.#next(); next !== undefined; next = await this.#next()) {
      bytes += next.length;
      yield next;
    }
    if (bytes === 0) throw new BodyError(400, 'the upload has no file after facts and image');
  }

  /** Reads on to the end, or to more than an honest peer sends. */
  async discard(maximumBytes: number): Promise<void> {
    let bytes = 0;
    try {
      for (let next = await this.#next(); next !== undefined; next = await this.#next()) {
        bytes += next.length;
        if (bytes > maximumBytes) {
          this.#request.destroy();
          return;
        }
      }
    } catch (error) {
      // That it broke off is no news to a peer that is refused.
      if (!(error instanceof BodyError)) throw error;
    }
  }

  async #next(): Promise<Buffer | undefined> {
    try {
      const next = await this.#received.next();
      return next.done === true ? undefined : next.value;
    } catch (error) {
      if (error instanceof BodyError) throw error;
      throw new BodyError(400, 'the upload broke off');
    }
  }
}

function assertType(request: IncomingMessage, type: string): void {
  const [sent] = (request.headers['content-type'] ?? '').split(';');
  if (sent?.trim().toLowerCase() !== type) throw new BodyError(415, `send it as ${type}`);
}

function assertLength(request: IncomingMessage, maximumBytes: number): void {
  if (Number(request.headers['content-length'] ?? 0) > maximumBytes) throw tooLarge(maximumBytes);
}

function tooLarge(maximumBytes: number): BodyError {
  return new BodyError(413, `the body is too large: at most ${maximumBytes} bytes are taken here`);
}
