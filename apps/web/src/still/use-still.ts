'use client';
/** Owns the one still of a page and how React reads from it; its worker ends with the page. */
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { FromStillWorker } from './still-messages';
import { type StillPort, type StillPortEvents, type StillSnapshot, StillStore } from './still-store';

export function useStill(): { store: StillStore } & StillSnapshot {
  const [store] = useState(() => new StillStore(openWorker));
  useEffect(() => () => store.close(), [store]);
  const snapshot = useSyncExternalStore(store.subscribe, store.snapshot, store.snapshot);
  return { store, ...snapshot };
}

function openWorker(events: StillPortEvents): StillPort {
  const worker = new Worker(new URL('./still-worker.ts', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }: MessageEvent<FromStillWorker>) => events.onMessage(data);
  worker.onerror = (event) => events.onFault(event.message || 'its reader could not be loaded');
  return { post: (message) => worker.postMessage(message), close: () => worker.terminate() };
}
