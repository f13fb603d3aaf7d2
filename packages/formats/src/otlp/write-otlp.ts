/**
 * Owns writing OTLP profiles as protobuf: ProfilesData of opentelemetry-proto 1.11, one profile a kind of value. It is not
 * compressed, so that it can be posted to a collector's /v1development/profiles as it is.
 *
 *     dictionary  strings, functions, locations, attributes, stacks, each with its zero value first
 *     sample      a stack, its labels as attributes, one value, or one a time
 *
 * Frames keep their role (`profile.frame.type` for kernel and native code, `stallscope.frame.role` for what only our views
 * have), why they have no name, and the kind of their code where it is not native.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import {
  FRAME_KINDS,
  NONE,
  type SampleFrame,
  type SampleLabels,
  type SampleProfile,
  UNNAMED,
} from '@stallscope/profile';
import { factLines } from '../fact-lines.js';
import { toMappingName } from '../mapping-names.js';
import { framesRootFirst } from '../sample-paths.js';
import type { WriteOptions, WrittenProfile } from '../write.js';
import {
  ABOUT,
  ANY_VALUE,
  DEFAULT_VALUE,
  DICTIONARY,
  FRAME_KIND,
  FRAME_ROLE,
  FRAME_TYPE,
  FRAME_UNNAMED,
  FUNCTION,
  KEY_VALUE,
  KEY_VALUE_AND_UNIT,
  LINE,
  LINK,
  LOCATION,
  MAPPING,
  PROFILE,
  PROFILES_DATA,
  RESOURCE,
  RESOURCE_PROFILES,
  SAMPLE,
  SCOPE,
  SCOPE_PROFILES,
  STACK,
  TITLE,
  toAttributeKey,
  VALUE_TYPE,
} from './otlp-fields.js';

export function writeOtlp(profile: SampleProfile, options: WriteOptions = {}): WrittenProfile {
  return writeOtlpProfiles([profile], options);
}

/** Several profiles in one file, each as a resource of its own; one without samples is not read back. */
export function writeOtlpProfiles(
  profiles: readonly SampleProfile[],
  options: WriteOptions = {},
): WrittenProfile {
  const lost: string[] = [];
  if (
    profiles.some(({ sampleValues }) =>
      sampleValues.some((column) => column.some((value) => !Number.isInteger(value))),
    )
  ) {
    lost.push('Values are rounded to whole numbers.');
  }
  if (profiles.some(({ sampleAtNs, startMs }) => sampleAtNs !== null && startMs === null))
    lost.push('When it was recorded is not known; samples begin in 1970.');
  return {
    bytes: new OtlpWriter(profiles).write(options),
    mediaType: 'application/x-protobuf',
    extension: '.otlp.pb',
    lost,
  };
}

class OtlpWriter {
  readonly #parts: readonly Part[];
  readonly #out = new BinaryWriter();
  readonly #strings = new Map<string, number>([['', 0]]);
  /** What makes an entry, by its position less one; position 0 is the zero value. */
  readonly #attributes = new Map<string, { key: string; value: string | number }>();
  readonly #attributeIds = new Map<string, number>();
  readonly #mappings = new Map<string, number>();
  readonly #functions = new Map<string, { id: number; frame: SampleFrame }>();

  constructor(profiles: readonly SampleProfile[]) {
    this.#parts = toParts(profiles);
  }

  write(options: WriteOptions): Uint8Array<ArrayBuffer> {
    for (const part of this.#parts) this.#resource(part, options);
    this.#message(PROFILES_DATA.dictionary, () => this.#dictionary());
    return this.#out.finish() as Uint8Array<ArrayBuffer>;
  }

  #resource(part: Part, options: WriteOptions): void {
    this.#message(PROFILES_DATA.resourceProfiles, () => {
      this.#message(RESOURCE_PROFILES.resource, () => {
        const host = options.facts?.hostName ?? '';
        if (host !== '') this.#resourceAttribute('host.name', host);
      });
      this.#message(RESOURCE_PROFILES.scopeProfiles, () => {
        this.#message(SCOPE_PROFILES.scope, () => this.#text(SCOPE.name, 'stallscope'));
        for (const type of part.profile.valueTypes.keys()) {
          this.#message(SCOPE_PROFILES.profiles, () => this.#valueProfile(type, part, options));
        }
      });
    });
  }

  #valueProfile(type: number, { profile, samples, stackBase }: Part, options: WriteOptions): void {
    const { valueTypes, startMs, durationNs, sampleAtNs, sampleValues, defaultValue, title } = profile;
    const out = this.#out;
    this.#message(PROFILE.sampleType, () => {
      this.#integer(VALUE_TYPE.typeStrindex, this.#string(valueTypes[type]!.type));
      this.#integer(VALUE_TYPE.unitStrindex, this.#string(valueTypes[type]!.unit));
    });
    const startNano = startMs === null ? 0n : toUnixNano(startMs);
    for (const { stack, labels, members } of samples) {
      this.#message(PROFILE.samples, () => {
        this.#integer(SAMPLE.stackIndex, stack === 0 ? 0 : stackBase + stack);
        this.#packed(SAMPLE.attributeIndices, this.#labelIds(profile.labelSets[labels]!));
        const column = sampleValues[type]!;
        const values = members.map((sample) => Math.round(column[sample]!));
        const isTimed = sampleAtNs !== null;
        this.#packed(SAMPLE.values, isTimed ? values : [values.reduce((sum, value) => sum + value, 0)]);
        if (!isTimed) return;
        this.#message(SAMPLE.timestampsUnixNano, () => {
          for (const sample of members) out.fixed64(startNano + BigInt(Math.round(sampleAtNs[sample]!)));
        });
      });
    }
    if (startNano > 0n) out.tag(PROFILE.timeUnixNano, WireType.Bit64).fixed64(startNano);
    if (durationNs !== null) this.#integer(PROFILE.durationNano, Math.round(durationNs));
    const total = sampleValues[type]!.reduce((sum, value) => sum + value, 0);
    const about = factLines(profile, type, total, options.facts).join('\n');
    this.#packed(PROFILE.attributeIndices, [
      ...(options.facts === undefined ? [] : [this.#attribute(ABOUT, about)]),
      this.#attribute(TITLE, options.title ?? title),
      this.#attribute(DEFAULT_VALUE, valueTypes[options.value ?? defaultValue]!.type),
    ]);
  }

  #labelIds(labels: SampleLabels): number[] {
    return Object.entries(labels).map(([key, value]) => this.#attribute(toAttributeKey(key), value));
  }

  #dictionary(): void {
    // Indices into the tables are given as they are written, so those that name others come first.
    this.#message(DICTIONARY.stackTable, () => undefined);
    for (const { profile, samples, frameBase } of this.#parts) {
      for (const frames of toStackTable(profile, samples)) {
        this.#message(DICTIONARY.stackTable, () =>
          this.#packed(
            STACK.locationIndices,
            frames.map((frame) => frameBase + frame + 1),
          ),
        );
      }
    }
    this.#message(DICTIONARY.locationTable, () => undefined);
    for (const { profile } of this.#parts) {
      for (const frame of profile.frames)
        this.#message(DICTIONARY.locationTable, () => this.#location(frame));
    }
    this.#message(DICTIONARY.functionTable, () => undefined);
    for (const { frame } of this.#functions.values()) {
      this.#message(DICTIONARY.functionTable, () => {
        this.#integer(FUNCTION.nameStrindex, this.#string(frame.name));
        if (frame.file !== '') this.#integer(FUNCTION.filenameStrindex, this.#string(frame.file));
      });
    }
    this.#message(DICTIONARY.mappingTable, () => undefined);
    for (const file of this.#mappings.keys()) {
      this.#message(DICTIONARY.mappingTable, () =>
        this.#integer(MAPPING.filenameStrindex, this.#string(file)),
      );
    }
    // Codecs that are strict want ids of the right length even where there are none.
    this.#message(DICTIONARY.linkTable, () => {
      this.#out.tag(LINK.traceId, WireType.LengthDelimited).bytes(new Uint8Array(16));
      this.#out.tag(LINK.spanId, WireType.LengthDelimited).bytes(new Uint8Array(8));
    });
    this.#message(DICTIONARY.attributeTable, () => undefined);
    for (const { key, value } of this.#attributes.values()) {
      this.#message(DICTIONARY.attributeTable, () => {
        this.#integer(KEY_VALUE_AND_UNIT.keyStrindex, this.#string(key));
        this.#message(KEY_VALUE_AND_UNIT.value, () => this.#anyValue(value));
      });
    }
    for (const text of this.#strings.keys()) this.#text(DICTIONARY.stringTable, text);
  }

  #location(frame: SampleFrame): void {
    const file = toMappingName(frame);
    if (file !== '') this.#integer(LOCATION.mappingIndex, this.#mapping(file));
    this.#message(LOCATION.lines, () => {
      this.#integer(LINE.functionIndex, this.#function(frame));
      if (frame.line > 0) this.#integer(LINE.line, frame.line);
    });
    const { role, unnamed, kind = 0 } = frame;
    const attributes: number[] = [];
    // Which run-time made the code of other kinds is not known, and the convention has no name for code of any.
    const isNative = kind === 0 && (role === 'user' || role === 'waker-user');
    if (isNative) attributes.push(this.#attribute(FRAME_TYPE, 'native'));
    if (role === 'kernel' || role === 'waker-kernel') attributes.push(this.#attribute(FRAME_TYPE, 'kernel'));
    if (role !== 'user' && role !== 'kernel') attributes.push(this.#attribute(FRAME_ROLE, role));
    if (unnamed !== 0) attributes.push(this.#attribute(FRAME_UNNAMED, UNNAMED[unnamed]));
    if (kind !== 0) attributes.push(this.#attribute(FRAME_KIND, FRAME_KINDS[kind]));
    this.#packed(LOCATION.attributeIndices, attributes);
  }

  #mapping(file: string): number {
    const id = this.#mappings.get(file) ?? this.#mappings.size + 1;
    this.#mappings.set(file, id);
    return id;
  }

  #function(frame: SampleFrame): number {
    const key = `${frame.file}\0${frame.name}`;
    const known = this.#functions.get(key);
    if (known !== undefined) return known.id;
    const id = this.#functions.size + 1;
    this.#functions.set(key, { id, frame });
    return id;
  }

  #attribute(key: string, value: string | number): number {
    const id = JSON.stringify([key, value]);
    const known = this.#attributeIds.get(id);
    if (known !== undefined) return known;
    this.#attributes.set(id, { key, value });
    this.#attributeIds.set(id, this.#attributes.size);
    return this.#attributes.size;
  }

  #resourceAttribute(key: string, value: string): void {
    this.#message(RESOURCE.attributes, () => {
      this.#text(KEY_VALUE.key, key);
      this.#message(KEY_VALUE.value, () => this.#anyValue(value));
    });
  }

  #anyValue(value: string | number): void {
    if (typeof value === 'string') this.#text(ANY_VALUE.string, value);
    else if (Number.isSafeInteger(value)) this.#out.tag(ANY_VALUE.int, WireType.Varint).int64(value);
    else this.#out.tag(ANY_VALUE.double, WireType.Bit64).double(value);
  }

  #string(text: string): number {
    const id = this.#strings.get(text) ?? this.#strings.size;
    this.#strings.set(text, id);
    return id;
  }

  #text(field: number, text: string): void {
    this.#out.tag(field, WireType.LengthDelimited).string(text);
  }

  #integer(field: number, value: number): void {
    this.#out.tag(field, WireType.Varint).int64(value);
  }

  #packed(field: number, values: readonly number[]): void {
    if (values.length === 0) return;
    this.#message(field, () => {
      for (const value of values) this.#out.int64(value);
    });
  }

  #message(field: number, write: () => void): void {
    this.#out.tag(field, WireType.LengthDelimited).fork();
    write();
    this.#out.join();
  }
}

/** One profile, and where what it has begins in the tables that all share. */
interface Part {
  profile: SampleProfile;
  samples: readonly Identity[];
  /** Stacks and frames before its first. */
  stackBase: number;
  frameBase: number;
}

function toParts(profiles: readonly SampleProfile[]): Part[] {
  let stackBase = 0;
  let frameBase = 0;
  return profiles.map((profile) => {
    const samples = toIdentities(profile);
    const part: Part = { profile, samples, stackBase, frameBase };
    stackBase = samples.reduce((last, { stack }) => Math.max(last, stackBase + stack), stackBase);
    frameBase += profile.frames.length;
    return part;
  });
}

/** Samples of one stack and one set of labels: the format wants them as one. */
interface Identity {
  /** Position in the table of stacks; 0 for none. */
  stack: number;
  labels: number;
  members: number[];
}

function toIdentities(profile: SampleProfile): Identity[] {
  const identities = new Map<string, Identity>();
  const stacks = new Map<number, number>([[NONE, 0]]);
  for (const [sample, stack] of profile.sampleStack.entries()) {
    const labels = profile.sampleLabels[sample]!;
    const key = `${stack} ${labels}`;
    let identity = identities.get(key);
    if (identity === undefined) {
      const position = stacks.get(stack) ?? stacks.size;
      stacks.set(stack, position);
      identity = { stack: position, labels, members: [] };
      identities.set(key, identity);
    }
    identity.members.push(sample);
  }
  return [...identities.values()];
}

/** Frames of each stack that is used, leaf first, in order of their positions from 1. */
function toStackTable(profile: SampleProfile, samples: readonly Identity[]): number[][] {
  const table: number[][] = [];
  for (const { stack, members } of samples) {
    if (stack === 0 || table[stack - 1] !== undefined) continue;
    table[stack - 1] = framesRootFirst(profile, profile.sampleStack[members[0]!]!).reverse();
  }
  return table;
}

/** Fractions of a millisecond count: 10^6 × a clock is beyond what a double holds exactly. */
function toUnixNano(ms: number): bigint {
  return BigInt(Math.floor(ms)) * 1_000_000n + BigInt(Math.round((ms % 1) * 1e6));
}
