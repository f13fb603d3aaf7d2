/**
 * Owns reading BTF, the type table of BPF objects and of the kernel: names, sizes, variables of a section, prototypes.
 * Pure and bounds-checked; little-endian only, as every host that runs this is.
 *
 * Layout: header (magic, lengths), then types, then strings. A type is 12 bytes (name offset, info, size or type id)
 * and, by its kind, more; type ids count from 1 in file order, 0 is void:
 *
 *     [1] INT 'unsigned int' 4 bytes     [2] VAR 'tau' type 1     [3] DATASEC '.rodata' { [2] at 0, 4 bytes }
 */

const BTF_MAGIC = 0xeb9f;
const HEADER_BYTES = 24;
const TYPE_BYTES = 12;

export const BTF_KIND = {
  int: 1,
  ptr: 2,
  array: 3,
  struct: 4,
  union: 5,
  enum: 6,
  fwd: 7,
  typedef: 8,
  volatile: 9,
  const: 10,
  restrict: 11,
  func: 12,
  funcProto: 13,
  var: 14,
  datasec: 15,
  float: 16,
  declTag: 17,
  typeTag: 18,
  enum64: 19,
} as const;

/** Bytes that follow the 12 of a type: fixed, and for each of its vlen members. Indexed by kind. */
const FIXED_BYTES = [0, 4, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 4, 0, 0];
const MEMBER_BYTES = [0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12];
const LAST_KIND = 19;

/** Kinds that only wrap another type. */
const WRAPPERS = new Set<number>([
  BTF_KIND.typedef,
  BTF_KIND.volatile,
  BTF_KIND.const,
  BTF_KIND.restrict,
  BTF_KIND.typeTag,
]);
/** Deeper nesting of typedefs and qualifiers than compilers emit: a loop in a damaged table. */
const MAX_WRAPPER_DEPTH = 32;
const INT_SIGNED = 1;
const POINTER_BYTES = 8;

export interface BtfVariable {
  name: string;
  /** From the start of its section. */
  offsetBytes: number;
  bytes: number;
  /** How a number is written into it; `bytes` when it is an array or a struct. */
  form: 'signed' | 'unsigned' | 'bytes';
}

export interface BtfField {
  name: string;
  offsetBytes: number;
  bytes: number;
}

export interface BtfStruct {
  name: string;
  bytes: number;
  fields: BtfField[];
}

export class BtfFormatError extends Error {
  override readonly name = 'BtfFormatError';
}

export class Btf {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Byte offset of each type, by id; [0] is unused. */
  readonly #typeOffsets: number[] = [0];
  readonly #stringsAt: number;
  readonly #stringsEnd: number;

  /** @throws BtfFormatError when the bytes are not BTF or are cut short. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (bytes.length < HEADER_BYTES) throw new BtfFormatError(`BTF of ${bytes.length} bytes has no header`);
    if (this.#view.getUint16(0, true) !== BTF_MAGIC)
      throw new BtfFormatError('not BTF: the magic number differs');
    const headerBytes = this.#view.getUint32(4, true);
    const typesAt = headerBytes + this.#view.getUint32(8, true);
    const typesEnd = typesAt + this.#view.getUint32(12, true);
    this.#stringsAt = headerBytes + this.#view.getUint32(16, true);
    this.#stringsEnd = this.#stringsAt + this.#view.getUint32(20, true);
    if (typesEnd > bytes.length || this.#stringsEnd > bytes.length) {
      throw new BtfFormatError(
        `BTF is cut short: ${bytes.length} bytes, its header names ${this.#stringsEnd}`,
      );
    }
    for (let at = typesAt; at < typesEnd; ) {
      if (at + TYPE_BYTES > typesEnd) throw new BtfFormatError('the last BTF type is cut short');
      this.#typeOffsets.push(at);
      const info = this.#view.getUint32(at + 4, true);
      const kind = kindOf(info);
      if (kind === 0 || kind > LAST_KIND) {
        throw new BtfFormatError(`type ${this.#typeOffsets.length - 1} has the unknown kind ${kind}`);
      }
      at += TYPE_BYTES + FIXED_BYTES[kind]! + MEMBER_BYTES[kind]! * (info & 0xffff);
      if (at > typesEnd) throw new BtfFormatError('the last BTF type is cut short');
    }
  }

  get typeCount(): number {
    return this.#typeOffsets.length - 1;
  }

  /** Names of the sections with variables: `.rodata`, `.data`, `.bss`, `.maps`, … */
  sectionNames(): string[] {
    const names: string[] = [];
    for (let id = 1; id < this.#typeOffsets.length; id++) {
      if (this.#kind(id) === BTF_KIND.datasec) names.push(this.#name(id));
    }
    return names;
  }

  /** undefined when there is no such section. */
  sectionVariables(section: string): BtfVariable[] | undefined {
    const id = this.#find(section, BTF_KIND.datasec);
    if (id === undefined) return undefined;
    const at = this.#offset(id);
    const count = this.#vlen(id);
    const variables: BtfVariable[] = [];
    for (let i = 0; i < count; i++) {
      const member = at + TYPE_BYTES + i * 12;
      const variable = this.#view.getUint32(member, true);
      // A function of a kernel-function section is no variable.
      if (this.#kind(variable) !== BTF_KIND.var) continue;
      const type = this.#view.getUint32(this.#offset(variable) + 8, true);
      variables.push({
        name: this.#name(variable),
        offsetBytes: this.#view.getUint32(member + 4, true),
        bytes: this.#view.getUint32(member + 8, true),
        form: this.#form(type),
      });
    }
    return variables;
  }

  /**
   * Parameter count of the function type behind a typedef of a pointer to it, as `btf_trace_NAME` is for each tracepoint;
   * its first parameter is the tracer's own `void *__data`. undefined when there is no such typedef.
   */
  functionTypedefParameters(typedef: string): number | undefined {
    const id = this.#find(typedef, BTF_KIND.typedef);
    if (id === undefined) return undefined;
    const pointer = this.#unwrap(id);
    if (this.#kind(pointer) !== BTF_KIND.ptr) return undefined;
    const proto = this.#unwrap(this.#view.getUint32(this.#offset(pointer) + 8, true));
    return this.#kind(proto) === BTF_KIND.funcProto ? this.#vlen(proto) : undefined;
  }

  /** Type ids, as programs that attach by BTF name them. */
  functionId(name: string): number | undefined {
    return this.#find(name, BTF_KIND.func);
  }

  typedefId(name: string): number | undefined {
    return this.#find(name, BTF_KIND.typedef);
  }

  /** Fields in order, bit-fields left out; undefined when there is no such struct. */
  struct(name: string): BtfStruct | undefined {
    const id = this.#find(name, BTF_KIND.struct);
    if (id === undefined) return undefined;
    const at = this.#offset(id);
    const hasBitFields = (this.#view.getUint32(at + 4, true) & 0x8000_0000) !== 0;
    const fields: BtfField[] = [];
    for (let i = 0; i < this.#vlen(id); i++) {
      const member = at + TYPE_BYTES + i * 12;
      const position = this.#view.getUint32(member + 8, true);
      const bitFieldBits = hasBitFields ? position >>> 24 : 0;
      const offsetBits = hasBitFields ? position & 0xff_ffff : position;
      if (bitFieldBits !== 0) continue;
      fields.push({
        name: this.#string(this.#view.getUint32(member, true)),
        offsetBytes: offsetBits / 8,
        bytes: this.#sizeBytes(this.#view.getUint32(member + 4, true)),
      });
    }
    return { name, bytes: this.#view.getUint32(at + 8, true), fields };
  }

  #offset(id: number): number {
    const offset = this.#typeOffsets[id];
    if (id === 0 || offset === undefined) throw new BtfFormatError(`there is no BTF type ${id}`);
    return offset;
  }

  #kind(id: number): number {
    return id === 0 ? 0 : kindOf(this.#view.getUint32(this.#offset(id) + 4, true));
  }

  #vlen(id: number): number {
    return this.#view.getUint32(this.#offset(id) + 4, true) & 0xffff;
  }

  #name(id: number): string {
    return this.#string(this.#view.getUint32(this.#offset(id), true));
  }

  #string(offset: number): string {
    const start = this.#stringsAt + offset;
    const end = this.#bytes.indexOf(0, start);
    if (start >= this.#stringsEnd || end < 0 || end >= this.#stringsEnd) {
      throw new BtfFormatError(`string ${offset} lies outside of the BTF strings`);
    }
    return Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + start, end - start).toString('utf8');
  }

  #find(name: string, kind: number): number | undefined {
    const wanted = Buffer.from(`${name}\0`, 'utf8');
    for (let id = 1; id < this.#typeOffsets.length; id++) {
      const at = this.#typeOffsets[id]!;
      if (kindOf(this.#view.getUint32(at + 4, true)) !== kind) continue;
      if (this.#stringIs(this.#view.getUint32(at, true), wanted)) return id;
    }
    return undefined;
  }

  /** Compares in place: the kernel's table has a hundred thousand names. */
  #stringIs(offset: number, wanted: Uint8Array): boolean {
    const start = this.#stringsAt + offset;
    if (start + wanted.length > this.#stringsEnd) return false;
    for (let i = 0; i < wanted.length; i++) {
      if (this.#bytes[start + i] !== wanted[i]) return false;
    }
    return true;
  }

  #unwrap(id: number): number {
    let at = id;
    for (let depth = 0; depth < MAX_WRAPPER_DEPTH; depth++) {
      if (!WRAPPERS.has(this.#kind(at))) return at;
      at = this.#view.getUint32(this.#offset(at) + 8, true);
    }
    throw new BtfFormatError(`BTF type ${id} is wrapped more than ${MAX_WRAPPER_DEPTH} deep`);
  }

  #form(type: number): BtfVariable['form'] {
    const id = this.#unwrap(type);
    const kind = this.#kind(id);
    if (kind === BTF_KIND.int) {
      const encoding = (this.#view.getUint32(this.#offset(id) + TYPE_BYTES, true) >>> 24) & 0xf;
      return (encoding & INT_SIGNED) !== 0 ? 'signed' : 'unsigned';
    }
    if (kind === BTF_KIND.enum || kind === BTF_KIND.enum64) {
      const isSigned = (this.#view.getUint32(this.#offset(id) + 4, true) & 0x8000_0000) !== 0;
      return isSigned ? 'signed' : 'unsigned';
    }
    return kind === BTF_KIND.ptr ? 'unsigned' : 'bytes';
  }

  #sizeBytes(type: number): number {
    let count = 1;
    let id = this.#unwrap(type);
    for (let depth = 0; depth < MAX_WRAPPER_DEPTH; depth++) {
      const kind = this.#kind(id);
      if (kind === BTF_KIND.ptr) return count * POINTER_BYTES;
      if (kind !== BTF_KIND.array)
        return id === 0 ? 0 : count * this.#view.getUint32(this.#offset(id) + 8, true);
      const at = this.#offset(id) + TYPE_BYTES;
      count *= this.#view.getUint32(at + 8, true);
      id = this.#unwrap(this.#view.getUint32(at, true));
    }
    throw new BtfFormatError(`BTF type ${type} nests arrays more than ${MAX_WRAPPER_DEPTH} deep`);
  }
}

function kindOf(info: number): number {
  return (info >>> 24) & 0x1f;
}
