/**
 * Owns what panels of one host share: its windows, its vitals, what collects on it, and the sums of stretches. Whatever is
 * of one window is taken from it as it comes, while it is decoded.
 *
 *     stream → WindowShelf ─┬→ VitalsHistory → charts, checklist
 *                           └→ SpanRows → flame graphs, processes
 */
import {
  isOfWaits,
  type LatencyRegion,
  PROBE_STATES,
  ProfileTables,
  type ProfileWindow,
  partOfWindow,
  type View,
  type WindowSpan,
} from '@stallscope/profile';
import { type CheckWaits, waitsOfWindows } from '@stallscope/vitals';
import { isInside, MAX_TABLE_STACKS, type SpanEnds } from '../live/held-windows';
import type { WindowHolder } from '../live/host-stream';
import type { ProbeStanding } from '../live/probe-standing';
import { type Epoch, type ShelvedWindow, WindowShelf } from '../live/window-shelf';
import type { Covered, Stretches } from './panel-messages';
import { SpanRows, type SpanWindows } from './span-rows';
import { VitalsHistory } from './vitals-history';

/** What probes cost is told of this many ms, so that the words do not flicker. */
const COST_OVER_MS = 10_000;

/** Windows end and begin within this of each other by the rounding of clocks. */
const LEAST_GAP_MS = 50;

/** What the checklist adds up, by window. */
type WaitSums = Pick<CheckWaits, 'spanNs' | 'queuedNs' | 'uninterruptibleNs'>;

interface WindowProbes {
  endMs: number;
  lengthMs: number;
  probes: readonly { name: string; state: number; detail: string; runNs: number | null; runCount: number }[];
}

export class PanelHost implements WindowHolder, SpanWindows {
  readonly hostId: string;
  #shelf = new WindowShelf(new ProfileTables());
  readonly vitals = new VitalsHistory();
  readonly #processNames = new Map<number, string>();
  #waitSums = new WeakMap<ShelvedWindow, WaitSums>();
  #probes: WindowProbes[] = [];
  readonly #sums = new Map<string, SpanRows>();
  #rebuildAbove = MAX_TABLE_STACKS;
  #cpuPeriodNs = 0;
  /** Counts tables: what points into older ones means nothing any more. */
  #epoch = 0;

  constructor(hostId: string) {
    this.hostId = hostId;
  }

  get tables(): ProfileTables {
    return this.#shelf.tables;
  }

  get tablesEpoch(): number {
    return this.#epoch;
  }

  get shelved(): readonly ShelvedWindow[] {
    return this.#shelf.windows;
  }

  /** Time that a CPU sample of the newest window stands for, ns; 0 where CPUs were not sampled. */
  get cpuPeriodNs(): number {
    return this.#cpuPeriodNs;
  }

  get newest(): ShelvedWindow | undefined {
    return this.#shelf.newest;
  }

  /** tgid → name, of every process that a window has named. */
  get processNames(): ReadonlyMap<number, string> {
    return this.#processNames;
  }

  decode(window: ShelvedWindow): ProfileWindow {
    return this.#shelf.decode(window);
  }

  newEpoch(tables: ProfileTables): Epoch {
    return this.#shelf.newEpoch(tables);
  }

  /** False when it is held already, as after a reconnect. Throws ProtocolError. */
  add(bytes: Uint8Array, epoch: Epoch): boolean {
    const window = this.#shelf.add(bytes, epoch);
    if (window === undefined) return false;
    const { tables } = this.#shelf;
    const shelved = this.#shelf.newest!;
    // The next sum takes it decoded; `settle` lets go of it.
    shelved.decoded = window;
    this.vitals.add(window, tables);
    const { open, ...sums } = waitsOfWindows([window], tables)!;
    this.#waitSums.set(shelved, sums);
    this.#cpuPeriodNs = window.cpuPeriodNs;
    this.#noteProbes(window, tables);
    const { tgid, name } = window.processes;
    for (let index = 0; index < tgid.length; index++)
      this.#processNames.set(tgid[index]!, tables.strings[name[index]!]!);
    return true;
  }

  /** What was shown has been summed: windows need not be held decoded, and old ones not at all. @param pinned ends of what stands still */
  settle(beforeMs: number, pinned: readonly SpanEnds[], maxBytes: number): void {
    for (const window of this.#shelf.windows)
      if (window !== this.newest && window.encoded !== undefined) window.decoded = undefined;
    const isPinned = pinned.map(isInside);
    this.#shelf.evict(beforeMs, (window) => isPinned.some((isIn) => isIn(window)), maxBytes);
    this.vitals.evict(Math.min(beforeMs, this.#shelf.windows[0]?.startMs ?? beforeMs));
  }

  /** Leaves behind the stacks that only windows knew which are gone; what became of each epoch where it did. */
  rebuildIfLarge(): ReadonlyMap<Epoch, Epoch> | undefined {
    if (this.#shelf.tables.stackCount <= this.#rebuildAbove) return undefined;
    const held = this.#shelf.windows;
    const epochs = new Map<Epoch, Epoch>();
    this.#shelf = new WindowShelf(new ProfileTables());
    const sums = this.#waitSums;
    this.#waitSums = new WeakMap();
    for (const window of held) {
      const { encoded } = window;
      if (encoded === undefined) continue;
      let epoch = epochs.get(encoded.epoch);
      if (epoch === undefined) {
        epoch = this.#shelf.newEpoch(encoded.epoch.tables);
        epochs.set(encoded.epoch, epoch);
      }
      this.#shelf.add(encoded.bytes, epoch);
      const sum = sums.get(window);
      if (sum !== undefined) this.#waitSums.set(this.#shelf.newest!, sum);
    }
    this.#rebuildAbove = Math.max(MAX_TABLE_STACKS, this.#shelf.tables.stackCount * 2);
    this.#epoch++;
    return epochs;
  }

  /** The sum of a stretch for one view, of all or of a region of a heatmap; views that are of the same rows share it. */
  sumOf(ends: SpanEnds, view: View, region: LatencyRegion | undefined): WindowSpan {
    const isOfLives = view === 'wall';
    const isWaits = region !== undefined && isOfWaits(region, view);
    const key = isOfLives ? 'lives' : region === undefined || isWaits ? 'rows' : 'threads';
    let rows = this.#sums.get(key);
    if (rows === undefined) {
      rows = new SpanRows({ isOfLives });
      this.#sums.set(key, rows);
    }
    if (region === undefined) return rows.slideTo(this, ends);
    return rows.slideTo(this, ends, {
      key: JSON.stringify([region, isWaits]),
      of: (window) => partOfWindow(this.tables, window, region, view),
    });
  }

  coveredOf(ends: SpanEnds): Covered {
    let windows = 0;
    let coveredMs = 0;
    const isIn = isInside(ends);
    for (const window of this.shelved) {
      if (!isIn(window)) continue;
      windows++;
      coveredMs += window.endMs - window.startMs;
    }
    return { ...ends, windows, coveredMs };
  }

  /** Where windows are held, as few stretches as there are. */
  heldIn({ fromMs, toMs }: SpanEnds): Stretches {
    const held: { fromMs: number; toMs: number }[] = [];
    for (const { startMs, endMs } of this.shelved) {
      if (endMs <= fromMs || startMs >= toMs) continue;
      const last = held.at(-1);
      if (last !== undefined && startMs - last.toMs < LEAST_GAP_MS) last.toMs = endMs;
      else held.push({ fromMs: startMs, toMs: endMs });
    }
    return held;
  }

  /** What the checklist reads of waits; undefined where there is no window. */
  waitsIn(ends: SpanEnds): CheckWaits | undefined {
    const total = { spanNs: 0, queuedNs: 0, uninterruptibleNs: 0 };
    const windows = this.shelved.filter(isInside(ends));
    const last = windows.at(-1);
    if (last === undefined) return undefined;
    for (const window of windows) {
      const sums = this.#waitSums.get(window);
      if (sums === undefined) continue;
      total.spanNs += sums.spanNs;
      total.queuedNs += sums.queuedNs;
      total.uninterruptibleNs += sums.uninterruptibleNs;
    }
    const { open } = waitsOfWindows([this.decode(last)], this.tables)!;
    return { ...total, open };
  }

  /** Of the last seconds; where the newest window says nothing of a probe, it is not there. */
  standing(): ProbeStanding[] {
    const newest = this.#probes.at(-1);
    if (newest === undefined) return [];
    return newest.probes.map(({ name, state, detail }) => {
      let ms = 0;
      let runNs = 0;
      let runs = 0;
      for (const { lengthMs, probes } of this.#probes) {
        const of = probes.find((probe) => probe.name === name);
        if (of === undefined || of.runNs === null) continue;
        ms += lengthMs;
        runNs += of.runNs;
        runs += of.runCount;
      }
      return {
        name,
        state: PROBE_STATES[state]!,
        detail,
        cost: ms === 0 ? null : { nsPerSecond: (runNs * 1000) / ms, runsPerSecond: (runs * 1000) / ms },
      };
    });
  }

  #noteProbes({ startMs, endMs, probes }: ProfileWindow, { strings }: ProfileTables): void {
    this.#probes.push({
      endMs,
      lengthMs: endMs - startMs,
      probes: probes.name.map((name, index) => ({
        name: strings[name]!,
        state: probes.state[index]!,
        detail: strings[probes.detail[index]!]!,
        runNs: probes.isMeasured[index] === 1 ? probes.runNs[index]! : null,
        runCount: probes.runCount[index]!,
      })),
    });
    this.#probes = this.#probes.filter((window) => window.endMs > endMs - COST_OVER_MS);
  }
}
