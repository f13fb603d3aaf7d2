/**
 * Owns the copy of a snapshot that a share link shows when something is hidden: every text in it, those of its facts too,
 * has gone through the redactor of packages/profile, under a key that is drawn for this copy and then forgotten.
 *
 * A window file becomes a window file, any other a pprof. Of the view that the snapshot opens with stays what holds no
 * name: a search, a place in the graph or a pattern would be one.
 */
import { randomBytes } from 'node:crypto';
import { FormatError, readProfile, writeProfile } from '@stallscope/formats';
import {
  HASH_KEY_BYTES,
  type ProfileTables,
  type ProfileWindow,
  type Redactor,
  type Reduction,
  redactorOf,
  redactorOfSamples,
  redactSamples,
  redactWindows,
  type SampleProfile,
} from '@stallscope/profile';
import {
  MAX_SNAPSHOT_NOTES_CHARS,
  MAX_SNAPSHOT_TITLE_CHARS,
  type SnapshotDraft,
  type WindowFileHeader,
  WindowFileWriter,
} from '@stallscope/protocol';
import type { ReducedCopy } from '@stallscope/store';
import { BodyError } from './request-body.js';

/** Throws BodyError for a file that cannot be read, or not be reduced. */
export type ReduceCopy = (draft: SnapshotDraft, data: Uint8Array, reduce: Reduction) => Promise<ReducedCopy>;

export const reduceCopy: ReduceCopy = async (draft, data, reduce) => {
  const key = randomBytes(HASH_KEY_BYTES);
  const hosts = [draft.hostName, draft.hostId];
  const read = await readFile(draft, data);
  if (read.format === 'stallscope') {
    const { header, tables, windows } = read;
    const redactor = redactorOf(tables, windows, [...hosts, header.host.name, header.host.id], reduce, key);
    const reduced = toReducedDraft(draft, redactor);
    return { draft: reduced, data: toWindowFile(header, tables, windows, reduced, redactor) };
  }
  const [profile, ...others] = read.profiles as [SampleProfile, ...SampleProfile[]];
  if (others.length > 0) {
    throw new BodyError(
      422,
      `the file holds ${others.length + 1} profiles, and names can be hidden in a file of one; share it as it is, or keep one of them as a snapshot of its own`,
    );
  }
  const redactor = redactorOfSamples(profile, hosts, reduce, key);
  const { bytes } = await writeProfile(redactSamples(profile, redactor), 'pprof');
  return { draft: { ...toReducedDraft(draft, redactor), format: 'pprof' }, data: bytes };
};

/** Names of the page's query whose values are numbers or words of ours. */
const PLAIN_PARAMETERS: ReadonlySet<string> = new Set([
  ...['view', 'p', 't', 'kinds', 'states', 'root'],
  ...['show', 'flow', 'merge', 'rec'],
]);
const PLAIN_VALUE = /^[\w,-]{1,64}$/;

async function readFile(draft: SnapshotDraft, data: Uint8Array) {
  try {
    return await readProfile(data, { name: draft.title });
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new BodyError(
      422,
      `names cannot be hidden in this snapshot, as its file cannot be read: ${error.message}`,
    );
  }
}

function toReducedDraft(draft: SnapshotDraft, redactor: Redactor): SnapshotDraft {
  const { totals } = draft;
  return {
    ...draft,
    // A token may be longer than the word that it stands for.
    title: redactor.text(draft.title).slice(0, MAX_SNAPSHOT_TITLE_CHARS),
    notes: redactor.text(draft.notes).slice(0, MAX_SNAPSHOT_NOTES_CHARS),
    author: redactor.text(draft.author).slice(0, MAX_SNAPSHOT_TITLE_CHARS),
    tags: [],
    hostName: redactor.host(draft.hostName),
    hostId: redactor.host(draft.hostId),
    view: toPlainView(draft.view),
    totals: { ...totals, value: totals.value === null ? null : { ...totals.value } },
  };
}

function toPlainView(view: string): string {
  const plain = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(view)) {
    if (PLAIN_PARAMETERS.has(name) && PLAIN_VALUE.test(value)) plain.append(name, value);
  }
  return plain.toString();
}

function toWindowFile(
  { host, ...header }: WindowFileHeader,
  tables: ProfileTables,
  windows: readonly ProfileWindow[],
  reduced: SnapshotDraft,
  redactor: Redactor,
): Uint8Array {
  const copy = redactWindows(tables, windows, redactor);
  const writer = new WindowFileWriter(copy.tables);
  const { title, notes, tags, author, view } = reduced;
  const { createdAtMs } = header.snapshot ?? { createdAtMs: header.recordedAtMs };
  const parts = [
    writer.start({
      ...header,
      title: redactor.text(header.title),
      host: {
        ...host,
        name: redactor.host(host.name),
        id: redactor.host(host.id),
        bootId: redactor.host(host.bootId),
        // What the host allows and why not is told in words, with paths and names in them.
        capabilities: [],
      },
      snapshot: { title, notes, tags, author, view, createdAtMs },
    }),
    ...copy.windows.map((window) => writer.window(window)),
  ];
  return Buffer.concat(parts);
}
