/**
 * Owns asking the hub for snapshots and share links. Every failure is a `HubRefusal` whose words can be shown as they
 * are; answers are checked before they are believed.
 */
import {
  type Reduction,
  readKeepsNone,
  readShareCreated,
  readSharedSnapshot,
  readShares,
  readSnapshot,
  readSnapshotCreated,
  readSnapshotList,
  type Share,
  type ShareCreated,
  type SharedSnapshot,
  SNAPSHOT_UPLOAD_TYPE,
  type Snapshot,
  type SnapshotCreated,
  type SnapshotDraft,
  type SnapshotList,
  type SnapshotPatch,
  toSnapshotUpload,
} from '@stallscope/protocol';
import { askHub, HubRefusal, jsonOf } from '../controls/ask-hub';

/** As the hub answers where a snapshot is asked of it by itself. */
const KEEPS_NONE_STATUS = 503;

/** What a share link opens with; a session when it is null. */
export type ShareToken = string | null;

export async function listSnapshots(words: string, tags: readonly string[]): Promise<SnapshotList> {
  const query = new URLSearchParams();
  if (words.trim() !== '') query.set('q', words.trim());
  for (const tag of tags) query.append('tag', tag);
  const answer = await askJson(`/api/snapshots?${query}`);
  const keepsNone = readKeepsNone(answer);
  if (keepsNone !== undefined) throw new HubRefusal(KEEPS_NONE_STATUS, keepsNone);
  return readSnapshotList(answer);
}

export async function findSnapshot(id: string): Promise<Snapshot> {
  return readSnapshot(await askJson(pathOf(id)));
}

export async function findShared(token: string): Promise<SharedSnapshot> {
  return readSharedSnapshot(await askJson('/api/shared', {}, token));
}

/** The file; `onBytes` hears how much of it has come. */
export async function fetchData(
  path: string,
  token: ShareToken,
  onBytes: (bytes: number) => void,
): Promise<Blob> {
  const response = await askHub(path, {}, token);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const part = await readPart(reader);
    if (part === undefined) return new Blob(parts);
    parts.push(part);
    bytes += part.length;
    onBytes(bytes);
  }
}

export const SHARED_DATA_PATH = '/api/shared/data';

export function dataPathOf(id: string): string {
  return `${pathOf(id)}/data`;
}

export function previewPathOf(id: string): string {
  return `${pathOf(id)}/preview`;
}

export async function keepSnapshot(
  draft: SnapshotDraft,
  preview: Uint8Array<ArrayBuffer>,
  data: Blob,
): Promise<SnapshotCreated> {
  // The file is the last part, so it may stay a Blob: it is never copied into the page.
  const parts = toSnapshotUpload(draft, preview, new Uint8Array(0));
  const body = new Blob([...parts, data], { type: SNAPSHOT_UPLOAD_TYPE });
  return readSnapshotCreated(
    await askJson('/api/snapshots', {
      method: 'POST',
      body,
      headers: { 'content-type': SNAPSHOT_UPLOAD_TYPE },
    }),
  );
}

export async function changeSnapshot(id: string, patch: SnapshotPatch): Promise<Snapshot> {
  return readSnapshot(await askJson(pathOf(id), jsonOf('PATCH', patch)));
}

export async function deleteSnapshot(id: string): Promise<void> {
  await askHub(pathOf(id), { method: 'DELETE' });
}

export async function listShares(id: string): Promise<Share[]> {
  return readShares(await askJson(`${pathOf(id)}/shares`));
}

export async function createShare(
  id: string,
  request: { expiresInMs: number | null; reduce: Reduction; note: string },
): Promise<ShareCreated> {
  return readShareCreated(await askJson(`${pathOf(id)}/shares`, jsonOf('POST', request)));
}

export async function revokeShare(shareId: string): Promise<void> {
  await askHub(`/api/shares/${encodeURIComponent(shareId)}`, { method: 'DELETE' });
}

function pathOf(id: string): string {
  return `/api/snapshots/${encodeURIComponent(id)}`;
}

async function askJson(path: string, init: RequestInit = {}, token: ShareToken = null): Promise<unknown> {
  const response = await askHub(path, init, token);
  return response.json();
}

async function readPart(
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> | undefined,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return (await reader?.read())?.value;
  } catch {
    throw new HubRefusal(0, 'The hub stopped answering in the middle of the file. Try again.');
  }
}
