import { describe, expect, it } from 'vitest';
import {
  readErrorAnswer,
  readShareRequest,
  readSnapshotDraft,
  readSnapshotPatch,
  type SnapshotDraft,
  toSnapshotUpload,
} from './snapshots.js';

const draft: SnapshotDraft = {
  title: 'Slow writes on web-1',
  notes: 'After the deploy.\n\tSee append().',
  tags: ['deploy', 'db'],
  author: 'Ada',
  hostName: 'web-1',
  hostId: 'f00d',
  view: 'view=chain&process=4242',
  fromMs: 1_700_000_000_000,
  toMs: 1_700_000_030_000.5,
  format: 'stallscope',
  totals: { waitedNs: 41.2e9, value: null, windows: 30, lost: 0 },
};

const refusal = (change: Record<string, unknown>): string => {
  try {
    readSnapshotDraft({ ...draft, ...change });
  } catch (error) {
    return (error as Error).message;
  }
  return 'taken';
};

describe('facts of a snapshot', () => {
  it('are taken as they are', () => {
    expect(readSnapshotDraft(JSON.parse(JSON.stringify(draft)))).toEqual(draft);
    expect(refusal({ fromMs: 0, toMs: 0, author: '', notes: '', tags: [], view: '' })).toBe('taken');
  });

  it.each([
    [{ title: ' ' }, 'snapshot title: is empty'],
    [{ title: 'two\nlines' }, 'snapshot title: has control characters'],
    [{ title: 'evil \u202egnp.exe' }, 'snapshot title: has control characters'],
    [{ notes: 'bell \u0007' }, 'snapshot notes: has control characters'],
    [{ notes: 'n'.repeat(4001) }, /^snapshot notes: Too big/],
    [{ tags: ['a', 'a'] }, 'snapshot tags: names a tag twice'],
    [{ tags: ['a '] }, 'snapshot tags.0: is empty or padded'],
    [{ tags: Array.from({ length: 17 }, (_, n) => `${n}`) }, /^snapshot tags: Too big/],
    [{ toMs: 0 }, 'snapshot toMs: is before fromMs'],
    [{ fromMs: Number.NaN }, /^snapshot fromMs: /],
    [{ format: 'exe' }, /^snapshot format: /],
    [{ pinned: true }, /^snapshot: Unrecognized key: "pinned"/],
    [{ id: 'x' }, /^snapshot: Unrecognized key: "id"/],
    [{ view: 'v'.repeat(4001) }, /^snapshot view: Too big/],
    [{ totals: { ...draft.totals, waitedNs: -1 } }, /^snapshot totals.waitedNs: /],
  ])('%j is refused with its place', (change, message) => {
    if (typeof message === 'string') expect(refusal(change)).toBe(message);
    else expect(refusal(change)).toMatch(message);
  });

  it('change one by one', () => {
    expect(readSnapshotPatch({ pinned: true })).toEqual({ pinned: true });
    expect(() => readSnapshotPatch({ bytes: 1 })).toThrow(/Unrecognized key: "bytes"/);
  });
});

it('a share link lives between a second and a year, or until it is revoked', () => {
  const reduce = { hostNames: true, processNames: false, addresses: false, arguments: false };
  expect(readShareRequest({ expiresInMs: null, reduce })).toEqual({ expiresInMs: null, reduce });
  expect(() => readShareRequest({ expiresInMs: 999, reduce })).toThrow(/share link expiresInMs: Too small/);
  expect(() => readShareRequest({ expiresInMs: 1e12, reduce })).toThrow(/share link expiresInMs: Too big/);
  expect(() => readShareRequest({ expiresInMs: null, reduce: {} })).toThrow(/share link reduce.hostNames/);
});

it('an upload is facts, image and file, each with its length before it but the last', async () => {
  const upload = new Uint8Array(
    await new Blob(toSnapshotUpload(draft, Uint8Array.of(1, 2, 3), Uint8Array.of(9, 8))).arrayBuffer(),
  );
  const view = new DataView(upload.buffer);
  const factsBytes = view.getUint32(0, true);
  expect(JSON.parse(new TextDecoder().decode(upload.subarray(4, 4 + factsBytes)))).toEqual(draft);
  expect(view.getUint32(4 + factsBytes, true)).toBe(3);
  expect([...upload.subarray(8 + factsBytes)]).toEqual([1, 2, 3, 9, 8]);
});

it('an answer that failed has its sentence, or says that it has none', () => {
  expect(readErrorAnswer({ error: 'no such snapshot' }, 404)).toBe('no such snapshot');
  expect(readErrorAnswer('<html>', 502)).toBe('the hub answered 502 without a reason');
});
