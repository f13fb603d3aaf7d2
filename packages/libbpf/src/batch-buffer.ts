/**
 * Owns the memory that batch reads fill: packed keys and values that grow and are kept from one read to the next.
 * A map that is drained every window then allocates only while it sets a new record.
 *
 *     3 entries, 4-byte keys, 8-byte values:   keys [k0 k1 k2 ····]   values [v0 v1 v2 ····]
 */
export interface Batch {
  count: number;
  /** `count` keys; valid until the buffer is used again. */
  keys: Uint8Array;
  /** `count` values, each `BpfMap.userValueBytes` long; valid until the buffer is used again. */
  values: Uint8Array;
}

export class BatchBuffer {
  #keys = new Uint8Array(0);
  #values = new Uint8Array(0);

  /** Room for `count` entries, what is there kept. */
  reserve(count: number, keyBytes: number, valueBytes: number): void {
    this.#keys = grown(this.#keys, count * keyBytes);
    this.#values = grown(this.#values, count * valueBytes);
  }

  keysFrom(offsetBytes: number): Uint8Array {
    return this.#keys.subarray(offsetBytes);
  }

  valuesFrom(offsetBytes: number): Uint8Array {
    return this.#values.subarray(offsetBytes);
  }

  batch(count: number, keyBytes: number, valueBytes: number): Batch {
    return {
      count,
      keys: this.#keys.subarray(0, count * keyBytes),
      values: this.#values.subarray(0, count * valueBytes),
    };
  }

  get allocatedBytes(): number {
    return this.#keys.length + this.#values.length;
  }
}

function grown(bytes: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> {
  if (bytes.length >= needed) return bytes;
  const larger = new Uint8Array(Math.max(needed, 2 * bytes.length));
  larger.set(bytes);
  return larger;
}
