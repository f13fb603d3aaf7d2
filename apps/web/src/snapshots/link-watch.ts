/**
 * Owns noticing that the link of an open page has ended: the hub is asked now and then, whenever the page wants, and at the
 * instant at which the link expires; where the hub does not answer then, the reader's own clock decides.
 */
import { HubRefusal } from '../controls/ask-hub';

/** How often an open page asks, ms: within this a revoked link is gone from a screen that is looked at. */
export const ASK_EVERY_MS = 10_000;

/** The longest that a timer can wait, ms; beyond it the next question notices. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Of HTTP: revoked or expired, and forgotten since. */
export function isLinkEnd(status: number): boolean {
  return status === 410 || status === 404;
}

export interface WatchedLink {
  expiresAtMs: number | null;
  /** Rejects with HubRefusal. */
  ask: () => Promise<unknown>;
  /** Whether somebody may be looking at the page. */
  isSeen: () => boolean;
  /** Told once, with the status that says so. */
  onEnd: (status: number) => void;
}

export interface LinkWatch {
  askNow: () => void;
  stop: () => void;
}

export function watchLink({ expiresAtMs, ask, isSeen, onEnd }: WatchedLink): LinkWatch {
  const stop = (): void => {
    isWatched = false;
    clearInterval(interval);
    clearTimeout(timer);
  };
  const end = (status: number): void => {
    if (!isWatched) return;
    stop();
    onEnd(status);
  };
  const askNow = (): void => {
    ask().catch((error: unknown) => {
      const status = error instanceof HubRefusal ? error.status : 0;
      if (isLinkEnd(status)) end(status);
      // Whatever else it is, the hub said nothing of the link.
      else if (expiresAtMs !== null && Date.now() >= expiresAtMs) end(410);
    });
  };
  let isWatched = true;
  const interval = setInterval(() => isSeen() && askNow(), ASK_EVERY_MS);
  const untilExpiryMs = expiresAtMs === null ? MAX_TIMER_MS : Math.max(0, expiresAtMs - Date.now());
  const timer = setTimeout(askNow, Math.min(untilExpiryMs, MAX_TIMER_MS));
  return { askNow, stop };
}
