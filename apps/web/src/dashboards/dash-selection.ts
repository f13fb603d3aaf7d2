/**
 * Owns what is selected on a dashboard, and its text in the address. One selection rules all panels: a stretch of time, a
 * region of a heatmap in that stretch, a process.
 *
 *     from=1700000000000&to=1700000010000&region=offcpu:64-80:web-1&p=4711:web-1
 *
 *     region   heatmap : FROM-TO, buckets up to, not with, TO : host id [: operation [: target]]       ! before : and !
 *     p        tgid : host id
 */
import { BUCKETS } from '@stallscope/latency';
import { MAX_HOST_ID_CHARS, MAX_STRING_BYTES } from '@stallscope/protocol';
import { joinSteps, splitSteps } from '../selection/escaped-steps';
import { argsOf } from './panel-choices';

export interface DashRegion {
  hostId: string;
  /** Of the heatmap. */
  name: string;
  /** Lengths from `fromBucket` up to, not with, `toBucket`. */
  fromBucket: number;
  toBucket: number;
  operation?: string;
  target?: string;
}

export interface DashProcess {
  hostId: string;
  tgid: number;
}

export interface DashSelection {
  /** ms since the epoch. */
  stretch: { fromMs: number; toMs: number } | null;
  /** Only with a stretch, which is its width. */
  region: DashRegion | null;
  process: DashProcess | null;
}

export const NOTHING_SELECTED: DashSelection = { stretch: null, region: null, process: null };

/** Highest tgid that Linux gives (PID_MAX_LIMIT). */
const MAX_TGID = 2 ** 22;

export function writeRegion({ name, fromBucket, toBucket, hostId, operation, target }: DashRegion): string {
  const steps = [name, `${fromBucket}-${toBucket}`, hostId];
  if (operation !== undefined || target !== undefined) steps.push(operation ?? '');
  if (target !== undefined) steps.push(target);
  return joinSteps(steps, ':');
}

export function readRegion(text: string): DashRegion | null {
  const steps = splitSteps(text, ':') ?? [];
  const [name = '', buckets = '', hostId = '', operation = '', target = ''] = steps;
  const match = /^(\d{1,3})-(\d{1,3})$/.exec(buckets);
  if (match === null || steps.length > 5 || !argsOf('heatmap').includes(name) || !isHostId(hostId))
    return null;
  const [fromBucket, toBucket] = match.slice(1).map(Number) as [number, number];
  if (fromBucket >= toBucket || toBucket > BUCKETS) return null;
  if (operation.length > MAX_STRING_BYTES || target.length > MAX_STRING_BYTES) return null;
  return {
    ...{ hostId, name, fromBucket, toBucket },
    ...(operation === '' ? {} : { operation }),
    ...(target === '' ? {} : { target }),
  };
}

export function writeProcess({ tgid, hostId }: DashProcess): string {
  return joinSteps([String(tgid), hostId], ':');
}

export function readProcess(text: string): DashProcess | null {
  const [tgid = '', hostId = '', ...rest] = splitSteps(text, ':') ?? [];
  if (!/^[1-9]\d{0,6}$/.test(tgid) || Number(tgid) > MAX_TGID || rest.length > 0 || !isHostId(hostId))
    return null;
  return { hostId, tgid: Number(tgid) };
}

function isHostId(text: string): boolean {
  return text !== '' && text.length <= MAX_HOST_ID_CHARS;
}
