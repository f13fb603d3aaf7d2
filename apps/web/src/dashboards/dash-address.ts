/**
 * Owns the state of a dashboard and its names in the query string: all that defines what is shown is here.
 *
 *     /dashboards/?host=web-1&layout=waits&span=5m
 *
 * | name    | value                                   | absent                              |
 * |---------|-----------------------------------------|-------------------------------------|
 * | host    | host id, of panels that name none       | the first host                      |
 * | layout  | overview, waits, disk, network, container, own | the choice of dashboards     |
 * | saved   | id of a dashboard on the hub            | not kept there                      |
 * | rev     | its revision that `panels` were changed from | as it is on the hub            |
 * | panels  | panel-code.ts                           | those of `layout` or `saved`        |
 * | span    | 1m, 2m, 5m, 10m, 15m                    | as `saved` has it, else 5m          |
 * | window  | 250, 500, 1000, 2000, 5000 ms: asked of the agents | as they run              |
 * | at      | ms: paused with this newest window      | live                                |
 * | from,to, region, p | dash-selection.ts            | nothing is selected                 |
 *
 * A name that cannot be read is as if it were absent, and `findProblems` says so.
 */
import { WINDOW_LENGTHS_MS, type WindowLengthMs } from '@stallscope/protocol';
import { createParser, type inferParserType, parseAsString, parseAsStringLiteral } from 'nuqs';
import { readProcess, readRegion, writeProcess, writeRegion } from './dash-selection';
import { LAYOUTS } from './ready-layouts';

export const DASH_SPANS = ['1m', '2m', '5m', '10m', '15m'] as const;
export type DashSpan = (typeof DASH_SPANS)[number];

export const DASH_SPAN_MS: Readonly<Record<DashSpan, number>> = {
  '1m': 60_000,
  '2m': 120_000,
  '5m': 300_000,
  '10m': 600_000,
  '15m': 900_000,
};

export const DEFAULT_SPAN: DashSpan = '5m';

/** Latest instant of a Date. */
const MAX_CLOCK_MS = 8.64e15;

const MAX_REVISION = 2 ** 31;

const parseAsWhole = (max: number) =>
  createParser<number>({
    parse: (text) => (/^\d{1,16}$/.test(text) && Number(text) <= max ? Number(text) : null),
    serialize: String,
  });

const parseAsInterval = createParser<WindowLengthMs>({
  parse: (text) => WINDOW_LENGTHS_MS.find((ms) => String(ms) === text) ?? null,
  serialize: String,
});

export const DASH_PARSERS = {
  host: parseAsString,
  layout: parseAsStringLiteral([...LAYOUTS, 'own']),
  saved: createParser<string>({
    parse: (text) => (/^[\w-]{22}$/.test(text) ? text : null),
    serialize: String,
  }),
  rev: parseAsWhole(MAX_REVISION),
  panels: parseAsString,
  span: parseAsStringLiteral(DASH_SPANS),
  window: parseAsInterval,
  at: parseAsWhole(MAX_CLOCK_MS),
  from: parseAsWhole(MAX_CLOCK_MS),
  to: parseAsWhole(MAX_CLOCK_MS),
  region: createParser({ parse: readRegion, serialize: writeRegion, eq: isSame(writeRegion) }),
  p: createParser({ parse: readProcess, serialize: writeProcess, eq: isSame(writeProcess) }),
};

export type DashAddress = inferParserType<typeof DASH_PARSERS>;

/** What may stand there, for names whose values are few or have a form. */
const WANTED: Readonly<Record<keyof typeof DASH_PARSERS, string>> = {
  host: 'the id of a host',
  layout: [...LAYOUTS, 'own'].join(', '),
  saved: 'the id of a dashboard',
  rev: 'a whole number',
  panels: 'panels',
  span: DASH_SPANS.join(', '),
  window: `${[...WINDOW_LENGTHS_MS].sort((a, b) => a - b).join(', ')}, in ms`,
  at: 'ms since 1970',
  from: 'ms since 1970',
  to: 'ms since 1970',
  region: 'heatmap:FROM-TO:host, in buckets',
  p: 'tgid:host',
};

/** Each a sentence: which part of the address is not as it can be, and what is done without it. */
export function findProblems(search: URLSearchParams): string[] {
  const problems: string[] = [];
  for (const name of Object.keys(DASH_PARSERS) as (keyof typeof DASH_PARSERS)[]) {
    const text = search.get(name);
    if (text === null || DASH_PARSERS[name].parse(text) !== null) continue;
    problems.push(
      `“${name}=${shorten(text)}” in the address cannot be read (it takes ${WANTED[name]}) and is left out.`,
    );
  }
  const [from, to] = [search.get('from'), search.get('to')].map((text) =>
    text === null ? null : DASH_PARSERS.from.parse(text),
  ) as [number | null, number | null];
  if ((from === null) !== (to === null) || (from !== null && to !== null && from >= to)) {
    problems.push(
      'The address has no whole stretch of time: “from” and “to” go together, and “from” is the earlier.',
    );
  } else if (from === null && search.get('region') !== null && problems.length === 0) {
    problems.push('The region in the address has no time: it needs “from” and “to”, and is left out.');
  }
  return problems;
}

function isSame<Value>(write: (value: Value) => string): (a: Value, b: Value) => boolean {
  return (a, b) => write(a) === write(b);
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`;
}
