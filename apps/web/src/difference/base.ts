/**
 * Owns what the shown profile is compared with, and its name in a URL. A base says only in what it differs from what is
 * shown; parts are joined by `~`, `!` escapes it and itself:
 *
 *     before:60000                the same a minute earlier, ms
 *     span:1000-2000              the same from 1000 to 2000, ms since the epoch
 *     p:4711                      another process of the same time; `p:all` for all of them
 *     t:4712                      another thread; `t:all` for all of the process
 *     profile:2                   another profile of the file that is shown, counted from 0
 *     host:web-2                  another host, in the same time
 *     snapshot:ID~p:4711          a snapshot kept by the hub, all of it, one process
 *     file:before.pb.gz           a file that was chosen on this page; it is not in the link
 *     file:before.json~profile:1  of the profiles of that file the second
 *     lat:rest                    of the heatmap that is shown all but its region
 *     lat:40-60~span:1000-2000    other lengths of it, in buckets, at another time; `lat:all` for all of them
 *
 * All else (view, kinds, states, shape) is that of what is shown.
 */
import { type BucketSpan, readBucketSpan, writeBucketSpan } from '../latency/bucket-span';
import { joinSteps, splitSteps } from '../selection/escaped-steps';

export type BaseSource =
  /** The data that is shown. */
  | { kind: 'same' }
  | { kind: 'host'; id: string }
  | { kind: 'snapshot'; id: string }
  | { kind: 'file'; name: string };

export type BaseTime =
  /** The stretch that is shown; of a snapshot or file all of it. */
  { kind: 'same' } | { kind: 'before'; agoMs: number } | { kind: 'fixed'; fromMs: number; toMs: number };

/** Lengths of a heatmap: the same region, all lengths, all that the heatmap shows but the region, or others. */
export type BaseLatency =
  | { kind: 'same' }
  | { kind: 'all' }
  | { kind: 'rest' }
  | ({ kind: 'span' } & BucketSpan);

export interface Base {
  source: BaseSource;
  /** Index into the profiles of a file; null is the one that is shown, in another file that of its title or the first. */
  profile: number | null;
  /** A tgid; null is the process that is shown, in other data those of its name. */
  process: number | 'all' | null;
  /** A tid; null is the thread that is shown where its process is the base too, else all of the process. */
  thread: number | 'all' | null;
  time: BaseTime;
  /** Nothing where the page shows no region of a heatmap. */
  latency: BaseLatency;
}

/** The same as what is shown: the beginning of a choice, and no base by itself. */
export const SAME_BASE: Base = {
  source: { kind: 'same' },
  profile: null,
  process: null,
  thread: null,
  time: { kind: 'same' },
  latency: { kind: 'same' },
};

/** Characters of a host id or of a file's name in a URL. */
const MAX_NAME_CHARS = 200;
/** Longest stretch back, ms: longer than any hub keeps windows. */
const MAX_AGO_MS = 30 * 24 * 3600_000;
const MAX_TASK_ID = 2 ** 22;
/** More profiles than any file that is read has. */
const MAX_PROFILE = 1e6;
const MAX_CLOCK_MS = 8.64e15;

export function writeBase({ source, profile, process, thread, time, latency }: Base): string {
  const parts: string[] = [];
  if (source.kind === 'host' || source.kind === 'snapshot') parts.push(`${source.kind}:${source.id}`);
  else if (source.kind === 'file') parts.push(`file:${source.name.slice(0, MAX_NAME_CHARS)}`);
  if (profile !== null) parts.push(`profile:${profile}`);
  if (process !== null) parts.push(`p:${process}`);
  if (thread !== null) parts.push(`t:${thread}`);
  if (time.kind === 'before') parts.push(`before:${time.agoMs}`);
  else if (time.kind === 'fixed') parts.push(`span:${time.fromMs}-${time.toMs}`);
  if (latency.kind === 'span') parts.push(`lat:${writeBucketSpan(latency)}`);
  else if (latency.kind !== 'same') parts.push(`lat:${latency.kind}`);
  return joinSteps(parts, '~');
}

/** Undefined for what no `writeBase` wrote, and for what differs in nothing. */
export function readBase(text: string): Base | undefined {
  const base: Base = { ...SAME_BASE };
  const seen = new Set<string>();
  for (const part of splitSteps(text, '~') ?? ['']) {
    const colon = part.indexOf(':');
    const name = part.slice(0, Math.max(0, colon));
    const value = part.slice(colon + 1);
    const role = ROLE_OF_PART[name];
    if (role === undefined || seen.has(role) || !readPart(base, name, value)) return undefined;
    seen.add(role);
  }
  return base;
}

const ROLE_OF_PART: Readonly<Partial<Record<string, keyof Base>>> = {
  host: 'source',
  snapshot: 'source',
  file: 'source',
  profile: 'profile',
  p: 'process',
  t: 'thread',
  before: 'time',
  span: 'time',
  lat: 'latency',
};

function readPart(base: Base, name: string, value: string): boolean {
  switch (name) {
    case 'host':
    case 'file':
      if (value === '' || value.length > MAX_NAME_CHARS) return false;
      base.source = name === 'host' ? { kind: 'host', id: value } : { kind: 'file', name: value };
      return true;
    case 'snapshot':
      // It becomes a part of a path: nothing but an id may.
      if (!/^[\w-]{22}$/.test(value)) return false;
      base.source = { kind: 'snapshot', id: value };
      return true;
    case 'profile': {
      const profile = toWhole(value, MAX_PROFILE);
      if (profile === undefined) return false;
      base.profile = profile;
      return true;
    }
    case 'p':
    case 't': {
      const task = value === 'all' ? 'all' : toWhole(value, MAX_TASK_ID);
      if (task === undefined || task === 0) return false;
      base[name === 'p' ? 'process' : 'thread'] = task;
      return true;
    }
    case 'before': {
      const agoMs = toWhole(value, MAX_AGO_MS);
      if (agoMs === undefined || agoMs === 0) return false;
      base.time = { kind: 'before', agoMs };
      return true;
    }
    case 'span': {
      const [from = '', to = '', ...rest] = value.split('-');
      const fromMs = toWhole(from, MAX_CLOCK_MS);
      const toMs = toWhole(to, MAX_CLOCK_MS);
      if (fromMs === undefined || toMs === undefined || fromMs >= toMs || rest.length > 0) return false;
      base.time = { kind: 'fixed', fromMs, toMs };
      return true;
    }
    case 'lat': {
      if (value === 'all' || value === 'rest') {
        base.latency = { kind: value };
        return true;
      }
      const span = readBucketSpan(value);
      if (span === null) return false;
      base.latency = { kind: 'span', ...span };
      return true;
    }
    default:
      return false;
  }
}

export function isSameBase(a: Base, b: Base): boolean {
  return writeBase(a) === writeBase(b);
}

/** Whether it is what is shown itself: there is nothing to compare. */
export function isNoBase(base: Base): boolean {
  return writeBase(base) === '';
}

function toWhole(text: string, most: number): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= most ? value : undefined;
}
