/**
 * Owns what a region of a heatmap, or the rest of it, leaves of each window; with the name under which what was summed of
 * it can be kept.
 */
import {
  coversRegion,
  isOfWaits,
  type LatencyRegion,
  type ProfileTables,
  type ProfileWindow,
  partOfWindow,
  type View,
} from '@stallscope/profile';
import type { FrameEnds } from '../live/held-frame';

export interface WindowPart {
  key: string;
  of(window: ProfileWindow): ProfileWindow;
  /** Whether the window counted what the part is of: one that did not has nothing of it, and says nothing by that. */
  covers(window: ProfileWindow): boolean;
}

export const WHOLE_WINDOWS: WindowPart = { key: '', of: (window) => window, covers: () => true };

export function regionPart(tables: ProfileTables, region: LatencyRegion | undefined, view: View): WindowPart {
  if (region === undefined) return WHOLE_WINDOWS;
  return {
    key: JSON.stringify(['region', region, isOfWaits(region, view), view === 'wall']),
    of: (window) => partOfWindow(tables, window, region, view),
    covers: (window) => coversRegion(tables, window, region, view),
  };
}

/** All that the heatmap shows but the region: within the time of the region what is in none of its lengths. */
export function restPart(
  tables: ProfileTables,
  region: LatencyRegion,
  view: View,
  { fromMs, toMs }: FrameEnds,
): WindowPart {
  return {
    key: JSON.stringify(['rest', region, isOfWaits(region, view), view === 'wall', fromMs, toMs]),
    of: (window) => {
      const middleMs = (window.startMs + window.endMs) / 2;
      const isInTime = middleMs > fromMs && middleMs <= toMs;
      // In other times no length is of the region.
      const of = isInTime ? region : { ...region, fromBucket: 0, toBucket: 0 };
      return partOfWindow(tables, window, of, view, 'rest');
    },
    covers: (window) => coversRegion(tables, window, region, view),
  };
}
