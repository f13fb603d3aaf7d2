/**
 * Owns Rust's own names (`_R…`, RFC 2603), without the hashes of crates and the types of constants, as rustc-demangle's
 * alternate form has them.
 *
 *     _RNvMs_NtC3app4jobsINtB4_5QueuelE4push   → <app::jobs::Queue<i32>>::push
 *
 * A name may refer back to parts of itself, so that few bytes can stand for much text: text, depth and steps are bounded,
 * and a name that passes a bound is not read.
 */

/** As the tables of a profile keep names. */
const MAX_TEXT_CHARS = 4_096;
/** Parts within parts; the longest of rustc's own are some dozens. */
const MAX_DEPTH = 256;
/** Parts looked at, those of skipped paths too. */
const MAX_STEPS = 20_000;

const BASIC_TYPES: Readonly<Record<string, string>> = {
  a: 'i8',
  b: 'bool',
  c: 'char',
  d: 'f64',
  e: 'str',
  f: 'f32',
  h: 'u8',
  i: 'isize',
  j: 'usize',
  l: 'i32',
  m: 'u32',
  n: 'i128',
  o: 'u128',
  p: '_',
  s: 'i16',
  t: 'u16',
  u: '()',
  v: '...',
  x: 'i64',
  y: 'u64',
  z: '!',
};

/** undefined when it is no such name, or passes a bound. */
export function demangleRustV0(mangled: string): string | undefined {
  const dot = mangled.indexOf('.');
  const body = dot < 0 ? mangled : mangled.slice(0, dot);
  if (!/^_R[A-Z][0-9A-Za-z_]*$/.test(body)) return undefined;
  try {
    const reader = new V0Reader(body.slice(2));
    return reader.symbol() + (dot < 0 ? '' : mangled.slice(dot));
  } catch (error) {
    if (error instanceof NotReadable) return undefined;
    throw error;
  }
}

/** Thrown and caught in this file alone. */
class NotReadable extends Error {}

class V0Reader {
  readonly #name: string;
  #at = 0;
  #text = '';
  #isSilent = false;
  #depth = 0;
  #steps = 0;
  /** Lifetimes that `for<…>` has named so far. */
  #boundLifetimes = 0;

  constructor(name: string) {
    this.#name = name;
  }

  symbol(): string {
    this.#path(true);
    // The crate that a generic function was made in.
    if (this.#at < this.#name.length) this.#silently(() => this.#path(false));
    if (this.#at < this.#name.length) throw new NotReadable();
    return this.#text;
  }

  #path(isValue: boolean): void {
    this.#nested(() => {
      switch (this.#next()) {
        case 'C': {
          this.#disambiguator();
          this.#put(this.#identifier());
          return;
        }
        case 'N': {
          const namespace = this.#next();
          this.#path(isValue);
          const number = this.#disambiguator();
          const name = this.#identifier();
          if (namespace >= 'A' && namespace <= 'Z') {
            const kind = namespace === 'C' ? 'closure' : namespace === 'S' ? 'shim' : namespace;
            this.#put(`::{${kind}${name === '' ? '' : `:${name}`}#${number}}`);
          } else if (name !== '') this.#put(`::${name}`);
          return;
        }
        case 'M':
          this.#implPath();
          this.#put('<');
          this.#type();
          this.#put('>');
          return;
        case 'X':
          this.#implPath();
          this.#typeAsTrait();
          return;
        case 'Y':
          this.#typeAsTrait();
          return;
        case 'I':
          this.#path(isValue);
          this.#put(isValue ? '::<' : '<');
          this.#list(() => this.#genericArgument());
          this.#put('>');
          return;
        case 'B':
          this.#backReference(() => this.#path(isValue));
          return;
        default:
          throw new NotReadable();
      }
    });
  }

  /** Where the impl stands does not tell what it is for. */
  #implPath(): void {
    this.#silently(() => {
      this.#disambiguator();
      this.#path(false);
    });
  }

  #typeAsTrait(): void {
    this.#put('<');
    this.#type();
    this.#put(' as ');
    this.#path(false);
    this.#put('>');
  }

  #genericArgument(): void {
    if (this.#skip('L')) this.#put(this.#lifetimeName(this.#base62()));
    else if (this.#skip('K')) this.#constant();
    else this.#type();
  }

  #type(): void {
    this.#nested(() => {
      const tag = this.#next();
      const basic = BASIC_TYPES[tag];
      if (basic !== undefined) {
        this.#put(basic);
        return;
      }
      switch (tag) {
        case 'A':
          this.#put('[');
          this.#type();
          this.#put('; ');
          this.#constant();
          this.#put(']');
          return;
        case 'S':
          this.#put('[');
          this.#type();
          this.#put(']');
          return;
        case 'T': {
          this.#put('(');
          const count = this.#list(() => this.#type());
          this.#put(count === 1 ? ',)' : ')');
          return;
        }
        case 'R':
        case 'Q':
          this.#put('&');
          if (this.#skip('L')) {
            const lifetime = this.#base62();
            if (lifetime !== 0) this.#put(`${this.#lifetimeName(lifetime)} `);
          }
          if (tag === 'Q') this.#put('mut ');
          this.#type();
          return;
        case 'P':
          this.#put('*const ');
          this.#type();
          return;
        case 'O':
          this.#put('*mut ');
          this.#type();
          return;
        case 'F':
          this.#bound(() => this.#functionType());
          return;
        case 'D':
          this.#put('dyn ');
          this.#bound(() => this.#list(() => this.#dynTrait(), ' + '));
          if (!this.#skip('L')) throw new NotReadable();
          {
            const lifetime = this.#base62();
            if (lifetime !== 0) this.#put(` + ${this.#lifetimeName(lifetime)}`);
          }
          return;
        case 'B':
          this.#backReference(() => this.#type());
          return;
        default:
          this.#at--;
          this.#path(false);
      }
    });
  }

  #functionType(): void {
    if (this.#skip('U')) this.#put('unsafe ');
    if (this.#skip('K')) {
      const abi = this.#skip('C') ? 'C' : this.#identifier().replaceAll('_', '-');
      this.#put(`extern "${abi}" `);
    }
    this.#put('fn(');
    this.#list(() => this.#type());
    this.#put(')');
    if (this.#skip('u')) return;
    this.#put(' -> ');
    this.#type();
  }

  #dynTrait(): void {
    let isOpen = this.#pathLeftOpen();
    while (this.#skip('p')) {
      this.#put(isOpen ? ', ' : '<');
      isOpen = true;
      this.#put(`${this.#identifier()} = `);
      this.#type();
    }
    if (isOpen) this.#put('>');
  }

  /** True when it ended in generic arguments, whose `>` is not yet there. */
  #pathLeftOpen(): boolean {
    let isOpen = false;
    this.#nested(() => {
      if (this.#skip('B')) this.#backReference(() => (isOpen = this.#pathLeftOpen()));
      else if (this.#skip('I')) {
        this.#path(false);
        this.#put('<');
        this.#list(() => this.#genericArgument());
        isOpen = true;
      } else this.#path(false);
    });
    return isOpen;
  }

  #constant(): void {
    this.#nested(() => {
      const type = this.#next();
      switch (type) {
        case 'p':
          this.#put('_');
          return;
        case 'B':
          this.#backReference(() => this.#constant());
          return;
        case 'b': {
          const value = this.#hexNumber();
          if (value > 1n) throw new NotReadable();
          this.#put(value === 1n ? 'true' : 'false');
          return;
        }
        case 'c': {
          const value = this.#hexNumber();
          if (value > 0x10_ffffn || (value >= 0xd800n && value < 0xe000n)) throw new NotReadable();
          this.#put(`'${escapedCharacter(Number(value))}'`);
          return;
        }
        default: {
          if (!'aslxnihtmyoj'.includes(type)) throw new NotReadable();
          const isNegative = this.#skip('n');
          this.#put(`${isNegative ? '-' : ''}${this.#hexNumber()}`);
        }
      }
    });
  }

  #bound(read: () => void): void {
    const before = this.#boundLifetimes;
    if (this.#skip('G')) {
      const count = this.#base62() + 1;
      if (count > MAX_DEPTH) throw new NotReadable();
      const names: string[] = [];
      for (let i = 0; i < count; i++) {
        this.#boundLifetimes++;
        names.push(this.#lifetimeName(1));
      }
      this.#put(`for<${names.join(', ')}> `);
    }
    read();
    this.#boundLifetimes = before;
  }

  /** Counted from the innermost: 1 is the one named last, 0 is one that was not named. */
  #lifetimeName(index: number): string {
    if (index === 0) return "'_";
    const depth = this.#boundLifetimes - index;
    if (depth < 0) throw new NotReadable();
    return depth < 26 ? `'${String.fromCharCode(0x61 + depth)}` : `'_${depth}`;
  }

  #list(readOne: () => void, separator = ', '): number {
    let count = 0;
    while (!this.#skip('E')) {
      if (count > 0) this.#put(separator);
      readOne();
      count++;
    }
    return count;
  }

  #backReference(read: () => void): void {
    const from = this.#at - 1;
    const to = this.#base62();
    if (to >= from) throw new NotReadable();
    // Nothing would be seen of it.
    if (this.#isSilent) return;
    const after = this.#at;
    this.#at = to;
    read();
    this.#at = after;
  }

  #silently(read: () => void): void {
    const before = this.#isSilent;
    this.#isSilent = true;
    read();
    this.#isSilent = before;
  }

  #nested(read: () => void): void {
    if (++this.#depth > MAX_DEPTH || ++this.#steps > MAX_STEPS) throw new NotReadable();
    read();
    this.#depth--;
  }

  #put(text: string): void {
    if (this.#isSilent) return;
    this.#text += text;
    if (this.#text.length > MAX_TEXT_CHARS) throw new NotReadable();
  }

  #disambiguator(): number {
    return this.#skip('s') ? this.#base62() + 1 : 0;
  }

  #identifier(): string {
    const isPunycode = this.#skip('u');
    let digits = '';
    while (/[0-9]/.test(this.#peek()) && digits.length < 6) {
      digits += this.#next();
      if (digits === '0') break;
    }
    if (digits === '') throw new NotReadable();
    this.#skip('_');
    const end = this.#at + Number(digits);
    if (end > this.#name.length) throw new NotReadable();
    const text = this.#name.slice(this.#at, end);
    this.#at = end;
    return isPunycode ? fromPunycode(text) : text;
  }

  #base62(): number {
    if (this.#skip('_')) return 0;
    let value = 0;
    for (;;) {
      const c = this.#next();
      if (c === '_') return value + 1;
      const digit = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.indexOf(c);
      // Of crates they have 64 bits; those are not printed, so that they need not be exact.
      value = value * 62 + digit;
      if (digit < 0) throw new NotReadable();
    }
  }

  #hexNumber(): bigint {
    const start = this.#at;
    while (/[0-9a-f]/.test(this.#peek())) this.#at++;
    const digits = this.#name.slice(start, this.#at);
    if (!this.#skip('_') || digits.length > 32) throw new NotReadable();
    return digits === '' ? 0n : BigInt(`0x${digits}`);
  }

  #peek(): string {
    return this.#name[this.#at] ?? '';
  }

  #next(): string {
    const c = this.#name[this.#at++];
    if (c === undefined) throw new NotReadable();
    return c;
  }

  #skip(c: string): boolean {
    if (this.#name[this.#at] !== c) return false;
    this.#at++;
    return true;
  }
}

function escapedCharacter(code: number): string {
  const character = String.fromCodePoint(code);
  return /^[\p{L}\p{N}\p{P}\p{S} ]$/u.test(character) && character !== "'" && character !== '\\'
    ? character
    : `\\u{${code.toString(16)}}`;
}

/** RFC 3492 with `_` for the last `-`; identifiers are short, so the plain way does. */
function fromPunycode(encoded: string): string {
  const cut = encoded.lastIndexOf('_');
  const output: number[] = [...encoded.slice(0, Math.max(cut, 0))].map((c) => c.codePointAt(0)!);
  let code = 128;
  let bias = 72;
  let i = 0;
  let isFirst = true;
  for (let at = cut + 1; at < encoded.length; ) {
    const before = i;
    let weight = 1;
    for (let k = 36; ; k += 36) {
      const c = encoded[at++];
      const digit = c === undefined ? -1 : 'abcdefghijklmnopqrstuvwxyz0123456789'.indexOf(c);
      if (digit < 0) throw new NotReadable();
      i += digit * weight;
      const threshold = k <= bias ? 1 : k >= bias + 26 ? 26 : k - bias;
      if (digit < threshold) break;
      weight *= 36 - threshold;
      if (i > 0x10_ffff * MAX_TEXT_CHARS || weight > 0x7fff_ffff) throw new NotReadable();
    }
    const count = output.length + 1;
    let delta = Math.floor((i - before) / (isFirst ? 700 : 2));
    isFirst = false;
    delta += Math.floor(delta / count);
    let k = 0;
    for (; delta > 455; k += 36) delta = Math.floor(delta / 35);
    bias = k + Math.floor((36 * delta) / (delta + 38));
    code += Math.floor(i / count);
    i %= count;
    if (code > 0x10_ffff || (code >= 0xd800 && code < 0xe000)) throw new NotReadable();
    output.splice(i, 0, code);
    i++;
  }
  return String.fromCodePoint(...output);
}
