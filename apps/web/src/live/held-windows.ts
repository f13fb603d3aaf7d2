/**
 * Owns the windows held of one host and the view made of them: those that come over a stream, and those of a file alike.
 * Invariant: what is shown is exactly the windows of the selection's span, whatever was shown before.
 *
 *     add(bytes) … → shelf → WindowSpan (slides) → FlameBuilder → the view of a selection
 */
import {
  FlameBuilder,
  type FlameTree,
  LabelTable,
  ProcessHints,
  ProfileTables,
  type ProfileWindow,
  type Rows,
  reaches,
  rowsOfSlices,
  type SliceSpan,
  WindowSpan,
} from '@stallscope/profile';
import { CpuHeatSum } from '../cpu/cpu-heat-sum';
import { toBaseEnds } from '../difference/base-ends';
import { type Compare, type Shown, type Side, windowSide } from '../difference/side';
import { ALL_LENGTHS } from '../latency/bucket-span';
import { regionOf } from '../latency/heat-ask';
import { HeatSum, type HeatView } from '../latency/heat-sum';
import { OperationSum, type OperationTable } from '../latency/operation-sum';
import { regionPart, WHOLE_WINDOWS, type WindowPart } from '../latency/region-part';
import { TimelineSum, type TimelineView } from '../wall/timeline-sum';
import { HeldFrame } from './held-frame';
import { HistogramSum } from './histogram-sum';
import type { FromWorker, LiveSelection, WatchState } from './live-messages';
import { toViewUpdate } from './view-update';
import { type Epoch, type ShelvedWindow, WindowShelf } from './window-shelf';

export interface HeldWindowsOptions {
  /** Default `MAX_TABLE_STACKS`. */
  maxTableStacks?: number;
  /** Default `MAX_DECODED_ROWS`. */
  maxDecodedRows?: number;
}

/** What a view says of its source beside the windows. */
export interface ViewFacts {
  hostId: string;
  watch: WatchState;
  behindMs: number | null;
  coalescedWindows: number;
}

/** What a stretch of CPU samples is made of. */
export interface RowsOfSlices {
  slices: SliceSpan;
  /** Those that it lies in, oldest first. */
  windows: readonly ShelvedWindow[];
  rows: Rows;
}

/** The stretch of CPU samples that a selection shows; undefined where it shows all, or another view. */
export function slicesOf({ query, slices }: Pick<LiveSelection, 'query' | 'slices'>): SliceSpan | undefined {
  return query.view === 'cpu' ? slices : undefined;
}

/** Rows of shown windows kept decoded, about 45 MB; above it a window is decoded again when it slides out. */
const MAX_DECODED_ROWS = 400_000;

/** Stacks in one set of tables before they are rebuilt from the windows still held: a tab may stay open for weeks. */
export const MAX_TABLE_STACKS = 1_500_000;

export interface SpanEnds {
  fromMs: number;
  toMs: number;
}

/** Whether a window belongs to a span: by its middle, so that adjacent spans share none. */
export function isInside({ fromMs, toMs }: SpanEnds): (window: ShelvedWindow) => boolean {
  return ({ startMs, endMs }) => {
    const middleMs = (startMs + endMs) / 2;
    return middleMs > fromMs && middleMs <= toMs;
  };
}

export class HeldWindows {
  readonly #maxTableStacks: number;
  readonly #maxDecodedRows: number;
  #shelf: WindowShelf;
  #labels = new LabelTable();
  #builder: FlameBuilder;
  #span: WindowSpan;
  #histograms = new HistogramSum();
  readonly #sliceHeat = new CpuHeatSum();
  readonly #timeline = new TimelineSum();
  readonly #heat = new HeatSum();
  readonly #heatFrame = new HeldFrame();
  readonly #operations = new OperationSum();
  /** What the span has of each window, and which of those that were added could be of it. */
  #part: WindowPart = WHOLE_WINDOWS;
  #covering = new WeakSet<ShelvedWindow>();
  #agentCpuNs = 0;
  /** What `#span` holds, in order of the shelf. */
  #shown = new Set<ShelvedWindow>();
  #decodedRows = 0;
  /** tgid → name, of every process that a window of this host has named. */
  #processNames = new Map<number, string>();
  readonly #hints = new ProcessHints();
  #labelEpoch = 0;
  #labelsPosted = 0;
  /** Stacks at which the tables are rebuilt: twice what was live at the last time, so that a host that needs many is not rebuilt each time. */
  #rebuildAbove: number;

  constructor({ maxTableStacks, maxDecodedRows }: HeldWindowsOptions = {}, tables = new ProfileTables()) {
    this.#maxTableStacks = maxTableStacks ?? MAX_TABLE_STACKS;
    this.#maxDecodedRows = maxDecodedRows ?? MAX_DECODED_ROWS;
    this.#rebuildAbove = this.#maxTableStacks;
    this.#shelf = new WindowShelf(tables);
    this.#builder = new FlameBuilder(tables, this.#labels);
    this.#span = new WindowSpan(tables);
  }

  get tables(): ProfileTables {
    return this.#shelf.tables;
  }

  /** All that are held, oldest first. */
  get shelved(): readonly ShelvedWindow[] {
    return this.#shelf.windows;
  }

  /** It points into `tables`. */
  decode(shelved: ShelvedWindow): ProfileWindow {
    return this.#shelf.decode(shelved);
  }

  /** tgid → name, of every process that a window has named. */
  get processNames(): ReadonlyMap<number, string> {
    return this.#processNames;
  }

  get newest(): ShelvedWindow | undefined {
    return this.#shelf.newest;
  }

  /** Another host's windows come: nothing of this one's is kept. */
  forget(): void {
    this.#startTables(new ProfileTables());
    this.#processNames = new Map();
    this.#hints.clear();
    this.#heatFrame.forget();
  }

  /** A dictionary that windows to come are written against. */
  newEpoch(tables: ProfileTables): Epoch {
    return this.#shelf.newEpoch(tables);
  }

  /** False when it is held already, as after a reconnect. Throws ProtocolError. */
  add(bytes: Uint8Array, epoch: Epoch): boolean {
    const window = this.#shelf.add(bytes, epoch);
    if (window === undefined) return false;
    this.#nameProcesses(window);
    this.#keepDecoded(this.#shelf.newest!, window);
    return true;
  }

  /** A window of a file, which is in these tables already and is never left behind. */
  addDecoded(window: ProfileWindow): void {
    this.#shelf.addDecoded(window);
    this.#nameProcesses(window);
  }

  /** Drops windows that ended before `beforeMs`, but for those that a view which stands still shows. */
  evict(beforeMs: number, selection: LiveSelection): void {
    const isFrozen = selection.pausedAtMs !== null || selection.span.kind === 'fixed';
    const isWanted = isInside(this.spanEnds(selection));
    const { base } = selection.difference ?? {};
    const isOfBase =
      base?.source.kind === 'same' && (isFrozen || base.time.kind === 'fixed')
        ? isInside(toBaseEnds(base, this.spanEnds(selection)))
        : () => false;
    const slices = slicesOf(selection);
    const isOfSlices = slices === undefined ? () => false : reaches(slices);
    this.#shelf.evict(
      beforeMs,
      (window) => (isFrozen && isWanted(window)) || isOfBase(window) || isOfSlices(window),
    );
  }

  /** The view of a selection; labels are sent once, so the message has to be posted. */
  toView(
    selection: LiveSelection,
    facts: ViewFacts,
    compare?: Compare,
  ): { message: Extract<FromWorker, { type: 'view' }>; transfer: Transferable[] } {
    const { fromMs, toMs } = this.spanEnds(selection);
    const shown = this.#slideTo(selection);
    const lastShown = shown.at(-1);
    const update = toViewUpdate({
      ...facts,
      selection,
      span: this.#span,
      ofSlices: this.ofSlices(slicesOf(selection), this.#part),
      cpuHeat: selection.query.view === 'cpu' ? this.#sliceHeat.of(this, shown, selection.query) : null,
      timeline: this.#timelineOf(selection),
      heat: this.#heatOf(selection),
      operations: this.#operationsOf(selection, shown),
      histograms: this.#histograms,
      builder: this.#builder,
      covering: shown.filter((window) => this.#covering.has(window)),
      compare:
        compare &&
        ((side) =>
          compare({ side, labels: this.#labels, held: this, samples: null, shape: selection.shape })),
      held: this.#shelf.windows,
      shown,
      lastShown: lastShown && this.#shelf.decode(lastShown),
      processNames: this.#processNames,
      hints: this.#hints,
      fromMs,
      toMs,
      agentCpuNs: this.#agentCpuNs,
      labelEpoch: this.#labelEpoch,
      labelsFrom: this.#labelsPosted,
    });
    this.#labelsPosted += update.message.newLabels.length;
    return update;
  }

  /** What is shown, to be compared; apart from a view of it. */
  comparedOf(selection: LiveSelection): Shown {
    const shown = this.#slideTo(selection);
    const { query, shape } = selection;
    const side = (): Side => {
      const ofSlices = this.ofSlices(slicesOf(selection), this.#part);
      const tree = this.#builder.build(ofSlices?.rows ?? this.#span.rows(), query, shape);
      const ends = this.spanEnds(selection);
      const { processNames } = this;
      return windowSide(tree, query, {
        ...{ ...ends, span: this.#span, ofSlices, processNames },
        shown: shown.filter((window) => this.#covering.has(window)),
        latency: selection.latency?.latency ?? null,
      });
    };
    return { side, labels: this.#labels, held: this, samples: null, shape };
  }

  /** The graph that a selection shows. */
  treeOf(selection: LiveSelection): FlameTree {
    this.#slideTo(selection);
    const rows = this.ofSlices(slicesOf(selection), this.#part)?.rows ?? this.#span.rows();
    return this.#builder.build(rows, selection.query, selection.shape);
  }

  /** The stretch that a heatmap of this selection is drawn of: around a part of it that was chosen. */
  heatFrame(selection: LiveSelection): SpanEnds {
    return this.#heatFrame.of(this.#shelf.windows, {
      shown: this.spanEnds(selection),
      isChosen: selection.span.kind === 'fixed',
      frameMs: selection.latency?.frameMs ?? 0,
    });
  }

  /** As `windowsOf`, of each what the region of the selection leaves. */
  partsOf(selection: LiveSelection): ProfileWindow[] {
    const part = regionPart(this.tables, regionOf(selection), selection.query.view);
    return this.windowsOf(selection).map((window) => part.of(window));
  }

  /**
   * The windows that a selection shows, decoded, oldest first; they point into `tables`. Those of its stretch of samples
   * are among them, though a view that follows the newest may have left them behind.
   */
  windowsOf(selection: LiveSelection): ProfileWindow[] {
    const isInSpan = isInside(this.spanEnds(selection));
    const slices = slicesOf(selection);
    const isOfSlices = slices === undefined ? () => false : reaches(slices);
    return this.#shelf.windows
      .filter((window) => isInSpan(window) || isOfSlices(window))
      .map((shelved) => this.#shelf.decode(shelved));
  }

  /**
   * Leaves behind the stacks that only evicted windows knew, once they are many; what became of each epoch where it did.
   * Windows to come must be added with the epoch that took the old one's place.
   */
  rebuildIfLarge(): ReadonlyMap<Epoch, Epoch> | undefined {
    if (this.#shelf.tables.stackCount <= this.#rebuildAbove) return undefined;
    const held = this.#shelf.windows;
    const epochs = new Map<Epoch, Epoch>();
    this.#startTables(new ProfileTables());
    for (const { encoded } of held) {
      if (encoded === undefined) continue;
      let epoch = epochs.get(encoded.epoch);
      if (epoch === undefined) {
        epoch = this.#shelf.newEpoch(encoded.epoch.tables);
        epochs.set(encoded.epoch, epoch);
      }
      this.#shelf.add(encoded.bytes, epoch);
    }
    this.#rebuildAbove = Math.max(this.#maxTableStacks, this.#shelf.tables.stackCount * 2);
    return epochs;
  }

  #timelineOf(selection: LiveSelection): TimelineView | null {
    const { timeline, query, span } = selection;
    if (timeline === undefined) return null;
    const ask = {
      ...{ query, shown: this.spanEnds(selection), isChosen: span.kind === 'fixed' },
      frameMs: timeline.frameMs,
    };
    return this.#timeline.of(this, ask, this.#span.threads());
  }

  #heatOf(selection: LiveSelection): HeatView | null {
    const { latency, query } = selection;
    if (latency === undefined) return null;
    return this.#heat.of(this, this.heatFrame(selection), { ...latency, whose: query });
  }

  #operationsOf(selection: LiveSelection, shown: readonly ShelvedWindow[]): OperationTable | null {
    const { latency, query } = selection;
    if (latency === undefined) return null;
    const { name: heatmap, operation, target } = latency;
    const region = { heatmap, operation, target, ...(latency.latency ?? ALL_LENGTHS) };
    return this.#operations.of(this, shown, region, query, this.#processNames);
  }

  #startTables(tables: ProfileTables): void {
    this.#timeline.forget();
    this.#shelf = new WindowShelf(tables);
    this.#labels = new LabelTable();
    this.#builder = new FlameBuilder(tables, this.#labels);
    this.#emptySpan();
    this.#decodedRows = 0;
    this.#labelEpoch++;
    this.#labelsPosted = 0;
  }

  /** The stretch of its clock that a selection asks for. */
  spanEnds({ span, pausedAtMs }: Pick<LiveSelection, 'span' | 'pausedAtMs'>): SpanEnds {
    if (span.kind === 'fixed') return { fromMs: span.fromMs, toMs: span.toMs };
    const newestMs = this.#shelf.newest?.endMs ?? 0;
    if (span.kind === 'all') {
      return { fromMs: this.#shelf.windows[0]?.startMs ?? 0, toMs: newestMs };
    }
    const toMs = pausedAtMs ?? newestMs;
    return { fromMs: toMs - span.lengthMs, toMs };
  }

  /** The samples of a stretch alone, whether the span has its windows or not; of what `part` leaves of each. */
  ofSlices(slices: SliceSpan | undefined, part: WindowPart): RowsOfSlices | undefined {
    if (slices === undefined) return undefined;
    const windows = this.#shelf.windows.filter(reaches(slices));
    const rows = rowsOfSlices(
      windows.map((window) => part.of(this.#shelf.decode(window))),
      slices,
    );
    return { slices, windows, rows };
  }

  /** Makes the span hold exactly what the selection shows, by whichever way is less work. */
  #slideTo(selection: LiveSelection): ShelvedWindow[] {
    const wanted = this.#shelf.windows.filter(isInside(this.spanEnds(selection)));
    const keep = new Set(wanted);
    const isOfLives = selection.query.view === 'wall';
    const part = regionPart(this.tables, regionOf(selection), selection.query.view);
    if (this.#span.isOfLives !== isOfLives || this.#part.key !== part.key) this.#emptySpan(isOfLives, part);
    const leaving = [...this.#shown].filter((window) => !keep.has(window));
    if (leaving.length > wanted.length) {
      this.#emptySpan(isOfLives, part);
    } else {
      for (const shelved of leaving) {
        const window = this.#shelf.decode(shelved);
        this.#span.remove(window);
        this.#histograms.remove(window);
        this.#agentCpuNs -= window.agentCpuNs;
      }
    }
    for (const shelved of leaving) this.#dropDecoded(shelved);
    for (const shelved of wanted) {
      if (this.#shown.has(shelved)) continue;
      const window = this.#shelf.decode(shelved);
      this.#span.add(window);
      if (part.covers(window)) this.#covering.add(shelved);
      this.#histograms.add(window);
      this.#agentCpuNs += window.agentCpuNs;
      this.#keepDecoded(shelved, window);
    }
    this.#shown = keep;
    // A window that came but is not shown would otherwise keep a shown one from being kept.
    for (const shelved of this.#shelf.windows) if (!keep.has(shelved)) this.#dropDecoded(shelved);
    return wanted;
  }

  #emptySpan(isOfLives = false, part = WHOLE_WINDOWS): void {
    this.#part = part;
    this.#covering = new WeakSet();
    this.#span = new WindowSpan(this.#shelf.tables, { isOfLives, partOf: part.of });
    this.#histograms = new HistogramSum();
    this.#agentCpuNs = 0;
    this.#shown = new Set();
  }

  #nameProcesses({ processes }: ProfileWindow): void {
    const { tgid, name } = processes;
    this.#hints.add(this.#shelf.tables, processes);
    for (let index = 0; index < tgid.length; index++) {
      this.#processNames.set(tgid[index]!, this.#shelf.tables.strings[name[index]!]!);
    }
  }

  #keepDecoded(shelved: ShelvedWindow, window: ProfileWindow): void {
    if (shelved.decoded !== undefined || this.#decodedRows > this.#maxDecodedRows) return;
    shelved.decoded = window;
    this.#decodedRows += window.rows.tgid.length;
  }

  #dropDecoded(shelved: ShelvedWindow): void {
    if (shelved.decoded === undefined || shelved.encoded === undefined) return;
    this.#decodedRows -= shelved.decoded.rows.tgid.length;
    shelved.decoded = undefined;
  }
}
