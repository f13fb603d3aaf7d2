/**
 * Owns reading and clearing the probe's content maps (stacks, links, chains).
 * Entries are put there by captures and never removed by the kernel, so the agent empties a map that is three quarters
 * full. That is safe at any moment: an id is a hash of the content, the next capture of the same content puts it back,
 * and what rows of the running window or sleeping tasks still point at is found in what was taken out last.
 */
import type { Batch, BpfMap } from '@stallscope/libbpf';
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

class ContentMap<Content> {
  readonly #map: BpfMap;
  readonly #decode: (value: Uint8Array) => Content;
  readonly #key = new Uint8Array(8);
  readonly #keyView = new DataView(this.#key.buffer);
  /** Entries deleted by the agent; the kernel counts those inserted. */
  #deleted = 0;
  /** What the last clearing took out: at most one map's worth, replaced by the next. */
  #retired: Batch = { count: 0, keys: new Uint8Array(0), values: new Uint8Array(0) };
  #retiredPlaces = new Map<KernelId, number>();

  constructor(map: BpfMap, decode: (value: Uint8Array) => Content) {
    this.#map = map;
    this.#decode = decode;
  }

  read(id: KernelId): Content | undefined {
    this.#keyView.setBigUint64(0, id, true);
    const value = this.#map.lookup(this.#key);
    if (value !== undefined) return this.#decode(value);
    const place = this.#retiredPlaces.get(id);
    if (place === undefined) return undefined;
    const { userValueBytes } = this.#map;
    return this.#decode(this.#retired.values.subarray(place * userValueBytes, (place + 1) * userValueBytes));
  }

  /** Empties the map when it is nearly full. @param inserted entries that the kernel ever put in */
  clearIfNearlyFull(inserted: number): void {
    if (inserted - this.#deleted < this.#map.maxEntries * CLEAR_AT_SHARE) return;
    this.#retired = this.#map.lookupAndDeleteBatch();
    this.#deleted += this.#retired.count;
    this.#retiredPlaces = new Map();
    const keys = new DataView(this.#retired.keys.buffer, this.#retired.keys.byteOffset);
    for (let i = 0; i < this.#retired.count; i++) this.#retiredPlaces.set(keys.getBigUint64(8 * i, true), i);
  }
}

export class KernelMaps implements KernelTables {
  readonly #stacks: ContentMap<BigUint64Array>;
  readonly #links: ContentMap<RawLink>;
  readonly #chains: ContentMap<RawChain>;

  constructor(stacks: BpfMap, links: BpfMap, chains: BpfMap) {
    this.#stacks = new ContentMap(stacks, readStack);
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
