/**
 * Owns the contents of a perf map, the list that a run-time writes of the code that it makes: which function an address is
 * in. It is written by the process itself and not trusted: a line that makes no sense is passed over and counted, text
 * that could steer a terminal is taken out, and entries are bounded.
 *
 *     7f9d99fc61c0 2e4 JS:*hotLoop /srv/app.js:2:17        start, bytes (both hex, 0x before them or not), name
 *
 * Code is freed and its place used again, so entries overlap. The one written last is right:
 *
 *     a [0, 40)   then b [10, 20)   →   00–0f a, 10–1f b, 20–3f a
 */

/** A large JVM has 100,000 compiled methods. About 100 bytes each. */
export const MAX_PERF_MAP_ENTRIES = 500_000;
/** Java signatures of many parameters and node's paths stay below; what is longer is cut. */
const MAX_NAME_BYTES = 1024;
/** Longer lines are no entries. */
const MAX_LINE_BYTES = 65_536;
/** Entries looked through one by one, newest first, before they are sorted in with the others. */
const MIN_UNSORTED = 512;

const NEWLINE = 0x0a;
const SPACE = 0x20;

export class PerfMap {
  #start: number[] = [];
  #end: number[] = [];
  #name: string[] = [];
  /** Entries before it are in the pieces. */
  #sorted = 0;
  #pieceStart = new Float64Array(0);
  /** Entry that owns the piece, -1 for a gap. */
  #pieceEntry = new Int32Array(0);
  /** The beginning of a line whose end has not been written yet. */
  #rest = Buffer.alloc(0);
  #isSkippingLine = false;
  #malformed = 0;
  #refused = 0;
  readonly #maxEntries: number;

  constructor(maxEntries = MAX_PERF_MAP_ENTRIES) {
    this.#maxEntries = maxEntries;
  }

  get entryCount(): number {
    return this.#start.length;
  }

  /** Lines that are no entries. */
  get malformedLines(): number {
    return this.#malformed;
  }

  /** Entries that there was no room for. */
  get refusedEntries(): number {
    return this.#refused;
  }

  /** The next bytes of the file; a line may be cut anywhere. */
  append(bytes: Buffer): void {
    let at = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, at)) {
      const part = bytes.subarray(at, end);
      at = end + 1;
      if (this.#isSkippingLine) this.#isSkippingLine = false;
      else if (this.#rest.length === 0) this.#readLine(part);
      else this.#readLine(Buffer.concat([this.#rest, part]));
      this.#rest = EMPTY;
    }
    if (this.#isSkippingLine || at === bytes.length) return;
    this.#rest = Buffer.concat([this.#rest, bytes.subarray(at)]);
    if (this.#rest.length <= MAX_LINE_BYTES) return;
    this.#malformed++;
    this.#isSkippingLine = true;
    this.#rest = EMPTY;
  }

  /** As it was written, but for control characters; undefined when no entry covers the address. */
  nameAt(address: number): string | undefined {
    if (this.entryCount - this.#sorted > Math.max(MIN_UNSORTED, this.#sorted >>> 3)) this.#sort();
    for (let entry = this.entryCount - 1; entry >= this.#sorted; entry--) {
      if (address >= this.#start[entry]! && address < this.#end[entry]!) return this.#name[entry]!;
    }
    const starts = this.#pieceStart;
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= address) low = middle + 1;
      else high = middle;
    }
    const entry = low === 0 ? -1 : this.#pieceEntry[low - 1]!;
    return entry < 0 ? undefined : this.#name[entry]!;
  }

  #readLine(line: Buffer): void {
    if (line.length === 0) return;
    const startEnd = line.indexOf(SPACE);
    const sizeEnd = startEnd < 0 ? -1 : line.indexOf(SPACE, startEnd + 1);
    const start = readHex(line, 0, startEnd);
    const bytes = readHex(line, startEnd + 1, sizeEnd);
    const nameBytes = line.length - sizeEnd - 1;
    if (sizeEnd < 0 || start === undefined || bytes === undefined || nameBytes <= 0) {
      this.#malformed++;
      return;
    }
    const end = start + bytes;
    if (bytes === 0 || end > Number.MAX_SAFE_INTEGER) return;
    if (this.entryCount >= this.#maxEntries) {
      // Once: what is refused cannot free a place, and sorting again for each line would cost more than the map is worth.
      if (this.#refused === 0) this.#sort();
      if (this.entryCount >= this.#maxEntries) {
        this.#refused++;
        return;
      }
    }
    this.#start.push(start);
    this.#end.push(end);
    this.#name.push(toName(line, sizeEnd + 1));
  }

  /** Cuts what overlaps, and forgets entries of which nothing is left when they are half of all. */
  #sort(): void {
    const pieces = cutByAge(this.#start, this.#end);
    const owners = new Set(pieces.entries);
    owners.delete(-1);
    if (owners.size < this.entryCount / 2) {
      const kept = [...owners].sort((a, b) => a - b);
      const newPlace = new Map(kept.map((entry, place) => [entry, place]));
      this.#start = kept.map((entry) => this.#start[entry]!);
      this.#end = kept.map((entry) => this.#end[entry]!);
      this.#name = kept.map((entry) => this.#name[entry]!);
      pieces.entries = pieces.entries.map((entry) => newPlace.get(entry) ?? -1);
    }
    this.#pieceStart = Float64Array.from(pieces.starts);
    this.#pieceEntry = Int32Array.from(pieces.entries);
    this.#sorted = this.entryCount;
  }
}

const EMPTY = Buffer.alloc(0);

function readHex(line: Buffer, from: number, to: number): number | undefined {
  let at = line[from] === 0x30 && (line[from + 1] === 0x78 || line[from + 1] === 0x58) ? from + 2 : from;
  // 16 digits, and whatever zeroes are before them; the number is checked by its user.
  if (at >= to || to - at > 16) return undefined;
  let number = 0;
  for (; at < to; at++) {
    const byte = line[at]!;
    const digit =
      byte >= 0x30 && byte <= 0x39
        ? byte - 0x30
        : byte >= 0x61 && byte <= 0x66
          ? byte - 0x57
          : byte >= 0x41 && byte <= 0x46
            ? byte - 0x37
            : -1;
    if (digit < 0) return undefined;
    number = number * 16 + digit;
  }
  return number;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

function toName(line: Buffer, from: number): string {
  const isCut = line.length - from > MAX_NAME_BYTES;
  const name = line.toString('utf8', from, isCut ? from + MAX_NAME_BYTES : line.length).trimEnd();
  return (isCut ? `${name}…` : name).replace(CONTROL, '?');
}

/** A sweep from low to high addresses; of the entries that are open, the newest has the address. */
function cutByAge(start: readonly number[], end: readonly number[]): { starts: number[]; entries: number[] } {
  const order = new Uint32Array(start.length);
  for (let entry = 0; entry < order.length; entry++) order[entry] = entry;
  order.sort((a, b) => start[a]! - start[b]! || a - b);
  const starts: number[] = [];
  const entries: number[] = [];
  const open = new NewestFirst();
  const put = (at: number, entry: number): void => {
    if (starts.at(-1) === at) entries[entries.length - 1] = entry;
    else if (entries.at(-1) !== entry) {
      starts.push(at);
      entries.push(entry);
    }
  };
  const closeUntil = (until: number): void => {
    while (open.newest >= 0) {
      const at = end[open.newest]!;
      if (at > until) return;
      // Older ones that ended below it were not seen to.
      while (open.newest >= 0 && end[open.newest]! <= at) open.removeNewest();
      put(at, open.newest);
    }
  };
  for (const entry of order) {
    closeUntil(start[entry]!);
    open.add(entry);
    if (open.newest === entry) put(start[entry]!, entry);
  }
  closeUntil(Number.POSITIVE_INFINITY);
  return { starts, entries };
}

/** A heap with the largest number on top. */
class NewestFirst {
  readonly #heap: number[] = [];

  /** -1 when it is empty. */
  get newest(): number {
    return this.#heap[0] ?? -1;
  }

  add(entry: number): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (heap[parent]! >= entry) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  removeNewest(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]! > heap[child]!) child++;
      if (heap[child]! <= last) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
