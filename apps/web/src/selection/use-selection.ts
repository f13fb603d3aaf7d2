'use client';
/** Owns changing the selection: what each act sets beside itself, so that no panel is left with what cannot be there. */
import type { View } from '@stallscope/profile';
import { useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import { carryPlace } from './carry-place';
import { SELECTION_PARSERS, type Selection } from './selection';

export interface SelectionActs {
  /** A step of its own in the browser's history. */
  go(change: Partial<Selection>): void;
  /** Changes the present step: typing, pausing, pointing. */
  amend(change: Partial<Selection>): void;
  toHost(host: string): void;
  toView(view: View): void;
  toProcess(tgid: number | null): void;
  toThread(tgid: number, tid: number | null): void;
}

export function useSelection(): [Selection, SelectionActs] {
  const [selection, set] = useQueryStates(SELECTION_PARSERS, { clearOnDefault: true, shallow: true });
  const acts = useMemo<SelectionActs>(() => {
    const go = (change: Partial<Selection>): void => void set(change, { history: 'push' });
    const amend = (change: Partial<Selection>): void => void set(change, { history: 'replace' });
    return {
      go,
      amend,
      toHost: (host) =>
        go({ host, p: null, t: null, zoom: null, sel: null, from: null, to: null, at: null, window: null }),
      toView: (view) =>
        void set(
          (old) => ({
            view,
            zoom: carryPlace(old.view, view, old.zoom),
            sel: carryPlace(old.view, view, old.sel),
          }),
          { history: 'push' },
        ),
      toProcess: (tgid) => go({ p: tgid, t: null, zoom: null, sel: null }),
      toThread: (tgid, tid) => go({ p: tgid, t: tid, zoom: null, sel: null }),
    };
  }, [set]);
  return [selection, acts];
}
