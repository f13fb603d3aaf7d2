/**
 * Owns the JSON encoding of OTLP profiles: names in lowerCamelCase, 64-bit numbers as text. A file may hold one message,
 * or one a line, as the file exporter of the collector writes them; each line has a dictionary of its own.
 */
import { JsonPlace, readJson } from '../json-bytes.js';
import type { ReadBudget } from '../read-limits.js';
import { type AttributeValue, type KeyValue, type Lists, OtlpData, toEmptyProfile } from './otlp-data.js';

/** @throws FormatError with the path in the text */
export function readOtlpJson(bytes: Uint8Array, budget: ReadBudget): OtlpData[] {
  const lines = toMessages(bytes);
  return lines.map((line, at) => {
    const root = new JsonPlace(
      readJson(line, 'otlp', budget.limits),
      lines.length === 1 ? '' : `line ${at + 1}: `,
      'otlp',
    );
    return new OtlpJsonReader(budget).read(root);
  });
}

/** One message a line where the first line is one by itself and more follow. */
function toMessages(bytes: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, from);
    const to = end < 0 ? bytes.length : end;
    const line = bytes.subarray(from, to);
    if (line.some((byte) => byte > SPACE)) {
      const isWhole =
        line.findLast((byte) => byte > SPACE) === CLOSE_BRACE &&
        line.find((byte) => byte > SPACE) === OPEN_BRACE;
      // Laid out over several lines: it is one message.
      if (!isWhole) return [bytes];
      lines.push(line);
    }
    from = to + 1;
  }
  return lines;
}

const NEWLINE = 0x0a;
const SPACE = 0x20;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

class OtlpJsonReader {
  readonly #budget: ReadBudget;
  readonly #data: OtlpData;

  constructor(budget: ReadBudget) {
    this.#budget = budget;
    this.#data = new OtlpData(budget);
  }

  read(root: JsonPlace): OtlpData {
    const dictionary = root.at('dictionary');
    if (!dictionary.isAbsent) this.#dictionary(dictionary);
    for (const resourceProfiles of each(root.at('resourceProfiles'))) {
      const resource = resourceProfiles.at('resource');
      const attributes = resource.isAbsent ? [] : [...this.#keyValues(resource.at('attributes'))];
      for (const scope of each(resourceProfiles.at('scopeProfiles'))) {
        for (const profile of each(scope.at('profiles'))) this.#profile(profile, attributes);
      }
    }
    return this.#data;
  }

  #profile(place: JsonPlace, resource: readonly KeyValue[]): void {
    this.#budget.profile(place.path);
    const profile = toEmptyProfile(place.path, resource);
    const type = place.at('sampleType');
    if (!type.isAbsent) {
      profile.typeString = toInteger(type.at('typeStrindex'));
      profile.unitString = toInteger(type.at('unitStrindex'));
    }
    profile.timeUnixNano = toBigInt(place.at('timeUnixNano'));
    profile.durationNano = toInteger(place.at('durationNano'));
    profile.attributes = each(place.at('attributeIndices')).map(toInteger);
    // Called `sample` before 1.9.
    const samples = place.at('samples').isAbsent ? place.at('sample') : place.at('samples');
    profile.samplePlace = (sample) => `${samples.path}[${sample}]`;
    for (const sample of each(samples)) {
      this.#data.entry(sample.path);
      profile.sampleStack.push(toInteger(sample.at('stackIndex')));
      this.#list(profile.sampleAttributes, sample.at('attributeIndices'), toInteger);
      this.#list(profile.sampleValues, sample.at('values'), toInteger);
      this.#list(profile.sampleTimes, sample.at('timestampsUnixNano'), (time) =>
        this.#data.sinceBase(toBigInt(time)),
      );
    }
    this.#data.profiles.push(profile);
  }

  #dictionary(place: JsonPlace): void {
    const { dictionary } = this.#data;
    for (const text of this.#entries(place.at('stringTable'))) dictionary.strings.push(text.string());
    for (const mapping of this.#entries(place.at('mappingTable'))) {
      dictionary.mappingFile.push(toInteger(mapping.at('filenameStrindex')));
    }
    for (const func of this.#entries(place.at('functionTable'))) {
      dictionary.functionName.push(toInteger(func.at('nameStrindex')));
      dictionary.functionSystemName.push(toInteger(func.at('systemNameStrindex')));
      dictionary.functionFile.push(toInteger(func.at('filenameStrindex')));
    }
    for (const location of this.#entries(place.at('locationTable'))) {
      dictionary.locationMapping.push(toInteger(location.at('mappingIndex')));
      dictionary.locationAddress.push(toInteger(location.at('address')));
      this.#list(dictionary.locationAttributes, location.at('attributeIndices'), toInteger);
      // Called `line` before 1.9.
      const lines = location.at('lines').isAbsent ? location.at('line') : location.at('lines');
      for (const line of this.#entries(lines)) {
        dictionary.locationLines.add(toInteger(line.at('functionIndex')));
        dictionary.locationLines.add(toInteger(line.at('line')));
      }
      dictionary.locationLines.end();
    }
    for (const stack of this.#entries(place.at('stackTable'))) {
      this.#list(dictionary.stackLocations, stack.at('locationIndices'), toInteger);
    }
    for (const attribute of this.#entries(place.at('attributeTable'))) {
      dictionary.attributeKey.push(toInteger(attribute.at('keyStrindex')));
      const { value, string } = toAnyValue(attribute.at('value'));
      dictionary.attributeValue.push(value);
      dictionary.attributeString.push(string);
    }
  }

  *#keyValues(list: JsonPlace): Generator<KeyValue> {
    for (const attribute of this.#entries(list)) {
      const key = attribute.at('key');
      // By reference in 1.10: what is not text is left out.
      if (!key.isAbsent) yield { key: key.string(), value: toAnyValue(attribute.at('value')).value };
    }
  }

  *#entries(list: JsonPlace): Generator<JsonPlace> {
    for (const entry of each(list)) {
      this.#data.entry(entry.path);
      yield entry;
    }
  }

  #list(into: Lists, list: JsonPlace, read: (place: JsonPlace) => number): void {
    for (const entry of this.#entries(list)) into.add(read(entry));
    into.end();
  }
}

/** The elements of a list; none where it is missing, as the encoding leaves out what is empty. */
function each(list: JsonPlace): JsonPlace[] {
  return list.isAbsent ? [] : list.array().map((_, at) => list.element(at));
}

function toAnyValue(place: JsonPlace): { value: AttributeValue; string: number } {
  if (place.isAbsent) return { value: undefined, string: -1 };
  const text = place.at('stringValue');
  const flag = place.at('boolValue');
  const integer = place.at('intValue');
  const double = place.at('doubleValue');
  const string = place.at('stringValueStrindex');
  let value: AttributeValue;
  if (!text.isAbsent) value = text.string();
  else if (typeof flag.value === 'boolean') value = String(flag.value);
  else if (!integer.isAbsent) value = toInteger(integer);
  else if (!double.isAbsent) value = double.number();
  return { value, string: string.isAbsent ? -1 : toInteger(string) };
}

/** Of a number, or of a 64-bit one as text; 0 where it is missing, as the encoding leaves out what is 0. */
function toInteger(place: JsonPlace): number {
  const { value } = place;
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  return Number(toBigInt(place));
}

function toBigInt(place: JsonPlace): bigint {
  const { value } = place;
  if (value === undefined || value === null) return 0n;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  return place.refuse('is no whole number, nor one as text');
}
