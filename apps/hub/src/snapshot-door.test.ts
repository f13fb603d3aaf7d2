/** Snapshots and share links through the hub's real port: what is kept, who may, and what nobody learns. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProfile } from '@stallscope/formats';
import { ProfileTables, toProcesses } from '@stallscope/profile';
import { randomWindow, seededRandom } from '@stallscope/profile/fixtures';
import {
  MAX_PREVIEW_BYTES,
  NO_REDUCTION,
  readKeepsNone,
  readShareCreated,
  readSharedSnapshot,
  readShares,
  readSnapshot,
  readSnapshotCreated,
  readSnapshotList,
  readWindowFile,
  SNAPSHOT_UPLOAD_TYPE,
  type Snapshot,
  type SnapshotDraft,
  type SnapshotList,
  toSnapshotUpload,
  WindowFileWriter,
} from '@stallscope/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { helloOf } from './fixtures/peers.js';
import { reduceCopy } from './reduced-copy.js';
import { type RunningHub, type StartHubOptions, startHub } from './start-hub.js';

const TOKENS = { agentToken: 'agent-token-of-tests', browserToken: 'browser-token-of-tests' };
const PNG = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3]);
const NONE = new Uint8Array();

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function newDirectory(): string {
  const above = mkdtempSync(join(tmpdir(), 'stallscope-hub-'));
  cleanups.push(() => rmSync(above, { recursive: true }));
  return join(above, 'data');
}

type Started = RunningHub & { lines: string[] };

async function start(options: StartHubOptions = {}): Promise<Started> {
  const lines: string[] = [];
  const hub = await startHub({
    port: 0,
    log: (line) => lines.push(line),
    data: { directory: newDirectory() },
    reduceCopy,
    ...options,
  });
  cleanups.push(() => hub.close());
  return { ...hub, lines };
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  json: unknown;
  localPort: number | undefined;
}

interface Ask {
  method?: string;
  headers?: Record<string, string>;
  body?: Uint8Array | string;
  /** Called with the answer's pieces; the answer is read to its end all the same. */
  onPiece?: (piece: Buffer) => void;
  agent?: Agent;
}

/** As a page of the hub's own, unless headers say otherwise: an Origin of '' is none. */
function ask(
  hub: RunningHub,
  path: string,
  { method = 'GET', headers = {}, body, onPiece, agent }: Ask = {},
): Promise<Answer> {
  const { origin = hub.url, ...rest } = headers;
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        ...{ host: '127.0.0.1', port: hub.port, path, method },
        headers: { ...(origin === '' ? {} : { origin }), ...rest },
        ...(agent === undefined ? {} : { agent }),
      },
      (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => {
          pieces.push(piece);
          onPiece?.(piece);
        });
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(pieces);
          const isJson = response.headers['content-type']?.startsWith('application/json') === true;
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            localPort: request.socket?.localPort,
            json: isJson ? JSON.parse(bytes.toString()) : undefined,
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** A window file of 3 s, in which a process is called `secretd`. */
function windowFile(seed = 1): { bytes: Uint8Array<ArrayBuffer>; tables: ProfileTables } {
  const random = seededRandom(seed);
  const tables = new ProfileTables();
  const writer = new WindowFileWriter(tables);
  const comm = tables.internString('secretd');
  const parts = [
    writer.start({ host: helloOf('web-1').host, title: 'waits', recordedAtMs: 1000, windowMs: 1000 }),
  ];
  for (let sequence = 0; sequence < 3; sequence++) {
    const window = randomWindow(random, tables, { sequence, startMs: sequence * 1000 });
    window.processes = toProcesses([{ tgid: 4242, name: comm }]);
    parts.push(writer.window(window));
  }
  return { bytes: Uint8Array.from(Buffer.concat(parts)), tables };
}

function draftOf(title: string, rest: Partial<SnapshotDraft> = {}): SnapshotDraft {
  return {
    ...{ title, notes: 'secretd stalls on web-1\nsince the deploy', tags: ['deploy'], author: 'Ada' },
    ...{ hostName: 'name-web-1', hostId: 'web-1', view: 'view=chain&p=4242&q=secretd' },
    ...{ fromMs: 0, toMs: 3000, format: 'stallscope' },
    totals: { waitedNs: 41.2e9, value: null, windows: 3, lost: 0 },
    ...rest,
  };
}

function upload(
  hub: RunningHub,
  draft: SnapshotDraft,
  data: Uint8Array<ArrayBuffer> = windowFile().bytes,
  {
    preview = PNG,
    headers = {},
  }: { preview?: Uint8Array<ArrayBuffer>; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return ask(hub, '/api/snapshots', {
    method: 'POST',
    headers: { 'content-type': SNAPSHOT_UPLOAD_TYPE, ...headers },
    body: Buffer.concat(toSnapshotUpload(draft, preview, data)),
  });
}

async function kept(
  hub: RunningHub,
  ...rest: Parameters<typeof upload> extends [unknown, ...infer R] ? R : never
): Promise<Snapshot> {
  const answer = await upload(hub, ...rest);
  expect(answer.json).toMatchObject({ snapshot: {} });
  return readSnapshotCreated(answer.json).snapshot;
}

function send(
  hub: RunningHub,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
) {
  return ask(hub, path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function list(hub: RunningHub, query = ''): Promise<SnapshotList> {
  return readSnapshotList((await ask(hub, `/api/snapshots${query}`)).json);
}

async function shared(
  hub: RunningHub,
  id: string,
  request: Record<string, unknown> = {},
): Promise<{ token: string; shareId: string; with: { headers: Record<string, string> } }> {
  const answer = await send(hub, 'POST', `/api/snapshots/${id}/shares`, {
    ...{ expiresInMs: null, reduce: NO_REDUCTION },
    ...request,
  });
  const { share, token } = readShareCreated(answer.json);
  return { token, shareId: share.id, with: { headers: { authorization: `Share ${token}` } } };
}

const errorOf = (answer: Answer): string => (answer.json as { error: string }).error;

describe('snapshots', () => {
  it('are kept whole, found again after a restart, and given back as they were', async () => {
    const directory = newDirectory();
    const hub = await start({ data: { directory } });
    const { bytes } = windowFile();
    const answer = await upload(hub, draftOf('Slow writes'), bytes);
    expect(answer.status).toBe(201);
    const { snapshot, evicted } = readSnapshotCreated(answer.json);
    expect(snapshot).toMatchObject({ ...draftOf('Slow writes'), bytes: bytes.length, previewBytes: 11 });
    expect(evicted).toEqual([]);
    await hub.close();

    const again = await start({ data: { directory } });
    expect(readSnapshot((await ask(again, `/api/snapshots/${snapshot.id}`)).json)).toEqual(snapshot);
    const data = await ask(again, `/api/snapshots/${snapshot.id}/data`);
    expect(data.bytes.equals(bytes)).toBe(true);
    expect(data.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename="${snapshot.id}.stallscope"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'cache-control': 'private, no-cache',
    });
    const unchanged = await ask(again, `/api/snapshots/${snapshot.id}/data`, {
      headers: { 'if-none-match': String(data.headers.etag) },
    });
    expect([unchanged.status, unchanged.bytes.length]).toEqual([304, 0]);
    const preview = await ask(again, `/api/snapshots/${snapshot.id}/preview`);
    expect([preview.headers['content-type'], [...preview.bytes]]).toEqual(['image/png', [...PNG]]);
  });

  it('are listed, searched, changed and deleted', async () => {
    const hub = await start();
    const a = await kept(hub, draftOf('Slow writes', { tags: ['db', 'deploy'] }));
    const b = await kept(
      hub,
      draftOf('Lock convoy', { tags: ['db'], notes: 'Mutex in append()', author: 'Bob' }),
    );
    const titles = async (query: string): Promise<string[]> =>
      (await list(hub, query)).snapshots.map(({ title }) => title);
    expect((await titles('')).sort()).toEqual(['Lock convoy', 'Slow writes']);
    expect(await titles('?q=SLOW')).toEqual(['Slow writes']);
    expect(await titles('?q=mutex+bob')).toEqual(['Lock convoy']);
    expect(await titles('?q=mutex+ada')).toEqual([]);
    expect(await titles('?tag=deploy')).toEqual(['Slow writes']);
    expect(await titles('?tag=db&tag=deploy')).toEqual(['Slow writes']);
    expect(await titles('?tag=d')).toEqual([]);
    const all = await list(hub, '?q=nothing');
    expect(all).toMatchObject({
      snapshots: [],
      count: 2,
      tags: [
        { tag: 'db', count: 2 },
        { tag: 'deploy', count: 1 },
      ],
    });
    expect(all.totalBytes).toBe(a.bytes + b.bytes + 2 * PNG.length);

    const changed = await send(hub, 'PATCH', `/api/snapshots/${a.id}`, {
      title: 'Slower writes',
      pinned: true,
    });
    expect(readSnapshot(changed.json)).toEqual({ ...a, title: 'Slower writes', pinned: true });
    expect(await titles('')).toEqual(['Slower writes', 'Lock convoy']);
    expect((await ask(hub, `/api/snapshots/${b.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask(hub, `/api/snapshots/${b.id}`, { method: 'DELETE' })).status).toBe(404);
    expect((await ask(hub, `/api/snapshots/${b.id}/data`)).status).toBe(404);
    expect(await titles('')).toEqual(['Slower writes']);
  });

  it('go when there is no room, which the answer, the list and the log say', async () => {
    const { bytes } = windowFile();
    const hub = await start({
      data: { directory: newDirectory(), bounds: { maxBytes: 2 * bytes.length + 1000 } },
    });
    const first = await kept(hub, draftOf('first'), bytes, { preview: NONE });
    await kept(hub, draftOf('second'), bytes, { preview: NONE });
    const third = await upload(hub, draftOf('third'), bytes, { preview: NONE });
    expect(readSnapshotCreated(third.json).evicted).toMatchObject([{ id: first.id, reason: 'size' }]);
    expect((await list(hub)).evicted).toMatchObject([
      { title: 'first', reason: 'size', bytes: bytes.length },
    ]);
    expect(hub.lines.find((line) => line.startsWith('snapshot evicted'))).toMatch(
      new RegExp(`^snapshot evicted id=${first.id} reason=size bytes=${bytes.length} ageMs=\\d+$`),
    );
    expect(hub.lines.join('\n')).not.toContain('first');
    for (const { id } of (await list(hub)).snapshots)
      await send(hub, 'PATCH', `/api/snapshots/${id}`, { pinned: true });
    const full = await upload(hub, draftOf('fourth'), bytes, { preview: NONE });
    expect(full.status).toBe(507);
    expect(errorOf(full)).toMatch(/what is pinned leaves no room .* Unpin or delete snapshots\.$/);
  });

  it('of other formats are taken as they are', async () => {
    const hub = await start();
    const folded = Uint8Array.from(Buffer.from('main;read 12\n'));
    const snapshot = await kept(hub, draftOf('perf', { format: 'folded' }), folded, { preview: NONE });
    expect((await ask(hub, `/api/snapshots/${snapshot.id}/data`)).bytes.toString()).toBe('main;read 12\n');
    expect((await ask(hub, `/api/snapshots/${snapshot.id}/preview`)).status).toBe(404);
  });

  it('are refused when something is wrong with them, with what and where', async () => {
    const hub = await start({ data: { directory: newDirectory(), bounds: { maxSnapshotBytes: 100_000 } } });
    const facts = (draft: unknown): Buffer => {
      const json = Buffer.from(JSON.stringify(draft));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(json.length);
      return Buffer.concat([length, json]);
    };
    const post = async (
      body: Uint8Array | string,
      type = SNAPSHOT_UPLOAD_TYPE,
    ): Promise<[number, string]> => {
      const answer = await ask(hub, '/api/snapshots', {
        method: 'POST',
        headers: { 'content-type': type },
        body,
      });
      return [answer.status, errorOf(answer)];
    };
    const good = Buffer.concat(toSnapshotUpload(draftOf('x'), PNG, windowFile().bytes));
    expect(await post(good, 'text/plain')).toEqual([415, `send it as ${SNAPSHOT_UPLOAD_TYPE}`]);
    expect(await post('')).toEqual([400, expect.stringContaining('ends inside the length of the facts')]);
    expect(await post(good.subarray(0, 100))).toEqual([
      400,
      expect.stringContaining('ends inside the facts'),
    ]);
    expect(await post(Buffer.from([5, 0, 0, 0, ...Buffer.from('{"a":')]))).toEqual([
      400,
      'the facts of the snapshot are not JSON',
    ]);
    expect(await post(Buffer.from([255, 255, 255, 255, 1]))).toEqual([
      413,
      'the facts of the snapshot has 4294967295 bytes, at most 65536',
    ]);
    expect(await post(facts({ ...draftOf('x'), id: 'mine' }))).toEqual([
      400,
      expect.stringContaining('Unrecognized key: "id"'),
    ]);
    expect(await post(facts({ ...draftOf('x'), title: '' }))).toEqual([400, 'snapshot title: is empty']);
    const oneByte = Buffer.from([1, 0, 0, 0]);
    expect(await post(Buffer.concat([facts(draftOf('x')), oneByte, Buffer.from('GIF89a')]))).toEqual([
      400,
      'the image is neither PNG, WebP nor JPEG',
    ]);
    const noImage = Buffer.alloc(4);
    expect(await post(Buffer.concat([facts(draftOf('x')), noImage]))).toEqual([
      400,
      'the upload has no file after facts and image',
    ]);
    expect(await post(Buffer.concat([facts(draftOf('x')), noImage, Buffer.from('<html>')]))).toEqual([
      400,
      'the file of the snapshot is no window file: it does not start with STALLWIN',
    ]);
    const large = Buffer.concat([Buffer.from('STALLWIN'), Buffer.alloc(100_001)]);
    expect(await post(Buffer.concat([facts(draftOf('x')), noImage, large]))).toEqual([
      413,
      expect.stringMatching(/its file has more than 100000 bytes. Choose a shorter span/),
    ]);
    expect(await post(Buffer.alloc(65536 + MAX_PREVIEW_BYTES + 100_009))).toEqual([
      413,
      expect.stringContaining('too large'),
    ]);
    expect((await list(hub)).count).toBe(0);
    expect(hub.lines.filter((line) => line.startsWith('fault'))).toEqual([]);
  });

  it('that are refused in the middle are told so on a connection that goes on', async () => {
    const hub = await start({ data: { directory: newDirectory(), bounds: { maxSnapshotBytes: 100_000 } } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    cleanups.push(() => agent.destroy());
    const body = Buffer.concat(
      toSnapshotUpload(draftOf('x', { format: 'folded' }), NONE, new Uint8Array(100_001).fill(65)),
    );
    const answers = [];
    for (let n = 0; n < 3; n++) {
      answers.push(
        await ask(hub, '/api/snapshots', {
          method: 'POST',
          headers: { 'content-type': SNAPSHOT_UPLOAD_TYPE, 'transfer-encoding': 'chunked' },
          body,
          agent,
        }),
      );
      answers.push(await ask(hub, '/healthz', { agent }));
    }
    expect(answers.map(({ status }) => status)).toEqual([413, 200, 413, 200, 413, 200]);
    expect(new Set(answers.map(({ localPort }) => localPort)).size).toBe(1);
  });

  it('that break off leave nothing', async () => {
    const hub = await start();
    const whole = Buffer.concat(
      toSnapshotUpload(
        draftOf('x'),
        PNG,
        Uint8Array.from(Buffer.concat([Buffer.from('STALLWIN'), Buffer.alloc(2_000_000)])),
      ),
    );
    await new Promise<void>((resolve) => {
      const request = httpRequest({
        ...{ host: '127.0.0.1', port: hub.port, path: '/api/snapshots', method: 'POST' },
        headers: { origin: hub.url, 'content-type': SNAPSHOT_UPLOAD_TYPE, 'content-length': whole.length },
      });
      request.on('error', () => resolve());
      request.write(whole.subarray(0, 1_000_000), () =>
        setImmediate(() => request.destroy(new Error('gone'))),
      );
    });
    await kept(hub, draftOf('next'));
    expect((await list(hub)).snapshots.map(({ title }) => title)).toEqual(['next']);
    expect(hub.lines.filter((line) => line.startsWith('fault'))).toEqual([]);
  });

  it('are not kept without a directory, which is said', async () => {
    const { data: _, ...none } = { data: undefined };
    const lines: string[] = [];
    const hub = await startHub({ port: 0, log: (line) => lines.push(line), ...none });
    cleanups.push(() => hub.close());
    expect(readKeepsNone((await ask(hub, '/api/snapshots')).json)).toContain('start it with --data DIR');
    for (const path of [`/api/snapshots/${'a'.repeat(22)}`, '/api/shared']) {
      const answer = await ask(hub, path);
      expect([answer.status, errorOf(answer)]).toEqual([
        503,
        expect.stringContaining('start it with --data DIR'),
      ]);
    }
    expect(lines.join('\n')).toContain('data=null');
  });
});

describe('who may', () => {
  it('a page of another site changes and reads nothing, by its own name or a rebound one', async () => {
    const hub = await start();
    const { id } = await kept(hub, draftOf('mine'));
    const { with: credential } = await shared(hub, id);
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { host: `evil.example:${hub.port}`, origin: `http://evil.example:${hub.port}` },
    ]) {
      const status = async (path: string, options: Ask = {}): Promise<number> =>
        (await ask(hub, path, { ...options, headers: { ...options.headers, ...headers } })).status;
      expect(await status('/api/snapshots')).toBe(403);
      expect(await status(`/api/snapshots/${id}`)).toBe(403);
      expect(await status(`/api/snapshots/${id}/data`)).toBe(403);
      expect(await status(`/api/snapshots/${id}/shares`)).toBe(403);
      expect(await status(`/api/snapshots/${id}`, { method: 'DELETE' })).toBe(403);
      expect(await status('/api/shared', credential)).toBe(403);
      expect((await upload(hub, draftOf('evil'), windowFile().bytes, { headers })).status).toBe(403);
      expect((await send(hub, 'PATCH', `/api/snapshots/${id}`, { title: 'evil' }, headers)).status).toBe(403);
      expect((await send(hub, 'POST', `/api/snapshots/${id}/shares`, {}, headers)).status).toBe(403);
    }
    // A form, which needs no permission of the browser, has none of the types that are taken.
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      expect(
        (await send(hub, 'PATCH', `/api/snapshots/${id}`, { title: 'x' }, { 'content-type': type })).status,
      ).toBe(415);
    }
    expect((await list(hub)).snapshots).toMatchObject([{ title: 'mine', shares: 1 }]);
  });

  it('a request without an Origin changes nothing: programs send the token', async () => {
    const hub = await start();
    const { id } = await kept(hub, draftOf('mine'));
    const headers = { origin: '' };
    expect((await ask(hub, `/api/snapshots/${id}`, { method: 'DELETE', headers })).status).toBe(403);
    expect((await upload(hub, draftOf('x'), windowFile().bytes, { headers })).status).toBe(403);
    const guarded = await start(TOKENS);
    const bearer = { origin: '', authorization: `Bearer ${TOKENS.browserToken}` };
    expect((await upload(guarded, draftOf('x'), windowFile().bytes, { headers: bearer })).status).toBe(201);
  });

  it('without a session nobody, where a token is set', async () => {
    const hub = await start(TOKENS);
    const id = 'a'.repeat(22);
    for (const [method, path] of [
      ['GET', '/api/snapshots'],
      ['GET', `/api/snapshots/${id}`],
      ['GET', `/api/snapshots/${id}/data`],
      ['GET', `/api/snapshots/${id}/preview`],
      ['GET', `/api/snapshots/${id}/shares`],
      ['POST', '/api/snapshots'],
      ['PATCH', `/api/snapshots/${id}`],
      ['DELETE', `/api/snapshots/${id}`],
      ['POST', `/api/snapshots/${id}/shares`],
      ['DELETE', `/api/shares/${id}`],
    ] as const) {
      expect([method, path, (await ask(hub, path, { method })).status]).toEqual([method, path, 401]);
    }
    const agent = { authorization: `Bearer ${TOKENS.agentToken}` };
    expect((await ask(hub, '/api/snapshots', { headers: agent })).status).toBe(401);
    const session = await send(hub, 'POST', '/api/session', { token: TOKENS.browserToken });
    const cookie = String(session.headers['set-cookie']?.[0]?.split(';')[0]);
    const { snapshot } = readSnapshotCreated(
      (await upload(hub, draftOf('mine'), windowFile().bytes, { headers: { cookie } })).json,
    );
    expect((await ask(hub, `/api/snapshots/${snapshot.id}`, { headers: { cookie } })).status).toBe(200);
    // The id alone opens nothing.
    expect((await ask(hub, `/api/snapshots/${snapshot.id}`)).status).toBe(401);
  });

  it.each([
    ['/api/snapshots/%2e%2e%2f%2e%2e%2fetc%2fpasswd', 404],
    ['/api/snapshots/%00', 404],
    [`/api/snapshots/${'a'.repeat(500)}`, 404],
    ['/api/snapshots/__proto__/data', 404],
    ['/api/snapshots//data', 404],
    ['/api/constructor', 404],
    ['/api/__proto__', 404],
    ['/api/snapshots/a/b/c', 404],
    ['/api/snapshots/a/secret', 404],
    ['/api/shares', 404],
    ['/api/shared/else', 404],
  ])('%s is no way to anything', async (path, status) => {
    const hub = await start();
    expect((await ask(hub, path)).status).toBe(status);
    expect(hub.lines.filter((line) => line.startsWith('fault'))).toEqual([]);
  });

  it('says which methods an address has', async () => {
    const hub = await start();
    const { id } = await kept(hub, draftOf('mine'));
    const allow = async (method: string, path: string) => {
      const { status, headers } = await ask(hub, path, { method });
      return [status, headers.allow];
    };
    expect(await allow('PUT', '/api/snapshots')).toEqual([405, 'GET, POST']);
    expect(await allow('POST', `/api/snapshots/${id}`)).toEqual([405, 'GET, PATCH, DELETE']);
    expect(await allow('POST', `/api/snapshots/${id}/data`)).toEqual([405, 'GET, HEAD']);
    expect(await allow('DELETE', `/api/snapshots/${id}/shares`)).toEqual([405, 'GET, POST']);
    expect(await allow('GET', `/api/shares/${id}`)).toEqual([405, 'DELETE']);
    expect(await allow('POST', '/api/shared')).toEqual([405, 'GET, HEAD']);
    expect((await ask(hub, `/api/snapshots/${id}/data`, { method: 'HEAD' })).bytes).toHaveLength(0);
  });
});

describe('share links', () => {
  it('open one snapshot without a session, and nothing else', async () => {
    const hub = await start(TOKENS);
    const session = await send(hub, 'POST', '/api/session', { token: TOKENS.browserToken });
    const cookie = { cookie: String(session.headers['set-cookie']?.[0]?.split(';')[0]) };
    const { bytes } = windowFile();
    const { snapshot } = readSnapshotCreated(
      (await upload(hub, draftOf('shared'), bytes, { headers: cookie })).json,
    );
    const made = await send(
      hub,
      'POST',
      `/api/snapshots/${snapshot.id}/shares`,
      { expiresInMs: 3_600_000, reduce: NO_REDUCTION, note: 'for Bob' },
      cookie,
    );
    expect(made.status).toBe(201);
    const { share, token } = readShareCreated(made.json);
    expect(share.expiresAtMs).toBe(share.createdAtMs + 3_600_000);
    const headers = { authorization: `Share ${token}` };
    const facts = readSharedSnapshot((await ask(hub, '/api/shared', { headers })).json);
    expect(facts).toMatchObject({ ...draftOf('shared'), tags: [], bytes: bytes.length, previewBytes: 11 });
    expect(Object.keys(facts)).not.toContain('id');
    const data = await ask(hub, '/api/shared/data', { headers });
    expect(data.bytes.equals(bytes)).toBe(true);
    expect(data.headers['cache-control']).toBe('no-store');
    expect(data.headers.etag).toBeUndefined();
    expect([...(await ask(hub, '/api/shared/preview', { headers })).bytes]).toEqual([...PNG]);
    for (const path of ['/api/snapshots', `/api/snapshots/${snapshot.id}`, '/api/hosts']) {
      expect((await ask(hub, path, { headers })).status).toBe(401);
    }
    const links = await ask(hub, `/api/snapshots/${snapshot.id}/shares`, { headers: cookie });
    expect(readShares(links.json)).toEqual([share]);
    expect(links.bytes.toString()).not.toContain(token.slice(23));
  });

  it('tell nothing to who has no token, and are no secret in log or file', async () => {
    const directory = newDirectory();
    const hub = await start({ data: { directory } });
    const { id } = await kept(hub, draftOf('shared'));
    const { token, shareId } = await shared(hub, id);
    const [, secret] = token.split('.');
    for (const authorization of [
      '',
      'Share',
      'Share ',
      `Bearer ${token}`,
      `Share ${token}x`,
      `Share ${shareId}`,
      `Share ${shareId}.${'A'.repeat(43)}`,
      `Share ${'A'.repeat(22)}.${secret}`,
      `Share ${id}.${secret}`,
      `Share ${'a'.repeat(5000)}`,
    ]) {
      const answer = await ask(hub, '/api/shared', { headers: { authorization } });
      expect([authorization, answer.status, errorOf(answer)]).toEqual([
        authorization,
        404,
        'there is no such link',
      ]);
    }
    // Not in the address either: what is there may be logged by whoever is between.
    expect((await ask(hub, `/api/shared?token=${token}`)).status).toBe(404);
    expect((await ask(hub, `/api/shared/${token}`)).status).toBe(404);
    await hub.close();
    expect(hub.lines.join('\n')).not.toContain(secret);
    for (const name of readdirSync(directory)) {
      expect(readFileSync(join(directory, name)).includes(secret!)).toBe(false);
    }
  });

  it('end at once when revoked, also for a reader in the middle', async () => {
    const hub = await start();
    const bytes = Uint8Array.from(Buffer.concat([Buffer.from('STALLWIN'), Buffer.alloc(24_000_000, 7)]));
    const { id } = await kept(hub, draftOf('large'), bytes);
    const { shareId, with: credential } = await shared(hub, id);
    let revoked: Promise<Answer> | undefined;
    const reading = ask(hub, '/api/shared/data', {
      ...credential,
      onPiece: () => {
        revoked ??= ask(hub, `/api/shares/${shareId}`, { method: 'DELETE' });
      },
    });
    await expect(reading).rejects.toThrow(/aborted|socket hang up|ECONNRESET/);
    expect((await revoked!).status).toBe(204);
    for (const path of ['/api/shared', '/api/shared/data', '/api/shared/preview']) {
      const answer = await ask(hub, path, credential);
      expect([answer.status, errorOf(answer)]).toEqual([410, 'this link has expired or was revoked']);
    }
    expect(hub.lines.filter((line) => line.startsWith('fault'))).toEqual([]);
    // Those with a session still have the snapshot.
    expect((await ask(hub, `/api/snapshots/${id}/data`)).bytes.equals(bytes)).toBe(true);
  });

  it('end with their snapshot, and when their time is over', async () => {
    const hub = await start();
    const { id } = await kept(hub, draftOf('a'));
    const short = await shared(hub, id, { expiresInMs: 1000 });
    const long = await shared(hub, id);
    expect((await ask(hub, '/api/shared', short.with)).status).toBe(200);
    const endsAtMs = Date.now() + 1000;
    while (Date.now() <= endsAtMs) await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await ask(hub, '/api/shared', short.with)).status).toBe(410);
    expect((await ask(hub, '/api/shared', long.with)).status).toBe(200);
    await ask(hub, `/api/snapshots/${id}`, { method: 'DELETE' });
    expect((await ask(hub, '/api/shared', long.with)).status).toBe(410);
  });

  it('cannot be tried at speed', async () => {
    const hub = await start();
    const statuses = new Set<number>();
    for (let n = 0; n < 80; n++) statuses.add((await ask(hub, '/api/shared')).status);
    expect(statuses).toEqual(new Set([404, 429]));
  });

  it('hide what was asked for in everything that they show', async () => {
    const hub = await start();
    const { id } = await kept(hub, draftOf('secretd on web-1'));
    const reduce = { hostNames: true, processNames: true, addresses: true, arguments: true };
    const { with: credential } = await shared(hub, id, { reduce });
    const facts = readSharedSnapshot((await ask(hub, '/api/shared', credential)).json);
    expect(facts.reduce).toEqual(reduce);
    expect(facts.title).toMatch(/^process-[0-9a-f]+ on host-[0-9a-f]+$/);
    expect(facts.view).toBe('view=chain&p=4242');
    const data = await ask(hub, '/api/shared/data', credential);
    const everything = JSON.stringify(facts) + data.bytes.toString('latin1');
    for (const name of ['secretd', 'web-1', 'name-web-1']) expect(everything).not.toContain(name);
    expect((await ask(hub, '/api/shared/preview', credential)).status).toBe(404);

    const original = windowFile();
    const tables = new ProfileTables();
    const read = readWindowFile(data.bytes, tables);
    expect(read.header.snapshot?.title).toBe(facts.title);
    const source = readWindowFile(original.bytes, new ProfileTables());
    const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);
    expect(read.windows.map(({ rows }) => sum(rows.estimatedNs))).toEqual(
      source.windows.map(({ rows }) => sum(rows.estimatedNs)),
    );
    // The next link has other tokens: two copies cannot be put side by side.
    const other = await shared(hub, id, { reduce });
    expect(readSharedSnapshot((await ask(hub, '/api/shared', other.with)).json).title).not.toBe(facts.title);
  });

  it('hide names in a file of several profiles, each of which is in the copy, with its times', async () => {
    const hub = await start();
    const speedscope = {
      $schema: 'https://www.speedscope.app/file-format-schema.json',
      name: 'secretd',
      shared: { frames: [{ name: 'main' }, { name: 'open /home/ada/plans' }, { name: 'wait' }] },
      profiles: [
        { ...{ type: 'sampled', name: 'thread 1', unit: 'milliseconds', startValue: 0, endValue: 3 } },
        { ...{ type: 'sampled', name: 'of no use', unit: 'milliseconds', startValue: 0, endValue: 0 } },
        {
          ...{
            type: 'sampled',
            name: 'thread /home/ada/x',
            unit: 'milliseconds',
            startValue: 0,
            endValue: 7,
          },
        },
      ].map((profile, n) => ({
        ...profile,
        ...(n === 1
          ? { samples: [], weights: [] }
          : {
              samples: [
                [0, 1],
                [0, 2],
              ],
              weights: [1, 2 + 4 * (n / 2)],
            }),
      })),
    };
    const draft = draftOf('perf', {
      format: 'speedscope',
      view: 'profile=2&value=milliseconds&noise=sleeps,*secretd:comm:secretd,-children&view=off-cpu',
    });
    const { id } = await kept(hub, draft, Uint8Array.from(Buffer.from(JSON.stringify(speedscope))), {
      preview: NONE,
    });
    const { with: credential } = await shared(hub, id, { reduce: { ...NO_REDUCTION, arguments: true } });
    const facts = readSharedSnapshot((await ask(hub, '/api/shared', credential)).json);
    // The numbers of its profiles are others, as the empty one is left out.
    expect(facts).toMatchObject({ format: 'otlp', view: 'noise=sleeps&view=off-cpu' });
    const { bytes } = await ask(hub, '/api/shared/data', credential);
    const read = await readProfile(bytes);
    if (read.format !== 'otlp') throw new Error(`read as ${read.format}`);
    expect(JSON.stringify(read)).not.toMatch(/ada|secretd/);
    expect(
      read.profiles.map(({ sampleValues }) => sampleValues[0]!.reduce((sum, ns) => sum + ns, 0)),
    ).toEqual([3e6, 7e6]);
    expect(read.profiles.map(({ title }) => title.replace(/[0-9a-f]{4,}/, '*'))).toEqual([
      'thread 1',
      'thread path-*',
    ]);
  });

  it('hide names in profiles of other tools, and say when they cannot', async () => {
    const hub = await start();
    const keep = (text: string) =>
      kept(hub, draftOf('perf', { format: 'folded' }), Uint8Array.from(Buffer.from(text)), { preview: NONE });
    const { id } = await keep('secretd;main;open /home/ada/plans 12\n');
    const reduce = { ...NO_REDUCTION, arguments: true };
    const { with: credential } = await shared(hub, id, { reduce });
    expect(readSharedSnapshot((await ask(hub, '/api/shared', credential)).json).format).toBe('pprof');
    const data = await ask(hub, '/api/shared/data', credential);
    expect(data.bytes.toString('latin1')).not.toContain('/home/ada');

    const broken = await keep('\u0001\u0002 no profile at all');
    const refused = await send(hub, 'POST', `/api/snapshots/${broken.id}/shares`, {
      expiresInMs: null,
      reduce,
    });
    expect([refused.status, errorOf(refused)]).toEqual([
      422,
      expect.stringMatching(/^names cannot be hidden in this snapshot, as its file cannot be read: /),
    ]);
  });
});
