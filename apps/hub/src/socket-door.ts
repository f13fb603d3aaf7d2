/**
 * Owns the WebSockets of the hub: who may upgrade, sockets as wires, and ending those that show no life.
 * A refused upgrade is answered in HTTP with the reason, before any WebSocket exists.
 */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { CLOSE_CODES, MAX_FRAME_BYTES, ProtocolError } from '@stallscope/protocol';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { Access, Verdict } from './access.js';
import type { Hub } from './hub.js';
import { CLOSE_GRACE_MS, MISSED_PINGS } from './limits.js';
import type { Wire } from './wire.js';

/** What both kinds of session do with a socket. */
interface Session {
  onText(received: string): void;
  onBinary(bytes: Uint8Array): void;
  onDrain?(): void;
  onClosed(): void;
  close(error: ProtocolError): void;
}

interface Peer {
  session: Session;
  /** Pings sent since the socket last showed life. */
  missedPings: number;
  bufferedBytes: number;
}

/**
 * What ws finds wrong below our messages it closes by itself, with a code and no word: here it gets one. Of a frame that
 * is too long ws has read the length only, however much that announces.
 */
const LAYER_FAULTS: Readonly<Record<number, { code: number; reason: string }>> = {
  1002: { code: 1002, reason: 'frame: not as RFC 6455 has it' },
  1007: { code: 1007, reason: 'text: not UTF-8' },
  1008: { code: 1008, reason: 'message: in too many fragments' },
  1009: {
    code: CLOSE_CODES.oversized,
    reason: `message: longer than ${MAX_FRAME_BYTES} bytes, the most that the hub takes`,
  },
};

class HubSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    const fault = code === undefined || reason !== undefined ? undefined : LAYER_FAULTS[code];
    super.close(fault?.code ?? code, fault?.reason ?? reason);
  }
}

export class SocketDoor {
  readonly #hub: Hub;
  readonly #access: Access;
  // Compression would cost memory and time for each socket; frames are packed already.
  readonly #server = new WebSocketServer({
    noServer: true,
    WebSocket: HubSocket,
    maxPayload: MAX_FRAME_BYTES,
    perMessageDeflate: false,
    clientTracking: false,
  });
  readonly #peers = new Map<WebSocket, Peer>();

  constructor(hub: Hub, access: Access) {
    this.#hub = hub;
    this.#access = access;
  }

  onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', (error) => this.#hub.log('upgrade failed', { error: error.message }));
    const path = request.url?.split('?')[0];
    const isAgent = path === '/agent';
    if (!isAgent && path !== '/live') {
      refuseUpgrade(socket, 404, 'agents connect to /agent, browsers to /live');
      return;
    }
    const verdict = this.#check(request, isAgent);
    if (!verdict.ok) {
      this.#hub.log('upgrade refused', {
        path: isAgent ? '/agent' : '/live',
        status: verdict.status,
        reason: verdict.reason,
        address: request.socket.remoteAddress ?? null,
      });
      refuseUpgrade(socket, verdict.status, verdict.reason);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#accept(webSocket, isAgent));
  }

  /** Pings all; ends those that have not answered the last few. */
  ping(): void {
    for (const [socket, peer] of this.#peers) {
      // A full socket that still moves is alive: the answer to a ping waits behind what it holds.
      if (socket.bufferedAmount < peer.bufferedBytes) peer.missedPings = 0;
      peer.bufferedBytes = socket.bufferedAmount;
      if (peer.missedPings >= MISSED_PINGS) {
        peer.session.close(new ProtocolError('unresponsive', 'hub: no answer to pings'));
        continue;
      }
      peer.missedPings += 1;
      if (socket.readyState === socket.OPEN) socket.ping();
    }
  }

  /** Ends what has not gone by itself. */
  terminate(): void {
    for (const socket of this.#peers.keys()) socket.terminate();
  }

  get count(): number {
    return this.#peers.size;
  }

  #check(request: IncomingMessage, isAgent: boolean): Verdict {
    const host = this.#access.checkHost(request);
    if (!host.ok) return host;
    return isAgent ? this.#access.checkAgent(request) : this.#access.checkLive(request);
  }

  #accept(socket: WebSocket, isAgent: boolean): void {
    const wire = this.#toWire(socket);
    // Before the session, which may close the socket at once.
    socket.on('error', (error) => {
      this.#hub.log('socket failed', { path: isAgent ? '/agent' : '/live', error: describe(error) });
      terminateLater(socket);
    });
    const session: Session = isAgent ? this.#hub.acceptAgent(wire) : this.#hub.acceptBrowser(wire);
    const peer: Peer = { session, missedPings: 0, bufferedBytes: 0 };
    this.#peers.set(socket, peer);
    socket.on('message', (data, isBinary) => {
      peer.missedPings = 0;
      const bytes = toBytes(data);
      if (isBinary) session.onBinary(bytes);
      else session.onText(bytes.toString('utf8'));
    });
    socket.on('pong', () => {
      peer.missedPings = 0;
    });
    socket.on('close', () => {
      this.#peers.delete(socket);
      session.onClosed();
    });
  }

  #toWire(socket: WebSocket): Wire {
    const peers = this.#peers;
    return {
      get bufferedBytes() {
        return socket.bufferedAmount;
      },
      send(data) {
        if (socket.readyState !== socket.OPEN) return;
        socket.send(data, (error) => {
          // An error comes with 'close', which says all there is to say.
          if (error === undefined || error === null) peers.get(socket)?.session.onDrain?.();
        });
      },
      close(code, reason) {
        socket.close(code, reason);
        terminateLater(socket);
      },
    };
  }
}

/** Ends a socket that was told why it is closed and does not go by itself. */
function terminateLater(socket: WebSocket): void {
  const grace = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
  socket.once('close', () => clearTimeout(grace));
}

/** Above maxPayload; above what a number can tell. */
const TOO_LONG: ReadonlySet<string> = new Set([
  'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH',
  'WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH',
]);

function describe(error: Error & { code?: string }): string {
  return TOO_LONG.has(error.code ?? '')
    ? `a message longer than ${MAX_FRAME_BYTES} bytes, refused unread`
    : error.message;
}

function toBytes(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

function refuseUpgrade(socket: Duplex, status: number, reason: string): void {
  const body = `${JSON.stringify({ error: reason })}\n`;
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
      'Connection: close\r\n' +
      'Content-Type: application/json; charset=utf-8\r\n' +
      'X-Content-Type-Options: nosniff\r\n' +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
