/**
 * Owns the copy of a snapshot that a share link shows when something is hidden: every text in it, those of its facts too,
 * has gone through the redactor of packages/profile, under a key that is drawn for this copy and then forgotten.
 *
 * A window file becomes a window file; any other a pprof, or OTLP where it holds several profiles or times. Of the view that the snapshot opens with stays what holds no
 * name: a search, a place in the graph or a pattern would be one.
 */
import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { FormatError, readProfile, writeOtlpProfiles, writeProfile } from '@stallscope/formats';
import {
  HASH_KEY_BYTES,
  NOISE_PRESETS,
  type ProfileTables,
  type ProfileWindow,
  type Redactor,
  type Reduction,
  redactorOf,
  redactorOfSamples,
  redactSamples,
  redactWindows,
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
    const reduced = toReducedDraft(draft, redactor, true);
    return { draft: reduced, data: toWindowFile(header, tables, windows, reduced, redactor) };
  }
  // A profile without samples shows nothing, and is not in the copy either.
  const filled = read.profiles.filter(({ sampleStack }) => sampleStack.length > 0);
  const redactor = redactorOfSamples(read.profiles, hosts, reduce, key);
  const reduced = toReducedDraft(draft, redactor, filled.length === read.profiles.length);
  const [profile = read.profiles[0]!, ...others] = filled;
  if (others.length === 0 && profile.sampleAtNs === null) {
    const { bytes } = await writeProfile(redactSamples(profile, redactor), 'pprof');
    return { draft: { ...reduced, format: 'pprof' }, data: bytes };
  }
  // The one format that keeps times, labels and several profiles; it is not compressed by itself.
  const { bytes } = writeOtlpProfiles(filled.map((each) => redactSamples(each, redactor)));
  return { draft: { ...reduced, format: 'otlp' }, data: gzipSync(bytes) };
};

/** Names of the page's query whose values are numbers or words of ours. */
const PLAIN_PARAMETERS: ReadonlySet<string> = new Set([
  ...['view', 'p', 't', 'kinds', 'states', 'slices', 'root'],
  ...['show', 'flow', 'merge', 'rec', 'by', 'colour', 'cols'],
  ...['heat', 'lat', 'lines', 'cells'],
]);
const PLAIN_VALUE = /^[\w,-]{1,64}$/;

/** Which profile of a file and which of its values; their names and numbers are those of the original. */
const OF_THE_FILE: ReadonlySet<string> = new Set(['profile', 'value']);

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

function toReducedDraft(draft: SnapshotDraft, redactor: Redactor, hasAllProfiles: boolean): SnapshotDraft {
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
    view: toPlainView(draft.view, hasAllProfiles),
    totals: { ...totals, value: totals.value === null ? null : { ...totals.value } },
  };
}

function toPlainView(view: string, hasAllProfiles: boolean): string {
  const plain = new URLSearchParams();
  for (const [name, value] of new URLSearchParams(view)) {
    const isPlain = PLAIN_PARAMETERS.has(name) || (hasAllProfiles && OF_THE_FILE.has(name));
    if (isPlain && PLAIN_VALUE.test(value)) plain.append(name, value);
    if (name !== 'noise') continue;
    // Presets that were edited, and the reader's own, are patterns of names.
    const stock = value.split(',').filter((id) => NOISE_PRESETS.some((preset) => preset.id === id));
    if (stock.length > 0) plain.append(name, stock.join(','));
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
