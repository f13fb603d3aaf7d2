'use client';
/** Owns that a snapshot is first shown as it was kept, unless the address says how. */
import { createLoader } from 'nuqs';
import { useEffect } from 'react';
import { SELECTION_PARSERS } from '../selection/selection';
import type { SelectionActs } from '../selection/use-selection';
import { hasView } from './snapshot-view';

const readView = createLoader(SELECTION_PARSERS);

/** `keptView` is the query string that it was kept with; undefined until it is known. */
export function useKeptView(keptView: string | undefined, acts: SelectionActs): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a snapshot: what the reader does with the address later stays
  useEffect(() => {
    if (keptView !== undefined && !hasView(location.search))
      acts.amend(readView(new URLSearchParams(keptView)));
  }, [keptView]);
}
