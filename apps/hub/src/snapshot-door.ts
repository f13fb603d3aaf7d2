/**
 * Owns the hub's answers about snapshots and share links; what is said is in `snapshots.ts` of the protocol.
 *
 *     /api/snapshots…, /api/shares/ID   those with a session; changes only from the hub's own pages, or by the token
 *     /api/shared…                      whoever has the token of a link, at a bounded rate
 *
 * Invariants: an id or a token is only ever compared or used as a key, never a path; a link that ended is asked for again
 * before each piece of what it shows; of tokens the log knows nothing.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type EvictedSnapshot,
  isReduced,
  isWindowFileStart,
  readShareRequest,
  readSnapshotPatch,
  type Snapshot,
} from '@stallscope/protocol';
import {
  type Blob,
  type ReducedCopy,
  type SharePart,
  type SnapshotStore,
  StoreError,
} from '@stallscope/store';
import type { Access } from './access.js';
import { answerBlob, answerEmpty, answerJson, answerMethods, answerRefusal } from './answers.js';
import { answerFault } from './api-fault.js';
import type { Hub } from './hub.js';
import { MAX_API_BODY_BYTES, MAX_DOWNLOADS, MAX_REDUCTIONS, MAX_SHARED_DOWNLOADS } from './limits.js';
import type { ReduceCopy } from './reduced-copy.js';
import { BodyError, readJsonBody, takeSnapshotUpload, toImageType } from './request-body.js';
import { readShareCredential, ShareRate } from './share-credential.js';
import { findSnapshots, readSnapshotSearch, toTagCounts } from './snapshot-list.js';

export interface SnapshotDoorOptions {
  hub: Hub;
  access: Access;
  /** Undefined when the hub keeps none. */
  store: SnapshotStore | undefined;
  reduceCopy: ReduceCopy;
}

export class SnapshotDoor {
  readonly #hub: Hub;
  readonly #access: Access;
  readonly #store: SnapshotStore | undefined;
  readonly #reduceCopy: ReduceCopy;
  readonly #rate: ShareRate;
  #downloads = 0;
  #sharedDownloads = 0;
  #reductions = 0;

  constructor({ hub, access, store, reduceCopy }: SnapshotDoorOptions) {
    this.#hub = hub;
    this.#access = access;
    this.#store = store;
    this.#reduceCopy = reduceCopy;
    this.#rate = new ShareRate(hub.nowMs());
  }

  /** False when the address is none of this door's. */
  async answer(target: URL, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const [, , room, ...rest] = target.pathname.split('/');
    const answer = this.#findAnswer(room);
    if (answer === undefined || rest.length > 2 || rest.includes('')) return false;
    const verdict = room === 'shared' ? this.#access.checkOrigin(request) : this.#check(request);
    if (!verdict.ok) {
      answerRefusal(response, verdict);
      return true;
    }
    if (this.#store === undefined) {
      const isList = room === 'snapshots' && rest.length === 0 && request.method === 'GET';
      if (isList) answerJson(response, 200, { keepsNone: KEEPS_NONE });
      else answerJson(response, 503, { error: KEEPS_NONE });
      return true;
    }
    try {
      await answer.call(this, this.#store, rest, target, request, response);
    } catch (error) {
      answerFault(this.#hub, 'snapshot', error, response);
    }
    return true;
  }

  #findAnswer(room: string | undefined) {
    switch (room) {
      case 'snapshots':
        return this.#snapshots;
      case 'shares':
        return this.#share;
      case 'shared':
        return this.#shared;
      default:
        return undefined;
    }
  }

  #check(request: IncomingMessage) {
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    return isRead ? this.#access.checkRead(request) : this.#access.checkLive(request);
  }

  async #snapshots(
    store: SnapshotStore,
    [id, part]: string[],
    target: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (id === undefined) {
      switch (request.method) {
        case 'GET':
          return answerJson(response, 200, await this.#list(store, target));
        case 'POST':
          return this.#keep(store, request, response);
        default:
          return answerMethods(response, 'GET, POST');
      }
    }
    switch (part) {
      case undefined:
        return this.#one(store, id, request, response);
      case 'data':
      case 'preview':
        return this.#file(store, id, part, request, response);
      case 'shares':
        return this.#shares(store, id, request, response);
      default:
        return answerJson(response, 404, { error: 'no such resource' });
    }
  }

  async #list(store: SnapshotStore, target: URL): Promise<unknown> {
    const { snapshots, totalBytes, evicted } = await store.list();
    const { maxSnapshots, maxBytes, maxSnapshotBytes, maxAgeMs } = store.bounds;
    return {
      snapshots: findSnapshots(snapshots, readSnapshotSearch(target.searchParams)),
      count: snapshots.length,
      totalBytes,
      maxSnapshots,
      maxBytes,
      maxSnapshotBytes,
      maxAgeMs,
      tags: toTagCounts(snapshots),
      evicted,
    };
  }

  async #keep(store: SnapshotStore, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { snapshot, evicted } = await takeSnapshotUpload(
      request,
      store.bounds.maxSnapshotBytes,
      ({ draft, preview, data }) =>
        store.keep(draft, preview, draft.format === 'stallscope' ? checkWindowFile(data) : data),
    );
    this.#hub.log('snapshot kept', {
      id: snapshot.id,
      bytes: snapshot.bytes,
      address: request.socket.remoteAddress ?? null,
    });
    logEvicted(this.#hub, evicted);
    answerJson(response, 201, { snapshot, evicted });
  }

  async #one(
    store: SnapshotStore,
    id: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    let snapshot: Snapshot | undefined;
    switch (request.method) {
      case 'GET':
        snapshot = await store.find(id);
        break;
      case 'PATCH':
        snapshot = await store.change(id, readSnapshotPatch(await readJsonBody(request, MAX_API_BODY_BYTES)));
        break;
      case 'DELETE':
        if (!(await store.delete(id))) break;
        this.#hub.log('snapshot deleted', { id, address: request.socket.remoteAddress ?? null });
        return answerEmpty(response, 204);
      default:
        return answerMethods(response, 'GET, PATCH, DELETE');
    }
    if (snapshot === undefined) answerJson(response, 404, { error: NO_SNAPSHOT });
    else answerJson(response, 200, { snapshot });
  }

  async #file(
    store: SnapshotStore,
    id: string,
    part: SharePart,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return answerMethods(response, 'GET, HEAD');
    const snapshot = await store.find(id);
    const blob = snapshot === undefined ? undefined : await store.read(id, part);
    if (snapshot === undefined || blob === undefined) {
      const error = snapshot === undefined ? NO_SNAPSHOT : 'this snapshot has no image';
      return answerJson(response, 404, { error });
    }
    if (this.#downloads >= MAX_DOWNLOADS) return answerBusy(response);
    this.#downloads += 1;
    try {
      await answerBlob(
        blob,
        { ...headersOf(part, id, snapshot.format), etag: `${id}-${part}` },
        request,
        response,
      );
    } finally {
      this.#downloads -= 1;
    }
  }

  async #shares(
    store: SnapshotStore,
    id: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (request.method === 'GET') {
      const shares = await store.shares(id);
      if (shares === undefined) answerJson(response, 404, { error: NO_SNAPSHOT });
      else answerJson(response, 200, { shares });
      return;
    }
    if (request.method !== 'POST') return answerMethods(response, 'GET, POST');
    const wanted = readShareRequest(await readJsonBody(request, MAX_API_BODY_BYTES));
    const snapshot = await store.find(id);
    if (snapshot === undefined) return answerJson(response, 404, { error: NO_SNAPSHOT });
    const reduced = isReduced(wanted.reduce) ? await this.#reduce(store, snapshot, wanted.reduce) : null;
    const { share, token } = await store.share(id, wanted, reduced);
    this.#hub.log('link made', {
      id: share.id,
      snapshot: id,
      expiresAtMs: share.expiresAtMs,
      reduced: reduced !== null,
      address: request.socket.remoteAddress ?? null,
    });
    answerJson(response, 201, { share, token });
  }

  async #reduce(
    store: SnapshotStore,
    snapshot: Snapshot,
    reduce: Parameters<ReduceCopy>[2],
  ): Promise<ReducedCopy> {
    if (this.#reductions >= MAX_REDUCTIONS) {
      throw new StoreError(
        'busy',
        `share ${snapshot.id}: other links are being made`,
        'Try again in a moment.',
      );
    }
    this.#reductions += 1;
    try {
      const blob = await store.read(snapshot.id, 'data');
      if (blob === undefined)
        throw new StoreError('unknown', `share ${snapshot.id}: it is not there any more`);
      const parts: Uint8Array[] = [];
      for await (const chunk of blob.chunks) parts.push(chunk);
      return await this.#reduceCopy(toDraft(snapshot), Buffer.concat(parts), reduce);
    } finally {
      this.#reductions -= 1;
    }
  }

  async #share(
    store: SnapshotStore,
    [id, ...more]: string[],
    _: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (id === undefined || more.length > 0) return answerJson(response, 404, { error: 'no such resource' });
    if (request.method !== 'DELETE') return answerMethods(response, 'DELETE');
    if (!(await store.revoke(id))) return answerJson(response, 404, { error: 'there is no such link' });
    this.#hub.log('link revoked', { id, address: request.socket.remoteAddress ?? null });
    answerEmpty(response, 204);
  }

  async #shared(
    store: SnapshotStore,
    [part, ...more]: string[],
    _: URL,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (more.length > 0 || (part !== undefined && part !== 'data' && part !== 'preview')) {
      return answerJson(response, 404, { error: 'no such resource' });
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return answerMethods(response, 'GET, HEAD');
    if (!this.#rate.take(request, this.#hub.nowMs())) {
      response.setHeader('Retry-After', 1);
      return answerJson(response, 429, {
        error: 'too many requests for shared snapshots; try again in a moment',
      });
    }
    const found = await store.findShare(readShareCredential(request));
    if (found.state !== 'live') return answerEnded(response, found.state);
    if (part === undefined) return answerJson(response, 200, { shared: found.shared });
    const blob = await store.readShared(found.shareId, part);
    if (blob === undefined) return answerJson(response, 404, { error: 'this link shows no image' });
    await this.#sharedFile(blob, part, found.shared.format, request, response);
  }

  async #sharedFile(
    blob: Blob,
    part: SharePart,
    format: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (this.#sharedDownloads >= MAX_SHARED_DOWNLOADS) return answerBusy(response);
    this.#sharedDownloads += 1;
    try {
      await answerBlob(blob, headersOf(part, 'shared', format), request, response);
    } catch (error) {
      // It ended between two pieces, or before the first.
      if (!(error instanceof StoreError && error.code === 'unknown')) throw error;
      if (!response.headersSent) answerEnded(response, 'ended');
    } finally {
      this.#sharedDownloads -= 1;
    }
  }
}

/** By id alone: a title is the reader's own words. */
export function logEvicted(hub: Hub, evicted: readonly EvictedSnapshot[]): void {
  for (const { id, reason, bytes, createdAtMs } of evicted) {
    hub.log('snapshot evicted', { id, reason, bytes, ageMs: Math.round(hub.nowMs() - createdAtMs) });
  }
}

const KEEPS_NONE =
  'this hub keeps no snapshots, as it has no directory for them; start it with --data DIR, one that it may write to';
const NO_SNAPSHOT = 'there is no such snapshot; it may have been deleted, or have gone for its age';

function answerEnded(response: ServerResponse, state: 'ended' | 'unknown'): void {
  if (state === 'ended') answerJson(response, 410, { error: 'this link has expired or was revoked' });
  else answerJson(response, 404, { error: 'there is no such link' });
}

function answerBusy(response: ServerResponse): void {
  response.setHeader('Retry-After', 1);
  answerJson(response, 503, { error: 'too many files are being read; try again in a moment' });
}

function headersOf(part: SharePart, id: string, format: string) {
  if (part === 'preview') {
    return { contentType: (first: Uint8Array) => toImageType(first) ?? 'application/octet-stream' };
  }
  return { contentType: () => 'application/octet-stream', fileName: `${id}.${format}` };
}

function toDraft(snapshot: Snapshot) {
  const { id, createdAtMs, pinned, bytes, previewBytes, shares, ...draft } = snapshot;
  return draft;
}

/** What calls itself a window file begins as one: a broken upload is told to who made it, not to who opens it. */
async function* checkWindowFile(data: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let isFirst = true;
  for await (const piece of data) {
    if (isFirst && !isWindowFileStart(piece)) {
      throw new BodyError(400, 'the file of the snapshot is no window file: it does not start with STALLWIN');
    }
    isFirst = false;
    yield piece;
  }
}
