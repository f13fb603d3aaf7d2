/** Owns the first bytes of every binary frame: `u8 version, u8 type, varint stream`. */
import { ByteReader, ByteWriter } from './bytes.js';
import { MAX_FRAME_BYTES, MAX_STREAM } from './limits.js';
import { FRAME_TYPES, type FrameType, PROTOCOL_VERSION } from './protocol.js';
import { ProtocolError } from './protocol-error.js';

export interface FrameHeader {
  type: FrameType;
  stream: number;
}

/** Of the protocol, in which the frame was written. */
export interface VersionedFrame extends FrameHeader {
  version: number;
  body: ByteReader;
}

/**
 * The header, and a reader that stands at the body. Throws ProtocolError.
 * Peers speak the present version; a recording may be of `oldestVersion`.
 */
export function readFrame(bytes: Uint8Array, oldestVersion: number = PROTOCOL_VERSION): VersionedFrame {
  if (bytes.length > MAX_FRAME_BYTES) {
    throw new ProtocolError('oversized', `frame: ${bytes.length} bytes, the maximum is ${MAX_FRAME_BYTES}`);
  }
  const body = new ByteReader(bytes);
  const version = body.u8('frame version');
  if (version < oldestVersion || version > PROTOCOL_VERSION) {
    throw new ProtocolError(
      'version-mismatch',
      `frame: protocol ${version}, this side speaks ${PROTOCOL_VERSION}; upgrade the older of the two`,
    );
  }
  const type = body.u8('frame type');
  if (!isFrameType(type)) throw new ProtocolError('bad-frame', `frame: unknown type ${type}`);
  const stream = body.varint('frame stream');
  if (stream > MAX_STREAM) {
    throw new ProtocolError('oversized', `frame stream: ${stream}, the maximum is ${MAX_STREAM}`);
  }
  return { type, stream, version, body };
}

/** The header alone: which reader the frame is for. */
export function readFrameHeader(bytes: Uint8Array, oldestVersion?: number): FrameHeader {
  const { type, stream } = readFrame(bytes, oldestVersion);
  return { type, stream };
}

export function startFrame(type: FrameType, stream: number, capacityBytes?: number): ByteWriter {
  const writer = new ByteWriter(capacityBytes);
  writeHeader(writer, type, stream);
  return writer;
}

/** A frame from a body that is kept without its header, so that one body serves many streams. */
export function toFrame(type: FrameType, stream: number, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const header = startFrame(type, stream, 8).finish();
  const frame = new Uint8Array(header.length + body.length);
  frame.set(header);
  frame.set(body, header.length);
  return frame;
}

export function encodeReset(stream: number): Uint8Array<ArrayBuffer> {
  return startFrame(FRAME_TYPES.dictionaryReset, stream, 8).finish();
}

function writeHeader(writer: ByteWriter, type: FrameType, stream: number): void {
  if (!(stream >= 0 && stream <= MAX_STREAM)) {
    throw new ProtocolError('bad-number', `frame stream: ${stream} is not in 0..${MAX_STREAM}`);
  }
  writer.u8(PROTOCOL_VERSION);
  writer.u8(type);
  writer.varint(stream, 'frame stream');
}

function isFrameType(type: number): type is FrameType {
  return (
    type === FRAME_TYPES.dictionaryDelta ||
    type === FRAME_TYPES.window ||
    type === FRAME_TYPES.dictionaryReset
  );
}
