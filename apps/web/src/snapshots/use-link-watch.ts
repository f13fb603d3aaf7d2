'use client';
/** Owns when an open page of a link wonders whether the link still works: by itself, and as the reader comes back to it. */
import { useEffect } from 'react';
import { watchLink } from './link-watch';
import { findShared } from './snapshot-api';

/** `token` null: nothing is watched. `onEnd` is told once, with the status of HTTP that says so; it must not change. */
export function useLinkWatch(
  token: string | null,
  expiresAtMs: number | null,
  onEnd: (status: number) => void,
): void {
  useEffect(() => {
    if (token === null) return;
    const isSeen = (): boolean => document.visibilityState === 'visible';
    const { askNow, stop } = watchLink({ expiresAtMs, ask: () => findShared(token), isSeen, onEnd });
    const askWhenSeen = (): void => {
      if (isSeen()) askNow();
    };
    document.addEventListener('visibilitychange', askWhenSeen);
    window.addEventListener('focus', askNow);
    return () => {
      stop();
      document.removeEventListener('visibilitychange', askWhenSeen);
      window.removeEventListener('focus', askNow);
    };
  }, [token, expiresAtMs, onEnd]);
}
