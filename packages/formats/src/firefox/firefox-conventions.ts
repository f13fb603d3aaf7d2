/**
 * Owns what we say in a Firefox profile beyond its format, and how it is read again: the role of a frame and the kind of
 * its code are its category, why it has no name the part of it, and what belongs to no thread stands in the section `Stallscope` of `meta.extra`,
 * which the Firefox Profiler shows to its reader.
 */
import {
  FRAME_KINDS,
  type FrameKind,
  type FrameKindCode,
  type Role,
  type SampleFrame,
  UNNAMED,
  type UnnamedCode,
  VALUE_UNITS,
  type ValueType,
} from '@stallscope/profile';
import type { JsonPlace } from '../json-bytes.js';

/** `grey` marks the default one, which the format asks for. */
export const CATEGORIES: readonly {
  name: string;
  color: string;
  role: Role | undefined;
  kind?: FrameKind;
}[] = [
  { name: 'Other', color: 'grey', role: undefined },
  { name: 'User', color: 'blue', role: 'user' },
  { name: 'Kernel', color: 'lightblue', role: 'kernel' },
  { name: 'Thread', color: 'purple', role: 'comm' },
  { name: 'Separator', color: 'darkgrey', role: 'separator' },
  { name: 'Waker kernel', color: 'green', role: 'waker-kernel' },
  { name: 'Waker user', color: 'green', role: 'waker-user' },
  { name: 'Waker', color: 'orange', role: 'waker-comm' },
  { name: 'Marker', color: 'brown', role: 'marker' },
  { name: 'User, JIT', color: 'yellow', role: 'user', kind: 'jit' },
  { name: 'User, interpreted', color: 'orange', role: 'user', kind: 'interpreted' },
  { name: 'User, inlined', color: 'lightgreen', role: 'user', kind: 'inlined' },
  { name: 'User, stub', color: 'brown', role: 'user', kind: 'stub' },
  { name: 'Waker user, JIT', color: 'yellow', role: 'waker-user', kind: 'jit' },
  { name: 'Waker user, interpreted', color: 'orange', role: 'waker-user', kind: 'interpreted' },
  { name: 'Waker user, inlined', color: 'lightgreen', role: 'waker-user', kind: 'inlined' },
  { name: 'Waker user, stub', color: 'brown', role: 'waker-user', kind: 'stub' },
];

/** Of each category; the first is that of frames with a name, and the format asks for its name. */
export const CATEGORY_PARTS: readonly string[] = ['Other', ...UNNAMED.slice(1)];

/** A kind of user code has a category of its own, as viewers colour by it. */
export function categoryOf({ role, kind = 0 }: Pick<SampleFrame, 'role' | 'kind'>): number {
  const wanted = kind === 0 ? undefined : FRAME_KINDS[kind];
  const exact = CATEGORIES.findIndex((category) => category.role === role && category.kind === wanted);
  return Math.max(0, exact >= 0 ? exact : CATEGORIES.findIndex((category) => category.role === role));
}

/** Of a category that says nothing of whose code it is, such as `Layout` of Firefox, `user`. */
export function roleOfCategory(name: string): Role {
  return CATEGORIES.find((category) => category.name === name)?.role ?? 'user';
}

export function unnamedOfPart(part: string): UnnamedCode {
  const code = CATEGORY_PARTS.indexOf(part);
  return code <= 0 ? 0 : (code as UnnamedCode);
}

export function kindOfCategory(name: string): FrameKindCode {
  const kind = CATEGORIES.find((category) => category.name === name)?.kind ?? 'native';
  return FRAME_KINDS.indexOf(kind) as FrameKindCode;
}

/** Begins ids of processes and threads that have none. */
export const NO_ID = 'unknown';
/** Of a thread without one. */
export const NO_NAME = '(no name)';

const SECTION = 'Stallscope';
const TITLE = 'Title';
const VALUE = 'Value';
const TIMES = 'Times of samples';
const PROCESSES = 'Names of processes';
const BY_THREADS = 'Not recorded: each has that of its main thread, or of its busiest.';
const UNTIMED = 'Not recorded: samples lie end to end, each as long as its value.';

export interface OwnFacts {
  title: string | undefined;
  valueType: ValueType | undefined;
  /** The times of samples are made up. */
  isUntimed: boolean;
  /** The names of processes are those of threads. */
  isUnnamed: boolean;
}

export interface ExtraEntry {
  label: string;
  format: 'string';
  value: string;
}

export function toExtra(
  { title, valueType, isUntimed, isUnnamed }: OwnFacts & { title: string; valueType: ValueType },
  more: readonly ExtraEntry[],
): { label: string; entries: ExtraEntry[] }[] {
  const entries: ExtraEntry[] = [
    { label: TITLE, format: 'string', value: title },
    { label: VALUE, format: 'string', value: `${valueType.type}/${valueType.unit}` },
  ];
  if (isUntimed) entries.push({ label: TIMES, format: 'string', value: UNTIMED });
  if (isUnnamed) entries.push({ label: PROCESSES, format: 'string', value: BY_THREADS });
  return [{ label: SECTION, entries: [...entries, ...more] }];
}

/** @throws FormatError */
export function readOwnFacts(meta: JsonPlace): OwnFacts {
  const facts: OwnFacts = { title: undefined, valueType: undefined, isUntimed: false, isUnnamed: false };
  const extra = meta.at('extra');
  if (extra.isAbsent) return facts;
  for (const at of extra.array().keys()) {
    const section = extra.element(at);
    if (section.at('label').value !== SECTION) continue;
    const entries = section.at('entries');
    for (const row of entries.array().keys()) {
      const entry = entries.element(row);
      const { value } = entry.at('value');
      if (typeof value !== 'string') continue;
      const label = entry.at('label').value;
      if (label === TITLE) facts.title = value;
      if (label === VALUE) facts.valueType = toValueType(value);
      if (label === PROCESSES) facts.isUnnamed = value === BY_THREADS;
      if (label === TIMES) facts.isUntimed = value === UNTIMED;
    }
  }
  return facts;
}

function toValueType(text: string): ValueType | undefined {
  const slash = text.lastIndexOf('/');
  const unit = VALUE_UNITS.find((known) => known === text.slice(slash + 1));
  return slash <= 0 || unit === undefined ? undefined : { type: text.slice(0, slash), unit };
}
