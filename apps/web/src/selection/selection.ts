/**
 * Owns the selection that rules the page, and its names in the query string. Everything that defines the view is here;
 * the theme is not (it is the reader's, not the view's).
 *
 *     /host/?host=web-1&view=chain&p=4711&span=1m&q=futex&zoom=cnginx~umain
 *
 * | name   | value                              | absent                                |
 * |--------|------------------------------------|---------------------------------------|
 * | host   | host id                            | no host                               |
 * | view   | off-cpu, wakeup, off-wake, chain   | off-cpu                               |
 * | p, t   | tgid, tid                          | all processes, all threads            |
 * | kinds  | of blocked, runq, preempted        | blocked                               |
 * | states | letters of task states, as S,D     | all states                            |
 * | q      | regular expression                 | no search                             |
 * | span   | 10s, 30s, 1m, 5m, 15m              | 30s                                   |
 * | from,to| ms since the epoch, both or none   | follow the newest window              |
 * | at     | ms: paused with this newest window | live                                  |
 * | zoom   | place.ts                           | whole graph                           |
 * | sel    | place.ts                           | nothing selected                      |
 * | root   | top, bottom                        | top                                   |
 * | window | 250 or 1000: asked of the agent    | as the agent runs                     |
 */
import { KINDS, type Query, STATES, type State, VIEWS } from '@stallscope/profile';
import {
  createParser,
  type inferParserType,
  parseAsArrayOf,
  parseAsString,
  parseAsStringLiteral,
} from 'nuqs';
import type { LiveSelection, Span } from '../live/live-messages';
import { readPlace, writePlace } from './place';

export const SPANS = ['10s', '30s', '1m', '5m', '15m'] as const;
export type SpanName = (typeof SPANS)[number];

export const SPAN_MS: Readonly<Record<SpanName, number>> = {
  '10s': 10_000,
  '30s': 30_000,
  '1m': 60_000,
  '5m': 300_000,
  '15m': 900_000,
};

/** Characters of a search; longer ones are not typed, and a URL must stay short. */
export const MAX_SEARCH_CHARS = 200;

/** Highest tgid or tid that Linux gives (PID_MAX_LIMIT). */
const MAX_TASK_ID = 2 ** 22;

/** Latest instant of a Date. */
const MAX_CLOCK_MS = 8.64e15;

const parseAsTaskId = createParser({
  parse: (text) => toInteger(text, 1, MAX_TASK_ID),
  serialize: String,
});

const parseAsClockMs = createParser({ parse: (text) => toInteger(text, 0, MAX_CLOCK_MS), serialize: String });

const parseAsPlace = createParser({
  parse: (text) => readPlace(text) ?? null,
  serialize: writePlace,
  eq: (a, b) => writePlace(a) === writePlace(b),
});

const parseAsSearch = createParser({
  parse: (text) => text.slice(0, MAX_SEARCH_CHARS),
  serialize: (text: string) => text,
});

const parseAsWindowMs = createParser<250 | 1000>({
  parse: (text) => (text === '250' ? 250 : text === '1000' ? 1000 : null),
  serialize: String,
});

export const SELECTION_PARSERS = {
  host: parseAsString,
  view: parseAsStringLiteral(VIEWS).withDefault('off-cpu'),
  p: parseAsTaskId,
  t: parseAsTaskId,
  kinds: parseAsArrayOf(parseAsStringLiteral(KINDS)).withDefault(['blocked']),
  states: parseAsArrayOf(parseAsStringLiteral(STATES)),
  q: parseAsSearch.withDefault(''),
  span: parseAsStringLiteral(SPANS).withDefault('30s'),
  from: parseAsClockMs,
  to: parseAsClockMs,
  at: parseAsClockMs,
  zoom: parseAsPlace,
  sel: parseAsPlace,
  root: parseAsStringLiteral(['top', 'bottom']).withDefault('top'),
  window: parseAsWindowMs,
};

export type Selection = inferParserType<typeof SELECTION_PARSERS>;

/** States that blocked rows have: the others are of threads that could run. */
export const BLOCKED_STATES = ['S', 'D', 'I', 'T', 't', 'P'] as const satisfies readonly State[];

export function toQuery(selection: Selection): Query {
  // A selection of no kind would show nothing and say nothing: it reads as the default.
  const kinds = KINDS.filter((kind) => selection.kinds.includes(kind));
  return {
    view: selection.view,
    kinds: kinds.length === 0 ? ['blocked'] : kinds,
    ...(selection.states === null || selection.states.length === 0 ? {} : { states: selection.states }),
    ...(selection.p === null ? {} : { tgids: [selection.p] }),
    ...(selection.t === null ? {} : { tids: [selection.t] }),
  };
}

export function toSpan(selection: Selection): Span {
  const { from, to } = selection;
  if (from !== null && to !== null && from < to) return { kind: 'fixed', fromMs: from, toMs: to };
  return { kind: 'last', lengthMs: SPAN_MS[selection.span] };
}

export function toLiveSelection(selection: Selection): LiveSelection {
  const search = readSearch(selection.q);
  return {
    hostId: selection.host,
    query: toQuery(selection),
    span: toSpan(selection),
    pausedAtMs: selection.at,
    search: search.ok ? search.pattern : null,
  };
}

export type Search = { ok: true; pattern: string | null } | { ok: false; reason: string };

/** What was typed into the search box: nothing, a regular expression, or why it is none. */
export function readSearch(text: string): Search {
  if (text === '') return { ok: true, pattern: null };
  try {
    new RegExp(text);
    return { ok: true, pattern: text };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    // V8 repeats the pattern: `Invalid regular expression: /(/: Unterminated group`.
    return { ok: false, reason: reason.slice(reason.lastIndexOf(': ') + 2) };
  }
}

function toInteger(text: string, min: number, max: number): number | null {
  if (!/^\d{1,16}$/.test(text)) return null;
  const value = Number(text);
  return value >= min && value <= max ? value : null;
}
