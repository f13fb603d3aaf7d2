'use client';
/** Owns the worker of a page with panels, which lives as long as one is on the page, and how React reads from it. */
import { useEffect, useSyncExternalStore } from 'react';
import { exposeDashboard } from '../live/test-window';
import type { FromPanelsWorker, PanelsAsk } from './panel-messages';
import { type PanelData, type PanelsSnapshot, PanelsStore } from './panels-store';
import { cursorMs } from './shared-cursor';
import { toTestDashboard } from './test-dashboard';

let current: { store: PanelsStore; worker: Worker; users: number } | undefined;

function start(): NonNullable<typeof current> {
  if (current !== undefined) return current;
  const worker = new Worker(new URL('./panels-worker.ts', import.meta.url), { type: 'module' });
  const store = new PanelsStore((message) => worker.postMessage(message), Date.now());
  worker.onmessage = ({ data }: MessageEvent<FromPanelsWorker>) => store.receive(data);
  worker.onerror = (event) => store.fail(event.message || 'it could not be loaded');
  current = { store, worker, users: 0 };
  return current;
}

export function panelsStore(): PanelsStore {
  return start().store;
}

/** Has the worker watch what these panels are of, until the page is left; null: nothing yet. */
export function useAskPanels(ask: PanelsAsk | null): void {
  useEffect(() => {
    const held = start();
    held.users++;
    exposeDashboard(() => toTestDashboard(held.store.asked, held.store.snapshot(), cursorMs()));
    return () => {
      held.users--;
      // React leaves and comes back within a turn where it mounts twice.
      setTimeout(() => {
        if (held.users > 0 || current !== held) return;
        exposeDashboard(null);
        held.worker.terminate();
        current = undefined;
      });
    };
  }, []);
  useEffect(() => {
    if (ask !== null) panelsStore().ask(ask);
  }, [ask]);
}

/** A static page has no live data: what is exported says that it is connecting. */
const EXPORTED: PanelsSnapshot = {
  connection: { state: 'connecting', sinceMs: 0 },
  hosts: null,
  hostsAtMs: null,
  clock: null,
  standing: new Map(),
  panels: new Map(),
  fault: null,
};

/** `partOf` makes nothing: it gives what the snapshot has, or a plain value. */
export function usePanelsOf<Part>(partOf: (panels: PanelsSnapshot) => Part): Part {
  return useSyncExternalStore(
    subscribe,
    () => partOf(panelsStore().snapshot()),
    () => partOf(EXPORTED),
  );
}

export function usePanelData(id: string): PanelData | undefined {
  return usePanelsOf(({ panels }) => panels.get(id));
}

const subscribe = (listener: () => void): (() => void) => panelsStore().subscribe(listener);
