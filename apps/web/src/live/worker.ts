/** The worker's edge: gives LiveSession the real socket, clock and page. Holds no logic. */
import { hubDifferences } from '../difference/hub-bases';
import type { FromWorker, ToWorker } from './live-messages';
import { type LiveDeps, LiveSession } from './live-session';

const deps: Omit<LiveDeps, 'post'> = {
  openSocket(events) {
    const url = new URL('/live', self.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    const socket = new WebSocket(url);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => events.onOpen();
    socket.onclose = ({ code, reason }) => events.onClose(code, reason);
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      if (typeof data === 'string') events.onText(data);
      else events.onBytes(new Uint8Array(data));
    };
    return { send: (text) => socket.send(text), close: () => socket.close() };
  },
  async probe() {
    try {
      const response = await fetch('/api/hosts', { credentials: 'same-origin', cache: 'no-store' });
      return response.status;
    } catch {
      // No answer at all: the hub is down, which is what 0 says.
      return 0;
    }
  },
  nowMs: () => Date.now(),
  random: () => Math.random(),
  after(delayMs, run) {
    const timer = self.setTimeout(run, delayMs);
    return () => self.clearTimeout(timer);
  },
};

const session = new LiveSession({
  ...deps,
  post: (message: FromWorker, transfer) => self.postMessage(message, { transfer }),
  differences: hubDifferences(deps),
});

self.onmessage = ({ data }: MessageEvent<ToWorker>) => session.handle(data);
