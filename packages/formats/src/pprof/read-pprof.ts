/**
 * Owns reading pprof: profile.proto, which may come inflated or not. Fields come in any order, so that a first pass notes
 * where messages lie and reads the tables; the samples are read last.
 *
 * Invariant: an id that names nothing is refused with the byte of what names it.
 */
import { NONE, type SampleLabels, type SampleProfile, VIEWS, type View } from '@stallscope/profile';
import { BoundedProfileBuilder } from '../bounded-builder.js';
import { toMapping } from '../mapping-names.js';
import { ProtobufWalker } from '../protobuf-fields.js';
import type { ReadContext } from '../read.js';
import type { ReadBudget } from '../read-limits.js';
import { inSpace, isMarker, rolesOfPath } from '../roles-of-path.js';
import { toValueUnit } from '../value-units.js';
import {
  FUNCTION,
  LABEL,
  LINE,
  LOCATION,
  MAPPING,
  PROFILE,
  SAMPLE,
  TITLE_COMMENT,
  VALUE_TYPE,
  VIEW_COMMENT,
} from './pprof-fields.js';

/** Entries of one table: what a list of them may take, beside what they hold. */
const MAX_ENTRIES = 1 << 22;
/** Labels of one sample. */
const MAX_LABELS = 128;

/** @throws FormatError */
export function readPprof(bytes: Uint8Array, { budget, name }: ReadContext): SampleProfile[] {
  return [new PprofReader(bytes, budget, name).read()];
}

interface Line {
  functionId: number;
  line: number;
}

interface Location {
  mappingId: number;
  /** Innermost first: inlined ones come before what they are inlined in. */
  lines: Line[];
  address: number;
  place: string;
}

class PprofReader {
  readonly #walker: ProtobufWalker;
  readonly #strings: string[] = [];
  readonly #valueTypes: { type: number; unit: number; place: string }[] = [];
  readonly #functions = new Map<number, { name: number; file: number; place: string }>();
  readonly #mappings = new Map<number, { file: number; place: string }>();
  readonly #locations = new Map<number, Location>();
  /** Begin and end of each sample. */
  readonly #samples: number[] = [];
  readonly #comments: number[] = [];
  #lineCount = 0;
  #timeNanos = 0;
  #durationNanos = 0;
  #defaultType = 0;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly budget: ReadBudget,
    private readonly name: string,
  ) {
    this.#walker = new ProtobufWalker(bytes, budget);
  }

  read(): SampleProfile {
    this.#readTables();
    if (this.#strings[0] !== '') {
      this.budget.refuse(
        'string table',
        this.#strings.length === 0 ? 'is missing' : 'does not begin with an empty text',
      );
    }
    const comments = this.#comments.map((id) => this.#string(id, 'comment'));
    const view = VIEWS.find((known) => comments.includes(`${VIEW_COMMENT}${known}`));
    const title = comments.find((comment) => comment.startsWith(TITLE_COMMENT))?.slice(TITLE_COMMENT.length);
    const types = this.#valueTypes.map(({ type, unit, place }) => {
      const { factor, unit: known } = toValueUnit(this.#string(unit, place));
      return { type: this.#string(type, place), unit: known, factor };
    });
    const builder = new BoundedProfileBuilder(
      title ?? this.name,
      types.map(({ type, unit }) => ({ type, unit })),
      this.budget,
      'sample types',
    );
    const { profile } = builder;
    if (this.#timeNanos > 0) profile.startMs = this.#timeNanos / 1e6;
    if (this.#durationNanos > 0) profile.durationNs = this.#durationNanos;
    const preferred = this.#string(this.#defaultType, 'default sample type');
    const preferredAt = types.findIndex(({ type }) => type === preferred);
    // pprof's own rule: the last one is shown where none is named.
    profile.defaultValue = preferredAt >= 0 ? preferredAt : types.length - 1;
    this.#readSamples(
      builder,
      new Stacks(this, builder, view),
      types.map(({ factor }) => factor),
    );
    return profile;
  }

  /** @throws FormatError */
  location(id: number, place: string): Location {
    return this.#locations.get(id) ?? this.budget.refuse(place, `names location ${id}, which is not there`);
  }

  /** Facts of a line's frame. @throws FormatError */
  frame(
    { mappingId, place }: Location,
    { functionId }: Line,
  ): { name: string; file: string; mapping: string } {
    const found = this.#functions.get(functionId);
    if (found === undefined) {
      this.budget.refuse(place, `names function ${functionId}, which is not there`);
    }
    return {
      name: this.#string(found.name, found.place),
      file: this.#string(found.file, found.place),
      mapping: this.mappingName(mappingId, place),
    };
  }

  /** @throws FormatError */
  mappingName(id: number, place: string): string {
    if (id === 0) return '';
    const mapping = this.#mappings.get(id);
    if (mapping === undefined) this.budget.refuse(place, `names mapping ${id}, which is not there`);
    return this.#string(mapping.file, mapping.place);
  }

  #readTables(): void {
    const walker = this.#walker;
    walker.message(0, this.bytes.length, (field) => {
      const { place } = walker;
      if (field === PROFILE.sample) {
        if (this.#samples.length >= this.budget.limits.maxSamples * 2) {
          this.budget.refuse(place, `more than ${this.budget.limits.maxSamples} samples`);
        }
        this.#samples.push(...walker.range());
      } else if (field === PROFILE.stringTable) {
        this.#bounded(this.#strings.length, 'texts', place);
        this.#strings.push(walker.text());
      } else if (field === PROFILE.sampleType) {
        this.#bounded(this.#valueTypes.length, 'sample types', place);
        const valueType = { type: 0, unit: 0, place };
        walker.nested((part) => {
          if (part === VALUE_TYPE.type) valueType.type = walker.integer();
          if (part === VALUE_TYPE.unit) valueType.unit = walker.integer();
        });
        this.#valueTypes.push(valueType);
      } else if (field === PROFILE.function) {
        this.#bounded(this.#functions.size, 'functions', place);
        this.#readFunction(place);
      } else if (field === PROFILE.location) {
        this.#bounded(this.#locations.size, 'locations', place);
        this.#readLocation(place);
      } else if (field === PROFILE.mapping) {
        this.#bounded(this.#mappings.size, 'mappings', place);
        this.#readMapping(place);
      } else if (field === PROFILE.comment) {
        walker.integers((id) => {
          this.#bounded(this.#comments.length, 'comments', place);
          this.#comments.push(id);
        });
      } else if (field === PROFILE.timeNanos) this.#timeNanos = walker.integer();
      else if (field === PROFILE.durationNanos) this.#durationNanos = walker.integer();
      else if (field === PROFILE.defaultSampleType) this.#defaultType = walker.integer();
    });
  }

  #readFunction(place: string): void {
    const walker = this.#walker;
    const read = { id: 0, name: 0, system: 0, file: 0 };
    walker.nested((part) => {
      if (part === FUNCTION.id) read.id = walker.id();
      if (part === FUNCTION.name) read.name = walker.integer();
      if (part === FUNCTION.systemName) read.system = walker.integer();
      if (part === FUNCTION.filename) read.file = walker.integer();
    });
    const { id, name, system, file } = read;
    this.#functions.set(id, { name: name === 0 ? system : name, file, place });
  }

  #readMapping(place: string): void {
    const walker = this.#walker;
    const read = { id: 0, file: 0 };
    walker.nested((part) => {
      if (part === MAPPING.id) read.id = walker.id();
      if (part === MAPPING.filename) read.file = walker.integer();
    });
    this.#mappings.set(read.id, { file: read.file, place });
  }

  #readLocation(place: string): void {
    const walker = this.#walker;
    const location: Location = { mappingId: 0, lines: [], address: 0, place };
    let id = 0;
    walker.nested((part) => {
      if (part === LOCATION.id) id = walker.id();
      if (part === LOCATION.mappingId) location.mappingId = walker.integer();
      if (part === LOCATION.address) location.address = walker.integer();
      if (part !== LOCATION.line) return;
      this.#bounded(this.#lineCount++, 'lines of locations', place);
      const line: Line = { functionId: 0, line: 0 };
      walker.nested((inner) => {
        if (inner === LINE.functionId) line.functionId = walker.integer();
        if (inner === LINE.line) line.line = walker.integer();
      });
      location.lines.push(line);
    });
    this.#locations.set(id, location);
  }

  #readSamples(builder: BoundedProfileBuilder, stacks: Stacks, factors: readonly number[]): void {
    const walker = this.#walker;
    const labelIds = new Map<string, number>();
    for (let at = 0; at < this.#samples.length; at += 2) {
      const place = `byte ${this.#samples[at]}`;
      const locations: number[] = [];
      const values: number[] = [];
      const labels: number[] = [];
      walker.message(this.#samples[at]!, this.#samples[at + 1]!, (field) => {
        if (field === SAMPLE.locationId) {
          walker.integers((id) => {
            this.budget.depth(locations.length + 1, place);
            locations.push(id);
          });
        } else if (field === SAMPLE.value) {
          walker.integers((value) => {
            if (values.length === factors.length) {
              this.budget.refuse(place, `has more values than the ${factors.length} sample types`);
            }
            values.push(value * factors[values.length]!);
          });
        } else if (field === SAMPLE.label) {
          if (labels.length >= MAX_LABELS * 4)
            this.budget.refuse(place, `has more than ${MAX_LABELS} labels`);
          const label = [0, 0, 0, 0];
          walker.nested((part) => {
            if (part === LABEL.key) label[0] = walker.integer();
            else if (part === LABEL.str) label[1] = walker.integer();
            else if (part === LABEL.num) {
              label[2] = walker.integer();
              label[3] = 1;
            }
          });
          labels.push(...label);
        }
      });
      if (values.length !== factors.length) {
        this.budget.refuse(place, `has ${values.length} values, the profile ${factors.length} sample types`);
      }
      const labelKey = labels.join(',');
      let labelId = labelIds.get(labelKey);
      if (labelId === undefined) {
        labelId = builder.labels(this.#toLabels(labels, place), place);
        labelIds.set(labelKey, labelId);
      }
      const comm = stacks.needsComm ? builder.profile.labelSets[labelId]?.comm : undefined;
      builder.sample(stacks.of(locations, comm, place), values, labelId, place);
    }
  }

  /** `labels` is key, text, number and whether it has a number, one after another. */
  #toLabels(labels: readonly number[], place: string): SampleLabels {
    const entries = new Map<string, string | number>();
    for (let at = 0; at < labels.length; at += 4) {
      const [key, text, number] = [labels[at]!, labels[at + 1]!, labels[at + 2]!];
      const value = text !== 0 ? this.#string(text, place) : labels[at + 3] === 1 ? number : '';
      const name = this.#string(key, place);
      const before = entries.get(name);
      // A key may come several times.
      entries.set(name, before === undefined ? value : `${before}, ${value}`);
    }
    return Object.fromEntries(entries);
  }

  #string(id: number, place: string): string {
    return (
      this.#strings[id] ?? this.budget.refuse(place, `names text ${id}, there are ${this.#strings.length}`)
    );
  }

  #bounded(count: number, what: string, place: string): void {
    if (count >= MAX_ENTRIES) this.budget.refuse(place, `more than ${MAX_ENTRIES} ${what}`);
  }
}

/** Frames and stacks of locations, each made once. */
class Stacks {
  /** Whether the thread's name goes to the root of each stack: a profile of ours whose paths were written without it. */
  readonly needsComm: boolean;
  readonly #frames = new Map<number, number[]>();
  readonly #next = new Map<number, number>();
  readonly #whole = new Map<string, number>();

  constructor(
    private readonly reader: PprofReader,
    private readonly builder: BoundedProfileBuilder,
    private readonly view: View | undefined,
  ) {
    this.needsComm = view === 'off-cpu';
  }

  /** @param leafFirst location ids as the sample has them */
  of(leafFirst: readonly number[], comm: string | number | undefined, place: string): number {
    if (this.view === undefined) return this.#plain(leafFirst, place);
    // Roles of our own views depend on the whole path.
    const key = `${comm ?? ''}\0${leafFirst.join()}`;
    const known = this.#whole.get(key);
    if (known !== undefined) return known;
    const stack = this.#ofView(leafFirst, comm, this.view, place);
    this.#whole.set(key, stack);
    return stack;
  }

  #plain(leafFirst: readonly number[], place: string): number {
    let stack = NONE;
    for (let at = leafFirst.length - 1; at >= 0; at--) {
      const location = leafFirst[at]!;
      // Stacks and locations are fewer than 2^23 each.
      const key = (stack + 1) * 2 ** 23 + this.#slot(location);
      let next = this.#next.get(key);
      if (next === undefined) {
        next = stack;
        for (const frame of this.#framesOf(location, place)) next = this.builder.stack(next, frame, place);
        this.#next.set(key, next);
      }
      stack = next;
    }
    return stack;
  }

  /** Locations numbered in the order they are met: their ids may be any 64 bits. */
  readonly #slots = new Map<number, number>();
  #slot(location: number): number {
    const known = this.#slots.get(location);
    if (known !== undefined) return known;
    this.#slots.set(location, this.#slots.size);
    return this.#slots.size - 1;
  }

  #ofView(
    leafFirst: readonly number[],
    comm: string | number | undefined,
    view: View,
    place: string,
  ): number {
    const { frames } = this.builder.profile;
    const path = [...leafFirst].reverse().flatMap((location) => this.#framesOf(location, place));
    if (view !== 'off-cpu') {
      const roles = rolesOfPath(
        path.map((frame) => frames[frame]!.name),
        view,
      );
      return this.#stack(
        path.map((frame, at) => {
          const role = inSpace(roles[at]!, frames[frame]!.role === 'kernel' ? 'kernel' : 'user');
          return this.builder.frame({ ...frames[frame]!, role }, place);
        }),
        place,
      );
    }
    const whole: number[] = comm === undefined ? [] : [this.#named(String(comm), 'comm', place)];
    for (const [at, frame] of path.entries()) {
      const { name, role } = frames[frame]!;
      if (role === 'kernel' && at > 0 && frames[path[at - 1]!]!.role === 'user') {
        whole.push(this.#named('-', 'separator', place));
      }
      whole.push(isMarker(name) ? this.#named(name, 'marker', place) : frame);
    }
    return this.#stack(whole, place);
  }

  #named(name: string, role: 'comm' | 'separator' | 'marker', place: string): number {
    return this.builder.frame({ name, module: '', file: '', line: 0, role, unnamed: 0 }, place);
  }

  #stack(frames: readonly number[], place: string): number {
    let stack = NONE;
    for (const frame of frames) stack = this.builder.stack(stack, frame, place);
    return stack;
  }

  /** Frames of a location, outermost first. */
  #framesOf(id: number, place: string): number[] {
    const known = this.#frames.get(id);
    if (known !== undefined) return known;
    const location = this.reader.location(id, place);
    const frames =
      location.lines.length === 0
        ? [this.#unnamed(location)]
        : location.lines.map((line) => this.#frame(location, line)).reverse();
    this.#frames.set(id, frames);
    return frames;
  }

  #frame(location: Location, line: Line): number {
    const { name, file, mapping } = this.reader.frame(location, line);
    const { module, role } = toMapping(mapping);
    const lineNumber = Math.max(0, line.line);
    return this.builder.frame({ name, module, file, line: lineNumber, role, unnamed: 0 }, location.place);
  }

  /** A location that was never symbolised: its module and address. */
  #unnamed(location: Location): number {
    const { module, role } = toMapping(this.reader.mappingName(location.mappingId, location.place));
    const name = `${module === '' ? '' : `${module}+`}0x${location.address.toString(16)}`;
    return this.builder.frame({ name, module, file: '', line: 0, role, unnamed: 1 }, location.place);
  }
}
