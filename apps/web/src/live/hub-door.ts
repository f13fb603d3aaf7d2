/** Owns how a worker reaches the hub that it was loaded from: its socket, its clock, its chance. Holds no logic. */
import type { LiveDeps } from './live-session';

export const HUB_DOOR: Omit<LiveDeps, 'post' | 'differences' | 'feed'> = {
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
