'use client';
/** Owns the one worker of the tab and how React reads from it. */
import { useSyncExternalStore } from 'react';
import type { FromWorker } from './live-messages';
import { type LiveSnapshot, LiveStore } from './live-store';

let store: LiveStore | undefined;

/** Starts the worker at the first call in a browser; it lives as long as the tab, so pages share its connection. */
export function liveStore(): LiveStore {
  if (store !== undefined) return store;
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const started = new LiveStore({ post: (message) => worker.postMessage(message) }, Date.now());
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => started.receive(data);
  worker.onerror = (event) => {
    started.fail(event.message || 'it could not be loaded');
  };
  store = started;
  return started;
}

/** A static page has no live data: what is exported says that it is connecting. */
const EXPORTED: LiveSnapshot = {
  connection: { state: 'connecting', sinceMs: 0 },
  hosts: null,
  knownHosts: null,
  retainMs: null,
  hostsAtMs: null,
  view: null,
  fault: null,
};

export function useLive(): LiveSnapshot {
  return useLiveOf(all);
}

/**
 * A part of it, so that what shows that part alone is not rendered when another changes. `partOf` makes nothing: it gives
 * what the snapshot has, or a plain value, and is the same function each time.
 */
export function useLiveOf<Part>(partOf: (live: LiveSnapshot) => Part): Part {
  return useSyncExternalStore(
    subscribe,
    () => partOf(liveStore().snapshot()),
    () => partOf(EXPORTED),
  );
}

const all = (live: LiveSnapshot): LiveSnapshot => live;
const subscribe = (listener: () => void): (() => void) => liveStore().subscribe(listener);
