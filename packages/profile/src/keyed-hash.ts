/**
 * Owns SipHash-2-4: a keyed hash of short texts whose values tell nothing of them to who lacks the key (Aumasson and
 * Bernstein, 2012). Here rather than from the platform, because hub and browser must hash alike and without waiting.
 */

/** Bytes of a key. */
export const HASH_KEY_BYTES = 16;

/** Of the text's UTF-16 code units, as 16 hexadecimal digits. @throws RangeError as `sipHash`. */
export function keyedHash(key: Uint8Array, text: string): string {
  const bytes = new Uint8Array(text.length * 2);
  for (let at = 0; at < text.length; at++) {
    bytes[at * 2] = text.charCodeAt(at) & 0xff;
    bytes[at * 2 + 1] = text.charCodeAt(at) >> 8;
  }
  return sipHash(key, bytes).toString(16).padStart(16, '0');
}

/** 64 bits. @throws RangeError for a key that is not `HASH_KEY_BYTES` long. */
export function sipHash(key: Uint8Array, bytes: Uint8Array): bigint {
  if (key.length !== HASH_KEY_BYTES) {
    throw new RangeError(`hash with a key: it has ${key.length} bytes and needs ${HASH_KEY_BYTES}`);
  }
  const keyWords = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const k0 = keyWords.getBigUint64(0, true);
  const k1 = keyWords.getBigUint64(8, true);
  // Whole words of eight bytes; the last one holds what is left and, on top, the length.
  const padded = new Uint8Array((Math.floor(bytes.length / 8) + 1) * 8);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length & 0xff;
  const words = new DataView(padded.buffer);
  const state: State = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  for (let at = 0; at < padded.length; at += 8) {
    const word = words.getBigUint64(at, true);
    state[3] ^= word;
    mix(state, 2);
    state[0] ^= word;
  }
  state[2] ^= 0xffn;
  mix(state, 4);
  return state[0] ^ state[1] ^ state[2] ^ state[3];
}

type State = [bigint, bigint, bigint, bigint];

function mix(state: State, rounds: number): void {
  let [v0, v1, v2, v3] = state;
  for (let round = 0; round < rounds; round++) {
    v0 = word(v0 + v1);
    v1 = rotated(v1, 13n) ^ v0;
    v0 = rotated(v0, 32n);
    v2 = word(v2 + v3);
    v3 = rotated(v3, 16n) ^ v2;
    v0 = word(v0 + v3);
    v3 = rotated(v3, 21n) ^ v0;
    v2 = word(v2 + v1);
    v1 = rotated(v1, 17n) ^ v2;
    v2 = rotated(v2, 32n);
  }
  state[0] = v0;
  state[1] = v1;
  state[2] = v2;
  state[3] = v3;
}

function word(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function rotated(value: bigint, bits: bigint): bigint {
  return word((value << bits) | (value >> (64n - bits)));
}
