/**
 * Owns writing OTLP profiles as protobuf: ProfilesData of opentelemetry-proto 1.11, one profile a kind of value. It is not
 * compressed, so that it can be posted to a collector's /v1development/profiles as it is.
 *
 *     dictionary  strings, functions, locations, attributes, stacks, each with its zero value first
 *     sample      a stack, its labels as attributes, one value, or one a time
 *
 * Frames keep their role (`profile.frame.type` for kernel and native code, `stallscope.frame.role` for what only our views
 * have), and why they have no name.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { NONE, type SampleFrame, type SampleProfile, UNNAMED } from '@stallscope/profile';
import { factLines } from '../fact-lines.js';
import { toMappingName } from '../mapping-names.js';
import { framesRootFirst } from '../sample-paths.js';
import type { WriteOptions, WrittenProfile } from '../write.js';
import {
  ABOUT,
  ANY_VALUE,
  DEFAULT_VALUE,
  DICTIONARY,
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
  const lost: string[] = [];
  if (profile.sampleValues.some((column) => column.some((value) => !Number.isInteger(value)))) {
    lost.push('Values are rounded to whole numbers.');
  }
  const hasTimes = profile.sampleAtNs !== null;
  if (hasTimes && profile.startMs === null)
    lost.push('When it was recorded is not known; samples begin in 1970.');
  return {
    bytes: new OtlpWriter(profile).write(options),
    mediaType: 'application/x-protobuf',
    extension: '.otlp.pb',
    lost,
  };
}

class OtlpWriter {
  readonly #profile: SampleProfile;
  readonly #out = new BinaryWriter();
  readonly #strings = new Map<string, number>([['', 0]]);
  /** What makes an entry, by its position less one; position 0 is the zero value. */
  readonly #attributes = new Map<string, { key: string; value: string | number }>();
  readonly #attributeIds = new Map<string, number>();
  readonly #mappings = new Map<string, number>();
  readonly #functions = new Map<string, { id: number; frame: SampleFrame }>();

  constructor(profile: SampleProfile) {
    this.#profile = profile;
  }

  write(options: WriteOptions): Uint8Array<ArrayBuffer> {
    const profile = this.#profile;
    const samples = toIdentities(profile);
    this.#message(PROFILES_DATA.resourceProfiles, () => {
      this.#message(RESOURCE_PROFILES.resource, () => {
        const host = options.facts?.hostName ?? '';
        if (host !== '') this.#resourceAttribute('host.name', host);
      });
      this.#message(RESOURCE_PROFILES.scopeProfiles, () => {
        this.#message(SCOPE_PROFILES.scope, () => this.#text(SCOPE.name, 'stallscope'));
        for (const type of profile.valueTypes.keys()) {
          this.#message(SCOPE_PROFILES.profiles, () => this.#valueProfile(type, samples, options));
        }
      });
    });
    this.#message(PROFILES_DATA.dictionary, () => this.#dictionary(samples));
    return this.#out.finish() as Uint8Array<ArrayBuffer>;
  }

  #valueProfile(type: number, samples: readonly Identity[], options: WriteOptions): void {
    const { valueTypes, startMs, durationNs, sampleAtNs, sampleValues, defaultValue, title } = this.#profile;
    const out = this.#out;
    this.#message(PROFILE.sampleType, () => {
      this.#integer(VALUE_TYPE.typeStrindex, this.#string(valueTypes[type]!.type));
      this.#integer(VALUE_TYPE.unitStrindex, this.#string(valueTypes[type]!.unit));
    });
    const startNano = startMs === null ? 0n : toUnixNano(startMs);
    for (const { stack, labels, members } of samples) {
      this.#message(PROFILE.samples, () => {
        this.#integer(SAMPLE.stackIndex, stack);
        this.#packed(SAMPLE.attributeIndices, this.#labelIds(labels));
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
    const about = factLines(this.#profile, type, total, options.facts).join('\n');
    this.#packed(PROFILE.attributeIndices, [
      ...(options.facts === undefined ? [] : [this.#attribute(ABOUT, about)]),
      this.#attribute(TITLE, options.title ?? title),
      this.#attribute(DEFAULT_VALUE, valueTypes[options.value ?? defaultValue]!.type),
    ]);
  }

  #labelIds(labels: number): number[] {
    const set = this.#profile.labelSets[labels]!;
    return Object.entries(set).map(([key, value]) => this.#attribute(toAttributeKey(key), value));
  }

  #dictionary(samples: readonly Identity[]): void {
    // Indices into the tables are given as they are written, so those that name others come first.
    const stacks = toStackTable(this.#profile, samples);
    this.#message(DICTIONARY.stackTable, () => undefined);
    for (const frames of stacks) {
      this.#message(DICTIONARY.stackTable, () =>
        this.#packed(
          STACK.locationIndices,
          frames.map((frame) => frame + 1),
        ),
      );
    }
    this.#message(DICTIONARY.locationTable, () => undefined);
    for (const frame of this.#profile.frames)
      this.#message(DICTIONARY.locationTable, () => this.#location(frame));
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
    const { role, unnamed } = frame;
    const attributes: number[] = [];
    if (role === 'user' || role === 'waker-user') attributes.push(this.#attribute(FRAME_TYPE, 'native'));
    if (role === 'kernel' || role === 'waker-kernel') attributes.push(this.#attribute(FRAME_TYPE, 'kernel'));
    if (role !== 'user' && role !== 'kernel') attributes.push(this.#attribute(FRAME_ROLE, role));
    if (unnamed !== 0) attributes.push(this.#attribute(FRAME_UNNAMED, UNNAMED[unnamed]));
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
