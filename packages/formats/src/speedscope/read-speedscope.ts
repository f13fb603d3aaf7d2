/**
 * Owns reading speedscope's own file format, `sampled` and `evented` profiles alike.
 *
 *     evented   O main at 0, O read at 2, C read at 5, C main at 6      main 2, main;read 3, main 1
 *
 * Time with nothing open is not of any sample. A file of ours, which has a profile for each kind of value, becomes one
 * profile again.
 */
import { NONE, type SampleProfile, type ValueType, VIEWS, type View } from '@stallscope/profile';
import { BoundedProfileBuilder } from '../bounded-builder.js';
import { JsonPlace, readJson } from '../json-bytes.js';
import { toMapping } from '../mapping-names.js';
import type { ReadContext } from '../read.js';
import type { ReadBudget } from '../read-limits.js';
import { inSpace, rolesOfPath } from '../roles-of-path.js';
import { toValueUnit } from '../value-units.js';
import { EXPORTER, TITLE_JOIN } from './write-speedscope.js';

/** @throws FormatError */
export function readSpeedscope(bytes: Uint8Array, { budget, name }: ReadContext): SampleProfile[] {
  const file = new JsonPlace(readJson(bytes, 'speedscope', budget.limits), '', 'speedscope');
  const exporter = file.at('exporter').isAbsent ? '' : file.at('exporter').string();
  const isOurs = exporter.split(' ')[0] === EXPORTER;
  const view = VIEWS.find((known) => exporter === `${EXPORTER} view=${known}`);
  const frames = readFrames(file.at('shared').at('frames'), budget);
  const title = file.at('name').isAbsent ? name : file.at('name').string();
  const profiles = file.at('profiles');
  const places = profiles.array().map((_, index) => profiles.element(index));
  const active = file.at('activeProfileIndex');
  const activeIndex = active.isAbsent ? 0 : active.index(places.length, 'profile');
  if (isOurs && places.every((place) => place.at('type').value === 'sampled')) {
    return [readSampled(places, frames, view, title, activeIndex, budget)];
  }
  const read = places.map((place) => {
    const own = place.at('name').isAbsent ? '' : place.at('name').string();
    const ownTitle = own === '' ? title : own;
    const type = place.at('type').string();
    if (type === 'sampled') return readSampled([place], frames, undefined, ownTitle, 0, budget);
    if (type === 'evented') return readEvented(place, frames, ownTitle, budget);
    return place
      .at('type')
      .refuse(`is ${JSON.stringify(type.slice(0, 40))}, expected "sampled" or "evented"`);
  });
  // The one that its writer shows first comes first.
  return [...read.slice(activeIndex), ...read.slice(0, activeIndex)];
}

interface Frame {
  name: string;
  file: string;
  line: number;
}

function readFrames(place: JsonPlace, budget: ReadBudget): Frame[] {
  return place.array().map((_, index) => {
    const frame = place.element(index);
    if (index >= budget.limits.maxFrames) frame.refuse(`more than ${budget.limits.maxFrames} frames`);
    budget.tick(frame.path);
    const file = frame.at('file');
    const line = frame.at('line');
    return {
      name: frame.at('name').string(),
      file: file.isAbsent ? '' : file.string(),
      line: line.isAbsent ? 0 : Math.max(0, Math.trunc(line.number())),
    };
  });
}

/** Frames of the file's table in a profile's own, by the role that a path gives them. */
class FrameIds {
  readonly #ids: Map<string, number>[] = [];

  constructor(
    private readonly frames: readonly Frame[],
    private readonly builder: BoundedProfileBuilder,
    private readonly view: View | undefined,
  ) {}

  /** Stack of a path of file frames, root first. */
  stackOf(path: readonly number[], place: () => string): number {
    const roles =
      this.view === undefined
        ? undefined
        : rolesOfPath(
            path.map((frame) => this.frames[frame]!.name),
            this.view,
          );
    let stack = NONE;
    for (const [at, frame] of path.entries()) stack = this.push(stack, frame, roles?.[at] ?? 'user', place);
    return stack;
  }

  push(
    stack: number,
    frame: number,
    inferred: ReturnType<typeof rolesOfPath>[number],
    place: () => string,
  ): number {
    this.#ids[frame] ??= new Map();
    let id = this.#ids[frame].get(inferred);
    if (id === undefined) {
      const { name, file, line } = this.frames[frame]!;
      const { module, role: mapped } = toMapping(file);
      const isKernel = mapped === 'kernel';
      id = this.builder.frame(
        {
          name,
          // A file may be a source file or a module; only the kernel's can be told.
          module: isKernel ? module : '',
          file: isKernel ? '' : file,
          line,
          role: inSpace(inferred, mapped),
          unnamed: 0,
        },
        `shared.frames[${frame}]`,
      );
      this.#ids[frame].set(inferred, id);
    }
    return this.builder.stack(stack, id, place());
  }
}

/** One value type a place; all have the same samples, of which the first place's are read. */
function readSampled(
  places: readonly JsonPlace[],
  frames: readonly Frame[],
  view: View | undefined,
  title: string,
  defaultValue: number,
  budget: ReadBudget,
): SampleProfile {
  const first = places[0]!;
  const types = places.map((place) => readType(place, places.length > 1 || view !== undefined));
  const builder = new BoundedProfileBuilder(title, types, budget, first.path);
  const ids = new FrameIds(frames, builder, view);
  const noLabels = builder.labels({}, first.path);
  const samples = first.at('samples');
  const columns = places.map((place) => {
    const weights = place.at('weights');
    const column = weights.array();
    if (column.length !== samples.array().length) {
      weights.refuse(`has ${column.length} weights for ${samples.array().length} samples`);
    }
    return { weights, column, factor: toValueUnit(place.at('unit').string()).factor };
  });
  for (const [index, sample] of samples.array().entries()) {
    const path = () => `${samples.path}[${index}]`;
    if (!Array.isArray(sample)) samples.element(index).array();
    const frameIds = sample as readonly unknown[];
    budget.depth(frameIds.length, samples.path);
    for (let at = 0; at < frameIds.length; at++) {
      const frame = frameIds[at];
      if (!Number.isInteger(frame) || (frame as number) < 0 || (frame as number) >= frames.length) {
        samples.element(index).element(at).index(frames.length, 'frame');
      }
    }
    const values = columns.map(({ weights, column, factor }) => {
      const weight = column[index];
      return (typeof weight === 'number' ? weight : weights.element(index).number()) * factor;
    });
    builder.sample(ids.stackOf(frameIds as number[], path), values, noLabels, path());
  }
  const { profile } = builder;
  profile.defaultValue = defaultValue;
  return profile;
}

function readEvented(
  place: JsonPlace,
  frames: readonly Frame[],
  title: string,
  budget: ReadBudget,
): SampleProfile {
  const { factor } = toValueUnit(place.at('unit').string());
  const isTime = readType(place, false).unit === 'nanoseconds';
  const builder = new BoundedProfileBuilder(title, [readType(place, false)], budget, place.path);
  const ids = new FrameIds(frames, builder, undefined);
  const noLabels = builder.labels({}, place.path);
  const events = place.at('events');
  const startValue = place.at('startValue').isAbsent ? 0 : place.at('startValue').number();
  const stack: { frame: number; stack: number }[] = [];
  let before = startValue;
  for (const index of events.array().keys()) {
    const event = events.element(index);
    budget.tick(event.path);
    const at = event.at('at').number();
    const frame = event.at('frame').index(frames.length, 'frame');
    if (at < before) event.at('at').refuse(`is ${at}, before the event or the beginning at ${before}`);
    const top = stack.at(-1);
    if (top !== undefined && at > before) {
      const when = isTime ? [(before - startValue) * factor] : [];
      builder.sample(top.stack, [(at - before) * factor], noLabels, event.path, ...when);
    }
    before = at;
    const type = event.at('type').value;
    if (type === 'O') {
      stack.push({ frame, stack: ids.push(top?.stack ?? NONE, frame, 'user', () => event.path) });
    } else if (type === 'C') {
      if (top?.frame !== frame) {
        event.refuse(
          `closes frame ${frame}, while ${top === undefined ? 'none is open' : `${top.frame} is the innermost open one`}`,
        );
      }
      stack.pop();
    } else event.at('type').refuse('is neither "O" nor "C"');
  }
  if (stack.length > 0) events.refuse(`leave ${stack.length} frames open at the end`);
  const { profile } = builder;
  if (isTime) profile.durationNs = (before - startValue) * factor;
  return profile;
}

/** @param isNamed whether the profile's name ends in the kind of value, as ours do */
function readType(place: JsonPlace, isNamed: boolean): ValueType {
  const { unit } = toValueUnit(place.at('unit').string());
  const name = place.at('name').isAbsent ? '' : place.at('name').string();
  const join = name.lastIndexOf(TITLE_JOIN);
  const type = isNamed && join >= 0 ? name.slice(join + TITLE_JOIN.length) : TYPES[unit];
  return { type, unit };
}

const TYPES = { nanoseconds: 'time', count: 'samples', bytes: 'bytes' } as const;
