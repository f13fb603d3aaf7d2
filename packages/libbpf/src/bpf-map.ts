/**
 * Owns one map of the kernel as a handle: single entries, whole-map batches, per-CPU values.
 * Invariant: every key and value that goes down is as long as the kernel will read or write; anything else throws first.
 * A map of an object closes with it (`close` on it does nothing); one made by `BpfMap.create` closes by itself.
 *
 * Values of per-CPU maps are one slot a possible CPU, each padded to 8 bytes:
 *
 *     value 12 bytes, 2 CPUs:   [cpu0 · 12][pad 4][cpu1 · 12][pad 4]     userValueBytes = 32
 */
import { closeSync } from 'node:fs';
import { type Batch, BatchBuffer } from './batch-buffer.js';
import { assertSucceeded, BpfError, bpfErrorOfErrno } from './bpf-error.js';
import { EINVAL, ENOENT, ENOSPC, ENOTSUPP } from './errno.js';
import { isPerCpu, MAP_TYPES, type MapType, userValueBytes } from './map-types.js';
import { type BatchCall, duplicateFd, native } from './native.js';
import { readMapInfo } from './program-info.js';

/** Bytes as they lie in memory; a number stands for a 4-byte key, as those of arrays are. */
export type MapKey = Uint8Array | number;
/** Bytes as they lie in memory; a map stands for itself in a map of maps. */
export type MapValue = Uint8Array | BpfMap;

/** `any`: create or replace. */
export type UpdateMode = 'any' | 'create' | 'replace';
const UPDATE_FLAGS: Record<UpdateMode, number> = { any: 0, create: 1, replace: 2 };

type BatchOperation = 'read' | 'drain' | 'delete from';

export interface MapShape {
  name: string;
  /** Number of linux/bpf.h. */
  type: number;
  keyBytes: number;
  valueBytes: number;
  maxEntries: number;
  flags: number;
}

export interface MapCreation {
  type: MapType;
  /** Up to 15 characters of letters, digits, `_` and `.`. */
  name: string;
  keyBytes: number;
  valueBytes: number;
  maxEntries: number;
  /** MAP_FLAGS, or-ed. */
  flags?: number;
}

/** Entries asked for in one call to begin with; a bucket with more makes the call fail and the batch double. */
const FIRST_BATCH_ENTRIES = 1024;
/** The kernel reads or writes a batch position of 4 bytes, or a key for some map types. */
const MIN_BATCH_POSITION_BYTES = 8;
/**
 * A pass visits each bucket once, but buckets refill while it runs: more than this many times max_entries is no pass but a
 * race that cannot be won, and memory has to be bounded.
 */
const MAX_PASS_FACTOR = 4;
const MAX_NAME_CHARS = 15;
const VALID_NAME = /^[A-Za-z0-9_.]+$/;
const CREATE_OPTS_BYTES = 48;
const CREATE_OPTS_FLAGS_AT = 28;

let possibleCpus: number | undefined;

/** CPUs that could come online: the number of slots of a per-CPU value. */
export function possibleCpuCount(): number {
  possibleCpus ??= assertSucceeded('count', 'possible CPUs', native().libbpf.libbpf_num_possible_cpus());
  return possibleCpus;
}

export class BpfMap {
  readonly name: string;
  readonly type: number;
  readonly keyBytes: number;
  /** Of one value as BPF code sees it. */
  readonly valueBytes: number;
  /** Of one value as read and written here: more than `valueBytes` for per-CPU maps. */
  readonly userValueBytes: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly isPerCpu: boolean;
  /** Entries that one call of a batch asks for; grows by itself where a bucket of a hash holds more. */
  batchEntries: number;
  readonly #fd: number;
  readonly #isClosed: () => boolean;
  readonly #owned: boolean;
  #closed = false;
  #buffer: BatchBuffer | undefined;
  /** Operations that this kernel has no batch for with this type of map. */
  readonly #unsupported = new Set<BatchOperation>();

  /** Use `BpfObject.map` or `BpfMap.create`. `owner` says when the object that holds the descriptor has closed. */
  constructor(shape: MapShape, fd: number, owner: (() => boolean) | undefined) {
    this.name = shape.name;
    this.type = shape.type;
    this.keyBytes = shape.keyBytes;
    this.valueBytes = shape.valueBytes;
    this.maxEntries = shape.maxEntries;
    this.flags = shape.flags;
    this.isPerCpu = isPerCpu(shape.type);
    this.userValueBytes = this.isPerCpu
      ? userValueBytes(shape.type, shape.valueBytes, possibleCpuCount())
      : shape.valueBytes;
    this.#fd = fd;
    this.batchEntries = Math.max(1, Math.min(FIRST_BATCH_ENTRIES, shape.maxEntries));
    this.#owned = owner === undefined;
    this.#isClosed = owner ?? (() => this.#closed);
  }

  /** A map of no object, for example an inner map. Close it when its outer map has it, or when done. */
  static create(creation: MapCreation): BpfMap {
    const { name, flags = 0, keyBytes, valueBytes, maxEntries } = creation;
    if (name.length > MAX_NAME_CHARS || !VALID_NAME.test(name)) {
      throw new BpfError({
        operation: 'create',
        subject: `map ${name}`,
        cause: `the kernel takes names of 1 to ${MAX_NAME_CHARS} letters, digits, _ and .`,
      });
    }
    const opts = Buffer.alloc(CREATE_OPTS_BYTES);
    opts.writeBigUInt64LE(BigInt(CREATE_OPTS_BYTES), 0);
    opts.writeUInt32LE(flags, CREATE_OPTS_FLAGS_AT);
    const type = MAP_TYPES[creation.type];
    const fd = assertSucceeded(
      'create',
      `map ${name}`,
      native().libbpf.bpf_map_create(type, name, keyBytes, valueBytes, maxEntries, opts),
    );
    return new BpfMap({ name, type, keyBytes, valueBytes, maxEntries, flags }, fd, undefined);
  }

  /** A map that any process has loaded, by the kernel's id of it: see `listMaps`. Close it when done. Needs CAP_SYS_ADMIN. */
  static openById(id: number): BpfMap {
    const fd = assertSucceeded('open', `map with id ${id}`, native().libbpf.bpf_map_get_fd_by_id(id));
    const shape = readMapInfo(fd);
    return new BpfMap(shape, fd, undefined);
  }

  /** @throws BpfError when closed. */
  get fd(): number {
    if (this.#isClosed()) {
      throw new BpfError({ operation: 'use', subject: `map ${this.name}`, cause: 'it is closed' });
    }
    return this.#fd;
  }

  /** A fresh copy of the value, or undefined when there is no such key. */
  lookup(key: MapKey): Uint8Array | undefined {
    const value = new Uint8Array(this.userValueBytes);
    const result = native().libbpf.bpf_map_lookup_elem(this.fd, this.#keyBytesOf(key), value);
    if (result === -ENOENT) return undefined;
    this.#assert('look up', result);
    return value;
  }

  lookupAndDelete(key: MapKey): Uint8Array | undefined {
    const value = new Uint8Array(this.userValueBytes);
    const result = native().libbpf.bpf_map_lookup_and_delete_elem(this.fd, this.#keyBytesOf(key), value);
    if (result === -ENOENT) return undefined;
    this.#assert('look up and delete', result);
    return value;
  }

  update(key: MapKey, value: MapValue, mode: UpdateMode = 'any'): void {
    const flags = UPDATE_FLAGS[mode];
    this.#assert(
      'update',
      native().libbpf.bpf_map_update_elem(this.fd, this.#keyBytesOf(key), this.#valueBytesOf(value), flags),
    );
  }

  /**
   * As `update`, on a worker thread. Replacing an inner map of a map of maps waits in the kernel until every program that
   * may still use the old one has ended (an RCU grace period, tens of milliseconds): when the promise settles, none does.
   * Works on a descriptor of its own, so closing the map meanwhile is safe.
   */
  updateAsync(key: MapKey, value: MapValue, mode: UpdateMode = 'any'): Promise<void> {
    const keyBytes = this.#keyBytesOf(key);
    let valueBytes = this.#valueBytesOf(value);
    const fd = this.#assert('duplicate', duplicateFd(this.fd));
    let innerFd: number | undefined;
    if (value instanceof BpfMap) {
      const copy = duplicateFd(value.fd);
      if (copy < 0) {
        closeSync(fd);
        throw bpfErrorOfErrno('duplicate', `map ${value.name}`, copy);
      }
      innerFd = copy;
      valueBytes = fdBytes(copy);
    }
    return new Promise((resolve, reject) => {
      const done = (error: Error | null, result: number): void => {
        closeSync(fd);
        if (innerFd !== undefined) closeSync(innerFd);
        if (error !== null) reject(error);
        else if (result < 0) reject(bpfErrorOfErrno('update', this.#subject, result));
        else resolve();
      };
      try {
        // The closure above holds neither array: name them in it so that they outlive the call.
        native().libbpf.bpf_map_update_elem.async(
          fd,
          keyBytes,
          valueBytes,
          UPDATE_FLAGS[mode],
          (error, result) => {
            retain(keyBytes, valueBytes);
            done(error, result);
          },
        );
      } catch (error) {
        done(error instanceof Error ? error : new Error(String(error)), 0);
      }
    });
  }

  /** False when there was no such key. */
  delete(key: MapKey): boolean {
    const result = native().libbpf.bpf_map_delete_elem(this.fd, this.#keyBytesOf(key));
    if (result === -ENOENT) return false;
    this.#assert('delete from', result);
    return true;
  }

  /** `keys` packed. Keys that are not there are passed over. Returns how many were deleted. */
  deleteBatch(keys: Uint8Array): number {
    const total = keys.length / this.keyBytes;
    if (!Number.isInteger(total))
      throw this.#sizeError('keys', `a multiple of ${this.keyBytes}`, keys.length);
    let deleted = 0;
    let at = 0;
    while (at < total) {
      if (this.#unsupported.has('delete from')) {
        if (this.delete(keys.subarray(at * this.keyBytes, (at + 1) * this.keyBytes))) deleted++;
        at++;
        continue;
      }
      const count = Uint32Array.of(total - at);
      const result = native().libbpf.bpf_map_delete_batch(
        this.fd,
        keys.subarray(at * this.keyBytes),
        count,
        null,
      );
      if (isUnsupported(result)) {
        this.#unsupported.add('delete from');
        continue;
      }
      deleted += count[0]!;
      at += count[0]!;
      // The kernel stops at a missing key: step over it.
      if (result === -ENOENT) at++;
      else this.#assert('delete from', result);
    }
    return deleted;
  }

  /** All entries, in one pass. What `buffer` held before is gone; without one, the map keeps its own. */
  lookupBatch(buffer?: BatchBuffer): Batch {
    return this.#pass('read', native().libbpf.bpf_map_lookup_batch, false, buffer);
  }

  /**
   * All entries, taken out in one pass: each is read and deleted in one step, so that no update between the two is lost
   * as long as no program holds on to a value that it looked up before. What programs add behind the pass stays.
   */
  lookupAndDeleteBatch(buffer?: BatchBuffer): Batch {
    return this.#pass('drain', native().libbpf.bpf_map_lookup_and_delete_batch, true, buffer);
  }

  /**
   * As `lookupAndDeleteBatch`, a piece at a time: for maps whose whole content is larger than should be held at once.
   * What `visit` is given is valid until it returns. Returns how many entries were taken out.
   */
  drainInPieces(visit: (piece: Batch) => void, buffer = new BatchBuffer()): number {
    let drained = 0;
    this.#pass('drain', native().libbpf.bpf_map_lookup_and_delete_batch, true, buffer, (piece) => {
      drained += piece.count;
      visit(piece);
    });
    return drained;
  }

  /** Of a map made by `create`; idempotent. A map of an object closes with the object. */
  close(): void {
    if (!this.#owned || this.#closed) return;
    this.#closed = true;
    closeSync(this.#fd);
  }

  #pass(
    operation: BatchOperation,
    call: BatchCall,
    takesOut: boolean,
    given: BatchBuffer | undefined,
    /** Called with each piece, in place of all at the end. */
    visit?: (piece: Batch) => void,
  ): Batch {
    if (given === undefined) this.#buffer ??= new BatchBuffer();
    const buffer = given ?? this.#buffer!;
    const oneByOne = (): Batch => {
      const all = this.#passOneByOne(operation, takesOut, buffer);
      visit?.(all);
      return all;
    };
    if (this.#unsupported.has(operation)) return oneByOne();
    const { keyBytes, userValueBytes: valueBytes } = this;
    const count = new Uint32Array(1);
    const positionBytes = Math.max(keyBytes, MIN_BATCH_POSITION_BYTES);
    let position: Uint8Array<ArrayBuffer> | null = null;
    let nextPosition = new Uint8Array(positionBytes);
    /** Entries in the buffer, and those that `visit` has had. */
    let total = 0;
    let visited = 0;
    for (;;) {
      this.#assertPassBound(operation, visited + total);
      buffer.reserve(total + this.batchEntries, keyBytes, valueBytes);
      count[0] = this.batchEntries;
      const keys = buffer.keysFrom(total * keyBytes);
      const values = buffer.valuesFrom(total * valueBytes);
      const result = call(this.fd, position, nextPosition, keys, values, count, null);
      if (result === -ENOSPC) {
        // One bucket holds more than a whole batch: nothing was taken; ask for more from the same place.
        this.batchEntries *= 2;
        this.#assertPassBound(operation, this.batchEntries / 2);
        continue;
      }
      if (total === 0 && position === null && isUnsupported(result)) {
        this.#unsupported.add(operation);
        return oneByOne();
      }
      if (result < 0 && result !== -ENOENT) this.#assert(operation, result);
      total += count[0]!;
      if (visit !== undefined && total > 0) {
        visit(buffer.batch(total, keyBytes, valueBytes));
        visited += total;
        total = 0;
      }
      if (result === -ENOENT) return buffer.batch(total, keyBytes, valueBytes);
      const free: Uint8Array<ArrayBuffer> = position ?? new Uint8Array(positionBytes);
      position = nextPosition;
      nextPosition = free;
    }
  }

  /** For map types without batches. */
  #passOneByOne(operation: BatchOperation, takesOut: boolean, buffer: BatchBuffer): Batch {
    const { libbpf } = native();
    const { keyBytes, userValueBytes: valueBytes } = this;
    let total = 0;
    let previous: Uint8Array | null = null;
    for (;;) {
      this.#assertPassBound(operation, total);
      buffer.reserve(total + 1, keyBytes, valueBytes);
      const key = buffer.keysFrom(total * keyBytes).subarray(0, keyBytes);
      const next = libbpf.bpf_map_get_next_key(this.fd, previous, key);
      if (next === -ENOENT) return buffer.batch(total, keyBytes, valueBytes);
      this.#assert(operation, next);
      const value = buffer.valuesFrom(total * valueBytes).subarray(0, valueBytes);
      const found = libbpf.bpf_map_lookup_elem(this.fd, key, value);
      if (found < 0 && found !== -ENOENT) this.#assert(operation, found);
      if (takesOut) {
        const deleted = libbpf.bpf_map_delete_elem(this.fd, key);
        if (deleted < 0 && deleted !== -ENOENT) this.#assert(operation, deleted);
        // The entry to go on from is gone: begin again, what was before it is gone too.
        previous = null;
      } else {
        previous = key.slice();
      }
      if (found >= 0) total++;
    }
  }

  #assertPassBound(operation: string, total: number): void {
    if (total <= MAX_PASS_FACTOR * Math.max(this.maxEntries, FIRST_BATCH_ENTRIES)) return;
    throw new BpfError({
      operation,
      subject: this.#subject,
      cause: `one pass met ${total} entries in a map of ${this.maxEntries}: programs fill it as fast as it is read`,
    });
  }

  get #subject(): string {
    return `map ${this.name}`;
  }

  #assert(operation: string, result: number): number {
    return assertSucceeded(operation, this.#subject, result);
  }

  #keyBytesOf(key: MapKey): Uint8Array {
    if (typeof key === 'number') {
      if (this.keyBytes !== 4) throw this.#sizeError('key', `${this.keyBytes}`, 4);
      return new Uint8Array(Uint32Array.of(key).buffer);
    }
    if (key.length !== this.keyBytes) throw this.#sizeError('key', `${this.keyBytes}`, key.length);
    return key;
  }

  #valueBytesOf(value: MapValue): Uint8Array {
    const bytes = value instanceof BpfMap ? fdBytes(value.fd) : value;
    if (bytes.length !== this.userValueBytes)
      throw this.#sizeError('value', `${this.userValueBytes}`, bytes.length);
    return bytes;
  }

  #sizeError(what: string, expected: string, bytes: number): BpfError {
    const perCpu =
      this.isPerCpu && what === 'value' ? ` (one slot for each of ${possibleCpuCount()} CPUs)` : '';
    return new BpfError({
      operation: 'use',
      subject: this.#subject,
      cause: `its ${what} takes ${expected} bytes${perCpu}, not ${bytes}`,
    });
  }
}

/** EINVAL is what kernels before a map type had batches answer. */
function isUnsupported(result: number): boolean {
  return result === -ENOTSUPP || result === -EINVAL;
}

function fdBytes(fd: number): Uint8Array {
  return new Uint8Array(Int32Array.of(fd).buffer);
}

/** Keeps its arguments reachable up to this call. */
function retain(..._values: readonly Uint8Array[]): void {}
