/**
 * Owns the samples of the shown windows by slice of time, from one whole second to another. Each window is counted once
 * while whose samples are asked for stays the same.
 */
import {
  countSlices,
  NO_SLICE_DATA,
  type ProfileTables,
  type ProfileWindow,
  type Query,
  SLICE_MS,
  type SliceCounts,
  type SliceHeat,
  toSlice,
} from '@stallscope/profile';
import type { ShelvedWindow } from '../live/window-shelf';

const SLICES_PER_SECOND = 1000 / SLICE_MS;
/** Seconds drawn at most, the newest: a quarter of an hour, the longest span that follows; longer stretches of a file begin later. */
const MAX_SECONDS = 1800;

export interface DecodedWindows {
  readonly tables: ProfileTables;
  decode(window: ShelvedWindow): ProfileWindow;
}

export class CpuHeatSum {
  #whose = '';
  #counted = new WeakMap<ShelvedWindow, SliceCounts & { isSampled: boolean }>();

  /** Null where none of the windows was sampled. @param shown oldest first */
  of(held: DecodedWindows, shown: readonly ShelvedWindow[], query: Query): SliceHeat | null {
    const { view, kinds, states, ...of } = query;
    const whose = JSON.stringify(of);
    if (whose !== this.#whose) this.#counted = new WeakMap();
    this.#whose = whose;
    const last = shown.at(-1);
    if (last === undefined) return null;
    const endSlice = Math.ceil(toSlice(last.endMs + SLICE_MS) / SLICES_PER_SECOND) * SLICES_PER_SECOND;
    const firstSlice = Math.max(
      Math.floor(toSlice(shown[0]!.startMs) / SLICES_PER_SECOND) * SLICES_PER_SECOND,
      endSlice - MAX_SECONDS * SLICES_PER_SECOND,
    );
    const counts = new Uint16Array(endSlice - firstSlice).fill(NO_SLICE_DATA);
    let isSampled = false;
    for (const window of shown) {
      const counted = this.#countsOf(held, window, query);
      if (!counted.isSampled) continue;
      isSampled = true;
      for (let slice = toSlice(window.startMs); slice <= toSlice(window.endMs); slice++) {
        const at = slice - firstSlice;
        if (at >= 0 && counts[at] === NO_SLICE_DATA) counts[at] = 0;
      }
      for (const [entry, slice] of counted.slice.entries()) {
        const at = slice - firstSlice;
        if (at >= 0 && at < counts.length)
          counts[at] = Math.min(NO_SLICE_DATA - 1, counts[at]! + counted.samples[entry]!);
      }
    }
    return isSampled ? { firstSlice, slicesPerSecond: SLICES_PER_SECOND, counts } : null;
  }

  #countsOf(held: DecodedWindows, window: ShelvedWindow, query: Query): SliceCounts & { isSampled: boolean } {
    let counted = this.#counted.get(window);
    if (counted === undefined) {
      const decoded = held.decode(window);
      counted = { ...countSlices(held.tables, decoded, query), isSampled: decoded.cpuPeriodNs > 0 };
      this.#counted.set(window, counted);
    }
    return counted;
  }
}
