'use client';
/** Owns the dashboard of the hub that the address names: asked for when it is named, and again when the reader comes back. */
import type { Dashboard } from '@stallscope/protocol';
import { useCallback, useEffect, useRef, useState } from 'react';
import { HubRefusal } from '../controls/ask-hub';
import { findDashboard } from './dashboard-api';

export type SavedState =
  | { step: 'none' }
  | { step: 'asking' }
  | { step: 'there'; dashboard: Dashboard }
  | { step: 'refused'; error: unknown };

export interface SavedDashboard {
  state: SavedState;
  /** Asks again. */
  refresh(): void;
  /** What the hub has just answered to a change. */
  take(dashboard: Dashboard): void;
}

const NONE: SavedState = { step: 'none' };
const ASKING: SavedState = { step: 'asking' };

/** @param onNewer a version that somebody else has kept while this one was shown */
export function useSavedDashboard(
  id: string | null,
  onNewer: (dashboard: Dashboard) => void,
): SavedDashboard {
  const [state, setState] = useState<SavedState>(NONE);
  const latest = useRef(0);
  const onNewerNow = useRef(onNewer);
  useEffect(() => {
    onNewerNow.current = onNewer;
  });

  const refresh = useCallback((): void => {
    const number = ++latest.current;
    if (id === null) return;
    findDashboard(id).then(
      (dashboard) => {
        if (number !== latest.current) return;
        setState((before) => {
          const known = before.step === 'there' && before.dashboard.id === id ? before.dashboard : undefined;
          if (known !== undefined && known.revision < dashboard.revision) {
            queueMicrotask(() => onNewerNow.current(dashboard));
          }
          return known?.revision === dashboard.revision ? before : { step: 'there', dashboard };
        });
      },
      (error: unknown) => {
        if (number !== latest.current) return;
        // One that is shown stays there while the hub is away.
        const isGone = error instanceof HubRefusal && error.status === 404;
        setState((before) => (before.step === 'there' && !isGone ? before : { step: 'refused', error }));
      },
    );
  }, [id]);

  useEffect(() => {
    refresh();
    const onVisible = (): void => {
      if (document.visibilityState === 'visible') refresh();
    };
    document.addEventListener('visibilitychange', onVisible);
    return () => document.removeEventListener('visibilitychange', onVisible);
  }, [refresh]);

  const take = useCallback((dashboard: Dashboard): void => {
    latest.current++;
    setState({ step: 'there', dashboard });
  }, []);

  // Of another dashboard than is named now, nothing is known yet.
  const isOfThis = state.step !== 'there' || state.dashboard.id === id;
  const shown = id === null ? NONE : state.step === 'none' || !isOfThis ? ASKING : state;
  return { state: shown, refresh, take };
}
