/**
 * Owns the bases of a session: opens what a selection names, keeps it as long as it is named, and makes the difference
 * when a view is made. Fetching, streams and clocks come in as arguments.
 *
 *     select(selection) → HostFeed | file | nothing to open       compare(shown) → DifferenceUpdate
 *
 * Invariant: a base that is not there yet, or not any more, is said in words; it never looks like one without time.
 */
import {
  type FlameShape,
  type LabelTable,
  PLAIN_SHAPE,
  type Query,
  SampleFlameBuilder,
  type SampleProfile,
  type SliceSpan,
} from '@stallscope/profile';
import type { BucketSpan } from '../latency/bucket-span';
import { regionOf } from '../latency/heat-ask';
import { regionPart, restPart, WHOLE_WINDOWS, type WindowPart } from '../latency/region-part';
import { type HeldWindows, slicesOf } from '../live/held-windows';
import type { LiveSelection } from '../live/live-messages';
import type { Base } from './base';
import { type Ends, toBaseEnds, toBaseSlices } from './base-ends';
import type { DifferenceAsk, SideFacts } from './difference-messages';
import type { HostFeed } from './host-feed';
import type { BaseFile } from './read-base-file';
import {
  chooseSamples,
  ownersOf,
  type ShownSamples,
  type ShownWhom,
  sampleSide,
  shownNames,
} from './sample-base';
import type { Compare, Shown, Side } from './side';
import { type Sides, toDifference, toSides } from './to-difference';
import { WindowBase } from './window-base';

export interface DifferenceDeps {
  /** A base has come or changed: a view made now would differ. */
  onChange(): void;
  /** Absent where there is no hub to ask. */
  openHost?(hostId: string, onChange: () => void): HostFeed;
  /** The file of a snapshot and its title. @throws Error with words for the reader */
  fetchSnapshot(id: string): Promise<{ title: string; bytes: Uint8Array }>;
  readFile(bytes: Uint8Array, name: string): Promise<BaseFile>;
}

/** Files of the reader that may be named as a base; beyond it the one given first is forgotten. */
export const MAX_GIVEN_FILES = 8;

type Opened =
  | { state: 'reading'; words: string }
  | { state: 'failed'; message: string; hint: string }
  | { state: 'open'; file: BaseFile; name: string };

type BaseState =
  | { state: 'ready'; side: Side }
  | { state: 'waiting'; words: string }
  | { state: 'failed'; message: string; hint: string };

export class Differences {
  readonly #deps: DifferenceDeps;
  #selection: LiveSelection | undefined;
  #host: HostFeed | undefined;
  /** What is open of a snapshot or file, by `keyOf`. */
  #opened: { key: string; is: Opened } | undefined;
  readonly #given = new Map<string, Blob>();
  #windows: WindowBase | undefined;
  /** Its own builder: that of the page tells of the tree that it built last, which is the one that is shown. */
  #samples: { labels: LabelTable; builder: SampleFlameBuilder } | undefined;

  constructor(deps: DifferenceDeps) {
    this.#deps = deps;
  }

  /** A file that bases may name; another one of its name takes its place. */
  giveFile(name: string, file: Blob): void {
    this.#given.delete(name);
    this.#given.set(name, file);
    for (const oldest of this.#given.keys()) {
      if (this.#given.size <= MAX_GIVEN_FILES) break;
      this.#given.delete(oldest);
    }
    if (this.#opened?.key === `file:${name}`) this.#opened = undefined;
    if (this.#selection !== undefined) this.select(this.#selection);
    this.#deps.onChange();
  }

  select(selection: LiveSelection): void {
    this.#selection = selection;
    const base = selection.difference?.base;
    const hostId =
      base?.source.kind === 'host' && base.source.id !== selection.hostId ? base.source.id : undefined;
    if (this.#host?.hostId !== hostId) {
      this.#host?.close();
      this.#host = hostId === undefined ? undefined : this.#deps.openHost?.(hostId, this.#deps.onChange);
    }
    if (base !== undefined) this.#host?.select(toHostSelection(selection, base, this.#host.hostId));
    this.#open(base);
    if (base === undefined) {
      this.#windows = undefined;
      this.#samples = undefined;
    }
  }

  close(): void {
    this.#host?.close();
    this.#host = undefined;
  }

  readonly compare: Compare = (shown) => {
    const selection = this.#selection;
    const ask = selection?.difference;
    if (selection === undefined || ask === undefined) return null;
    const base = this.#baseOf(selection, ask, shown);
    if (base.state === 'failed') return { ...base, ask };
    if (base.state === 'waiting') return { ...base, ask };
    return { state: 'ready', ask, ...toDifference(shown.side(), base.side, ask, selection.search) };
  };

  /** What is compared now, for a file of it. Null where nothing is. */
  sides(shown: Shown): Sides | { message: string; hint: string } | null {
    const selection = this.#selection;
    const ask = selection?.difference;
    if (selection === undefined || ask === undefined) return null;
    const base = this.#baseOf(selection, ask, shown);
    if (base.state === 'failed') return base;
    if (base.state === 'waiting') return { message: base.words, hint: 'Export again when it is there.' };
    return toSides(shown.side(), base.side, ask);
  }

  // ——— what is opened

  #open(base: Base | undefined): void {
    const key = base === undefined ? undefined : keyOf(base);
    if (this.#opened?.key === key) return;
    this.#opened = undefined;
    if (base === undefined || key === undefined) return;
    const { source } = base;
    if (source.kind === 'snapshot') {
      this.#read(key, 'Fetching the snapshot…', async () => {
        const { title, bytes } = await this.#deps.fetchSnapshot(source.id);
        return { file: await this.#deps.readFile(bytes, title), name: title };
      });
    } else if (source.kind === 'file') {
      const given = this.#given.get(source.name);
      if (given === undefined) {
        this.#opened = {
          key,
          is: {
            state: 'failed',
            message: `The file “${source.name}” is not on this page: a link names a file, it does not carry it.`,
            hint: 'Choose it again.',
          },
        };
        return;
      }
      this.#read(key, `Reading ${source.name}…`, async () => ({
        file: await this.#deps.readFile(new Uint8Array(await given.arrayBuffer()), source.name),
        name: source.name,
      }));
    }
  }

  #read(key: string, words: string, read: () => Promise<{ file: BaseFile; name: string }>): void {
    const opened: { key: string; is: Opened } = { key, is: { state: 'reading', words } };
    this.#opened = opened;
    read()
      .then(
        (file) => {
          opened.is = { state: 'open', ...file };
        },
        (error: unknown) => {
          const message = error instanceof Error ? error.message : String(error);
          opened.is = { state: 'failed', message, hint: hintOf(error) };
        },
      )
      .then(() => {
        // What was asked for meanwhile is another base.
        if (this.#opened === opened) this.#deps.onChange();
      });
  }

  // ——— the base as a side

  #baseOf(selection: LiveSelection, { base }: DifferenceAsk, shown: Shown): BaseState {
    const { source } = base;
    const isOfShown = source.kind === 'same' || (source.kind === 'host' && source.id === selection.hostId);
    if (isOfShown) {
      if (shown.held !== null) return this.#ofWindows(selection, base, shown, shown.held, true, '');
      if (shown.samples !== null)
        return this.#ofSamples(selection, base, shown, shown.samples.profiles, shown.samples, '');
      return { state: 'waiting', words: 'Nothing is shown yet.' };
    }
    if (source.kind === 'host') {
      if (this.#host === undefined)
        return {
          state: 'failed',
          message: 'This page has no hub to ask for another host.',
          hint: 'Choose a file as the base.',
        };
      const { state } = this.#host;
      if (state.state !== 'ready') return state;
      return this.#ofWindows(selection, base, shown, state.held, false, source.id);
    }
    const opened = this.#opened?.is;
    if (opened === undefined || opened.state === 'reading')
      return { state: 'waiting', words: opened?.words ?? 'Opening the base…' };
    if (opened.state === 'failed') return opened;
    const { file, name } = opened;
    if (file.kind === 'windows') return this.#ofWindows(selection, base, shown, file.held, false, name);
    return this.#ofSamples(selection, base, shown, file.profiles, null, name);
  }

  #ofWindows(
    selection: LiveSelection,
    base: Base,
    shown: Shown,
    held: HeldWindows,
    isOfShown: boolean,
    name: string,
  ): BaseState {
    if (this.#windows?.isOf(held, shown.labels) !== true) this.#windows = new WindowBase(held, shown.labels);
    const query = toBaseQuery(selection.query, base, isOfShown ? null : namesOf(shown), held.processNames);
    const side = this.#windows.side(
      query,
      shapeOf(shown),
      endsOf(selection, base, held),
      baseSlicesOf(selection, base),
      partOfBase(selection, base, held),
    );
    const latency = lengthsOfBase(selection, base);
    return { state: 'ready', side: { ...side, facts: { ...side.facts, name, latency } } };
  }

  /** @param ofShown what the page shows, where that is of the same file */
  #ofSamples(
    selection: LiveSelection,
    base: Base,
    shown: Shown,
    profiles: readonly SampleProfile[],
    ofShown: ShownSamples | null,
    name: string,
  ): BaseState {
    const chosen = chooseSamples(profiles, base, whomOf(selection, shown), ofShown);
    if (!chosen.ok) return { state: 'failed', message: chosen.message, hint: chosen.hint };
    const { index, filter } = chosen;
    const profile = profiles[index]!;
    const { labels } = shown;
    if (this.#samples?.builder.profile !== profile || this.#samples.labels !== labels)
      this.#samples = { labels, builder: new SampleFlameBuilder(profile, labels) };
    const tree = this.#samples.builder.build(filter, shapeOf(shown));
    const owners = ownersOf(profile, filter);
    const parts = {
      profiles: profiles.map(({ title, sampleStack }) => ({ title, samples: sampleStack.length })),
      profile: index,
      ...owners,
    };
    return {
      state: 'ready',
      side: { ...sampleSide(tree, name, { profiles, index, filter }, owners), parts },
    };
  }
}

/** Who and what is shown, for a base in which numbers of processes mean nothing. */
function whomOf({ query }: LiveSelection, { samples, held }: Shown): ShownWhom {
  if (samples !== null) {
    const { title, valueTypes } = samples.profiles[samples.index]!;
    return { processNames: shownNames(samples), title, value: valueTypes[samples.filter.value]! };
  }
  const names = query.tgids?.map((tgid) => held?.processNames.get(tgid) ?? '') ?? null;
  return { processNames: names, title: '', value: { unit: 'nanoseconds' } };
}

function keyOf({ source }: Base): string | undefined {
  if (source.kind === 'snapshot') return `snapshot:${source.id}`;
  return source.kind === 'file' ? `file:${source.name}` : undefined;
}

function shapeOf({ shape = PLAIN_SHAPE }: Shown): FlameShape {
  return shape;
}

function namesOf({ held }: Shown): ReadonlyMap<number, string> {
  return held?.processNames ?? new Map();
}

/**
 * What is asked of the base's rows. `shownNames` is null for the data that is shown; in other data numbers of
 * processes mean nothing, so that a process is those of its name there, and a thread all of its process's.
 */
export function toBaseQuery(
  query: Query,
  { process, thread }: Pick<Base, 'process' | 'thread'>,
  shownNames: ReadonlyMap<number, string> | null,
  baseNames: ReadonlyMap<number, string>,
): Query {
  const { tgids, tids, ...rest } = query;
  const ofThread = typeof thread === 'number' ? { tids: [thread] } : {};
  if (process === 'all') return { ...rest, ...ofThread };
  if (process !== null) return { ...rest, tgids: [process], ...ofThread };
  if (shownNames === null || tgids === undefined)
    return thread === null ? query : { ...rest, ...(tgids && { tgids }), ...ofThread };
  const names = new Set(tgids.map((tgid) => shownNames.get(tgid)));
  return {
    ...rest,
    tgids: [...baseNames].filter(([, name]) => names.has(name)).map(([tgid]) => tgid),
    ...ofThread,
  };
}

/** A host keeps the clock that all hosts are told to keep; a file is all of it unless a stretch of it is named. */
function endsOf(selection: LiveSelection, base: Base, held: HeldWindows): Ends {
  const isFile = base.source.kind === 'snapshot' || base.source.kind === 'file';
  const span = isFile ? ({ kind: 'all' } as const) : selection.span;
  // The rest of a heatmap is of all that it is drawn of.
  if (base.latency.kind === 'rest' && base.time.kind === 'same' && !isFile) return held.heatFrame(selection);
  return toBaseEnds(base, held.spanEnds({ span, pausedAtMs: isFile ? null : selection.pausedAtMs }));
}

/** What the base has of its windows where the page shows a region of a heatmap, or compares two. */
function partOfBase(selection: LiveSelection, base: Base, held: HeldWindows): WindowPart {
  const region = regionOf(selection);
  const { view } = selection.query;
  const { latency } = base;
  if (latency.kind === 'all') return WHOLE_WINDOWS;
  if (latency.kind === 'rest' && region !== undefined)
    return restPart(held.tables, region, view, held.spanEnds(selection));
  if (latency.kind === 'span' && selection.latency !== undefined) {
    const { name: heatmap, operation, target } = selection.latency;
    return regionPart(held.tables, { heatmap, operation, target, ...pickSpan(latency) }, view);
  }
  return regionPart(held.tables, region, view);
}

function pickSpan({ fromBucket, toBucket }: BucketSpan): BucketSpan {
  return { fromBucket, toBucket };
}

/** What is said of the base's lengths; null where it has all. */
function lengthsOfBase(selection: LiveSelection, { latency }: Base): SideFacts['latency'] {
  if (selection.latency === undefined || latency.kind === 'all') return null;
  if (latency.kind === 'rest') return regionOf(selection) === undefined ? null : 'rest';
  if (latency.kind === 'span') return pickSpan(latency);
  return selection.latency.latency;
}

/** Of a file there is no such stretch: its clock is another time's. */
function baseSlicesOf(selection: LiveSelection, base: Base): SliceSpan | undefined {
  const slices = slicesOf(selection);
  const isFile = base.source.kind === 'snapshot' || base.source.kind === 'file';
  return slices === undefined || isFile ? undefined : toBaseSlices(base, slices);
}

/** What the other host's windows are kept for: the stretch that is its base. */
function toHostSelection(selection: LiveSelection, { time }: Base, hostId: string): LiveSelection {
  const { difference, ...rest } = selection;
  return {
    ...rest,
    hostId,
    span: time.kind === 'fixed' ? { kind: 'fixed', fromMs: time.fromMs, toMs: time.toMs } : selection.span,
  };
}

/** What a FormatError says to do; its class is loaded with the formats, which may not have been. */
function hintOf(error: unknown): string {
  return error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : '';
}
