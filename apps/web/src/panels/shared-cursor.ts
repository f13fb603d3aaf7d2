'use client';
/**
 * Owns the instant that the reader points at, for all charts of a page: pointing at one reads all. Outside React's state, so
 * that only charts are drawn again as the pointer moves.
 */
import { useSyncExternalStore } from 'react';

let atMs: number | null = null;
const listeners = new Set<() => void>();

export function setCursor(ms: number | null): void {
  if (ms === atMs) return;
  atMs = ms;
  for (const listener of listeners) listener();
}

export function cursorMs(): number | null {
  return atMs;
}

export function useCursor(): number | null {
  return useSyncExternalStore(subscribe, cursorMs, () => null);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
