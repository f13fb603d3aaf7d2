/** The edge of a still's worker: gives StillSession the page. Holds no logic. */
import { hubDifferences } from '../difference/hub-bases';
import { HUB_DOOR } from '../live/hub-door';
import type { ToStillWorker } from './still-messages';
import { StillSession } from './still-session';

const session = new StillSession({
  post: (message, transfer) => self.postMessage(message, { transfer }),
  differences: hubDifferences(HUB_DOOR),
  soon: (run) => void self.setTimeout(run, 0),
});

self.onmessage = ({ data }: MessageEvent<ToStillWorker>) => void session.handle(data);
