/** The worker's edge: gives PanelsSession the hub and the page. Holds no logic. */
import { HUB_DOOR } from '../live/hub-door';
import type { FromPanelsWorker, ToPanelsWorker } from './panel-messages';
import { PanelsSession } from './panels-session';

const session = new PanelsSession({
  ...HUB_DOOR,
  post: (message: FromPanelsWorker, transfer) => self.postMessage(message, { transfer }),
});

self.onmessage = ({ data }: MessageEvent<ToPanelsWorker>) => session.handle(data);
