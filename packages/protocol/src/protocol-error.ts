/**
 * Owns what can be wrong between two peers: one code each, stable, with the WebSocket close code that says it.
 * 4000–4019 what was said is wrong; 4020–4039 the hub will not go on with this peer.
 */
import { MAX_CLOSE_REASON_BYTES } from './limits.js';

/** Breaking the protocol, or a bound of it. `message` is the close reason: what was being read, what is wrong. */
export class ProtocolError extends Error {
  readonly code: ProtocolErrorCode;
  readonly closeCode: number;

  constructor(code: ProtocolErrorCode, message: string) {
    super(toCloseReason(message));
    this.name = 'ProtocolError';
    this.code = code;
    this.closeCode = CLOSE_CODES[code];
  }
}

export const CLOSE_CODES = {
  /** A control message is not JSON, not of a known type, or has a field too many, too few or of the wrong shape. */
  'bad-message': 4000,
  /** The peer speaks another version of the protocol. Upgrade the older of the two. */
  'version-mismatch': 4001,
  /** A message that this state does not allow: a window before hello, a second hello, a binary frame from a browser. */
  'out-of-turn': 4002,
  /** The bytes end before what they announce: a count, a length or a number runs past the end. */
  truncated: 4003,
  /** Bytes are left over after the last field. */
  'trailing-bytes': 4004,
  /** A frame, text, count, depth or length is above its maximum in limits.ts. */
  oversized: 4005,
  /** A number that is not finite, not below 2^53, negative where it cannot be, or not in its shortest form. */
  'bad-number': 4006,
  /** An id that was never sent, a dictionary that does not continue where the last one ended, or a caller above itself. */
  'bad-reference': 4007,
  /** A code outside its vocabulary, columns of different lengths, an entry that is there twice. */
  'bad-value': 4008,
  /** Text that is not UTF-8. */
  'bad-text': 4009,
  /** A frame of a type, or on a stream, that this peer does not send. */
  'bad-frame': 4010,
  /** The dictionary is above its bound. Rebuild your tables from what is still in use and send a reset. */
  'dictionary-full': 4011,
  /** No hello came in time. */
  'hello-timeout': 4020,
  /** A newer agent with the same host id took over. Do not reconnect: two agents run on one host. */
  replaced: 4021,
  /** The hub has as many agents as it allows. Try again later. */
  'too-many-agents': 4022,
  /** The hub has as many browsers as it allows. */
  'too-many-browsers': 4023,
  /** The browser watches as many streams as the hub allows. */
  'too-many-streams': 4024,
  /** Messages come faster than the hub allows. */
  'too-fast': 4025,
  /** No answer to pings, or nothing taken from a full socket, for too long. */
  unresponsive: 4026,
  /** The hub failed to handle this peer; the fault is the hub's. Reconnect. */
  'hub-fault': 4027,
  /** The hub is closing. Reconnect with backoff. */
  'hub-closing': 4028,
} as const;

export type ProtocolErrorCode = keyof typeof CLOSE_CODES;

/** At most 123 bytes of printable ASCII, whatever a peer put into the message. */
export function toCloseReason(message: string): string {
  const printable = message.replace(/[^\x20-\x7e]/g, '?');
  return printable.length <= MAX_CLOSE_REASON_BYTES
    ? printable
    : `${printable.slice(0, MAX_CLOSE_REASON_BYTES - 3)}...`;
}
