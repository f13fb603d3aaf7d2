/**
 * Owns telling the kind of a file by its content; names say what people think a file is.
 *
 *     STALLWIN…                       our own
 *     { or [                          JSON, told apart by the names of its outermost object
 *     a protobuf of fields 1, 2 only  OTLP; with a string table (field 6) pprof
 *     text                            `name pid time: event:` perf script; `a;b;c 12` folded
 */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import type { FormatName } from './format-names.js';
import { type JsonOutline, scanJson } from './json-bytes.js';
import { RESOURCE_PROFILES } from './otlp/otlp-fields.js';
import { toPerfHeader } from './perf-script/perf-header.js';
import { DEFAULT_READ_LIMITS } from './read-limits.js';

/** Bytes of text looked at: what comes first tells. */
const TEXT_BYTES = 64 * 1024;

/** Of inflated content; undefined when it is none that is known. */
export function detectFormat(bytes: Uint8Array): FormatName | undefined {
  if (startsWith(bytes, 'STALLWIN')) return 'stallscope';
  const first = bytes.find((byte) => byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09);
  if (first === 0x7b || first === 0x5b) {
    // The first two bytes of a protobuf may be a line end and a bracket: field 1, of 123 bytes.
    const format =
      (bytes[0] === FIRST_FIELD ? ofProtobuf(bytes) : undefined) ??
      ofJson(scanJson(bytes, DEFAULT_READ_LIMITS, 'unknown'), bytes);
    // A folded stack may begin with a bracket: `[unknown];main 3`.
    return format ?? (first === 0x5b ? ofText(bytes) : undefined);
  }
  return ofProtobuf(bytes) ?? ofText(bytes);
}

function ofJson({ kind, keys }: JsonOutline, bytes: Uint8Array): FormatName | undefined {
  if (kind === 'array') return keys.has('ph') ? 'chrome-trace' : undefined;
  if (keys.has('traceEvents')) return 'chrome-trace';
  if (keys.has('resourceProfiles')) return 'otlp';
  if (keys.has('profiles') && keys.has('shared')) return 'speedscope';
  if (keys.has('threads') && keys.has('meta')) return 'firefox';
  if (keys.has('nodes') && keys.has('startTime')) return 'chrome-cpuprofile';
  if (keys.has('head') && keys.has('startTime')) return 'chrome-cpuprofile';
  // What tells them by names may have been cut off; the reader then says where.
  const head = new TextDecoder().decode(bytes.subarray(0, TEXT_BYTES));
  if (keys.has('nodes') && /"callFrame"\s*:/.test(head)) return 'chrome-cpuprofile';
  if (keys.has('shared') && /"\$schema"\s*:\s*"[^"]*speedscope/.test(head)) return 'speedscope';
  return undefined;
}

/** Top-level fields of a pprof Profile: at most 15, 6 is the string table, whose first entry is empty. */
export function ofProtobuf(bytes: Uint8Array): FormatName | undefined {
  const reader = new BinaryReader(bytes);
  const seen = new Set<number>();
  try {
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      const isNested = type === WireType.LengthDelimited;
      if (field > MAX_PPROF_FIELD || (!isNested && type !== WireType.Varint)) return undefined;
      // A string table that is there tells; the rest need not be walked.
      if (field === STRING_TABLE && isNested) {
        return reader.uint32() === 0 || seen.has(STRING_TABLE) ? 'pprof' : undefined;
      }
      seen.add(field);
      reader.skip(type, field);
    }
  } catch {
    // Cut off, or no protobuf at all: samples before anything else are a pprof that ends too early.
    if (!seen.has(1) || !isLikelyBinary(bytes)) return undefined;
    if (beginsWithResource(bytes)) return 'otlp';
    return seen.has(2) ? 'pprof' : undefined;
  }
  if (seen.size === 0) return undefined;
  return seen.has(1) && [...seen].every((field) => field <= 2) ? 'otlp' : undefined;
}

/**
 * Whether the first field is of a resource with profiles, which is made of messages, and not a pprof's type of value,
 * which is made of two numbers. A resource may be there and empty.
 */
function beginsWithResource(bytes: Uint8Array): boolean {
  const reader = new BinaryReader(bytes);
  try {
    if (reader.uint32() !== FIRST_FIELD) return false;
    reader.uint32();
    const [field, type] = reader.tag();
    if (type !== WireType.LengthDelimited || field > RESOURCE_PROFILES.scopeProfiles) return false;
    const length = reader.uint32();
    return length > 0 || field === RESOURCE_PROFILES.resource;
  } catch {
    return false;
  }
}

/** Tag of field 1 with bytes in it; also a line end. */
const FIRST_FIELD = 0x0a;
const MAX_PPROF_FIELD = 15;
const STRING_TABLE = 6;

function isLikelyBinary(bytes: Uint8Array): boolean {
  return bytes.subarray(0, TEXT_BYTES).some((byte) => byte < 0x09 || (byte > 0x0d && byte < 0x20));
}

const FOLDED = /\S\s+\d+(?:\.\d+)?\s*$/;

function ofText(bytes: Uint8Array): FormatName | undefined {
  const head = bytes.subarray(0, TEXT_BYTES);
  if (head.includes(0)) return undefined;
  const lines = new TextDecoder().decode(head).split('\n');
  const first = lines.find((line) => line.trim() !== '' && !line.startsWith('#'));
  if (first === undefined) return undefined;
  if (toPerfHeader(first)?.timeNs !== undefined) return 'perf-script';
  // A stack may be longer than what was looked at: its number stands at its end.
  const isCut = bytes.length > TEXT_BYTES && first === lines.at(-1);
  return FOLDED.test(isCut ? endOfLine(bytes, TEXT_BYTES) : first) ? 'folded' : undefined;
}

/** The last bytes of the line that `at` is in. */
function endOfLine(bytes: Uint8Array, at: number): string {
  const newline = bytes.indexOf(0x0a, at);
  const end = newline < 0 ? bytes.length : newline;
  return new TextDecoder().decode(bytes.subarray(Math.max(0, end - LINE_END_BYTES), end));
}

/** A space and a number, and what is before them. */
const LINE_END_BYTES = 64;

function startsWith(bytes: Uint8Array, text: string): boolean {
  return bytes.length >= text.length && [...text].every((letter, at) => bytes[at] === letter.charCodeAt(0));
}
