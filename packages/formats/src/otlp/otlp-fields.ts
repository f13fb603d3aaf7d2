/**
 * Owns the field numbers of OTLP profiles, opentelemetry.proto.profiles.v1development of opentelemetry-proto 1.11, and the
 * names of attributes that reader and writer share. The signal is alpha: its numbers may still change.
 *
 * `Sample` was renumbered in 1.10; its numbers of 1.8 and 1.9 are read too (`OLD_SAMPLE`).
 */

/** Also of ExportProfilesServiceRequest, so that a file may be posted to a collector as it is. */
export const PROFILES_DATA = { resourceProfiles: 1, dictionary: 2 } as const;
export const RESOURCE_PROFILES = { resource: 1, scopeProfiles: 2 } as const;
export const RESOURCE = { attributes: 1 } as const;
export const SCOPE_PROFILES = { scope: 1, profiles: 2 } as const;
export const SCOPE = { name: 1 } as const;
export const PROFILE = {
  sampleType: 1,
  samples: 2,
  timeUnixNano: 3,
  durationNano: 4,
  attributeIndices: 11,
} as const;
export const VALUE_TYPE = { typeStrindex: 1, unitStrindex: 2 } as const;
export const SAMPLE = {
  stackIndex: 1,
  attributeIndices: 2,
  linkIndex: 3,
  values: 4,
  timestampsUnixNano: 5,
} as const;
export const OLD_SAMPLE = {
  stackIndex: 1,
  values: 2,
  attributeIndices: 3,
  linkIndex: 4,
  timestampsUnixNano: 5,
} as const;
export const DICTIONARY = {
  mappingTable: 1,
  locationTable: 2,
  functionTable: 3,
  linkTable: 4,
  stringTable: 5,
  attributeTable: 6,
  stackTable: 7,
} as const;
export const MAPPING = { filenameStrindex: 4 } as const;
export const STACK = { locationIndices: 1 } as const;
export const LOCATION = { mappingIndex: 1, address: 2, lines: 3, attributeIndices: 4 } as const;
export const LINE = { functionIndex: 1, line: 2 } as const;
export const FUNCTION = { nameStrindex: 1, systemNameStrindex: 2, filenameStrindex: 3 } as const;
export const LINK = { traceId: 1, spanId: 2 } as const;
/** Of the dictionary's attributes. */
export const KEY_VALUE_AND_UNIT = { keyStrindex: 1, value: 2 } as const;
/** Of a resource's attributes. */
export const KEY_VALUE = { key: 1, value: 2, keyStrindex: 3 } as const;
export const ANY_VALUE = {
  string: 1,
  bool: 2,
  int: 3,
  double: 4,
  stringStrindex: 8,
} as const;

/** Our labels by the names that the semantic conventions have for them. */
const CONVENTIONS: readonly (readonly [label: string, attribute: string])[] = [
  ['comm', 'thread.name'],
  ['tid', 'thread.id'],
  ['tgid', 'process.pid'],
  ['process', 'process.executable.name'],
  ['service', 'service.name'],
  ['host', 'host.name'],
];
const OWN = 'stallscope.';
/** What only our profiles have: how a wait was, and who ended it. */
const OWN_LABELS: readonly string[] = ['kind', 'state', 'waker', 'wakers'];

export function toAttributeKey(label: string): string {
  const known = CONVENTIONS.find(([name]) => name === label);
  if (known !== undefined) return known[1];
  return OWN_LABELS.includes(label) ? `${OWN}${label}` : label;
}

export function toLabelKey(attribute: string): string {
  const known = CONVENTIONS.find(([, name]) => name === attribute);
  if (known !== undefined) return known[0];
  const own = attribute.startsWith(OWN) ? attribute.slice(OWN.length) : '';
  return OWN_LABELS.includes(own) ? own : attribute;
}

/** Of frames: `kernel`, `native`, a language; see the semantic conventions of profiles. */
export const FRAME_TYPE = 'profile.frame.type';
export const FRAME_ROLE = `${OWN}frame.role`;
export const FRAME_UNNAMED = `${OWN}frame.unnamed`;
/** FRAME_KINDS; absent for native code. */
export const FRAME_KIND = `${OWN}frame.kind`;
/** Of profiles: how it was sampled and what was lost, in words. */
export const ABOUT = `${OWN}about`;
export const TITLE = `${OWN}title`;
export const DEFAULT_VALUE = `${OWN}default`;
