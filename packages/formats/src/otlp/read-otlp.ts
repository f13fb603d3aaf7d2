/**
 * Owns reading OTLP profiles, in protobuf or JSON, as opentelemetry-proto 1.8 to 1.11 have them.
 *
 * OTLP has one kind of value a profile. Profiles of one resource that follow each other and have the same samples are the
 * values of one: our own off_cpu and waits, say. What is known of a sample is its own attributes, then its resource's.
 */
import {
  FRAME_KINDS,
  type FrameKindCode,
  NONE,
  ROLES,
  type Role,
  type SampleLabels,
  type SampleProfile,
  UNNAMED,
  type UnnamedCode,
} from '@stallscope/profile';
import { BoundedProfileBuilder } from '../bounded-builder.js';
import { ofProtobuf } from '../detect-format.js';
import { toMapping } from '../mapping-names.js';
import type { ReadContext } from '../read.js';
import type { ReadBudget } from '../read-limits.js';
import { toValueUnit } from '../value-units.js';
import type { AttributeValue, KeyValue, OtlpData, OtlpDictionary, OtlpProfile } from './otlp-data.js';
import {
  DEFAULT_VALUE,
  FRAME_KIND,
  FRAME_ROLE,
  FRAME_TYPE,
  FRAME_UNNAMED,
  TITLE,
  toLabelKey,
} from './otlp-fields.js';
import { readOtlpJson } from './read-otlp-json.js';
import { readOtlpProtobuf } from './read-otlp-protobuf.js';

/** @throws FormatError with the byte, or the path in the JSON text */
export function readOtlp(bytes: Uint8Array, { name, budget }: ReadContext): SampleProfile[] {
  const isJson = bytes.find((byte) => byte > 0x20) === OPEN_BRACE && ofProtobuf(bytes) === undefined;
  const messages = isJson ? readOtlpJson(bytes, budget) : [readOtlpProtobuf(bytes, budget)];
  const profiles = messages.flatMap((data) => toProfiles(data, name, budget, false));
  // Collectors send empty profiles beside others; a file of nothing else is a recording in which nothing happened.
  if (profiles.length === 0)
    profiles.push(...messages.flatMap((data) => toProfiles(data, name, budget, true)));
  if (profiles.length === 0) budget.refuse('', 'has no profile in it');
  return profiles;
}

const OPEN_BRACE = 0x7b;

function toProfiles(data: OtlpData, name: string, budget: ReadBudget, keepsEmpty: boolean): SampleProfile[] {
  const dictionary = new CheckedDictionary(data.dictionary, budget);
  const groups: OtlpProfile[][] = [];
  for (const profile of data.profiles) {
    if (profile.sampleStack.length === 0 && !keepsEmpty) continue;
    const last = groups.at(-1);
    if (last !== undefined && hasSameSamples(last[0]!, profile)) last.push(profile);
    else groups.push([profile]);
  }
  return groups.map((group) => new GroupReader(group, data.timeBase, dictionary, budget).read(name));
}

function hasSameSamples(a: OtlpProfile, b: OtlpProfile): boolean {
  if (a.resource !== b.resource || a.sampleStack.length !== b.sampleStack.length) return false;
  if (a.timeUnixNano !== b.timeUnixNano || a.durationNano !== b.durationNano) return false;
  return a.sampleStack.every(
    (stack, sample) =>
      stack === b.sampleStack[sample] &&
      a.sampleAttributes.isEqual(sample, b.sampleAttributes, sample) &&
      a.sampleTimes.isEqual(sample, b.sampleTimes, sample) &&
      a.sampleValues.length(sample) === b.sampleValues.length(sample),
  );
}

/** Values of one resource whose samples are the same. */
class GroupReader {
  readonly #group: readonly OtlpProfile[];
  readonly #first: OtlpProfile;
  readonly #timeBase: bigint;
  readonly #dictionary: CheckedDictionary;
  readonly #budget: ReadBudget;
  readonly #stacks = new Map<number, number>();
  readonly #locations = new Map<number, number[]>();
  readonly #labels = new Map<string, number>();

  constructor(
    group: readonly OtlpProfile[],
    timeBase: bigint,
    dictionary: CheckedDictionary,
    budget: ReadBudget,
  ) {
    this.#group = group;
    this.#first = group[0]!;
    this.#timeBase = timeBase;
    this.#dictionary = dictionary;
    this.#budget = budget;
  }

  read(name: string): SampleProfile {
    const first = this.#first;
    const dictionary = this.#dictionary;
    const facts = new Map(first.attributes.map((index) => dictionary.attribute(index, first.place)));
    const types = this.#group.map(({ typeString, unitString, place }) => {
      const unit = dictionary.string(unitString, place);
      return { type: dictionary.string(typeString, place), ...toValueUnit(unit) };
    });
    const title = facts.get(TITLE);
    const builder = new BoundedProfileBuilder(
      typeof title === 'string' ? title : toTitle(name, first.resource),
      types.map(({ type, unit }) => ({ type: type === '' ? 'samples' : type, unit })),
      this.#budget,
      first.place,
    );
    const isTimed =
      first.sampleTimes.valueCount > 0 &&
      first.sampleStack.every((_, at) => first.sampleTimes.length(at) > 0);
    const start = first.timeUnixNano > 0n || !isTimed ? first.timeUnixNano : this.#timeBase;
    const offsetNs = Number(this.#timeBase - start);
    for (let sample = 0; sample < first.sampleStack.length; sample++) {
      this.#sample(
        builder,
        sample,
        types.map(({ factor }) => factor),
        isTimed ? offsetNs : undefined,
      );
    }
    const { profile } = builder;
    if (start > 0n) profile.startMs = Number(start / 1_000_000n) + Number(start % 1_000_000n) / 1e6;
    if (first.durationNano > 0) profile.durationNs = first.durationNano;
    const preferred = types.findIndex(({ type }) => type === facts.get(DEFAULT_VALUE));
    profile.defaultValue = Math.max(0, preferred);
    return profile;
  }

  #sample(
    builder: BoundedProfileBuilder,
    sample: number,
    factors: readonly number[],
    offsetNs: number | undefined,
  ): void {
    const first = this.#first;
    const place = first.samplePlace(sample);
    const times = first.sampleTimes.length(sample);
    const count = first.sampleValues.length(sample);
    if (times > 0 && count > 0 && times !== count) {
      this.#budget.refuse(place, `${count} values at ${times} times, expected one for each`);
    }
    const stack = this.#stack(builder, first.sampleStack[sample]!, place);
    const labels = this.#label(builder, first.sampleAttributes.of(sample), place);
    /** Of one observation, or of all of them where -1. */
    const valuesOf = (at: number): number[] =>
      this.#group.map(({ sampleValues }, type) => {
        if (count === 0) return at < 0 ? times : 1;
        if (at >= 0) return sampleValues.at(sample, at) * factors[type]!;
        return sampleValues.of(sample).reduce((sum, value) => sum + value, 0) * factors[type]!;
      });
    if (offsetNs === undefined) {
      builder.sample(stack, valuesOf(-1), labels, place);
      return;
    }
    for (let at = 0; at < times; at++) {
      builder.sample(stack, valuesOf(at), labels, place, first.sampleTimes.at(sample, at) + offsetNs);
    }
  }

  #stack(builder: BoundedProfileBuilder, theirs: number, place: string): number {
    const known = this.#stacks.get(theirs);
    if (known !== undefined) return known;
    let stack = NONE;
    const locations = this.#dictionary.stack(theirs, place);
    for (let at = locations.length - 1; at >= 0; at--) {
      for (const frame of this.#location(builder, locations[at]!, place))
        stack = builder.stack(stack, frame, place);
    }
    this.#stacks.set(theirs, stack);
    return stack;
  }

  /** Frames of a location, outermost first. */
  #location(builder: BoundedProfileBuilder, theirs: number, place: string): number[] {
    const known = this.#locations.get(theirs);
    if (known !== undefined) return known;
    const frames = this.#dictionary.frames(theirs, place).map((frame) => builder.frame(frame, place));
    this.#locations.set(theirs, frames);
    return frames;
  }

  #label(builder: BoundedProfileBuilder, attributes: readonly number[], place: string): number {
    const key = attributes.join(' ');
    const known = this.#labels.get(key);
    if (known !== undefined) return known;
    // No prototype: keys are the file's.
    const labels: Record<string, string | number> = Object.create(null);
    for (const { key: name, value } of this.#first.resource) {
      if (value !== undefined && RESOURCE_LABELS.has(name)) labels[toLabelKey(name)] = toLabel(value);
    }
    for (const index of attributes) {
      const [name, value] = this.#dictionary.attribute(index, place);
      if (value !== undefined && name !== '') labels[toLabelKey(name)] = toLabel(value);
    }
    const id = builder.labels({ ...labels } satisfies SampleLabels, place);
    this.#labels.set(key, id);
    return id;
  }
}

/** What a resource says that tells samples apart; the rest describes the machine and the tool. */
const RESOURCE_LABELS: ReadonlySet<string> = new Set([
  'service.name',
  'process.pid',
  'process.executable.name',
  'container.id',
]);

/** Numbers that are no longer exact stay text. */
function toLabel(value: string | number): string | number {
  return typeof value === 'string' || (Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER)
    ? value
    : String(value);
}

function toTitle(name: string, resource: readonly KeyValue[]): string {
  const service = resource.find(({ key }) => key === 'service.name')?.value;
  return service === undefined ? name : `${name} (${service})`;
}

/** Looks up in the dictionary; refuses what is not there. */
class CheckedDictionary {
  readonly #data: OtlpDictionary;
  readonly #budget: ReadBudget;

  constructor(data: OtlpDictionary, budget: ReadBudget) {
    this.#data = data;
    this.#budget = budget;
  }

  /** '' for 0, also where there is no table at all. */
  string(index: number, place: string): string {
    if (index === 0) return this.#data.strings[0] ?? '';
    return this.#data.strings[this.#check(index, this.#data.strings.length, 'string', place)]!;
  }

  attribute(index: number, place: string): [key: string, value: AttributeValue] {
    const { attributeKey, attributeValue, attributeString } = this.#data;
    this.#check(index, attributeKey.length, 'attribute', place);
    const string = attributeString[index]!;
    const value = string > 0 ? this.string(string, place) : attributeValue[index];
    return [this.string(attributeKey[index]!, place), value];
  }

  /** Locations, leaf first. */
  stack(index: number, place: string): number[] {
    const { stackLocations } = this.#data;
    if (index === 0 && stackLocations.count === 0) return [];
    this.#check(index, stackLocations.count, 'stack', place);
    this.#budget.depth(stackLocations.length(index), place);
    return stackLocations.of(index);
  }

  /** Outermost first. */
  frames(index: number, place: string) {
    const data = this.#data;
    this.#check(index, data.locationMapping.length, 'location', place);
    const mapping = data.locationMapping[index]!;
    const file =
      mapping === 0
        ? ''
        : this.string(
            data.mappingFile[this.#check(mapping, data.mappingFile.length, 'mapping', place)]!,
            place,
          );
    let { module, role }: { module: string; role: Role } = toMapping(file);
    let unnamed: UnnamedCode = 0;
    let kind: FrameKindCode = 0;
    for (const attribute of data.locationAttributes.of(index)) {
      const [key, value] = this.attribute(attribute, place);
      if (key === FRAME_TYPE && value === 'kernel') role = 'kernel';
      if (key === FRAME_ROLE) role = ROLES.find((known) => known === value) ?? role;
      if (key === FRAME_UNNAMED)
        unnamed = Math.max(0, (UNNAMED as readonly unknown[]).indexOf(value)) as UnnamedCode;
      if (key === FRAME_KIND)
        kind = Math.max(0, (FRAME_KINDS as readonly unknown[]).indexOf(value)) as FrameKindCode;
    }
    const count = data.locationLines.length(index) / 2;
    this.#budget.depth(count, place);
    const frames = [];
    for (let at = count - 1; at >= 0; at--) {
      const func = this.#check(
        data.locationLines.at(index, at * 2),
        data.functionName.length,
        'function',
        place,
      );
      const line = data.locationLines.at(index, at * 2 + 1);
      const name =
        this.string(data.functionName[func]!, place) || this.string(data.functionSystemName[func]!, place);
      frames.push({
        name: name === '' ? UNKNOWN : name,
        module,
        file: this.string(data.functionFile[func]!, place),
        line: Math.max(line, 0),
        role,
        unnamed: name === '' && unnamed === 0 ? NO_SYMBOL : unnamed,
        kind,
      });
    }
    if (count > 0) return frames;
    // Nobody has named it yet: profilers of hosts send addresses, for a backend that has the symbols.
    const address = data.locationAddress[index]!;
    const owner = module === '' && role === 'kernel' ? 'kernel' : module;
    const name = owner === '' && address === 0 ? UNKNOWN : `${owner}+0x${address.toString(16)}`;
    return [
      {
        name,
        module,
        file: '',
        line: 0,
        role,
        unnamed: unnamed || (owner === '' ? NO_MAPPING : NO_SYMBOL),
        kind,
      },
    ];
  }

  #check(index: number, count: number, what: string, place: string): number {
    if (Number.isInteger(index) && index >= 0 && index < count) return index;
    return this.#budget.refuse(place, `names ${what} ${index}, there are ${count}`);
  }
}

const UNKNOWN = '[unknown]';
/** Codes of UNNAMED. */
const NO_SYMBOL: UnnamedCode = 1;
const NO_MAPPING: UnnamedCode = 2;
