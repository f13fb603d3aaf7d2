/**
 * Owns the windows of another host while they are a base: a session of its own, which draws nothing. It connects, catches
 * up and reconnects as the one that is shown does.
 */
import type { HeldWindows } from '../live/held-windows';
import type { FromWorker, LiveSelection, WatchState } from '../live/live-messages';
import { type LiveDeps, LiveSession } from '../live/live-session';

export class HostFeed {
  readonly hostId: string;
  readonly #session: LiveSession;
  #held: HeldWindows | undefined;
  #watch: WatchState = { state: 'waiting' };
  #lost: string | undefined;

  constructor(deps: Omit<LiveDeps, 'post' | 'differences' | 'feed'>, hostId: string, onChange: () => void) {
    this.hostId = hostId;
    this.#session = new LiveSession({
      ...deps,
      post: (message: FromWorker) => {
        if (message.type !== 'connection') return;
        const { connection } = message;
        this.#lost = connection.state === 'lost' ? connection.reason : undefined;
        onChange();
      },
      feed: (held, watch) => {
        this.#held = held;
        this.#watch = watch;
        onChange();
      },
    });
  }

  /** Keeps what this selection would show from being dropped. */
  select(selection: LiveSelection): void {
    this.#session.handle({ type: 'select', selection });
  }

  /** Its windows, or why there are none. */
  get state():
    | { state: 'ready'; held: HeldWindows }
    | { state: 'waiting'; words: string }
    | { state: 'failed'; message: string; hint: string } {
    if (this.#held?.newest !== undefined) return { state: 'ready', held: this.#held };
    if (this.#watch.state === 'ended')
      return {
        state: 'failed',
        message: `The hub has no stream of the host “${this.hostId}”: ${this.#watch.reason}.`,
        hint: 'Choose another base. It is taken up again when the host reports.',
      };
    if (this.#lost !== undefined)
      return { state: 'waiting', words: `The hub does not answer: ${this.#lost}. Trying again.` };
    return { state: 'waiting', words: `Waiting for the first window of the host “${this.hostId}”.` };
  }

  close(): void {
    this.#session.close();
  }
}
