/**
 * The protocol between agent, hub and browser: what is said, in which order, and which version says it.
 *
 * One WebSocket a peer. Text messages are control messages (JSON, `control-messages.ts`); binary messages are frames
 * of profile data, hand-packed because a window of a busy host has tens of thousands of rows.
 *
 *     agent → hub      {hello} then binary frames of stream 0: (dictionary delta* window)*, a reset where it likes
 *     hub → agent      {welcome}, {set-window} and {collect} at any time
 *
 *     hub → browser    {welcome}, {hosts} about once a second, and for each watched stream:
 *                      {watching}, reset, (dictionary delta* window)*, maybe {coalesced} before a window, {ended}
 *     browser → hub    {watch}, {unwatch}, {set-window}, {collect}
 *
 * A frame is
 *
 *     u8 version   u8 type   varint stream   body
 *     03           01        00              dictionary delta: strings, frames, stacks, chains not sent before
 *     03           02        00              window: columns of ids into what was sent
 *     03           03        00              reset: forget the dictionary of this stream; body empty
 *
 * Invariants
 * - A window names only ids that earlier deltas of its stream (since its last reset) carried.
 * - Ids are positions: a delta says at which id it starts, and the reader refuses any other than its next one.
 * - A stack's caller and a chain's next waker have smaller ids than itself, so no cycle can be said.
 * - Every size has a maximum in `limits.ts`, and is checked against the bytes that are there before memory is taken.
 * - What breaks a rule is answered with a `ProtocolError`; its close code and reason are in `protocol-error.ts`.
 *
 * Versions: a change that an older peer cannot read gets the next number, an entry here, and a recording in
 * `recorded-frames.test.ts`.
 *
 *     1   first
 *     2   slices of rows, time within the window of threads, who processes are, kinds of frames, period of CPU samples
 *     3   quarters of rows, latencies, vitals, probes; octaves of lengths begin at powers of two of a microsecond, where
 *         those of older frames, which began at powers of two of a nanosecond, are taken to (they are 2.4 % off)
 */

export const PROTOCOL_VERSION = 3;
/** Frames in recordings are read from this version on; peers must speak the present one. */
export const OLDEST_RECORDED_VERSION = 1;

export const FRAME_TYPES = { dictionaryDelta: 1, window: 2, dictionaryReset: 3 } as const;
export type FrameType = (typeof FRAME_TYPES)[keyof typeof FRAME_TYPES];

/** The stream that agents send on; browsers choose the number of each stream when they watch. */
export const AGENT_STREAM = 0;
