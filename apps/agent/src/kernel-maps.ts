/**
 * Owns reading and clearing the probe's content maps (stacks, links, chains).
 * Entries are put there by captures and never removed by the kernel, so the agent empties a map that is three quarters
 * full. That is safe at any moment: an id is a hash of the content, the next capture of the same content puts it back,
 * and what rows of the running window or sleeping tasks still point at is found in what was taken out last.
 */
import type { BpfMap } from '@stallscope/libbpf';
import { STACK } from './sched-layout.generated.js';
import {
  type KernelId,
  type RawChain,
  type RawLink,
  readChain,
  readLink,
  readStack,
} from './sched-records.js';
import type { KernelTables } from './stack-resolver.js';

/** Share of a map's entries in use at which it is cleared. */
const CLEAR_AT_SHARE = 0.75;

/** Bytes that a map's entries are packed into at first; grows by doubling. */
const FIRST_PACKED_BYTES = 64 * 1024;

class ContentMap<Content> {
  readonly #map: BpfMap;
  readonly #decode: (value: Uint8Array) => Content;
  /** How much of a value says something: most stacks are a fraction of the room that there is for one. */
  readonly #usedBytes: (value: Uint8Array) => number;
  readonly #key = new Uint8Array(8);
  readonly #keyView = new DataView(this.#key.buffer);
  /** Entries deleted by the agent; the kernel counts those inserted. */
  #deleted = 0;
  /** What the last clearing took out: at most one map's worth, replaced by the next. */
  #retired = new Uint8Array(0);
  /** Where in #retired each begins. */
  #retiredPlaces = new Map<KernelId, number>();

  constructor(
    map: BpfMap,
    decode: (value: Uint8Array) => Content,
    usedBytes: (value: Uint8Array) => number = (value) => value.length,
  ) {
    this.#map = map;
    this.#decode = decode;
    this.#usedBytes = usedBytes;
  }

  read(id: KernelId): Content | undefined {
    this.#keyView.setBigUint64(0, id, true);
    const value = this.#map.lookup(this.#key);
    if (value !== undefined) return this.#decode(value);
    const place = this.#retiredPlaces.get(id);
    if (place === undefined) return undefined;
    const whole = new Uint8Array(this.#map.userValueBytes);
    const packed = this.#retired.subarray(place, place + whole.length);
    whole.set(packed.subarray(0, this.#usedBytes(packed)));
    return this.#decode(whole);
  }

  /** Empties the map when it is nearly full. @param inserted entries that the kernel ever put in */
  clearIfNearlyFull(inserted: number): void {
    if (inserted - this.#deleted < this.#map.maxEntries * CLEAR_AT_SHARE) return;
    const places = new Map<KernelId, number>();
    let packed = new Uint8Array(FIRST_PACKED_BYTES);
    let length = 0;
    const { userValueBytes } = this.#map;
    this.#deleted += this.#map.drainInPieces(({ count, keys, values }) => {
      const ids = new DataView(keys.buffer, keys.byteOffset, keys.byteLength);
      for (let i = 0; i < count; i++) {
        const value = values.subarray(i * userValueBytes, (i + 1) * userValueBytes);
        const used = this.#usedBytes(value);
        if (length + used > packed.length) {
          const larger = new Uint8Array(2 * packed.length + used);
          larger.set(packed);
          packed = larger;
        }
        packed.set(value.subarray(0, used), length);
        places.set(ids.getBigUint64(8 * i, true), length);
        length += used;
      }
    });
    this.#retired = packed.slice(0, length);
    this.#retiredPlaces = places;
  }
}

function stackBytes(value: Uint8Array): number {
  const depth = new DataView(value.buffer, value.byteOffset, value.byteLength).getUint32(STACK.depth, true);
  return Math.min(STACK.size, STACK.frames + 8 * depth);
}

export class KernelMaps implements KernelTables {
  readonly #stacks: ContentMap<BigUint64Array>;
  readonly #links: ContentMap<RawLink>;
  readonly #chains: ContentMap<RawChain>;

  constructor(stacks: BpfMap, links: BpfMap, chains: BpfMap) {
    this.#stacks = new ContentMap(stacks, readStack, stackBytes);
    this.#links = new ContentMap(links, readLink);
    this.#chains = new ContentMap(chains, readChain);
  }

  stack(id: KernelId): BigUint64Array | undefined {
    return this.#stacks.read(id);
  }

  link(id: KernelId): RawLink | undefined {
    return this.#links.read(id);
  }

  chain(id: KernelId): RawChain | undefined {
    return this.#chains.read(id);
  }

  /** Call when everything of a window has been resolved. */
  clearNearlyFull(inserted: { stacks: number; links: number; chains: number }): void {
    this.#stacks.clearIfNearlyFull(inserted.stacks);
    this.#links.clearIfNearlyFull(inserted.links);
    this.#chains.clearIfNearlyFull(inserted.chains);
  }
}
