/**
 * Owns what a page asks its worker to make of what is shown, and what it gets. Requests are answered by their number, in
 * any order.
 */
import type { DiffFormat, OutputFormat } from '@stallscope/formats';
import type { DiffWidth } from '@stallscope/profile';
import type { HostFacts, Reduction, Snapshot, SnapshotNote } from '@stallscope/protocol';

export type MakeRequest =
  /** The windows shown, whole: rows of every process, kind and state, whatever the filters leave out. */
  | { kind: 'kept'; note: SnapshotNote }
  /** The present view in a format of others (or ours), filters and all. */
  | { kind: 'export'; format: OutputFormat; note: SnapshotNote }
  /** What the view is compared with and what changed, as the page shows it; for tools that know of differences. */
  | { kind: 'difference'; format: DiffFormat; width: DiffWidth; note: SnapshotNote }
  /** What would remain of the file if a share link hid this. */
  | { kind: 'reduction'; reduce: Reduction; about: SharedWords };

/** What a link says of a snapshot beside its file. */
export type SharedWords = Pick<Snapshot, 'hostName' | 'hostId' | 'title' | 'notes' | 'author'>;

export type Made =
  | ({ kind: 'kept' } & KeptFile)
  | { kind: 'export'; bytes: Uint8Array<ArrayBuffer>; mediaType: string; extension: string; lost: string[] }
  | { kind: 'reduction'; kinds: ReducedKind[] }
  /** Nothing was made; `message` says what and why, `hint` what to do. */
  | { kind: 'failed'; message: string; hint: string };

/** A window file with what a list of snapshots says of it. */
export interface KeptFile {
  bytes: Uint8Array<ArrayBuffer>;
  host: HostFacts;
  fromMs: number;
  toMs: number;
  windows: number;
  /** Exact blocked time of all threads, ns. */
  waitedNs: number;
  /** All losses together. */
  lost: number;
}

/** One kind of name, with some of its names as they are and as a link would show them. */
export interface ReducedKind {
  /** In the singular: `host`, `thread name`. */
  name: string;
  total: number;
  /** How many of them change. */
  changed: number;
  /** At most `MAX_REDUCED_EXAMPLES`, those that change first. */
  examples: { before: string; after: string }[];
}

/** Names of one kind that a preview shows: enough to see what is left, little enough to read. */
export const MAX_REDUCED_EXAMPLES = 40;
