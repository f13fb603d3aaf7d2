/** Owns the running hub: one port for agents, browsers and the web build; its clock, timers and end. */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SNAPSHOT_UPLOAD_TYPE } from '@stallscope/protocol';
import {
  type LmdbSnapshotStore,
  type Owner,
  openLmdbSnapshotStore,
  prepareDataDirectory,
  type StoreBounds,
} from '@stallscope/store';
import { Access, isLoopback } from './access.js';
import { DashboardDoor } from './dashboard-door.js';
import { answerRequest } from './http-door.js';
import { Hub } from './hub.js';
import {
  CLOSE_GRACE_MS,
  MAX_CONNECTIONS,
  PING_INTERVAL_MS,
  REQUEST_TIMEOUT_MS,
  SWEEP_INTERVAL_MS,
  TICK_MS,
  UPLOAD_TIMEOUT_MS,
} from './limits.js';
import type { Log } from './log.js';
import { OpenedFile, type OpenedFileOptions } from './opened-file.js';
import { reduceInWorker } from './reduce-in-worker.js';
import type { ReduceCopy } from './reduced-copy.js';
import { logEvicted, SnapshotDoor } from './snapshot-door.js';
import { SocketDoor } from './socket-door.js';
import { loadWebExport } from './web-export.js';

export interface StartHubOptions {
  /** Address to listen on; default 127.0.0.1. Any that is not loopback needs both tokens. */
  host?: string;
  /** Default 7070; 0 takes a free one, which `url` tells. */
  port?: number;
  /** What agents send as `Authorization: Bearer`; at least 16 characters. */
  agentToken?: string;
  /** What a reader gives once for a session; at least 16 characters. */
  browserToken?: string;
  /** The directory of the web build (`out` of apps/web). Without one the pages say how to build it. */
  webRoot?: string;
  /** Origins beside the hub's own, such as `https://stallscope.example.org` of a proxy. */
  allowedOrigins?: readonly string[];
  /** Windows are kept this long, ms; default 15 min. */
  retainMs?: number;
  /** What windows and dictionaries of all hosts may take, bytes; default 192 MiB. */
  retainBytes?: number;
  /** A file to show on the page /open/#KEY; default: none. */
  opened?: OpenedFileOptions;
  /** Where snapshots and dashboards are kept. Without it the hub keeps none, and says so to who asks. */
  data?: DataOptions;
  /**
   * Called once when the port is bound, before a request is read and before the data directory is opened: the time to
   * give up root.
   */
  onBound?: () => void;
  /** Makes the copy of a share link that hides something; default: in a thread of its own. */
  reduceCopy?: ReduceCopy;
  /** One line an event, without secrets; default: none. */
  log?: Log;
}

export interface DataOptions {
  directory: string;
  /** Whom `onBound` makes this process, and who therefore has to own the directory. */
  owner?: Owner;
  bounds?: Partial<StoreBounds>;
}

export interface RunningHub {
  /** `http://127.0.0.1:7070`; where it listens on all addresses, that of loopback. */
  url: string;
  /** What it is bound to, as the kernel spells it: `127.0.0.1`, `0.0.0.0`, `::`. */
  address: string;
  port: number;
  hub: Hub;
  /** Tells every peer, waits a moment for them to go, and frees the port. */
  close(): Promise<void>;
}

/** Throws an Error that says what, where and what to do: an open address without tokens, a port in use. */
export async function startHub(options: StartHubOptions = {}): Promise<RunningHub> {
  const host = options.host ?? '127.0.0.1';
  const port = options.port ?? 7070;
  const nowMs = (): number => Date.now();
  const { agentToken, browserToken, allowedOrigins, retainMs, retainBytes, data, log } = options;
  const access = new Access({ host, agentToken, browserToken, allowedOrigins, nowMs });
  const hub = new Hub({
    nowMs,
    ...(log === undefined ? {} : { log }),
    ...(retainMs === undefined ? {} : { retainMs }),
    ...(retainBytes === undefined ? {} : { retainBytes }),
  });
  const web = options.webRoot === undefined ? undefined : await loadWebExport(options.webRoot);
  const opened = options.opened === undefined ? undefined : new OpenedFile(options.opened);
  const sockets = new SocketDoor(hub, access);
  if (data !== undefined) prepareDataDirectory(data.directory, data.owner);
  interface Doors {
    snapshots: SnapshotDoor;
    dashboards: DashboardDoor;
  }
  const toDoors = (store: LmdbSnapshotStore | undefined): Doors => ({
    snapshots: new SnapshotDoor({ hub, access, store, reduceCopy: options.reduceCopy ?? reduceInWorker }),
    dashboards: new DashboardDoor({ hub, access, store: store?.dashboards }),
  });
  let openDoors: (doors: Doors) => void = () => undefined;
  const opening = new Promise<Doors>((resolve) => {
    openDoors = resolve;
  });

  const server = createServer(
    {
      // Of uploads; `endLate` ends others sooner.
      requestTimeout: UPLOAD_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: REQUEST_TIMEOUT_MS / 2,
    },
    (request, response) => {
      endLate(request);
      opening
        .then((doors) => answerRequest({ hub, access, ...doors, web, opened }, request, response))
        .catch((error: unknown) => {
          hub.fault('request', error);
          if (!response.headersSent) response.writeHead(500);
          response.end();
        });
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.on('upgrade', (request, socket, head) => sockets.onUpgrade(request, socket, head));
  await listen(server, host, port);
  server.on('error', (error) => hub.log('server failed', { error: error.message }));
  let store: LmdbSnapshotStore | undefined;
  try {
    options.onBound?.();
    if (data !== undefined) {
      const { directory, bounds } = data;
      store = await openLmdbSnapshotStore({ directory, nowMs, ...(bounds && { bounds }) });
    }
  } catch (error) {
    server.closeAllConnections();
    server.close();
    throw error;
  }
  openDoors(toDoors(store));

  const ticks = setInterval(() => hub.tick(), TICK_MS);
  const pings = setInterval(() => sockets.ping(), PING_INTERVAL_MS);
  const sweep = async (): Promise<void> => {
    if (store !== undefined) logEvicted(hub, await store.sweep());
  };
  const onSweepFailed = (error: unknown): void => {
    hub.log('snapshots not swept', { reason: error instanceof Error ? error.message : String(error) });
  };
  const sweeps = setInterval(() => void sweep().catch(onSweepFailed), SWEEP_INTERVAL_MS);
  await sweep().catch(onSweepFailed);
  const address = server.address() as AddressInfo;
  const url = `http://${toUrlHost(host, address.address)}:${address.port}`;
  hub.log('hub listens', {
    url,
    address: address.address,
    retainMs: hub.retainMs,
    retainBytes: hub.retainBytes,
    web: web !== undefined,
    data: data?.directory ?? null,
  });
  for (const id of store?.unreadable ?? []) hub.log('snapshot record unreadable', { id });
  for (const id of store?.dashboards.unreadable ?? []) hub.log('dashboard record unreadable', { id });

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    clearInterval(ticks);
    clearInterval(pings);
    clearInterval(sweeps);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    hub.close();
    server.closeIdleConnections();
    const grace = setTimeout(() => {
      sockets.terminate();
      server.closeAllConnections();
    }, CLOSE_GRACE_MS);
    await closed;
    clearTimeout(grace);
    await store?.close();
    hub.log('hub closed');
  };
  return {
    url,
    address: address.address,
    port: address.port,
    hub,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** A body that is not there in time ends its connection; only an upload may take longer. */
function endLate(request: IncomingMessage): void {
  if (request.headers['content-type'] === SNAPSHOT_UPLOAD_TYPE) return;
  const late = setTimeout(() => {
    if (!request.complete) request.destroy();
  }, REQUEST_TIMEOUT_MS);
  request.once('end', () => clearTimeout(late));
  request.once('close', () => clearTimeout(late));
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error & { code?: string }): void => {
      reject(
        new Error(
          `hub: cannot listen on ${host}:${port} (${error.code ?? error.message}). ${toHint(error.code)}`,
          {
            cause: error,
          },
        ),
      );
    };
    server.once('error', onError);
    server.listen({ host, port }, () => {
      server.removeListener('error', onError);
      resolve();
    });
  });
}

function toHint(code: string | undefined): string {
  switch (code) {
    case 'EADDRINUSE':
      return 'Another program has this port, perhaps another hub: stop it or choose another port (0 takes a free one).';
    case 'EACCES':
      return 'Ports below 1024 need root: choose a higher one.';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'This host has no such address: choose 127.0.0.1, or 0.0.0.0 for all of its addresses.';
    default:
      return 'Choose another address or port.';
  }
}

/** As written in a URL that works on this host. */
function toUrlHost(host: string, boundTo: string): string {
  if (boundTo === '0.0.0.0') return '127.0.0.1';
  if (boundTo === '::') return '[::1]';
  return host.includes(':') && !isLoopback(host) ? `[${host}]` : host === '::1' ? '[::1]' : host;
}
