/** Owns a `stallscope hub` with a data directory for the tests of snapshots, and asking it as its own page would. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  NO_REDUCTION,
  readErrorAnswer,
  readShareCreated,
  readSnapshotCreated,
  readSnapshotList,
  type ShareCreated,
  SNAPSHOT_UPLOAD_TYPE,
  type Snapshot,
  type SnapshotDraft,
  type SnapshotList,
  toSnapshotUpload,
} from '@stallscope/protocol';
import { StallscopeProcess } from './stallscope-process.js';

export class SnapshotHub {
  private constructor(
    readonly process: StallscopeProcess,
    readonly url: string,
  ) {}

  static async start(directory: string, ...flags: string[]): Promise<SnapshotHub> {
    const process = new StallscopeProcess(['hub', '--port', '0', '--data', directory, ...flags]);
    const [, url] = await process.says(/The hub is at (\S+)/);
    return new SnapshotHub(process, url!);
  }

  ask(path: string, options: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      ...options,
      headers: { origin: this.url, ...(options.headers as Record<string, string> | undefined) },
    });
  }

  send(method: string, path: string, body: unknown): Promise<Response> {
    return this.ask(path, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  upload(draft: SnapshotDraft, data: Uint8Array<ArrayBuffer>): Promise<Response> {
    return this.ask('/api/snapshots', {
      method: 'POST',
      headers: { 'content-type': SNAPSHOT_UPLOAD_TYPE },
      body: new Blob(toSnapshotUpload(draft, new Uint8Array(), data)),
    });
  }

  /** @throws what the hub said, when it refused */
  async keep(draft: SnapshotDraft, data: Uint8Array<ArrayBuffer>): Promise<Snapshot> {
    const answer = await this.upload(draft, data);
    const received: unknown = await answer.json();
    if (answer.status !== 201) throw new Error(readErrorAnswer(received, answer.status));
    return readSnapshotCreated(received).snapshot;
  }

  /** A link that hides nothing and works until it is revoked. */
  async share(id: string): Promise<ShareCreated> {
    const answer = await this.send('POST', `/api/snapshots/${id}/shares`, {
      expiresInMs: null,
      reduce: NO_REDUCTION,
    });
    return readShareCreated(await answer.json());
  }

  revoke(shareId: string): Promise<Response> {
    return this.ask(`/api/shares/${shareId}`, { method: 'DELETE' });
  }

  /** What the holder of the link is answered: 200 while it works. */
  async stateOf({ token }: ShareCreated): Promise<number> {
    return (await fetch(`${this.url}/api/shared`, { headers: { authorization: `Share ${token}` } })).status;
  }

  async list(): Promise<SnapshotList> {
    return readSnapshotList(await (await this.ask('/api/snapshots')).json());
  }

  async data(id: string): Promise<Buffer> {
    const answer = await this.ask(`/api/snapshots/${id}/data`);
    if (answer.status !== 200) throw new Error(`data of ${id}: ${answer.status} ${await answer.text()}`);
    return Buffer.from(await answer.arrayBuffer());
  }

  async kill(): Promise<void> {
    this.process.signal('SIGKILL');
    await this.process.ended;
  }
}

/** Made anew and removed with all in it. */
export function newDirectory(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'stallscope-snapshots-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

export function draftOf(title: string, rest: Partial<SnapshotDraft> = {}): SnapshotDraft {
  return {
    ...{ title, notes: '', tags: [], author: '', hostName: 'web-1', hostId: 'web-1', view: '' },
    ...{ fromMs: 0, toMs: 1000, format: 'stallscope' },
    totals: { waitedNs: 1e9, value: null, windows: 1, lost: 0 },
    ...rest,
  };
}
