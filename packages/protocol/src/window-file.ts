/**
 * Owns the window file: a recording that an agent plays in place of the kernel. It is the wire, with lengths between.
 * Invariant: a file that was cut off (the recorder was killed) reads up to its last whole frame when asked to.
 *
 *     "STALLWIN"   u8 version   then blocks: u32 length, bytes     little endian
 *
 *     block 0      JSON {host: HostFacts, title, recordedAtMs, windowMs, snapshot?: SnapshotNote}
 *     block 1…     frames of protocol.ts, stream 0: (delta* window)*, resets allowed
 *
 * The file's version counts its own layout; each frame carries the protocol's.
 *
 *     1   first
 *     2   the header may say what a snapshot is, so that the file is complete by itself
 */
import { type ProfileTables, type ProfileWindow, TableImporter } from '@stallscope/profile';
import { ByteWriter, readUtf8, toUtf8 } from './bytes.js';
import { type HostFacts, readHostFacts, readRecordingFacts } from './control-messages.js';
import { DictionaryReader, DictionaryWriter } from './dictionary-codec.js';
import { readFrameHeader } from './frame-header.js';
import {
  MAX_FRAME_BYTES,
  MAX_WINDOW_FILE_BYTES,
  MAX_WINDOW_FILE_HEADER_BYTES,
  MAX_WINDOW_MS,
  MIN_WINDOW_MS,
} from './limits.js';
import { AGENT_STREAM, FRAME_TYPES, OLDEST_RECORDED_VERSION } from './protocol.js';
import { ProtocolError } from './protocol-error.js';
import { readSnapshotNote, type SnapshotNote } from './snapshots.js';
import { decodeWindow, encodeWindow } from './window-codec.js';

export const WINDOW_FILE_VERSION = 2;

export interface WindowFileHeader {
  host: HostFacts;
  title: string;
  recordedAtMs: number;
  windowMs: number;
  /** Of a recording that somebody kept and described. */
  snapshot?: SnapshotNote;
}

/** Makes the bytes; the caller appends what each call returns to the file, `start` first. */
export class WindowFileWriter {
  readonly #tables: ProfileTables;
  readonly #dictionary: DictionaryWriter;

  constructor(tables: ProfileTables) {
    this.#tables = tables;
    this.#dictionary = new DictionaryWriter(tables);
  }

  /** The tables that windows must belong to. */
  get tables(): ProfileTables {
    return this.#tables;
  }

  start(header: WindowFileHeader): Uint8Array<ArrayBuffer> {
    const writer = new ByteWriter(1024);
    writer.raw(MAGIC);
    writer.u8(WINDOW_FILE_VERSION);
    writeBlock(writer, toUtf8(JSON.stringify(header)));
    return writer.finish();
  }

  window(window: ProfileWindow): Uint8Array<ArrayBuffer> {
    const frames: Uint8Array[] = [];
    for (let delta = this.#dictionary.delta(); delta !== undefined; delta = this.#dictionary.delta()) {
      frames.push(delta);
    }
    frames.push(encodeWindow(window, AGENT_STREAM));
    const writer = new ByteWriter(4096, MAX_WINDOW_FILE_BYTES);
    for (const frame of frames) writeBlock(writer, frame);
    return writer.finish();
  }
}

/**
 * Reads a whole file into `into`. Throws ProtocolError for what is not a window file or lies.
 * `cut` is true when the file ends inside a block; the windows before are all there.
 */
export function readWindowFile(
  bytes: Uint8Array,
  into: ProfileTables,
): { header: WindowFileHeader; windows: ProfileWindow[]; cut: boolean } {
  if (bytes.length > MAX_WINDOW_FILE_BYTES) {
    throw new ProtocolError('oversized', `window file: more than ${MAX_WINDOW_FILE_BYTES} bytes`);
  }
  const start = MAGIC.length + 1;
  if (bytes.length < start || MAGIC.some((byte, at) => bytes[at] !== byte)) {
    throw new ProtocolError('bad-value', 'window file: does not start with STALLWIN; it is something else');
  }
  const version = bytes[MAGIC.length]!;
  if (version < 1 || version > WINDOW_FILE_VERSION) {
    throw new ProtocolError(
      'version-mismatch',
      `window file: version ${version}, this program reads 1 to ${WINDOW_FILE_VERSION}; a newer one may read it`,
    );
  }
  const blocks = new Blocks(bytes, start);
  const headerBlock = blocks.next(MAX_WINDOW_FILE_HEADER_BYTES);
  if (headerBlock === undefined) throw new ProtocolError('truncated', 'window file: ends inside its header');
  const header = readHeader(headerBlock, version);

  const reader = new DictionaryReader();
  let importer = new TableImporter(reader.tables, into);
  const windows: ProfileWindow[] = [];
  const take = (block: Uint8Array): void => {
    if (readFrameHeader(block, OLDEST_RECORDED_VERSION).type === FRAME_TYPES.window) {
      windows.push(importer.window(decodeWindow(block, reader.tables, OLDEST_RECORDED_VERSION)));
      return;
    }
    const before = reader.tables;
    reader.apply(block, OLDEST_RECORDED_VERSION);
    if (reader.tables !== before) importer = new TableImporter(reader.tables, into);
  };
  for (let block = blocks.next(MAX_FRAME_BYTES); block !== undefined; block = blocks.next(MAX_FRAME_BYTES)) {
    try {
      take(block);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      // Of a file the reader knows where, as a socket's reader does not.
      throw new ProtocolError(
        error.code,
        `byte ${block.byteOffset - bytes.byteOffset}, after ${windows.length} whole windows: ${error.message}`,
      );
    }
  }
  return { header, windows, cut: blocks.cut };
}

/** False for the first bytes, however few, of anything else. */
export function isWindowFileStart(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, at) => at >= bytes.length || bytes[at] === byte);
}

const MAGIC = toUtf8('STALLWIN');

/** u32 of a block's length. */
const LENGTH_BYTES = 4;

function writeBlock(writer: ByteWriter, block: Uint8Array): void {
  writer.u32(block.length);
  writer.raw(block);
}

class Blocks {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;
  cut = false;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  next(maximumBytes: number): Uint8Array | undefined {
    const remaining = this.#bytes.length - this.#at;
    if (remaining === 0) return undefined;
    if (remaining < LENGTH_BYTES) {
      this.cut = true;
      return undefined;
    }
    const length = this.#view.getUint32(this.#at, true);
    if (length > maximumBytes) {
      throw new ProtocolError(
        'oversized',
        `window file: a block of ${length} bytes, at most ${maximumBytes}`,
      );
    }
    if (length > remaining - LENGTH_BYTES) {
      this.cut = true;
      return undefined;
    }
    const from = this.#at + LENGTH_BYTES;
    this.#at = from + length;
    return this.#bytes.subarray(from, this.#at);
  }
}

function readHeader(block: Uint8Array, version: number): WindowFileHeader {
  let header: unknown;
  try {
    header = JSON.parse(readUtf8(block, 'window file header'));
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    throw new ProtocolError('bad-message', 'window file header: is not JSON');
  }
  if (typeof header !== 'object' || header === null || !('host' in header)) {
    throw new ProtocolError('bad-message', 'window file header: has no host');
  }
  const { host, ...rest } = header;
  const { windowMs, snapshot, ...recording } = rest as { windowMs?: unknown; snapshot?: unknown };
  if (!(typeof windowMs === 'number' && windowMs >= MIN_WINDOW_MS && windowMs <= MAX_WINDOW_MS)) {
    throw new ProtocolError('bad-message', 'window file header windowMs: is no window length');
  }
  if (snapshot !== undefined && version < 2) {
    throw new ProtocolError('bad-message', 'window file header snapshot: version 1 has none');
  }
  return {
    host: readHostFacts(host),
    ...readRecordingFacts(recording),
    windowMs,
    ...(snapshot !== undefined && { snapshot: readSnapshotNote(snapshot) }),
  };
}
