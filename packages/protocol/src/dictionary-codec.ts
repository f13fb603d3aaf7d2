/**
 * Owns how a dictionary travels: each string, frame, stack and chain once a stream, in order of id.
 * Invariant: after `apply` of every delta that a writer gave, in order, the reader's tables have the same ids.
 *
 * Body of a delta; four sections, each `varint first id, varint count`, then columns of `count`:
 *
 *     strings   (varint length, UTF-8)*        id 0 is '' on both sides and never sent
 *     frames    name, module: signed difference from the entry before; u8 space | unnamed << 1 | kind << 5
 *     stacks    varint own id − caller's id, 0 for none; varint frame
 *     chains    tgid, tid: signed difference; varint comm, user stack + 1, kernel stack + 1,
 *               own id − next waker's id, 0 for none; u8 end
 *
 *     main → read, main → write:    stacks 0 3   0 1 2   0 1 2
 *
 * The caller is told by a distance back, so that a stack above itself cannot be said at all.
 */
import {
  CHAIN_ENDS,
  type ChainEndCode,
  FRAME_KINDS,
  type FrameKindCode,
  NONE,
  ProfileTables,
  SPACES,
  type SpaceCode,
  UNNAMED,
  type UnnamedCode,
} from '@stallscope/profile';
import { type ByteReader, ByteWriter, toUtf8 } from './bytes.js';
import { DictionaryBytes } from './dictionary-bytes.js';
import { readFrame, startFrame } from './frame-header.js';
import {
  DELTA_FRAME_BYTES,
  MAX_CHAIN_DEPTH,
  MAX_CHAINS,
  MAX_DICTIONARY_BYTES,
  MAX_FRAMES,
  MAX_STACK_DEPTH,
  MAX_STACKS,
  MAX_STRING_BYTES,
  MAX_STRINGS,
  MAX_TID,
} from './limits.js';
import { AGENT_STREAM, FRAME_TYPES } from './protocol.js';
import { ProtocolError } from './protocol-error.js';

/** Says what a `ProfileTables` has learnt since it was last asked. */
export class DictionaryWriter {
  readonly #tables: ProfileTables;
  readonly #stream: number;
  #strings = 1;
  #frames = 0;
  #stacks = 0;
  #chains = 0;

  constructor(tables: ProfileTables, stream: number = AGENT_STREAM) {
    this.#tables = tables;
    this.#stream = stream;
  }

  /**
   * The next frame of what is new, or undefined when all is said. A long dictionary takes several frames: call it
   * until it returns undefined before the window that needs it.
   */
  delta(): Uint8Array<ArrayBuffer> | undefined {
    const { strings, frameCount, stackCount, chains } = this.#tables;
    if (
      this.#strings === strings.length &&
      this.#frames === frameCount &&
      this.#stacks === stackCount &&
      this.#chains === chains.length
    ) {
      return undefined;
    }
    const writer = startFrame(FRAME_TYPES.dictionaryDelta, this.#stream, 4096);
    this.#writeStrings(writer);
    // A section starts only when the one it points into is complete.
    this.#writeFrames(writer, this.#strings === strings.length ? entriesThatFit(writer, 11) : 0);
    this.#writeStacks(writer, this.#frames === frameCount ? entriesThatFit(writer, 10) : 0);
    this.#writeChains(writer, this.#stacks === stackCount ? entriesThatFit(writer, 30) : 0);
    return writer.finish();
  }

  #writeStrings(writer: ByteWriter): void {
    const { strings } = this.#tables;
    const texts = new ByteWriter(4096);
    const first = this.#strings;
    while (this.#strings < strings.length && texts.length < DELTA_FRAME_BYTES) {
      texts.text(toWireText(strings[this.#strings]!, this.#strings), 'string');
      this.#strings += 1;
    }
    writer.varint(first, 'first string');
    writer.varint(this.#strings - first, 'strings');
    writer.raw(texts.finish());
  }

  #writeFrames(writer: ByteWriter, most: number): void {
    const { frameName, frameModule, frameSpace, frameUnnamed, frameKind, frameCount } = this.#tables;
    const first = this.#frames;
    const end = Math.min(frameCount, first + most);
    writer.varint(first, 'first frame');
    writer.varint(end - first, 'frames');
    writeDifferences(writer, frameName, first, end, 'frame name');
    writeDifferences(writer, frameModule, first, end, 'frame module');
    for (let id = first; id < end; id++) {
      writer.u8(frameSpace[id]! | (frameUnnamed[id]! << 1) | (frameKind[id]! << KIND_SHIFT));
    }
    this.#frames = end;
  }

  #writeStacks(writer: ByteWriter, most: number): void {
    const { stackPrefix, stackFrame, stackCount } = this.#tables;
    const first = this.#stacks;
    const end = Math.min(stackCount, first + most);
    writer.varint(first, 'first stack');
    writer.varint(end - first, 'stacks');
    for (let id = first; id < end; id++) writer.varint(toDistance(id, stackPrefix[id]!), 'stack caller');
    for (let id = first; id < end; id++) writer.varint(stackFrame[id]!, 'stack frame');
    this.#stacks = end;
  }

  #writeChains(writer: ByteWriter, most: number): void {
    const first = this.#chains;
    const nodes = this.#tables.chains.slice(first, first + most);
    writer.varint(first, 'first chain');
    writer.varint(nodes.length, 'chains');
    let before = 0;
    for (const { tgid } of nodes) {
      writer.signed(tgid - before, 'chain tgid');
      before = tgid;
    }
    before = 0;
    for (const { tid } of nodes) {
      writer.signed(tid - before, 'chain tid');
      before = tid;
    }
    for (const { comm } of nodes) writer.varint(comm, 'chain comm');
    for (const { userStack } of nodes) writer.varint(userStack + 1, 'chain user stack');
    for (const { kernelStack } of nodes) writer.varint(kernelStack + 1, 'chain kernel stack');
    nodes.forEach(({ parent }, index) => {
      writer.varint(toDistance(first + index, parent), 'chain parent');
    });
    for (const { end } of nodes) writer.u8(end);
    this.#chains = first + nodes.length;
  }
}

/** Rebuilds a stream's tables from its deltas; trusts nothing. */
export class DictionaryReader {
  readonly #maximumBytes: number;
  #tables = new ProfileTables();
  #size = new DictionaryBytes(this.#tables);
  #stackDepth: number[] = [];
  #chainDepth: number[] = [];

  constructor(maximumBytes: number = MAX_DICTIONARY_BYTES) {
    this.#maximumBytes = maximumBytes;
  }

  /** Another object after a reset: windows decoded before keep the one they were decoded with. */
  get tables(): ProfileTables {
    return this.#tables;
  }

  /** Estimated memory of the tables. */
  get bytes(): number {
    return this.#size.measure();
  }

  /** Takes a delta or a reset. After a ProtocolError the reader is not to be used further. */
  apply(bytes: Uint8Array, oldestVersion?: number): void {
    const { type, body } = readFrame(bytes, oldestVersion);
    if (type === FRAME_TYPES.dictionaryReset) {
      body.end('dictionary reset');
      this.#reset();
      return;
    }
    if (type !== FRAME_TYPES.dictionaryDelta) {
      throw new ProtocolError('bad-frame', `dictionary: a frame of type ${type} is not one`);
    }
    this.#readStrings(body);
    this.#readFrames(body);
    this.#readStacks(body);
    this.#readChains(body);
    body.end('dictionary delta');
    this.#checkSize();
  }

  #reset(): void {
    this.#tables = new ProfileTables();
    this.#size = new DictionaryBytes(this.#tables);
    this.#stackDepth = [];
    this.#chainDepth = [];
  }

  #readStrings(body: ByteReader): void {
    const tables = this.#tables;
    const count = readSection(body, 'strings', tables.strings.length, MAX_STRINGS, 1);
    for (let n = 0; n < count; n++) {
      const id = tables.strings.length;
      if (tables.internString(body.text('string', MAX_STRING_BYTES)) !== id) throw twice('string', id);
    }
  }

  #readFrames(body: ByteReader): void {
    const tables = this.#tables;
    const count = readSection(body, 'frames', tables.frameCount, MAX_FRAMES, 3);
    const names = readDifferences(body, count, tables.strings.length, 'frame name');
    const modules = readDifferences(body, count, tables.strings.length, 'frame module');
    for (let n = 0; n < count; n++) {
      const bits = body.u8('frame space');
      const space = bits & 1;
      const unnamed = (bits >> 1) & UNNAMED_MASK;
      const kind = bits >> KIND_SHIFT;
      if (space >= SPACES.length || unnamed >= UNNAMED.length || kind >= FRAME_KINDS.length) {
        throw new ProtocolError('bad-value', `frame space: ${bits} is no space, reason and kind`);
      }
      const id = tables.frameCount;
      const frame = {
        name: names[n]!,
        module: modules[n]!,
        space: space as SpaceCode,
        unnamed: unnamed as UnnamedCode,
        kind: kind as FrameKindCode,
      };
      if (tables.internFrame(frame) !== id) throw twice('frame', id);
    }
  }

  #readStacks(body: ByteReader): void {
    const tables = this.#tables;
    const first = tables.stackCount;
    const count = readSection(body, 'stacks', first, MAX_STACKS, 2);
    const callers: number[] = new Array(count);
    for (let n = 0; n < count; n++) callers[n] = readCaller(body, first + n, 'stack caller');
    for (let n = 0; n < count; n++) {
      const id = first + n;
      const caller = callers[n]!;
      const frame = readId(body, tables.frameCount, 'stack frame');
      this.#stackDepth.push(toDepth(this.#stackDepth, caller, MAX_STACK_DEPTH, 'stack depth'));
      if (tables.internStack(caller, frame) !== id) throw twice('stack', id);
    }
  }

  #readChains(body: ByteReader): void {
    const tables = this.#tables;
    const first = tables.chains.length;
    const count = readSection(body, 'chains', first, MAX_CHAINS, 7);
    const tgids = readDifferences(body, count, MAX_TID + 1, 'chain tgid');
    const tids = readDifferences(body, count, MAX_TID + 1, 'chain tid');
    const column = (read: (n: number) => number): number[] =>
      Array.from({ length: count }, (_, n) => read(n));
    const comms = column(() => readId(body, tables.strings.length, 'chain comm'));
    const userStacks = column(() => readId(body, tables.stackCount + 1, 'chain user stack') - 1);
    const kernelStacks = column(() => readId(body, tables.stackCount + 1, 'chain kernel stack') - 1);
    const parents = column((n) => readCaller(body, first + n, 'chain parent'));
    for (let n = 0; n < count; n++) {
      const end = body.u8('chain end');
      if (end >= CHAIN_ENDS.length) throw new ProtocolError('bad-value', `chain end: ${end} is none`);
      const parent = parents[n]!;
      this.#chainDepth.push(toDepth(this.#chainDepth, parent, MAX_CHAIN_DEPTH, 'chain depth'));
      const node = {
        tgid: tgids[n]!,
        tid: tids[n]!,
        comm: comms[n]!,
        userStack: userStacks[n]!,
        kernelStack: kernelStacks[n]!,
        parent,
        end: end as ChainEndCode,
      };
      if (tables.internChain(node) !== first + n) throw twice('chain', first + n);
    }
  }

  #checkSize(): void {
    const bytes = this.#size.measure();
    if (bytes > this.#maximumBytes) {
      const mebibytes = (value: number): string => (value / 2 ** 20).toFixed(1);
      throw new ProtocolError(
        'dictionary-full',
        `dictionary: ${mebibytes(bytes)} MiB, the maximum is ${mebibytes(this.#maximumBytes)}; rebuild it and reset`,
      );
    }
  }
}

/** Beside each other in one byte: a space, a reason of 16, a kind of 8. Version 1 had no kinds, and 0 there. */
const UNNAMED_MASK = 15;
const KIND_SHIFT = 5;

/** Strings longer than the wire allows are cut, and those UTF-8 cannot carry mended; the id keeps them distinct. */
function toWireText(text: string, id: number): Uint8Array {
  const utf8 = toUtf8(text);
  if (utf8.length <= MAX_STRING_BYTES && !/\p{Surrogate}/u.test(text)) return utf8;
  // A UTF-16 unit takes at most three bytes; the mark behind takes less than the quarter that is left.
  return toUtf8(`${text.slice(0, MAX_STRING_BYTES / 4)}… #${id}`);
}

function entriesThatFit(writer: ByteWriter, bytesEach: number): number {
  return Math.max(0, Math.floor((DELTA_FRAME_BYTES - writer.length) / bytesEach));
}

function toDistance(id: number, before: number): number {
  return before === NONE ? 0 : id - before;
}

function writeDifferences(
  writer: ByteWriter,
  column: readonly number[],
  first: number,
  end: number,
  subject: string,
): void {
  let before = 0;
  for (let at = first; at < end; at++) {
    const value = column[at]!;
    writer.signed(value - before, subject);
    before = value;
  }
}

function readDifferences(body: ByteReader, count: number, limit: number, subject: string): number[] {
  const values: number[] = new Array(count);
  let before = 0;
  for (let n = 0; n < count; n++) {
    before += body.signed(subject);
    if (!(before >= 0 && before < limit)) throw unknownId(subject, before);
    values[n] = before;
  }
  return values;
}

function readSection(
  body: ByteReader,
  subject: string,
  next: number,
  maximum: number,
  bytesEach: number,
): number {
  const first = body.varint(`first of ${subject}`);
  if (first !== next) {
    throw new ProtocolError('bad-reference', `${subject}: start at id ${first}, the next one is ${next}`);
  }
  const count = body.count(subject, maximum, bytesEach);
  if (next + count > maximum) {
    throw new ProtocolError('dictionary-full', `${subject}: more than ${maximum}; rebuild them and reset`);
  }
  return count;
}

function readId(body: ByteReader, limit: number, subject: string): number {
  const id = body.varint(subject);
  if (id >= limit) throw unknownId(subject, id);
  return id;
}

function readCaller(body: ByteReader, id: number, subject: string): number {
  const distance = body.varint(subject);
  if (distance === 0) return NONE;
  if (distance > id) throw unknownId(subject, id - distance);
  return id - distance;
}

function toDepth(depths: readonly number[], before: number, maximum: number, subject: string): number {
  const depth = before === NONE ? 1 : depths[before]! + 1;
  if (depth > maximum) {
    throw new ProtocolError('oversized', `${subject}: above the maximum of ${maximum}`);
  }
  return depth;
}

function unknownId(subject: string, id: number): ProtocolError {
  return new ProtocolError('bad-reference', `${subject}: ${id} was never sent`);
}

function twice(subject: string, id: number): ProtocolError {
  return new ProtocolError('bad-value', `${subject} ${id}: was sent before`);
}
