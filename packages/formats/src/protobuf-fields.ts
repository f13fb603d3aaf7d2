/**
 * Owns walking protobuf messages that are not trusted: a field never reaches past the message it is in, and what is
 * broken is refused with the byte. Unknown fields are passed over.
 *
 *     walker.message(0, length, (field) => { if (field === 1) name = walker.text(); })
 *
 * Invariant: a visitor that reads nothing leaves the field to be skipped; one that reads must read all of it.
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { FormatError } from './format-error.js';
import type { ReadBudget } from './read-limits.js';

export type FieldVisitor = (field: number) => void;

export class ProtobufWalker {
  readonly #reader: BinaryReader;
  readonly #budget: ReadBudget;
  #type: WireType = WireType.Varint;
  /** End of the message that is being walked, or of the nested field. */
  #end: number;

  constructor(bytes: Uint8Array, budget: ReadBudget) {
    this.#reader = new BinaryReader(bytes);
    this.#budget = budget;
    this.#end = bytes.length;
  }

  /** Byte of what is read next, for errors. */
  get place(): string {
    return `byte ${this.#reader.pos}`;
  }

  /** How the present field is encoded, for formats whose versions differ in it. */
  get type(): WireType {
    return this.#type;
  }

  /** Visits each field of the message in [begin, end). @throws FormatError */
  message(begin: number, end: number, visit: FieldVisitor): void {
    const reader = this.#reader;
    const outerEnd = this.#end;
    reader.pos = begin;
    this.#end = end;
    while (reader.pos < end) {
      this.#budget.tick(() => this.place);
      const at = reader.pos;
      try {
        const [field, type] = reader.tag();
        this.#type = type;
        const value = reader.pos;
        visit(field);
        if (reader.pos === value) reader.skip(type, field);
      } catch (error) {
        if (error instanceof FormatError || !isOfReader(error)) throw error;
        this.#budget.refuse(`byte ${at}`, `broken protobuf (${error.message})`);
      }
      if (reader.pos > end) this.#budget.refuse(`byte ${at}`, 'a field reaches past the end of its message');
    }
    this.#end = outerEnd;
  }

  /** The nested message of the present field. */
  nested(visit: FieldVisitor): void {
    const [begin, end] = this.range();
    this.message(begin, end, visit);
    this.#reader.pos = end;
  }

  /** Where the bytes of the present field lie; they are passed over. */
  range(): [begin: number, end: number] {
    this.#expect(WireType.LengthDelimited);
    const length = this.#reader.uint32();
    const begin = this.#reader.pos;
    const end = begin + length;
    if (end > this.#end)
      this.#budget.refuse(this.place, `${length} bytes reach past the end of their message`);
    this.#reader.pos = end;
    return [begin, end];
  }

  text(): string {
    this.#expect(WireType.LengthDelimited);
    const text = this.#reader.string();
    if (text.length > this.#budget.limits.maxStringChars) this.#budget.text(text, this.place);
    return text;
  }

  /** An int64 or uint64 as a number: rounded above 2^53, where the caller's own checks refuse it. */
  integer(): number {
    this.#expect(WireType.Varint);
    return this.#signed();
  }

  /** An id: beyond 2^53 two of them could become one, so that is refused. */
  id(): number {
    const { place } = this;
    const id = this.integer();
    if (!Number.isSafeInteger(id))
      this.#budget.refuse(place, 'an id above 2^53, which this program does not read');
    return id;
  }

  /** A repeated integer, packed or not: `take` is called for each. */
  integers(take: (value: number) => void): void {
    if (this.#type === WireType.Varint) {
      take(this.#signed());
      return;
    }
    const [begin, end] = this.range();
    this.#reader.pos = begin;
    while (this.#reader.pos < end) take(this.#signed());
    if (this.#reader.pos > end) this.#budget.refuse(this.place, 'a number reaches past its list');
  }

  /** A fixed 64-bit field (fixed64). */
  fixed64(): number {
    this.#expect(WireType.Bit64);
    return Number(this.#reader.fixed64());
  }

  /** A repeated fixed64, packed or not. */
  fixed64s(take: (value: bigint) => void): void {
    if (this.#type === WireType.Bit64) {
      take(BigInt(this.#reader.fixed64()));
      return;
    }
    const [begin, end] = this.range();
    this.#reader.pos = begin;
    while (this.#reader.pos < end) take(BigInt(this.#reader.fixed64()));
    if (this.#reader.pos > end) this.#budget.refuse(this.place, 'a number reaches past its list');
  }

  double(): number {
    this.#expect(WireType.Bit64);
    return this.#reader.double();
  }

  #signed(): number {
    const value = this.#reader.int64();
    return typeof value === 'bigint' ? Number(value) : Number.parseInt(value, 10);
  }

  #expect(type: WireType): void {
    if (this.#type !== type) {
      this.#budget.refuse(this.place, `a field of wire type ${this.#type}, expected ${type}`);
    }
  }
}

/** What BinaryReader throws for broken bytes: RangeError past the end, plain Error for the rest. */
function isOfReader(error: unknown): error is Error {
  return error instanceof Error && (error.constructor === Error || error.constructor === RangeError);
}
