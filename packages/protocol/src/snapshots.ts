/**
 * Owns what hub and browser say of snapshots and share links over HTTP: the shapes, their bounds, and the body of an upload.
 *
 *     POST   /api/snapshots                   toSnapshotUpload → 201 {snapshot, evicted}
 *     GET    /api/snapshots?q=WORDS&tag=TAG   200 SnapshotList; q and tag may be given several times, all must match
 *     GET    /api/snapshots/ID                200 {snapshot}
 *     GET    /api/snapshots/ID/data           200 the file; /preview: the image
 *     PATCH  /api/snapshots/ID                SnapshotPatch → 200 {snapshot}
 *     DELETE /api/snapshots/ID                204; its share links end with it
 *     POST   /api/snapshots/ID/shares         ShareRequest → 201 {share, token}; the token is told this once
 *     GET    /api/snapshots/ID/shares         200 {shares}
 *     DELETE /api/shares/SHARE                204, at once
 *     GET    /api/shared                      200 {shared}, with `Authorization: Share TOKEN` and no session;
 *                                             /data, /preview alike. 404 unknown, 410 expired or revoked
 *
 * Anything else is answered with {error}: a sentence that says what, where and what to do.
 * An upload is read in one pass:   u32 length, JSON SnapshotDraft | u32 length, image or nothing | the file   little endian
 */
import { type Reduction, VALUE_UNITS } from '@stallscope/profile';
import { z } from 'zod';
import { toUtf8 } from './bytes.js';
import { checkShape } from './check-shape.js';
import { clockMs, identifier, line, paragraphs, wholeNumber } from './kept-texts.js';
import {
  MAX_CONTROL_TEXT_CHARS,
  MAX_HOST_ID_CHARS,
  MAX_SHARE_MS,
  MAX_SNAPSHOT_NOTES_CHARS,
  MAX_SNAPSHOT_TAG_CHARS,
  MAX_SNAPSHOT_TAGS,
  MAX_SNAPSHOT_TITLE_CHARS,
  MAX_SNAPSHOT_VIEW_CHARS,
  MIN_SHARE_MS,
} from './limits.js';

export const SNAPSHOT_UPLOAD_TYPE = 'application/vnd.stallscope.snapshot';

/** What a snapshot's file may be; `stallscope` is the window file, which alone keeps everything. */
export const SNAPSHOT_FORMATS = [
  'stallscope',
  'folded',
  'pprof',
  'perf-script',
  'speedscope',
  'firefox',
  'chrome-cpuprofile',
  'chrome-trace',
  'otlp',
] as const;
export type SnapshotFormat = (typeof SNAPSHOT_FORMATS)[number];

export const snapshotTitle = line(MAX_SNAPSHOT_TITLE_CHARS).refine(
  (title) => title.trim() !== '',
  'is empty',
);
export const snapshotNotes = paragraphs(MAX_SNAPSHOT_NOTES_CHARS);
export const snapshotTags = z
  .array(line(MAX_SNAPSHOT_TAG_CHARS).refine((tag) => tag.trim() === tag && tag !== '', 'is empty or padded'))
  .max(MAX_SNAPSHOT_TAGS)
  .refine((tags) => new Set(tags).size === tags.length, 'names a tag twice');
const author = line(MAX_SNAPSHOT_TITLE_CHARS);
/** The page's query string, without host and time: `view=chain&process=4242`. */
const view = line(MAX_SNAPSHOT_VIEW_CHARS);

const totalsSchema = z.strictObject({
  /** Exact blocked time of all threads, ns; null where the file does not say. */
  waitedNs: z.number().min(0).nullable(),
  /** Sum of the first value of a profile from elsewhere, such as {type: 'cpu', unit: 'nanoseconds'}. */
  value: z
    .strictObject({ type: line(MAX_SNAPSHOT_TAG_CHARS), unit: z.enum(VALUE_UNITS), amount: z.number() })
    .nullable(),
  /** Windows of a window file, samples of others. */
  windows: wholeNumber,
  /** All losses together. */
  lost: wholeNumber,
});
export type SnapshotTotals = z.infer<typeof totalsSchema>;

const words = {
  title: snapshotTitle,
  notes: snapshotNotes,
  tags: snapshotTags,
  /** As the reader calls themselves; '' for none. */
  author,
  view,
};

const noteSchema = z.strictObject({ ...words, createdAtMs: clockMs });
/** What a window file itself says of the snapshot that it is. */
export type SnapshotNote = z.infer<typeof noteSchema>;

const draftShape = {
  ...words,
  hostName: line(MAX_CONTROL_TEXT_CHARS),
  hostId: line(MAX_HOST_ID_CHARS),
  /** Span of the data, in the host's clock; both 0 where the file does not say. */
  fromMs: clockMs,
  toMs: clockMs,
  format: z.enum(SNAPSHOT_FORMATS),
  totals: totalsSchema,
};

const draftSchema = z
  .strictObject(draftShape)
  .refine(({ fromMs, toMs }) => fromMs <= toMs, { path: ['toMs'], message: 'is before fromMs' });
/** What is said of a snapshot when it is kept. */
export type SnapshotDraft = z.infer<typeof draftSchema>;

const snapshotSchema = z.strictObject({
  ...draftShape,
  id: identifier,
  createdAtMs: clockMs,
  pinned: z.boolean(),
  /** Of the file. */
  bytes: wholeNumber,
  /** Of the image; 0 for none. */
  previewBytes: wholeNumber,
  /** Links that work now. */
  shares: wholeNumber,
});
export type Snapshot = z.infer<typeof snapshotSchema>;

const patchSchema = z
  .strictObject({
    title: snapshotTitle,
    notes: snapshotNotes,
    tags: snapshotTags,
    author,
    pinned: z.boolean(),
  })
  .partial();
export type SnapshotPatch = z.infer<typeof patchSchema>;

export const EVICTION_REASONS = ['age', 'size', 'count'] as const;
const evictedSchema = z.strictObject({
  id: identifier,
  title: snapshotTitle,
  createdAtMs: clockMs,
  bytes: wholeNumber,
  evictedAtMs: clockMs,
  /** Over the longest age, the total size, or the number of snapshots. */
  reason: z.enum(EVICTION_REASONS),
});
/** A snapshot that had to go; those that are pinned never do. */
export type EvictedSnapshot = z.infer<typeof evictedSchema>;

const listSchema = z.strictObject({
  /** Pinned ones first, newest first among each. */
  snapshots: z.array(snapshotSchema),
  /** Everything that is kept, not only what matched. */
  count: wholeNumber,
  /** Files, images and the reduced copies of share links. */
  totalBytes: wholeNumber,
  maxSnapshots: wholeNumber,
  maxBytes: wholeNumber,
  /** Of one file. */
  maxSnapshotBytes: wholeNumber,
  /** Unpinned snapshots go at this age, ms. */
  maxAgeMs: wholeNumber,
  /** Each tag in use with how many have it, most used first. */
  tags: z.array(z.strictObject({ tag: line(MAX_SNAPSHOT_TAG_CHARS), count: wholeNumber })),
  /** The last that went, newest first. */
  evicted: z.array(evictedSchema),
});
export type SnapshotList = z.infer<typeof listSchema>;

/** In the place of a list, from a hub that has nowhere to keep any: not a failure, so nothing that looks for one logs it. */
const keepsNoneSchema = z.strictObject({ keepsNone: z.string().min(1).max(1000) });

const createdSchema = z.strictObject({ snapshot: snapshotSchema, evicted: z.array(evictedSchema) });
export type SnapshotCreated = z.infer<typeof createdSchema>;
const oneSchema = z.strictObject({ snapshot: snapshotSchema });

export type { Reduction };

/** What a share link hides: each that is true is hashed in a copy of the data, which is all that the link shows. */
const reductionSchema: z.ZodType<Reduction> = z.strictObject({
  hostNames: z.boolean(),
  processNames: z.boolean(),
  addresses: z.boolean(),
  arguments: z.boolean(),
});
export const NO_REDUCTION: Reduction = {
  hostNames: false,
  processNames: false,
  addresses: false,
  arguments: false,
};

const shareRequestSchema = z.strictObject({
  /** null: until it is revoked. */
  expiresInMs: z.number().int().min(MIN_SHARE_MS).max(MAX_SHARE_MS).nullable(),
  reduce: reductionSchema,
  /** For whom, in the sharer's own words; shown in the list of links only. */
  note: line(MAX_SNAPSHOT_TITLE_CHARS).optional(),
});
export type ShareRequest = z.infer<typeof shareRequestSchema>;

const shareSchema = z.strictObject({
  id: identifier,
  snapshotId: identifier,
  createdAtMs: clockMs,
  expiresAtMs: clockMs.nullable(),
  revokedAtMs: clockMs.nullable(),
  reduce: reductionSchema,
  note: line(MAX_SNAPSHOT_TITLE_CHARS),
  /** Of the reduced copy; 0 when the link shows the snapshot as it is. */
  bytes: wholeNumber,
});
/** One link; its token is not in it, and not in the hub either, but for its hash. */
export type Share = z.infer<typeof shareSchema>;

const shareCreatedSchema = z.strictObject({
  share: shareSchema,
  /** Goes after the `#` of /shared/#TOKEN, so that it is never sent in an address or logged. */
  token: z.string().regex(/^[\w-]{22}\.[\w-]{43}$/, 'is no share token'),
});
export type ShareCreated = z.infer<typeof shareCreatedSchema>;
const sharesSchema = z.strictObject({ shares: z.array(shareSchema) });

const sharedSchema = z.strictObject({
  ...draftShape,
  createdAtMs: clockMs,
  bytes: wholeNumber,
  /** 0 when something is hidden: the image would show it. */
  previewBytes: wholeNumber,
  reduce: reductionSchema,
  expiresAtMs: clockMs.nullable(),
});
/** What the holder of a link is told: no id, no tags, and no text that shows what is hidden. */
export type SharedSnapshot = z.infer<typeof sharedSchema>;
const oneSharedSchema = z.strictObject({ shared: sharedSchema });

const errorSchema = z.strictObject({ error: z.string() });

/** The parts of an upload, for `new Blob(parts, {type: SNAPSHOT_UPLOAD_TYPE})` or to be joined. */
export function toSnapshotUpload(
  draft: SnapshotDraft,
  preview: Uint8Array<ArrayBuffer>,
  data: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer>[] {
  const facts = toUtf8(JSON.stringify(draft));
  return [toLength(facts.length), Uint8Array.from(facts), toLength(preview.length), preview, data];
}

// For each answer and body a reader; all throw ProtocolError `bad-message` with the place.

export function readSnapshotDraft(received: unknown): SnapshotDraft {
  return checkShape(received, draftSchema, 'snapshot');
}

export function readSnapshotNote(received: unknown): SnapshotNote {
  return checkShape(received, noteSchema, 'window file header snapshot');
}

export function readSnapshotPatch(received: unknown): SnapshotPatch {
  return checkShape(received, patchSchema, 'change of a snapshot');
}

export function readShareRequest(received: unknown): ShareRequest {
  return checkShape(received, shareRequestSchema, 'share link');
}

export function readSnapshot(received: unknown): Snapshot {
  return checkShape(received, oneSchema, 'answer').snapshot;
}

/** Why the hub keeps no snapshots; undefined where the answer is another. */
export function readKeepsNone(received: unknown): string | undefined {
  return keepsNoneSchema.safeParse(received).data?.keepsNone;
}

export function readSnapshotList(received: unknown): SnapshotList {
  return checkShape(received, listSchema, 'list of snapshots');
}

export function readSnapshotCreated(received: unknown): SnapshotCreated {
  return checkShape(received, createdSchema, 'answer');
}

export function readShareCreated(received: unknown): ShareCreated {
  return checkShape(received, shareCreatedSchema, 'answer');
}

export function readShares(received: unknown): Share[] {
  return checkShape(received, sharesSchema, 'list of share links').shares;
}

export function readSharedSnapshot(received: unknown): SharedSnapshot {
  return checkShape(received, oneSharedSchema, 'answer').shared;
}

/** The sentence of an answer that is not as hoped, or what to say when it has none: a proxy may answer too. */
export function readErrorAnswer(received: unknown, status: number): string {
  const result = errorSchema.safeParse(received);
  return result.success ? result.data.error : `the hub answered ${status} without a reason`;
}

/** Whether a link with this reduction needs a copy of its own. */
export function isReduced({ hostNames, processNames, addresses, arguments: args }: Reduction): boolean {
  return hostNames || processNames || addresses || args;
}

function toLength(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length, true);
  return bytes;
}
