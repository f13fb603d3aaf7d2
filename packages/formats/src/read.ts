/**
 * Owns reading any profile: inflated where it is gzip, its kind told by its content, read within bounds.
 *
 *     const read = await readProfile(bytes);
 *     if (read.format === 'stallscope') … read.windows … else … read.profiles …
 */
import type { ProfileTables, ProfileWindow, SampleProfile } from '@stallscope/profile';
import type { WindowFileHeader } from '@stallscope/protocol';
import { detectFormat } from './detect-format.js';
import { FormatError } from './format-error.js';
import type { FoldedUnit, FormatName } from './format-names.js';
import { inflate, isGzip } from './inflate.js';
import { assertReadable } from './known-unread.js';
import { DEFAULT_READ_LIMITS, ReadBudget, type ReadLimits } from './read-limits.js';
import { READERS } from './readers.js';
import { readStallscope } from './stallscope/read-stallscope.js';

export type SampleFormatName = Exclude<FormatName, 'stallscope'>;

export type ReadProfile =
  /** At least one profile; `notes` say what of the file was left out or guessed, in words, one sentence each. */
  | { format: SampleFormatName; profiles: SampleProfile[]; notes: string[] }
  /** At least one window. `cut`: the file ends inside a window; those before are whole. */
  | {
      format: 'stallscope';
      header: WindowFileHeader;
      tables: ProfileTables;
      windows: ProfileWindow[];
      cut: boolean;
    };

export interface ReadOptions {
  /** What the profile is called where the file does not say: its name without the folder. */
  name?: string;
  limits?: Readonly<ReadLimits>;
  /** What the numbers of folded stacks are, which the format does not say; default `count`. */
  foldedUnit?: FoldedUnit;
  /** For the deadline; default the platform's own clock. */
  nowMs?: () => number;
}

/** What a reader of one format gets beside the bytes. */
export interface ReadContext {
  name: string;
  budget: ReadBudget;
  foldedUnit: FoldedUnit;
  /** To be added to: what was left out or guessed. */
  notes: string[];
}

/** Reads inflated bytes of its format. @throws FormatError with the place */
export type Reader = (bytes: Uint8Array, context: ReadContext) => SampleProfile[];

/** @throws FormatError for what is not known, broken, or over a bound */
export async function readProfile(bytes: Uint8Array, options: ReadOptions = {}): Promise<ReadProfile> {
  const limits = options.limits ?? DEFAULT_READ_LIMITS;
  const nowMs = options.nowMs ?? (() => performance.now());
  const startMs = nowMs();
  if (bytes.length === 0) throw new FormatError('unknown', '', 'the file is empty');
  if (bytes.length > limits.maxInputBytes) {
    throw new FormatError('unknown', '', `${bytes.length} bytes, at most ${limits.maxInputBytes}`);
  }
  const content = isGzip(bytes) ? await inflate(bytes, limits.maxInflatedBytes) : bytes;
  assertReadable(content);
  const format = detectFormat(content);
  if (format === undefined) {
    throw new FormatError(
      'unknown',
      '',
      'none of the formats that are read here',
      'Known by content: folded stacks, pprof, perf script, speedscope, Firefox Profiler, Chrome cpuprofile and trace, OTLP profiles, stallscope files; each also as gzip.',
    );
  }
  if (format === 'stallscope') {
    const read = readStallscope(content);
    if (read.windows.length > 0) return read;
    throw new FormatError(
      'stallscope',
      '',
      'has no window in it',
      'The recording ended before its first window, or the file was cut inside it: record again, or copy the file again.',
    );
  }
  const context: ReadContext = {
    name: options.name ?? format,
    budget: new ReadBudget(format, limits, nowMs, startMs),
    foldedUnit: options.foldedUnit ?? 'count',
    notes: [],
  };
  const profiles = READERS[format](content, context);
  if (profiles.length === 0) throw new FormatError(format, '', 'has no profile in it');
  return { format, profiles, notes: context.notes };
}
