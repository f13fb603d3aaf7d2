/** The worker's edge: gives LiveSession the hub and the page. Holds no logic. */
import { hubDifferences } from '../difference/hub-bases';
import { HUB_DOOR } from './hub-door';
import type { FromWorker, ToWorker } from './live-messages';
import { LiveSession } from './live-session';

const session = new LiveSession({
  ...HUB_DOOR,
  post: (message: FromWorker, transfer) => self.postMessage(message, { transfer }),
  differences: hubDifferences(HUB_DOOR),
});

self.onmessage = ({ data }: MessageEvent<ToWorker>) => session.handle(data);
