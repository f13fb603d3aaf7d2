/**
 * Owns bytes ↔ numbers. A reader never reads past its end and never returns a number that is not exact;
 * a writer never grows past its bound.
 *
 * varint: 7 bits a byte, lowest first, shortest form only, below 2^53.   300 = ac 02
 * signed: zigzag over varint, |value| ≤ 2^52.                            -1 = 01, 1 = 02
 * f64: little endian, finite.
 */
import { MAX_FRAME_BYTES } from './limits.js';
import { ProtocolError } from './protocol-error.js';

/** Eight groups of seven bits reach past 2^53; a ninth can only be a lie. */
const MAX_VARINT_BYTES = 8;

const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const textEncoder = new TextEncoder();

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  u8(subject: string): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new ProtocolError('truncated', `${subject}: the frame ends before it`);
    this.#at += 1;
    return byte;
  }

  varint(subject: string): number {
    let value = 0;
    let scale = 1;
    for (let taken = 0; taken < MAX_VARINT_BYTES; taken++) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw new ProtocolError('truncated', `${subject}: the frame ends inside it`);
      this.#at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (byte === 0 && taken > 0) {
          throw new ProtocolError('bad-number', `${subject}: not in its shortest form`);
        }
        if (value > Number.MAX_SAFE_INTEGER) break;
        return value;
      }
      scale *= 0x80;
    }
    throw new ProtocolError('bad-number', `${subject}: not below 2^53`);
  }

  signed(subject: string): number {
    const zigzag = this.varint(subject);
    return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
  }

  f64(subject: string): number {
    if (this.remaining < 8) throw new ProtocolError('truncated', `${subject}: the frame ends inside it`);
    const value = this.#view.getFloat64(this.#at, true);
    if (!Number.isFinite(value)) throw new ProtocolError('bad-number', `${subject}: not a finite number`);
    this.#at += 8;
    return value;
  }

  /**
   * A count of things that take at least `bytesEach` (0: none) bytes each, so that what is allocated for them
   * is in proportion to what was sent.
   */
  count(subject: string, maximum: number, bytesEach: number): number {
    const count = this.varint(subject);
    if (count > maximum) {
      throw new ProtocolError('oversized', `${subject}: ${count}, the maximum is ${maximum}`);
    }
    if (count * bytesEach > this.remaining) {
      throw new ProtocolError('truncated', `${subject}: ${count} do not fit in ${this.remaining} bytes`);
    }
    return count;
  }

  /** A copy would outlive the frame for no use: the result is a view of it. */
  take(length: number, subject: string): Uint8Array {
    if (length > this.remaining) {
      throw new ProtocolError('truncated', `${subject}: ${length} bytes, ${this.remaining} remain`);
    }
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  text(subject: string, maximumBytes: number): string {
    const length = this.count(`${subject} length`, maximumBytes, 1);
    return readUtf8(this.take(length, subject), subject);
  }

  end(subject: string): void {
    if (this.remaining > 0) {
      throw new ProtocolError('trailing-bytes', `${subject}: ${this.remaining} bytes after its end`);
    }
  }
}

export class ByteWriter {
  readonly #maximumBytes: number;
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  constructor(capacityBytes = 1024, maximumBytes = MAX_FRAME_BYTES) {
    this.#maximumBytes = maximumBytes;
    this.#bytes = new Uint8Array(capacityBytes);
    this.#view = new DataView(this.#bytes.buffer);
  }

  get length(): number {
    return this.#length;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  varint(value: number, subject: string): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new ProtocolError('bad-number', `${subject}: ${value} is not a whole number below 2^53`);
    }
    this.#reserve(MAX_VARINT_BYTES);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      // Bit operations would cut at 32 bits.
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
  }

  signed(value: number, subject: string): void {
    this.varint(value >= 0 ? value * 2 : value * -2 - 1, subject);
  }

  f64(value: number, subject: string): void {
    if (!Number.isFinite(value)) throw new ProtocolError('bad-number', `${subject}: ${value} is not finite`);
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  text(utf8: Uint8Array, subject: string): void {
    this.varint(utf8.length, subject);
    this.raw(utf8);
  }

  /** The bytes written, in memory of their own that is no larger than they are. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length) as Uint8Array<ArrayBuffer>;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    // The varint of the last field reserves more than it uses: the bound has that much slack.
    if (needed > this.#maximumBytes + MAX_VARINT_BYTES) {
      throw new ProtocolError('oversized', `frame: more than ${this.#maximumBytes} bytes`);
    }
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

export function readUtf8(bytes: Uint8Array, subject: string): string {
  try {
    return textDecoder.decode(bytes);
  } catch {
    throw new ProtocolError('bad-text', `${subject}: not UTF-8`);
  }
}

export function toUtf8(text: string): Uint8Array {
  return textEncoder.encode(text);
}
