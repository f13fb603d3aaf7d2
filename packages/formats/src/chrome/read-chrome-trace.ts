/**
 * Owns reading traces of Chrome, of Node (`--trace-event-categories`) and of the many tools that write its JSON format:
 * a list of events, or an object with `traceEvents`.
 *
 *     ph X          a span with its length                    B, E   its begin and its end
 *     ph P          `Profile` and `ProfileChunk`: what V8's sampler saw, a profile for each thread that has one
 *     ph M          names of processes and threads            others are no spans of a thread, and are left out
 *
 * Spans that lie within each other on one thread are a stack. A span's own time is its length without what lies in it; all
 * threads' spans are one profile. Events may be cut off at the end of a list, as the format allows. What is left out is
 * said in notes.
 */
import type { SampleProfile } from '@stallscope/profile';
import { FormatError } from '../format-error.js';
import { JsonPlace, readJson } from '../json-bytes.js';
import type { ReadContext } from '../read.js';
import type { ReadBudget } from '../read-limits.js';
import { TraceNames } from './trace-names.js';
import { TraceSpans } from './trace-spans.js';
import { V8Chunks } from './v8-chunks.js';
import { toV8SampleProfile } from './v8-profile.js';

/** @throws FormatError with the path in the JSON text */
export function readChromeTrace(bytes: Uint8Array, { name, budget, notes }: ReadContext): SampleProfile[] {
  const root = new JsonPlace(readTrace(bytes, budget), '', 'chrome-trace');
  const events = Array.isArray(root.value) ? root : root.at('traceEvents');
  const names = new TraceNames();
  const spans = new TraceSpans(budget);
  const chunks = new V8Chunks();
  const list = events.array();
  let others = 0;
  for (const at of list.keys()) {
    // A list that was cut off may end in nothing.
    if (list[at] === null && at === list.length - 1) break;
    const event = events.element(at);
    budget.tick(event.path);
    const phase = event.at('ph').value;
    if (phase === 'X' || phase === 'B' || phase === 'E') spans.add(phase, event);
    else if (phase === 'M') names.add(event);
    else if (phase === 'P') chunks.add(event);
    else others++;
  }
  const profiles = chunks.profiles(name, names).map((profile) => toV8SampleProfile(profile, budget));
  const spanProfile = spans.toProfile(`${name} events`, names);
  if (spanProfile !== undefined) profiles.push(spanProfile);
  if (profiles.length === 0) {
    budget.refuse(events.path, 'have neither spans (X, B and E) nor samples of V8 (Profile, ProfileChunk)');
  }
  if (others > 0)
    notes.push(
      `${others} events that are no spans of a thread (asynchronous ones, counters, instants, flows) are left out.`,
    );
  notes.push(...spans.notes());
  return profiles;
}

/** A list may lack its closing bracket, as writers that crash leave it; what is then an unfinished event is left out. */
function readTrace(bytes: Uint8Array, budget: ReadBudget): unknown {
  try {
    return readJson(bytes, 'chrome-trace', budget.limits);
  } catch (error) {
    if (!(error instanceof FormatError) || bytes.find((byte) => byte > SPACE) !== OPEN_BRACKET) throw error;
    const end = endOfLastEvent(bytes);
    // Only what is cut off at its end is mended; what is broken before is refused with its place.
    if (end === undefined) throw error;
    const mended = new Uint8Array(end + 1);
    mended.set(bytes.subarray(0, end));
    mended[end] = CLOSE_BRACKET;
    try {
      return readJson(mended, 'chrome-trace', budget.limits);
    } catch {
      throw error;
    }
  }
}

/** Byte after the last event that is whole, where the list does not end; undefined for a list that does. */
function endOfLastEvent(bytes: Uint8Array): number | undefined {
  let depth = 0;
  let end: number | undefined;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      for (at++; at < bytes.length && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
      if (depth === 0) return undefined;
      if (depth === 1) end = at + 1;
    }
  }
  return end;
}

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
