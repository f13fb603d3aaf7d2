'use client';
/** Owns changing the selection: what each act sets beside itself, so that no panel is left with what cannot be there. */
import type { Role, View } from '@stallscope/profile';
import { useQueryStates } from 'nuqs';
import { useMemo } from 'react';
import type { Place } from './place';
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

/** Views whose paths begin alike, at the waiting thread: a zoom into its own frames means the same in each. */
const TARGET_FIRST: ReadonlySet<View> = new Set<View>(['off-cpu', 'off-wake', 'chain']);
const TARGET_ROLES: ReadonlySet<Role> = new Set<Role>(['comm', 'user', 'kernel']);

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
            zoom: keepAcross(old.view, view, old.zoom),
            sel: keepAcross(old.view, view, old.sel),
          }),
          { history: 'push' },
        ),
      toProcess: (tgid) => go({ p: tgid, t: null, zoom: null, sel: null }),
      toThread: (tgid, tid) => go({ p: tgid, t: tid, zoom: null, sel: null }),
    };
  }, [set]);
  return [selection, acts];
}

function keepAcross(from: View, to: View, place: Place | null): Place | null {
  if (from === to || place === null) return place;
  if (!TARGET_FIRST.has(from) || !TARGET_FIRST.has(to) || place.kind !== 'path') return null;
  const isOfTarget = place.path.every(
    ({ label, role }) => TARGET_ROLES.has(role) || (role === 'separator' && label === '-'),
  );
  return isOfTarget ? place : null;
}
