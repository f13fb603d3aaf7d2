'use client';
/**
 * Owns which dashboard is shown: what the address says, over what the hub keeps, over a ready layout; and each change of it.
 * Invariant: whatever is shown can be read from the address alone, and from the hub where the address names a dashboard there.
 */
import type { Dashboard, WindowLengthMs } from '@stallscope/protocol';
import { useSearchParams } from 'next/navigation';
import { useQueryStates } from 'nuqs';
import { useCallback, useMemo, useRef } from 'react';
import {
  DASH_PARSERS,
  DASH_SPAN_MS,
  type DashAddress,
  type DashSpan,
  DEFAULT_SPAN,
  findProblems,
} from './dash-address';
import type { DashPanel } from './dash-panel';
import { type DashSelection, NOTHING_SELECTED } from './dash-selection';
import { fitsInAddress, readPanels, writePanels } from './panel-code';
import { READY_LAYOUTS } from './ready-layouts';
import { readSavedView } from './saved-view';

export interface DashTime {
  span: DashSpan;
  spanMs: number;
  /** Asked of the agents; null: as they run. */
  windowMs: WindowLengthMs | null;
  /** End of the newest window when the reader paused, ms; null follows the newest. */
  pausedAtMs: number | null;
}

export interface ShownDashboard {
  address: DashAddress;
  /** Null where none is chosen, or the one chosen is still on its way. */
  panels: readonly DashPanel[] | null;
  /** Host id of the address or of the saved dashboard; null where neither names one. */
  hostId: string | null;
  savedHostId: string | null;
  time: DashTime;
  selection: DashSelection;
  /** Whether panels, span or interval differ from those of the layout or of the saved one; the host is only looked at. */
  isChanged: boolean;
  /** Sentences: what of the address could not be read. */
  problems: readonly string[];
}

export interface DashActs {
  /** A step of its own in the browser's history. */
  go(change: Partial<DashAddress>): void;
  /** Changes the present step. */
  amend(change: Partial<DashAddress>): void;
  /** False where they would make the address too long; nothing is changed then. */
  setPanels(panels: readonly DashPanel[], step?: 'go' | 'amend'): boolean;
  select(selection: DashSelection): void;
}

/** @param saved the one that the address names; null while it is on its way, and where there is none */
export function useDashboard(saved: Pick<Dashboard, 'view' | 'revision'> | null): [ShownDashboard, DashActs] {
  const search = useSearchParams();
  const [address, set] = useQueryStates(DASH_PARSERS, { clearOnDefault: true, shallow: true });
  const savedText = saved?.view ?? null;
  const kept = useMemo(() => (savedText === null ? null : readSavedView(savedText)), [savedText]);
  const savedView = kept?.view ?? null;
  const revision = saved?.revision ?? null;

  const base =
    savedView?.panels ??
    (address.saved === null && address.layout !== null
      ? address.layout === 'own'
        ? ''
        : writePanels(READY_LAYOUTS[address.layout].panels)
      : null);
  const text = address.panels ?? base;
  const read = useMemo(() => (text === null ? null : readPanels(text)), [text]);
  const panels = useSamePanels(read?.panels ?? null);
  const urlProblems = useMemo(() => findProblems(new URLSearchParams(search)), [search]);

  const shown = useMemo((): ShownDashboard => {
    const span = address.span ?? savedView?.span ?? DEFAULT_SPAN;
    const windowMs = address.window ?? savedView?.window ?? null;
    const isOther = <Value>(own: Value | null, kept: Value | null | undefined): boolean =>
      own !== null && own !== (kept ?? null);
    return {
      address,
      panels,
      hostId: address.host ?? savedView?.host ?? null,
      savedHostId: savedView?.host ?? null,
      time: { span, spanMs: DASH_SPAN_MS[span], windowMs, pausedAtMs: address.at },
      selection: toSelection(address),
      isChanged:
        isOther(address.panels, base) ||
        (savedView !== null &&
          (isOther(address.span, savedView.span) || isOther(address.window, savedView.window))),
      problems: [...urlProblems, ...(kept?.problems ?? []), ...(read?.problems ?? [])],
    };
  }, [address, panels, base, savedView, kept, urlProblems, read]);

  const acts = useMemo((): DashActs => {
    const go = (change: Partial<DashAddress>): void => void set(change, { history: 'push' });
    const amend = (change: Partial<DashAddress>): void => void set(change, { history: 'replace' });
    return {
      go,
      amend,
      setPanels: (panels, step = 'go') => {
        if (!fitsInAddress(panels)) return false;
        const change = {
          panels: writePanels(panels),
          ...(revision === null ? {} : { rev: address.rev ?? revision }),
        };
        if (step === 'go') go(change);
        else amend(change);
        return true;
      },
      select: ({ stretch, region, process }) =>
        go({ from: stretch?.fromMs ?? null, to: stretch?.toMs ?? null, region, p: process }),
    };
  }, [set, revision, address.rev]);
  return [shown, acts];
}

function toSelection({ from, to, region, p }: DashAddress): DashSelection {
  if (from === null || to === null || from >= to) return { ...NOTHING_SELECTED, process: p };
  return { stretch: { fromMs: from, toMs: to }, region, process: p };
}

/** The same objects for panels that are as before, so that only what changed is drawn again. */
function useSamePanels(panels: readonly DashPanel[] | null): readonly DashPanel[] | null {
  const before = useRef(new Map<string, DashPanel>());
  const keep = useCallback((panel: DashPanel): DashPanel => {
    const known = before.current.get(panel.id);
    return known !== undefined && JSON.stringify(known) === JSON.stringify(panel) ? known : panel;
  }, []);
  return useMemo(() => {
    const kept = panels?.map(keep) ?? null;
    before.current = new Map((kept ?? []).map((panel) => [panel.id, panel]));
    return kept;
  }, [panels, keep]);
}
