/**
 * Owns what a page and the worker of a still say to each other. A still is a profile that stands: a snapshot, a shared
 * one, or a file. One worker holds one still; another still gets another worker.
 *
 *     page → worker    {open} once, {select} on every change of the selection, {base-file}, {make}
 *     worker → page    {opened} or {refused}, {view}, {made}
 */
import type { SampleFormatName } from '@stallscope/formats';
import type { ValueType } from '@stallscope/profile';
import type { HostFacts, SnapshotNote } from '@stallscope/protocol';
import type { LiveSelection, ViewUpdate } from '../live/live-messages';
import type { Made, MakeRequest } from '../make/make-messages';

export interface StillSelection extends LiveSelection {
  /** Of samples: which profile of the file, and which of its values; what it has not reads as its own first. */
  profile: number;
  value: string | null;
}

export type ToStillWorker =
  | { type: 'open'; file: Blob; name: string }
  | { type: 'select'; selection: StillSelection }
  /** A file that a difference may name as its base. */
  | { type: 'base-file'; name: string; file: Blob }
  | { type: 'make'; id: number; request: MakeRequest };

export type FromStillWorker =
  | { type: 'opened'; still: StillFacts }
  /** The file cannot be shown; `message` says what it was read as, where it breaks and why. */
  | { type: 'refused'; message: string; hint: string }
  | ({ type: 'view' } & ViewUpdate)
  | { type: 'made'; id: number; made: Made };

/** What is known of a still beside its views. */
export type StillFacts = WindowStillFacts | SampleStillFacts;

export interface WindowStillFacts {
  kind: 'windows';
  bytes: number;
  host: HostFacts;
  title: string;
  /** Where the file is that of a snapshot: what was said of it. */
  snapshot: SnapshotNote | null;
  /** Of the first window's start and the last one's end, ms of the host's clock. */
  fromMs: number;
  toMs: number;
  windows: number;
  waitedNs: number;
  lost: number;
  /** The file ends inside a window; those before it are whole. */
  cut: boolean;
}

export interface SampleStillFacts {
  kind: 'samples';
  bytes: number;
  format: SampleFormatName;
  profiles: SampleProfileFacts[];
  /** What of the file was left out or guessed, in words. */
  notes: string[];
}

export interface SampleProfileFacts {
  title: string;
  valueTypes: ValueType[];
  /** Index into `valueTypes`. */
  defaultValue: number;
  samples: number;
  /** Of the samples, by value type. */
  totals: number[];
  /** Wall clock of its beginning, ms, and its length, ns; null where the file does not say. */
  startMs: number | null;
  durationNs: number | null;
}
