/**
 * Owns the protobuf encoding of OTLP profiles: ProfilesData, or the request that a collector is sent, which is the same.
 *
 * Which numbers `Sample` has is told by how its fields are encoded: field 4 is a list (values) since 1.10 and was one
 * number (a link) before; field 3 the other way round.
 */
import { WireType } from '@bufbuild/protobuf/wire';
import { ProtobufWalker } from '../protobuf-fields.js';
import type { ReadBudget } from '../read-limits.js';
import {
  type AttributeValue,
  type KeyValue,
  OtlpData,
  type OtlpProfile,
  toEmptyProfile,
} from './otlp-data.js';
import {
  ANY_VALUE,
  DICTIONARY,
  FUNCTION,
  KEY_VALUE,
  KEY_VALUE_AND_UNIT,
  LINE,
  LOCATION,
  MAPPING,
  OLD_SAMPLE,
  PROFILE,
  PROFILES_DATA,
  RESOURCE,
  RESOURCE_PROFILES,
  SAMPLE,
  SCOPE_PROFILES,
  STACK,
  VALUE_TYPE,
} from './otlp-fields.js';

/** @throws FormatError with the byte */
export function readOtlpProtobuf(bytes: Uint8Array, budget: ReadBudget): OtlpData {
  const reader = new OtlpProtobufReader(new ProtobufWalker(bytes, budget), budget);
  return reader.read(bytes.length);
}

interface ProfileBytes {
  profile: OtlpProfile;
  begin: number;
  end: number;
  /** Begin and end of each sample. */
  samples: number[];
}

class OtlpProtobufReader {
  readonly #walker: ProtobufWalker;
  readonly #data: OtlpData;
  readonly #budget: ReadBudget;
  readonly #profiles: ProfileBytes[] = [];
  /** Undefined until a sample tells. */
  #isOld: boolean | undefined;

  constructor(walker: ProtobufWalker, budget: ReadBudget) {
    this.#walker = walker;
    this.#budget = budget;
    this.#data = new OtlpData(budget);
  }

  read(length: number): OtlpData {
    const walker = this.#walker;
    walker.message(0, length, (field) => {
      if (field === PROFILES_DATA.resourceProfiles) this.#resourceProfiles();
      if (field === PROFILES_DATA.dictionary) walker.nested((table) => this.#table(table));
    });
    // Samples are read last, when all of them have been looked at for the version.
    const isOld = this.#isOld ?? false;
    for (const { profile, begin, end, samples } of this.#profiles) {
      for (let at = 0; at < samples.length; at += 2)
        this.#sample(profile, samples[at]!, samples[at + 1]!, isOld);
      if (!isOld) this.#profileAttributes(profile, begin, end);
    }
    return this.#data;
  }

  #resourceProfiles(): void {
    const walker = this.#walker;
    const resource: KeyValue[] = [];
    walker.nested((field) => {
      if (field === RESOURCE_PROFILES.resource) {
        walker.nested((part) => {
          if (part === RESOURCE.attributes) this.#keyValue(resource);
        });
      }
      if (field !== RESOURCE_PROFILES.scopeProfiles) return;
      walker.nested((part) => {
        if (part === SCOPE_PROFILES.profiles) this.#profile(resource);
      });
    });
  }

  #profile(resource: readonly KeyValue[]): void {
    const walker = this.#walker;
    const profile = toEmptyProfile(walker.place, resource);
    this.#budget.profile(profile.place);
    const samples: number[] = [];
    profile.samplePlace = (sample) => `byte ${samples[sample * 2]}`;
    const [begin, end] = walker.range();
    walker.message(begin, end, (field) => {
      if (field === PROFILE.samples) {
        this.#data.entry(profile.place);
        const range = walker.range();
        samples.push(...range);
        if (this.#isOld === undefined) this.#tellVersion(...range);
      } else if (field === PROFILE.timeUnixNano) {
        walker.fixed64s((time) => {
          profile.timeUnixNano = time;
        });
      } else if (field === PROFILE.durationNano) profile.durationNano = walker.integer();
      else if (field === PROFILE.sampleType) {
        walker.nested((part) => {
          if (part === VALUE_TYPE.typeStrindex) profile.typeString = walker.integer();
          if (part === VALUE_TYPE.unitStrindex) profile.unitString = walker.integer();
        });
      }
    });
    this.#data.profiles.push(profile);
    this.#profiles.push({ profile, begin, end, samples });
  }

  #tellVersion(begin: number, end: number): void {
    const walker = this.#walker;
    let hasTimes = false;
    let hasList = false;
    walker.message(begin, end, (field) => {
      const isList = walker.type === WireType.LengthDelimited;
      if (field === 2) hasList = true;
      if (field === 3) this.#isOld ??= isList;
      if (field === 4) this.#isOld ??= !isList;
      if (field === 5) hasTimes = true;
    });
    // With neither values nor times it is no sample of 1.10; with a list in field 2 it is one of 1.9, which has values there.
    if (hasList && !hasTimes) this.#isOld ??= true;
  }

  /** In 1.8 and before this field held the payload of another format, so that it is read in new profiles only. */
  #profileAttributes(profile: OtlpProfile, begin: number, end: number): void {
    const walker = this.#walker;
    walker.message(begin, end, (field) => {
      if (field !== PROFILE.attributeIndices) return;
      walker.integers((index) => {
        this.#data.entry(profile.place);
        profile.attributes.push(index);
      });
    });
  }

  #sample(profile: OtlpProfile, begin: number, end: number, isOld: boolean): void {
    const walker = this.#walker;
    const fields = isOld ? OLD_SAMPLE : SAMPLE;
    const entry = () => this.#data.entry(() => walker.place);
    let stack = 0;
    walker.message(begin, end, (field) => {
      if (field === fields.stackIndex) stack = walker.integer();
      else if (field === fields.attributeIndices) {
        walker.integers((index) => {
          entry();
          profile.sampleAttributes.add(index);
        });
      } else if (field === fields.values) {
        walker.integers((value) => {
          entry();
          profile.sampleValues.add(value);
        });
      } else if (field === fields.timestampsUnixNano) {
        walker.fixed64s((time) => {
          entry();
          profile.sampleTimes.add(this.#data.sinceBase(time));
        });
      }
    });
    profile.sampleStack.push(stack);
    profile.sampleAttributes.end();
    profile.sampleValues.end();
    profile.sampleTimes.end();
  }

  #table(table: number): void {
    const walker = this.#walker;
    const { dictionary } = this.#data;
    const entry = () => this.#data.entry(() => walker.place);
    if (table < DICTIONARY.mappingTable || table > DICTIONARY.stackTable) return;
    entry();
    if (table === DICTIONARY.stringTable) dictionary.strings.push(walker.text());
    if (table === DICTIONARY.mappingTable) {
      let file = 0;
      walker.nested((field) => {
        if (field === MAPPING.filenameStrindex) file = walker.integer();
      });
      dictionary.mappingFile.push(file);
    }
    if (table === DICTIONARY.functionTable) this.#function();
    if (table === DICTIONARY.locationTable) this.#location();
    if (table === DICTIONARY.attributeTable) this.#attribute();
    if (table === DICTIONARY.stackTable) {
      walker.nested((field) => {
        if (field !== STACK.locationIndices) return;
        walker.integers((location) => {
          entry();
          dictionary.stackLocations.add(location);
        });
      });
      dictionary.stackLocations.end();
    }
  }

  #function(): void {
    const walker = this.#walker;
    const { dictionary } = this.#data;
    let name = 0;
    let systemName = 0;
    let file = 0;
    walker.nested((field) => {
      if (field === FUNCTION.nameStrindex) name = walker.integer();
      if (field === FUNCTION.systemNameStrindex) systemName = walker.integer();
      if (field === FUNCTION.filenameStrindex) file = walker.integer();
    });
    dictionary.functionName.push(name);
    dictionary.functionSystemName.push(systemName);
    dictionary.functionFile.push(file);
  }

  #location(): void {
    const walker = this.#walker;
    const { dictionary } = this.#data;
    let mapping = 0;
    let address = 0;
    walker.nested((field) => {
      if (field === LOCATION.mappingIndex) mapping = walker.integer();
      else if (field === LOCATION.address) address = walker.integer();
      else if (field === LOCATION.attributeIndices) {
        walker.integers((index) => {
          this.#data.entry(() => walker.place);
          dictionary.locationAttributes.add(index);
        });
      } else if (field === LOCATION.lines) {
        let func = 0;
        let line = 0;
        this.#data.entry(() => walker.place);
        walker.nested((part) => {
          if (part === LINE.functionIndex) func = walker.integer();
          if (part === LINE.line) line = walker.integer();
        });
        dictionary.locationLines.add(func);
        dictionary.locationLines.add(line);
      }
    });
    dictionary.locationMapping.push(mapping);
    dictionary.locationAddress.push(address);
    dictionary.locationAttributes.end();
    dictionary.locationLines.end();
  }

  #attribute(): void {
    const walker = this.#walker;
    const { dictionary } = this.#data;
    let key = 0;
    let value: AnyValue = { value: undefined, string: NO_STRING };
    walker.nested((field) => {
      if (field === KEY_VALUE_AND_UNIT.keyStrindex) key = walker.integer();
      if (field === KEY_VALUE_AND_UNIT.value) value = this.#anyValue();
    });
    dictionary.attributeKey.push(key);
    dictionary.attributeValue.push(value.value);
    dictionary.attributeString.push(value.string);
  }

  /** Of a resource, where keys are text. Those by reference are only read where they hold their value themselves. */
  #keyValue(into: KeyValue[]): void {
    const walker = this.#walker;
    this.#data.entry(walker.place);
    let key = '';
    let value: AnyValue = { value: undefined, string: NO_STRING };
    walker.nested((field) => {
      if (field === KEY_VALUE.key) key = walker.text();
      if (field === KEY_VALUE.value) value = this.#anyValue();
    });
    into.push({ key, value: value.value });
  }

  /** Undefined for lists, maps and bytes. */
  #anyValue(): AnyValue {
    const walker = this.#walker;
    let value: AttributeValue;
    let string = NO_STRING;
    walker.nested((field) => {
      if (field === ANY_VALUE.string) value = walker.text();
      if (field === ANY_VALUE.bool) value = walker.integer() === 0 ? 'false' : 'true';
      if (field === ANY_VALUE.int) value = walker.integer();
      if (field === ANY_VALUE.double) value = walker.double();
      if (field === ANY_VALUE.stringStrindex) string = walker.integer();
    });
    return { value, string };
  }
}

interface AnyValue {
  value: AttributeValue;
  /** String of the dictionary that is the value. */
  string: number;
}

const NO_STRING = -1;
