/**
 * Owns what a request for a shared snapshot brings: the token of a link, in a header where no log and no referrer has it,
 * and how often one may try.
 */
import type { IncomingMessage } from 'node:http';
import {
  ALL_SHARED_REQUESTS_A_SECOND,
  ALL_SHARED_REQUESTS_BURST,
  MAX_COUNTED_ADDRESSES,
  SHARED_REQUESTS_A_SECOND,
  SHARED_REQUESTS_BURST,
} from './limits.js';
import { RateLimit } from './rate-limit.js';

/** `Authorization: Share TOKEN`; '' for none, which no link has. */
export function readShareCredential(request: IncomingMessage): string {
  return /^Share +([\w.-]{1,128})$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
}

export class ShareRate {
  readonly #all: RateLimit;
  /** In order of the last request. */
  readonly #byAddress = new Map<string, RateLimit>();

  constructor(nowMs: number) {
    this.#all = new RateLimit(ALL_SHARED_REQUESTS_A_SECOND, ALL_SHARED_REQUESTS_BURST, nowMs);
  }

  /** False when this request is too many. */
  take(request: IncomingMessage, nowMs: number): boolean {
    const address = request.socket.remoteAddress ?? '';
    const limit =
      this.#byAddress.get(address) ?? new RateLimit(SHARED_REQUESTS_A_SECOND, SHARED_REQUESTS_BURST, nowMs);
    this.#byAddress.delete(address);
    this.#byAddress.set(address, limit);
    if (this.#byAddress.size > MAX_COUNTED_ADDRESSES) {
      for (const oldest of this.#byAddress.keys()) {
        this.#byAddress.delete(oldest);
        break;
      }
    }
    return limit.take(nowMs) && this.#all.take(nowMs);
  }
}
