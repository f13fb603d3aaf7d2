/**
 * Owns the global variables of a BPF object by name: where they lie, how a value becomes their bytes, and their memory,
 * which is libbpf's before the load and the kernel's own, mapped, after it.
 * Invariant: a write touches the bytes of its variable only, in one store where the size allows: programs on other CPUs may
 * write the neighbours at the same time. Constants (`.rodata`) cannot be written after the load.
 *
 *     const volatile __u64 tau_ns;   → section .rodata, set before the load
 *     __u64 tau_ns;                  → section .bss, set at any time
 */

import { BpfError, bpfErrorOfErrno } from './bpf-error.js';
import type { Btf, BtfVariable } from './btf.js';
import { MAP_FLAGS } from './map-types.js';
import { copyFromMemory, copyToMemory, lastErrno, native, type Pointer } from './native.js';
import { nearestNameHint } from './nearest-name.js';

/** A string fills a char array, zero-padded; bytes are taken as they are and must be as long as the variable. */
export type GlobalValue = number | bigint | boolean | string | Uint8Array;
export type GlobalValues = Record<string, GlobalValue>;

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;

interface Section {
  name: string;
  map: Pointer;
  bytes: number;
  isConstant: boolean;
  mapped: Pointer | undefined;
}

interface Placed {
  variable: BtfVariable;
  section: Section;
}

export class GlobalVariables {
  readonly #objectName: string;
  readonly #variables = new Map<string, Placed>();
  readonly #sections: Section[] = [];
  #loaded = false;

  /** Variables of every section of `btf` that `findMap` has a map for. */
  constructor(objectName: string, btf: Btf | undefined, findMap: (section: string) => Pointer | null) {
    this.#objectName = objectName;
    if (btf === undefined) return;
    for (const name of btf.sectionNames()) {
      if (!/^\.(rodata|data|bss)/.test(name)) continue;
      const map = findMap(name);
      const variables = btf.sectionVariables(name);
      if (map === null || variables === undefined) continue;
      const bytes = native().libbpf.bpf_map__value_size(map);
      const section: Section = {
        name,
        map,
        bytes,
        isConstant: name.startsWith('.rodata'),
        mapped: undefined,
      };
      this.#sections.push(section);
      for (const variable of variables) {
        if (variable.offsetBytes + variable.bytes > bytes) {
          throw new BpfError({
            operation: 'open',
            subject: objectName,
            cause: `its BTF places ${variable.name} outside of ${name}`,
          });
        }
        this.#variables.set(variable.name, { variable, section });
      }
    }
  }

  names(): string[] {
    return [...this.#variables.keys()];
  }

  /** All or none: every name and size is checked before the first write. */
  set(values: GlobalValues): void {
    const writes = Object.entries(values).map(([name, value]) => {
      const placed = this.#find('set', name);
      if (this.#loaded && placed.section.isConstant) {
        throw new BpfError({
          operation: 'set',
          subject: this.#subject(name),
          cause: 'it is a constant (.rodata) and the object is loaded',
          hint: 'set it before the load, or declare it without const',
        });
      }
      return { placed, bytes: toVariableBytes(placed.variable, value, this.#subject(name)) };
    });
    for (const { placed, bytes } of writes) {
      copyToMemory(this.#address(placed.section) + BigInt(placed.variable.offsetBytes), bytes);
    }
  }

  /** A copy of the variable's bytes. */
  read(name: string): Uint8Array {
    const { variable, section } = this.#find('read', name);
    return copyFromMemory(this.#address(section) + BigInt(variable.offsetBytes), variable.bytes);
  }

  /** For integers, enums and pointers. */
  readInteger(name: string): bigint {
    const { variable } = this.#find('read', name);
    const bytes = this.read(name);
    if (variable.form === 'bytes' || bytes.length > 8) {
      throw new BpfError({
        operation: 'read',
        subject: this.#subject(name),
        cause: `it is no integer but ${bytes.length} bytes`,
      });
    }
    let value = 0n;
    for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    return variable.form === 'signed' ? BigInt.asIntN(8 * bytes.length, value) : value;
  }

  /** From here on variables are the kernel's: libbpf's copy no longer matters. */
  markLoaded(): void {
    this.#loaded = true;
  }

  close(): void {
    for (const section of this.#sections) {
      if (section.mapped === undefined) continue;
      native().libc.munmap(section.mapped, section.bytes);
      section.mapped = undefined;
    }
    this.#variables.clear();
  }

  #find(operation: string, name: string): Placed {
    const placed = this.#variables.get(name);
    if (placed !== undefined) return placed;
    throw new BpfError({
      operation,
      subject: this.#subject(name),
      cause: 'the object has no global variable of that name',
      hint: nearestNameHint(name, this.names()),
    });
  }

  #address(section: Section): Pointer {
    if (!this.#loaded) return this.#initialValue(section);
    section.mapped ??= this.#map(section);
    return section.mapped;
  }

  #initialValue(section: Section): Pointer {
    const address = native().libbpf.bpf_map__initial_value(section.map, new BigUint64Array(1));
    if (address !== null) return address;
    throw bpfErrorOfErrno('set', `${section.name} of ${this.#objectName}`, lastErrno());
  }

  #map(section: Section): Pointer {
    const { libbpf, libc } = native();
    const subject = `${section.name} of ${this.#objectName}`;
    if ((libbpf.bpf_map__map_flags(section.map) & MAP_FLAGS.mmapable) === 0) {
      throw new BpfError({
        operation: 'map',
        subject,
        cause: 'its memory cannot be mapped, so one variable cannot be written without its neighbours',
        hint: 'declare at least one variable of it without static; needs Linux 5.5',
      });
    }
    const protection = section.isConstant ? PROT_READ : PROT_READ | PROT_WRITE;
    const address = libc.mmap(
      null,
      section.bytes,
      protection,
      MAP_SHARED,
      libbpf.bpf_map__fd(section.map),
      0,
    );
    // MAP_FAILED is (void *) -1.
    if (address === null || BigInt.asIntN(64, address) === -1n) {
      throw bpfErrorOfErrno('map', subject, lastErrno());
    }
    return address;
  }

  #subject(name: string): string {
    return `${name} of ${this.#objectName}`;
  }
}

/** The bytes of `value` as `variable` holds them. @throws BpfError when it does not fit. */
export function toVariableBytes(variable: BtfVariable, value: GlobalValue, subject: string): Uint8Array {
  const { bytes: size, form } = variable;
  const misfit = (cause: string): BpfError => new BpfError({ operation: 'set', subject, cause });
  if (value instanceof Uint8Array) {
    if (value.length !== size) throw misfit(`it takes ${size} bytes, not ${value.length}`);
    return value;
  }
  if (typeof value === 'string') {
    const text = Buffer.from(value, 'utf8');
    // One byte is left for the NUL that ends it.
    if (form !== 'bytes' || text.length >= size) {
      throw misfit(`"${value}" does not fit into ${size} bytes with the NUL that ends it`);
    }
    const padded = new Uint8Array(size);
    padded.set(text);
    return padded;
  }
  if (form === 'bytes' || size > 8) throw misfit(`it takes ${size} bytes, not a number`);
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw misfit(`${value} is not an exact integer`);
  const integer = BigInt(value);
  const bits = BigInt(8 * size);
  const least = form === 'signed' ? -(1n << (bits - 1n)) : 0n;
  const most = form === 'signed' ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
  if (integer < least || integer > most) {
    throw misfit(`${integer} is outside of the ${least} to ${most} that its ${size} bytes hold`);
  }
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, integer), true);
  return bytes.subarray(0, size);
}
