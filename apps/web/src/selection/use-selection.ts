'use client';
/** Owns changing the selection: what each act sets beside itself, so that no panel is left with what cannot be there. */
import type { FunctionKey, View } from '@stallscope/profile';
import { useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import { carryFunction, carryPlace } from './carry-place';
import { SELECTION_PARSERS, type Selection } from './selection';

export interface SelectionActs {
  /** A step of its own in the browser's history. */
  go(change: Partial<Selection>): void;
  /** Changes the present step: typing, pausing, pointing. */
  amend(change: Partial<Selection>): void;
  toHost(host: string): void;
  toView(view: View): void;
  toProcess(tgid: number | null): void;
  /** @param tgid null where the process is not known, as in profiles from elsewhere */
  toThread(tgid: number | null, tid: number | null): void;
  /** A step that changes what paths are: places in them mean nothing after it. */
  reshape(change: Partial<Selection>): void;
  toSandwich(fn: FunctionKey): void;
  /** What a waker itself waits for. */
  toOwnWaits(tgid: number, tid: number): void;
}

const NO_PLACE = { zoom: null, sel: null } as const;

/** Places are paths of the graph as it comes, which begin alike in several views. */
function isPlain({ flow, show, focus }: Selection): boolean {
  return flow === 'top-down' && show !== 'sandwich' && focus === null;
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
        go({
          ...{ host, p: null, t: null, ...NO_PLACE, from: null, to: null, at: null, window: null },
          ...{ lat: null, op: null, on: null },
        }),
      toView: (view) =>
        void set(
          (old) => ({
            view,
            ...(isPlain(old)
              ? {
                  zoom: carryPlace(old.view, view, old.zoom),
                  sel: carryPlace(old.view, view, old.sel),
                }
              : NO_PLACE),
            focus: carryFunction(view, old.focus),
            only: carryFunction(view, old.only),
            fn: carryFunction(view, old.fn),
          }),
          { history: 'push' },
        ),
      toProcess: (tgid) => go({ p: tgid, t: null, ...NO_PLACE }),
      toThread: (tgid, tid) => go({ p: tgid, t: tid, ...NO_PLACE }),
      reshape: (change) => go({ ...change, ...NO_PLACE }),
      toSandwich: (fn) => go({ show: 'sandwich', fn, half: 'callees', ...NO_PLACE }),
      toOwnWaits: (tgid, tid) =>
        go({
          view: 'off-cpu',
          show: 'flame',
          p: tgid,
          t: tid,
          focus: null,
          only: null,
          fn: null,
          q: '',
          states: null,
          ...NO_PLACE,
        }),
    };
  }, [set]);
  return [selection, acts];
}
