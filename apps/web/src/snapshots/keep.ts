/** Owns keeping what a page shows: its file made by the worker, its picture, what is said of it, and the hub's receipt. */
import {
  MAX_SNAPSHOT_BYTES,
  MAX_SNAPSHOT_TITLE_CHARS,
  type Snapshot,
  type SnapshotDraft,
} from '@stallscope/protocol';
import { toRefusalWords } from '../controls/ask-hub';
import type { KeptFile, Made, MakeRequest } from '../make/make-messages';
import { readAuthor } from './author';
import { makePreview } from './preview-image';
import { keepSnapshot } from './snapshot-api';
import { toSnapshotView } from './snapshot-view';

export type Kept = { ok: true; snapshot: Snapshot } | { ok: false; message: string; hint: string };

/** Keeps the windows that a page shows. */
export async function keepWindows(
  make: (request: MakeRequest) => Promise<Made>,
  title: string,
): Promise<Kept> {
  const view = toSnapshotView(location.search);
  // The picture first: it must be of what was on screen when the key was pressed.
  const preview = await makePreview();
  const note = {
    title: toTitle(title),
    notes: '',
    tags: [],
    author: toLine(readAuthor()),
    view,
    createdAtMs: Date.now(),
  };
  const made = await make({ kind: 'kept', note });
  if (made.kind === 'failed') return { ok: false, ...made };
  if (made.kind !== 'kept') throw new Error(`asked for a file to keep, was given ${made.kind}`);
  const { createdAtMs, ...words } = note;
  return send({ ...words, ...toFacts(made) }, preview, new Blob([made.bytes]));
}

/** Keeps a file as it is; what is said of it is known already. */
export async function keepFile(file: Blob, draft: Omit<SnapshotDraft, 'author' | 'view'>): Promise<Kept> {
  if (file.size > MAX_SNAPSHOT_BYTES) {
    return {
      ok: false,
      message: `The file has ${file.size} bytes, more than the ${MAX_SNAPSHOT_BYTES / 2 ** 20} MiB that are kept in one snapshot.`,
      hint: 'Convert a part of it.',
    };
  }
  const preview = await makePreview();
  return send(
    {
      ...draft,
      title: toTitle(draft.title),
      author: toLine(readAuthor()),
      view: toSnapshotView(location.search),
    },
    preview,
    file,
  );
}

async function send(draft: SnapshotDraft, preview: Uint8Array<ArrayBuffer>, data: Blob): Promise<Kept> {
  try {
    const { snapshot } = await keepSnapshot(draft, preview, data);
    return { ok: true, snapshot };
  } catch (error) {
    return { ok: false, message: `It was not kept: ${toRefusalWords(error)}`, hint: '' };
  }
}

function toFacts(file: KeptFile): Omit<SnapshotDraft, 'title' | 'notes' | 'tags' | 'author' | 'view'> {
  return {
    hostName: toLine(file.host.name),
    hostId: file.host.id,
    fromMs: file.fromMs,
    toMs: file.toMs,
    format: 'stallscope',
    totals: { waitedNs: file.waitedNs, value: null, windows: file.windows, lost: file.lost },
  };
}

export function toTitle(text: string): string {
  return [...toLine(text)].slice(0, MAX_SNAPSHOT_TITLE_CHARS).join('').trim() || 'Snapshot';
}

/** One line without characters that move the cursor or hide text: names of threads may have any. */
export function toLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}]+/gu, ' ');
}
