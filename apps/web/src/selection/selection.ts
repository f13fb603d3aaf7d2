/**
 * Owns the selection that rules the page, and its names in the query string. Everything that defines the view is here;
 * the theme is not (it is the reader's, not the view's).
 *
 *     /host/?host=web-1&view=chain&p=4711&span=1m&q=futex&zoom=cnginx~umain
 *
 * | name   | value                              | absent                                |
 * |--------|------------------------------------|---------------------------------------|
 * | host   | host id                            | no host                               |
 * | view   | off-cpu, wakeup, off-wake, chain, cpu, wall | off-cpu                            |
 * | p, t   | tgid, tid                          | all processes, all threads            |
 * | kinds  | of blocked, runq, preempted        | blocked                               |
 * | states | letters of task states, as S,D     | all states                            |
 * | q      | regular expression                 | no search                             |
 * | span   | 10s, 30s, 1m, 5m, 15m              | 30s                                   |
 * | from,to| ms since the epoch, both or none   | follow the newest window              |
 * | slices | FROM-TO, ms: in the CPU view the samples of this stretch | all of the span |
 * | at     | ms: paused with this newest window | live                                  |
 * | zoom   | place.ts                           | whole graph                           |
 * | sel    | place.ts                           | nothing selected                      |
 * | root   | top, bottom                        | top                                   |
 * | show   | flame, table, sandwich, tree, diff | flame                                 |
 * | flow   | top-down, bottom-up                | top-down                              |
 * | merge  | function, module, process          | function                              |
 * | names  | whole, short                       | whole                                 |
 * | rec    | 1: recursion is folded             | drawn as it is                        |
 * | hide   | regular expression over frames     | no frame is hidden                    |
 * | focus  | function, as a step of place.ts    | whole paths                           |
 * | only   | function: paths through it         | all paths                             |
 * | fn     | function that the sandwich is of   | none chosen                           |
 * | half   | callers, callees: of zoom and sel  | callees                               |
 * | sort   | column of the table of functions   | self                                  |
 * | noise  | noise-choice.ts                    | nothing is left out                   |
 * | base   | difference/base.ts                 | compared with nothing                 |
 * | scale  | none, time, share                  | compared as measured                  |
 * | wide   | after, before, larger              | boxes are as wide as after            |
 * | swap   | 1: what is shown is before         | what is shown is after                |
 * | by     | who-table.ts: user, container, …   | not grouped                           |
 * | colour | the same: whose colour frames have | by what frames are                    |
 * | cols   | who-columns.ts: of the table of processes | user and place in a few words     |
 * | who    | who-choice.ts                      | everybody                             |
 * | anon   | 1: compared without thread names   | threads are told apart by their names |
 * | threads| tid, name, on-cpu, blocked, runq, preempted: order of the timeline | tid |
 * | heat   | offcpu, biolatency, …: the heatmap of latencies over the graph | none             |
 * | lat    | bucket-span.ts: its lengths that rule the page | all                               |
 * | op, on | an operation, what it is done to: alone | all                                       |
 * | lines  | of p50, p95, p99: over the heatmap | all three                                      |
 * | cells  | log, linear: how counts are coloured | log                                           |
 * | window | 250, 500, 1000, 2000, 5000 ms: asked of the agent | as the agent runs         |
 */
import { HEATMAP_NAMES } from '@stallscope/latency';
import {
  DIFF_WIDTHS,
  type FlameShape,
  GROUP_KEYS,
  KINDS,
  type LatencyRegion,
  type Query,
  SLICE_MS,
  type SliceSpan,
  STATES,
  type State,
  VIEWS,
} from '@stallscope/profile';
import { WINDOW_LENGTHS_MS, type WindowLengthMs } from '@stallscope/protocol';
import {
  createParser,
  type inferParserType,
  parseAsArrayOf,
  parseAsString,
  parseAsStringLiteral,
} from 'nuqs';
import { type Base, isSameBase, readBase, writeBase } from '../difference/base';
import { SCALINGS } from '../difference/difference-messages';
import { type BucketSpan, readBucketSpan, writeBucketSpan } from '../latency/bucket-span';
import { type LatencyAsk, queryOfRegion, regionOf } from '../latency/heat-ask';
import { PERCENTILE_LINES } from '../latency/percentile-lines';
import { FUNCTION_COLUMNS } from '../live/function-rows';
import type { LiveSelection, Span, Wants } from '../live/live-messages';
import { ROW_ORDERS } from '../wall/row-order';
import { WHO_COLUMNS } from '../who/who-columns';
import { isCompilable, type NoiseChoice, readNoise, toChoices, toNoise, writeNoise } from './noise-choice';
import { isSameFunction, readPlace, readStep, writePlace, writeStep } from './place';
import { readWho, toWhoFilter, type WhoChoice, writeWho } from './who-choice';

/** What the panel of the graph shows. */
export const SHOWS = ['flame', 'table', 'sandwich', 'tree', 'diff'] as const;
export type Show = (typeof SHOWS)[number];

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

/** A stretch of slices is a part of what is held: half an hour. */
const MAX_SLICES = (1800 * 1000) / SLICE_MS;

const parseAsTaskId = createParser({
  parse: (text) => toInteger(text, 1, MAX_TASK_ID),
  serialize: String,
});

const parseAsClockMs = createParser({ parse: (text) => toInteger(text, 0, MAX_CLOCK_MS), serialize: String });

/** Both in ms since the epoch, so that a reader can tell them; slices are that over SLICE_MS. */
const parseAsSlices = createParser<SliceSpan>({
  parse: (text) => {
    const [fromMs = null, toMs = null] = text.split('-', 3).map((part) => toInteger(part, 0, MAX_CLOCK_MS));
    if (fromMs === null || toMs === null || text.split('-').length !== 2) return null;
    const from = Math.floor(fromMs / SLICE_MS);
    const to = Math.ceil(toMs / SLICE_MS);
    return from < to && to - from <= MAX_SLICES ? { from, to } : null;
  },
  serialize: ({ from, to }) => `${from * SLICE_MS}-${to * SLICE_MS}`,
  eq: (a, b) => a.from === b.from && a.to === b.to,
});

const parseAsPlace = createParser({
  parse: (text) => readPlace(text) ?? null,
  serialize: writePlace,
  eq: (a, b) => writePlace(a) === writePlace(b),
});

const parseAsSearch = createParser({
  parse: (text) => text.slice(0, MAX_SEARCH_CHARS),
  serialize: (text: string) => text,
});

const parseAsFunction = createParser({
  parse: (text) => readStep(text) ?? null,
  serialize: writeStep,
  eq: isSameFunction,
});

const parseAsNoise = createParser<NoiseChoice[]>({
  parse: readNoise,
  serialize: writeNoise,
  eq: (a, b) => writeNoise(a) === writeNoise(b),
});

const parseAsFlag = createParser<boolean>({
  parse: (text) => (text === '1' ? true : null),
  serialize: (isOn) => (isOn ? '1' : ''),
});

const parseAsWho = createParser<WhoChoice[]>({
  parse: readWho,
  serialize: writeWho,
  eq: (a, b) => writeWho(a) === writeWho(b),
});

const parseAsBase = createParser<Base>({
  parse: (text) => readBase(text) ?? null,
  serialize: writeBase,
  eq: isSameBase,
});

/** Characters of an operation's or a target's name: longer ones no probe writes. */
const MAX_NAME_CHARS = 64;

const parseAsName = createParser<string>({
  parse: (text) => (text === '' || text.length > MAX_NAME_CHARS || /\p{Cc}/u.test(text) ? null : text),
  serialize: (text) => text,
});

const parseAsBucketSpan = createParser<BucketSpan>({
  parse: readBucketSpan,
  serialize: writeBucketSpan,
  eq: (a, b) => writeBucketSpan(a) === writeBucketSpan(b),
});

const parseAsWindowMs = createParser<WindowLengthMs>({
  parse: (text) => WINDOW_LENGTHS_MS.find((each) => String(each) === text) ?? null,
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
  slices: parseAsSlices,
  zoom: parseAsPlace,
  sel: parseAsPlace,
  root: parseAsStringLiteral(['top', 'bottom']).withDefault('top'),
  show: parseAsStringLiteral(SHOWS).withDefault('flame'),
  flow: parseAsStringLiteral(['top-down', 'bottom-up']).withDefault('top-down'),
  merge: parseAsStringLiteral(['function', 'module', 'process']).withDefault('function'),
  names: parseAsStringLiteral(['whole', 'short']).withDefault('whole'),
  rec: parseAsFlag.withDefault(false),
  hide: parseAsSearch.withDefault(''),
  focus: parseAsFunction,
  only: parseAsFunction,
  fn: parseAsFunction,
  half: parseAsStringLiteral(['callers', 'callees']).withDefault('callees'),
  sort: parseAsStringLiteral(FUNCTION_COLUMNS).withDefault('self'),
  noise: parseAsNoise.withDefault([]),
  base: parseAsBase,
  scale: parseAsStringLiteral(SCALINGS).withDefault('none'),
  wide: parseAsStringLiteral(DIFF_WIDTHS).withDefault('after'),
  swap: parseAsFlag.withDefault(false),
  anon: parseAsFlag.withDefault(false),
  by: parseAsStringLiteral(GROUP_KEYS),
  colour: parseAsStringLiteral(GROUP_KEYS),
  cols: parseAsArrayOf(parseAsStringLiteral(WHO_COLUMNS)).withDefault([]),
  who: parseAsWho.withDefault([]),
  threads: parseAsStringLiteral(ROW_ORDERS).withDefault('tid'),
  heat: parseAsStringLiteral(HEATMAP_NAMES),
  lat: parseAsBucketSpan,
  op: parseAsName,
  on: parseAsName,
  lines: parseAsArrayOf(parseAsStringLiteral(PERCENTILE_LINES)).withDefault([...PERCENTILE_LINES]),
  cells: parseAsStringLiteral(['log', 'linear']).withDefault('log'),
  window: parseAsWindowMs,
};

export type Selection = inferParserType<typeof SELECTION_PARSERS>;

/** States that blocked rows have: the others are of threads that could run. */
export const BLOCKED_STATES = ['S', 'D', 'I', 'T', 't', 'P'] as const satisfies readonly State[];

export function toQuery(selection: Selection): Query {
  // A selection of no kind would show nothing and say nothing: it reads as the default.
  const kinds = KINDS.filter((kind) => selection.kinds.includes(kind));
  const query: Query = {
    view: selection.view,
    kinds: kinds.length === 0 ? ['blocked'] : kinds,
    ...(selection.states === null || selection.states.length === 0 ? {} : { states: selection.states }),
    ...(selection.p === null ? {} : { tgids: [selection.p] }),
    ...(selection.t === null ? {} : { tids: [selection.t] }),
    ...(selection.by === null ? {} : { groupBy: selection.by }),
    ...(selection.who.length === 0 ? {} : { who: toWhoFilter(selection.who) }),
  };
  return queryOfRegion(query, toRegion(selection));
}

/** What is asked of latencies; undefined where no heatmap is shown. */
export function toLatencyAsk({ heat, lat, op, on, span }: Selection): LatencyAsk | undefined {
  if (heat === null) return undefined;
  return { name: heat, operation: op, target: on, latency: lat, frameMs: SPAN_MS[span] };
}

/** The region of the heatmap that rules the page, its time apart; undefined where it is all of it. */
export function toRegion(selection: Selection): LatencyRegion | undefined {
  const latency = toLatencyAsk(selection);
  return latency && regionOf({ latency });
}

export function toSpan(selection: Selection): Span {
  const { from, to } = selection;
  if (from !== null && to !== null && from < to) return { kind: 'fixed', fromMs: from, toMs: to };
  return { kind: 'last', lengthMs: SPAN_MS[selection.span] };
}

/** How the paths are reshaped; the sandwich's halves are this shape too, with its function. */
export function toShape(selection: Selection): FlameShape {
  const hide = readSearch(selection.hide);
  return {
    direction: selection.flow,
    mergeBy: selection.merge,
    collapseRecursion: selection.rec,
    hideFrames: hide.ok ? hide.pattern : null,
    focus: selection.focus,
    only: selection.only,
    sandwich: null,
    noise: toNoise(selection.noise),
    ...(selection.show === 'diff' && selection.anon ? { withoutThreadNames: true } : {}),
  };
}

export function toWants(selection: Selection): Wants {
  const { show, fn, sel, zoom, half } = selection;
  const place = sel ?? zoom;
  const isSandwich = show === 'sandwich' && fn !== null;
  return {
    functions: show === 'table' || show === 'sandwich' ? selection.sort : null,
    sandwich: isSandwich ? fn : null,
    details: { place, of: isSandwich ? half : 'graph' },
    zoom: isSandwich ? null : zoom,
    // A difference has colours of its own.
    owners: show === 'diff' ? null : selection.colour,
    whoColumns: WHO_COLUMNS.filter((column) => selection.cols.includes(column)),
    noise: toChoices(selection.noise)
      .map(({ preset }) => preset)
      .filter(isCompilable),
  };
}

export function toLiveSelection(selection: Selection): LiveSelection {
  const search = readSearch(selection.q);
  const latency = toLatencyAsk(selection);
  return {
    hostId: selection.host,
    query: toQuery(selection),
    span: toSpan(selection),
    pausedAtMs: selection.at,
    ...(selection.view === 'cpu' && selection.slices !== null && { slices: selection.slices }),
    ...(selection.view === 'wall' &&
      selection.p !== null && { timeline: { frameMs: SPAN_MS[selection.span] } }),
    ...(latency !== undefined && { latency }),
    search: search.ok ? search.pattern : null,
    shape: toShape(selection),
    wants: toWants(selection),
    ...(selection.show === 'diff' && selection.base !== null
      ? { difference: { base: selection.base, scaling: selection.scale, isSwapped: selection.swap } }
      : {}),
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
