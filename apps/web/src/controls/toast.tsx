'use client';
/** Owns a few words that say what was just done, for as long as it takes to read them. */
import { type ReactElement, useEffect, useSyncExternalStore } from 'react';

const SHOWN_MS = 2500;

let shown: { text: string; number: number } | null = null;
const listeners = new Set<() => void>();

export function toast(text: string): void {
  set({ text, number: (shown?.number ?? 0) + 1 });
}

function set(next: typeof shown): void {
  shown = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Once a page. */
export function Toast(): ReactElement {
  const now = useSyncExternalStore(
    subscribe,
    () => shown,
    () => null,
  );
  useEffect(() => {
    if (now === null) return;
    const timer = setTimeout(() => set(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [now]);
  return (
    <div
      role="status"
      aria-label="Done"
      className={
        now === null
          ? 'sr-only'
          : 'panel fixed bottom-4 left-1/2 z-50 max-w-[calc(100vw-24px)] -translate-x-1/2 truncate bg-raised px-3 py-1.5 shadow-lg'
      }
    >
      {now?.text}
    </div>
  );
}
