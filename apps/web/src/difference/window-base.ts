/**
 * Owns the base of a difference where it is made of windows: those of the host that is shown, of another, or of a file.
 * Invariant: its tree is of exactly the windows of the stretch asked for; what did not change is not made again.
 */
import {
  FlameBuilder,
  type FlameShape,
  type FlameTree,
  type LabelTable,
  type ProfileTables,
  type Query,
  type SliceSpan,
  WindowSpan,
} from '@stallscope/profile';
import { WHOLE_WINDOWS, type WindowPart } from '../latency/region-part';
import { type HeldWindows, isInside } from '../live/held-windows';
import type { ShelvedWindow } from '../live/window-shelf';
import type { Ends } from './base-ends';
import { type Side, windowSide } from './side';

export class WindowBase {
  readonly #held: HeldWindows;
  readonly #labels: LabelTable;
  #tables: ProfileTables;
  #builder: FlameBuilder;
  #span: WindowSpan;
  #part: WindowPart = WHOLE_WINDOWS;
  /** Of the windows that were added, those that could be of the part. */
  #covering = new WeakSet<ShelvedWindow>();
  #shown = new Set<ShelvedWindow>();
  #built: { key: string; tree: FlameTree } | undefined;

  constructor(held: HeldWindows, labels: LabelTable) {
    this.#held = held;
    this.#labels = labels;
    this.#tables = held.tables;
    this.#builder = new FlameBuilder(this.#tables, labels);
    this.#span = new WindowSpan(this.#tables);
  }

  /** Whether it reads these windows and writes these labels. */
  isOf(held: HeldWindows, labels: LabelTable): boolean {
    return this.#held === held && this.#labels === labels;
  }

  /** @param slices of CPU samples, alone; undefined: all of the stretch */
  side(query: Query, shape: FlameShape, ends: Ends, slices?: SliceSpan, part = WHOLE_WINDOWS): Side {
    this.#slideTo(ends, query.view === 'wall', part);
    const ofSlices = this.#held.ofSlices(slices, part);
    const key = JSON.stringify([query, shape, slices, ofSlices?.windows.map(({ startMs }) => startMs)]);
    if (this.#built?.key !== key) {
      const rows = ofSlices?.rows ?? this.#span.rows();
      this.#built = { key, tree: this.#builder.build(rows, query, shape) };
    }
    return windowSide(this.#built.tree, query, {
      ...ends,
      span: this.#span,
      shown: [...this.#shown].filter((window) => this.#covering.has(window)),
      ofSlices,
      processNames: this.#held.processNames,
    });
  }

  #slideTo(ends: Ends, isOfLives: boolean, part: WindowPart): void {
    if (this.#held.tables !== this.#tables) {
      this.#tables = this.#held.tables;
      this.#builder = new FlameBuilder(this.#tables, this.#labels);
      this.#empty(isOfLives, part);
    }
    if (this.#span.isOfLives !== isOfLives || this.#part.key !== part.key) this.#empty(isOfLives, part);
    const wanted = new Set(this.#held.shelved.filter(isInside(ends)));
    const leaving = [...this.#shown].filter((window) => !wanted.has(window));
    const coming = [...wanted].filter((window) => !this.#shown.has(window));
    if (leaving.length === 0 && coming.length === 0) return;
    this.#built = undefined;
    if (leaving.length > wanted.size) {
      this.#empty(isOfLives, part);
      for (const window of wanted) this.#add(window);
    } else {
      for (const window of leaving) this.#span.remove(this.#held.decode(window));
      for (const window of coming) this.#add(window);
    }
    this.#shown = wanted;
  }

  #add(shelved: ShelvedWindow): void {
    const window = this.#held.decode(shelved);
    this.#span.add(window);
    if (this.#part.covers(window)) this.#covering.add(shelved);
  }

  #empty(isOfLives: boolean, part: WindowPart): void {
    this.#part = part;
    this.#span = new WindowSpan(this.#tables, { isOfLives, partOf: part.of });
    this.#shown = new Set();
    this.#covering = new WeakSet();
    this.#built = undefined;
  }
}
