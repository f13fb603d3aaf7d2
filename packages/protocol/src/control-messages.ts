/**
 * Owns the control messages: JSON texts, checked at the door by strict schemas (a field too many is refused, so that
 * a misspelt one is noticed). Inside, the types below are trusted.
 *
 * `readX` takes what a peer sent and throws ProtocolError; `toText` makes what is sent.
 */
import { LOSSES, type LossCounts } from '@stallscope/profile';
import { z } from 'zod';
import { toUtf8 } from './bytes.js';
import { checkShape } from './check-shape.js';
import { COLLECTIBLES } from './collectibles.js';
import {
  MAX_CAPABILITIES,
  MAX_CLOCK_MS,
  MAX_CONTROL_BYTES,
  MAX_CONTROL_TEXT_CHARS,
  MAX_HOST_ID_CHARS,
  MAX_HUB_CONTROL_BYTES,
  MAX_INLINE_DEPTH,
  MAX_SOURCE_PLACES,
  MAX_STREAM,
  MAX_STRING_BYTES,
  MAX_WINDOW_MS,
  MIN_WINDOW_MS,
} from './limits.js';
import { PROTOCOL_VERSION } from './protocol.js';
import { ProtocolError } from './protocol-error.js';

/** Window lengths that can be asked for, ms: the default first; 250 ms shows an event within half a second. */
export const WINDOW_LENGTHS_MS = [1000, 250, 500, 2000, 5000] as const;
export type WindowLengthMs = (typeof WINDOW_LENGTHS_MS)[number];

const text = z.string().max(MAX_CONTROL_TEXT_CHARS);
const clockMs = z.number().min(0).max(MAX_CLOCK_MS);
const wholeNumber = z.number().int().min(0);
const streamNumber = wholeNumber.max(MAX_STREAM);
const hostId = z
  .string()
  .min(1)
  .max(MAX_HOST_ID_CHARS)
  .regex(/^[^\p{Cc}\p{Cs}]+$/u, 'has control characters');
const windowLengthMs = z.literal(WINDOW_LENGTHS_MS);
const wants = z.array(z.enum(COLLECTIBLES)).max(COLLECTIBLES.length);

const capabilitySchema = z.strictObject({
  name: text,
  status: z.enum(['ok', 'degraded', 'missing']),
  detail: text,
});
export type Capability = z.infer<typeof capabilitySchema>;

const hostFactsSchema = z.strictObject({
  /** Stable for the host over reboots and reconnects; unique in a fleet. */
  id: hostId,
  name: text,
  kernel: text,
  arch: text,
  cpus: wholeNumber,
  memoryBytes: wholeNumber,
  bootId: text,
  os: text,
  capabilities: z.array(capabilitySchema).max(MAX_CAPABILITIES),
});
export type HostFacts = z.infer<typeof hostFactsSchema>;

const recordingSchema = z.strictObject({ title: text, recordedAtMs: clockMs });
/** Present when what is shown was recorded earlier, and never to be taken for this host now. */
export type RecordingFacts = z.infer<typeof recordingSchema>;

const helloSchema = z.strictObject({
  type: z.literal('hello'),
  protocol: z.literal(PROTOCOL_VERSION),
  agent: z.strictObject({
    version: text,
    /** Drawn anew each time an agent starts: sequence numbers count within one run. */
    run: text.min(1),
  }),
  host: hostFactsSchema,
  windowMs: z.number().min(MIN_WINDOW_MS).max(MAX_WINDOW_MS),
  recording: recordingSchema.optional(),
});
export type Hello = z.infer<typeof helloSchema>;

/** A function, as frames name it: where does its code come from? */
const sourceQuestionSchema = z.strictObject({
  name: z.string().min(1).max(MAX_STRING_BYTES),
  module: z.string().min(1).max(MAX_STRING_BYTES),
});
export type SourceQuestion = z.infer<typeof sourceQuestionSchema>;

const sourcePlaceSchema = z.strictObject({
  /** '' when it is not told. */
  function: text,
  /** As the compiler was given it; '' when it is not told. */
  file: text,
  /** 0 when it is not told. */
  line: wholeNumber,
  column: wholeNumber,
});
export type SourcePlace = z.infer<typeof sourcePlaceSchema>;

const sourceAnswerSchema = z.strictObject({
  /**
   * Where it was seen, each place once: the function that the code is written in first, then those that the compiler
   * expanded it into, up to the function that was asked for.
   */
  places: z.array(z.array(sourcePlaceSchema).min(1).max(MAX_INLINE_DEPTH)).max(MAX_SOURCE_PLACES),
  /** Addresses of the function that were looked at. */
  addresses: wholeNumber,
  /** Why there are no places, or not all; '' when there is nothing to say. */
  note: text,
});
export type SourceAnswer = z.infer<typeof sourceAnswerSchema>;

const agentToHubSchema = z.discriminatedUnion('type', [
  helloSchema,
  /** Answers an {ask-source} of the same number. */
  z.strictObject({ type: z.literal('source'), ask: wholeNumber, answer: sourceAnswerSchema }),
]);
export type AgentToHub = z.infer<typeof agentToHubSchema>;

const setAgentWindowSchema = z.strictObject({ type: z.literal('set-window'), windowMs: windowLengthMs });
const hubToAgentSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('welcome') }),
  setAgentWindowSchema,
  /** The window of this sequence number is the hub's now. What is not acknowledged is sent again after a reconnect. */
  z.strictObject({ type: z.literal('ack'), sequence: wholeNumber }),
  z.strictObject({ type: z.literal('ask-source'), ask: wholeNumber, question: sourceQuestionSchema }),
  /** What browsers ask for, all together: from the next window on. Beside it goes on what the agent collects by itself. */
  z.strictObject({ type: z.literal('collect'), wants }),
]);
export type HubToAgent = z.infer<typeof hubToAgentSchema>;

const browserToHubSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('watch'),
    stream: streamNumber,
    host: hostId,
    /** Retained windows that end after this come first, oldest first; absent: all of them. In the host's clock. */
    sinceMs: clockMs.optional(),
  }),
  z.strictObject({ type: z.literal('unwatch'), stream: streamNumber }),
  z.strictObject({ type: z.literal('set-window'), host: hostId, windowMs: windowLengthMs }),
  /** In place of what this browser asked of the host before; taken back when it watches the host no longer. */
  z.strictObject({ type: z.literal('collect'), host: hostId, wants }),
]);
export type BrowserToHub = z.infer<typeof browserToHubSchema>;

const lossCountsSchema: z.ZodType<LossCounts> = z.partialRecord(z.enum(LOSSES), wholeNumber);

const hostSummarySchema = z.strictObject({
  host: hostFactsSchema,
  /** stale: connected, but no window for three window lengths and three seconds. */
  state: z.enum(['live', 'stale', 'disconnected']),
  recording: recordingSchema.nullable(),
  /** When the agent's present or last connection began, in the hub's clock. */
  connectedAtMs: clockMs,
  /** End of the newest window, in the host's clock. */
  lastWindowEndMs: clockMs.nullable(),
  /** From the end of the newest window to its arrival; the difference of the two clocks is in it, so it may be negative. */
  lagMs: z.number().nullable(),
  windowMs: z.number().min(MIN_WINDOW_MS).max(MAX_WINDOW_MS),
  tauNs: wholeNumber.nullable(),
  governed: z.boolean(),
  /** Exact blocked time of all threads in the newest window, ns. */
  waitedNs: z.number().min(0),
  /** Over what is retained. */
  losses: lossCountsSchema,
  retained: z.strictObject({
    windows: wholeNumber,
    bytes: wholeNumber,
    /** Start of the oldest, in the host's clock. */
    fromMs: clockMs.nullable(),
  }),
});
export type HostSummary = z.infer<typeof hostSummarySchema>;
export type HostState = HostSummary['state'];

const hubWelcomeSchema = z.strictObject({
  type: z.literal('welcome'),
  protocol: z.literal(PROTOCOL_VERSION),
  nowMs: clockMs,
  retainMs: wholeNumber,
  retainBytes: wholeNumber,
});
const hubToBrowserSchema = z.discriminatedUnion('type', [
  hubWelcomeSchema,
  z.strictObject({ type: z.literal('hosts'), hosts: z.array(hostSummarySchema) }),
  z.strictObject({
    type: z.literal('watching'),
    stream: streamNumber,
    host: hostId,
    /** Start of the oldest window that follows; the hub's now when there is none. */
    availableFromMs: clockMs,
    /** Retained windows that follow before live ones. */
    windows: wholeNumber,
  }),
  /** The next window of the stream is this many windows in one, as the socket was full when they came. */
  z.strictObject({ type: z.literal('coalesced'), stream: streamNumber, windows: wholeNumber }),
  z.strictObject({ type: z.literal('ended'), stream: streamNumber, reason: text }),
]);
export type HubToBrowser = z.infer<typeof hubToBrowserSchema>;

export function readAgentToHub(received: string): AgentToHub {
  return readControl(received, agentToHubSchema, 'agent message', MAX_CONTROL_BYTES);
}

export function readHubToAgent(received: string): HubToAgent {
  return readControl(received, hubToAgentSchema, 'hub message', MAX_CONTROL_BYTES);
}

export function readBrowserToHub(received: string): BrowserToHub {
  return readControl(received, browserToHubSchema, 'browser message', MAX_CONTROL_BYTES);
}

export function readHubToBrowser(received: string): HubToBrowser {
  return readControl(received, hubToBrowserSchema, 'hub message', MAX_HUB_CONTROL_BYTES);
}

export function toText(message: AgentToHub | HubToAgent | BrowserToHub | HubToBrowser): string {
  return JSON.stringify(message);
}

/** What a browser asks of a host over HTTP. */
export function readSourceQuestion(received: unknown): SourceQuestion & { host: string } {
  return checkShape(received, sourceQuestionSchema.extend({ host: hostId }), 'source question');
}

export function readSourceAnswer(received: unknown): SourceAnswer {
  return checkShape(received, sourceAnswerSchema, 'source answer');
}

/** The facts of a host outside a message: the header of a window file. */
export function readHostFacts(received: unknown): HostFacts {
  return checkShape(received, hostFactsSchema, 'host facts');
}

export function readRecordingFacts(received: unknown): RecordingFacts {
  return checkShape(received, recordingSchema, 'recording');
}

function readControl<Schema extends z.ZodType>(
  received: string,
  schema: Schema,
  subject: string,
  maximumBytes: number,
): z.infer<Schema> {
  // A character is at least a byte, so the cheap test spares encoding what is far too long.
  if (received.length > maximumBytes || toUtf8(received).length > maximumBytes) {
    throw new ProtocolError('oversized', `${subject}: more than ${maximumBytes} bytes`);
  }
  let message: unknown;
  try {
    message = JSON.parse(received);
  } catch {
    throw new ProtocolError('bad-message', `${subject}: is not JSON`);
  }
  checkVersion(message, subject);
  return checkShape(message, schema, subject);
}

/** Before the shape: what another version sends may have any shape, and its number is the better answer. */
function checkVersion(message: unknown, subject: string): void {
  if (typeof message !== 'object' || message === null || !('protocol' in message)) return;
  const { protocol } = message;
  if (typeof protocol === 'number' && protocol !== PROTOCOL_VERSION) {
    throw new ProtocolError(
      'version-mismatch',
      `${subject}: protocol ${protocol}, this side speaks ${PROTOCOL_VERSION}; upgrade the older of the two`,
    );
  }
}
