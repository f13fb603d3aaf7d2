/** Dashboards through the hub's real port: what is kept, who may, and what happens when two change the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Dashboard,
  type DashboardDraft,
  MAX_DASHBOARD_VIEW_CHARS,
  readDashboard,
  readDashboardList,
  readKeepsNone,
} from '@stallscope/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { MAX_API_BODY_BYTES } from './limits.js';
import { type RunningHub, type StartHubOptions, startHub } from './start-hub.js';

const TOKENS = { agentToken: 'agent-token-of-tests', browserToken: 'browser-token-of-tests' };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function newDirectory(): string {
  const above = mkdtempSync(join(tmpdir(), 'stallscope-hub-'));
  cleanups.push(() => rmSync(above, { recursive: true }));
  return join(above, 'data');
}

async function start(options: StartHubOptions = {}): Promise<RunningHub & { lines: string[] }> {
  const lines: string[] = [];
  const data = { directory: newDirectory() };
  const hub = await startHub({ port: 0, log: (line) => lines.push(line), data, ...options });
  cleanups.push(() => hub.close());
  return { ...hub, lines };
}

interface Answer {
  status: number;
  json: unknown;
  allow: string | null;
}

/** As a page of the hub's own, unless headers say otherwise: an Origin of '' is none. */
async function ask(
  hub: RunningHub,
  method: string,
  path: string,
  body?: unknown,
  { origin = hub.url, ...headers }: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${hub.url}${path}`, {
    method,
    headers: {
      ...(origin === '' ? {} : { origin }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    json: text === '' ? undefined : JSON.parse(text),
    allow: response.headers.get('allow'),
  };
}

const errorOf = (answer: Answer): string => (answer.json as { error: string }).error;

function draftOf(name: string, rest: Partial<DashboardDraft> = {}): DashboardDraft {
  return { name, author: 'Ada', view: 'host=web-1&panels=1%3Avitals%3Aload%3A0%2C0%2C6%2C7', ...rest };
}

async function keep(hub: RunningHub, draft: DashboardDraft): Promise<Dashboard> {
  const answer = await ask(hub, 'POST', '/api/dashboards', draft);
  expect([answer.status, answer.json]).toMatchObject([201, { dashboard: {} }]);
  return readDashboard(answer.json);
}

describe('dashboards', () => {
  it('are kept, listed, opened, changed, renamed and deleted, and are there after a restart', async () => {
    const directory = newDirectory();
    const hub = await start({ data: { directory } });
    const writes = await keep(hub, draftOf('Writes'));
    const night = await keep(hub, draftOf('Night'));
    expect(writes).toMatchObject({ ...draftOf('Writes'), revision: 1 });
    const renamed = await ask(hub, 'PUT', `/api/dashboards/${writes.id}`, {
      ...draftOf('Writes at noon', { view: 'span=1m', author: 'Grace' }),
      revision: 1,
    });
    expect(readDashboard(renamed.json)).toMatchObject({
      ...{ name: 'Writes at noon', view: 'span=1m', author: 'Grace' },
      ...{ id: writes.id, revision: 2, createdAtMs: writes.createdAtMs },
    });
    expect((await ask(hub, 'DELETE', `/api/dashboards/${night.id}`)).status).toBe(204);
    expect((await ask(hub, 'DELETE', `/api/dashboards/${night.id}`)).status).toBe(404);
    await hub.close();

    const again = await start({ data: { directory } });
    const { dashboards, maxDashboards } = readDashboardList(
      (await ask(again, 'GET', '/api/dashboards')).json,
    );
    expect([dashboards, maxDashboards]).toEqual([[readDashboard(renamed.json)], 200]);
    expect((await ask(again, 'GET', `/api/dashboards/${writes.id}`)).json).toEqual(renamed.json);
    expect(errorOf(await ask(again, 'GET', `/api/dashboards/${night.id}`))).toMatch(
      /there is no such dashboard/,
    );
  });

  it('are not overwritten by one who has not seen what somebody else has kept meanwhile', async () => {
    const hub = await start();
    const { id } = await keep(hub, draftOf('Writes'));
    const change = (author: string) =>
      ask(hub, 'PUT', `/api/dashboards/${id}`, { ...draftOf('Writes', { author }), revision: 1 });
    expect((await change('Grace')).status).toBe(200);
    const late = await change('Bob');
    expect([late.status, errorOf(late)]).toEqual([
      409,
      'keep “Writes”: Grace has kept another version of it meanwhile. Look at that one first, or keep yours under another name.',
    ]);
    expect(readDashboard((await ask(hub, 'GET', `/api/dashboards/${id}`)).json).author).toBe('Grace');
  });

  it('have each a name of their own', async () => {
    const hub = await start();
    await keep(hub, draftOf('Writes'));
    const twice = await ask(hub, 'POST', '/api/dashboards', draftOf('writes'));
    expect([twice.status, errorOf(twice)]).toEqual([
      409,
      'keep “writes”: there is a dashboard of this name. Choose another name, or open that one and change it.',
    ]);
  });

  it.each([
    ['no name', { ...draftOf(' ') }, 400, /^dashboard name: is empty or padded/],
    [
      'a name with control characters',
      { ...draftOf('a\u0007') },
      400,
      /^dashboard name: has control characters/,
    ],
    [
      'a view that is too long',
      draftOf('a', { view: 'x'.repeat(MAX_DASHBOARD_VIEW_CHARS + 1) }),
      400,
      /view: /,
    ],
    ['what nobody asked for', { ...draftOf('a'), revision: 7 }, 400, /Unrecognized key/],
    ['a list', [], 400, /^dashboard: /],
    ['no JSON', '{', 400, /not JSON/],
    ['more than is read', 'x'.repeat(MAX_API_BODY_BYTES + 1), 413, /too large/],
  ])('are refused with %s, with what and where', async (_, body, status, words) => {
    const hub = await start();
    const answer = await ask(hub, 'POST', '/api/dashboards', body);
    expect([answer.status, errorOf(answer)]).toEqual([status, expect.stringMatching(words)]);
    expect(readDashboardList((await ask(hub, 'GET', '/api/dashboards')).json).dashboards).toEqual([]);
  });

  it('another type than JSON, and other methods, are told what to send', async () => {
    const hub = await start();
    const text = await ask(hub, 'POST', '/api/dashboards', '{}', { 'content-type': 'text/plain' });
    expect([text.status, errorOf(text)]).toEqual([415, 'send it as application/json']);
    expect(await ask(hub, 'PATCH', '/api/dashboards')).toMatchObject({ status: 405, allow: 'GET, POST' });
    expect(await ask(hub, 'POST', '/api/dashboards/x')).toMatchObject({
      status: 405,
      allow: 'GET, PUT, DELETE',
    });
    expect((await ask(hub, 'GET', '/api/dashboards/a/b')).status).toBe(404);
    expect((await ask(hub, 'GET', '/api/dashboards/..%2f..%2fetc')).status).toBe(404);
  });

  it.each([{ origin: 'https://evil.example' }, { origin: 'null' }])(
    'another site gets and changes nothing: %j',
    async (headers) => {
      const hub = await start();
      const { id } = await keep(hub, draftOf('Writes'));
      const outcomes = [
        await ask(hub, 'GET', '/api/dashboards', undefined, headers),
        await ask(hub, 'GET', `/api/dashboards/${id}`, undefined, headers),
        await ask(hub, 'POST', '/api/dashboards', draftOf('Other'), headers),
        await ask(hub, 'PUT', `/api/dashboards/${id}`, { ...draftOf('x'), revision: 1 }, headers),
        await ask(hub, 'DELETE', `/api/dashboards/${id}`, undefined, headers),
      ];
      expect(outcomes.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
      const { dashboards } = readDashboardList((await ask(hub, 'GET', '/api/dashboards')).json);
      expect(dashboards.map(({ name }) => name)).toEqual(['Writes']);
    },
  );

  it('are for those with a session or the token; a request without an Origin changes nothing', async () => {
    const hub = await start(TOKENS);
    expect((await ask(hub, 'GET', '/api/dashboards')).status).toBe(401);
    expect((await ask(hub, 'POST', '/api/dashboards', draftOf('a'))).status).toBe(401);
    const bearer = { origin: '', authorization: `Bearer ${TOKENS.browserToken}` };
    expect((await ask(hub, 'POST', '/api/dashboards', draftOf('a'), bearer)).status).toBe(201);
    expect((await ask(hub, 'GET', '/api/dashboards', undefined, bearer)).status).toBe(200);
    const open = await start();
    expect((await ask(open, 'POST', '/api/dashboards', draftOf('a'), { origin: '' })).status).toBe(403);
  });

  it('of a hub without a directory there are none, and it says why', async () => {
    const hub = await startHub({ port: 0 });
    cleanups.push(() => hub.close());
    const list = await ask(hub, 'GET', '/api/dashboards');
    expect([list.status, readKeepsNone(list.json)]).toEqual([200, expect.stringMatching(/--data DIR/)]);
    const kept = await ask(hub, 'POST', '/api/dashboards', draftOf('a'));
    expect([kept.status, errorOf(kept)]).toEqual([503, expect.stringMatching(/--data DIR/)]);
  });

  it('leave no names and no texts in the log', async () => {
    const hub = await start();
    const { id } = await keep(hub, draftOf('Secret plan', { view: 'host=secret-host' }));
    await ask(hub, 'DELETE', `/api/dashboards/${id}`);
    expect(hub.lines.filter((line) => line.startsWith('dashboard'))).toEqual([
      expect.stringMatching(new RegExp(`^dashboard kept id=${id} revision=1 address=`)),
      expect.stringMatching(new RegExp(`^dashboard deleted id=${id} address=`)),
    ]);
    expect(hub.lines.join('\n')).not.toMatch(/[Ss]ecret/);
  });
});
