/**
 * Owns one stream of a host's windows over a connection: what it is asked for, the dictionary that its frames are written
 * against, and how far it is behind. Where the windows go is the holder's.
 *
 *     watch ──→ watching {windows: 200} ──→ dictionary, window, window … ──→ ended
 */

import type { ProfileTables } from '@stallscope/profile';
import {
  type BrowserToHub,
  DictionaryReader,
  FRAME_TYPES,
  type HostSummary,
  type HubToBrowser,
  readFrameHeader,
} from '@stallscope/protocol';
import { CatchUp } from './catch-up';
import type { WatchState } from './live-messages';
import type { Epoch, ShelvedWindow } from './window-shelf';

/** What holds the windows of a stream. */
export interface WindowHolder {
  readonly newest: ShelvedWindow | undefined;
  newEpoch(tables: ProfileTables): Epoch;
  /** False when it is held already, as after a reconnect. Throws ProtocolError. */
  add(bytes: Uint8Array, epoch: Epoch): boolean;
}

export class HostStream {
  readonly hostId: string;
  readonly stream: number;
  readonly #held: WindowHolder;
  readonly #catchUp = new CatchUp();
  #reader = new DictionaryReader();
  #epoch: Epoch;
  #state: WatchState;

  constructor(hostId: string, stream: number, held: WindowHolder) {
    this.hostId = hostId;
    this.stream = stream;
    this.#held = held;
    this.#epoch = held.newEpoch(this.#reader.tables);
    this.#state = held.newest ? { state: 'receiving' } : { state: 'waiting' };
  }

  get state(): WatchState {
    return this.#state;
  }

  /**
   * What asks the hub for it: windows that are held already are not sent again.
   * @param fromMs windows that ended before are not wanted, ms of the host's clock; absent: all that the hub keeps
   */
  toWatch(fromMs?: number): Extract<BrowserToHub, { type: 'watch' }> {
    const sinceMs = this.#held.newest?.endMs ?? fromMs;
    return {
      type: 'watch',
      stream: this.stream,
      host: this.hostId,
      ...(sinceMs === undefined ? {} : { sinceMs }),
    };
  }

  /** Of a message about this stream. @returns windows that were merged into the next, where it says so */
  receive(message: Extract<HubToBrowser, { stream: number }>): number {
    switch (message.type) {
      case 'watching':
        this.#catchUp.begin(message.windows);
        return 0;
      case 'coalesced':
        this.#catchUp.coalesce(message.windows);
        return message.windows;
      case 'ended':
        this.#state = { state: 'ended', reason: message.reason };
        return 0;
    }
  }

  /**
   * Of a frame of this stream. Throws ProtocolError.
   * @returns whether a window came that was not held
   */
  receiveFrame(bytes: Uint8Array, hosts: readonly HostSummary[]): boolean {
    switch (readFrameHeader(bytes).type) {
      case FRAME_TYPES.dictionaryReset:
        this.#reader = new DictionaryReader();
        this.#epoch = this.#held.newEpoch(this.#reader.tables);
        return false;
      case FRAME_TYPES.dictionaryDelta:
        this.#reader.apply(bytes);
        return false;
      case FRAME_TYPES.window: {
        const isNew = this.#held.add(bytes, this.#epoch);
        this.#catchUp.receive(this.#held.newest?.endMs ?? null, this.#lastWindowEndMs(hosts));
        if (isNew) this.#state = { state: 'receiving' };
        return isNew;
      }
      default:
        return false;
    }
  }

  /** How far the newest window held is behind the hub's newest, ms, while older ones still come; null when caught up. */
  behindMs(hosts: readonly HostSummary[]): number | null {
    if (this.#state.state === 'ended') return null;
    return this.#catchUp.behindMs(this.#held.newest?.endMs ?? null, this.#lastWindowEndMs(hosts));
  }

  /** The holder's tables were made anew: windows to come are added with what took the old epoch's place. */
  rebuilt(epochs: ReadonlyMap<Epoch, Epoch>): void {
    this.#epoch = epochs.get(this.#epoch) ?? this.#held.newEpoch(this.#reader.tables);
  }

  /** Of the newest window that the hub has told of. */
  #lastWindowEndMs(hosts: readonly HostSummary[]): number | null {
    return hosts.find(({ host }) => host.id === this.hostId)?.lastWindowEndMs ?? null;
  }
}
