/** The edge of a still's worker: gives StillSession the page. Holds no logic. */
import type { ToStillWorker } from './still-messages';
import { StillSession } from './still-session';

const session = new StillSession({
  post: (message, transfer) => self.postMessage(message, { transfer }),
  soon: (run) => void self.setTimeout(run, 0),
});

self.onmessage = ({ data }: MessageEvent<ToStillWorker>) => void session.handle(data);
