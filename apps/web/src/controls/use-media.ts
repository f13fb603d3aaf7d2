'use client';
import { useCallback, useSyncExternalStore } from 'react';

/** Asked once each: making a query costs more than reading it. */
const QUERIES = new Map<string, MediaQueryList>();

export function mediaQuery(query: string): MediaQueryList {
  const list = QUERIES.get(query) ?? matchMedia(query);
  QUERIES.set(query, list);
  return list;
}

/** Whether the window is so now, such as `(min-width: 1024px)`; false in the exported page. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    useCallback(
      (listener) => {
        const list = mediaQuery(query);
        list.addEventListener('change', listener);
        return () => list.removeEventListener('change', listener);
      },
      [query],
    ),
    () => mediaQuery(query).matches,
    () => false,
  );
}
