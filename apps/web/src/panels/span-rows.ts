/**
 * Owns the sum of the windows of a stretch that moves on: those that leave are taken out, those that come are added. Panels
 * of one host that show the same share it.
 */
import { type ProfileTables, type ProfileWindow, WindowSpan } from '@stallscope/profile';
import { isInside, type SpanEnds } from '../live/held-windows';
import type { ShelvedWindow } from '../live/window-shelf';

export interface SpanWindows {
  readonly tables: ProfileTables;
  /** Oldest first. */
  readonly shelved: readonly ShelvedWindow[];
  decode(window: ShelvedWindow): ProfileWindow;
}

/** What of each window is summed; `key` names it. */
export interface WindowPart {
  key: string;
  of(window: ProfileWindow): ProfileWindow;
}

export const WHOLE_WINDOW: WindowPart = { key: '', of: (window) => window };

export class SpanRows {
  readonly #isOfLives: boolean;
  #span: WindowSpan | undefined;
  #part = WHOLE_WINDOW;
  #shown = new Set<ShelvedWindow>();

  /** @param isOfLives rows are those of lives of threads, of which the wall view is made */
  constructor({ isOfLives }: { isOfLives: boolean }) {
    this.#isOfLives = isOfLives;
  }

  slideTo(held: SpanWindows, ends: SpanEnds, part: WindowPart = WHOLE_WINDOW): WindowSpan {
    const windows = held.shelved.filter(isInside(ends));
    const keep = new Set(windows);
    const leaving = [...this.#shown].filter((window) => !keep.has(window));
    let span = this.#span;
    if (
      span === undefined ||
      span.tables !== held.tables ||
      part.key !== this.#part.key ||
      leaving.length > windows.length
    ) {
      span = new WindowSpan(held.tables, { isOfLives: this.#isOfLives });
      this.#shown = new Set();
    } else for (const window of leaving) span.remove(part.of(held.decode(window)));
    for (const window of windows) if (!this.#shown.has(window)) span.add(part.of(held.decode(window)));
    this.#span = span;
    this.#part = part;
    this.#shown = keep;
    return span;
  }
}

/** Names the windows of a stretch: the same text for the same windows. */
export function revisionOf(held: Pick<SpanWindows, 'shelved'>, ends: SpanEnds): string {
  let count = 0;
  let first: ShelvedWindow | undefined;
  let last: ShelvedWindow | undefined;
  const isIn = isInside(ends);
  for (const window of held.shelved) {
    if (!isIn(window)) continue;
    first ??= window;
    last = window;
    count++;
  }
  return `${count}:${first?.startMs ?? ''}:${last?.endMs ?? ''}`;
}
